//===- AvgPool2dSlab.cpp - Pooling from a copied run of memory ------------===//
//
// Rows that do not begin at multiples of 16 bytes, and planes smaller than what
// a warp reads at once, still are one run of memory together: it is copied to
// shared memory 16 bytes at a time, whatever begins where.
//
//===----------------------------------------------------------------------===//

#include "poolc/Schedule/AvgPool2dSlab.h"

#include "poolc/Schedule/AvgPool2dColumns.h"

#include "Algorithms.h"
#include "AvgPool2dCost.h"
#include "Footprint.h"
#include "Rules.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <array>
#include <numeric>

using namespace poolc;
using llvm::Twine;

/// Outputs of a thread at most, whether it sums all at once or writes out a few at a time.
static constexpr int64_t maxOutputsAtOnce = 32, maxOutputsWrittenOut = 64;

static constexpr llvm::StringRef orders[] = {"w.h.p", "wh.p", "w.hp", "whp"};

static llvm::Error applies(const AvgPool2dProblem &problem, const GPU &) {
  constexpr int64_t maxColumns = 1 << 15;
  if (llvm::Error error = checkSmallWindows(problem))
    return error;
  if (problem.axis[1].size > maxColumns || problem.outputSize(1) > maxColumns)
    return llvm::createStringError("expected rows of at most " + Twine(maxColumns) +
                                   " elements, got " + Twine(problem.axis[1].size));
  return llvm::Error::success();
}

static AlgorithmRules rules(const AvgPool2dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxBlock = 1 << 15;
  int64_t outputs = std::max<int64_t>(problem.outputSize(1), 1);
  int64_t bytes = sizeInBytes(problem.type);
  return {.algorithm = "slab",
          .words = {{"block_p", maxBlock, 1, /*anyNumber=*/true},
                    {"block_h", maxBlock, 1, /*anyNumber=*/true},
                    {"block_w", outputs, outputs, /*anyNumber=*/true},
                    {"num_warps", gpu.maxThreadsPerBlock / gpu.warpSize},
                    {"num_stages", 1},
                    {"vector", problem.maxVector(), std::max<int64_t>(4 / bytes, 1)}},
          .tileWords = {}};
}

static llvm::Error check(const AvgPool2dProblem &original, const GPU &gpu,
                         const Schedule &schedule) {
  AvgPool2dProblem problem = tiledProblem(original, schedule);
  if (schedule.blockP > 1 && schedule.blockH < problem.outputSize(0))
    return llvm::createStringError(
        "expected block_h of at least the " + Twine(problem.outputSize(0)) +
        " rows of outputs for several planes, got block_h=" + Twine(schedule.blockH) +
        " for block_p=" + Twine(schedule.blockP));
  AvgPool2dSlab slab(problem, schedule);
  if (llvm::Error error = checkSharedBytes(gpu, slab.sharedBytes,
                                           " (block_p=" + Twine(schedule.blockP) +
                                               " * block_h=" + Twine(schedule.blockH) + ")"))
    return error;
  int64_t threads = schedule.numWarps * gpu.warpSize;
  int64_t perThread =
      llvm::divideCeilSigned(schedule.blockP * schedule.blockH * schedule.blockW, threads);
  int64_t most = slab.sumsRowsFirst ? maxOutputsWrittenOut : maxOutputsAtOnce;
  if (perThread > most)
    return llvm::createStringError("expected at most " + Twine(most) + " outputs for each of " +
                                   Twine(threads) + " threads, got " + Twine(perThread));
  return checkRegisters(gpu, schedule, slab.registers,
                        Twine(slab.elementsPerThread) + " elements of each");
}

/// Planes after which another one begins at a multiple of `alignment` bytes.
static int64_t planesToAlign(const AvgPool2dProblem &problem, int64_t alignment) {
  int64_t bytes =
      saturatingProduct({problem.axis[0].size, problem.axis[1].size, sizeInBytes(problem.type)});
  return alignment / std::gcd(bytes, alignment);
}

/// At most so many planes, if possible so many that each block's run begins at a sector, or at
/// least where an access may begin: then a power of two, as lanes are.
static int64_t alignPlanes(const AvgPool2dProblem &problem, int64_t most, int64_t accessBytes) {
  for (int64_t alignment : {int64_t(sectorBytes), accessBytes})
    if (int64_t planes = planesToAlign(problem, alignment); planes <= most)
      return llvm::bit_floor(uint64_t(most));
  return most;
}

/// Whether all blocks' runs begin at sectors.
static bool runsAreAligned(const AvgPool2dProblem &problem, const Schedule &schedule) {
  bool planes = schedule.blockP % planesToAlign(problem, sectorBytes) == 0;
  if (schedule.blockH >= problem.outputSize(0) || problem.axis[0].padBefore != 0)
    return planes;
  int64_t rowBytes = saturatingProduct({problem.axis[1].size, sizeInBytes(problem.type)});
  return planes && schedule.blockH * problem.axis[0].stride * rowBytes % sectorBytes == 0;
}

