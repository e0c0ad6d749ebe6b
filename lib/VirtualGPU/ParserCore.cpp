//===- ParserCore.cpp - Tokens, errors and operands of the parser ---------===//

#include "ParserCore.h"

#include "Diagnostic.h"

#include "llvm/ADT/StringExtras.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

/// Operands of PTX nest twice at most: a vector in an address.
static constexpr unsigned maxOperandDepth = 4;

void ParserCore::advance() {
  token = lexer.next();
  if (token.kind != Token::Kind::error)
    return;
  if (token.text.starts_with("/*"))
    fail("this comment is not closed");
  else if (token.text.starts_with("\""))
    fail("this string is not closed");
  else
    fail("unexpected character '" + llvm::toHex(token.text.take_front(1)) + "' (hexadecimal)");
}

bool ParserCore::accept(llvm::StringRef spelling) {
  if (!at(spelling))
    return false;
  advance();
  return true;
}

bool ParserCore::failAt(unsigned line, const llvm::Twine &message) {
  if (!failed) {
    failed = true;
    errorLine = line;
    errorMessage = message.str();
  }
  // So that every loop over tokens ends.
  token = Token{Token::Kind::end, {}, token.line};
  lexer = Lexer({});
  return false;
}

bool ParserCore::failExpected(llvm::StringRef what) {
  if (atEnd())
    return fail("expected " + what + ", got the end of the file");
  return fail("expected " + what + ", got '" + token.text.take_front(40) + "'");
}

llvm::Error ParserCore::takeError() {
  return failed ? makeError(name, errorLine, errorMessage) : llvm::Error::success();
}

bool ParserCore::expect(llvm::StringRef spelling) {
  return accept(spelling) || failExpected(("'" + spelling + "'").str());
}

bool ParserCore::expectWord(llvm::StringRef &word, llvm::StringRef what) {
  if (!atWord())
    return failExpected(what);
  word = token.text;
  advance();
  return true;
}

bool ParserCore::expectUnsigned(uint64_t &value, llvm::StringRef what) {
  Operand number;
  if (token.kind != Token::Kind::number)
    return failExpected(what);
  unsigned line = token.line;
  if (!parseNumber(number, false, false))
    return false;
  if (number.kind != Operand::Kind::integer)
    return failAt(line, "expected " + what + ", got a floating-point number");
  value = number.bits;
  return true;
}

bool ParserCore::parseNumber(Operand &operand, bool negative, bool complement) {
  if (token.kind != Token::Kind::number)
    return failExpected("a number");
  llvm::StringRef text = token.text;
  auto malformed = [&] { return fail("malformed number '" + text.take_front(40) + "'"); };
  auto hexBits = [&](unsigned digits) {
    return text.size() == digits + 2 && !text.drop_front(2).getAsInteger(16, operand.bits);
  };
  if (text.starts_with_insensitive("0f")) {
    if (!hexBits(8))
      return malformed();
    operand.kind = Operand::Kind::f32;
    operand.bits ^= uint64_t(negative) << 31;
  } else if (text.starts_with_insensitive("0d")) {
    if (!hexBits(16))
      return malformed();
    operand.kind = Operand::Kind::f64;
    operand.bits ^= uint64_t(negative) << 63;
  } else if (!text.starts_with_insensitive("0x") && text.find_first_of(".eE") != text.npos) {
    double value;
    if (text.getAsDouble(value, /*AllowInexact=*/true))
      return malformed();
    operand.kind = Operand::Kind::f64;
    operand.bits = llvm::bit_cast<uint64_t>(negative ? -value : value);
  } else {
    llvm::StringRef digits = text;
    if (digits.ends_with("U"))
      digits = digits.drop_back();
    if (digits.getAsInteger(0, operand.bits))
      return malformed();
    operand.kind = Operand::Kind::integer;
    if (negative)
      operand.bits = -operand.bits;
    if (complement)
      operand.bits = ~operand.bits;
  }
  advance();
  return true;
}

bool ParserCore::parseSum(int64_t &offset) {
  while (at("+") || at("-")) {
    bool negative = at("-");
    advance();
    if (accept("-"))
      negative = !negative;
    uint64_t value = 0;
    if (!expectUnsigned(value, "a number"))
      return false;
    offset = int64_t(uint64_t(offset) + (negative ? -value : value));
  }
  return true;
}

bool ParserCore::parseName(Operand &operand) {
  operand.kind = Operand::Kind::name;
  operand.name = token.text;
  advance();
  // generic(variable), in initialisers.
  if (operand.name == "generic" && accept("("))
    return expectWord(operand.name, "a variable") && expect(")") && parseSum(operand.offset);
  return parseSum(operand.offset);
}

bool ParserCore::parseOperands(std::vector<Operand> &operands, llvm::StringRef end,
                               unsigned depth) {
  if (at(end))
    return true;
  do {
    operands.emplace_back();
    if (!parseOperand(operands.back(), depth))
      return false;
  } while (accept(","));
  return true;
}

bool ParserCore::parseOperand(Operand &operand, unsigned depth) {
  if (depth > maxOperandDepth)
    return fail("operands are nested too deeply");
  auto bracketed = [&](Operand::Kind kind, llvm::StringRef close) {
    operand.kind = kind;
    advance();
    return parseOperands(operand.parts, close, depth + 1) && expect(close);
  };
  if (at("{"))
    return bracketed(Operand::Kind::vector, "}");
  if (at("["))
    return bracketed(Operand::Kind::address, "]");
  if (at("("))
    return bracketed(Operand::Kind::list, ")");
  if (accept("!")) {
    operand.negated = true;
    if (!atWord())
      return failExpected("a predicate");
    return parseName(operand);
  }
  bool negative = false, complement = false;
  while (at("-") || at("~") || at("+")) {
    negative ^= at("-");
    complement ^= at("~");
    advance();
  }
  if (token.kind == Token::Kind::number) {
    if (!parseNumber(operand, negative, complement))
      return false;
    int64_t sum = int64_t(operand.bits);
    if (operand.kind == Operand::Kind::integer && !parseSum(sum))
      return false;
    if (operand.kind == Operand::Kind::integer)
      operand.bits = uint64_t(sum);
    return true;
  }
  if (!atWord())
    return failExpected("an operand");
  if (at("_")) {
    advance();
    operand.kind = Operand::Kind::sink;
  } else {
    operand.negated = negative;
    if (!parseName(operand))
      return false;
  }
  if (!at("|"))
    return true;
  // p|q
  advance();
  Operand first = std::move(operand), second;
  if (!parseOperand(second, depth + 1))
    return false;
  operand = Operand();
  operand.kind = Operand::Kind::pair;
  operand.parts.push_back(std::move(first));
  operand.parts.push_back(std::move(second));
  return true;
}
