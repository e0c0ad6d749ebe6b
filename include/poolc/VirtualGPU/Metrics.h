//===- Metrics.h - What a launch did to the machine -------------*- C++ -*-===//
//
// Counts of a launch on the virtual GPU, and the report of them under the names
// of Nsight Compute. Definitions: docs/guides/metrics.md.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_VIRTUALGPU_METRICS_H
#define POOLC_VIRTUALGPU_METRICS_H

#include "poolc/Target/Occupancy.h"

#include "llvm/Support/JSON.h"

#include <cstdint>
#include <map>
#include <string>

namespace poolc::vgpu {

/// What the instructions of blocks add up to.
struct BlockCounters {
  /// Of PTX: by warps, and by the threads that were active.
  uint64_t warpInstructions = 0, threadInstructions = 0;
  /// Products of the tensor cores, as many as there are machine instructions.
  uint64_t tensorInstructions = 0;
  /// Instructions on global memory with a thread that takes part, and the distinct
  /// sectors of each; cp.async is a load.
  uint64_t globalLoadRequests = 0, globalLoadSectors = 0;
  uint64_t globalStoreRequests = 0, globalStoreSectors = 0;
  uint64_t globalAtomicRequests = 0, globalAtomicSectors = 0;
  /// Steps of the banks of shared memory beyond those without conflicts.
  uint64_t sharedLoadConflicts = 0, sharedStoreConflicts = 0, asyncCopyConflicts = 0;
  /// Loads, stores and cp.async of warps on shared memory.
  uint64_t sharedRequests = 0;

  BlockCounters &operator+=(const BlockCounters &other);
};

/// Sectors looked up in the caches, and those that were there.
struct CacheCounters {
  uint64_t l1Lookups = 0, l1Hits = 0;
  uint64_t l2Lookups = 0, l2Hits = 0;
};

/// One launch. Where only some of the blocks ran, the counts are scaled to all.
struct LaunchMetrics {
  std::string kernel;
  uint64_t gridSize = 0, blockSize = 0;
  /// Blocks whose counts these are; gridSize if all of them ran.
  uint64_t measuredBlocks = 0;
  unsigned registersPerThread = 0;
  /// The assembler has said so; else estimated from the PTX.
  bool registersAreExact = false;
  uint64_t staticSharedBytes = 0, dynamicSharedBytes = 0;
  Occupancy occupancy;
  double wavesPerSM = 0;
  uint64_t l1Bytes = 0;

  /// What an average block adds up to, times the grid's size.
  double scale = 1;
  BlockCounters blocks;
  /// By buffer: the distinct sectors that each block loads, summed over the blocks.
  std::map<std::string, uint64_t> loadedSectors;
  CacheCounters caches;
  /// Sectors between L2 and DRAM, for the whole grid.
  double dramReadSectors = 0, dramWriteSectors = 0;
  /// Sectors that missed the L2 and would be counted too often if scaled.
  double unscaledMisses = 0;
};

/// An object with one entry per metric. Rates without a denominator are left out.
llvm::json::Object toJSON(const LaunchMetrics &metrics);

/// An object per launch, by the kernel's name; "name#2" for its second launch.
llvm::json::Object toJSON(llvm::ArrayRef<LaunchMetrics> launches);

/// Prints that object, fractions with the two decimals that they have.
void printMetrics(llvm::raw_ostream &os, llvm::ArrayRef<LaunchMetrics> launches);

} // namespace poolc::vgpu

#endif // POOLC_VIRTUALGPU_METRICS_H
