//===- Replay.h - An SM runs blocks, clock by clock -------------*- C++ -*-===//
//
// Warps issue in order, one instruction per clock and scheduler, as soon as their
// operands are there and the pipe is free; memory answers by the latencies and rates of
// the table. What each access hits is known before: it comes with the timelines.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_REPLAY_H
#define POOLC_LIB_VIRTUALGPU_TIMING_REPLAY_H

#include "Bandwidth.h"
#include "TimedCode.h"
#include "Timeline.h"
#include "poolc/VirtualGPU/Metrics.h"

#include <array>

namespace poolc::vgpu {

struct ReplayRequest {
  unsigned residentBlocks = 1;
  /// Blocks that the SM runs, one after the other in its slots.
  uint64_t blocks = 1;
  /// SMs that have a block in the last round, of those of the GPU.
  unsigned lastRoundSMs = 1;
  /// Of the whole GPU, in bytes per clock.
  double dramRate = 1, l2Rate = 1, l2WriteRate = 1;
  /// What of DRAM's peak is in use when all of `dramRate` is.
  double dramLoad = 0.95;
};

/// What happened up to some time.
struct ReplayState {
  double clock = 0;
  uint64_t issued = 0;
  /// Clocks of warps: resident, and not issuing for that reason.
  double warpClocks = 0;
  StallClocks stalls = {};
  /// Clocks for which the load/store unit was busy.
  double memoryClocks = 0;
};

struct ReplayResult {
  ReplayState end;
  /// When the blocks were over, in that order.
  std::vector<ReplayState> blockEnds;
  /// Per operation, clocks that warps waited before it.
  std::vector<StallClocks> stallsByOp;
};

/// Runs blocks whose timelines come from `next`, which is called with their number.
class Replay {
public:
  Replay(const Machine &machine, const TimedCode &code, const ReplayRequest &request,
         llvm::ArrayRef<const BlockTimeline *> blocks);

  ReplayResult run();

private:
  static constexpr uint64_t never = ~uint64_t(0);
  struct Value {
    uint64_t ready = 0;
    Stall reason = Stall::wait;
  };
  struct BulkGroup {
    uint64_t read = 0, written = 0;
  };
  struct WarpSlot {
    const WarpTimeline *timeline = nullptr;
    unsigned block = 0;
    size_t segment = 0;
    /// The place in the order of the region, and the operation there.
    uint32_t at = 0, op = 0;
    /// Clock from which the operation may issue, and what it waits for until then.
    uint64_t ready = never;
    Stall reason = Stall::wait;
    /// Clock after the last issue.
    uint64_t since = 0, start = 0;
    uint64_t age = 0;
    std::vector<Value> values;
    /// When the copies of each group will be there, and of the open one.
    std::vector<uint64_t> groups;
    uint64_t openGroup = 0;
    /// And all that were asked for so far.
    uint64_t allCopies = 0;
    /// Likewise of products.
    std::vector<uint64_t> productGroups;
    uint64_t openProducts = 0;
    /// And of copies from shared memory that no warp makes: when they have been read, and written.
    std::vector<BulkGroup> bulkGroups;
    BulkGroup openBulk;
    /// When the last of its loads will have been answered, and what they are of.
    Value loads;
  };
  struct BlockSlot {
    const BlockTimeline *timeline = nullptr;
    unsigned warpsLeft = 0;
    bool isLastRound = false;
    std::vector<uint16_t> arrived;
    /// Warps that wait at each barrier.
    std::vector<std::vector<unsigned>> waiting;
    /// Of phases: when the last arrival so far takes effect.
    std::vector<uint64_t> lastArrival;
    uint64_t start = never;
  };
  struct Scheduler {
    uint64_t free = 0, next = 0;
    std::array<double, numPipes> pipes = {};
    std::vector<unsigned> warps;
    /// The warp that issued last.
    unsigned latest = ~0u;
  };

  void startBlock(unsigned slot, uint64_t now);
  void setShares(double now);
  bool advance(WarpSlot &warp);
  bool enterSegment(WarpSlot &warp);
  void findReady(WarpSlot &warp);
  void schedule(Scheduler &scheduler, uint64_t now);
  double pipeFree(const Scheduler &scheduler, const TimedOp &op) const;
  void issue(Scheduler &scheduler, unsigned index, uint64_t now);
  void account(WarpSlot &warp, const Scheduler &scheduler, const TimedOp &op, uint64_t now);
  void finishWarp(unsigned index, uint64_t now);
  /// When the result is there, and what waits for it until then.
  Value memory(WarpSlot &warp, const TimedOp &op, uint64_t now);
  void product(WarpSlot &warp, Scheduler &scheduler, const TimedOp &op, uint64_t now);
  double fetch(const Access &access, double now);
  double moveAtDram(const Access &access, double now);
  /// A copy that no warp makes.
  void copyBulk(WarpSlot &warp, const TimedOp &op, uint64_t now);
  void arrive(unsigned index, const Access &access, uint64_t now);
  void arriveAtPhase(unsigned index, const Access &access, uint64_t now);
  /// Lets the warp wait for the end of a phase; false: it need not.
  bool waitForPhase(unsigned index, const Access &access, uint64_t answer);
  /// Lets a warp go on that waits at a barrier.
  void resume(unsigned index, uint64_t open);
  const Access &accessOf(const WarpSlot &warp) const;

  const Machine &machine;
  const TimedCode &code;
  const ReplayRequest request;
  llvm::ArrayRef<const BlockTimeline *> blocks;
  unsigned warpsPerBlock;
  uint64_t nextBlock = 0, running = 0, lastRoundRunning = 0;
  uint64_t nextDispatch = 0;
  std::vector<WarpSlot> warps;
  std::vector<BlockSlot> slots;
  std::array<Scheduler, numSchedulers> schedulers;
  double memoryFree = 0;
  /// When the unit that makes copies by itself can begin with another one.
  double copierFree = 0;
  Bandwidth l2, l2Writes, dram;
  ReplayResult result;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_REPLAY_H
