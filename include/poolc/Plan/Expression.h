//===- Expression.h - Sizes and grids as functions of dims ------*- C++ -*-===//
#ifndef POOLC_PLAN_EXPRESSION_H
#define POOLC_PLAN_EXPRESSION_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <optional>
#include <string>

namespace poolc {

/// An integer expression over named dimensions: + - * / (floor) %, ceildiv,
/// min, max (as functions: `ceildiv(a, b)`), comparisons (1 or 0) and
/// parentheses. Immutable; copies share the tree.
class Expression {
public:
  Expression() : Expression(0) {}
  Expression(int64_t constant);

  /// Errors state the column and what was expected. Nesting is bounded.
  static llvm::Expected<Expression> parse(llvm::StringRef text);

  /// Division by zero, overflow of 64 bits and unknown names are errors.
  llvm::Expected<int64_t> evaluate(const llvm::StringMap<int64_t> &dims) const;

  /// The value, if it depends on no dimension and can be evaluated.
  std::optional<int64_t> constant() const;

  /// Calls `callback` for each dimension name that occurs.
  void forEachName(llvm::function_ref<void(llvm::StringRef)> callback) const;

  /// Text that parses to the same expression, with no needless parentheses.
  std::string str() const;

  /// The same with names and constants in the words of another language, whose
  /// operators bind alike.
  std::string str(llvm::function_ref<std::string(llvm::StringRef name)> spellName,
                  llvm::function_ref<std::string(int64_t constant)> spellConstant) const;

  struct Node;

private:
  explicit Expression(std::shared_ptr<const Node> root) : root(std::move(root)) {}
  std::shared_ptr<const Node> root;
};

} // namespace poolc

#endif // POOLC_PLAN_EXPRESSION_H
