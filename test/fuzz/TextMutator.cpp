//===- TextMutator.cpp - Changes lines and words of a text ----------------===//
//
// What libFuzzer does to bytes seldom leaves a PTX or JSON text whole enough to
// get past its parser. This moves, copies, drops and mixes whole lines and words
// of the inputs, three times out of four.
//
//===----------------------------------------------------------------------===//

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

#include <random>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

/// The bounds of a random word, or of a line, of the text.
static std::pair<size_t, size_t> pick(llvm::StringRef text, bool wholeLine, std::mt19937 &random) {
  if (text.empty())
    return {0, 0};
  auto isInside = [&](char c) {
    return wholeLine ? c != '\n' : llvm::isAlnum(c) || c == '.' || c == '%' || c == '_';
  };
  size_t begin = random() % text.size();
  size_t end = begin;
  while (begin > 0 && isInside(text[begin - 1]))
    --begin;
  while (end < text.size() && isInside(text[end]))
    ++end;
  return {begin, wholeLine && end < text.size() ? end + 1 : end};
}

/// Numbers at which sizes, shifts and offsets go wrong.
static constexpr llvm::StringLiteral numbers[] = {
    "0",  "1",          "-1",         "7",          "31", "32", "33",
    "64", "0x7FFFFFFF", "0x80000000", "4294967295", "-5", "16", "0xFFFFFFFFFFFFFFFF"};

/// A word or line of `source` in the place of one of `text`, or beside it.
static std::string change(llvm::StringRef text, llvm::StringRef source, std::mt19937 &random) {
  bool wholeLine = random() % 2;
  auto [begin, end] = pick(text, wholeLine, random);
  auto [from, to] = pick(source, wholeLine, random);
  llvm::StringRef inserted = source.slice(from, to);
  switch (random() % 8) {
  case 0: // Leave it out.
    inserted = "";
    break;
  case 1:
    if (!wholeLine)
      inserted = numbers[random() % std::size(numbers)];
    break;
  case 2: // Insert.
  case 3:
    if (wholeLine)
      end = begin;
    break;
  default:
    break;
  }
  return (text.take_front(begin) + inserted + text.drop_front(end)).str();
}

static size_t put(llvm::StringRef text, uint8_t *data, size_t maxSize) {
  size_t size = std::min(text.size(), maxSize);
  std::copy_n(text.begin(), size, data);
  return size;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize,
                                          unsigned seed) {
  std::mt19937 random(seed);
  if (random() % 4 == 0)
    return LLVMFuzzerMutate(data, size, maxSize);
  std::string text(reinterpret_cast<const char *>(data), size);
  for (unsigned i = 0, count = 1 + random() % 3; i < count; ++i)
    text = change(text, text, random);
  return put(text, data, maxSize);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t firstSize,
                                            const uint8_t *second, size_t secondSize, uint8_t *out,
                                            size_t maxSize, unsigned seed) {
  std::mt19937 random(seed);
  llvm::StringRef source(reinterpret_cast<const char *>(second), secondSize);
  std::string text(reinterpret_cast<const char *>(first), firstSize);
  for (unsigned i = 0, count = 1 + random() % 4; i < count; ++i)
    text = change(text, source, random);
  return put(text, out, maxSize);
}
