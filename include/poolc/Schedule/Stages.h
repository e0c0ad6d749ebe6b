//===- Stages.h - The two stages that improve a schedule --------*- C++ -*-===//
//
// Rules that change one thing about a decided schedule where there is reason to:
// predicted figures or, where there are some, measured ones. Each rule tells
// what it did and the number that made it so.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_STAGES_H
#define POOLC_SCHEDULE_STAGES_H

#include "poolc/Schedule/ScheduleSpace.h"

#include <optional>
#include <string>

namespace poolc {

/// Measured figures of the op's kernel, in percent of the peak; absent where
/// nothing was measured.
struct Evidence {
  /// sm__throughput and dram__throughput, both of the elapsed time.
  std::optional<double> smThroughput, dramThroughput;
  /// Share of active warps that wait for global memory.
  std::optional<double> memoryStalls;
  /// Sectors per request of global loads.
  std::optional<double> sectorsPerLoad;
  /// Whether there is a profile of this op at all, of whatever metrics.
  bool isMeasured = false;
};

struct GridOptions {
  /// A lower utilisation of the SMs is reason to change the grid, percent.
  double smAim = 60;
  /// DRAM is at its roof from this share of what streaming kernels reach, percent.
  double dramRoof = 95;
};

struct LatencyOptions {
  /// More warps than this waiting for memory are reason for more stages, percent.
  double stallAim = 20;
};

/// What one rule did. `text` has the number that decided it, e.g. "kept
/// num_stages=1: stalls of 12.0 % are within 20 %".
struct RuleOutcome {
  llvm::StringRef rule;
  bool fired = false;
  std::string text;
};

struct StageResult {
  Schedule schedule;
  std::vector<RuleOutcome> outcomes;

  unsigned fired() const {
    return llvm::count_if(outcomes, [](const RuleOutcome &outcome) { return outcome.fired; });
  }
};

/// Stage 1, grid layout and parallelism: rules `memory_roof` and `parallelism`.
/// Leaves the words of `fixed` alone. `schedule` must be legal.
StageResult arrangeGrid(const ScheduleSpace &space, const Schedule &schedule,
                        const Schedule &fixed = {}, const Evidence &evidence = {},
                        const GridOptions &options = {});

/// Stage 2, memory efficiency and latency hiding: rules `num_stages`, `block_k`
/// and `access_width`. Likewise.
StageResult hideLatency(const ScheduleSpace &space, const Schedule &schedule,
                        const Schedule &fixed = {}, const Evidence &evidence = {},
                        const LatencyOptions &options = {});

/// Predicted utilisation of the SMs and of DRAM in percent of the peak, and
/// predicted share of the time in which warps wait for memory.
double predictedSMThroughput(const Prediction &prediction);
double predictedDramThroughput(const GPU &gpu, const RatedSchedule &rated);
double predictedStalls(const Prediction &prediction);

/// The largest dram__throughput that a kernel with that share of writes can
/// show, in percent.
double dramRoofPercent(const GPU &gpu, double writeShare);

} // namespace poolc

#endif // POOLC_SCHEDULE_STAGES_H
