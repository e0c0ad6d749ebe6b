//===- TimelineRecorder.h - Notes what warps execute ------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_TIMELINERECORDER_H
#define POOLC_LIB_VIRTUALGPU_TIMING_TIMELINERECORDER_H

#include "../Block.h"
#include "TimedCode.h"
#include "Timeline.h"

#include <memory>

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

  const TimedCode &code;
  const Op *ops;
  const uint64_t maxEntriesPerWarp;
  BlockTimeline timeline;
  std::vector<WarpState> states;
  std::vector<Arrival> arrivals;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_TIMELINERECORDER_H
