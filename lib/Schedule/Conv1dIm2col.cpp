//===- Conv1dIm2col.cpp - Matrix products over channels and taps ----------===//
//
// A block computes block_m output channels of one group x block_n positions of
// one batch element. It stages all rows of x that it touches, and sums over
// channels and taps as one axis of a matrix whose columns are windows of those
// rows; they overlap in shared memory, nothing is written out. For few input
// channels, where matrices over channels alone would be mostly zeros.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "Conv1dOrders.h"
#include "Footprint.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dIm2col.h"
#include "poolc/Schedule/Conv1dStaging.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

/// Sums that a thread holds at most; with more, few registers are left for
/// operands.
static constexpr int64_t maxElementsPerThread = 64;

/// Copies that a thread makes at most: of x, written out once before the loop, and
/// of the weights in each step, whose addresses stay in registers.
static constexpr int64_t maxCopiesOfX = 128, maxCopiesOfWeights = 32;

/// Elements along K of one step at most; they are written out.
static constexpr int64_t maxDepth = 256;

/// More input channels than this fill a matrix of their own.
static constexpr int64_t mostChannels = 64;

static int64_t lowestBit(int64_t value) { return value & -value; }

/// Elements along K that 16 bytes hold, of which tensor cores take two.
static int64_t chunkOf(const Conv1dProblem &problem) {
  return canUseTensorCores(problem) ? 16 / sizeInBytes(problem.type) : 1;
}

/// Neighbouring outputs that one store can write.
static int64_t widestStore(const Conv1dProblem &problem) {
  int64_t outputs = problem.window.outputFactor();
  int64_t whole = 16 / sizeInBytes(problem.type);
  return outputs == 0 ? whole : std::min(whole, lowestBit(outputs));
}

static llvm::Error applies(const Conv1dProblem &problem, const GPU &) {
  if (problem.inPerGroup > mostChannels)
    return llvm::createStringError("expected at most " + llvm::Twine(mostChannels) +
                                   " input channels per group, got " +
                                   llvm::Twine(problem.inPerGroup));
  return llvm::Error::success();
}

static AlgorithmRules rules(const Conv1dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxBlock = 256, maxStages = 4;
  AlgorithmRules rules{"gemm_im2col", {}, maxElementsPerThread, {"block_m", "block_n"}};
  rules.words = {{"block_m", maxBlock, 16, /*anyNumber=*/true},
                 {"block_n", maxBlock, 8},
                 {"block_k", mostChannels, 1, /*anyNumber=*/true},
                 {"block_t", maxDepth, chunkOf(problem), /*anyNumber=*/true},
                 {"num_warps", maxWarpsPerBlock(gpu)},
                 {"num_stages", maxStages, 1, /*anyNumber=*/true},
                 // FMA units have no neighbours along n to store at once.
                 {"vector", canUseTensorCores(problem) ? 16 / sizeInBytes(problem.type) : 1}};
  return rules;
}

