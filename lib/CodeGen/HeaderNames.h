//===- HeaderNames.h - Names in generated headers ---------------*- C++ -*-===//
#ifndef POOLC_LIB_CODEGEN_HEADERNAMES_H
#define POOLC_LIB_CODEGEN_HEADERNAMES_H

#include "poolc/Support/DataType.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <string>

namespace poolc {

/// "conv-block 2" -> "ConvBlock2".
std::string camelCase(llvm::StringRef name);

/// The C++ type of the elements; half-precision types have none without CUDA.
llvm::StringRef elementType(DataType type);

/// For a // comment.
std::string inOneLine(llvm::StringRef text);

/// C++ identifiers for names of a plan: the name, or one like it that C++ and the
/// generated functions leave free.
class Identifiers {
public:
  /// The same for the same name, different ones for others.
  std::string operator[](llvm::StringRef name);

  /// One that no other call gives.
  std::string makeNew(llvm::StringRef name);

private:
  llvm::StringMap<std::string> known;
  llvm::StringSet<> taken;
};

} // namespace poolc

#endif // POOLC_LIB_CODEGEN_HEADERNAMES_H
