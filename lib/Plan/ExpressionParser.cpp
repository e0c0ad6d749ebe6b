//===- ExpressionParser.cpp - Reads expressions over dims -----------------===//
//
//   comparison := sum (("<" | "<=" | ">" | ">=" | "==" | "!=") sum)?
//   sum        := product (("+" | "-") product)*
//   product    := unary (("*" | "/" | "%") unary)*
//   unary      := "-" unary | primary
//   primary    := number | name | "(" comparison ")"
//               | ("ceildiv" | "min" | "max") "(" comparison ("," comparison)+ ")"
//
//===----------------------------------------------------------------------===//

#include "ExpressionNode.h"

#include "poolc/Support/Nesting.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <limits>

using namespace poolc;
using Kind = Expression::Node::Kind;

namespace {

class Parser {
public:
  using NodePtr = std::shared_ptr<const Expression::Node>;

  explicit Parser(llvm::StringRef text) : text(text) {}

  llvm::Expected<NodePtr> parse() {
    NodePtr node = comparison();
    skipBlanks();
    if (node && !rest().empty())
      node = fail("expected an operator or the end");
    if (!node)
      return llvm::createStringError(message);
    return node;
  }

private:
  llvm::StringRef rest() const { return text.drop_front(at); }

  void skipBlanks() {
    while (at < text.size() && llvm::isSpace(text[at]))
      ++at;
  }

  bool consume(llvm::StringRef token) {
    skipBlanks();
    if (!rest().starts_with(token))
      return false;
    at += token.size();
    return true;
  }

  /// Keeps the first error, and stops every caller by returning null.
  NodePtr fail(const llvm::Twine &what) {
    if (message.empty()) {
      message = ("column " + llvm::Twine(at + 1) + ": " + what).str();
      if (at < text.size()) {
        char c = text[at];
        message += llvm::isPrint(c) ? (", got '" + llvm::Twine(c) + "'").str()
                                    : ", got byte 0x" + llvm::utohexstr(uint8_t(c));
      } else {
        message += ", got the end";
      }
    }
    return nullptr;
  }

  NodePtr combine(Kind kind, NodePtr lhs, NodePtr rhs) {
    if (!lhs || !rhs)
      return nullptr;
    NodePtr node = Expression::Node::makeBinary(kind, std::move(lhs), std::move(rhs));
    if (node->depth > maxNesting) {
      message = ("expected an expression of at most " + llvm::Twine(maxNesting) +
                 " levels, got a deeper one")
                    .str();
      return nullptr;
    }
    return node;
  }

  NodePtr comparison() {
    NodePtr lhs = sum();
    if (!lhs)
      return nullptr;
    // The longer spellings first.
    static constexpr std::pair<llvm::StringLiteral, Kind> operators[] = {
        {"<=", Kind::le}, {">=", Kind::ge}, {"==", Kind::eq},
        {"!=", Kind::ne}, {"<", Kind::lt},  {">", Kind::gt}};
    for (const auto &[spelling, kind] : operators)
      if (consume(spelling))
        return combine(kind, std::move(lhs), sum());
    return lhs;
  }

  NodePtr sum() {
    NodePtr node = product();
    while (node) {
      if (consume("+"))
        node = combine(Kind::add, std::move(node), product());
      else if (consume("-"))
        node = combine(Kind::sub, std::move(node), product());
      else
        break;
    }
    return node;
  }

  NodePtr product() {
    NodePtr node = unary();
    while (node) {
      if (consume("*"))
        node = combine(Kind::mul, std::move(node), unary());
      else if (consume("/"))
        node = combine(Kind::div, std::move(node), unary());
      else if (consume("%"))
        node = combine(Kind::mod, std::move(node), unary());
      else
        break;
    }
    return node;
  }

  NodePtr unary() {
    if (!consume("-"))
      return primary();
    skipBlanks();
    if (at < text.size() && llvm::isDigit(text[at]))
      return number(/*negative=*/true);
    if (++depth > maxNesting)
      return fail("expected less nesting");
    NodePtr operand = unary();
    --depth;
    return combine(Kind::sub, Expression::Node::makeConstant(0), std::move(operand));
  }

  NodePtr primary() {
    if (consume("("))
      return closed(nested());
    skipBlanks();
    if (at < text.size() && llvm::isDigit(text[at]))
      return number(/*negative=*/false);
    llvm::StringRef name = rest().take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (name.empty())
      return fail("expected a number, a dimension or '('");
    at += name.size();
    Kind function = llvm::StringSwitch<Kind>(name)
                        .Case("ceildiv", Kind::ceildiv)
                        .Case("min", Kind::min)
                        .Case("max", Kind::max)
                        .Default(Kind::name);
    if (function == Kind::name)
      return Expression::Node::makeName(name);
    return call(name, function);
  }

  NodePtr call(llvm::StringRef name, Kind function) {
    if (!consume("("))
      return fail("expected '(' after " + name);
    NodePtr node = nested();
    if (!node)
      return nullptr;
    if (!consume(","))
      return fail("expected ',' and a second operand of " + name);
    do {
      node = combine(function, std::move(node), nested());
    } while (node && function != Kind::ceildiv && consume(","));
    return closed(std::move(node));
  }

  NodePtr closed(NodePtr node) {
    if (node && !consume(")"))
      return fail("expected ')'");
    return node;
  }

  NodePtr nested() {
    if (++depth > maxNesting)
      return fail("expected less nesting");
    NodePtr node = comparison();
    --depth;
    return node;
  }

  NodePtr number(bool negative) {
    llvm::StringRef digits = rest().take_while(llvm::isDigit);
    uint64_t magnitude;
    uint64_t limit = uint64_t(std::numeric_limits<int64_t>::max()) + negative;
    if (digits.getAsInteger(10, magnitude) || magnitude > limit)
      return fail("expected a number of 64 bits");
    at += digits.size();
    return Expression::Node::makeConstant(
        static_cast<int64_t>(negative ? 0 - magnitude : magnitude));
  }

  llvm::StringRef text;
  size_t at = 0;
  unsigned depth = 0;
  std::string message;
};

} // namespace

llvm::Expected<Expression> Expression::parse(llvm::StringRef text) {
  llvm::Expected<std::shared_ptr<const Node>> root = Parser(text).parse();
  if (!root)
    return root.takeError();
  return Expression(std::move(*root));
}
