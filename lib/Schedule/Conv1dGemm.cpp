//===- Conv1dGemm.cpp - Convolution as matrix products --------------------===//
//
// A block computes block_m output channels of one group x block_n positions of
// one batch element. Steps of block_k input channels are staged in shared memory
// and multiplied as matrices; on tensor cores for f16, bf16 and the TF32
// precisions. `gemm_slab` stages each value of x once for all taps; `gemm_tap`
// has one tap per step, for windows whose slab does not fit.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "Conv1dGemmCost.h"
#include "Conv1dOrders.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include <algorithm>

using namespace poolc;

static constexpr int64_t maxElementsPerThread = 64;

static AlgorithmRules gemmRules(const Conv1dProblem &problem, const GPU &gpu,
                                llvm::StringRef algorithm) {
  // A matrix of one row or column is a vector; `direct` is for those.
  constexpr int64_t leastBlock = 2, maxBlock = 256, maxBlockK = 64, maxStages = 4;
  bool onTensorCores = canUseTensorCores(problem);
  return {algorithm,
          {{"block_m", maxBlock, onTensorCores ? 16 : leastBlock},
           {"block_n", maxBlock, onTensorCores ? 8 : leastBlock},
           {"block_k", maxBlockK, onTensorCores ? channelsPerInstruction(problem) : leastBlock},
           {"num_warps", maxWarpsPerBlock(gpu)},
           {"num_stages", maxStages, 1, /*anyNumber=*/true},
           {"vector", 1}},
          onTensorCores ? maxElementsPerThread : maxElementsPerThread / 2,
          {"block_m", "block_n"}};
}

/// Each element that a thread copies has an address and conditions of its own,
/// which stay in registers over the loop; more than this make ptxas spill.
static constexpr int64_t maxCopiesPerThread = 56;

/// What holds for the matrix algorithms beyond the rules of single words.
static llvm::Error checkGemm(const Conv1dProblem &problem, const GPU &gpu,
                             const Schedule &schedule) {
  // A warp multiplies fragments of 16 x 8; without tensor cores, each thread
  // has an element.
  int64_t least = canUseTensorCores(problem) ? 16 * 8 : gpu.warpSize;
  if (llvm::Error error = checkElementsPerWarp(schedule, least))
    return error;
  Conv1dStaging staging(problem, schedule);
  int64_t copied = staging.elementsPerThread(schedule, gpu);
  if (copied > maxCopiesPerThread)
    return llvm::createStringError("expected at most " + llvm::Twine(maxCopiesPerThread) +
                                   " elements to be staged by each thread, got " +
                                   llvm::Twine(copied) +
                                   "; more warps, smaller blocks or algorithm=gemm_tap need less");
  return checkSharedBytes(gpu, staging.sharedBytes(schedule, problem.type),
                          "; smaller blocks, fewer stages or algorithm=gemm_tap need less");
}

namespace {
/// Fills in what `wanted` leaves open.
class Heuristic {
public:
  Heuristic(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted), result(wanted) {}

  /// The first combination, the preferred one first, that the target can hold.
  /// `wanted` names the algorithm.
  Schedule decide() {
    chooseTile();
    int64_t preferredWarps = result.numWarps;
    do {
      result.numWarps = preferredWarps;
      do {
        if (chooseStages())
          return arranged();
      } while (!wanted.numWarps && (result.numWarps *= 2) <= maxWarpsPerBlock(gpu));
    } while (halve(result, wanted, &Schedule::blockK, leastBlockK()));
    // The verifier tells what is wrong with it.
    result.numWarps = preferredWarps;
    return arranged();
  }

private:
  /// The most stages that fit, if any do.
  bool chooseStages() {
    // Copies of single 16-bit elements cannot run ahead asynchronously.
    for (int64_t stages = problem.type == DataType::f32 ? 3 : 1; stages > 0; --stages) {
      result.numStages = wanted.numStages ? wanted.numStages : stages;
      llvm::Error error = checkGemm(problem, gpu, result);
      if (!error)
        return true;
      llvm::consumeError(std::move(error));
    }
    return false;
  }

  int64_t leastBlockK() const {
    return canUseTensorCores(problem) ? channelsPerInstruction(problem) : 2;
  }

  Schedule arranged() {
    chooseConv1dOrder(problem, gpu, result);
    return result;
  }

  void chooseTile() {
    constexpr int64_t usualBlock = 128;
    int64_t usualElements = canUseTensorCores(problem) ? 64 : 32;
    bool onTensorCores = canUseTensorCores(problem);
    int64_t least = onTensorCores ? 16 : 2;
    result.vector = 1;
    if (!wanted.blockM)
      result.blockM = std::max(least, powerOfTwoCovering(problem.outPerGroup, usualBlock));
    if (!wanted.blockN)
      result.blockN = std::max<int64_t>(onTensorCores ? 16 : gpu.warpSize,
                                        powerOfTwoCovering(problem.outputSize(), usualBlock));
    if (!wanted.blockK)
      result.blockK =
          std::max(leastBlockK(), powerOfTwoCovering(problem.inPerGroup, 2 * leastBlockK()));
    if (!wanted.numWarps) {
      int64_t lanes = result.blockM * result.blockN / gpu.warpSize;
      result.numWarps = std::clamp<int64_t>(lanes / usualElements, 1, maxWarpsPerBlock(gpu));
    }
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  Schedule result;
};
} // namespace

static llvm::SmallVector<Schedule> candidates(const Conv1dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  return {Heuristic(problem, gpu, wanted).decide()};
}

static KernelCost cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  Conv1dStaging staging(problem, schedule);
  GemmSteps steps;
  steps.steps = staging.steps;
  steps.taps = staging.taps;
  steps.span = staging.span;
  steps.spanStride = staging.spanStride;
  steps.copiesPerThread = staging.elementsPerThread(schedule, gpu);
  // Single elements of 16 bits cannot be copied asynchronously.
  steps.isAsync = problem.type == DataType::f32;
  steps.sharedBytes = staging.sharedBytes(schedule, problem.type);
  return estimateGemm(problem, gpu, schedule, steps);
}

const Algorithm<Conv1dProblem> poolc::conv1dGemmSlab = {
    .name = "gemm_slab",
    .summary = "matrices from shared memory, where each input is staged once for all taps",
    .applies = nullptr,
    .rules = [](const Conv1dProblem &problem,
                const GPU &gpu) { return gemmRules(problem, gpu, "gemm_slab"); },
    .candidates = candidates,
    .check = checkGemm,
    .cost = cost,
    .takesDynamicAxes = true,
    .leastAlignment = 1};

const Algorithm<Conv1dProblem> poolc::conv1dGemmTap = {
    .name = "gemm_tap",
    .summary = "matrices from shared memory, one tap at a time",
    .applies = nullptr,
    .rules = [](const Conv1dProblem &problem,
                const GPU &gpu) { return gemmRules(problem, gpu, "gemm_tap"); },
    .candidates = candidates,
    .check = checkGemm,
    .cost = cost,
    .takesDynamicAxes = true,
    .leastAlignment = 1};
