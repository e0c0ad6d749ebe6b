//===- Clocks.h - What happened before what in a block ----------*- C++ -*-===//
//
// Vector clocks of the threads of a block. A barrier of all threads begins a new
// epoch, before which everything is ordered; within an epoch, a thread knows of
// others what warp-wide instructions, barriers of some threads, and fences with
// atomic operations told it.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_CLOCKS_H
#define POOLC_LIB_VIRTUALGPU_CLOCKS_H

#include "Program.h"

#include "llvm/ADT/DenseMap.h"

#include <vector>

namespace poolc::vgpu {

/// When a thread did something.
struct Moment {
  uint32_t epoch = 0;
  uint32_t clock = 0;
  uint16_t thread = 0;
};

class Clocks {
public:
  explicit Clocks(unsigned numThreads);

  /// Nothing is known of the block before.
  void startBlock() { startEpoch(); }

  Moment now(unsigned thread) const { return {epoch, clocks[thread], uint16_t(thread)}; }
  bool isOrdered(const Moment &before, unsigned thread) const {
    return before.epoch != epoch || before.thread == thread ||
           known(thread, before.thread) >= before.clock;
  }

  /// All lanes learn what each of them knows.
  void meet(unsigned warp, uint32_t lanes);
  /// Lanes wait at a barrier, or only arrive there.
  void wait(unsigned barrier, unsigned warp, uint32_t lanes);
  void arrive(unsigned barrier, unsigned warp, uint32_t lanes);
  /// The barrier is complete; `live` says which lanes of a warp have not exited.
  template <typename F> void complete(unsigned barrier, F live) {
    bool isWhole = !barriers[barrier].isUsedByArrivals;
    for (unsigned warp = 0; warp < numWarps; ++warp)
      isWhole &= (live(warp) & ~barriers[barrier].waiting[warp]) == 0;
    complete(barrier, isWhole);
  }

  /// Makes what the thread did known to those that its later releases reach.
  void fence(unsigned thread);
  /// Leaves at an address what the thread knew at its latest fence, if any, and
  /// takes what others have left there.
  void release(unsigned thread, uint64_t address);
  void acquire(unsigned thread, uint64_t address);

private:
  struct Barrier {
    /// Lanes that wait, per warp.
    std::vector<uint32_t> waiting;
    /// What threads that do not wait brought along; empty: nothing.
    std::vector<uint32_t> brought;
    bool isUsedByArrivals = false;
  };

  uint32_t *row(unsigned thread) { return rows.data() + size_t(thread) * width; }
  uint32_t known(unsigned thread, unsigned other) const {
    if (isWide)
      return wideRows[size_t(thread) * numThreads + other];
    return thread / warpSize == other / warpSize ? rows[size_t(thread) * width + other % warpSize]
                                                 : 0;
  }
  void startEpoch();
  void widen();
  void complete(unsigned barrier, bool isWhole);
  /// Adds what a thread knows to `joint`, and that its own clock was `own`.
  void gather(std::vector<uint32_t> &joint, unsigned thread, uint32_t own) const;
  void gather(std::vector<uint32_t> &joint, unsigned thread) const {
    gather(joint, thread, clocks[thread]);
  }

  static constexpr unsigned width = warpSize;
  const unsigned numThreads, numWarps;
  uint32_t epoch = 0;
  std::vector<uint32_t> clocks;
  /// Per thread, the clocks of its own warp that it knows.
  std::vector<uint32_t> rows;
  /// Per thread, those of all threads: once a barrier has been for some of them.
  std::vector<uint32_t> wideRows;
  bool isWide = false;
  Barrier barriers[16];
  /// Per thread, its clock at its latest fence in this epoch; 0: none.
  std::vector<uint32_t> fences;
  llvm::DenseMap<uint64_t, std::vector<uint32_t>> left;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_CLOCKS_H
