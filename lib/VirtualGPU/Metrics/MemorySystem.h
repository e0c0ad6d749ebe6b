//===- MemorySystem.h - Caches between the SMs and DRAM ---------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_MEMORYSYSTEM_H
#define POOLC_LIB_VIRTUALGPU_METRICS_MEMORYSYSTEM_H

#include "DramLedger.h"
#include "poolc/VirtualGPU/Metrics.h"

namespace poolc::vgpu {

/// Sectors of one access to a line: found in the L1, fetched from DRAM, and newly
/// dirty, to be written there.
struct Transfers {
  unsigned l1Hits = 0, fetched = 0, dirtied = 0;
};

/// An L1 per SM, the L2 that they share, and DRAM. All start empty.
class MemorySystem {
public:
  MemorySystem(const GPU &gpu, uint64_t l1Bytes, bool isSampled);

  /// The caches keep what they have: a GPU that gets there has run other blocks.
  void beginRun(unsigned number) { dram.beginRun(number); }
  /// From now on only those lines come, each of which counts for several.
  void follow(const LineSample &lines);
  uint64_t l2Sets() const { return l2.front().sets(); }

  // One line of a request of that SM. Without `counts` the caches change, but
  // nothing is counted.
  Transfers load(unsigned sm, uint64_t line, SectorMask sectors, bool counts);
  Transfers loadAroundL1(unsigned sm, uint64_t line, SectorMask sectors, bool counts);
  Transfers store(unsigned sm, uint64_t line, const LineBytes &bytes, bool counts);
  /// Reads and writes in the L2.
  Transfers atomic(unsigned sm, uint64_t line, const LineBytes &bytes, bool counts);

  const CacheCounters &counters() const { return counted; }
  const DramLedger &ledger() const { return dram; }

private:
  unsigned homeOf(uint64_t line) const;
  /// What the L2s read to write lines back that they gave up: sectors.
  unsigned completed(bool counts);

  const bool readsIncomplete;
  DramLedger dram;
  std::vector<L1Cache> l1;
  std::vector<L2Cache> l2;
  CacheCounters counted;
  uint64_t weight = 1;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_MEMORYSYSTEM_H
