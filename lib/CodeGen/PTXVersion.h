//===- PTXVersion.h - Which versions of PTX there are and are needed -*- C++ -*-===//
#ifndef POOLC_LIB_CODEGEN_PTXVERSION_H
#define POOLC_LIB_CODEGEN_PTXVERSION_H

#include "poolc/CodeGen/PTX.h"

namespace llvm {
class Module;
} // namespace llvm

namespace poolc {

/// The lowest version that has every instruction `module` uses, at least
/// `options.minVersion`, or the version asked for if that is enough.
llvm::Expected<PTXVersion> selectPTXVersion(const llvm::Module &module, const PTXOptions &options);

/// The chip's name as the backend must have it for the instructions that `module` uses.
std::string selectChip(const llvm::Module &module, const PTXOptions &options);

} // namespace poolc

#endif // POOLC_LIB_CODEGEN_PTXVERSION_H
