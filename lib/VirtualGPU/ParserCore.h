//===- ParserCore.h - Tokens, errors and operands of the parser -*- C++ -*-===//
//
// The base of the PTX parser: looks one token ahead, keeps the first error,
// reads numbers and operands. Every parse function returns false after an error.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_PARSERCORE_H
#define POOLC_LIB_VIRTUALGPU_PARSERCORE_H

#include "Lexer.h"
#include "Syntax.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

namespace poolc::vgpu {

class ParserCore {
public:
  ParserCore(llvm::StringRef text, llvm::StringRef name) : lexer(text), name(name) { advance(); }

protected:
  void advance();
  bool at(llvm::StringRef spelling) const { return token.is(spelling); }
  bool atWord() const { return token.kind == Token::Kind::word; }
  bool atEnd() const { return token.kind == Token::Kind::end; }
  /// Consumes the token if it is `spelling`.
  bool accept(llvm::StringRef spelling);
  bool expect(llvm::StringRef spelling);
  bool expectWord(llvm::StringRef &word, llvm::StringRef what);
  /// A whole number that fits 64 bits.
  bool expectUnsigned(uint64_t &value, llvm::StringRef what);
  bool fail(const llvm::Twine &message) { return failAt(token.line, message); }
  bool failAt(unsigned line, const llvm::Twine &message);
  /// "expected WHAT, got ..." at the present token.
  bool failExpected(llvm::StringRef what);

  bool parseOperand(syntax::Operand &operand, unsigned depth = 0);
  /// Operands up to and without the closing `end`.
  bool parseOperands(std::vector<syntax::Operand> &operands, llvm::StringRef end, unsigned depth);

  Token token;
  llvm::Error takeError();

private:
  bool parseNumber(syntax::Operand &operand, bool negative, bool complement);
  bool parseName(syntax::Operand &operand);
  bool parseSum(int64_t &offset);

  Lexer lexer;
  llvm::StringRef name;
  bool failed = false;
  unsigned errorLine = 0;
  std::string errorMessage;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_PARSERCORE_H
