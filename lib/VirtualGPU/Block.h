//===- Block.h - A block of threads and its warps ---------------*- C++ -*-===//
//
// The state of one running block. A warp is split into paths, each a set of
// lanes with its own program counter; paths that part at a branch merge at its
// post-dominator, and one that waits lets the others run, as on Volta and later.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_BLOCK_H
#define POOLC_LIB_VIRTUALGPU_BLOCK_H

#include "AsyncCopy.h"
#include "BulkCopy.h"
#include "MBarrier.h"
#include "Memory.h"
#include "Observer.h"
#include "Program.h"
#include "Tensor.h"
#include "WaitWatch.h"
#include "Warpgroup.h"

#include "llvm/ADT/SmallVector.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace poolc::vgpu {

class Block;

enum class PathState : uint8_t { ready, barrier, collective, phase, products };

/// Lanes of a warp that execute together.
struct Path {
  uint32_t pc;
  uint32_t mask;
  /// The merge point ahead: index into Warp::merges, or none.
  uint32_t merge;
  PathState state = PathState::ready;
  /// The barrier that it waits for, if it does.
  uint32_t barrier = 0;
};

/// Where the paths of a divergent branch meet again.
struct Merge {
  uint32_t pc;
  uint32_t parent;
  /// Lanes that will come, and those that are there. Expected 0: free.
  uint32_t expected;
  uint32_t arrived;
  /// For how many turns of the warp those that are there have waited since the last came.
  uint32_t turns;
};

struct Warp {
  template <typename T> T *reg(uint32_t offset) const {
    return reinterpret_cast<T *>(registers + offset);
  }
  uint32_t predicate(uint32_t offset) const { return *reg<uint32_t>(offset); }

  Block *block = nullptr;
  uint8_t *registers = nullptr;
  /// Local memory of lane 0; that of lane i is i * Program::localBytes further.
  uint8_t *local = nullptr;
  unsigned index = 0;
  /// Lanes that exist and have not exited.
  uint32_t live = 0;
  llvm::SmallVector<Path, 4> paths;
  llvm::SmallVector<Merge, 4> merges;
  AsyncCopies asyncCopies;
  AsyncProducts products;
  BulkStores bulkStores;
  /// Lanes that take part in the present collective instruction.
  uint32_t meeting = 0;
  /// After how many turns lanes that wait at a merge go on without the others: these may
  /// be looking around for something that only the lanes which wait will do.
  static constexpr uint32_t patience = 8;
  /// What the lanes of a collective instruction hand each other.
  alignas(64) uint64_t exchange[warpSize];
};

/// A barrier of the block (bar.sync 0 to 15).
struct Barrier {
  /// Lanes that arrived, per warp.
  llvm::SmallVector<uint32_t, 32> arrived;
  /// Threads that must arrive; 0: all live ones.
  uint32_t expected = 0;
  /// Reduction over the predicates of bar.red.
  uint32_t count = 0;
  bool all = true, any = false;
  bool active = false;
};

struct BlockCounts {
  uint64_t warpInstructions = 0;
  uint64_t threadInstructions = 0;
};

/// Everything of a launch that its blocks share.
struct LaunchContext {
  const Program *program;
  GlobalMemory *memory;
  const GPU *gpu;
  /// Makes the observer of a block; empty: none is wanted.
  std::function<std::unique_ptr<Observer>(Block &)> observe;
  /// Waits for phases are counted: each is one test.
  bool countsWaits = false;
  std::vector<uint8_t> parameters;
  uint64_t grid[3];
  uint32_t block[3];
  uint32_t numThreads;
  uint32_t sharedBytes, dynamicSharedBytes;
  uint64_t instructionLimit;
  uint64_t seed;
  TensorArithmetic tensor;
};

class Block {
public:
  enum class Status { finished, running, faulted };

  explicit Block(const LaunchContext &launch);

  /// Begins the block with that linear index.
  void start(uint64_t index);
  /// Runs about that many more warp-instructions.
  Status run(uint64_t instructions);

  /// The instruction that faulted, and the sanitizer that looks for such faults.
  struct Fault {
    /// "name.ptx:7: error: ", and what comes after it.
    std::string prefix, message;
    const Op *op = nullptr;
    std::optional<Sanitizer> sanitizer;
  };
  const Fault &faultFound() const { return fault; }
  const BlockCounts &counts() const { return executed; }

  // For the handlers of instructions.

  /// Records a fault of a thread at an instruction, which ends the block; the
  /// first one counts.
  void raise(const Warp &warp, const Op &op, unsigned lane, const llvm::Twine &message,
             std::optional<Sanitizer> sanitizer = std::nullopt);
  /// Hands a fault to the observer; if it does not take it, raises it. Returns
  /// whether execution goes on.
  bool report(const Warp &warp, unsigned lane, const Finding &finding, Describe text);
  bool faulted() const { return hasFault; }
  uint64_t clock() const { return executed.warpInstructions; }

