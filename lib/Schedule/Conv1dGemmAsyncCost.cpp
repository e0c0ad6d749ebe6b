//===- Conv1dGemmAsyncCost.cpp - What matrices of copied rows cost --------===//
//
// The costs of gemm_rows, gemm_packed and gemm_wgmma: what they stage, what their products take
// of a thread's registers, and what parts of sums cost.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "Conv1dGemmCost.h"
#include "Conv1dGemmTiles.h"

#include "poolc/Schedule/Conv1dFlat.h"
#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Schedule/Conv1dRows.h"
#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/Streaming.h"

#include <algorithm>

using namespace poolc;

int64_t poolc::tapsOfStep(const Conv1dProblem &problem, const Schedule &schedule) {
  return schedule.algorithm == conv1dGemmPacked.name ? schedule.blockT : problem.window.kernel;
}

/// Registers that a thread of the kernel may have.
static int64_t registerLimit(const Conv1dProblem &problem, const GPU &gpu,
                             const Schedule &schedule) {
  return isForTwoBlocks(problem, schedule) ? registersOfTwoBlocks : gpu.maxRegistersPerThread;
}

/// Whether what a thread of FMA units loads of a channel for all taps takes few registers.
static bool hasFewWindows(const Conv1dProblem &problem, const Schedule &schedule) {
  Conv1dPacked staging(problem, schedule);
  constexpr int64_t fewAround = 4;
  const Window &window = problem.window;
  return staging.multipliesWindows && window.stride == 1 &&
         (schedule.blockT - 1) * window.dilation <= fewAround;
}

/// Sums for which a thread of FMA units has registers beside its operands, as ptxas 13.0 has for
/// sm_89: of strided windows, positions between those that are needed are loaded, too.
static int64_t mostSumsOfFma(const Conv1dProblem &problem, const Schedule &schedule) {
  constexpr int64_t few = 48, most = 64, some = 96, fewTaps = 3;
  int64_t taps = tapsOfStep(problem, schedule);
  if (isForTwoBlocks(problem, schedule))
    return taps == 1 ? maxElementsPerThread : hasFewWindows(problem, schedule) ? most : few;
  if (problem.window.stride == 1)
    return maxElementsPerThread;
  return taps <= fewTaps ? some : few;
}

int64_t poolc::countSpilled(const Conv1dProblem &problem, const GPU &gpu,
                            const Schedule &schedule) {
  if (!canUseTensorCores(problem)) {
    // Others load each element by itself, and keep none of them.
    if (schedule.algorithm != conv1dGemmPacked.name || Conv1dPacked(problem, schedule).x.loads == 1)
      return 0;
    return std::max<int64_t>(0, sumsPerThread(schedule) - mostSumsOfFma(problem, schedule));
  }
  int64_t needed = std::max(countRegisters(problem, schedule, tapsOfStep(problem, schedule)),
                            countRegistersOfRuns(problem, schedule));
  return std::max<int64_t>(0, needed - registerLimit(problem, gpu, schedule));
}

/// Memory instructions that load a fragment of x: two registers, of which pairs of 16-bit
/// channels are put together; or, for FMA units, a column.
static double loadsPerFragmentX(const Conv1dProblem &problem, const StagedRows &rows) {
  if (!canUseTensorCores(problem))
    return rows.loads;
  return rows.loads * (problem.type == DataType::f32 ? 2 : 4);
}

/// What is to be rounded arrives one load after the other, if there are several for a fragment of
/// weights: on the virtual RTX 4090, 3 to 4 % more time than for one load, where x takes few.
static constexpr double roundedOneByOne = 2;

/// What does not fit is written to memory and read again in each step.
static void limitRegisters(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
                           int64_t steps, KernelCost &cost) {
  cost.registersPerThread =
      std::min<int64_t>(cost.registersPerThread, registerLimit(problem, gpu, schedule));
  cost.spilledRegisters = countSpilled(problem, gpu, schedule);
  double accesses = 2.0 * double(cost.spilledRegisters * steps) * double(schedule.numWarps);
  cost.memory += accesses;
  cost.instructions += accesses;
  cost.wavefronts += accesses;
}

