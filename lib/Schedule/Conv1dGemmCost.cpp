//===- Conv1dGemmCost.cpp - What convolutions by matrices cost ------------===//

#include "Conv1dGemmCost.h"
#include "ActivationCost.h"
#include "Algorithms.h"
#include "Conv1dGemmTiles.h"
#include "Footprint.h"

#include "poolc/Schedule/Conv1dRows.h"
#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/Grid.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <utility>

using namespace poolc;

/// Instructions for each element that a thread copies to shared memory: with
/// cp.async, whose address and conditions are kept; else through a register.
static constexpr double instructionsPerAsyncCopy = 3, instructionsPerCopy = 5;

/// Before the first and after the last step, and for each output.
static constexpr double overheadPerWarp = 120, overheadPerOutput = 6;

namespace {
/// Warp instructions of one step of one block.
struct StepCost {
  double shared = 0, arithmetic = 0, conversions = 0, wavefronts = 0, multiplyAdds = 0;
};
} // namespace

/// How the block's warps divide the tile: into whole fragments, along m as far as it is
/// squarer. `columns`: neighbours along n that a thread had best load.
static double warpsAlongM(const Schedule &schedule, NeighbourColumns columns = {}) {
  FragmentWarps warps =
      divideAmongWarps(schedule.blockM, schedule.blockN, /*least=*/2, columns, schedule.numWarps);
  return warps ? double(warps.m) : 1;
}

static StepCost stepOnTensorCores(const Conv1dProblem &problem, const GPU &gpu,
                                  const Schedule &schedule, const GemmSteps &staging) {
  double taps = double(staging.taps);
  double warps = double(schedule.numWarps), warpsM = warpsAlongM(schedule, staging.columnsX);
  double fragmentsM = std::max(1.0, double(schedule.blockM) / (16 * warpsM));
  double fragmentsN = std::max(1.0, double(schedule.blockN) * warpsM / (8 * warps));
  // An instruction sums 32 bytes of channels.
  double channelsPerInstruction = 32.0 / sizeInBytes(problem.type);
  double steps = taps * double(schedule.blockK) / channelsPerInstruction;
  double loadsX = staging.loadsPerFragmentX, conflictsX = staging.conflictsX;
  // A warp's fragments may not be enough for as many neighbours in each thread. Then loads bring
  // fewer of them, or those loaded at once meet the same banks.
  if (std::fmod(fragmentsN, double(staging.columnsX.best)) != 0 &&
      staging.columnsX.best > staging.columnsX.ofLoad)
    conflictsX = staging.conflictsOfFewX;
  for (int64_t columns = staging.columnsX.ofLoad; columns > 1; columns /= 2)
    if (std::fmod(fragmentsN, double(columns)) != 0)
      loadsX *= 2;
  bool isF32 = problem.type == DataType::f32, isSplit = problem.precision == Precision::tf32x3;
  double products = isSplit ? 3 : 1;
  StepCost step;
  double loadsW = staging.loadsPerFragmentW;
  step.shared = warps * steps * (fragmentsM * loadsW + fragmentsN * loadsX);
  // ldmatrix reads four matrices of the weights at once, or two of x. Other loads take as long as
  // any instruction of memory.
  double perLoad = 1 / gpu.memoryPerCycle;
  step.wavefronts = warps * steps *
                    (fragmentsM * (loadsW == 1 ? 4 * std::max(1.0, staging.conflictsW / 4)
                                               : loadsW * std::max(perLoad, staging.conflictsW)) +
                     fragmentsN * std::max(2.0, loadsX * std::max(perLoad, conflictsX)));
  step.arithmetic = warps * steps * fragmentsM * fragmentsN * products;
  if (isF32)
    step.conversions = warps * steps * (4 * fragmentsM + 2 * fragmentsN) * (isSplit ? 3 : 1);
  step.multiplyAdds = double(schedule.blockM * schedule.blockN * schedule.blockK) * taps * products;
  return step;
}

/// Registers of addresses and conditions, and of an instruction's operands.
static constexpr int64_t registersOfAddresses = 24, registersOfA = 4, registersOfB = 2;

static int64_t fragmentsAlongN(const Schedule &schedule) {
  int64_t warpsN = schedule.numWarps / int64_t(warpsAlongM(schedule));
  return std::max<int64_t>(1, schedule.blockN / (fragmentN * warpsN));
}

