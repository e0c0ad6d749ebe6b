//===- RaceCheck.h - The race sanitizer -------------------------*- C++ -*-===//
//
// Finds accesses of one place by two threads of a block, at least one of them a
// write, that no barrier orders; and accesses of what an asynchronous copy is
// still writing.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_RACECHECK_H
#define POOLC_LIB_VIRTUALGPU_RACECHECK_H

#include "RaceShadow.h"
#include "Reports.h"

namespace poolc::vgpu {

class RaceCheck {
public:
  RaceCheck(Block &block, Reports &reports)
      : block(block), reports(reports), clocks(block.launch.numThreads, numAgents(block.program)) {}

  void startBlock();
  void instruction(const Warp &warp, const Op &op, uint32_t mask);
  void access(const Warp &warp, const MemoryAccess &access);
  void barrierCompleted(unsigned barrier);
  void met(const Warp &warp, uint32_t lanes) { clocks.meet(warp.index, lanes); }
  void copyLanded(const Warp &warp, const Op &op, unsigned lane, const uint8_t *to, unsigned bytes,
                  std::optional<uint32_t> object);
  void storeMade(const Warp &warp, const BulkStore &store);
  void trackedCopiesWaitedFor(const Warp &warp, unsigned lane, uint32_t agents);
  void arrived(const Warp &warp, const Op &op, unsigned lane, const Phase &phase);
  void phaseCompleted(const Phase &phase) { clocks.completePhase(phase.object); }
  void shareProducts(const Warp &warp, uint64_t group);
  void learnOfProducts(const Warp &warp, uint64_t group);
  void waited(const Warp &warp, const Op &op, unsigned lane, const Phase &phase);

private:
  /// One granule that one lane accesses.
  struct Visit {
    const Warp &warp;
    const MemoryAccess &access;
    unsigned lane;
    Space space;
    /// Of the lane's access, and where the granule is in it.
    uint64_t address;
    unsigned offset;
    Moment now;
    uint32_t op;
    bool isAtomic;
  };

  static unsigned numAgents(const Program &program);
  void synchronize(unsigned thread, const MemoryAccess &access, uint64_t address);
  void visit(RaceCell &cell, const Visit &visit);
  void checkAgainstWrite(const RaceCell &cell, const Visit &visit);
  void checkAgainstReads(const RaceCell &cell, const Visit &visit);
  void checkProxy(const RaceCell &cell, const Visit &visit);
  void recordReads(RaceCell &cell, const Moment &now, uint32_t op, bool isAtomic);
  bool writesSame(const RaceCell::Write &write, const Visit &visit) const;
  void report(const Visit &visit, const char *verb, uint32_t op, unsigned thread,
              const char *otherVerb, unsigned kind);
  uint32_t numberOf(const Op &op) const { return uint32_t(&op - block.program.ops.data()); }

  Block &block;
  Reports &reports;
  Clocks clocks;
  RaceShadow shared, global;
  /// Counts blocks and executions of memory instructions.
  uint32_t blockNumber = 0, execution = 0;
  /// The last execution of a memory instruction before the latest fence.proxy.async.
  uint32_t proxyFence = 0;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_RACECHECK_H
