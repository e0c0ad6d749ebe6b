//===- Conv1dWindow.cpp - Convolution over windows in registers -----------===//
//
// A block computes block_g groups x block_m of their output channels x block_n
// positions of one batch element. It stages rows of x in shared memory, block_k
// input channels per step; each thread reads the windows of its neighbouring
// positions into registers and slides the taps over them, for all its output
// channels. For groups that are too narrow for matrices: depthwise, few input
// channels or few output channels.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "AsyncRows.h"
#include "Conv1dOrders.h"
#include "Conv1dWindowCost.h"
#include "Footprint.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dWindow.h"
#include "poolc/Schedule/Streaming.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

/// Where both are more, matrices in shared memory need fewer loads.
static constexpr int64_t fewInputs = 16, fewOutputs = 4;

static constexpr int64_t maxElementsPerThread = 64;

/// Input channels, of which some are staged while others are summed.
static constexpr int64_t manyInputs = 16;

/// Taps of all channels for which loads, not memory, are what takes long.
static constexpr int64_t leastTaps = 64;

/// Copies have an address each, which stays in registers over the steps.
static constexpr int64_t maxCopiesPerThread = 32;

/// Whether each thread has eight output channels of eight positions, and 128 registers
/// suffice: other shapes, taps farther apart and longer epilogues would spill.
static bool needsFewRegisters(const Conv1dProblem &problem, const Schedule &schedule) {
  constexpr int64_t rows = 8, columns = 8, warpSize = 32, mostStride = 2;
  bool isPlain = !problem.addsResidual && (!problem.activation || problem.activation.isExact());
  return isPlain && problem.window.dilation == 1 && problem.type == DataType::f32 &&
         problem.precision == Precision::ieee && problem.window.stride <= mostStride &&
         schedule.vector == 4 && schedule.blockG == 1 &&
         schedule.blockM == rows * schedule.numWarps && schedule.blockN == columns * warpSize;
}

/// Windows that are long and hardly overlap, where nearly each tap of each position is a load of
/// its own, or whose rows end anywhere behind a loop, or with a long epilogue. Left alone, ptxas
/// spills some registers rather than take more than 80.
static bool needsManyRegisters(const Conv1dProblem &problem, bool endsAnywhere) {
  constexpr int64_t manyTaps = 16, farStride = 4;
  return problem.window.kernel >= manyTaps &&
         (problem.window.stride >= farStride || problem.window.isDynamic || endsAnywhere ||
          (problem.activation && !problem.activation.isExact()));
}

Conv1dWindow::Conv1dWindow(const Conv1dProblem &problem, const Schedule &schedule) {
  const Window &window = problem.window;
  Window firstTap = window;
  firstTap.kernel = 1;
  int64_t positions = slabSpan(firstTap, schedule.blockN);
  int64_t whole = slabSpan(window, schedule.blockN);
  sharedVector = 16 / sizeInBytes(problem.type);
  // Rows of their own also end in a multiple of the vector.
  rowPerTap = window.kernel > 1 && whole > 2 * window.kernel * (positions + sharedVector);

  // Rows of x begin at multiples of their length, blocks at multiples of this.
  int64_t blockStep = lowestBit(schedule.blockN) * std::min(sharedVector, lowestBit(window.stride));
  int64_t aligned = problem.alignment / sizeInBytes(problem.type);
  copyVectorX = std::min({aligned, lowestBit(window.sizeFactor()), blockStep});
  if (rowPerTap)
    copyVectorX = std::min(copyVectorX, lowestBit(window.dilation));
  int64_t outputs = window.outputFactor();
  storeVector = std::min(schedule.vector, aligned);
  if (outputs != 0)
    storeVector = std::min(storeVector, lowestBit(outputs));
  bool storesAreShort = outputs != 0 && outputs % sharedVector != 0;
  copyVectorW = std::min(aligned, lowestBit(window.kernel));
  start = llvm::divideFloorSigned(-window.padBefore, copyVectorX) * copyVectorX;
  offset = -window.padBefore - start;
  span = llvm::alignTo((rowPerTap ? positions : whole) + offset, sharedVector);
  pitchW = llvm::alignTo(window.kernel, sharedVector);
  steps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  int64_t channels = schedule.blockG * schedule.blockK;
  elementsX = channels * (rowPerTap ? window.kernel : 1) * span;
  elementsW = channels * schedule.blockM * pitchW;
  stagesStores = storesAreShort && problem.alignment >= 16 &&
                 (schedule.blockG == 1 || schedule.blockM == 1) &&
                 schedule.blockG * schedule.blockM * schedule.blockN <=
                     schedule.numStages * (elementsX + elementsW);
  mostRegisters = needsFewRegisters(problem, schedule) && !rowPerTap &&
                          copyVectorX == sharedVector && storeVector == sharedVector
                      ? 128
                      : 0;
  constexpr int64_t all = 255, half = 128, warpsWithAll = 8;
  // ptxas would hold larger blocks to 40, so that three of 16 warps are resident, whatever it
  // spills.
  bool hasManyWarps = schedule.numWarps > warpsWithAll;
  if (mostRegisters == 0 &&
      (hasManyWarps || needsManyRegisters(problem, stagesStores && steps > 1)))
    mostRegisters = hasManyWarps ? half : all;
}