/// Planes and warps of a block that sums windows' rows first.
static void chooseForRowsFirst(const AvgPool2dProblem &problem, const Schedule &wanted,
                               Schedule &result) {
  Schedule inLanes = result;
  if (!wanted.blockP)
    inLanes.blockP = llvm::bit_floor(uint64_t(result.blockP));
  AvgPool2dSlab slab(problem, inLanes);
  if (!slab.sumsRowsFirst)
    return;
  result = inLanes;
  // More warps than hold rows of windows would only copy, and more than four wait long for each
  // other: on an H200, eight took 2 to 5 % more time for planes of 35 x 35 and 17 x 17.
  constexpr int64_t mostWarps = 4;
  if (!wanted.numWarps)
    result.numWarps = std::min<int64_t>(
        {result.numWarps, mostWarps, int64_t(llvm::bit_floor(uint64_t(slab.rowWarps)))});
}

/// About so many bytes of the run in a block of so many threads.
static Schedule decideFor(const AvgPool2dProblem &original, const GPU &gpu, const Schedule &wanted,
                          int64_t threads, int64_t bytes) {
  AvgPool2dProblem problem = original.withMergedRows();
  const Window &h = problem.axis[0], &w = problem.axis[1];
  Schedule result = wanted;
  result.algorithm = "slab";
  result.numStages = 1;
  if (!wanted.numWarps)
    result.numWarps = threads / gpu.warpSize;
  if (!wanted.vector)
    result.vector = problem.maxVector();
  if (!wanted.blockW)
    result.blockW = std::max<int64_t>(problem.outputSize(1), 1);
  int64_t elements = bytes / sizeInBytes(problem.type),
          rows = std::max<int64_t>(elements / w.size, 1);
  int64_t outputs = std::max<int64_t>(problem.outputSize(0), 1);
  if (!wanted.blockH) {
    int64_t fit = rows < h.kernel ? 1 : (rows - h.kernel) / h.stride + 1;
    bool isWhole = fit >= outputs || wanted.blockP > 1;
    result.blockH = isWhole ? outputs : llvm::divideCeil(outputs, llvm::divideCeil(outputs, fit));
  }
  if (!wanted.blockP) {
    int64_t fit = result.blockH >= outputs ? std::max<int64_t>(1, rows / h.size) : 1;
    fit = std::min<int64_t>(fit, powerOfTwoCovering(problem.planes, 1 << 15));
    result.blockP = alignPlanes(problem, fit, result.vector * sizeInBytes(problem.type));
  }
  chooseForRowsFirst(problem, wanted, result);
  chooseOrder(original, orders, gpu, result);
  return result;
}

static bool rowsBeginAnywhere(const AvgPool2dProblem &problem) {
  return problem.axis[1].size % problem.maxVector() != 0;
}

static llvm::SmallVector<Schedule> candidates(const AvgPool2dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  llvm::SmallVector<Schedule> result;
  auto add = [&](int64_t threads, int64_t bytes) {
    Schedule schedule = decideFor(problem, gpu, wanted, threads, bytes);
    if (!llvm::is_contained(result, schedule))
      result.push_back(std::move(schedule));
  };
  // The first of those that are predicted alike is taken: blocks of fewer warps wait less for each
  // other, which shows where memory is fast.
  // Threads that copy less leave room for others.
  std::array<int64_t, 3> inOrder = {256, 128, 512};
  std::array<int64_t, 4> bytesInOrder = {12 << 10, 6 << 10, 24 << 10, 48 << 10};
  if (hasFastMemory(gpu)) {
    std::swap(inOrder[0], inOrder[1]);
    std::swap(bytesInOrder[0], bytesInOrder[1]);
  }
  for (int64_t threads : inOrder)
    for (int64_t bytes : bytesInOrder)
      add(threads, bytes);
  // There, blocks of two warps have little to do that does not depend on how much they read, and
  // many are resident. Of single windows, most threads have nothing to add after the copy.
  bool isOneWindow = problem.outputSize(0) <= 1 && problem.outputSize(1) <= 1;
  if (hasFastMemory(gpu) && rowsBeginAnywhere(problem) && !isOneWindow)
    for (int64_t bytes : {6 << 10, 8 << 10, 12 << 10})
      add(64, bytes);
  return result;
}

/// In how many parts a warp's loads of what was copied are served, where it sums columns first.
static double countRunConflicts(const AvgPool2dProblem &problem, const Schedule &schedule,
                                const AvgPool2dSlab &slab) {
  llvm::SmallVector<int64_t, 4> read{schedule.blockP, slab.length * slab.phases};
  llvm::SmallVector<int64_t, 4> lanes = spreadLanes(read);
  int64_t perPlane = problem.axis[0].size * problem.axis[1].size;
  // Two elements of 16 bits are in one word.
  int64_t perWord = sizeInBytes(DataType::f32) / sizeInBytes(problem.type);
  lanes[1] = llvm::divideCeilSigned(lanes[1], perWord);
  read[1] = llvm::divideCeilSigned(read[1], perWord);
  return double(countBankConflicts(lanes, {perPlane / perWord, 1}, 1, read));
}

