//===- Conv1dToeplitzStaging.cpp - What gemm_toeplitz stages --------------===//

#include "poolc/Schedule/Conv1dToeplitz.h"

#include "AsyncRows.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

Conv1dToeplitz::Conv1dToeplitz(const Conv1dProblem &problem, const Schedule &schedule) {
  const Window &window = problem.window;
  constexpr int64_t most = int64_t(1) << 20;
  int64_t stride = std::min(window.stride, most), kernel = std::min(window.kernel, most);
  chunk = 16 / sizeInBytes(problem.type);
  vectorX = asyncVector(window.sizeFactor(), problem.type);
  isSkewed = vectorX < chunk;
  if (isSkewed)
    vectorX = chunk;
  shift = isSkewed ? 0 : (vectorX - window.padBefore % vectorX) % vectorX;
  int64_t mostSkew = isSkewed ? vectorX - 1 : 0;
  depth = llvm::alignTo(shift + mostSkew + (phases - 1) * stride + kernel, 2 * chunk);
  rows = schedule.blockN / phases;
  span = (rows - 1) * phases * stride + depth;
  zerosAhead = (phases - 1) * stride + mostSkew;
  lengthW = zerosAhead + depth;
  steps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  int64_t channels = schedule.blockG * schedule.blockK;
  elementsX = channels * span;
  elementsW = channels * schedule.blockM * lengthW;

  mostRegisters = 0;
  constexpr int64_t all = 255, half = 128, warpsWithAll = 8;
  if (problem.activation && !problem.activation.isExact())
    // Sums of all outputs stay in registers over the steps.
    mostRegisters = steps > 1 && schedule.numWarps <= warpsWithAll ? all : half;
  storesDirectly = !window.isDynamic && problem.outputSize() % phases == 0;
  storeVector = storesDirectly ? 2 : chunk;
  int64_t length = problem.outputSize();
  // Rows in shared memory are as far from aligned as those of y.
  pitchY = schedule.blockN + (length - schedule.blockN % chunk + chunk) % chunk;
  elementsY = storesDirectly ? 0 : schedule.blockG * schedule.blockM * pitchY + 2 * storeVector;
}

int64_t Conv1dToeplitz::copiesPerThread(const Schedule &schedule, const GPU &gpu) const {
  int64_t threads = schedule.numWarps * gpu.warpSize;
  return llvm::divideCeilSigned(elementsX / vectorX, threads) +
         llvm::divideCeilSigned(elementsW, threads);
}

int64_t Conv1dToeplitz::sharedBytes(const Schedule &schedule, DataType type) const {
  Schedule staged = schedule, once = schedule;
  once.numStages = 1;
  if (steps == 1)
    staged.numStages = 1;
  return stagedBytes(staged, type, elementsX, elementsW) + stagedBytes(once, type, elementsY, 0);
}
