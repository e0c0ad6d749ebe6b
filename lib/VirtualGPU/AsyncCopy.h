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
#include <vector>

namespace poolc::vgpu {

struct AsyncCopy {
  static constexpr uint32_t uncommitted = ~uint32_t(0);

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
};

class AsyncCopies {
public:
  void clear();
  void issue(const AsyncCopy &copy) { copies.push_back(copy); }
  /// Closes the present group of the lanes.
  void commit(uint32_t mask);
  /// Makes the copies of all groups of the lanes but the `pending` latest; with
  /// `all`, those not committed too. Calls `landed` for each copy of a lane.
  void wait(uint32_t mask, uint32_t pending, bool all,
            llvm::function_ref<void(const AsyncCopy &copy, unsigned lane)> landed = nullptr);

private:
  std::vector<AsyncCopy> copies;
  /// Groups that each lane has closed.
  std::array<uint32_t, warpSize> groups = {};
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_ASYNCCOPY_H
