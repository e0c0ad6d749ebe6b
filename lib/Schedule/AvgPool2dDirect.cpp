//===- AvgPool2dDirect.cpp - Pooling without staging ----------------------===//
//
// A block computes block_p planes x block_h x block_w outputs, each thread up to
// 16 of them, from window taps read straight from global memory.
//
//===----------------------------------------------------------------------===//

#include "poolc/Schedule/AvgPool2dDirect.h"

#include "poolc/Schedule/AvgPool2dColumns.h"

#include "Algorithms.h"
#include "Footprint.h"
#include "Rules.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

static constexpr int64_t maxElementsPerThread = 16;

/// Threads of a block where nothing speaks for another number: enough warps to
/// hide latencies, few enough that many blocks share an SM.
static constexpr int64_t usualThreads = 128;

/// Grid mappings, the plain 3-D one first; axes are flattened only where a
/// limit forces it. Neighbouring blocks read neighbouring columns.
static constexpr llvm::StringRef orders[] = {"w.h.p", "wh.p", "whp"};

static AlgorithmRules rules(const AvgPool2dProblem &, const GPU &gpu) {
  AlgorithmRules rules{"direct", {}, maxElementsPerThread, {"block_p", "block_h", "block_w"}};
  int64_t maxBlock = maxTileElements(rules, gpu, maxWarpsPerBlock(gpu));
  rules.words = {{"block_p", maxBlock}, {"block_h", maxBlock},
                 {"block_w", maxBlock}, {"num_warps", maxWarpsPerBlock(gpu)},
                 {"num_stages", 1},     {"vector", 1}};
  return rules;
}

/// The tile width that leaves the fewest idle lanes at the right edge; among
/// equals the widest, for the longest runs of neighbouring reads.
static int64_t chooseBlockW(int64_t outputs, int64_t room, int64_t warpSize) {
  if (outputs <= warpSize || room <= warpSize)
    return powerOfTwoCovering(outputs, room);
  int64_t best = warpSize, bestCovered = llvm::alignTo(outputs, warpSize);
  for (int64_t block = 2 * warpSize; block <= room; block *= 2) {
    int64_t covered = llvm::alignTo(outputs, block);
    if (covered <= bestCovered) {
      best = block;
      bestCovered = covered;
    }
  }
  return best;
}

namespace {
/// Fills in what `wanted` leaves open.
class Heuristic {
public:
  Heuristic(const AvgPool2dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted), result(wanted), rules(::rules(problem, gpu)) {}

  Schedule decide() {
    result.algorithm = "direct";
    result.numStages = result.vector = 1;
    chooseTile();
    if (wanted.numWarps == 0)
      shrinkForParallelism();
    chooseWarps();
    while (!arrange() && enlarge())
      ;
    return result;
  }

private:
  /// Whether some order makes a grid that the GPU can launch.
  bool arrange() { return chooseOrder(problem, orders, gpu, result); }

  /// One output per thread: w first, what is left to h, then to p.
  void chooseTile() {
    int64_t threads = wanted.numWarps ? wanted.numWarps * gpu.warpSize : usualThreads;
    auto taken = [&] {
      return std::max<int64_t>(1, result.blockP) * std::max<int64_t>(1, result.blockH) *
             std::max<int64_t>(1, result.blockW);
    };
    auto room = [&] { return std::max<int64_t>(1, threads / taken()); };
    if (!wanted.blockW)
      result.blockW = chooseBlockW(problem.outputSize(1), room(), gpu.warpSize);
    if (!wanted.blockH)
      result.blockH = powerOfTwoCovering(problem.outputSize(0), room());
    if (!wanted.blockP)
      result.blockP = powerOfTwoCovering(problem.planes, room());
  }

