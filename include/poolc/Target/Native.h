//===- Native.h - The GPU in this machine -----------------------*- C++ -*-===//
#ifndef POOLC_TARGET_NATIVE_H
#define POOLC_TARGET_NATIVE_H

#include "poolc/Target/GPU.h"

#include "llvm/Support/Error.h"

namespace poolc {

/// Where NVIDIA's kernel module describes the GPUs that it drives.
constexpr llvm::StringLiteral nvidiaGPUFolder = "/proc/driver/nvidia/gpus";

/// The row of the table for the GPU that a driver calls `model`, for example
/// "NVIDIA H100 80GB HBM3"; null if there is none.
const GPU *lookupModel(llvm::StringRef model);

/// The first GPU of this machine. No driver library is loaded. Errors: there is
/// no GPU, or the table has no row for it.
llvm::Expected<const GPU *> detectNativeGPU(llvm::StringRef folder = nvidiaGPUFolder);

} // namespace poolc

#endif // POOLC_TARGET_NATIVE_H
