//===- Conv1dGemmChunked.cpp - Matrix products of chunks of channels ------===//
//
// `gemm_chunked` has tensor cores read both factors from shared memory by themselves (wgmma):
// weights as gemm_packed packs them, and x in chunks of 16 bytes of channels, where threads
// put it once for all taps, rounded. Four warps have 64 output channels and all positions.
//
// `gemm_folded` is the same of a convolution whose stride folds to channels: chunks of them are
// neighbours in memory, so that a thread loads and stores 16 bytes at a time.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "Conv1dGemmCost.h"
#include "Conv1dGemmStep.h"
#include "Conv1dOverlap.h"
#include "Conv1dWarpgroups.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dChunked.h"
#include "poolc/Schedule/Conv1dFolded.h"
#include "poolc/Schedule/Conv1dStaging.h"

#include "poolc/Target/Roofline.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;
using namespace poolc::warpgroups;

/// What a thread holds of x between the load and the store.
static constexpr int64_t maxLoadsPerThread = 64;

static llvm::Error applies(const Conv1dProblem &problem, const GPU &gpu) {
  if (llvm::Error error = checkProducts(problem, gpu))
    return error;
  int64_t chunk = 16 / sizeInBytes(problem.type);
  if (problem.inPerGroup == 0 || problem.inPerGroup % chunk != 0)
    return llvm::createStringError("expected a multiple of " + llvm::Twine(chunk) +
                                   " input channels per group (16 bytes), got " +
                                   llvm::Twine(problem.inPerGroup));
  if (problem.outPerGroup % rowsPerWarp != 0)
    return llvm::createStringError("expected a multiple of " + llvm::Twine(rowsPerWarp) +
                                   " output channels per group, got " +
                                   llvm::Twine(problem.outPerGroup));
  return llvm::Error::success();
}

static AlgorithmRules rules(const Conv1dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxBlockM = 256, maxBlockN = 256, maxBlockK = 64, maxStages = 4;
  return {"gemm_chunked",
          {{"block_m", maxBlockM, warpsPerGroup * rowsPerWarp},
           {"block_n", maxBlockN, 16, /*anyNumber=*/true, /*optional=*/false, /*step=*/8},
           {"block_k", maxBlockK, 32 / sizeInBytes(problem.type)},
           overlap::makeRule(problem),
           {"num_warps", maxWarpsPerBlock(gpu), warpsPerGroup},
           {"boxes", 1, 1, /*anyNumber=*/false, /*optional=*/true},
           {"num_stages", maxStages, 1, /*anyNumber=*/true},
           {"split_k", maxParts, 2, /*anyNumber=*/true, /*optional=*/true},
           {"block_t", std::min(problem.window.kernel, maxTapsPerStep), 1, /*anyNumber=*/true}},
          maxElementsPerThread,
          {"block_m", "block_n"},
          /*registersPerElement=*/2};
}

static llvm::Error check(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  if (schedule.blockM < rowsPerWarp * schedule.numWarps)
    return llvm::createStringError("expected block_m of at least " +
                                   llvm::Twine(rowsPerWarp * schedule.numWarps) +
                                   " (16 for each of num_warps=" + llvm::Twine(schedule.numWarps) +
                                   "), got " + llvm::Twine(schedule.blockM));
  if (llvm::Error error = checkParts(problem, schedule))
    return error;
  if (llvm::Error error = overlap::check(problem, schedule))
    return error;
  Conv1dChunked staging(problem, schedule);
  if (llvm::Error error = checkBoxesOfChunks(problem, schedule, staging))
    return error;
  if (staging.weights.stepsOfPart > 1 && schedule.numStages < 2)
    return llvm::createStringError("expected num_stages of at least 2 for " +
                                   llvm::Twine(staging.weights.stepsOfPart) + " steps, got " +
                                   llvm::Twine(schedule.numStages));
  if (staging.loadsPerThread > maxLoadsPerThread)
    return llvm::createStringError("expected at most " + llvm::Twine(maxLoadsPerThread) +
                                   " loads by each thread in one step, got " +
                                   llvm::Twine(staging.loadsPerThread) +
                                   "; more warps or smaller blocks need less");
  if (int64_t needed = staging.registers + staging.loadsPerThread;
      needed > int64_t(gpu.maxRegistersPerThread))
    return llvm::createStringError("expected at most " + llvm::Twine(gpu.maxRegistersPerThread) +
                                   " registers per thread for sums, loads and addresses, got " +
                                   llvm::Twine(needed) +
                                   "; more warps or smaller blocks need less");
  return checkStaged(gpu, staging.sharedBytes(schedule, problem.type), staging.copiesPerThread,
                     maxCopiesPerThread);
}

