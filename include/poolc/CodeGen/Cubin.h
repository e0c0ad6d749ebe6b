//===- Cubin.h - Machine code from PTX --------------------------*- C++ -*-===//
#ifndef POOLC_CODEGEN_CUBIN_H
#define POOLC_CODEGEN_CUBIN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace poolc {

/// The contents of the cubin that the program `ptxas` (a path) makes of `ptx` for
/// `chip`. The error holds what ptxas says.
llvm::Expected<std::string> assembleCubin(llvm::StringRef ptx, llvm::StringRef chip,
                                          llvm::StringRef ptxas);

} // namespace poolc

#endif // POOLC_CODEGEN_CUBIN_H