static llvm::Error check(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  if (llvm::Error error = checkFragments(schedule))
    return error;
  int64_t chunk = chunkOf(problem);
  if (schedule.blockT % chunk != 0)
    return llvm::createStringError("expected block_t to be a multiple of " + llvm::Twine(chunk) +
                                   " taps (16 bytes), got " + llvm::Twine(schedule.blockT));
  if (chunk == 1 && problem.window.kernel % schedule.blockT != 0)
    return llvm::createStringError(
        "expected block_t to divide the " + llvm::Twine(problem.window.kernel) +
        " taps where FMA units sum them, got " + llvm::Twine(schedule.blockT));
  if (int64_t depth = schedule.blockK * schedule.blockT; depth > maxDepth)
    return llvm::createStringError("expected at most " + llvm::Twine(maxDepth) +
                                   " products in a step, got " + llvm::Twine(depth) +
                                   " (block_k=" + llvm::Twine(schedule.blockK) +
                                   " * block_t=" + llvm::Twine(schedule.blockT) + ")");
  if (int64_t widest = widestStore(problem); schedule.vector > widest)
    return llvm::createStringError("expected vector to be at most " + llvm::Twine(widest) +
                                   ", of which rows of y are a multiple, got " +
                                   llvm::Twine(schedule.vector));
  Conv1dIm2col staging(problem, schedule);
  if (llvm::Error error = checkSharedBytes(gpu, staging.sharedBytes(schedule, problem.type),
                                           "; smaller blocks or fewer stages need less"))
    return error;
  if (int64_t copies = staging.copiesOfX(schedule, gpu); copies > maxCopiesOfX)
    return llvm::createStringError("expected at most " + llvm::Twine(maxCopiesOfX) +
                                   " copies of x by each thread, got " + llvm::Twine(copies) +
                                   "; more warps or smaller blocks need fewer");
  if (int64_t copies = staging.copiesOfWeights(schedule, gpu); copies > maxCopiesOfWeights)
    return llvm::createStringError("expected at most " + llvm::Twine(maxCopiesOfWeights) +
                                   " copies of weights by each thread in a step, got " +
                                   llvm::Twine(copies) +
                                   "; more warps or smaller blocks need fewer");
  return llvm::Error::success();
}

namespace {
/// Tiles in order of preference, each with the step that fits best.
class Candidates {
public:
  Candidates(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted), chunk(chunkOf(problem)) {}

  llvm::SmallVector<Schedule> make() {
    int64_t widest = chunk == 1 ? 1 : std::min<int64_t>(4, widestStore(problem));
    // All channels of a group where they are a few fragments.
    int64_t all = llvm::alignTo(problem.outPerGroup, 16);
    for (auto [m, n] : {std::pair<int64_t, int64_t>{all, all <= 96 ? 128 : 0},
                        {all, all <= 64 ? 256 : 0},
                        {128, 128},
                        {64, 128},
                        {128, 64},
                        {64, 64},
                        {64, 256},
                        {128, 32},
                        {32, 128},
                        {16, 128}})
      for (int64_t vector = widest; vector > 0; vector = vector > 2 ? 2 : 0)
        add(m, n, vector);
    if (result.empty())
      result.push_back(complete(16, 32, 1, {1, chunk, 1}));
    return std::move(result);
  }

private:
  struct Step {
    int64_t channels, taps, stages;
  };

  int64_t allTaps() const { return llvm::alignTo(problem.window.kernel, chunk); }

  /// What a step can be: all channels and taps; all taps of some channels; some
  /// taps of one channel, which leave no rest if possible.
  llvm::SmallVector<Step> makeSteps() const {
    llvm::SmallVector<Step> steps;
    int64_t channels = problem.inPerGroup, taps = allTaps();
    if (chunk == 1)
      return makeFmaSteps();
    if (channels * taps <= maxDepth)
      steps.push_back({channels, taps, 1});
    for (int64_t few : {8, 4, 2, 1})
      if (few < channels && few * taps <= 64)
        steps.push_back({few, taps, 3});
    for (int64_t most : {48, 16})
      if (taps > most)
        steps.push_back({1, someTaps(most), most > 32 ? 2 : 3});
    return steps;
  }

  /// FMA units take any number of taps, but all steps as many.
  llvm::SmallVector<Step> makeFmaSteps() const {
    constexpr int64_t mostTaps = 24;
    int64_t taps = std::min(problem.window.kernel, mostTaps);
    while (problem.window.kernel % taps != 0)
      --taps;
    llvm::SmallVector<Step> steps;
    // The less of the weights is staged at once, the more blocks an SM holds.
    for (int64_t depth : {16, 32, 64})
      steps.push_back(
          {std::clamp<int64_t>(depth / taps, 1, problem.inPerGroup), taps, depth > 32 ? 2 : 3});
    return steps;
  }

