//===- Conv1dWarpgroups.cpp - Products of four warps ----------------------===//

#include "Conv1dWarpgroups.h"

#include "Rules.h"

#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/CostModel.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

llvm::Error warpgroups::checkProducts(const Conv1dProblem &problem, const GPU &gpu) {
  if (gpu.wgmmaShare == 0)
    return llvm::createStringError("expected a GPU with products of four warps (wgmma), got " +
                                   gpu.name);
  if (!canUseTensorCores(problem) || problem.precision == Precision::tf32x3)
    return llvm::createStringError("expected f16, bf16 or precision tf32, got " +
                                   toString(problem.type) + " and " + toString(problem.precision));
  return llvm::Error::success();
}

llvm::SmallVector<int64_t> warpgroups::tapsPerStep(const Conv1dProblem &problem) {
  llvm::SmallVector<int64_t> result;
  int64_t kernel = problem.window.kernel;
  for (int64_t taps = std::min(kernel, maxTapsPerStep); taps > 0; --taps) {
    taps = llvm::divideCeilSigned(kernel, llvm::divideCeilSigned(kernel, taps));
    result.push_back(taps);
  }
  return result;
}

int64_t warpgroups::chooseWarps(const GPU &gpu, const Schedule &schedule, int64_t size,
                                int64_t wanted) {
  int64_t most = std::min(wanted, size / rowsPerWarp);
  int64_t least = schedule.blockM * schedule.blockN / (gpu.warpSize * maxElementsPerThread);
  return std::clamp(most, std::max(warpsPerGroup, least), maxWarpsPerBlock(gpu));
}

void warpgroups::addEnd(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
                        KernelCost &cost) {
  double moved = double(schedule.blockM * schedule.blockN) * sizeInBytes(problem.type);
  cost.serialCycles += moved / gpu.l2WriteBytesPerCyclePerSM;
  if (problem.addsResidual)
    cost.serialCycles += moved / gpu.l2BytesPerCyclePerSM;
}
