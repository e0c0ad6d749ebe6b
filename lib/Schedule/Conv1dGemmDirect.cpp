//===- Conv1dGemmDirect.cpp - Matrix products straight from global memory -===//
//
// A block computes block_m output channels of one group x block_n positions of one batch
// element. Its warps have 16 of the positions each, and load their windows themselves, as
// fragments; those of the weights they find in the L1, where one of them has brought them. So none
// waits for another. For windows that lie far apart, as those of gemm_patches.
//
//===----------------------------------------------------------------------===//

#include "poolc/Schedule/Conv1dGemmDirect.h"

#include "ActivationCost.h"
#include "Algorithms.h"
#include "Conv1dGemmCost.h"
#include "Conv1dNarrowCost.h"
#include "Conv1dOrders.h"
#include "Footprint.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "poolc/Target/RowLoads.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

/// Bytes of a row that the four threads load at once which share it.
static constexpr int64_t bytesOfStep = 64, bytesOfLoad = 16;

/// Columns of the tile that an instruction takes, and rows.
static constexpr int64_t positionsTogether = 16, channelsTogether = 8;

/// Sums that a thread holds at most beside the operands; fewer with a long epilogue or the
/// second part of operands.
static int64_t mostSums(const Conv1dProblem &problem) {
  bool isLong = problem.addsResidual || (problem.activation && !problem.activation.isExact());
  constexpr int64_t most[] = {72, 64, 48};
  return most[isLong + (problem.precision == Precision::tf32x3)];
}

/// More input channels than this fill a matrix of their own.
static constexpr int64_t mostChannels = 64;

int64_t Conv1dGemmDirect::vectorOfX(const Conv1dProblem &problem) {
  int64_t widest = bytesOfLoad / sizeInBytes(problem.type);
  bool isOneRow = !problem.batchIsDynamic && problem.batch * problem.inChannels() == 1;
  int64_t rows = isOneRow ? widest : lowestBit(problem.window.sizeFactor());
  return std::min({widest, lowestBit(problem.window.stride), rows});
}

int64_t Conv1dGemmDirect::vectorOfWeights(const Conv1dProblem &problem) {
  return bytesOfLoad / sizeInBytes(problem.type);
}

int64_t Conv1dGemmDirect::sharedBytes(const Schedule &schedule, DataType type) {
  constexpr int64_t bytesOfWarp = 1792, unit = 128;
  int64_t row = (schedule.blockN + bytesOfLoad) * sizeInBytes(type);
  return llvm::alignTo(std::max(schedule.numWarps * bytesOfWarp, channelsTogether * row), unit);
}

/// A warp's few loads ahead hide a load only behind products that take long.
static bool areProductsLong(const Conv1dProblem &problem, const GPU &gpu) {
  KernelCost cost;
  cost.matrixType = matrixTypeOf(problem);
  return poolc::areProductsLong(gpu, cost);
}

static llvm::Error applies(const Conv1dProblem &problem, const GPU &gpu) {
  const Window &window = problem.window;
  constexpr int64_t leastBytes = 4;
  int64_t least = bytesOfStep / sizeInBytes(problem.type);
  if (!canUseTensorCores(problem))
    return llvm::createStringError("expected f16, bf16 or a precision of tensor cores");
  if (!areProductsLong(problem, gpu))
    return llvm::createStringError("expected a GPU whose tensor cores take long for a product, as "
                                   "those of GeForce cards do, got " +
                                   gpu.name);
  if (problem.inPerGroup > mostChannels)
    return llvm::createStringError("expected at most " + llvm::Twine(mostChannels) +
                                   " input channels per group, got " +
                                   llvm::Twine(problem.inPerGroup));
  if (window.dilation != 1)
    return llvm::createStringError("expected dilation 1, got " + llvm::Twine(window.dilation));
  if (window.kernel % least != 0)
    return llvm::createStringError("expected kernel_size to be a multiple of " +
                                   llvm::Twine(least) + " (64 bytes), got " +
                                   llvm::Twine(window.kernel));
  if (window.padBefore != 0 || window.padAfter != 0)
    return llvm::createStringError("expected no padding, got " + llvm::Twine(window.padBefore) +
                                   " and " + llvm::Twine(window.padAfter));
  std::string length = window.isDynamic ? "not known" : std::to_string(window.size);
  if (Conv1dGemmDirect::vectorOfX(problem) * sizeInBytes(problem.type) < leastBytes)
    return llvm::createStringError("expected stride and the length of x to be multiples of 4 "
                                   "bytes, got " +
                                   llvm::Twine(window.stride) + " and " + length);
  return llvm::Error::success();
}

static AlgorithmRules rules(const Conv1dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxBlock = 256;
  AlgorithmRules rules{
      "gemm_direct", {}, mostSums(problem), {"block_m", "block_n"}, /*registersPerElement=*/2};
  rules.words = {{"block_m", maxBlock, channelsTogether, /*anyNumber=*/true},
                 {"block_n", maxBlock, positionsTogether},
                 {"num_warps", maxWarpsPerBlock(gpu)}};
  return rules;
}

static llvm::Error check(const Conv1dProblem &, const GPU &, const Schedule &schedule) {
  if (schedule.blockM % channelsTogether == 0 &&
      schedule.blockN == positionsTogether * schedule.numWarps)
    return llvm::Error::success();
  return llvm::createStringError(
      "expected block_m to be a multiple of 8, and block_n to be 16 for each of num_warps=" +
      llvm::Twine(schedule.numWarps) + ", got " + llvm::Twine(schedule.blockM) + " and " +
      llvm::Twine(schedule.blockN));
}

