//===- GPUToNVVM.h - Around the upstream conversions of kernels -*- C++ -*-===//
#ifndef POOLC_CONVERSION_GPUTONVVM_H
#define POOLC_CONVERSION_GPUTONVVM_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace poolc {

/// Succeeds if the conversion to NVVM can lower every kernel of `module`; else
/// reports what it cannot lower.
llvm::LogicalResult checkGPUKernels(mlir::gpu::GPUModuleOp module);

/// Replaces calls of the CUDA device library in `module` by intrinsics where PTX
/// has an instruction of the same meaning. Returns how many it replaced.
unsigned inlineDeviceLibrary(mlir::gpu::GPUModuleOp module);

/// Makes the arrays of dynamic shared memory in `module` external, aligned to at
/// least `alignment` bytes. Returns how many there were.
unsigned externalizeDynamicShared(mlir::gpu::GPUModuleOp module, uint64_t alignment);

/// Writes what follows an expected condition in the first block of a kernel twice: for where it
/// holds and for where not. Returns in how many kernels.
unsigned splitExpected(mlir::gpu::GPUModuleOp module);

/// Succeeds if every operation of `module` can be translated to LLVM IR and on
/// to PTX; else reports what is in the way.
llvm::LogicalResult checkLLVMKernels(mlir::gpu::GPUModuleOp module);

} // namespace poolc

#endif // POOLC_CONVERSION_GPUTONVVM_H
