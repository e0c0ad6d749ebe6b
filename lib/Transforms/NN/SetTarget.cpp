//===- SetTarget.cpp - Name the GPU to compile for ------------------------===//

#include "poolc/Transforms/NN/Passes.h"

#include "nn/NN.h"

#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/StringExtras.h"

namespace poolc {
#define GEN_PASS_DEF_NNSETTARGET
#include "poolc/Transforms/NN/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;

static LogicalResult setTarget(ModuleOp module, StringRef name) {
  if (name.empty() && module->hasAttr(nn::NNDialect::targetAttr))
    return success();
  const GPU *gpu = name.empty() ? &defaultGPU() : lookupGPU(name);
  if (!gpu) {
    auto names = llvm::map_range(allGPUs(), [](const GPU &gpu) { return gpu.name; });
    return emitError(module.getLoc()) << "expected target to be one of " << llvm::join(names, ", ")
                                      << ", got '" << name << "'";
  }
  module->setAttr(nn::NNDialect::targetAttr, StringAttr::get(module.getContext(), gpu->name));
  return success();
}

namespace {
struct NNSetTargetPass : poolc::impl::NNSetTargetBase<NNSetTargetPass> {
  using NNSetTargetBase::NNSetTargetBase;

  void runOnOperation() override {
    if (failed(setTarget(getOperation(), target)))
      signalPassFailure();
  }
};
} // namespace