void poolc::addParts(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
                     KernelCost &cost) {
  if (schedule.splitK <= 1)
    return;
  double parts = double(schedule.splitK * problem.batch * problem.outChannels()) *
                 double(problem.outputSize()) * sizeof(float);
  cost.l2WriteBytes += parts;
  cost.l2ReadBytes += parts;
  // GPUs with wgmma keep in L2 for the next launch what fits there; of others nothing is known, and
  // the last launch reads as if it began with an empty one.
  bool isKept = gpu.wgmmaShare > 0 && parts <= double(gpu.l2Bytes);
  if (!isKept) {
    cost.dramWriteBytes += parts;
    cost.dramReadBytes += parts;
  }
  // That one does little but wait for what the other one wrote: as long, on the virtual GPU, as
  // three launches take to begin. Nothing runs beside it.
  constexpr double leastLaunches = 3;
  double adding = isKept ? 0 : parts / (gpu.dramActualGBs * 1e9);
  cost.launches += int64_t(std::max(leastLaunches, adding / (gpu.launchMicroseconds * 1e-6)));
}

/// Where x and weights are loaded from shared memory as they lie. On an H200, 260 us for one tap in
/// 16 bits whose packed weights take 236, 88 and 83 in groups; with weights that come by way of the
/// L1, 40.5 and 45.0 for three taps of 32 channels.
static void waitForShared(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
                          KernelCost &cost) {
  constexpr double hopperWavefronts = 1.4;
  if (problem.type != DataType::f32 && copiesWeightsByL1(problem, gpu, schedule))
    return;
  // In groups of TF32, 139 us, and 151 with gemm_wgmma. Of three products for each fragment,
  // loads are the smaller part.
  bool isSlower = (problem.groups == 1 || problem.type != DataType::f32) &&
                  problem.precision != Precision::tf32x3;
  if (gpu.wgmmaShare > 0 && isSlower)
    cost.wavefronts *= hopperWavefronts;
}

/// What a step stages of whole rows: all taps of `block_k` channels. Of their fragments the
/// callers tell. `Staging` is Conv1dRows or Conv1dFlat.
template <typename Staging>
static GemmSteps describeSteps(const Conv1dProblem &problem, const GPU &gpu,
                               const Schedule &schedule, const Staging &staging) {
  GemmSteps steps;
  steps.steps = staging.stepsOfPart;
  steps.taps = problem.window.kernel;
  steps.span = staging.x.span;
  steps.copiesPerThread = staging.copiesPerThread(schedule, gpu);
  steps.vector = std::min(staging.x.vector, staging.vectorW);
  steps.sharedBytes = staging.sharedBytes(schedule, problem.type);
  steps.columnsX = staging.x.columns;
  steps.storesPairs = problem.window.outputFactor() % 2 == 0;
  return steps;
}

/// The cost of such steps, of which fragments of weights are loaded in rows as they lie where
/// `inRuns`.
static KernelCost estimateUnpacked(const Conv1dProblem &problem, const GPU &gpu,
                                   const Schedule &schedule, GemmSteps steps, bool inRuns) {
  if (inRuns && steps.loadsPerFragmentW > 1 && problem.type == DataType::f32)
    steps.conflictsW *= roundedOneByOne;
  KernelCost cost = estimateGemm(problem, gpu, schedule, steps);
  waitForShared(problem, gpu, schedule, cost);
  addParts(problem, gpu, schedule, cost);
  limitRegisters(problem, gpu, schedule, steps.steps, cost);
  return cost;
}

KernelCost poolc::estimateRows(const Conv1dProblem &problem, const GPU &gpu,
                               const Schedule &schedule) {
  Conv1dRows rows(problem, schedule);
  GemmSteps steps = describeSteps(problem, gpu, schedule, rows);
  steps.loadsPerFragmentX = loadsPerFragmentX(problem, rows.x);
  steps.conflictsX = rows.x.wavefronts;
  steps.conflictsOfFewX = rows.x.wavefrontsOfFew;
  if (problem.window.kernel != 1) {
    constexpr double bytesOfFragment = 16;
    steps.loadsPerFragmentW = rows.hasRunsW ? bytesOfFragment / double(rows.bytesOfLoadW)
                              : problem.type == DataType::f32 ? 4
                                                              : 8;
    steps.conflictsW = rows.wavefrontsW;
  }
  return estimateUnpacked(problem, gpu, schedule, steps, rows.hasRunsW);
}

KernelCost poolc::estimateFlat(const Conv1dProblem &problem, const GPU &gpu,
                               const Schedule &schedule) {
  Conv1dFlat flat(problem, schedule);
  GemmSteps steps = describeSteps(problem, gpu, schedule, flat);
  steps.loadsPerFragmentX = flat.loads.loads;
  steps.conflictsX = flat.loads.wavefronts;
  steps.conflictsOfFewX = flat.loadsOfFew.wavefronts;
  steps.loadsPerFragmentW = double(flat.loadsW);
  steps.conflictsW = flat.wavefrontsW;
  return estimateUnpacked(problem, gpu, schedule, steps, /*inRuns=*/true);
}