  /// Taps of a step: a divisor of all of them, and of the stride where x is
  /// staged by strides, between half of `most` and it; else `most`.
  int64_t someTaps(int64_t most) const {
    int64_t stride = problem.window.stride;
    bool isPeriodic = stride % (2 * chunk) == 0;
    for (bool periodic : {true, false})
      for (int64_t taps = most; taps > most / 2; taps -= 2 * chunk)
        if (problem.window.kernel % taps == 0 && (!periodic || !isPeriodic || stride % taps == 0))
          return taps;
    return llvm::alignTo(most, 2 * chunk);
  }

  void add(int64_t m, int64_t n, int64_t vector) {
    if (n == 0)
      return;
    for (int64_t blocksPerSM : {2, 1})
      for (Step step : makeSteps())
        if (tryStep(m, n, vector, step, blocksPerSM))
          return;
  }

  bool tryStep(int64_t m, int64_t n, int64_t vector, Step step, int64_t blocksPerSM) {
    Schedule schedule = complete(m, n, vector, step);
    if (llvm::is_contained(result, schedule))
      return true;
    llvm::Error error = check(problem, gpu, schedule);
    bool fits =
        !error && Conv1dIm2col(problem, schedule).sharedBytes(schedule, problem.type) <=
                      gpu.sharedBytesPerSM / blocksPerSM - int64_t(gpu.reservedSharedBytesPerBlock);
    llvm::consumeError(std::move(error));
    if (fits)
      result.push_back(schedule);
    return fits;
  }

  Schedule complete(int64_t m, int64_t n, int64_t vector, Step step) {
    Schedule s = wanted;
    if (!wanted.blockM)
      s.blockM = std::min(m, std::max<int64_t>(16, llvm::PowerOf2Ceil(problem.outPerGroup)));
    if (!wanted.vector)
      s.vector = vector;
    if (!wanted.blockN)
      s.blockN = std::max<int64_t>(4 * std::max<int64_t>(2, s.vector),
                                   powerOfTwoCovering(problem.outputSize(), n));
    if (!wanted.blockK)
      s.blockK = step.channels;
    if (!wanted.blockT)
      s.blockT = step.taps;
    if (!wanted.numWarps) {
      int64_t lanes = s.blockM * s.blockN / gpu.warpSize;
      s.numWarps = std::clamp<int64_t>(llvm::PowerOf2Ceil(lanes / maxElementsPerThread), 1,
                                       maxWarpsPerBlock(gpu));
    }
    if (!wanted.numStages)
      s.numStages = Conv1dIm2col(problem, s).steps() == 1 ? 1 : step.stages;
    chooseOrder(problem, conv1dOrders, gpu, s);
    return s;
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  int64_t chunk;
  llvm::SmallVector<Schedule> result;
};

/// Counts of what a block does.
class Cost {
public:
  Cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule)
      : problem(problem), gpu(gpu), schedule(schedule), staging(problem, schedule),
        element(sizeInBytes(problem.type)), steps(double(staging.steps())),
        warps(double(schedule.numWarps)) {}

