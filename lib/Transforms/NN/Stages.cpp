//===- Stages.cpp - What the passes of both stages share ------------------===//

#include "Stages.h"

#include "poolc/Transforms/NN/Profile.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace poolc;
using poolc::nn::NNDialect;
using poolc::nn::ScheduleAttr;

static void emitRemark(Operation *op, StringRef category, const RuleOutcome &outcome) {
  auto options = remark::RemarkOpts::name(outcome.rule).category(category);
  std::string text = nn::getKernelName(op) + ": " + outcome.text;
  if (outcome.fired)
    remark::passed(op->getLoc(), options) << text;
  else
    remark::missed(op->getLoc(), options) << text;
}

static LogicalResult runStage(nn::ScheduledOpInterface op, const GPU &gpu, StringRef category,
                              RunStage run, SeeResult see) {
  auto schedule = op->getAttrOfType<ScheduleAttr>(NNDialect::scheduleAttr);
  if (!schedule)
    return op->emitOpError() << "expected " << NNDialect::scheduleAttr
                             << ", got none; run nn-select-schedule first";
  auto space = op.makeScheduleSpace(gpu);
  if (!space)
    return op->emitOpError() << llvm::toString(space.takeError());
  if (llvm::Error error = (*space)->verify(schedule.getValue()))
    return op->emitOpError() << llvm::toString(std::move(error));
  auto given = op->getAttrOfType<ScheduleAttr>(NNDialect::givenScheduleAttr);
  std::optional<KernelMetrics> metrics = getProfile(op);
  StageResult result = run(**space, schedule.getValue(), given ? given.getValue() : Schedule(),
                           metrics ? toEvidence(*metrics) : Evidence());
  op->setAttr(NNDialect::scheduleAttr, ScheduleAttr::get(op.getContext(), result.schedule));
  for (const RuleOutcome &outcome : result.outcomes)
    emitRemark(op, category, outcome);
  see(result);
  return success();
}

LogicalResult poolc::runStage(ModuleOp module, StringRef category, RunStage run, SeeResult see) {
  FailureOr<const GPU *> gpu = nn::getTarget(module);
  if (failed(gpu))
    return failure();
  return failure(module
                     .walk([&](nn::ScheduledOpInterface op) {
                       if (nn::isFused(op))
                         return WalkResult::advance();
                       return failed(::runStage(op, **gpu, category, run, see))
                                  ? WalkResult::interrupt()
                                  : WalkResult::advance();
                     })
                     .wasInterrupted());
}
