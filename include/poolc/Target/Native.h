//===- Native.h - The GPU in this machine -----------------------*- C++ -*-===//
#ifndef POOLC_TARGET_NATIVE_H
#define POOLC_TARGET_NATIVE_H

#include "poolc/Target/GPU.h"

#include "llvm/Support/Error.h"

#include <string>

namespace poolc {

/// Where NVIDIA's kernel module describes the GPUs that it drives.
constexpr llvm::StringLiteral nvidiaGPUFolder = "/proc/driver/nvidia/gpus";

/// The row of the table for the GPU that a driver calls `model`, for example
/// "NVIDIA H100 80GB HBM3"; null if there is none.
const GPU *lookupModel(llvm::StringRef model);

/// The first GPU of this machine. No driver library is loaded. Errors: there is
/// no GPU, or the table has no row for it.
llvm::Expected<const GPU *> detectNativeGPU(llvm::StringRef folder = nvidiaGPUFolder);

/// The names of all rows of the table, as messages list them.
std::string gpuNames();

/// The row that --target names: one of the table, or `native` for this machine's GPU. Errors:
/// a UsageError if there is no such name; that there is no such GPU here is one of the input.
llvm::Expected<const GPU *> parseTarget(llvm::StringRef name);

} // namespace poolc

#endif // POOLC_TARGET_NATIVE_H
