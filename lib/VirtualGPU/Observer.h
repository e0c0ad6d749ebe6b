//===- Observer.h - Watching a block run ------------------------*- C++ -*-===//
//
// What sanitizers and metrics see of the execution. Without an observer the
// executor runs a loop that has no call in it.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_OBSERVER_H
#define POOLC_LIB_VIRTUALGPU_OBSERVER_H

#include "Program.h"

namespace poolc::vgpu {

/// One memory instruction of a warp, bounds and alignment already checked.
struct MemoryAccess {
  const Op &op;
  uint32_t mask;
  Space space;
  bool isWrite;
  /// Bytes per lane.
  unsigned bytes;
  /// Per lane: the device address, or the offset in the shared window or in the
  /// thread's local memory. Only those of the lanes in `mask` mean something.
  const uint64_t *addresses;
};

/// Belongs to one block; all calls come from the thread that runs it.
class Observer {
public:
  virtual ~Observer() = default;
  /// Before the instruction is executed; `active` are the lanes of the path,
  /// `mask` those whose guard holds.
  virtual void instruction(const Warp &warp, const Op &op, uint32_t active, uint32_t mask) = 0;
  virtual void access(const Warp &warp, const MemoryAccess &access) = 0;
  /// All threads that `barrier` waited for are there.
  virtual void barrierCompleted(unsigned barrier) = 0;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_OBSERVER_H
