//===- TimeModel.h - How long a launch takes --------------------*- C++ -*-===//
//
// Keeps the timelines of some blocks, spread over those that are measured; replays an
// SM that runs such blocks; and scales that to the grid.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_TIMEMODEL_H
#define POOLC_LIB_VIRTUALGPU_TIMING_TIMEMODEL_H

#include "../Metrics/Sampling.h"
#include "Replay.h"

#include "llvm/ADT/DenseMap.h"

#include <map>

namespace poolc::vgpu {

class TimeModel {
public:
  TimeModel(const Program &program, const GPU &gpu, double clockMHz, const Occupancy &occupancy,
            const BlockSelection &selection, unsigned registerBudget);

  const TimedCode &code() const { return timedCode; }
  const Machine &machine() const { return theMachine; }

  /// Whether the timeline of the block with that linear index is wanted.
  bool wants(uint64_t block) const { return priorities.contains(block); }
  /// Keeps it, if there is room. Not for several threads at once.
  void keep(BlockTimeline timeline);

  /// Models the time of a launch whose counts are known.
  LaunchTime run(const LaunchMetrics &metrics);

private:
  void chooseBlocks(const BlockSelection &selection);
  ReplayResult replay(const LaunchMetrics &metrics, uint64_t blocks);
  double instructionsPerBlock() const;
  /// Instructions of blocks whose timelines are kept over those that are in these.
  double omission() const;
  double dramRate(const LaunchMetrics &metrics) const;
  void findThroughputs(const LaunchMetrics &metrics, LaunchTime &time) const;
  void findLimiter(const LaunchMetrics &metrics, double memoryBusy, LaunchTime &time) const;
  void findHotLines(const LaunchMetrics &metrics, const ReplayResult &result,
                    LaunchTime &time) const;

  const Program &program;
  const Machine theMachine;
  const TimedCode timedCode;
  const Occupancy occupancy;
  /// By block: lower ones are kept first.
  llvm::DenseMap<uint64_t, unsigned> priorities;
  std::map<unsigned, BlockTimeline> kept;
  uint64_t keptBytes = 0;
  unsigned lowestDropped = ~0u;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_TIMEMODEL_H
