//===- TimelineRecorder.h - Notes what warps execute ------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_TIMELINERECORDER_H
#define POOLC_LIB_VIRTUALGPU_TIMING_TIMELINERECORDER_H

#include "../Block.h"
#include "TimedCode.h"
#include "Timeline.h"

#include <map>
#include <memory>
#include <optional>

namespace poolc::vgpu {

class TimelineRecorder {
public:
  /// Keeps about `maxEntries` segments and accesses of the block: the first ones of each
  /// warp, which stand for what it does later on. No barrier waits for a warp whose way to
  /// it is not kept: arrivals are counted of what is.
  TimelineRecorder(const TimedCode &code, const Block &block, uint64_t maxEntries);

  void instruction(const Warp &warp, const Op &op, uint32_t mask);
  /// Where accesses of the warp's present instruction are to be noted, and the index of
  /// that; null if it is not traced.
  Access *access(unsigned warp, uint32_t &index);
  /// The access that had that index.
  Access &noted(unsigned warp, uint32_t index) { return timeline.warps[warp].accesses[index]; }
  void barrierCompleted(unsigned barrier);
  void arrived(const Warp &warp, const Op &op, unsigned lane, const Phase &phase);
  void phaseCompleted(const Phase &phase);
  void waited(const Warp &warp, unsigned lane, const Phase *phase);

  BlockTimeline take() { return std::move(timeline); }

private:
  struct WarpState {
    /// The operation that would go on with the present segment.
    uint32_t next = none, regionEnd = 0;
    uint64_t entries = 0;
    bool isOver = false;
  };
  /// An arrival at a barrier that is not complete yet.
  struct Arrival {
    unsigned warp, barrier;
    uint32_t access;
  };

  /// One in a phase that is not complete yet.
  struct PhaseArrival {
    unsigned warp;
    uint32_t access;
    Phase phase;
  };
  /// Lanes of an instruction that have yet to arrive, or to end their wait.
  struct Unfinished {
    unsigned warp;
    const Op *op;
    uint32_t lanes, access;
  };
  static std::optional<uint32_t> finish(std::vector<Unfinished> &all, unsigned warp, unsigned lane,
                                        const Op *op);

  const TimedCode &code;
  const Op *ops;
  const uint64_t maxEntriesPerWarp;
  BlockTimeline timeline;
  std::vector<WarpState> states;
  std::vector<Arrival> arrivals;
  std::vector<PhaseArrival> phaseArrivals;
  std::vector<Unfinished> asyncArrivals, waits;
  /// Per object, its last complete phase and what is its number among the barriers.
  std::map<uint32_t, std::pair<uint64_t, uint32_t>> lastPhases;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_TIMELINERECORDER_H
