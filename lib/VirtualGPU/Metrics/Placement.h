//===- Placement.h - Which SM runs a block, and when ------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_PLACEMENT_H
#define POOLC_LIB_VIRTUALGPU_METRICS_PLACEMENT_H

#include <cstdint>
#include <queue>
#include <vector>

namespace poolc::vgpu {

/// A place for one resident block.
struct Slot {
  unsigned index = 0;
  unsigned sm = 0;
  uint64_t start = 0;
};

/// Hands out blocks as GPUs seem to: in the first wave one to each SM in turn
/// until all are full, afterwards to the slot that is free first.
class Placement {
public:
  Placement(unsigned numSMs, unsigned blocksPerSM) : numSMs(numSMs) {
    for (unsigned index = 0; index < numSMs * blocksPerSM; ++index)
      free.push({0, index});
  }

  /// The slot of the next block.
  Slot peek() const {
    auto [time, index] = free.top();
    return {index, index % numSMs, time};
  }
  /// The next block takes its slot and runs for that long.
  void take(uint64_t duration) {
    auto [time, index] = free.top();
    free.pop();
    free.push({time + duration, index});
  }

private:
  /// When it is free, and its number.
  using Free = std::pair<uint64_t, unsigned>;

  unsigned numSMs;
  std::priority_queue<Free, std::vector<Free>, std::greater<>> free;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_PLACEMENT_H