  KernelCost compute() {
    cost.blocks = llvm::cantFail(makeTileGrid(problem, schedule)).blocks();
    cost.warpsPerBlock = schedule.numWarps;
    cost.sharedBytesPerBlock = staging.sharedBytes(schedule, problem.type);
    cost.launches = staging.packs ? 2 : 1;
    countBytes();
    countInstructions();
    return cost;
  }

private:
  void countBytes() {
    double outputs = double(problem.batch) * problem.outChannels() * problem.outputSize() * element;
    double residual = problem.addsResidual ? outputs : 0;
    double x = double(problem.batch) * problem.inChannels() * problem.window.size * element;
    stagedX =
        double(problem.inPerGroup) * staging.span * std::max<int64_t>(1, staging.period) * element;
    stagedW = double(staging.chunks * staging.chunk * schedule.blockM) * element;
    double blocks = double(cost.blocks);
    // The first launch reads the weights and writes them.
    double packed = staging.packs ? double(problem.groups * staging.packedChannels) * steps *
                                        staging.chunks * staging.chunk * element
                                  : 0;
    double weights = double(problem.outChannels()) * problem.taps() * element;
    cost.dramReadBytes = std::min(x, blocks * stagedX) + weights + residual;
    cost.l2ReadBytes =
        blocks * (stagedX + steps * stagedW) + (packed == 0 ? 0 : weights) + residual;
    cost.dramWriteBytes = outputs + packed;
    // Stores go by way of shared memory, so that rows of the tile are written whole;
    // what hangs over groups of 16 bytes at both ends one by one.
    int64_t rowBytes = problem.window.outputFactor() * int64_t(element);
    double ends = rowBytes % sectorBytes == 0 ? 0 : rowBytes % 16 == 0 ? 1 : 16 / element;
    double run = double(schedule.blockN) * element;
    cost.l2WriteBytes = outputs * (1 + ends * sectorBytes / run) + packed;
    // Threads of a warp whose groups are whole wait for those that have an end.
    constexpr double perRow = 1024;
    endsPerOutput = ends > 1 ? perRow / double(schedule.blockN) : 0;
    cost.bytesInFlight = stagedX + stagedW * std::max<double>(1, double(schedule.numStages - 1));
    bool overlaps = schedule.numStages > 1 && steps > 1;
    cost.dependentTrips = (overlaps ? 1 : steps) + (problem.addsResidual ? 1 : 0);
  }

  /// Warps along m, as the accumulator's layout has them.
  double warpsAlongM() const {
    double best = 1, bestLoads = 0;
    int64_t columns = 4 * std::max<int64_t>(2, schedule.vector);
    for (int64_t m = 1; m <= schedule.numWarps; m *= 2) {
      if (schedule.blockM % (16 * m) != 0 || schedule.blockN % (columns * schedule.numWarps / m))
        continue;
      double loads = double(schedule.blockM) / m + double(schedule.blockN * m) / warps;
      if (bestLoads == 0 || loads < bestLoads) {
        best = double(m);
        bestLoads = loads;
      }
    }
    return best;
  }

  /// What ptxas takes at most; epilogues with residuals or polynomials take more.
  void limitRegisters() {
    bool isPlain = !problem.addsResidual && (!problem.activation || problem.activation.isExact());
    double forEpilogue = staging.chunk == 1 ? 127 : 40;
    if (!isPlain)
      cost.registersPerThread =
          std::min<double>(gpu.maxRegistersPerThread, cost.registersPerThread + forEpilogue);
    if (staging.mostRegisters != 0)
      cost.registersPerThread = std::min<int64_t>(cost.registersPerThread, staging.mostRegisters);
  }

  /// FMA units: a thread has rows in groups of four, which one load of the weights
  /// brings, and columns.
  void countOnFmaUnits() {
    double warpsM = warpsAlongM(), held = double(schedule.blockM * schedule.blockN) / (warps * 32);
    double rows = double(schedule.blockM) / (4 * warpsM), columns = held / rows;
    double depth = steps * staging.chunks;
    double copies =
        staging.copiesOfX(schedule, gpu) + steps * staging.copiesOfWeights(schedule, gpu);
    double stores = held / 4,
           activation = problem.activation && !problem.activation.isExact() ? held : 0;
    cost.memory = warps * (depth * (rows / 4 + columns) + copies + 2 * steps + held + 2 * stores);
    cost.alu = warps * (60 + copies * 4 + steps * 10 + stores * 10 + held * endsPerOutput);
    cost.fma = warps * (depth * held + held + activation * 10);
    cost.special = warps * activation * 2;
    cost.instructions = cost.memory + cost.alu + cost.fma + cost.special;
    // A load of 16 bytes for each of four rows of threads is half a wavefront for each.
    cost.wavefronts = warps * (depth * (rows / 2 + columns) + copies * 4 + held + 8 * stores);
    cost.registersPerThread =
        std::min<double>(gpu.maxRegistersPerThread, 44 + held + rows + columns);
    limitRegisters();
  }

