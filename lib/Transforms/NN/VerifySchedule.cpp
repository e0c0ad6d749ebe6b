//===- VerifySchedule.cpp - Hold schedules against the target -------------===//

#include "poolc/Transforms/NN/Passes.h"

#include "nn/NN.h"

#include "mlir/IR/BuiltinOps.h"

namespace poolc {
#define GEN_PASS_DEF_NNVERIFYSCHEDULE
#include "poolc/Transforms/NN/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;
using poolc::nn::NNDialect;

static LogicalResult verifySchedule(nn::ScheduledOpInterface op, const GPU &gpu) {
  auto schedule = op->getAttrOfType<nn::ScheduleAttr>(NNDialect::scheduleAttr);
  if (!schedule)
    return op->emitOpError() << "expected " << NNDialect::scheduleAttr
                             << ", got none; run nn-select-schedule first";
  if (llvm::Error error = op.verifySchedule(gpu, schedule.getValue()))
    return op->emitOpError() << "expected a schedule that is legal on " << gpu.name << ", got "
                             << schedule << ": " << llvm::toString(std::move(error));
  return success();
}

namespace {
struct NNVerifySchedulePass : poolc::impl::NNVerifyScheduleBase<NNVerifySchedulePass> {
  void runOnOperation() override {
    markAllAnalysesPreserved();
    FailureOr<const GPU *> gpu = nn::getTarget(getOperation());
    if (failed(gpu))
      return signalPassFailure();
    getOperation().walk([&](nn::ScheduledOpInterface op) {
      if (nn::isFused(op))
        return;
      if (failed(verifySchedule(op, **gpu)))
        return signalPassFailure();
      ++numVerified;
    });
  }
};
} // namespace
