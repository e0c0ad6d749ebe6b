//===- SyncCheck.h - The sync sanitizer -------------------------*- C++ -*-===//
//
// Finds barriers and warp-wide instructions that not all threads reach which
// have to. What ends in a deadlock or is refused by the executor is found there.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_SYNCCHECK_H
#define POOLC_LIB_VIRTUALGPU_SYNCCHECK_H

#include "Reports.h"

namespace poolc::vgpu {

class SyncCheck {
public:
  SyncCheck(Block &block, Reports &reports) : block(block), reports(reports) {}

  void startBlock();
  void instruction(const Warp &warp, const Op &op, uint32_t mask);
  void barrierCompleted(unsigned barrier);
  void met(const Warp &warp, const Op &op, uint32_t members, uint32_t lanes);

private:
  void checkBarrier(const Warp &warp, const Op &op, uint32_t mask);
  void checkMasks(const Warp &warp, const Op &op, uint32_t mask);
  /// Reports a member mask that names threads which it must not, for `reason`.
  void checkMembers(const Warp &warp, const Op &op, unsigned lane, uint32_t members, uint32_t wrong,
                    const char *reason);

  /// The latest arrival at a barrier.
  struct Arrival {
    const Op *op = nullptr;
    const Warp *warp = nullptr;
    unsigned lane = 0;
  };

  Block &block;
  Reports &reports;
  Arrival arrivals[16];
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_SYNCCHECK_H
