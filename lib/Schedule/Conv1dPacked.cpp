//===- Conv1dPacked.cpp - Weights packed step by step ---------------------===//

#include "poolc/Schedule/Conv1dPacked.h"

#include "AsyncRows.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

Conv1dPacked::Conv1dPacked(const Conv1dProblem &problem, const Schedule &schedule) {
  const Window &window = problem.window;
  vectorW = 16 / sizeInBytes(problem.type);
  chunked = canUseTensorCores(problem);
  tapSteps = llvm::divideCeilSigned(window.kernel, schedule.blockT);
  vectorX = std::max<int64_t>(1, asyncVector(window.size, problem.type));
  if ((skewed = canSkewRows(problem, schedule.blockK)))
    vectorX = largestAsyncVector(problem.type);
  channelSteps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  packedChannels = llvm::alignTo(problem.outPerGroup, schedule.blockM);

  // A tile's first position is a multiple of block_n, hence of any vector.
  int64_t mostShift = vectorX - 1;
  if (tapSteps == 1 || schedule.blockT * (window.dilation % vectorX) % vectorX == 0)
    shift = mostShift = (vectorX - window.padBefore % vectorX) % vectorX;
  Window stepWindow = window;
  stepWindow.kernel = std::min(window.kernel, schedule.blockT);
  StagedRows rows =
      stageRows(stepWindow, problem.type, schedule.blockN, {vectorX, mostShift, skewed});
  span = rows.span;
  pitchX = rows.pitch;
  wavefrontsX = rows.wavefronts;
}

llvm::SmallVector<int64_t> Conv1dPacked::packedShape(const Conv1dProblem &problem,
                                                     const Schedule &schedule) const {
  if (!chunked)
    return {problem.groups, steps(), schedule.blockT, schedule.blockK, packedChannels};
  return {problem.groups, steps(), schedule.blockT, schedule.blockK / vectorW,
          packedChannels, vectorW};
}

int64_t Conv1dPacked::copiesPerThread(const Schedule &schedule, const GPU &gpu) const {
  int64_t copies = schedule.blockK * (span / vectorX) +
                   schedule.blockT * schedule.blockM * (schedule.blockK / vectorW);
  return llvm::divideCeilSigned(copies, schedule.numWarps * gpu.warpSize);
}

int64_t Conv1dPacked::sharedBytes(const Schedule &schedule, DataType type) const {
  return stagedBytes(schedule, type, schedule.blockK * pitchX,
                     schedule.blockT * schedule.blockM * schedule.blockK);
}