namespace {
/// Tiles in order of preference, each with the taps, channels and stages that fit best.
class Candidates {
public:
  Candidates(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted) {}

  llvm::SmallVector<Schedule> make() {
    // Four blocks where they wait for memory, else as long products as there are. On an H200 for
    // seven taps, where both take as long, 376 us instead of 388 in TF32.
    constexpr double aboutEqual = 1.15;
    Floor floor = computeFloor(gpu, computeWork(problem), peakTFLOPs(gpu, problem));
    if (floor.memorySeconds < aboutEqual * floor.computeSeconds)
      for (Tile tile : {Tile{64, 256, 4, 2}, {128, 256, 8, 1}})
        add(tile);
    for (Tile tile : {Tile{64, 128, 4, 4}, {128, 128, 8, 2}, {64, 64, 4, 4}}) {
      add(tile);
      addEven(tile);
    }
    addBoxes();
    overlap::append(
        problem, gpu, [&](const Schedule &schedule) { return check(problem, gpu, schedule); },
        result);
    if (result.empty())
      result.push_back(complete({64, 16, 4, 1}, {leastBlockK(), 1, 2}));
    return std::move(result);
  }

private:
  struct Tile {
    int64_t m, n, warps, blocksPerSM;
    /// Whether `n` is what it is, not the most of a power of two.
    bool isEven = false;
  };

  int64_t leastBlockK() const { return 32 / sizeInBytes(problem.type); }

  void add(Tile tile) {
    if (wanted.boxes == 0)
      return addFitting(tile);
    // Channels whose rows are multiples of 16 bytes together may make long steps.
    for (; tile.blocksPerSM > 0; --tile.blocksPerSM)
      addFitting(tile);
  }

  /// Three blocks on an SM whose x the copy engine brings, of many taps and several steps, with all
  /// output channels in a tile, whose weights are then one run. On an H200, 230 us instead of 250
  /// for seven taps of 64 channels in f16, 343 instead of 373 in TF32, 182 instead of 221 for five;
  /// but 84 instead of 76 for 32 channels in two steps, and 594 instead of 537 for three taps.
  void addBoxes() {
    constexpr int64_t fewestTaps = 5, fewestSteps = 4, stages = 2;
    constexpr int64_t rowsOfBox = 8, channels = 64, positions = 256, fewer = 240;
    int64_t kernel = problem.window.kernel;
    if (wanted.boxes != 0 || wanted.algorithm != "gemm_chunked" || kernel < fewestTaps ||
        kernel > maxTapsPerStep || problem.outPerGroup > channels)
      return;
    // Rows that are multiples of 16 bytes together only take registers.
    int64_t rows = rowsOfBoxes(problem);
    Tile tile{channels, rows == 1 ? positions : fewer, warpsPerGroup, 3, /*isEven=*/rows != 1};
    Schedule schedule = complete(tile, {std::max(leastBlockK(), rowsOfBox * rows), kernel, stages});
    schedule.boxes = 1;
    bool isAsMeasured = schedule.blockM == tile.m && schedule.blockN == tile.n &&
                        schedule.numWarps == tile.warps && schedule.numStages == stages &&
                        schedule.blockT == kernel &&
                        problem.inPerGroup >= fewestSteps * schedule.blockK;
    if (isAsMeasured && fits(schedule, tile.blocksPerSM) &&
        Conv1dChunked(problem, schedule).isForThreeBlocks)
      result.push_back(schedule);
  }

