//===- Level.cpp - The levels that a program passes -----------------------===//

#include "poolc/Pipeline/Level.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using poolc::Level;

StringRef poolc::toString(Level level) {
  switch (level) {
  case Level::nn:
    return "nn";
  case Level::schedule:
    return "schedule";
  case Level::tile:
    return "tile";
  case Level::gpu:
    return "gpu";
  case Level::nvvm:
    return "nvvm";
  case Level::llvm:
    return "llvm";
  case Level::ptx:
    return "ptx";
  case Level::cubin:
    return "cubin";
  case Level::plan:
    return "plan";
  case Level::header:
    return "header";
  }
  return "";
}

ArrayRef<Level> poolc::moduleLevels() {
  static constexpr Level levels[] = {Level::nn,  Level::schedule, Level::tile,
                                     Level::gpu, Level::nvvm,     Level::llvm};
  return levels;
}

Level poolc::detectLevel(ModuleOp module) {
  auto kernels = module.getOps<gpu::GPUModuleOp>();
  if (!kernels.empty()) {
    bool hasGPUFunctions = llvm::any_of(
        kernels, [](gpu::GPUModuleOp kernel) { return !kernel.getOps<gpu::GPUFuncOp>().empty(); });
    return hasGPUFunctions ? Level::gpu : Level::nvvm;
  }
  WalkResult result = module.walk([](Operation *op) {
    return op->getName().getDialectNamespace() == "tile" ? WalkResult::interrupt()
                                                         : WalkResult::advance();
  });
  return result.wasInterrupted() ? Level::tile : Level::nn;
}
