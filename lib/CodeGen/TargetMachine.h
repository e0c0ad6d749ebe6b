//===- TargetMachine.h - LLVM's backend for NVIDIA GPUs ---------*- C++ -*-===//
#ifndef POOLC_LIB_CODEGEN_TARGETMACHINE_H
#define POOLC_LIB_CODEGEN_TARGETMACHINE_H

#include "poolc/CodeGen/PTX.h"

#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

namespace poolc {

inline llvm::Triple nvptxTriple() { return llvm::Triple("nvptx64-nvidia-cuda"); }

/// The backend, initialised at the first call.
llvm::Expected<const llvm::Target *> lookupNVPTXTarget();

/// A machine that emits `version` for `chip`. The version must be one that
/// `checkPTXVersion` accepts: LLVM ends the process for others.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(llvm::StringRef chip,
                                                                         PTXVersion version);

} // namespace poolc

#endif // POOLC_LIB_CODEGEN_TARGETMACHINE_H
