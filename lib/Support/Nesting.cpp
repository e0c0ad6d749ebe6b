//===- Nesting.cpp - Guards recursive parsers against deep input ----------===//

#include "poolc/Support/Nesting.h"

#include "llvm/ADT/StringExtras.h"

using namespace poolc;

/// The offset just after the string literal that opens at `i`.
static size_t skipString(llvm::StringRef text, size_t i) {
  for (++i; i < text.size() && text[i] != '"' && text[i] != '\n'; ++i)
    if (text[i] == '\\')
      ++i;
  return i + 1;
}

/// Whether the angle bracket at `i` is an arrow or a comparison.
static bool isOperator(llvm::StringRef text, size_t i) {
  if (text[i] == '>' && i > 0 && (text[i - 1] == '-' || text[i - 1] == '='))
    return true;
  auto isBlank = [&](size_t at) { return at >= text.size() || llvm::isSpace(text[at]); };
  return isBlank(i + 1) && (i == 0 || isBlank(i - 1));
}

std::optional<size_t> poolc::findNestingBeyond(llvm::StringRef text, unsigned limit) {
  unsigned depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
    case '"':
      i = skipString(text, i) - 1;
      break;
    case '/':
      if (i + 1 < text.size() && text[i + 1] == '/')
        i = std::min(text.find('\n', i), text.size());
      break;
    case '<':
      if (isOperator(text, i))
        break;
      [[fallthrough]];
    case '(':
    case '[':
    case '{':
      if (++depth > limit)
        return i;
      break;
    case '>':
      if (isOperator(text, i))
        break;
      [[fallthrough]];
    case ')':
    case ']':
    case '}':
      depth -= depth > 0;
      break;
    default:
      break;
    }
  }
  return std::nullopt;
}
