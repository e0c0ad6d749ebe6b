//===- Conv1dWarpgroups.cpp - Products of four warps ----------------------===//

#include "Conv1dWarpgroups.h"

#include "Algorithms.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dChunked.h"
#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/CopyWarps.h"
#include "poolc/Schedule/CostModel.h"
#include "poolc/Schedule/Grid.h"
#include "poolc/Schedule/Streaming.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>

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

int64_t warpgroups::countBlocks(const Conv1dProblem &problem, const Schedule &schedule) {
  llvm::Expected<TileGrid> grid = makeTileGrid(problem, schedule);
  if (grid)
    return grid->blocks();
  llvm::consumeError(grid.takeError());
  return 0;
}

llvm::Error warpgroups::checkCopyWarps(const Conv1dProblem &problem, const Schedule &schedule,
                                       const Conv1dPacked &staging) {
  constexpr int64_t multiplying = 2 * warpsPerGroup;
  if (schedule.copyWarps == 0 && schedule.storeWarps == 0)
    return llvm::Error::success();
  // Registers are given to groups of four warps. With 16 warps a kernel is compiled for 128, which
  // are not enough for wgmma of 256 columns.
  constexpr int64_t mostSums = 64 * 32;
  bool areTwoGroups = schedule.copyWarps == warpsPerGroup && schedule.storeWarps == warpsPerGroup;
  if (areTwoGroups) {
    if (schedule.blockM * schedule.blockN > mostSums * schedule.numWarps)
      return llvm::createStringError(
          "expected at most 64 sums of each thread beside store_warps=4, "
          "got tiles of " +
          llvm::Twine(schedule.blockM) + " x " + llvm::Twine(schedule.blockN));
  } else if (schedule.copyWarps + schedule.storeWarps != warpsPerGroup || schedule.copyWarps == 0) {
    return llvm::createStringError("expected copy_warps and store_warps of together " +
                                   llvm::Twine(warpsPerGroup) + ", or as many each, got " +
                                   llvm::Twine(schedule.copyWarps) + " and " +
                                   llvm::Twine(schedule.storeWarps));
  }
  // It would be there with all sums of the tile, for which all registers are needed.
  if (schedule.storeWarps != 0 && problem.addsResidual && schedule.splitK == 0 &&
      schedule.boxes == 0)
    return llvm::createStringError("expected nothing to be added to the sums, or boxes, beside "
                                   "store_warps");
  if (schedule.numWarps != multiplying)
    return llvm::createStringError("expected num_warps of " + llvm::Twine(multiplying) +
                                   " beside copy_warps, got " + llvm::Twine(schedule.numWarps));
  if (staging.stepsOfPart < 2)
    return llvm::createStringError("expected at least 2 steps beside copy_warps, got " +
                                   llvm::Twine(staging.stepsOfPart));
  if (schedule.numStages < 2)
    return llvm::createStringError("expected num_stages of at least 2 beside copy_warps, got " +
                                   llvm::Twine(schedule.numStages));
  return llvm::Error::success();
}

static llvm::Error failBoxes(const llvm::Twine &wanted, const llvm::Twine &got) {
  return llvm::createStringError("expected " + wanted + " for boxes, got " + got);
}

/// What boxes want of the problem alone.
static llvm::Error checkRowsOfBoxes(const Conv1dProblem &problem, int64_t rowsTogether = 1) {
  constexpr int64_t unit = 16;
  const Window &window = problem.window;
  if (problem.hasDynamicAxes() || problem.hasDynamicBatch())
    return failBoxes("sizes that are known", "dynamic ones");
  if (problem.batch * problem.inChannels() * window.size == 0)
    return failBoxes("elements of x", "none");
  if (window.stride != 1)
    return failBoxes("stride 1", llvm::Twine(window.stride));
  int64_t bytes = rowsTogether * window.size * sizeInBytes(problem.type);
  if (bytes % unit != 0 || problem.alignment < unit)
    return failBoxes("rows of x of a multiple of " + llvm::Twine(unit) + " bytes",
                     llvm::Twine(bytes) + " at multiples of " + llvm::Twine(problem.alignment));
  return llvm::Error::success();
}

bool warpgroups::mayHaveBoxes(const Conv1dProblem &problem) {
  return !llvm::errorToBool(checkRowsOfBoxes(problem));
}

