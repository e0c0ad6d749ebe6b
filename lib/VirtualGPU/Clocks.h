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

#include "llvm/ADT/ArrayRef.h"
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
  /// Agents have clocks as threads have, but no barrier waits for them.
  explicit Clocks(unsigned numThreads, unsigned numAgents = 0);

  unsigned agent(unsigned number) const { return firstAgent + number; }

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

  /// What a thread that arrives at an mbarrier object knows becomes known to those who wait
  /// for the end of the phase.
  void arriveAtPhase(uint32_t object, unsigned thread);
  void completePhase(uint32_t object);
  void waitForPhase(uint32_t object, unsigned thread);
  /// The thread learns what another one (or an agent) knows.
  void learn(unsigned thread, unsigned other);

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

  /// What those brought along who arrived in the present phase, and in earlier ones.
  struct Phases {
    std::vector<uint32_t> brought, known;
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
  void addKnowledge(unsigned thread, llvm::ArrayRef<uint32_t> more);
  /// Adds what a thread knows to `joint`, and that its own clock was `own`.
  void gather(std::vector<uint32_t> &joint, unsigned thread, uint32_t own) const;
  void gather(std::vector<uint32_t> &joint, unsigned thread) const {
    gather(joint, thread, clocks[thread]);
  }

  static constexpr unsigned width = warpSize;
  /// Of threads, then of agents in a warp of their own.
  const unsigned numWarps, firstAgent, numThreads;
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
  llvm::DenseMap<uint32_t, Phases> phases;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_CLOCKS_H
