//===- Conv1dPacked.cpp - Weights packed step by step ---------------------===//

#include "poolc/Schedule/Conv1dPacked.h"

#include "AsyncRows.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

/// The taps of one step.
static Window stepWindow(const Window &window, const Schedule &schedule) {
  Window step = window;
  step.kernel = std::min(window.kernel, schedule.blockT);
  return step;
}

/// Whether every step's first tap lies as far from a group of copied elements.
static bool stepsStartAlike(const Conv1dProblem &problem, const Schedule &schedule) {
  int64_t vector = largestAsyncVector(problem.type);
  return schedule.blockT >= problem.window.kernel ||
         schedule.blockT * (problem.window.dilation % vector) % vector == 0;
}

Conv1dPacked::Conv1dPacked(const Conv1dProblem &problem, const Schedule &schedule)
    : x(problem, stepWindow(problem.window, schedule), schedule.blockN,
        stepsStartAlike(problem, schedule), /*rowsApart=*/1,
        /*mayGroup=*/schedule.algorithm == "gemm_packed") {
  vectorW = 16 / sizeInBytes(problem.type);
  chunked = canUseTensorCores(problem);
  int64_t chunks = schedule.blockK / vectorW;
  if (chunked && schedule.algorithm == "gemm_packed" && x.start == RowStart::skewed && chunks > 1 &&
      positionsApart(sizeInBytes(problem.type), problem.window.stride) == 1) {
    StagedRows spread(problem, stepWindow(problem.window, schedule), schedule.blockN,
                      stepsStartAlike(problem, schedule), chunks);
    if (spread.loads * spread.wavefronts < x.loads * x.wavefronts) {
      x = spread;
      channelsApart = chunks;
    }
  }
  tapSteps = llvm::divideCeilSigned(problem.window.kernel, schedule.blockT);
  channelSteps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  stepsOfPart =
      tapSteps * llvm::divideCeilSigned(channelSteps, std::max<int64_t>(1, schedule.splitK));
  packedChannels = llvm::alignTo(problem.outPerGroup, schedule.blockM);
}

llvm::SmallVector<int64_t> Conv1dPacked::packedShape(const Conv1dProblem &problem,
                                                     const Schedule &schedule) const {
  if (!chunked)
    return {problem.groups, steps(), schedule.blockT, schedule.blockK, packedChannels};
  return {problem.groups, steps(), schedule.blockT, schedule.blockK / vectorW,
          packedChannels, vectorW};
}

int64_t Conv1dPacked::copiesPerThread(const Schedule &schedule, const GPU &gpu) const {
  int64_t copies = schedule.blockK * (x.span / x.vector) +
                   schedule.blockT * schedule.blockM * (schedule.blockK / vectorW);
  return llvm::divideCeilSigned(copies, schedule.numWarps * gpu.warpSize);
}

int64_t Conv1dPacked::sharedBytes(const Schedule &schedule, DataType type) const {
  return stagedBytes(schedule, type, schedule.blockK * x.pitch,
                     schedule.blockT * schedule.blockM * schedule.blockK);
}
