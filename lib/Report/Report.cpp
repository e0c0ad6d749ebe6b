//===- Report.cpp - What was decided about an op, and why -----------------===//

#include "poolc/Report/Report.h"

using namespace poolc;

OpReport poolc::makeReport(const ScheduleSpace &space, const Schedule &schedule,
                           const Schedule &given, const KernelMetrics *metrics) {
  OpReport report;
  report.gpu = &space.getGPU();
  report.given = given;
  report.chosen = space.rate(schedule);
  report.grid = llvm::cantFail(space.grid(schedule));
  report.algorithms = space.algorithms();
  report.work = space.work();
  report.peakTFLOPs = space.peakTFLOPs();
  report.floor = computeFloor(*report.gpu, report.work, report.peakTFLOPs);

  Evidence evidence = metrics ? toEvidence(*metrics) : Evidence();
  if (llvm::Expected<Decision> decision = space.decide(given))
    report.decision = std::move(*decision);
  else
    llvm::consumeError(decision.takeError());
  if (!report.decision.rated.empty()) {
    report.gridStage = arrangeGrid(space, report.decision.schedule(), given, evidence);
    report.latencyStage = hideLatency(space, report.gridStage.schedule, given, evidence);
  }
  if (metrics)
    report.diagnosis = diagnose(*metrics, report.work, *report.gpu);
  return report;
}
