//===- CheckGPUKernels.cpp - What the conversion to NVVM can lower --------===//

#include "poolc/Conversion/GPUToNVVM.h"
#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace poolc {
#define GEN_PASS_DEF_CHECKGPUKERNELS
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

/// Kernels take bare pointers, so sizes and strides must be in the type.
static bool isKernelArgumentType(Type type) {
  if (auto memref = dyn_cast<MemRefType>(type))
    return memref.hasStaticShape() && memref.getLayout().isIdentity();
  return type.isIntOrIndexOrFloat() || isa<LLVM::LLVMPointerType>(type);
}

static LogicalResult checkSignature(gpu::GPUFuncOp func) {
  for (auto [index, type] : llvm::enumerate(func.getArgumentTypes()))
    if (!isKernelArgumentType(type))
      return func.emitOpError("expected argument ")
             << index << " to be a scalar or a contiguous memref of static shape, got " << type;
  return success();
}

/// The operations of the gpu dialect that convert-gpu-to-nvvm rewrites.
static bool hasNVVMCounterpart(Operation *op) {
  return isa<gpu::GPUModuleOp, gpu::GPUFuncOp, gpu::ReturnOp, gpu::ThreadIdOp, gpu::BlockIdOp,
             gpu::BlockDimOp, gpu::GridDimOp, gpu::ClusterIdOp, gpu::ClusterDimOp,
             gpu::ClusterBlockIdOp, gpu::ClusterDimBlocksOp, gpu::LaneIdOp, gpu::BarrierOp,
             gpu::ShuffleOp, gpu::DynamicSharedMemoryOp>(op);
}

LogicalResult poolc::checkGPUKernels(gpu::GPUModuleOp module) {
  Dialect *gpuDialect = module->getDialect();
  WalkResult result = module.walk([&](Operation *op) -> WalkResult {
    if (auto func = dyn_cast<gpu::GPUFuncOp>(op))
      return checkSignature(func);
    if (op->getDialect() == gpuDialect && !hasNVVMCounterpart(op))
      return op->emitOpError("has no counterpart in NVVM; expected it to be lowered before");
    return success();
  });
  return failure(result.wasInterrupted());
}

namespace {
struct CheckGPUKernels : poolc::impl::CheckGPUKernelsBase<CheckGPUKernels> {
  void runOnOperation() override {
    if (failed(poolc::checkGPUKernels(getOperation())))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
