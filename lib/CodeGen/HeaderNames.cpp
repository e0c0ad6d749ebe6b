//===- HeaderNames.cpp - Names in generated headers -----------------------===//

#include "HeaderNames.h"

#include "llvm/ADT/StringExtras.h"

using namespace poolc;
using llvm::StringRef;

std::string poolc::camelCase(StringRef name) {
  std::string result;
  bool upper = true;
  for (char c : name) {
    if (llvm::isAlnum(c))
      result += upper ? llvm::toUpper(c) : c;
    upper = !llvm::isAlnum(c);
  }
  return result.empty() || llvm::isDigit(result[0]) ? "P" + result : result;
}

StringRef poolc::elementType(DataType type) {
  switch (type) {
  case DataType::f64:
    return "double";
  case DataType::f32:
    return "float";
  case DataType::i8:
    return "std::int8_t";
  case DataType::i16:
    return "std::int16_t";
  case DataType::i32:
    return "std::int32_t";
  case DataType::i64:
    return "std::int64_t";
  case DataType::u8:
    return "std::uint8_t";
  case DataType::u16:
    return "std::uint16_t";
  case DataType::u32:
    return "std::uint32_t";
  case DataType::u64:
    return "std::uint64_t";
  case DataType::f16:
  case DataType::bf16:
    return "void";
  }
  return "void";
}

/// C++'s own words, and those of the generated function.
static bool isTaken(StringRef word) {
  static constexpr StringRef words =
      " alignas alignof and asm auto bool break case catch char class concept const consteval "
      "constexpr constinit continue decltype default delete do double else enum explicit export "
      "extern false float for friend goto if inline int long mutable namespace new noexcept not "
      "nullptr operator or private protected public register requires return short signed sizeof "
      "static struct switch template this throw true try typedef typeid typename union unsigned "
      "using virtual void volatile while xor "
      "arguments driver error functions isAligned module ptx launch load std stream workspace "
      "Size areCounts ceildiv max min sizes when workspaceBytes workspaceSize ";
  return words.contains((" " + word + " ").str()) || word.starts_with("argument");
}

std::string Identifiers::operator[](StringRef name) {
  std::string &identifier = known[name];
  if (identifier.empty())
    identifier = makeNew(name);
  return identifier;
}

std::string Identifiers::makeNew(StringRef name) {
  std::string identifier = name.str();
  for (char &c : identifier)
    c = llvm::isAlnum(c) ? c : '_';
  if (identifier.empty() || llvm::isDigit(identifier[0]))
    identifier.insert(0, "b");
  if (isTaken(identifier))
    identifier.insert(0, "b_");
  while (!taken.insert(identifier).second)
    identifier += "_";
  return identifier;
}

std::string poolc::inOneLine(StringRef text) {
  std::string line = text.str();
  for (char &c : line)
    if (!llvm::isPrint(c) || c == '\\')
      c = '?';
  return line;
}
