//===- SharedAccess.cpp - What kernels do to shared memory ----------------===//

#include "SharedAccess.h"
#include "BulkCopies.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

bool poolc::isSharedLoad(Operation *op) {
  Value memref;
  if (auto load = dyn_cast<memref::LoadOp>(op))
    memref = load.getMemRef();
  else if (auto vector = dyn_cast<vector::LoadOp>(op))
    memref = vector.getBase();
  else if (auto matrices = dyn_cast<nvgpu::LdMatrixOp>(op))
    memref = matrices.getSrcMemref();
  return memref &&
         gpu::GPUDialect::hasWorkgroupMemoryAddressSpace(cast<MemRefType>(memref.getType()));
}

bool poolc::writesShared(Operation *op) {
  if (isa<nvgpu::DeviceAsyncCopyOp>(op) || isBulkCopy(op))
    return true;
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  if (!effects)
    return false;
  SmallVector<MemoryEffects::EffectInstance> writes;
  effects.getEffects(writes);
  return llvm::any_of(writes, [](const MemoryEffects::EffectInstance &effect) {
    auto type = effect.getValue() ? dyn_cast<MemRefType>(effect.getValue().getType()) : nullptr;
    return isa<MemoryEffects::Write>(effect.getEffect()) && type &&
           gpu::GPUDialect::hasWorkgroupMemoryAddressSpace(type);
  });
}

bool poolc::isSharedStore(Operation *op) {
  return !isa<nvgpu::DeviceAsyncCopyOp>(op) && !isBulkCopy(op) && writesShared(op);
}

bool poolc::isProduct(Operation *op) {
  return isa<NVVM::MmaOp>(op) ||
         (isa<math::FmaOp>(op) && isa<VectorType>(op->getResult(0).getType()));
}
