//===- Report.h - What was decided about an op, and why ---------*- C++ -*-===//
//
// Reports are data first; text, JSON and whatever comes later are renderings of
// them. No IR.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_REPORT_REPORT_H
#define POOLC_REPORT_REPORT_H

#include "poolc/Profile/Profile.h"
#include "poolc/Schedule/Stages.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace poolc {

/// The decisions about one op. All times are predicted.
struct OpReport {
  /// "nn.avg_pool2d", "avg_pool2d_0" and "input.mlir:2:8".
  std::string op, kernel, location;
  const GPU *gpu = nullptr;

  /// The words that were given, and the schedule as it is after both stages.
  Schedule given;
  RatedSchedule chosen;
  TileGrid grid;
  std::vector<AlgorithmInfo> algorithms;
  /// What was compared before the stages; without candidates where the op came
  /// with its schedule.
  Decision decision;
  StageResult gridStage, latencyStage;

  Work work;
  Floor floor;
  double peakTFLOPs = 0;

  /// Predicted seconds of the fastest candidate with such products; infinite without one.
  double fastestWith(Products products) const;

  /// Set where there is a profile of the op's kernel.
  std::optional<Diagnosis> diagnosis;
};

/// Reports on an op that has that schedule now. `given` are the words that were
/// not for poolc to decide; `metrics` may be null. Decides again, as the passes
/// did.
OpReport makeReport(const ScheduleSpace &space, const Schedule &schedule, const Schedule &given,
                    const KernelMetrics *metrics);

/// For a person who knows GPUs.
void printReport(llvm::raw_ostream &os, const OpReport &report);

/// The same for programs. Times in seconds.
llvm::json::Value toJSON(const OpReport &report);

/// The space of schedules of one op: algorithms, whether they apply, their words
/// and ranges.
void printSpace(llvm::raw_ostream &os, llvm::StringRef op, llvm::StringRef location,
                const ScheduleSpace &space, const Schedule &given);

} // namespace poolc

#endif // POOLC_REPORT_REPORT_H
