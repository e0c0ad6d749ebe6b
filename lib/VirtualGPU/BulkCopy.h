//===- BulkCopy.h - Copies that no thread makes, in flight ------*- C++ -*-===//
//
// One thread asks for them: for bytes one after the other, or for a box of a tensor. Copies to
// shared memory take place when their mbarrier object is waited for (AsyncArrival), those from
// there when their group is, so that a missing wait shows.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_BULKCOPY_H
#define POOLC_LIB_VIRTUALGPU_BULKCOPY_H

#include "Program.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <array>
#include <vector>

namespace poolc::vgpu {

/// Bytes that lie together on both sides, by their host addresses.
struct BulkPiece {
  uint8_t *to;
  const uint8_t *from;
  uint8_t bytes;
  /// Of `from`; zeros follow.
  uint8_t copied;
};

void makeCopies(llvm::ArrayRef<BulkPiece> pieces, bool roundsToTF32);

/// From shared to global memory.
struct BulkStore {
  static constexpr uint32_t uncommitted = ~uint32_t(0);

  const Op *op;
  unsigned lane;
  std::vector<BulkPiece> pieces;
  /// Number of the group, counted by the lane; or uncommitted.
  uint32_t group = uncommitted;
};

/// Those of a warp.
class BulkStores {
public:
  void clear();
  void issue(BulkStore store) { stores.push_back(std::move(store)); }
  /// Closes the present group of the lanes.
  void commit(uint32_t mask);
  /// Makes the stores of all groups of the lanes but the `pending` latest.
  void wait(uint32_t mask, uint64_t pending, llvm::function_ref<void(const BulkStore &)> made);
  /// Makes all that are left.
  void finish(llvm::function_ref<void(const BulkStore &)> made);

private:
  std::vector<BulkStore> stores;
  std::array<uint32_t, warpSize> groups = {};
};

/// src[0]: where in shared memory, in a register of op.count bits, plus op.immediate; src[1]: the
/// tensor map's generic address, or that in global memory, plus op.immediate2; src[2]: the mbarrier
/// object of a copy to shared memory, in a register of op.bytes bytes, or none; list: what to add
/// to that, then op.variant registers: the coordinates of a box, or how many bytes.
void copyTensor(Warp &warp, const Op &op, uint32_t mask);
void copyBulk(Warp &warp, const Op &op, uint32_t mask);
void commitBulkStores(Warp &warp, const Op &op, uint32_t mask);
/// Waits for all groups but the op.immediate latest. What they have read is then free, and more
/// nobody can tell: whether what they have written is there too does not show.
void waitBulkStores(Warp &warp, const Op &op, uint32_t mask);

inline bool isBulkCopy(const Op &op) { return op.handler == copyTensor || op.handler == copyBulk; }
inline bool isBulkStore(const Op &op) { return isBulkCopy(op) && op.src[2] == none; }
inline bool isBulkLoad(const Op &op) { return isBulkCopy(op) && op.src[2] != none; }

/// Fences between what threads and what copies and tensor cores do in shared memory.
void fenceProxy(Warp &warp, const Op &op, uint32_t mask);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_BULKCOPY_H
