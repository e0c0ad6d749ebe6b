//===- Report.cpp - What was decided about an op, and why -----------------===//

#include "poolc/Report/Report.h"

#include <algorithm>
#include <limits>

using namespace poolc;

double OpReport::fastestWith(Products products) const {
  double least = std::numeric_limits<double>::infinity();
  for (const RatedSchedule &rated : decision.rated)
    if (rated.schedule.products == products)
      least = std::min(least, rated.prediction.seconds);
  return least;
}

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
