//===- Conv1dGemmWgmma.cpp - Matrix products of four warps ----------------===//
//
// `gemm_wgmma` is gemm_packed where the GPU has products of four warps (wgmma): 64
// positions x block_m output channels at once, of which the tensor cores read the packed
// weights from shared memory by themselves, while warps load the next values of x.
// Warps divide block_n between them, sixteen positions at a time.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "Conv1dGemmCost.h"
#include "Conv1dOverlap.h"
#include "Conv1dWarpgroups.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/CopyWarps.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;
using namespace poolc::warpgroups;

static llvm::Error applies(const Conv1dProblem &problem, const GPU &gpu) {
  if (llvm::Error error = checkProducts(problem, gpu))
    return error;
  // On an H200, 295 us for the first layer of wav2vec 2.0 with its activation, against 183 us
  // where channels and taps are one axis.
  constexpr int64_t mostZeros = 8;
  if (int64_t sums = channelsPerInstruction(problem); problem.inPerGroup * mostZeros <= sums)
    return llvm::createStringError("expected more than " + llvm::Twine(sums / mostZeros) +
                                   " input channels per group, got " +
                                   llvm::Twine(problem.inPerGroup));
  return llvm::Error::success();
}

static AlgorithmRules rules(const Conv1dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxBlockM = 256, maxBlockN = 512, maxBlockK = 64, maxStages = 8;
  return {"gemm_wgmma",
          {{"block_m", maxBlockM, leastM, /*anyNumber=*/true, /*optional=*/false, /*step=*/leastM},
           {"block_n", maxBlockN, warpsPerGroup * rowsPerWarp},
           {"block_k", maxBlockK, channelsPerInstruction(problem)},
           overlap::makeRule(problem),
           {"join_n", 1, 1, /*anyNumber=*/false, /*optional=*/true},
           {"num_warps", maxWarpsPerBlock(gpu), warpsPerGroup},
           {"copy_warps", warpsPerGroup, 2, /*anyNumber=*/false, /*optional=*/true},
           {"store_warps", warpsPerGroup, 2, /*anyNumber=*/false, /*optional=*/true},
           {"boxes", 1, 1, /*anyNumber=*/false, /*optional=*/true},
           {"box_stores", 1, 1, /*anyNumber=*/false, /*optional=*/true},
           {"round_w", 1, 1, /*anyNumber=*/false, /*optional=*/true},
           {"num_stages", maxStages, 1, /*anyNumber=*/true},
           {"split_k", maxParts, 2, /*anyNumber=*/true, /*optional=*/true},
           {"block_t", std::min(problem.window.kernel, maxTapsPerStep), 1, /*anyNumber=*/true}},
          maxElementsPerThread,
          {"block_m", "block_n"},
          /*registersPerElement=*/2};
}

/// Where weights have memory of their own, stages are small.
static llvm::Error checkStages(const Schedule &schedule, const Conv1dPacked &staging) {
  constexpr int64_t mostWithWeights = 4;
  if (schedule.numStages <= mostWithWeights || (schedule.boxes != 0 && staging.keepsWeights))
    return llvm::Error::success();
  return llvm::createStringError("expected num_stages of at most " + llvm::Twine(mostWithWeights) +
                                 " but for boxes beside weights that stay, got " +
                                 llvm::Twine(schedule.numStages));
}

