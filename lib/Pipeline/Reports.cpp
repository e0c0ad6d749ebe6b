//===- Reports.cpp - Reports of modules -----------------------------------===//

#include "Reports.h"

#include "nn/NN.h"
#include "poolc/CodeGen/LaunchPlan.h"
#include "poolc/Transforms/NN/Profile.h"

using namespace mlir;
using namespace poolc;
using poolc::nn::NNDialect;
using poolc::nn::ScheduleAttr;

static Schedule getSchedule(Operation *op, StringRef name) {
  auto attribute = op->getAttrOfType<ScheduleAttr>(name);
  return attribute ? attribute.getValue() : Schedule();
}

std::vector<OpReport> poolc::collectReports(ModuleOp module) {
  std::vector<OpReport> reports;
  FailureOr<const GPU *> gpu = nn::getTarget(module);
  if (failed(gpu))
    return reports;
  module.walk([&](nn::ScheduledOpInterface op) {
    if (nn::isFused(op))
      return;
    auto space = op.makeScheduleSpace(**gpu);
    if (!space)
      return llvm::consumeError(space.takeError());
    std::optional<KernelMetrics> metrics = getProfile(op);
    OpReport report =
        makeReport(**space, getSchedule(op, NNDialect::scheduleAttr),
                   getSchedule(op, NNDialect::givenScheduleAttr), metrics ? &*metrics : nullptr);
    report.op = op->getName().getStringRef().str();
    report.kernel = nn::getKernelName(op);
    report.location = spellLocation(op.getLoc());
    reports.push_back(std::move(report));
  });
  return reports;
}

static void remarkOn(nn::ScheduledOpInterface op, const OpReport &report) {
  // One remark, so that the op is shown once.
  InFlightDiagnostic remark = op->emitRemark() << "profile of " << report.kernel;
  for (const std::string &finding : report.diagnosis->findings)
    remark << "\n  seen: " << finding;
  for (const std::string &metric : report.diagnosis->missing)
    remark << "\n  missing: " << metric;
  for (const StageResult *stage : {&report.gridStage, &report.latencyStage})
    for (const RuleOutcome &outcome : stage->outcomes)
      remark << "\n  decision: " << outcome.rule << ": " << (outcome.fired ? "changed " : "")
             << outcome.text;
}

void poolc::remarkOnProfiles(ModuleOp module) {
  std::vector<OpReport> reports = collectReports(module);
  module.walk([&](nn::ScheduledOpInterface op) {
    for (const OpReport &report : reports)
      if (report.diagnosis && report.kernel == nn::getKernelName(op))
        remarkOn(op, report);
  });
}

FailureOr<std::string> poolc::listSpaces(ModuleOp module) {
  FailureOr<const GPU *> gpu = nn::getTarget(module);
  if (failed(gpu))
    return failure();
  std::string text;
  llvm::raw_string_ostream os(text);
  WalkResult result = module.walk([&](nn::ScheduledOpInterface op) {
    if (nn::isFused(op))
      return WalkResult::advance();
    auto space = op.makeScheduleSpace(**gpu);
    if (!space) {
      op->emitOpError() << llvm::toString(space.takeError());
      return WalkResult::interrupt();
    }
    printSpace(os, nn::getKernelName(op) + ": " + op->getName().getStringRef().str(),
               spellLocation(op.getLoc()), **space, getSchedule(op, NNDialect::scheduleAttr));
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return text;
}
