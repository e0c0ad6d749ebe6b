//===- Expression.cpp - Sizes and grids as functions of dims --------------===//

#include "poolc/Plan/Expression.h"

#include "ExpressionNode.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace poolc;
using Node = Expression::Node;
using Kind = Node::Kind;

Expression::Expression(int64_t constant) : root(Node::makeConstant(constant)) {}

std::shared_ptr<const Node> Node::makeConstant(int64_t value) {
  auto node = std::make_shared<Node>();
  node->value = value;
  return node;
}

std::shared_ptr<const Node> Node::makeName(llvm::StringRef name) {
  auto node = std::make_shared<Node>();
  node->kind = Kind::name;
  node->name = name.str();
  return node;
}

std::shared_ptr<const Node> Node::makeBinary(Kind kind, std::shared_ptr<const Node> lhs,
                                             std::shared_ptr<const Node> rhs) {
  auto node = std::make_shared<Node>();
  node->kind = kind;
  node->depth = std::max(lhs->depth, rhs->depth) + 1;
  node->lhs = std::move(lhs);
  node->rhs = std::move(rhs);
  return node;
}

const Node::Operator &Node::op() const {
  // In the order of Kind, whose first two are no operators.
  static constexpr Operator operators[] = {
      {"+", 2, false},  {"-", 2, false},      {"*", 3, false},  {"/", 3, false},  {"%", 3, false},
      {"<", 1, false},  {"<=", 1, false},     {">", 1, false},  {">=", 1, false}, {"==", 1, false},
      {"!=", 1, false}, {"ceildiv", 4, true}, {"min", 4, true}, {"max", 4, true}};
  return operators[static_cast<unsigned>(kind) - static_cast<unsigned>(Kind::add)];
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

/// The quotient, or nothing where it does not exist in 64 bits.
static std::optional<int64_t> divide(Kind kind, int64_t lhs, int64_t rhs) {
  bool overflows = lhs == std::numeric_limits<int64_t>::min() && rhs == -1;
  if (rhs == 0 || (overflows && kind != Kind::mod))
    return std::nullopt;
  if (kind == Kind::mod)
    return rhs == -1 ? 0 : lhs - llvm::divideFloorSigned(lhs, rhs) * rhs;
  return kind == Kind::div ? llvm::divideFloorSigned(lhs, rhs) : llvm::divideCeilSigned(lhs, rhs);
}

static std::optional<int64_t> apply(Kind kind, int64_t lhs, int64_t rhs) {
  switch (kind) {
  case Kind::add:
    return llvm::checkedAdd(lhs, rhs);
  case Kind::sub:
    return llvm::checkedSub(lhs, rhs);
  case Kind::mul:
    return llvm::checkedMul(lhs, rhs);
  case Kind::div:
  case Kind::mod:
  case Kind::ceildiv:
    return divide(kind, lhs, rhs);
  case Kind::lt:
    return lhs < rhs;
  case Kind::le:
    return lhs <= rhs;
  case Kind::gt:
    return lhs > rhs;
  case Kind::ge:
    return lhs >= rhs;
  case Kind::eq:
    return lhs == rhs;
  case Kind::ne:
    return lhs != rhs;
  case Kind::min:
    return std::min(lhs, rhs);
  case Kind::max:
    return std::max(lhs, rhs);
  case Kind::constant:
  case Kind::name:
    break;
  }
  return std::nullopt;
}

static llvm::Expected<int64_t> evaluateNode(const Node &node,
                                            const llvm::StringMap<int64_t> &dims) {
  if (node.kind == Kind::constant)
    return node.value;
  if (node.kind == Kind::name) {
    auto it = dims.find(node.name);
    if (it == dims.end())
      return llvm::createStringError("expected a known dimension, got '" + node.name + "'");
    return it->second;
  }
  llvm::Expected<int64_t> lhs = evaluateNode(*node.lhs, dims);
  if (!lhs)
    return lhs;
  llvm::Expected<int64_t> rhs = evaluateNode(*node.rhs, dims);
  if (!rhs)
    return rhs;
  if (std::optional<int64_t> result = apply(node.kind, *lhs, *rhs))
    return *result;
  const char *fault =
      *rhs == 0 && (node.kind == Kind::div || node.kind == Kind::mod || node.kind == Kind::ceildiv)
          ? "division by zero"
          : "overflow of 64 bits";
  return llvm::createStringError(llvm::Twine(fault) + " in '" + Node::str(node) + "'");
}

llvm::Expected<int64_t> Expression::evaluate(const llvm::StringMap<int64_t> &dims) const {
  return evaluateNode(*root, dims);
}

std::optional<int64_t> Expression::constant() const {
  if (root->kind == Kind::constant)
    return root->value;
  return llvm::expectedToOptional(evaluate({}));
}

static void walkNames(const Node &node, llvm::function_ref<void(llvm::StringRef)> callback) {
  if (node.kind == Kind::name)
    callback(node.name);
  if (node.lhs) {
    walkNames(*node.lhs, callback);
    walkNames(*node.rhs, callback);
  }
}

void Expression::forEachName(llvm::function_ref<void(llvm::StringRef)> callback) const {
  walkNames(*root, callback);
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

namespace {
class Printer {
public:
  Printer(llvm::function_ref<std::string(llvm::StringRef)> spellName,
          llvm::function_ref<std::string(int64_t)> spellConstant)
      : spellName(spellName), spellConstant(spellConstant) {}

  /// Prints with parentheses if the node binds less tightly than `precedence`.
  void print(const Node &node, unsigned precedence);

  std::string text;

private:
  llvm::function_ref<std::string(llvm::StringRef)> spellName;
  llvm::function_ref<std::string(int64_t)> spellConstant;
};
} // namespace

void Printer::print(const Node &node, unsigned precedence) {
  if (node.kind == Kind::constant) {
    text += spellConstant(node.value);
    return;
  }
  if (node.kind == Kind::name) {
    text += spellName(node.name);
    return;
  }
  const Node::Operator &op = node.op();
  if (op.isFunction) {
    text += (op.spelling + "(").str();
    print(*node.lhs, 0);
    text += ", ";
    print(*node.rhs, 0);
    text += ")";
    return;
  }
  bool parenthesize = op.precedence < precedence;
  // Comparisons do not chain; the others group to the left.
  bool isComparison = op.precedence == 1;
  bool isProduct = op.precedence == 3;
  if (parenthesize)
    text += "(";
  print(*node.lhs, op.precedence + isComparison);
  text += isProduct ? op.spelling.str() : (" " + op.spelling + " ").str();
  print(*node.rhs, op.precedence + 1);
  if (parenthesize)
    text += ")";
}

std::string Node::str(const Node &node) {
  auto spellName = [](llvm::StringRef name) { return name.str(); };
  auto spellConstant = [](int64_t value) { return std::to_string(value); };
  Printer printer(spellName, spellConstant);
  printer.print(node, 0);
  return printer.text;
}

std::string Expression::str() const { return Node::str(*root); }

std::string Expression::str(llvm::function_ref<std::string(llvm::StringRef)> spellName,
                            llvm::function_ref<std::string(int64_t)> spellConstant) const {
  Printer printer(spellName, spellConstant);
  printer.print(*root, 0);
  return printer.text;
}
