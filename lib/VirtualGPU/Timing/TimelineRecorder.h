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
  TimelineRecorder(const TimedCode &code, const Block &block);

  void instruction(const Warp &warp, const Op &op, uint32_t mask);
  /// Where accesses of the warp's present instruction are to be noted, and the index of
  /// that; null if it is not traced.
  Access *access(unsigned warp, uint32_t &index);
  void barrierCompleted(unsigned barrier);

  BlockTimeline take() { return std::move(timeline); }
  /// Whether the block has done more than is worth to be kept.
  bool isTooLong() const { return entries > maxEntries; }

private:
  struct WarpState {
    /// The operation that would go on with the present segment.
    uint32_t next = none, regionEnd = 0;
  };
  /// An arrival at a barrier that is not complete yet.
  struct Arrival {
    unsigned warp, barrier;
    uint32_t access;
  };

  /// Segments and accesses of a block: 50 MB.
  static constexpr uint64_t maxEntries = uint64_t(1) << 22;

  const TimedCode &code;
  const Op *ops;
  uint64_t entries = 0;
  BlockTimeline timeline;
  std::vector<WarpState> states;
  std::vector<Arrival> arrivals;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_TIMELINERECORDER_H