int64_t poolc::countRegisters(const Conv1dProblem &problem, const Schedule &schedule,
                              int64_t taps) {
  int64_t sums = sumsPerThread(schedule);
  int64_t loaded = registersOfA + registersOfB * fragmentsAlongN(schedule);
  bool isSplit = problem.precision == Precision::tf32x3;
  // The assembler loads what follows while it is needed, and divides it in two then, too, but for
  // few sums, whose products are over sooner.
  constexpr int64_t fewSums = 48;
  bool hasNext = taps * schedule.blockK > channelsPerInstruction(problem);
  int64_t ahead = !hasNext ? 0 : isSplit && sums > fewSums ? 2 * loaded : loaded;
  return sums + (isSplit ? 2 * loaded : loaded) + ahead + registersOfAddresses;
}

int64_t poolc::countRegistersOfRuns(const Conv1dProblem &problem, const Schedule &schedule) {
  bool isRounded = problem.type == DataType::f32;
  bool hasRuns = schedule.algorithm == conv1dGemmFlat.name ||
                 (schedule.algorithm == conv1dGemmRows.name &&
                  Conv1dRows::multipliesRuns(problem.window.kernel));
  if (!hasRuns || !isRounded)
    return 0;
  int64_t fragmentsM =
      std::max<int64_t>(1, schedule.blockM / (fragmentM * int64_t(warpsAlongM(schedule))));
  int64_t ofA = 2 * registersOfA * fragmentsM, ofB = registersOfB * fragmentsAlongN(schedule);
  int64_t others = sumsPerThread(schedule) + registersOfAddresses;
  // What is divided in two is loaded ahead besides.
  return problem.precision == Precision::tf32x3 ? others + 2 * (ofA + ofB) + ofB
                                                : others + ofA + ofB;
}

/// Tensor cores read the weights by themselves, once for four warps and their 64 positions.
static StepCost stepOfWarpgroups(const Conv1dProblem &problem, const Schedule &schedule,
                                 const GemmSteps &staging) {
  constexpr double positionsPerWarp = 16, warpsPerGroup = 4, bytesPerStep = 32;
  constexpr double registersOfX = 4;
  double taps = double(staging.taps), warps = double(schedule.numWarps);
  double steps = taps * double(schedule.blockK) * sizeInBytes(problem.type) / bytesPerStep;
  double products = double(schedule.blockN) / (positionsPerWarp * warps);
  double loads = problem.type == DataType::f32 ? 1 : 2;
  StepCost step;
  step.shared = warps * steps * products * registersOfX * loads;
  step.wavefronts = step.shared * staging.conflictsX * staging.waitsX +
                    warps / warpsPerGroup * steps * products * double(schedule.blockM) *
                        bytesPerStep / cacheLineBytes;
  // Values are rounded, or pairs put together.
  step.conversions = warps * steps * products * registersOfX;
  step.arithmetic = warps * steps * products;
  step.multiplyAdds = double(schedule.blockM * schedule.blockN * schedule.blockK) * taps;
  return step;
}

/// Tensor cores read both: 64 rows of the weights, and all positions.
static StepCost stepOfChunks(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
                             const GemmSteps &staging) {
  constexpr double rowsPerProduct = 64, bytesPerStep = 32;
  double element = sizeInBytes(problem.type), warps = double(schedule.numWarps);
  double steps = double(staging.taps * schedule.blockK) * element / bytesPerStep;
  double groups = double(schedule.blockM) / rowsPerProduct;
  double loads = warps * double(staging.loadsPerThread), written = loads * element / 16;
  // Lines of global memory that a warp's load touches.
  double apart = double(problem.window.stride) * element * gpu.warpSize / cacheLineBytes;
  double lines = std::clamp(apart, 1.0, double(gpu.warpSize));
  StepCost step;
  step.shared = loads + written;
  step.wavefronts =
      steps * groups * (rowsPerProduct + double(schedule.blockN)) * bytesPerStep / cacheLineBytes +
      loads * lines + written * 16 * gpu.warpSize / cacheLineBytes;
  // What a step waits for is hidden by the products of the one before: by enough of them for each
  // element that is loaded, more where a load brings half as much. On an H200, 130 us for three
  // taps of 512 channels in TF32, 152 with gemm_wgmma; in bf16 147 and 142 for 256 channels, 85 and
  // 63 for taps so far apart that twice as many positions are loaded. Of two steps, nothing is
  // before one.
  double enoughProducts = problem.type == DataType::f32 ? 2 : 2.6;
  constexpr int64_t fewSteps = 2;
  double products =
      double(staging.taps * schedule.blockK * schedule.blockN) / (loads * double(gpu.warpSize));
  if (staging.steps <= fewSteps)
    products /= 2;
  step.wavefronts *= std::max(1.0, enoughProducts / products);
  // Values are rounded by integer arithmetic, or pairs put together.
  step.conversions = problem.type == DataType::f32 ? 4 * loads : loads / 2;
  step.arithmetic = steps * groups;
  step.multiplyAdds =
      double(schedule.blockM * schedule.blockN * schedule.blockK) * double(staging.taps);
  return step;
}