llvm::Error warpgroups::checkBoxes(const Conv1dProblem &problem, const Schedule &schedule,
                                   const Conv1dPacked &staging) {
  constexpr int64_t rowsTogether = 8, mostColumns = 256, unit = 16;
  if (schedule.boxes == 0)
    return llvm::Error::success();
  if (schedule.copyWarps == 0)
    return failBoxes("copy_warps", "none");
  if (llvm::Error error = checkRowsOfBoxes(problem))
    return error;
  if (problem.addsResidual) {
    int64_t bytes = problem.outputSize() * sizeInBytes(problem.type);
    if (bytes % unit != 0 || problem.outChannels() == 0)
      return failBoxes("rows of what is added of a multiple of " + llvm::Twine(unit) + " bytes",
                       llvm::Twine(bytes));
    if (staging.addedRows == 0)
      return failBoxes("stages with room for 16 rows of what is added, multiples of 1024 bytes",
                       "block_k=" + llvm::Twine(schedule.blockK));
  }
  if (schedule.splitK > 1)
    return failBoxes("whole sums", "split_k=" + llvm::Twine(schedule.splitK));
  if (schedule.blockK % rowsTogether != 0)
    return failBoxes("a multiple of " + llvm::Twine(rowsTogether) + " as block_k",
                     llvm::Twine(schedule.blockK));
  if (staging.boxColumns > mostColumns)
    return failBoxes("at most " + llvm::Twine(mostColumns) +
                         " positions that the taps of a step touch",
                     llvm::Twine(staging.boxColumns));
  return llvm::Error::success();
}

llvm::Error warpgroups::checkBoxesOfChunks(const Conv1dProblem &problem, const Schedule &schedule,
                                           const Conv1dChunked &staging) {
  constexpr int64_t rowsOfBox = 8;
  if (schedule.boxes == 0)
    return llvm::Error::success();
  if (schedule.splitK > 1)
    return failBoxes("whole sums", "split_k=" + llvm::Twine(schedule.splitK));
  int64_t rows = staging.weights.rowsTogether;
  if (llvm::Error error = checkRowsOfBoxes(problem, rows))
    return error;
  if (schedule.blockK % (rowsOfBox * rows) != 0)
    return failBoxes("a multiple of " + llvm::Twine(rowsOfBox * rows) + " as block_k",
                     llvm::Twine(schedule.blockK));
  if (rows > 1 && !staging.shiftOfBoxes(0))
    return failBoxes("all steps' first taps to be as far from a multiple of 16 bytes",
                     "block_t=" + llvm::Twine(schedule.blockT));
  return llvm::Error::success();
}

llvm::Error warpgroups::checkBoxStores(const Conv1dProblem &problem, const Schedule &schedule,
                                       const Conv1dPacked &staging) {
  constexpr int64_t unit = 16;
  if (schedule.boxStores == 0)
    return llvm::Error::success();
  auto fail = [](const llvm::Twine &wanted, const llvm::Twine &got) {
    return llvm::createStringError("expected " + wanted + " for box_stores, got " + got);
  };
  if (schedule.boxes == 0)
    return fail("boxes", "none");
  if (schedule.storeWarps != 0)
    return fail("no store_warps", llvm::Twine(schedule.storeWarps));
  if (schedule.overlapN != 0)
    return fail("no overlap_n", llvm::Twine(schedule.overlapN));
  if (staging.sharesBoxes && problem.type != DataType::f32)
    return fail("boxes of single taps in 16 bits", "block_t=" + llvm::Twine(schedule.blockT));
  if (int64_t bytes = problem.outputSize() * sizeInBytes(problem.type);
      bytes % unit != 0 || problem.outChannels() == 0)
    return fail("rows of results of a multiple of " + llvm::Twine(unit) + " bytes",
                llvm::Twine(bytes));
  return llvm::Error::success();
}