/// What ptxas leaves of addresses and conditions, and of elements, which need not all be there at
/// once: of 870 kernels, within 17 % on average.
static int64_t likelyRegisters(const AvgPool2dSlab &slab) {
  constexpr int64_t others = 24;
  int64_t elements = std::max(slab.elementsPerThread, slab.step.registers);
  return std::min(slab.registers, others + elements * 3 / 5);
}

static KernelCost cost(const AvgPool2dProblem &original, const GPU &gpu, const Schedule &schedule) {
  AvgPool2dProblem problem = tiledProblem(original, schedule);
  AvgPool2dSlab slab(problem, schedule);
  const Window &h = problem.axis[0], &w = problem.axis[1];
  double elementBytes = sizeInBytes(problem.type);
  KernelCost cost = beginCost(original, gpu, schedule);
  cost.registersPerThread = slab.registers;
  cost.sharedBytesPerBlock = slab.sharedBytes;

  double warps = schedule.numWarps;
  double copied = ((schedule.blockP - 1) * h.size + slab.copiedRows) * w.size * elementBytes;
  // Of runs that begin within a sector, each request shares one with the next.
  double requestBytes = double(gpu.warpSize) * double(schedule.vector) * elementBytes;
  double shared =
      runsAreAligned(problem, schedule) ? 0 : sectorBytes * std::max(1.0, copied / requestBytes);
  // Rows that neighbouring blocks read too are in the L2 most of the time.
  constexpr double missedAgain = 0.05;
  addReads(original, double(cost.blocks) * (copied + shared), missedAgain, cost);

  double copies = copied / (schedule.vector * elementBytes) / (warps * gpu.warpSize);
  double loads = slab.elementsPerThread, sums = loads / slab.rows * schedule.blockH;
  double tile = double(schedule.blockP) * schedule.blockH * schedule.blockW;
  double perThread = tile / (warps * gpu.warpSize);
  // Rows of 35 windows take 64 lanes.
  if (hasFastMemory(gpu) && schedule.blockW > gpu.warpSize)
    perThread = std::max(perThread, slab.step.repeats);
  double taps = perThread * w.kernel;
  double ofRun = 1, ofSums = 1, ofTaps = 1;
  if (slab.sumsRowsFirst) {
    // Of the warps that have windows: all loads are of taps; results are shared, and read and
    // stored 16 bytes at a time.
    double share = double(slab.rowWarps) / warps;
    loads = share * double(slab.tapRows * w.kernel);
    sums = share * schedule.blockH;
    perThread = 2 * tile / (warps * gpu.warpSize * problem.maxVector());
    taps = 0;
  } else {
    ofRun = countRunConflicts(problem, schedule, slab);
    ofSums = double(slab.conflictsOfSums);
    ofTaps = double(slab.conflictsOfTaps);
  }
  // Elements of 16 bits are loaded one by one, as words are, and put in their places besides: as
  // measured on an H200.
  constexpr double forHalves = 1.2;
  double ofHalves = hasFastMemory(gpu) && problem.type != DataType::f32 ? forHalves : 1;
  cost.memory = warps * (copies + ofHalves * loads + sums + perThread + taps + 3);
  cost.fma = warps * (loads + taps + (slab.sumsRowsFirst ? sums * h.kernel : 0));
  cost.special = problem.type == DataType::f32 ? 0 : warps * loads;
  cost.alu = warps * (60 + copies * 4 + perThread * 4);
  cost.instructions = cost.memory + cost.fma + cost.special + cost.alu;
  cost.wavefronts = warps * (copies * 8 + ofHalves * loads * ofRun + sums * ofSums + taps * ofTaps +
                             perThread * (slab.sumsRowsFirst ? 4 : 1));
  // As much again as for all that is read twice.
  constexpr double forShared = 10;
  cost.avoidable +=
      avoidableConflicts(gpu, ofRun + ofSums + ofTaps - 3) + forShared * shared / copied;
  cost.bytesInFlight = 0.5 * copied;
  if (hasFastMemory(gpu))
    cost.likelyRegisters = likelyRegisters(slab);
  return cost;
}

const Algorithm<AvgPool2dProblem> poolc::avgPool2dSlab = {
    .name = "slab",
    .summary = "blocks copy whole rows or planes as one run of memory, then sum from there",
    .applies = applies,
    .rules = rules,
    .candidates = candidates,
    .check = check,
    .cost = cost,
    // The least that is copied asynchronously.
    .leastAlignment = 4};