/// Rows and columns of the tile that each thread of FMA units has: groups of four rows, and columns
/// eight apart, where warps divide the tile into such; or of a small tile what there is.
static std::pair<double, double> sumsOnFmaUnits(const Schedule &schedule,
                                                const GemmSteps &staging) {
  constexpr int64_t rowsOfWarp = 16, columnsOfWarp = 8;
  double best = 0;
  bool bestDivides = false;
  std::pair<double, double> each;
  for (int64_t warpsM = 1; warpsM <= schedule.numWarps; warpsM *= 2) {
    int64_t warpsN = schedule.numWarps / warpsM;
    bool divides = schedule.blockM % (rowsOfWarp * warpsM) == 0 &&
                   schedule.blockN % (columnsOfWarp * warpsN) == 0;
    double ofM = std::max(1.0, double(schedule.blockM) / double(4 * warpsM)),
           ofN = std::max(1.0, double(schedule.blockN) / double(columnsOfWarp * warpsN));
    double loads = ofM / 4 + ofN / double(std::max<int64_t>(1, staging.columnsX.best));
    if (best != 0 && (divides == bestDivides ? loads >= best : bestDivides))
      continue;
    best = loads;
    bestDivides = divides;
    each = {ofM, ofN};
  }
  return each;
}

static StepCost stepOnFmaUnits(const GPU &gpu, const Schedule &schedule, const GemmSteps &staging) {
  double warps = double(schedule.numWarps);
  auto [eachM, eachN] = sumsOnFmaUnits(schedule, staging);
  double steps = double(staging.taps) * double(schedule.blockK);
  StepCost step;
  double loadsX = eachN * (staging.loadsPerFragmentX == 0 ? 1 : staging.loadsPerFragmentX);
  double perLoad = 1 / gpu.memoryPerCycle, rows = double(staging.rowsAtOnce);
  step.shared = warps * steps * (eachM / rows + loadsX);
  // Neighbouring lanes have the same rows, of which a load of several takes half as many passes.
  double passesW = std::max(1.0, rows / 2);
  step.wavefronts =
      warps * steps *
      (eachM / rows * std::max(perLoad, passesW) + loadsX * std::max(perLoad, staging.conflictsX));
  step.arithmetic = warps * steps * eachM * eachN;
  return step;
}

MatrixType poolc::matrixTypeOf(const Conv1dProblem &problem) {
  return problem.type == DataType::f16    ? MatrixType::f16
         : problem.type == DataType::bf16 ? MatrixType::bf16
                                          : MatrixType::tf32;
}

bool poolc::hasShortWindow(const Conv1dProblem &problem) {
  constexpr int64_t shortReach = 8;
  const Window &window = problem.window;
  return (window.kernel - 1) * window.dilation <= shortReach * window.stride;
}

/// Sectors of a row of x that tiles of so many positions load, over those that it has, less 1.
static double loadedAgain(const Conv1dProblem &problem, int64_t positions) {
  const Window &window = problem.window;
  int64_t element = sizeInBytes(problem.type), outputs = problem.outputSize();
  // Rows and tiles begin anywhere among the multiples of this.
  int64_t step =
      std::min(lowestBit(window.size * element), lowestBit(positions * window.stride * element));
  auto bytesOf = [&](int64_t first, int64_t last) {
    int64_t begin = first * window.stride - window.padBefore;
    int64_t end =
        (last - 1) * window.stride - window.padBefore + (window.kernel - 1) * window.dilation + 1;
    begin = std::max<int64_t>(0, begin);
    end = std::min(end, window.size);
    return end <= begin
               ? 0
               : runBytes(1, double((end - begin) * element), step, begin * element % sectorBytes);
  };
  int64_t tiles = llvm::divideCeilSigned(outputs, positions);
  double whole = bytesOf(0, outputs);
  if (tiles <= 1 || whole == 0)
    return 0;
  double ofTiles = bytesOf(0, positions) + bytesOf((tiles - 1) * positions, outputs) +
                   double(tiles - 2) * bytesOf(positions, 2 * positions);
  return ofTiles / whole - 1;
}

