//===- Lexer.cpp - Splits PTX text into tokens ----------------------------===//

#include "Lexer.h"

#include "llvm/ADT/StringExtras.h"

using namespace poolc::vgpu;

static bool isWordStart(char c) {
  return llvm::isAlpha(c) || c == '_' || c == '$' || c == '%' || c == '.';
}
static bool isWordPart(char c) { return llvm::isAlnum(c) || c == '_' || c == '$' || c == '.'; }

bool Lexer::skipBlanks() {
  while (!rest.empty()) {
    if (rest.front() == '\n') {
      ++line;
      rest = rest.drop_front();
    } else if (llvm::isSpace(rest.front())) {
      rest = rest.drop_front();
    } else if (rest.starts_with("//") || rest.starts_with("#")) {
      rest = rest.drop_front(std::min(rest.find('\n'), rest.size()));
    } else if (rest.starts_with("/*")) {
      size_t end = rest.find("*/", 2);
      if (end == llvm::StringRef::npos)
        return false;
      line += rest.take_front(end).count('\n');
      rest = rest.drop_front(end + 2);
    } else {
      return true;
    }
  }
  return true;
}

Token Lexer::take(Token::Kind kind, size_t length) {
  Token token{kind, rest.take_front(length), line};
  rest = rest.drop_front(length);
  return token;
}

Token Lexer::next() {
  if (!skipBlanks())
    return take(Token::Kind::error, rest.size());
  if (rest.empty())
    return take(Token::Kind::end, 0);

  char first = rest.front();
  if (isWordStart(first)) {
    // "L1::no_allocate" is one word; a single colon ends a label.
    size_t length = 1;
    while (length < rest.size()) {
      if (isWordPart(rest[length]))
        ++length;
      else if (rest.substr(length).starts_with("::"))
        length += 2;
      else
        break;
    }
    return take(Token::Kind::word, length);
  }
  if (llvm::isDigit(first)) {
    size_t length = 1;
    bool isHex =
        rest.starts_with("0") && rest.size() > 1 && llvm::StringRef("xXfFdD").contains(rest[1]);
    while (length < rest.size() && (llvm::isAlnum(rest[length]) || rest[length] == '.' ||
                                    (!isHex && (rest[length] == '+' || rest[length] == '-') &&
                                     (rest[length - 1] == 'e' || rest[length - 1] == 'E'))))
      ++length;
    return take(Token::Kind::number, length);
  }
  if (first == '"') {
    size_t end = rest.find_first_of("\"\n", 1);
    if (end == llvm::StringRef::npos || rest[end] == '\n')
      return take(Token::Kind::error, rest.size());
    Token token{Token::Kind::string, rest.slice(1, end), line};
    rest = rest.drop_front(end + 1);
    return token;
  }
  if (llvm::StringRef("{}()[]<>,;:@!|=+-*/~&^?").contains(first))
    return take(Token::Kind::punctuation, 1);
  return take(Token::Kind::error, 1);
}