  void addFitting(const Tile &tile) {
    for (int64_t taps : tapsPerStep(problem))
      for (int64_t channels : {8, 4, 2, 1})
        for (int64_t stages : {3, 2, 1}) {
          Schedule schedule = complete(tile, {channels * leastBlockK(), taps, stages});
          if (!fits(schedule, tile.blocksPerSM))
            continue;
          if (!llvm::is_contained(result, schedule))
            result.push_back(schedule);
          return;
        }
  }

  /// As many positions as make short rows equal tiles, up to a quarter more: `wgmma` has any
  /// multiple of eight columns. With less blocks on an SM steps are longer. On an H200, 111 us
  /// instead of 130 for three taps of 512 channels in TF32, in two tiles of 301 positions.
  void addEven(Tile tile) {
    constexpr int64_t step = 8;
    int64_t size = problem.outputSize(), most = tile.n + tile.n / 4;
    if (wanted.blockN || problem.hasDynamicAxes() || size == 0)
      return;
    auto padded = [&](int64_t n) { return llvm::divideCeilSigned(size, n) * n; };
    int64_t tiles = llvm::divideCeilSigned(size, most);
    int64_t even = llvm::alignTo(llvm::divideCeilSigned(size, tiles), step);
    if (10 * padded(even) > 9 * padded(powerOfTwoCovering(size, tile.n)) || areTapsFar(even))
      return;
    tile.n = even;
    tile.isEven = true;
    for (; tile.blocksPerSM > 0; --tile.blocksPerSM)
      add(tile);
  }

  /// Whether many more positions are loaded for the taps than a tile has.
  bool areTapsFar(int64_t positions) {
    const Window &window = problem.window;
    return window.stride != 1 || 4 * window.span().value_or(positions) > positions;
  }

  bool fits(const Schedule &schedule, int64_t blocksPerSM) {
    llvm::Error error = check(problem, gpu, schedule);
    bool fits = !error && Conv1dChunked(problem, schedule).sharedBytes(schedule, problem.type) <=
                              sharedBytesForBlocks(gpu, blocksPerSM);
    llvm::consumeError(std::move(error));
    return fits;
  }

  Schedule complete(const Tile &tile, const GemmStep &step) {
    Schedule schedule = wanted;
    if (!wanted.blockM)
      schedule.blockM = std::max<int64_t>(64, powerOfTwoCovering(problem.outPerGroup, tile.m));
    if (!wanted.blockN)
      schedule.blockN =
          tile.isEven ? tile.n
                      : std::max<int64_t>(16, powerOfTwoCovering(problem.outputSize(), tile.n));
    if (!wanted.numWarps)
      schedule.numWarps = chooseWarps(gpu, schedule, schedule.blockM, tile.warps);
    chooseStep(problem, gpu, wanted, step, leastBlockK(), schedule);
    return schedule;
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  llvm::SmallVector<Schedule> result;
};
} // namespace

static llvm::SmallVector<Schedule> candidates(const Conv1dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  return Candidates(problem, gpu, wanted).make();
}

static KernelCost cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  Conv1dChunked staging(problem, schedule);
  const Conv1dPacked &weights = staging.weights;
  GemmSteps steps;
  steps.steps = weights.stepsOfPart;
  steps.ofWarpgroups = steps.ofChunks = true;
  steps.taps = schedule.blockT;
  steps.tapsInUse = double(problem.window.kernel) / double(weights.tapSteps * schedule.blockT);
  steps.loadsPerThread =
      isFolded(schedule) ? staging.loadsPerThread / staging.chunk : staging.loadsPerThread;
  steps.copiesPerThread = staging.copiesPerThread;
  steps.vector = weights.vectorW;
  steps.sharedBytes = staging.sharedBytes(schedule, problem.type);
  steps.storesPairs = problem.window.outputFactor() % 2 == 0;
  steps.weightBytes =
      schedule.blockT * schedule.blockK * schedule.blockM * sizeInBytes(problem.type);
  KernelCost cost = estimateGemm(problem, gpu, schedule, steps);
  cost.wavefronts *= waitForFewChannels(problem, gpu);
  // The loads of a step have but the products of the one before to arrive.
  cost.dependentTrips = double(steps.steps);
  int64_t most = staging.isForTwoBlocks     ? registersOfTwoBlocks
                 : staging.isForThreeBlocks ? Conv1dChunked::registersOfThreeBlocks
                                            : gpu.maxRegistersPerThread;
  cost.registersPerThread = std::min(most, staging.registers + staging.loadsPerThread);
  // What ptxas takes beside the sums; loads wait for each other rather than for registers. On an
  // H200, one block on an SM was expected of 128 x 128 in TF32, and two came.
  constexpr int64_t registersBesideSums = 56;
  cost.likelyRegisters =
      std::min(cost.registersPerThread, sumsPerThread(schedule) + registersBesideSums);
  addPacking(problem, schedule, weights, cost);
  addParts(problem, gpu, schedule, cost);
  overlap::addParts(problem, gpu, schedule, cost);
  addEnd(problem, gpu, schedule, cost);
  return cost;
}

