//===- Cubin.h - Machine code from PTX --------------------------*- C++ -*-===//
#ifndef POOLC_CODEGEN_CUBIN_H
#define POOLC_CODEGEN_CUBIN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <map>
#include <string>

namespace poolc {

/// The contents of the cubin that the program `ptxas` (a path) makes of `ptx` for
/// `chip`. The error holds what ptxas says.
llvm::Expected<std::string> assembleCubin(llvm::StringRef ptx, llvm::StringRef chip,
                                          llvm::StringRef ptxas);

/// The registers that `ptxas` gives each thread of the kernels in `ptx`, by the
/// kernel's name. The error holds what ptxas says.
llvm::Expected<std::map<std::string, unsigned, std::less<>>>
findRegisters(llvm::StringRef ptx, llvm::StringRef chip, llvm::StringRef ptxas);

} // namespace poolc

#endif // POOLC_CODEGEN_CUBIN_H
