//===- HideLatency.cpp - Stage 2: memory efficiency and latency hiding ---===//

#include "Stages.h"

#include "poolc/Transforms/NN/Passes.h"

namespace poolc {
#define GEN_PASS_DEF_NNHIDELATENCY
#include "poolc/Transforms/NN/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;

namespace {
struct NNHideLatencyPass : poolc::impl::NNHideLatencyBase<NNHideLatencyPass> {
  using NNHideLatencyBase::NNHideLatencyBase;

  void runOnOperation() override {
    LatencyOptions options;
    options.stallAim = stallAim;
    auto hide = [&](auto &...arguments) { return hideLatency(arguments..., options); };
    auto count = [&](const StageResult &result) {
      numChanged += result.fired();
      numHeld += result.outcomes.size() - result.fired();
    };
    if (failed(runStage(getOperation(), getArgument(), hide, count)))
      signalPassFailure();
  }
};
} // namespace
