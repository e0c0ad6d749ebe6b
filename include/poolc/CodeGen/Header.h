//===- Header.h - A C++ header that launches a program ----------*- C++ -*-===//
#ifndef POOLC_CODEGEN_HEADER_H
#define POOLC_CODEGEN_HEADER_H

#include "poolc/Plan/Plan.h"

#include "llvm/Support/Error.h"

#include <string>

namespace poolc {

/// A C++17 header with the PTX and a class, called after `name`, that loads it and
/// launches it by `plan`. It needs nothing but the CUDA driver at run time. All sizes of the plan
/// must be constants; the error says which is not.
llvm::Expected<std::string> emitHeader(const Plan &plan, llvm::StringRef ptx, llvm::StringRef name);

} // namespace poolc

#endif // POOLC_CODEGEN_HEADER_H