static llvm::SmallVector<Schedule> candidates(const Conv1dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  llvm::SmallVector<Schedule> result;
  constexpr int64_t warpSize = 32, usualWarps = 4, fewWarps = 2;
  int64_t most =
      mostSums(problem) * warpSize / positionsTogether / channelsTogether * channelsTogether;
  int64_t least = llvm::divideCeilSigned(problem.outPerGroup, most);
  // Blocks of four warps: an SM begins one as soon as four have done, while others multiply.
  for (int64_t warps : {usualWarps, fewWarps})
    for (int64_t parts : {least, least + 1}) {
      Schedule s = wanted;
      if (!wanted.blockM)
        s.blockM =
            llvm::alignTo(llvm::divideCeilSigned(problem.outPerGroup, parts), channelsTogether);
      if (!wanted.numWarps)
        s.numWarps =
            wanted.blockN ? std::max<int64_t>(1, wanted.blockN / positionsTogether) : warps;
      if (!wanted.blockN)
        s.blockN = positionsTogether * s.numWarps;
      chooseConv1dOrder(problem, gpu, s);
      if (!llvm::is_contained(result, s))
        result.push_back(s);
    }
  return result;
}

namespace {
/// Counts of what a block does.
class Cost : Conv1dNarrowCost {
public:
  Cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule)
      : Conv1dNarrowCost(problem, gpu, schedule) {}

  KernelCost compute() {
    countBlocks(Conv1dGemmDirect::sharedBytes(schedule, problem.type));
    countStagedStores();
    countBytes();
    countInstructions();
    return cost;
  }

private:
  double bytesOfRow() const { return double(problem.taps()) * element; }

  void countBytes() {
    int64_t rows = std::min(schedule.blockM, problem.outPerGroup) + schedule.blockN;
    cost.dramReadBytes = bytesOfX() + bytesOfWeights() + bytesOfResidual();
    cost.l2ReadBytes = double(cost.blocks) * double(rows) * bytesOfRow() + bytesOfResidual();
    constexpr double loadsOfWarp = 6, bytesOfWarpLoad = 512;
    cost.bytesInFlight = warps * loadsOfWarp * bytesOfWarpLoad;
    cost.dependentTrips = problem.addsResidual ? 2 : 1;
  }

  /// Of a scheduler's tensor core.
  double clocksOfProduct() const {
    constexpr double rows = 16, columns = 8, bytes = 32, clocksPerMicrosecond = 1e6;
    double TFLOPs = problem.type == DataType::f32 ? gpu.tf32TFLOPs : gpu.fp16TFLOPs;
    double perClock =
        TFLOPs * clocksPerMicrosecond / (2 * gpu.boostMHz * gpu.numSMs * gpu.issuePerCycle);
    return rows * columns * bytes / element / perClock;
  }

  void countInstructions() {
    bool isF32 = problem.type == DataType::f32, isSplit = problem.precision == Precision::tf32x3;
    double held = double(schedule.blockM * schedule.blockN) / (warps * gpu.warpSize);
    double steps = bytesOfRow() / bytesOfStep;
    double fragments = double(schedule.blockM) / channelsTogether;
    double loads = 2 + fragments;
    double whole = double(bytesOfLoad) / element;
    double ofX = 2 * (whole / double(Conv1dGemmDirect::vectorOfX(problem)) - 1);
    double products = 2 * fragments * (isSplit ? 3 : 1);
    // Rounding takes two instructions for each of the four registers of a load.
    double rounding = isF32 ? 2 * 4 * loads * (isSplit ? 2.5 : 1) : 0;
    double stores = held * element / 16;
    ActivationCost activation = activationCost(problem);
    cost.memory =
        warps * (steps * (loads + ofX) + held + 2 * stores + (problem.addsResidual ? held : 0));
    cost.alu = warps * (100 + steps * (rounding + 10) + stores * 10 + held * endsPerOutput);
    cost.special = warps * held * ((isF32 ? 0 : 0.5) + activation.special);
    cost.fma = warps * held * (1 + activation.fma);
    cost.instructions = cost.memory + cost.alu + cost.special + cost.fma + warps * steps * products;
    cost.wavefronts = warps * (steps * (4 * loads + ofX) + held + 8 * stores);
    cost.registersPerThread = Conv1dGemmDirect::mostRegisters;
    countProducts(warps * steps * products);
    cost.isProductInSteps = true;
    // By itself, a warp waits for what it has loaded a few products before; loads are brought
    // forward by some more.
    constexpr double broughtForward = 1.5;
    double ahead = double(countLoadsAhead(int64_t(held), isSplit)) + broughtForward;
    double apart = products / fragments * clocksOfProduct();
    cost.serialCycles = steps * fragments * std::max(0.0, gpu.l2Latency / ahead - apart);
    cost.sumsPerThread = held;
    cost.productsInStep = products;
  }
};
} // namespace

const Algorithm<Conv1dProblem> poolc::conv1dGemmDirect = {
    .name = "gemm_direct",
    .summary = "matrices of windows that threads load from global memory, for windows far apart",
    .applies = applies,
    .rules = rules,
    .candidates = candidates,
    .check = check,
    .cost = [](const Conv1dProblem &problem, const GPU &gpu,
               const Schedule &schedule) { return Cost(problem, gpu, schedule).compute(); },
    .takesDynamicAxes = true};
