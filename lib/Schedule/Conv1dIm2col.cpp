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
#include "Conv1dIm2colCost.h"
#include "Conv1dOrders.h"
#include "Conv1dOverlap.h"
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
                 overlap::makeRule(problem),
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
  if (llvm::Error error = overlap::check(problem, schedule))
    return error;
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
    // Of windows far apart, shared memory holds few: modelled on an H200, 121 us for 400 taps of 6
    // channels 160 apart, where `window` takes 329.
    if (chunk == 1)
      for (int64_t m : {64, 32, 16})
        add(m, narrow, /*vector=*/1);
    overlap::append(
        problem, gpu, [&](const Schedule &schedule) { return check(problem, gpu, schedule); },
        result);
    if (result.empty())
      result.push_back(complete(16, 32, 1, {1, chunk, 1}));
    return std::move(result);
  }

private:
  /// Positions of the smallest tiles.
  static constexpr int64_t narrow = 16;

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
    if (n == narrow && !wanted.numWarps)
      addWarps(schedule);
    if (llvm::is_contained(result, schedule))
      return true;
    llvm::Error error = check(problem, gpu, schedule);
    bool fits = !error && Conv1dIm2col(problem, schedule).sharedBytes(schedule, problem.type) <=
                              sharedBytesForBlocks(gpu, blocksPerSM);
    llvm::consumeError(std::move(error));
    if (fits)
      result.push_back(schedule);
    return fits;
  }

  /// So many that threads have no more copies of x than they may.
  void addWarps(Schedule &schedule) const {
    constexpr int64_t mostWarps = 8;
    while (schedule.numWarps < mostWarps &&
           Conv1dIm2col(problem, schedule).copiesOfX(schedule, gpu) > maxCopiesOfX)
      schedule.numWarps *= 2;
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
    chooseConv1dOrder(problem, gpu, s);
    return s;
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  int64_t chunk;
  llvm::SmallVector<Schedule> result;
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
    .cost = estimateIm2col,
    .takesDynamicAxes = true};