llvm::Error warpgroups::checkJoins(const Conv1dProblem &problem, const Schedule &schedule,
                                   const Conv1dPacked &staging) {
  if (schedule.joinN == 0)
    return llvm::Error::success();
  auto fail = [](const llvm::Twine &wanted, const llvm::Twine &got) {
    return llvm::createStringError("expected " + wanted + " for join_n, got " + got);
  };
  constexpr int64_t mostPositions = std::numeric_limits<int32_t>::max();
  const Window &window = problem.window;
  if (window.kernel != 1 || window.padBefore != 0 || window.padAfter != 0)
    return fail("one tap without padding", llvm::Twine(window.kernel) + " with padding " +
                                               llvm::Twine(window.padBefore) + ", " +
                                               llvm::Twine(window.padAfter));
  if (problem.batch < 2)
    return fail("several images", llvm::Twine(problem.batch));
  // It would be loaded at other positions.
  if (problem.addsResidual)
    return fail("nothing to be added to the sums", "a residual");
  if (schedule.boxStores == 0)
    return fail("box_stores", "none");
  if (window.size % staging.boxColumns != 0)
    return fail("rows of a multiple of a box's " + llvm::Twine(staging.boxColumns) + " positions",
                llvm::Twine(window.size));
  if (problem.batch > mostPositions / window.size)
    return fail("at most " + llvm::Twine(mostPositions) + " positions of all images",
                llvm::Twine(problem.batch) + " times " + llvm::Twine(window.size));
  return llvm::Error::success();
}

/// On an H200 (us, gemm_rows, gemm_wgmma, gemm_chunked): 32 channels of seven taps 52.6, 67.3; 48
/// of three 37.2, 46.4; 24 to 48 of five 64.6, 76.0, 70.4; 16 to 48 of five 47.4, 48.8, 54.6; 32 of
/// five of stride 2 32.4, 36.8; where products of four warps were predicted to be as fast or
/// faster.
double warpgroups::waitForFewChannels(const Conv1dProblem &problem, const GPU &gpu) {
  constexpr int64_t few = 48;
  constexpr double longer = 1.4;
  Schedule rows;
  rows.algorithm = conv1dGemmRows.name;
  rows.blockM = llvm::alignTo(std::max<int64_t>(problem.outPerGroup, 1), leastM);
  bool waits =
      problem.type != DataType::f32 && rows.blockM <= few && copiesWeightsByL1(problem, gpu, rows);
  return waits ? longer : 1;
}

llvm::Error warpgroups::checkRounding(const Conv1dProblem &problem, const Schedule &schedule,
                                      const Conv1dPacked &staging) {
  if (schedule.roundW == 0)
    return llvm::Error::success();
  auto fail = [](const llvm::Twine &wanted, const llvm::Twine &got) {
    return llvm::createStringError("expected " + wanted + " for round_w, got " + got);
  };
  if (problem.type != DataType::f32)
    return fail("f32", toString(problem.type));
  if (schedule.copyWarps != 0 || schedule.boxes != 0)
    return fail("threads that copy and multiply", "copy_warps or boxes");
  if (!staging.mayLie)
    return fail("one tap, steps of 32 channels (128 bytes) and rows of a multiple of 4 (16 bytes)",
                llvm::Twine(problem.window.kernel) + ", " + llvm::Twine(schedule.blockK) + " and " +
                    llvm::Twine(problem.inPerGroup));
  return llvm::Error::success();
}

RoleRegisters poolc::divideRegisters(const GPU &gpu, const Schedule &schedule) {
  constexpr int64_t unit = 8;
  // One thread that asks the copy engine takes fewer than threads that copy or store. Of 128 sums,
  // 64 values of a bias and an activation, those that multiply need 216.
  const int64_t ofOthers = schedule.boxes != 0 && schedule.storeWarps == 0 ? 40 : 88;
  int64_t others = (schedule.copyWarps + schedule.storeWarps) * gpu.warpSize;
  int64_t multiplying = schedule.numWarps * gpu.warpSize;
  RoleRegisters registers;
  registers.compiled = llvm::alignDown(
      std::min<int64_t>(gpu.registersPerSM / (others + multiplying), gpu.maxRegistersPerThread),
      unit);
  registers.ofOthers = std::min(ofOthers, registers.compiled);
  int64_t left = registers.compiled * (others + multiplying) - registers.ofOthers * others;
  registers.ofProducts =
      llvm::alignDown(std::min<int64_t>(left / multiplying, gpu.maxRegistersPerThread), unit);
  return registers;
}

void warpgroups::addEnd(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
                        KernelCost &cost) {
  double moved = double(schedule.blockM * schedule.blockN) * sizeInBytes(problem.type);
  cost.serialCycles += moved / gpu.l2WriteBytesPerCyclePerSM;
  if (problem.addsResidual)
    cost.serialCycles += moved / gpu.l2BytesPerCyclePerSM;
}