KernelCost poolc::estimateGemm(const Conv1dProblem &problem, const GPU &gpu,
                               const Schedule &schedule, const GemmSteps &staging) {
  KernelCost cost;
  TileGrid grid = llvm::cantFail(makeTileGrid(problem, schedule));
  const Window &window = problem.window;
  double element = sizeInBytes(problem.type), outputs = double(problem.outputSize());
  double warps = double(schedule.numWarps), steps = double(staging.steps);
  cost.blocks = grid.blocks();
  cost.warpsPerBlock = schedule.numWarps;
  cost.sharedBytesPerBlock = staging.sharedBytes;

  // Sectors of one step: rows of x, and of the weights runs of all taps, of
  // which a single tap uses only every window.kernel'th element.
  Window tap = window;
  tap.kernel = staging.taps;
  double channels = std::min<double>(double(schedule.blockK), double(problem.inPerGroup));
  double tileOutputs = double(grid.axis('n').extent) / double(grid.axis('n').tiles);
  double xBytes = channels * touchedRowBytes(tap, problem.type, tileOutputs);
  double wRun = channels * double(window.kernel) * element;
  int64_t rowBytes = problem.taps() * sizeInBytes(problem.type);
  bool isAligned = rowBytes % sectorBytes == 0 && std::fmod(wRun, double(sectorBytes)) == 0;
  double partial = isAligned ? 0 : double(sectorBytes) - element;
  double wBytes = double(std::min(schedule.blockM, problem.outPerGroup)) *
                  std::min(wRun + partial, channels * double(sectorBytes));
  if (staging.weightBytes != 0)
    wBytes = double(staging.weightBytes);
  double copyingWarps = schedule.copyWarps != 0 ? double(schedule.copyWarps) : warps;
  double copies = copyingWarps * double(staging.copiesPerThread);
  if (staging.keepsWeights) {
    constexpr double bytesOfCopy = 16;
    double filling = double(gpu.numSMs) * double(schedule.numStages);
    double share = std::min(1.0, filling / (double(cost.blocks) * steps));
    copies = std::max(0.0, copies - (1 - share) * wBytes / (bytesOfCopy * gpu.warpSize));
    wBytes *= share;
  }
  cost.l2ReadBytes = double(cost.blocks) * steps * (xBytes + wBytes);
  cost.dramReadBytes =
      double(problem.batch * problem.inChannels()) *
          std::min(touchedRowBytes(window, problem.type, outputs), double(window.size) * element) +
      double(problem.outChannels() * problem.taps()) * element;
  cost.l2WriteBytes = cost.dramWriteBytes =
      double(problem.batch * problem.outChannels()) * outputs * element;

  // What is added to the sums is read once.
  if (problem.addsResidual) {
    cost.l2ReadBytes += cost.l2WriteBytes;
    cost.dramReadBytes += cost.dramWriteBytes;
  }
  // What wgmma waits for then is in its own cost.
  bool waitsForAddend = problem.addsResidual && !staging.ofWarpgroups;

  bool onTensorCores = canUseTensorCores(problem);
  GemmSteps filled = staging;
  if (filled.loadsPerFragmentX == 0) // By ldmatrix of two; in f32, element by element.
    filled.loadsPerFragmentX = problem.type == DataType::f32 ? 2 : 1;
  StepCost step = staging.ofChunks       ? stepOfChunks(problem, gpu, schedule, staging)
                  : staging.ofWarpgroups ? stepOfWarpgroups(problem, schedule, staging)
                  : onTensorCores        ? stepOnTensorCores(problem, gpu, schedule, filled)
                                         : stepOnFmaUnits(gpu, schedule, staging);
  for (double *part :
       {&step.shared, &step.arithmetic, &step.conversions, &step.wavefronts, &step.multiplyAdds})
    *part *= staging.tapsInUse;
  cost.ofWarpgroups = staging.ofWarpgroups;
  double outputsPerThread =
      double(schedule.blockM * schedule.blockN) / (warps * double(gpu.warpSize));
  cost.memory = steps * (copies * (staging.isAsync ? 1 : 2) + step.shared) +
                warps * outputsPerThread / (staging.storesPairs ? 2 : 1) * (waitsForAddend ? 2 : 1);
  cost.loadRequests = double(cost.blocks) * steps * copies;
  cost.alu = steps * (copies * (staging.isAsync ? instructionsPerAsyncCopy : instructionsPerCopy) +
                      step.conversions);
  cost.fma = onTensorCores ? 0 : steps * step.arithmetic;
  cost.instructions = cost.memory + cost.alu + steps * (step.arithmetic + 8 * warps) +
                      warps * (overheadPerWarp + overheadPerOutput * outputsPerThread);
  // Polynomials and exponentials, on all sums of the tile.
  auto [fma, special] = activationCost(problem);
  cost.fma += warps * outputsPerThread * fma;
  cost.special += warps * outputsPerThread * special;
  cost.instructions += warps * outputsPerThread * (fma + special);
  cost.matrixMultiplyAdds = steps * step.multiplyAdds;
  cost.isProductInSteps = !staging.ofWarpgroups;
  cost.sumsPerThread = outputsPerThread;
  // Few sums of FMA units wait for each other's operands: one warp of 32 issues 0.43 in a cycle.
  constexpr double manySums = 64, issuedOfFewSums = 0.45;
  if (!onTensorCores && outputsPerThread < manySums)
    cost.issuePerWarp = issuedOfFewSums;
  if (cost.isProductInSteps)
    cost.overlap = double(grid.axis('n').tiles) *
                       touchedRowBytes(window, problem.type, tileOutputs) /
                       touchedRowBytes(window, problem.type, outputs) -
                   1;
  cost.matrixType = matrixTypeOf(problem);
  cost.hasLongProducts = cost.isProductInSteps && onTensorCores && areProductsLong(gpu, cost);
  if (cost.hasLongProducts && problem.groups == 1 && hasShortWindow(problem) &&
      !problem.hasDynamicAxes())
    cost.avoidableOverlap = loadedAgain(problem, schedule.blockN);
  double copied = element * double(staging.vector);
  WarpAccess copy = accessGlobal(gpu.warpSize, copied, double(staging.spanStride) * copied);
  double storedWavefronts = std::max(1.0, copied * gpu.warpSize / cacheLineBytes);
  cost.wavefronts = steps * (copies * (copy.wavefronts + storedWavefronts) + step.wavefronts) +
                    warps * outputsPerThread;
  // Addresses and conditions of copies stay in registers over the loop.
  cost.registersPerThread = std::min<int64_t>(
      gpu.maxRegistersPerThread, 48 + int64_t(outputsPerThread) + 2 * staging.copiesPerThread);

  // With several stages the copies of later steps are under way while one is
  // multiplied, and nothing waits but the first step for its own; with one
  // stage, each step does.
  bool overlaps = staging.isAsync && schedule.numStages > 1;
  // Loads of elements that may lie outside are behind branches, and few are under way together: 21
  // trips in a step of 34 loads.
  constexpr double elementsAtOnce = 1.6;
  double tripsOfStep =
      staging.isAsync ? 1 : std::max(1.0, double(staging.copiesPerThread) / elementsAtOnce);
  cost.dependentTrips = (overlaps ? 1 : steps * tripsOfStep) + (waitsForAddend ? 1 : 0);
  constexpr double bytesPerProduct = 32;
  cost.productsInStep =
      overlaps ? double(staging.taps * schedule.blockK) * element / bytesPerProduct : 0;
  cost.bytesInFlight = overlaps ? (xBytes + wBytes) * double(schedule.numStages - 1) : 0;
  return cost;
}

void poolc::appendSplits(const Conv1dProblem &problem, const GPU &gpu, int64_t blocksPerSM,
                         llvm::function_ref<llvm::Error(const Schedule &)> check,
                         llvm::SmallVectorImpl<Schedule> &schedules) {
  constexpr int64_t leastSteps = 4;
  llvm::SmallVector<Schedule> splits;
  for (const Schedule &whole : schedules) {
    llvm::Expected<TileGrid> grid = makeTileGrid(problem, whole);
    if (!grid) {
      llvm::consumeError(grid.takeError());
      continue;
    }
    int64_t blocks = std::max<int64_t>(grid->blocks(), 1);
    int64_t steps = llvm::divideCeilSigned(problem.inPerGroup, whole.blockK);
    Schedule schedule = whole;
    schedule.splitK = std::min({maxParts, steps / leastSteps, blocksPerSM * gpu.numSMs / blocks});
    llvm::Error error = check(schedule);
    if (!error && blocks < gpu.numSMs && schedule.splitK > 1)
      splits.push_back(schedule);
    llvm::consumeError(std::move(error));
  }
  llvm::append_range(schedules, splits);
}