const Algorithm<Conv1dProblem> poolc::conv1dGemmChunked = {
    .name = "gemm_chunked",
    .summary = "matrices of packed weights and of chunks of channels, both read by tensor cores",
    .applies = applies,
    .rules = rules,
    .candidates = candidates,
    .check = check,
    .cost = cost,
    .takesDynamicAxes = true};

static llvm::Error appliesFolded(const Conv1dProblem &problem, const GPU &gpu) {
  if (llvm::Error error = checkFolds(problem))
    return error;
  return applies(fold(problem), gpu);
}

static AlgorithmRules foldedRules(const Conv1dProblem &problem, const GPU &gpu) {
  AlgorithmRules folded = rules(fold(problem), gpu);
  folded.algorithm = "gemm_folded";
  return folded;
}

static llvm::Error checkFolded(const Conv1dProblem &problem, const GPU &gpu,
                               const Schedule &schedule) {
  if (schedule.boxes != 0)
    return llvm::createStringError("expected no boxes of folded positions");
  if (schedule.blockK % problem.window.stride != 0)
    return llvm::createStringError("expected block_k of a multiple of the stride, " +
                                   llvm::Twine(problem.window.stride) + ", got " +
                                   llvm::Twine(schedule.blockK));
  return check(fold(problem), gpu, schedule);
}

static llvm::SmallVector<Schedule> foldedCandidates(const Conv1dProblem &problem, const GPU &gpu,
                                                    const Schedule &wanted) {
  return Candidates(fold(problem), gpu, wanted).make();
}

static KernelCost foldedCost(const Conv1dProblem &problem, const GPU &gpu,
                             const Schedule &schedule) {
  // Loads of 16 bytes are hidden; what is left of a step is its barrier. On an H200, 87 us for 256
  // folded channels of 32 in steps of 64, 90 of 32 and 110 of 16.
  constexpr double cyclesOfBarrier = 1000;
  Conv1dProblem folded = fold(problem);
  KernelCost result = cost(folded, gpu, schedule);
  result.serialCycles +=
      cyclesOfBarrier * double(Conv1dChunked(folded, schedule).weights.stepsOfPart);
  return result;
}

const Algorithm<Conv1dProblem> poolc::conv1dGemmFolded = {
    .name = "gemm_folded",
    .summary = "gemm_chunked, with the positions of a stride as channels",
    .applies = appliesFolded,
    .rules = foldedRules,
    .candidates = foldedCandidates,
    .check = checkFolded,
    .cost = foldedCost};