  /// Smaller blocks while there are fewer than two per SM, down to one warp.
  void shrinkForParallelism() {
    while (blocks() < 2 * int64_t(gpu.numSMs) && tileElements(rules, result) > gpu.warpSize)
      if (!halve(result, wanted, &Schedule::blockP, 1) &&
          !halve(result, wanted, &Schedule::blockH, 1) &&
          !halve(result, wanted, &Schedule::blockW, gpu.warpSize))
        break;
  }

  int64_t blocks() const {
    Schedule flattened = result;
    flattened.order = "whp";
    return llvm::cantFail(makeTileGrid(problem, flattened)).blocks();
  }

  void chooseWarps() {
    if (wanted.numWarps)
      return;
    int64_t warps = llvm::divideCeil(uint64_t(tileElements(rules, result)), gpu.warpSize);
    result.numWarps = std::min(warps, maxWarpsPerBlock(gpu));
  }

  /// A larger tile for a grid that is too large however it is arranged.
  bool enlarge() {
    int64_t warps = wanted.numWarps ? wanted.numWarps : maxWarpsPerBlock(gpu);
    if (tileElements(rules, result) >= maxTileElements(rules, gpu, warps))
      return false;
    bool enlarged = twice(result, wanted, &Schedule::blockP, problem.planes) ||
                    twice(result, wanted, &Schedule::blockH, problem.outputSize(0)) ||
                    twice(result, wanted, &Schedule::blockW, problem.outputSize(1));
    chooseWarps();
    return enlarged;
  }

  const AvgPool2dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  Schedule result;
  AlgorithmRules rules;
};
} // namespace

static llvm::SmallVector<Schedule> candidates(const AvgPool2dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  return {Heuristic(problem, gpu, wanted).decide()};
}

/// Instructions for each tap of each output besides its load and its addition:
/// addresses, and the test whether it lies in the padding.
static constexpr double overheadPerTap = 3.3, overheadPerPaddedTap = 5.7;

/// Instructions of a warp before the first and after the last tap, and for
/// each output.
static constexpr double overheadPerWarp = 20, overheadPerOutput = 3;

/// Loads that the compiler moves ahead of their first use.
static constexpr double loadsAhead = 8;

static bool hasPadding(const AvgPool2dProblem &problem) {
  return llvm::any_of(problem.axis, [](const Window &axis) {
    return axis.padBefore || axis.padAfter || axis.ceilMode;
  });
}

int64_t poolc::directRegisters(const AvgPool2dProblem &problem, const Schedule &schedule) {
  // Taps that are loaded ahead, addresses, conditions.
  constexpr int64_t others = 64, forBorders = 8, forDynamicAxes = 8;
  int64_t elements = schedule.blockP * schedule.blockH * schedule.blockW;
  int64_t perThread = llvm::divideCeilSigned(elements, schedule.numWarps * 32);
  return others + 2 * perThread + (hasPadding(problem) ? forBorders : 0) +
         (problem.hasDynamicAxes() ? forDynamicAxes : 0);
}

