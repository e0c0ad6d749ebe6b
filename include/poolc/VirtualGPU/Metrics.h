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

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace poolc::vgpu {

/// Estimated machine instructions and the clocks that they take of the parts of an SM.
/// `tensor`: as the profiler counts the activity of that pipe; `tensorBusy`: until it
/// takes the next product.
struct PipeClocks {
  double issue = 0, alu = 0, fma = 0, fmaHeavy = 0, fp64 = 0, special = 0, memory = 0, tensor = 0;
  double tensorBusy = 0;

  PipeClocks &operator+=(const PipeClocks &other);
};

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
  /// What stores send to the L2, masks included, in units of 16 bytes.
  uint64_t storeUnits = 0;
  /// Steps of the banks of shared memory beyond those without conflicts.
  uint64_t sharedLoadConflicts = 0, sharedStoreConflicts = 0, asyncCopyConflicts = 0;
  /// Loads, stores and cp.async of warps on shared memory.
  uint64_t sharedRequests = 0;
  /// Clocks of each pipe of a scheduler, as the time model counts machine instructions.
  PipeClocks pipes = {};

  BlockCounters &operator+=(const BlockCounters &other);
};

/// Sectors looked up in the caches, and those that were there.
struct CacheCounters {
  uint64_t l1Lookups = 0, l1Hits = 0;
  uint64_t l2Lookups = 0, l2Hits = 0;
};

/// Why a warp does not issue, by Nsight Compute's names; `selected`: it does.
enum class Stall : uint8_t {
  selected,
  wait,
  shortScoreboard,
  longScoreboard,
  barrier,
  mathPipeThrottle,
  lgThrottle,
  mioThrottle,
  notSelected,
};
constexpr unsigned numStalls = unsigned(Stall::notSelected) + 1;
/// Clocks of warps, by reason.
using StallClocks = std::array<double, numStalls>;

/// "long_scoreboard".
llvm::StringRef toString(Stall stall);

/// What the warps of a launch do at one line of the PTX.
struct HotLine {
  unsigned line = 0;
  /// By warps, in the whole grid.
  double executions = 0;
  /// Of memory: requests, the sectors of those of global and local memory, steps of the
  /// banks of shared memory beyond those without conflicts.
  double requests = 0, sectors = 0, conflicts = 0;
  /// Percent of all clocks of warps: that they issue here, and that they wait to.
  StallClocks stalls = {};

  double share() const {
    double sum = 0;
    for (double stall : stalls)
      sum += stall;
    return sum;
  }
};

/// The modelled time of a launch.
struct LaunchTime {
  double nanoseconds = 0;
  /// Clocks of an SM that are in it, launch included.
  double clocks = 0;
  double clockMHz = 0;
  /// Machine instructions that the warps are estimated to have issued.
  double issued = 0;
  /// Percentages of what is possible: of all clocks; of resident warps.
  double smThroughput = 0, dramThroughput = 0, warpsActive = 0;
  /// Per part of the SM's throughput, its name and percentage.
  std::vector<std::pair<std::string, double>> breakdown;
  /// Percent of the warps' clocks.
  StallClocks stalls = {};
  /// What the time is spent on, and how much of it, in percent.
  std::string limiter;
  double limiterShare = 0;
  /// The lines at which warps spend their time, most of it first.
  std::vector<HotLine> hot;
};

/// One launch. Where only some of the blocks ran, the counts are scaled to all.
struct LaunchMetrics {
  std::string kernel;
  uint64_t gridSize = 0, blockSize = 0;
  /// LaunchOptions::programmatic.
  bool programmatic = false;
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
  /// The share of the lines of memory that the models of caches and DRAM followed; where it
  /// is not 1 their counts are estimates.
  double followedLines = 1;
  /// Sectors between L2 and DRAM, for the whole grid.
  double dramReadSectors = 0, dramWriteSectors = 0;
  /// Sectors that missed the L2 and would be counted too often if scaled.
  double unscaledMisses = 0;

  LaunchTime time;
};

/// An object with one entry per metric. Rates without a denominator are left out.
llvm::json::Object toJSON(const LaunchMetrics &metrics);

/// An object per launch, by the kernel's name; "name#2" for its second launch.
llvm::json::Object toJSON(llvm::ArrayRef<LaunchMetrics> launches);

/// Prints that object, fractions with the two decimals that they have.
void printMetrics(llvm::raw_ostream &os, llvm::ArrayRef<LaunchMetrics> launches);

} // namespace poolc::vgpu

#endif // POOLC_VIRTUALGPU_METRICS_H
