//===- Lexer.h - Splits PTX text into tokens --------------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_LEXER_H
#define POOLC_LIB_VIRTUALGPU_LEXER_H

#include "llvm/ADT/StringRef.h"

namespace poolc::vgpu {

struct Token {
  enum class Kind {
    word,   ///< identifier, register, directive or dotted opcode
    number, ///< its text, not yet converted
    string, ///< without the quotes
    punctuation,
    end,
    error, ///< a character that PTX does not know, or an unfinished comment or string
  };
  Kind kind = Kind::end;
  llvm::StringRef text;
  unsigned line = 1;

  bool is(llvm::StringRef spelling) const {
    return (kind == Kind::punctuation || kind == Kind::word) && text == spelling;
  }
};

class Lexer {
public:
  explicit Lexer(llvm::StringRef text) : rest(text) {}

  /// The next token; `end` again and again at the end of the text.
  Token next();

private:
  /// Skips blanks and comments; false if a comment is not closed.
  bool skipBlanks();
  Token take(Token::Kind kind, size_t length);

  llvm::StringRef rest;
  unsigned line = 1;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_LEXER_H
