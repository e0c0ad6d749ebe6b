//===- Conv1dGemmChunked.cpp - Matrix products of chunks of channels ------===//
//
// `gemm_chunked` has tensor cores read both factors from shared memory by themselves (wgmma):
// weights as gemm_packed packs them, and x in chunks of 16 bytes of channels, where threads
// put it once for all taps, rounded. Four warps have 64 output channels and all positions.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "Conv1dGemmCost.h"
#include "Conv1dGemmStep.h"
#include "Conv1dOverlap.h"
#include "Conv1dWarpgroups.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dChunked.h"
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
           {"block_n", maxBlockN, 16},
           {"block_k", maxBlockK, 32 / sizeInBytes(problem.type)},
           overlap::makeRule(problem),
           {"num_warps", maxWarpsPerBlock(gpu), warpsPerGroup},
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
    for (Tile tile : {Tile{64, 128, 4, 4}, {128, 128, 8, 2}, {64, 64, 4, 4}})
      add(tile);
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
  };

  int64_t leastBlockK() const { return 32 / sizeInBytes(problem.type); }

  void add(const Tile &tile) {
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
      schedule.blockN = std::max<int64_t>(16, powerOfTwoCovering(problem.outputSize(), tile.n));
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
  steps.loadsPerThread = staging.loadsPerThread;
  steps.copiesPerThread = staging.copiesPerThread;
  steps.vector = weights.vectorW;
  steps.sharedBytes = staging.sharedBytes(schedule, problem.type);
  steps.storesPairs = problem.window.outputFactor() % 2 == 0;
  steps.weightBytes =
      schedule.blockT * schedule.blockK * schedule.blockM * sizeInBytes(problem.type);
  KernelCost cost = estimateGemm(problem, gpu, schedule, steps);
  // The loads of a step have but the products of the one before to arrive.
  cost.dependentTrips = double(steps.steps);
  int64_t most = staging.isForTwoBlocks ? registersOfTwoBlocks : gpu.maxRegistersPerThread;
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