/// Tensor cores wait for what threads load of boxes that taps share, with few output channels for
/// longer: on an H200, for 512 channels of three taps in f16, 298 us in tiles of 256 x 128 and 339
/// of 128 x 128, predicted without this as 290 and 297; for 256 in TF32, 156 and 190, predicted as
/// 155 and 158.
static double waitForBoxes(const Conv1dProblem &problem, const Conv1dPacked &staging) {
  constexpr double ofTF32 = 1.6, of16Bits = 1.3;
  if (!staging.sharesBoxes)
    return 1;
  return problem.type == DataType::f32 ? ofTF32 : of16Bits;
}

/// Tiles of few output channels multiply what threads have rounded for a shorter time, and wait for
/// it, where there are more: on an H200, 32 x 1024 to 1024 channels of 576 positions in TF32 take
/// 123 us in tiles of 256 x 128 and 144 of 128 x 256, 768 channels of 192 positions 34 in three
/// fifths of the tiles of 160 x 128 and 44 of 128 x 128, predicted without this as 137 and 139,
/// and 35 and 38.
static double waitForRounding(const Conv1dProblem &problem, const Schedule &schedule,
                              const Conv1dPacked &staging) {
  constexpr int64_t few = 128;
  constexpr double longer = 1.15;
  bool waits = problem.type == DataType::f32 && staging.boxColumns != 0 && !staging.sharesBoxes &&
               schedule.blockM <= few && problem.outPerGroup > few;
  return waits ? longer : 1;
}

double poolc::addPacking(const Conv1dProblem &problem, const Schedule &schedule,
                         const Conv1dPacked &staging, KernelCost &cost) {
  if (!staging.packs)
    return 0;
  double packed = double(problem.groups * staging.packedChannels * staging.steps()) *
                  double(schedule.blockT * schedule.blockK) * sizeInBytes(problem.type);
  cost.dramWriteBytes += packed;
  cost.l2WriteBytes += packed;
  cost.l2ReadBytes += packed;
  cost.launches = 2;
  return packed;
}

KernelCost poolc::estimatePacked(const Conv1dProblem &problem, const GPU &gpu,
                                 const Schedule &schedule) {
  Conv1dPacked staging(problem, schedule);
  GemmSteps steps;
  steps.steps = staging.stepsOfPart;
  steps.ofWarpgroups = isOfWarpgroups(schedule);
  steps.taps = schedule.blockT;
  // A step that reaches beyond the last tap leaves those out.
  steps.tapsInUse = double(problem.window.kernel) / double(staging.tapSteps * schedule.blockT);
  steps.span = staging.x.span;
  steps.copiesPerThread = staging.copiesPerThread(schedule, gpu);
  steps.vector = std::min(staging.x.vector, staging.vectorW);
  steps.sharedBytes = staging.sharedBytes(schedule, problem.type);
  steps.loadsPerFragmentX = loadsPerFragmentX(problem, staging.x);
  steps.conflictsX = staging.x.wavefronts;
  steps.conflictsOfFewX = staging.x.wavefrontsOfFew;
  steps.waitsX = waitForBoxes(problem, staging);
  steps.columnsX = staging.x.columns;
  steps.storesPairs = staging.chunked && problem.window.outputFactor() % 2 == 0;
  steps.rowsAtOnce = staging.chunked ? 1 : staging.vectorW;
  steps.weightBytes =
      schedule.blockT * schedule.blockK * schedule.blockM * sizeInBytes(problem.type);
  steps.keepsWeights = staging.keepsWeights;
  KernelCost cost = estimateGemm(problem, gpu, schedule, steps);
  cost.matrixMultiplyAdds *= waitForRounding(problem, schedule, staging);
  double packed = addPacking(problem, schedule, staging, cost);
  // Nothing runs beside it; what it writes reaches DRAM where the L2 is not known to keep it.
  double packing = steps.ofWarpgroups ? 0 : 2 * packed / (gpu.dramActualGBs * 1e9);
  if (staging.packs)
    cost.launches = 1 + std::max<int64_t>(1, int64_t(packing / (gpu.launchMicroseconds * 1e-6)));
  addParts(problem, gpu, schedule, cost);
  if (!steps.ofWarpgroups)
    limitRegisters(problem, gpu, schedule, steps.steps, cost);
  return cost;
}