int64_t Conv1dWindow::sharedBytes(const Schedule &schedule, DataType type) const {
  return stagedBytes(schedule, type, elementsX, elementsW);
}

int64_t Conv1dWindow::copiesPerThread(const Schedule &schedule, const GPU &gpu) const {
  int64_t threads = schedule.numWarps * gpu.warpSize;
  return llvm::divideCeilSigned(elementsX / copyVectorX, threads) +
         llvm::divideCeilSigned(elementsW / copyVectorW, threads);
}

/// Neighbouring outputs that one store can write.
static int64_t widestVector(const Conv1dProblem &problem) {
  int64_t whole = problem.alignment / sizeInBytes(problem.type);
  int64_t outputs = problem.window.outputFactor();
  return outputs == 0 ? whole : std::min(whole, lowestBit(outputs));
}

static llvm::Error applies(const Conv1dProblem &problem, const GPU &) {
  if (problem.inPerGroup > fewInputs && problem.outPerGroup > fewOutputs)
    return llvm::createStringError("expected at most " + llvm::Twine(fewInputs) + " input or " +
                                   llvm::Twine(fewOutputs) + " output channels per group, got " +
                                   llvm::Twine(problem.inPerGroup) + " and " +
                                   llvm::Twine(problem.outPerGroup));
  constexpr int64_t mostTaps = 1024;
  if (problem.window.kernel > mostTaps)
    return llvm::createStringError("expected at most " + llvm::Twine(mostTaps) + " taps, got " +
                                   llvm::Twine(problem.window.kernel));
  return llvm::Error::success();
}

static AlgorithmRules rules(const Conv1dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxStages = 4, maxGroups = 64, maxChannels = 64;
  AlgorithmRules rules{"window", {}, maxElementsPerThread, {"block_g", "block_m", "block_n"}};
  int64_t maxBlock = maxTileElements(rules, gpu, maxWarpsPerBlock(gpu));
  rules.words = {{"block_g", maxGroups},
                 {"block_m", 256},
                 {"block_n", maxBlock},
                 {"block_k", maxChannels},
                 {"num_warps", maxWarpsPerBlock(gpu)},
                 {"num_stages", maxStages, 1, /*anyNumber=*/true},
                 {"vector", 16 / sizeInBytes(problem.type)}};
  return rules;
}

