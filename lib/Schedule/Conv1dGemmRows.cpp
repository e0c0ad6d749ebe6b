//===- Conv1dGemmRows.cpp - Matrix products on rows as they lie in memory -===//
//
// A block computes block_m output channels of one group x block_n positions of
// one batch element. In steps of block_k input channels, the rows of x and of
// the weights that it needs are copied to shared memory as they lie in global
// memory, in groups of up to 16 bytes and ahead of the computation.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "Conv1dGemmCost.h"
#include "Conv1dOrders.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dRows.h"
#include "poolc/Schedule/Conv1dStaging.h"

#include <algorithm>

using namespace poolc;

/// Sums that a thread holds at most; with more, few registers are left for
/// operands.
static constexpr int64_t maxElementsPerThread = 64;

/// Copies that a thread makes in a step at most; their addresses and conditions
/// stay in registers over the loop.
static constexpr int64_t maxCopiesPerThread = 24;

/// Channels that one instruction of the tensor cores sums: 32 bytes of them.
static int64_t channelsPerInstruction(const Conv1dProblem &problem) {
  return 32 / sizeInBytes(problem.type);
}

static llvm::Error applies(const Conv1dProblem &problem, const GPU &) {
  if (!canUseTensorCores(problem))
    return llvm::createStringError("expected a precision of tensor cores, got ieee");
  if (Conv1dRows::vectorOfX(problem) == 0)
    return llvm::createStringError("expected rows of x of a multiple of 4 bytes, got " +
                                   llvm::Twine(problem.window.size) + " elements of " +
                                   toString(problem.type));
  if (Conv1dRows::vectorOfWeights(problem) == 0)
    return llvm::createStringError("expected rows of weights of a multiple of 4 bytes, got " +
                                   llvm::Twine(problem.taps()) + " elements of " +
                                   toString(problem.type));
  return llvm::Error::success();
}

static AlgorithmRules rules(const Conv1dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxBlock = 256, maxBlockK = 64, maxStages = 4;
  return {"gemm_rows",
          {{"block_m", maxBlock, 16},
           {"block_n", maxBlock, 8},
           {"block_k", maxBlockK, channelsPerInstruction(problem)},
           {"num_warps", maxWarpsPerBlock(gpu)},
           {"num_stages", maxStages, 1, /*anyNumber=*/true}},
          maxElementsPerThread,
          {"block_m", "block_n"}};
}

static llvm::Error check(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  constexpr int64_t fragment = 16 * 8;
  int64_t tile = schedule.blockM * schedule.blockN;
  if (tile < fragment * schedule.numWarps)
    return llvm::createStringError(
        "expected a tile of at least " + llvm::Twine(fragment * schedule.numWarps) + " elements (" +
        llvm::Twine(fragment) + " for each of num_warps=" + llvm::Twine(schedule.numWarps) +
        "), got " + llvm::Twine(tile));
  Conv1dRows rows(problem, schedule);
  int64_t copies = rows.copiesPerThread(schedule, gpu);
  if (copies > maxCopiesPerThread)
    return llvm::createStringError("expected at most " + llvm::Twine(maxCopiesPerThread) +
                                   " copies by each thread in a step, got " + llvm::Twine(copies) +
                                   "; more warps or smaller blocks need fewer");
  int64_t used = rows.sharedBytes(schedule, problem.type);
  if (used > gpu.maxSharedBytesPerBlock)
    return llvm::createStringError("expected at most " + llvm::Twine(gpu.maxSharedBytesPerBlock) +
                                   " bytes of shared memory, got " + llvm::Twine(used) +
                                   "; smaller blocks or fewer stages need less");
  return llvm::Error::success();
}

namespace {
/// Tiles in order of preference, with as many stages as fit.
class Candidates {
public:
  Candidates(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted) {}

  llvm::SmallVector<Schedule> make() {
    // Large enough to reuse operands, small enough for two blocks per SM, one of
    // which computes while the other starts or ends.
    for (auto [m, n] : {std::pair<int64_t, int64_t>{128, 128},
                        {128, 64},
                        {64, 128},
                        {64, 64},
                        {128, 32},
                        {64, 32},
                        {32, 32},
                        {16, 32}})
      add(m, n);
    if (result.empty())
      result.push_back(complete(16, 32, leastBlockK(), 1));
    return std::move(result);
  }

private:
  int64_t leastBlockK() const { return channelsPerInstruction(problem); }

  void add(int64_t m, int64_t n) {
    for (int64_t blocksPerSM : {2, 1})
      for (int64_t stages : {3, 2}) {
        Schedule schedule = complete(m, n, leastBlockK(), stages);
        if (llvm::is_contained(result, schedule))
          return;
        llvm::Error error = check(problem, gpu, schedule);
        bool fits = !error && Conv1dRows(problem, schedule).sharedBytes(schedule, problem.type) <=
                                  gpu.sharedBytesPerSM / blocksPerSM -
                                      int64_t(gpu.reservedSharedBytesPerBlock);
        llvm::consumeError(std::move(error));
        if (!fits)
          continue;
        result.push_back(schedule);
        return;
      }
  }

  Schedule complete(int64_t m, int64_t n, int64_t k, int64_t stages) {
    Schedule schedule = wanted;
    if (!wanted.blockM)
      schedule.blockM = std::max<int64_t>(16, powerOfTwoCovering(problem.outPerGroup, m));
    if (!wanted.blockN)
      schedule.blockN = std::max<int64_t>(16, powerOfTwoCovering(problem.outputSize(), n));
    if (!wanted.blockK)
      schedule.blockK = k;
    if (!wanted.numWarps) {
      int64_t lanes = schedule.blockM * schedule.blockN / gpu.warpSize;
      schedule.numWarps =
          std::clamp<int64_t>(lanes / maxElementsPerThread, 1, maxWarpsPerBlock(gpu));
    }
    if (!wanted.numStages)
      schedule.numStages = stages;
    chooseOrder(conv1dOrders, gpu, schedule,
                [&](const Schedule &schedule) { return makeTileGrid(problem, schedule); });
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
  Conv1dRows rows(problem, schedule);
  GemmSteps steps;
  steps.steps = rows.steps;
  steps.taps = problem.window.kernel;
  steps.span = rows.span;
  steps.copiesPerThread = rows.copiesPerThread(schedule, gpu);
  steps.vector = std::min(rows.vectorX, rows.vectorW);
  steps.sharedBytes = rows.sharedBytes(schedule, problem.type);
  // Pairs of channels are put together from two loads.
  steps.loadsPerFragmentX = problem.type == DataType::f32 ? 2 : 4;
  return estimateGemm(problem, gpu, schedule, steps);
}

const Algorithm<Conv1dProblem> poolc::conv1dGemmRows = {
    .name = "gemm_rows",
    .summary = "matrices from shared memory, copied there as they lie in groups of up to 16 bytes",
    .applies = applies,
    .rules = rules,
    .candidates = candidates,
    .check = check,
    .cost = cost};
