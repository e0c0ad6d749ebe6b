//===- ExpressionNode.h - The tree behind an expression ---------*- C++ -*-===//
#ifndef POOLC_LIB_PLAN_EXPRESSIONNODE_H
#define POOLC_LIB_PLAN_EXPRESSIONNODE_H

#include "poolc/Plan/Expression.h"

namespace poolc {

struct Expression::Node {
  enum class Kind {
    constant,
    name,
    add,
    sub,
    mul,
    div,
    mod,
    lt,
    le,
    gt,
    ge,
    eq,
    ne,
    ceildiv,
    min,
    max
  };
  struct Operator {
    llvm::StringLiteral spelling;
    /// 1: comparisons, 2: sums, 3: products, 4: functions.
    unsigned precedence;
    bool isFunction;
  };

  Kind kind = Kind::constant;
  int64_t value = 0;
  std::string name;
  std::shared_ptr<const Node> lhs, rhs;
  /// Height of the tree; bounded by the parser, since every walk is recursive.
  unsigned depth = 1;

  static std::shared_ptr<const Node> makeConstant(int64_t value);
  static std::shared_ptr<const Node> makeName(llvm::StringRef name);
  static std::shared_ptr<const Node> makeBinary(Kind kind, std::shared_ptr<const Node> lhs,
                                                std::shared_ptr<const Node> rhs);
  static std::string str(const Node &node);

  /// How the node is written; for every kind but constant and name.
  const Operator &op() const;
};

} // namespace poolc

#endif // POOLC_LIB_PLAN_EXPRESSIONNODE_H