static llvm::Error check(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  if (schedule.blockN < schedule.vector)
    return llvm::createStringError(
        "expected block_n to be at least vector=" + llvm::Twine(schedule.vector) + ", got " +
        llvm::Twine(schedule.blockN));
  int64_t tile = schedule.blockG * schedule.blockM * schedule.blockN;
  int64_t least = schedule.numWarps * gpu.warpSize * schedule.vector;
  if (tile < least)
    return llvm::createStringError("expected a tile of at least " + llvm::Twine(least) +
                                   " elements (vector=" + llvm::Twine(schedule.vector) +
                                   " for each thread of num_warps=" +
                                   llvm::Twine(schedule.numWarps) + "), got " + llvm::Twine(tile));
  Conv1dWindow window(problem, schedule);
  if (llvm::Error error = checkSharedBytes(gpu, window.sharedBytes(schedule, problem.type),
                                           "; smaller blocks or fewer stages need less"))
    return error;
  if (window.rowPerTap && window.steps > 1 && schedule.numStages > 1)
    return llvm::createStringError(
        "expected num_stages=1 for steps of rows that each tap has of its own, got " +
        llvm::Twine(schedule.numStages));
  return checkCopiesPerThread(window.copiesPerThread(schedule, gpu), maxCopiesPerThread);
}

namespace {
/// Fills in what `wanted` leaves open.
class Heuristic {
public:
  Heuristic(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted) {}

  llvm::SmallVector<Schedule> candidates() {
    static constexpr Shape shapes[] = {{4, 8, 1}, {4, 4, 2}, {4, 8, 4}, {4, 16, 2}, {8, 8, 1},
                                       {2, 8, 1}, {2, 8, 2}, {2, 8, 4}, {8, 8, 4},  {1, 4, 1},
                                       {1, 4, 2}, {1, 1, 1}, {1, 1, 4}};
    // Few loads for each sum, where there are many taps to add.
    static constexpr Shape large[] = {{4, 8, 2, 64, 2}, {2, 8, 2, 64, 3}, {8, 8, 2, 64, 2}};
    // Rows of few channels at once, where there are many.
    static constexpr Shape oneByOne[] = {{4, 8, 4, 32, 2, 1}, {4, 8, 2, 32, 2, 1},
                                         {2, 8, 8, 32, 3, 1}, {4, 8, 1, 32, 4, 1},
                                         {4, 8, 2, 32, 2, 2}, {4, 8, 4, 32, 3, 2}};
    llvm::SmallVector<Schedule> result;
    int64_t whole = 16 / sizeInBytes(problem.type), widest = widestVector(problem);
    // Where nearly all that moves is written, tiles of few channels, of which those behind the
    // first find x in the L2: reads wait long behind writes. On an H200, 62 us instead of 66 for 1
    // to 32 channels of 7 taps, 37 instead of 40.5 in f16, 118 instead of 123 for 64 channels.
    constexpr Shape ofWriters{4, 2, 4};
    if (storesStream(problem, gpu) && problem.window.stride == 1 &&
        problem.outPerGroup > ofWriters.rows * ofWriters.warps) {
      Schedule schedule = complete(ofWriters, widest);
      if (llvm::Error error = check(problem, gpu, schedule))
        llvm::consumeError(std::move(error));
      else
        return {schedule};
    }
    // Many channels where the rows of several are slow to read, or of which all outputs share
    // windows.
    bool readsOneByOne = gpu.wgmmaShare > 0 && problem.outPerGroup <= fewOutputs &&
                         problem.inPerGroup >= manyInputs &&
                         (problem.outPerGroup > 1 || hasRowsFarApart(problem));
    // Of one output channel, small blocks that have one row under way: on an H200, 37.4 us instead
    // of 38.7 for 32 channels of 4 x 262144 and seven taps, and 39 to 42 in other tiles.
    if (readsOneByOne && problem.outPerGroup == 1)
      result.push_back(complete(oneByOne[0], whole));
    for (const Shape &shape : shapes)
      result.push_back(complete(shape, widest));
    if (problem.type == DataType::f32 && problem.taps() >= leastTaps && widest == whole)
      for (const Shape &shape : large)
        result.push_back(complete(shape, widest));
    if (readsOneByOne)
      for (const Shape &shape : oneByOne)
        result.push_back(complete(shape, whole));
    // Where rows of y do not allow wide stores, neighbours still share their windows, and rows may
    // go by way of shared memory.
    if (!wanted.vector)
      for (int64_t vector = whole; vector > widest; vector /= 2)
        for (const Shape &shape : llvm::ArrayRef(shapes).take_front(vector == whole ? 7 : 2))
          result.push_back(complete(shape, vector));
    return result;
  }

private:
  /// At most that many output channels and runs of neighbouring positions for each
  /// thread, and sums of them; stages of steps, and at most that many input channels of one.
  struct Shape {
    int64_t warps, rows, runs, sums = 32, stages = 3, channels = 8;
  };

