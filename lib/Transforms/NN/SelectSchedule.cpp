//===- SelectSchedule.cpp - Decide how each op is mapped to the GPU -------===//

#include "poolc/Transforms/NN/Passes.h"
#include "poolc/Transforms/NN/ScheduleOverrides.h"

#include "nn/NN.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Remarks.h"

#include "llvm/ADT/StringExtras.h"

namespace poolc {
#define GEN_PASS_DEF_NNSELECTSCHEDULE
#include "poolc/Transforms/NN/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;
using poolc::nn::NNDialect;
using poolc::nn::ScheduleAttr;
using poolc::nn::ScheduledOpInterface;

static std::optional<int64_t> getIndex(Operation *op) {
  if (auto index = op->getAttrOfType<IntegerAttr>(NNDialect::indexAttr))
    return index.getInt();
  return std::nullopt;
}

/// That each index which words are given for is that of an op.
static LogicalResult checkIndices(ModuleOp module, ArrayRef<ScheduledOpInterface> ops,
                                  ArrayRef<ScheduleOverride> overrides) {
  SmallVector<int64_t> indices;
  for (ScheduledOpInterface op : ops)
    if (std::optional<int64_t> index = getIndex(op))
      indices.push_back(*index);
  for (const ScheduleOverride &given : overrides) {
    if (!given.index || llvm::is_contained(indices, *given.index))
      continue;
    InFlightDiagnostic error = emitError(module.getLoc())
                               << "expected the index of an operation before ':' in the schedule, "
                                  "one of ["
                               << indices << "], got " << *given.index;
    return indices.empty() ? error << "; run nn-number-ops first" : error;
  }
  return success();
}

/// The words that are given for the op, by the option and by its attribute.
static Schedule getWanted(Operation *op, ArrayRef<ScheduleOverride> overrides) {
  Schedule wanted = combineOverrides(overrides, getIndex(op));
  if (auto present = op->getAttrOfType<ScheduleAttr>(NNDialect::scheduleAttr))
    wanted = wanted.completedBy(present.getValue());
  return wanted;
}

static LogicalResult selectSchedule(ScheduledOpInterface op, const GPU &gpu,
                                    const Schedule &wanted) {
  llvm::Expected<Schedule> schedule = op.decideSchedule(gpu, wanted);
  if (!schedule)
    return op->emitOpError() << llvm::toString(schedule.takeError());
  op->setAttr(NNDialect::scheduleAttr, ScheduleAttr::get(op.getContext(), *schedule));
  if (wanted != Schedule())
    op->setAttr(NNDialect::givenScheduleAttr, ScheduleAttr::get(op.getContext(), wanted));
  remark::analysis(op.getLoc(), remark::RemarkOpts::name("schedule").category("nn-select-schedule"))
      << remark::add("{0} on {1}: {2}; given: {3}", op->getName(), gpu.name, schedule->str(),
                     wanted == Schedule() ? "nothing" : wanted.str());
  return success();
}

namespace {
struct NNSelectSchedulePass : poolc::impl::NNSelectScheduleBase<NNSelectSchedulePass> {
  using NNSelectScheduleBase::NNSelectScheduleBase;

  void runOnOperation() override {
    if (failed(selectSchedules()))
      signalPassFailure();
  }

  LogicalResult selectSchedules() {
    ModuleOp module = getOperation();
    FailureOr<const GPU *> gpu = nn::getTarget(module);
    if (failed(gpu))
      return failure();
    llvm::Expected<SmallVector<ScheduleOverride>> overrides = parseScheduleOverrides(schedule);
    if (!overrides)
      return emitError(module.getLoc())
             << "in the schedule: " << llvm::toString(overrides.takeError());
    SmallVector<ScheduledOpInterface> ops;
    module.walk([&](ScheduledOpInterface op) {
      if (!nn::isFused(op))
        ops.push_back(op);
    });
    if (failed(checkIndices(module, ops, *overrides)))
      return failure();
    for (ScheduledOpInterface op : ops) {
      Schedule wanted = getWanted(op, *overrides);
      if (failed(selectSchedule(op, **gpu, wanted)))
        return failure();
      ++numScheduled;
      numGiven += wanted != Schedule();
    }
    return success();
  }
};
} // namespace
