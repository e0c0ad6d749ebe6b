//===- Conv1dGathered.cpp - Matrix products of gathered windows -----------===//
//
// `gemm_gathered` is for few input channels and many output channels. A block puts the windows of
// its positions in shared memory once, 16 bytes of neighbouring taps at a time, and multiplies
// them with the weights of several tiles of output channels, one after the other. Tensor cores
// read both factors from there by themselves (wgmma).
//
//===----------------------------------------------------------------------===//

#include "ActivationCost.h"
#include "Algorithms.h"
#include "Conv1dGemmCost.h"
#include "Conv1dNarrowCost.h"
#include "Conv1dOrders.h"
#include "Conv1dWarpgroups.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dGathered.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;
using namespace poolc::warpgroups;

/// Elements along K at most; their products are written out.
static constexpr int64_t maxDepth = 256;

/// Tiles of channels that a block computes at most.
static constexpr int64_t maxTiles = 64;

/// Elements of x that a thread gathers at most; they are written out.
static constexpr int64_t maxGathered = 256;

static int64_t depthOf(const Conv1dProblem &problem) {
  int64_t chunk = 16 / sizeInBytes(problem.type);
  return llvm::SaturatingMultiply<uint64_t>(
      std::max<int64_t>(1, problem.inPerGroup),
      llvm::alignTo(std::min<int64_t>(problem.window.kernel, 2 * maxDepth), chunk));
}

static llvm::Error applies(const Conv1dProblem &problem, const GPU &gpu) {
  if (llvm::Error error = checkProducts(problem, gpu))
    return error;
  if (problem.type == DataType::f32)
    return llvm::createStringError("expected f16 or bf16");
  if (int64_t depth = depthOf(problem); depth > maxDepth)
    return llvm::createStringError("expected at most " + llvm::Twine(maxDepth) +
                                   " products for each sum, got " + llvm::Twine(depth));
  if (problem.outPerGroup % rowsPerWarp != 0)
    return llvm::createStringError("expected a multiple of " + llvm::Twine(rowsPerWarp) +
                                   " output channels per group, got " +
                                   llvm::Twine(problem.outPerGroup));
  // Whole groups are stored by the warps that have them, without waiting for each other.
  int64_t rowBytes = problem.outputSize() * sizeInBytes(problem.type);
  if (rowBytes % 16 != 0)
    return llvm::createStringError("expected rows of a multiple of 16 bytes, got " +
                                   llvm::Twine(rowBytes));
  return llvm::Error::success();
}

static AlgorithmRules rules(const Conv1dProblem &, const GPU &gpu) {
  constexpr int64_t maxBlock = 256;
  return {"gemm_gathered",
          {{"block_m", maxBlock, warpsPerGroup * rowsPerWarp},
           {"block_n", maxBlock, 16, /*anyNumber=*/true, /*optional=*/false, /*step=*/8},
           {"tiles_m", maxTiles, 2, /*anyNumber=*/true, /*optional=*/true},
           {"num_warps", maxWarpsPerBlock(gpu), warpsPerGroup}},
          maxElementsPerThread,
          {"block_m", "block_n"},
          /*registersPerElement=*/2};
}

/// Elements that each thread gathers: whole chunks.
static int64_t gatheredByThread(const Conv1dGathered &staging, const Schedule &schedule) {
  constexpr int64_t warpSize = 32;
  int64_t threads = schedule.numWarps * warpSize;
  return llvm::divideCeilSigned(staging.planeElements() / staging.chunk, threads) * staging.chunk;
}

static llvm::Error check(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  if (schedule.blockM < rowsPerWarp * schedule.numWarps)
    return llvm::createStringError("expected block_m of at least " +
                                   llvm::Twine(rowsPerWarp * schedule.numWarps) +
                                   " (16 for each of num_warps=" + llvm::Twine(schedule.numWarps) +
                                   "), got " + llvm::Twine(schedule.blockM));
  Conv1dGathered staging(problem, schedule);
  if (schedule.tilesM > staging.tiles)
    return llvm::createStringError("expected tiles_m of at most " + llvm::Twine(staging.tiles) +
                                   ", the tiles of " + llvm::Twine(schedule.blockM) +
                                   " channels there are, got " + llvm::Twine(schedule.tilesM));
  if (staging.rows.period != 0)
    return llvm::createStringError("expected a stride of less than 32 bytes, got " +
                                   llvm::Twine(problem.window.stride) + " positions");
  if (int64_t gathered = gatheredByThread(staging, schedule); gathered > maxGathered)
    return llvm::createStringError("expected at most " + llvm::Twine(maxGathered) +
                                   " elements of x to be gathered by each thread, got " +
                                   llvm::Twine(gathered) +
                                   "; more warps or smaller blocks need less");
  return checkSharedBytes(gpu, staging.sharedBytes(), "; smaller blocks need less");
}

namespace {
class Candidates {
public:
  Candidates(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted) {}

  llvm::SmallVector<Schedule> make() {
    // Four blocks of 128 positions fit on an SM: on an H200, 334 us instead of 355 for 192, 371 for
    // 64 and 375 for 256 positions of 4 to 768 channels, of which a block has all tiles; 344 for
    // half of them in each block, 368 for a fourth.
    for (int64_t tiles : {16, 12, 8, 6, 4, 1})
      add(tiles);
    if (result.empty())
      result.push_back(complete(16, 1));
    return std::move(result);
  }

private:
  void add(int64_t tiles) {
    constexpr int64_t positions = 128;
    Schedule schedule = complete(positions, tiles);
    llvm::Error error = check(problem, gpu, schedule);
    if (!error && !llvm::is_contained(result, schedule))
      result.push_back(schedule);
    llvm::consumeError(std::move(error));
  }

