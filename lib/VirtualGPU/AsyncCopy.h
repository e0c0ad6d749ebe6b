//===- AsyncCopy.h - cp.async in flight -------------------------*- C++ -*-===//
//
// The copies of a warp that were issued and not yet waited for. They take
// place when they are waited for, so that a missing wait shows.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_ASYNCCOPY_H
#define POOLC_LIB_VIRTUALGPU_ASYNCCOPY_H

#include "Program.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <array>
#include <utility>
#include <vector>

namespace poolc::vgpu {

struct AsyncCopy {
  static constexpr uint32_t uncommitted = ~uint32_t(0);
  static constexpr unsigned numAgents = 32;

  const Op *op;
  /// Lanes whose copy is still to be made.
  uint32_t mask;
  /// Number of the group, counted by each lane of the mask; or uncommitted.
  uint32_t group;
  uint32_t bytes;
  std::array<const uint8_t *, warpSize> source;
  std::array<uint8_t *, warpSize> destination;
  /// Bytes to copy; zeros follow.
  std::array<uint8_t, warpSize> sourceBytes;
  /// Counts the copies of the warp.
  uint64_t number = 0;
};

/// Who makes the copies that an mbarrier object tracks; far objects share one.
inline unsigned agentOf(uint32_t object) { return object / 8 % AsyncCopy::numAgents; }

class AsyncCopies {
public:
  void clear();
  void issue(AsyncCopy copy) {
    copy.number = issued++;
    copies.push_back(copy);
  }
  /// That of the next copy.
  uint64_t nextNumber() const { return issued; }
  /// Closes the present group of the lanes.
  void commit(uint32_t mask);
  /// Makes the copies of all groups of the lanes but the `pending` latest; with
  /// `all`, those not committed too. Calls `landed` for each copy of a lane.
  void wait(uint32_t mask, uint32_t pending, bool all,
            llvm::function_ref<void(const AsyncCopy &copy, unsigned lane)> landed = nullptr);
  /// Makes the copies of the lane with lower numbers than `end`, which `object` tracks.
  void land(unsigned lane, uint64_t end, uint32_t object,
            llvm::function_ref<void(const AsyncCopy &copy)> landed);
  /// An agent has made copies of the lane.
  void addAgent(unsigned lane, unsigned agent) { agents[lane] |= uint32_t(1) << agent; }
  /// Those that have since the lane last asked.
  uint32_t takeAgents(unsigned lane) { return std::exchange(agents[lane], 0); }

private:
  void make(AsyncCopy &copy, unsigned lane);
  void forgetMade();

  std::vector<AsyncCopy> copies;
  uint64_t issued = 0;
  std::array<uint32_t, warpSize> agents = {};
  /// Groups that each lane has closed.
  std::array<uint32_t, warpSize> groups = {};
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_ASYNCCOPY_H