  void countInstructions() {
    if (staging.chunk == 1)
      return countOnFmaUnits();
    double warpsM = warpsAlongM(), held = double(schedule.blockM * schedule.blockN) / (warps * 32);
    double fragmentsM = double(schedule.blockM) / (16 * warpsM);
    double fragmentsN = double(schedule.blockN) * warpsM / (8 * warps);
    double products = steps * staging.chunks / 2; // along K, for each warp
    bool isF32 = problem.type == DataType::f32, isSplit = problem.precision == Precision::tf32x3;
    bool isMatrix = staging.chunkAlignment == staging.chunk;
    bool isPair = isF32 || staging.chunkAlignment >= 2;
    double loadsX = isMatrix ? 1 : isPair ? 2 : 4;
    double multiplied = isSplit ? 3 : 1;
    double copies =
        staging.copiesOfX(schedule, gpu) + steps * staging.copiesOfWeights(schedule, gpu);
    double stores = held * element / 16;
    double activation = problem.activation && !problem.activation.isExact() ? held : 0;

    double loads = products * (fragmentsM + fragmentsN * loadsX);
    cost.memory = warps * (loads + copies + held / 2 + 2 * stores +
                           (problem.addsResidual ? held / schedule.vector : 0) + 2 * steps);
    // Loads of x are put together of halves, and clipped at the last taps.
    double arranged = products * fragmentsN * (isMatrix || isPair ? 1 : 3);
    cost.alu =
        warps * (60 + copies * 4 + arranged + steps * 10 + stores * 10 + held * endsPerOutput);
    cost.special =
        warps *
        ((isF32 ? products * (4 * fragmentsM + 2 * fragmentsN) * (isSplit ? 3 : 1) : held / 2) +
         activation * 2);
    cost.fma = warps * (held + activation * 10);
    double matrix = products * fragmentsM * fragmentsN * multiplied;
    cost.instructions = cost.memory + cost.alu + cost.special + cost.fma + warps * matrix;
    cost.matrixMultiplyAdds = warps * matrix * 16 * 8 * (isF32 ? 8 : 16);
    // Where fewer warps are resident than the SM has schedulers, some tensor cores idle.
    double resident =
        warps * std::max<int64_t>(1, gpu.sharedBytesPerSM / (cost.sharedBytesPerBlock +
                                                             gpu.reservedSharedBytesPerBlock));
    cost.matrixMultiplyAdds *= std::max(1.0, gpu.issuePerCycle / resident);
    cost.matrixType = problem.type == DataType::f16    ? MatrixType::f16
                      : problem.type == DataType::bf16 ? MatrixType::bf16
                                                       : MatrixType::tf32;
    double xWavefronts = isMatrix ? 2 * staging.wavefrontsX : loadsX * staging.wavefrontsX;
    cost.wavefronts = warps * (products * (4 * fragmentsM + fragmentsN * xWavefronts) + copies * 4 +
                               held / 2 + 8 * stores + (problem.addsResidual ? held : 0));
    cost.registersPerThread =
        std::min<double>(gpu.maxRegistersPerThread, 64 + held + fragmentsN * 2 * (isSplit ? 2 : 1));
    limitRegisters();
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &schedule;
  Conv1dIm2col staging;
  double element, steps, warps;
  /// Bytes of x and of the weights in a step.
  double stagedX = 0, stagedW = 0;
  /// Instructions for the ends of rows, for each output of a thread.
  double endsPerOutput = 0;
  KernelCost cost;
};
} // namespace

const Algorithm<Conv1dProblem> poolc::conv1dGemmIm2col = {
    .name = "gemm_im2col",
    .summary = "matrices over channels and taps in one, whose windows overlap in shared memory",
    .applies = applies,
    .rules = rules,
    .candidates = [](const Conv1dProblem &problem, const GPU &gpu,
                     const Schedule &wanted) { return Candidates(problem, gpu, wanted).make(); },
    .check = check,
    .cost = [](const Conv1dProblem &problem, const GPU &gpu,
               const Schedule &schedule) { return Cost(problem, gpu, schedule).compute(); },
    .takesDynamicAxes = true};
