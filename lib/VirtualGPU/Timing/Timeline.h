//===- Timeline.h - What the warps of a block executed ----------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_TIMELINE_H
#define POOLC_LIB_VIRTUALGPU_TIMING_TIMELINE_H

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace poolc::vgpu {

/// What a traced instruction did, in one execution: accesses to memory, or the arrival
/// at a barrier, or both. Counts end at the most there is.
struct Access {
  /// Clocks of the data path between the SM's memory and its registers: steps of the
  /// banks; 0 where no thread took part.
  uint16_t steps = 0;
  /// Steps beyond those without conflicts, of shared memory.
  uint16_t conflicts = 0;
  /// Of global and local memory: lines and sectors.
  uint16_t lines = 0, sectors = 0;
  union {
    /// Of loads: sectors found in the L1.
    uint16_t l1Hits = 0;
    /// Of stores: what goes to the L2, in units of 16 bytes; see packetUnits().
    uint16_t units;
  };
  /// Sectors read from DRAM, and those that will have to be written there.
  uint16_t fetched = 0, dirtied = 0;
  /// Of a barrier: the warp waits there.
  bool waits = false;
  /// Of an arrival in a phase that was never completed, and a wait in vain.
  static constexpr uint32_t noBarrier = ~uint32_t(0);
  /// Of a barrier: which of the block's barriers, counted as they were completed; phases of
  /// mbarrier objects are barriers too.
  uint32_t barrier = 0;
  /// Of global and local memory: sectors of which it is known what became of them.
  uint32_t followed = 0;

  static void add(uint16_t &count, unsigned more) {
    count = uint16_t(std::min<unsigned>(count + more, std::numeric_limits<uint16_t>::max()));
  }
};

/// Operations that a warp executed one after the other, of one region.
struct Segment {
  uint32_t first, count;
  /// The first of its accesses.
  uint32_t access;
};

struct WarpTimeline {
  std::vector<Segment> segments;
  std::vector<Access> accesses;
};

struct BlockTimeline {
  uint64_t number = 0;
  std::vector<WarpTimeline> warps;
  /// Warps that arrived at each of the barriers, in the order of their completion.
  std::vector<uint16_t> arrivals;
  /// Instructions of warps that are in it, and those that came after what is kept.
  uint64_t kept = 0, omitted = 0;

  uint64_t bytes() const {
    uint64_t bytes = 0;
    for (const WarpTimeline &warp : warps)
      bytes +=
          warp.segments.capacity() * sizeof(Segment) + warp.accesses.capacity() * sizeof(Access);
    return bytes;
  }
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_TIMELINE_H