static llvm::Error check(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  if (schedule.blockN < rowsPerWarp * schedule.numWarps)
    return llvm::createStringError("expected block_n of at least " +
                                   llvm::Twine(rowsPerWarp * schedule.numWarps) +
                                   " (16 for each of num_warps=" + llvm::Twine(schedule.numWarps) +
                                   "), got " + llvm::Twine(schedule.blockN));
  if (llvm::Error error = checkParts(problem, schedule))
    return error;
  if (llvm::Error error = overlap::check(problem, schedule))
    return error;
  Conv1dPacked staging(problem, schedule);
  if (llvm::Error error = checkStages(schedule, staging))
    return error;
  if (llvm::Error error = checkBoxes(problem, schedule, staging))
    return error;
  if (llvm::Error error = checkBoxStores(problem, schedule, staging))
    return error;
  if (llvm::Error error = checkJoins(problem, schedule, staging))
    return error;
  if (llvm::Error error = checkRounding(problem, schedule, staging))
    return error;
  if (llvm::Error error = checkCopyWarps(problem, schedule, staging))
    return error;
  if (llvm::Error error =
          checkCopiesPerThread(staging.copiesPerThread(schedule, gpu),
                               (schedule.storeWarps != 0 ? 2 : 1) * maxCopiesPerThread))
    return error;
  return checkSharedBytes(gpu, staging.sharedBytes(schedule, problem.type),
                          "; smaller blocks or fewer stages need less");
}

static llvm::SmallVector<Schedule> candidates(const Conv1dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  return chooseTiles(problem, gpu, wanted,
                     [&](const Schedule &schedule) { return check(problem, gpu, schedule); });
}

/// Where each SM has one block at most, nothing hides the copies that its threads make before the
/// products of a step. On an H200, some 100 cycles of a step of eight: see Candidates::paysAlone().
static double copyAlone(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  constexpr double cyclesOfCopy = 12;
  Conv1dPacked staging(problem, schedule);
  if (staging.packs || schedule.copyWarps != 0 || countBlocks(problem, schedule) > gpu.numSMs)
    return 0;
  return cyclesOfCopy * double(staging.copiesPerThread(schedule, gpu) * staging.stepsOfPart);
}

/// Rounding stands between the copies and the products of a step, with a barrier of its own. On an
/// H200, 33.0 us instead of 27.6 for an image of 1024 to 1024 channels in 32 steps, in spite of the
/// launch that it saves, but 8.9 instead of 15.2 in eight parts of four steps each.
static double roundWeights(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  constexpr double cyclesOfBarrier = 250, cyclesOfGroup = 35;
  constexpr int64_t inGroup = 4;
  if (schedule.roundW == 0)
    return 0;
  int64_t groups = llvm::divideCeilSigned(schedule.blockM * schedule.blockK,
                                          schedule.numWarps * gpu.warpSize * inGroup);
  return double(Conv1dPacked(problem, schedule).stepsOfPart) *
         (cyclesOfBarrier + cyclesOfGroup * double(groups));
}

static KernelCost cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  KernelCost cost = estimatePacked(problem, gpu, schedule);
  cost.wavefronts *= waitForFewChannels(problem, gpu);
  overlap::addParts(problem, gpu, schedule, cost);
  if (isForTwoBlocks(problem, schedule))
    cost.registersPerThread = std::min(cost.registersPerThread, registersOfTwoBlocks);
  // One group of four warps stores while the other multiplies. Boxes of what is added come as steps
  // do.
  bool loadsAtEnd = problem.addsResidual && schedule.boxes == 0;
  if (schedule.copyWarps == 0 || loadsAtEnd)
    addEnd(problem, gpu, schedule, cost);
  cost.serialCycles += copyAlone(problem, gpu, schedule) + roundWeights(problem, gpu, schedule);
  if (schedule.copyWarps != 0) {
    cost.warpsPerBlock += schedule.copyWarps + schedule.storeWarps;
    cost.registersPerThread = divideRegisters(gpu, schedule).compiled;
    cost.hasOtherRoles = schedule.storeWarps != 0;
    // The first step's copies arrive while the tile before is stored.
    if (countBlocks(problem, schedule) > gpu.numSMs)
      cost.dependentTrips = 0;
  }
  return cost;
}

const Algorithm<Conv1dProblem> poolc::conv1dGemmWgmma = {
    .name = "gemm_wgmma",
    .summary = "matrices of packed weights, multiplied by four warps at once while they load x",
    .applies = applies,
    .rules = rules,
    .candidates = candidates,
    .check = check,
    .cost = cost,
    .takesDynamicAxes = true};