  Schedule complete(const Shape &shape, int64_t vector) const {
    Schedule s;
    s.vector = vector;
    s.numWarps = shape.warps;
    s = wanted.completedBy(s);
    int64_t threads = s.numWarps * gpu.warpSize;
    if (!wanted.blockM)
      s.blockM =
          powerOfTwoCovering(problem.outPerGroup, std::min<int64_t>(256, shape.rows * s.numWarps));
    if (!wanted.blockN) {
      // Warps that m leaves over lie side by side along n.
      int64_t beside = std::max<int64_t>(1, s.numWarps / s.blockM);
      int64_t perRun = std::max<int64_t>(1, s.blockM / s.numWarps) * s.vector;
      int64_t held = std::clamp<int64_t>(shape.sums / perRun, 1, shape.runs);
      s.blockN = std::max(
          s.vector, powerOfTwoCovering(problem.outputSize(), gpu.warpSize * s.vector * beside *
                                                                 llvm::bit_floor<uint64_t>(held)));
    }
    if (!wanted.blockG)
      s.blockG = std::clamp<int64_t>(threads * s.vector / (s.blockM * s.blockN), 1, 64);
    auto isSmall = [&] {
      return s.blockG * s.blockM * s.blockN < s.numWarps * gpu.warpSize * s.vector;
    };
    while (isSmall() && halve(s, wanted, &Schedule::numWarps, 1))
      ;
    while (isSmall() && halve(s, wanted, &Schedule::vector, 1))
      ;
    chooseSteps(s, shape);
    chooseConv1dOrder(problem, gpu, s);
    return s;
  }

  /// One step where all channels fit into a third of the shared memory; else
  /// stages of a few. Where threads have many sums, 16 warps of an SM share it.
  void chooseSteps(Schedule &s, const Shape &shape) const {
    int64_t room = gpu.maxSharedBytesPerBlock / 3;
    if (!wanted.blockK)
      s.blockK = powerOfTwoCovering(problem.inPerGroup, shape.channels);
    auto fits = [&] {
      if (!wanted.numStages)
        s.numStages =
            s.blockK < problem.inPerGroup && !Conv1dWindow(problem, s).rowPerTap ? shape.stages : 1;
      Conv1dWindow window(problem, s);
      if (window.mostRegisters != 0 && needsFewRegisters(problem, s))
        room = gpu.sharedBytesPerSM * s.numWarps / 16 - int64_t(gpu.reservedSharedBytesPerBlock);
      return window.sharedBytes(s, problem.type) <= room &&
             window.copiesPerThread(s, gpu) <= maxCopiesPerThread;
    };
    while (!fits() && halve(s, wanted, &Schedule::blockK, 1))
      ;
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
};
} // namespace

static llvm::SmallVector<Schedule> candidates(const Conv1dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  return Heuristic(problem, gpu, wanted).candidates();
}

const Algorithm<Conv1dProblem> poolc::conv1dWindow = {
    .name = "window",
    .summary = "taps slide over windows in registers, for groups too narrow for matrices",
    .applies = applies,
    .rules = rules,
    .candidates = candidates,
    .check = check,
    .cost = estimateWindow,
    .takesDynamicAxes = true,
    .leastAlignment = 1,
    .usesOnlyFMA = true};