  const LaunchContext &launch;
  const Program &program;
  Observer *observer = nullptr;
  uint8_t *shared = nullptr;
  /// What is accessed in place of memory that must not be.
  alignas(64) uint8_t sink[64];
  /// The allocation that each memory instruction hit last.
  std::vector<Allocation *> lastHit;
  uint32_t coordinates[3] = {0, 0, 0};
  /// The place of the block in the grid, counted with x fastest.
  uint64_t number = 0;

  /// The mbarrier objects by their offset in the shared window, and arrivals at them that
  /// are still to be made.
  std::map<uint32_t, MBarrier> mbarriers;
  std::vector<AsyncArrival> asyncArrivals;
  /// Makes those at one object, or all.
  void makeAsyncArrivals(std::optional<uint32_t> object);
  /// Lets those go on that wait for phases which are complete.
  void wakeWaiters();
  bool isWaitedFor(uint32_t object) const;
  /// The warps of that warp's warpgroup.
  llvm::MutableArrayRef<Warp> warpgroupOf(const Warp &warp) {
    return llvm::MutableArrayRef(warps)
        .drop_front(warp.index / warpsPerGroup * warpsPerGroup)
        .take_front(warpsPerGroup);
  }
  /// The warp has closed a group of products: others may have waited for that.
  void productsCommitted(const Warp &warp);

  llvm::ArrayRef<Warp> allWarps() const { return warps; }
  /// The lanes of the warp that exist, exited or not.
  uint32_t lanesOf(const Warp &warp) const {
    return lowLanes(launch.numThreads - warp.index * warpSize);
  }

  // For messages.

  /// "kernel 'k', block (0, 0, 0), thread (1, 0, 0)".
  std::string fullName(const Warp &warp, unsigned lane) const;
  /// "conv.cu:17:3" where the PTX says it, else empty.
  std::string sourceOf(const Op &op) const;

private:
  enum class Stop { quantum, waiting, exited, fault };

  void startWarp(Warp &warp);
  void fillSpecials(Warp &warp);

  Stop runWarp(Warp &warp, uint64_t &quantum);
  template <bool observed> void runPath(Warp &warp, unsigned path, uint64_t &quantum);

  // Paths and merges.
  uint32_t newMerge(Warp &warp, uint32_t pc, uint32_t parent, uint32_t expected);
  void diverge(Warp &warp, unsigned path, uint32_t taken, const Op &op);
  void branchIndexed(Warp &warp, unsigned path, uint32_t mask, const Op &op);
  /// Lets the lanes of the path that are not in `mask` skip the instruction.
  void splitOff(Warp &warp, unsigned path, uint32_t mask);
  void arrive(Warp &warp, unsigned path);
  void exitLanes(Warp &warp, unsigned path, uint32_t mask);
  void completeMerges(Warp &warp);
  bool releaseMerges(Warp &warp, uint32_t patience);

  // Instructions that wait.
  void arriveAtBarrier(Warp &warp, unsigned path, uint32_t mask, const Op &op);
  void completeBarriers();
  bool isComplete(const Barrier &barrier) const;
  void completeBarrier(unsigned id);
  /// Executes a warp-wide instruction if no lane is missing, or faults; else false.
  bool meetsAlone(Warp &warp, uint32_t mask, const Op &op);
  /// Lets the path wait for the lanes that come by other paths.
  void waitForOthers(Warp &warp, unsigned path, uint32_t mask, const Op &op);
  /// Executes the warp-wide instruction for which all lanes now wait, if any.
  void meetAgain(Warp &warp);

  /// Makes copies that were not waited for when all threads have exited, which is a fault.
  void finishBulkStores();

  // Waits for products of a warpgroup (ProductWaits.cpp).
  void waitForProducts(Warp &warp, unsigned path, uint32_t mask, const Op &op);

  // Waits for phases of mbarrier objects (Phases.cpp).
  void waitForPhase(Warp &warp, unsigned path, uint32_t mask, const Op &op);
  /// Ends the wait of a path for the lanes whose phases are complete, or for none.
  void endWait(Warp &warp, Path &path, uint32_t mask, uint32_t complete);
  /// Where nothing else can go on: what is asynchronous takes place; else those that wait may
  /// learn that it was in vain, and look for something else to do.
  bool letWaitersGoOn();
  bool isWaitInVain();
  template <typename F> bool visitState(F visit) const;
  /// What the first lane that waits lacks.
  std::string describeWait(Warp &warp, const Op &op, uint32_t mask);

  void raiseDeadlock();

  std::unique_ptr<Observer> ownObserver;
  std::vector<Warp> warps;
  std::vector<unsigned> runnable;
  std::vector<uint8_t> sharedMemory, localMemory;
  std::vector<uint8_t> registerFiles;
  Barrier barriers[16];
  BlockCounts executed;
  WaitWatch waitWatch;
  /// Instructions on global memory: others may change that.
  uint64_t globalAccesses = 0;
  uint64_t random = 0;
  Fault fault;
  bool hasFault = false;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_BLOCK_H