  Schedule complete(int64_t n, int64_t tiles) {
    Schedule s = wanted;
    if (!wanted.blockM)
      s.blockM = warpsPerGroup * rowsPerWarp;
    if (!wanted.blockN)
      s.blockN = std::max<int64_t>(16, powerOfTwoCovering(problem.outputSize(), n));
    if (!wanted.numWarps)
      s.numWarps = warpsPerGroup;
    if (!wanted.tilesM) {
      int64_t all = llvm::divideCeilSigned(problem.outPerGroup, s.blockM);
      int64_t most = std::min(tiles, all);
      // As many in each block.
      s.tilesM = llvm::divideCeilSigned(all, llvm::divideCeilSigned(all, most));
      if (s.tilesM == 1)
        s.tilesM = 0;
    }
    chooseConv1dOrder(problem, gpu, s);
    return s;
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  llvm::SmallVector<Schedule> result;
};

class Cost : Conv1dNarrowCost {
public:
  Cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule)
      : Conv1dNarrowCost(problem, gpu, schedule), staging(problem, schedule),
        tiles(double(staging.tiles)) {}

  KernelCost compute() {
    countBlocks(staging.sharedBytes());
    countStagedStores();
    cost.launches = 2;
    countBytes();
    countInstructions();
    return cost;
  }

private:
  void countBytes() {
    double stagedX = double(problem.inPerGroup * staging.rows.span) * element;
    double stagedW = double(staging.weightElements) * element, blocks = double(cost.blocks);
    double packed =
        double(problem.groups * staging.rows.packedChannels * staging.chunks * staging.chunk) *
        element;
    cost.dramReadBytes =
        std::min(bytesOfX(), blocks * stagedX) + bytesOfWeights() + bytesOfResidual();
    cost.l2ReadBytes = blocks * (stagedX + tiles * stagedW) + bytesOfWeights() + bytesOfResidual();
    cost.dramWriteBytes += packed;
    cost.l2WriteBytes += packed;
    cost.bytesInFlight = stagedX + stagedW;
    cost.dependentTrips = 1 + (problem.addsResidual ? tiles : 0);
    // A tile is multiplied, staged and stored one after the other, and before the first one x is
    // gathered: 334 us on an H200 for twelve tiles, 155 for eight and 78 for one, without that
    // predicted to be 291, 134 and 57.
    constexpr double cyclesOfTile = 3200, cyclesOfGathering = 3000;
    cost.serialCycles = cyclesOfGathering + tiles * cyclesOfTile;
  }

  void countInstructions() {
    double held = double(schedule.blockM * schedule.blockN) / (warps * 32);
    double gathered = double(gatheredByThread(staging, schedule)), chunk = double(staging.chunk);
    double copies = double(staging.weightElements) / chunk / (warps * 32);
    double stores = held / chunk;
    ActivationCost activation = activationCost(problem);
    // Elements are gathered one by one, and put together in pairs.
    double ofGathering = gathered * (1 + 1 / chunk);
    cost.memory = warps * (ofGathering + tiles * (copies + held / 2 + 2 * stores +
                                                  (problem.addsResidual ? held / 2 : 0) + 4));
    cost.alu =
        warps * (60 + gathered / 2 + tiles * (20 + held + stores * 10 + held * endsPerOutput));
    cost.special = warps * tiles * (held / 2 + held * activation.special);
    cost.fma = warps * tiles * held * (1 + activation.fma);
    cost.instructions = cost.memory + cost.alu + cost.special + cost.fma;
    double depth = double(staging.chunks) * chunk;
    cost.matrixMultiplyAdds = tiles * double(schedule.blockM * schedule.blockN) * depth;
    cost.matrixType = matrixTypeOf(problem);
    cost.ofWarpgroups = true;
    // Of an instruction's factors, rows of 128 bytes.
    double operands =
        (double(schedule.blockN) * double(schedule.blockM / 64) + double(schedule.blockM)) * depth *
        element / 128;
    constexpr double ofStore = 4;
    cost.wavefronts = warps * (gathered * (1 + ofStore / chunk) +
                               tiles * (copies * ofStore + held + 2 * ofStore * stores)) +
                      tiles * operands;
    constexpr double beside = 56;
    cost.registersPerThread = std::min<double>(gpu.maxRegistersPerThread, beside + held);
  }

  Conv1dGathered staging;
  double tiles;
};
} // namespace

const Algorithm<Conv1dProblem> poolc::conv1dGemmGathered = {
    .name = "gemm_gathered",
    .summary = "matrices of windows, gathered once for several tiles of output channels",
    .applies = applies,
    .rules = rules,
    .candidates = [](const Conv1dProblem &problem, const GPU &gpu,
                     const Schedule &wanted) { return Candidates(problem, gpu, wanted).make(); },
    .check = check,
    .cost = [](const Conv1dProblem &problem, const GPU &gpu,
               const Schedule &schedule) { return Cost(problem, gpu, schedule).compute(); }};
