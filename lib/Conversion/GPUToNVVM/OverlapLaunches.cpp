//===- OverlapLaunches.cpp - Launches made before the last one ends -------===//

#include "poolc/CodeGen/KernelAttributes.h"
#include "poolc/Conversion/Passes.h"
#include "poolc/Target/GPU.h"

#include "nn/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace poolc {
#define GEN_PASS_DEF_GPUOVERLAPLAUNCHES
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

static gpu::GPUFuncOp lookupKernel(gpu::LaunchFuncOp launch) {
  return SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(launch, launch.getKernelAttr());
}

/// The memory that an operand of a launch is, or is a part of.
static Value getBuffer(Value operand) {
  while (auto cast = operand.getDefiningOp<memref::ReinterpretCastOp>())
    operand = cast.getSource();
  return operand;
}

/// Has the kernel wait for the launch ahead, and read `written` as memory that changes.
static void waitFirst(gpu::LaunchFuncOp launch, const DenseSet<Value> &written) {
  gpu::GPUFuncOp kernel = lookupKernel(launch);
  for (auto [i, operand] : llvm::enumerate(launch.getKernelOperands()))
    if (written.contains(getBuffer(operand)))
      kernel.removeArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName());
  OpBuilder b(kernel.getBody());
  NVVM::GriddepcontrolOp::create(b, kernel.getLoc(), NVVM::GridDepActionKind::wait);
  launch->setAttr(poolc::programmaticLaunchAttr, b.getUnitAttr());
}

/// Adds the buffers that a launch may write.
static void addWritten(gpu::LaunchFuncOp launch, DenseSet<Value> &written) {
  gpu::GPUFuncOp kernel = lookupKernel(launch);
  for (auto [i, operand] : llvm::enumerate(launch.getKernelOperands()))
    if (!kernel.getArgAttr(i, LLVM::LLVMDialect::getReadonlyAttrName()))
      written.insert(getBuffer(operand));
}

namespace {
struct GPUOverlapLaunches : poolc::impl::GPUOverlapLaunchesBase<GPUOverlapLaunches> {
  void runOnOperation() override {
    auto target = getOperation()->getAttrOfType<StringAttr>(poolc::nn::NNDialect::targetAttr);
    const poolc::GPU *gpu = target ? poolc::lookupGPU(target) : nullptr;
    if (!gpu || gpu->launchOverlapMicroseconds == 0)
      return;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      DenseSet<Value> written;
      function.walk([&](gpu::LaunchFuncOp launch) {
        if (!written.empty() && !launch->hasAttr(poolc::programmaticLaunchAttr)) {
          waitFirst(launch, written);
          ++numLaunches;
        }
        addWritten(launch, written);
      });
    }
  }
};
} // namespace