static KernelCost cost(const AvgPool2dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  KernelCost cost;
  TileGrid grid = llvm::cantFail(makeTileGrid(problem, schedule));
  const Window &h = problem.axis[0], &w = problem.axis[1];
  double element = sizeInBytes(problem.type);
  double outH = double(problem.outputSize(0)), outW = double(problem.outputSize(1));
  // Averages over whole and cut tiles.
  double tilesH = double(grid.axis('h').tiles), tilesW = double(grid.axis('w').tiles);
  double tilesP = double(grid.axis('p').tiles);
  double rows = touchedElements(h, outH / tilesH),
         rowBytes = touchedRowBytes(w, problem.type, outW / tilesW);
  cost.blocks = grid.blocks();
  cost.warpsPerBlock = schedule.numWarps;
  double planes = double(problem.planes);
  // Neighbouring rows share the sectors at their ends.
  double pitch = double(w.size) * element;
  if (tilesW == 1)
    rowBytes = std::min(rowBytes, pitch);
  cost.l2ReadBytes = planes * tilesH * tilesW * rows * rowBytes;
  cost.dramReadBytes =
      planes * touchedElements(h, outH) * std::min(touchedRowBytes(w, problem.type, outW), pitch);
  cost.l2WriteBytes = cost.dramWriteBytes = planes * outH * outW * element;

  double warps = double(schedule.numWarps);
  double tile = double(schedule.blockP * schedule.blockH * schedule.blockW);
  double perThread = std::max(1.0, tile / (warps * gpu.warpSize));
  // Warps whose outputs all lie outside skip their loads.
  double inside = std::min(1.0, planes * outH * outW / (tilesP * tilesH * tilesW * tile) * 1.1);
  double taps = double(h.kernel) * double(w.kernel);
  double loads = warps * perThread * taps * inside;
  double overhead = hasPadding(problem) ? overheadPerPaddedTap : overheadPerTap;
  cost.memory = loads + warps * perThread;
  cost.fma = loads;
  cost.alu = loads * overhead + warps * (overheadPerWarp + overheadPerOutput * perThread) / 2;
  if (problem.type != DataType::f32)
    cost.special = loads;
  cost.instructions = cost.memory + cost.fma + cost.alu + cost.special +
                      warps * (overheadPerWarp + overheadPerOutput * perThread) / 2;
  double lanesW = std::min<double>(gpu.warpSize, double(schedule.blockW));
  WarpAccess load = accessGlobal(lanesW, element, double(w.stride) * element);
  double runs = gpu.warpSize / lanesW;
  cost.wavefronts = std::max(load.wavefronts * runs / 2, load.wavefronts);
  // Where each lane's tap is in a sector of its own, about one line is served in each cycle: on an
  // H200, rows of 16 such windows took 1.7 times as long as by any other algorithm.
  if (hasFastMemory(gpu) && double(w.stride) * element >= double(sectorBytes))
    cost.wavefronts = std::max(cost.wavefronts, load.lines * runs);
  cost.wavefronts = loads * cost.wavefronts + warps * perThread;

  // Where the lines of all resident blocks do not fit into L1, a tap finds its
  // sector gone although the tap before used it.
  double blocksPerSM = std::min<double>(gpu.maxBlocksPerSM, gpu.maxWarpsPerSM / warps);
  double lineBytes = blocksPerSM * warps * perThread * load.lines * runs * cacheLineBytes;
  double kept = std::min(1.0, gpu.unifiedL1Bytes / lineBytes);
  cost.l2ReadBytes = std::max(cost.l2ReadBytes, (1 - kept) * double(cost.blocks) * loads *
                                                    load.sectors * runs * double(sectorBytes));

  cost.registersPerThread = directRegisters(problem, schedule);
  // Only the first load of a sector waits for memory; the others find it in L1.
  double trips = std::max(1.0, perThread * taps / loadsAhead);
  double sectorsShare = std::min(1.0, rows * rowBytes / double(sectorBytes) /
                                          std::max(1.0, loads * load.sectors * runs));
  cost.dependentTrips = std::max(1.0, trips * std::min(1.0, sectorsShare * 2));
  cost.serialCycles = (trips - std::min(trips, cost.dependentTrips)) * gpu.l1Latency;
  cost.bytesInFlight = rows * rowBytes * double(schedule.blockP) / cost.dependentTrips;
  cost.isStreaming = hasFastMemory(gpu);
  // Each tap is a load of its own.
  cost.avoidable = 2 * 16 / element;
  return cost;
}

const Algorithm<AvgPool2dProblem> poolc::avgPool2dDirect = {
    .name = "direct",
    .summary = "each thread reads the taps of its outputs straight from global memory",
    .applies = nullptr,
    .rules = rules,
    .candidates = candidates,
    .check = nullptr,
    .cost = cost,
    .takesDynamicAxes = true,
    .leastAlignment = 1};
