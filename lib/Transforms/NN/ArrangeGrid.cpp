//===- ArrangeGrid.cpp - Stage 1: grid layout and parallelism ------------===//

#include "Stages.h"

#include "poolc/Transforms/NN/Passes.h"

namespace poolc {
#define GEN_PASS_DEF_NNARRANGEGRID
#include "poolc/Transforms/NN/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;

namespace {
struct NNArrangeGridPass : poolc::impl::NNArrangeGridBase<NNArrangeGridPass> {
  using NNArrangeGridBase::NNArrangeGridBase;

  void runOnOperation() override {
    GridOptions options;
    options.smAim = smAim;
    options.dramRoof = dramRoof;
    auto arrange = [&](auto &...arguments) { return arrangeGrid(arguments..., options); };
    auto count = [&](const StageResult &result) { (result.fired() ? numChanged : numHeld) += 1; };
    if (failed(runStage(getOperation(), getArgument(), arrange, count)))
      signalPassFailure();
  }
};
} // namespace
