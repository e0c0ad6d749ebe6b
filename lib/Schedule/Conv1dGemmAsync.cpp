//===- Conv1dGemmAsync.cpp - Matrix products from asynchronous copies -----===//
//
// A block computes block_m output channels of one group x block_n positions of
// one batch element, on tensor cores or, in ieee precision, FMA units. In steps of block_k input
// channels, rows of x are copied to shared memory as they lie in global memory, in groups of up to
// 16 bytes and ahead of the computation.
//
// - `gemm_rows` copies rows of the weights likewise, all taps in one step; for
//   tensor cores only.
// - `gemm_flat` stages the same, and sums over taps of channels in the order in which weights
//   lie: they are loaded 16 bytes at a time, and each element of a window once.
// - `gemm_packed` has a first launch write the weights in the order in which
//   they are staged, block_t taps and block_k channels in one step. That launch
//   reads and writes all weights once more; afterwards any number of taps is
//   staged without bank conflicts, and 16-bit weights are loaded as matrices.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "AsyncRows.h"
#include "Conv1dGemmCost.h"
#include "Conv1dGemmTiles.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dFlat.h"
#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Schedule/Conv1dRows.h"
#include "poolc/Schedule/Conv1dStaging.h"

#include "llvm/Support/MathExtras.h"

using namespace poolc;

/// Copies that a thread makes in a step at most; their addresses and conditions
/// stay in registers over the loop.
static constexpr int64_t maxCopiesPerThread = 24;

static llvm::Error appliesRows(const Conv1dProblem &problem, const GPU &) {
  if (!canUseTensorCores(problem))
    return llvm::createStringError("expected a precision of tensor cores, got ieee");
  if (asyncVector(problem.taps(), problem.type) == 0)
    return llvm::createStringError("expected rows of weights of a multiple of 4 bytes, got " +
                                   llvm::Twine(problem.taps()) + " elements of " +
                                   toString(problem.type));
  return llvm::Error::success();
}

static llvm::Error appliesFlat(const Conv1dProblem &problem, const GPU &gpu) {
  if (llvm::Error error = appliesRows(problem, gpu))
    return error;
  if (problem.window.kernel == 1)
    return llvm::createStringError("expected several taps, got 1");
  if (Conv1dFlat::leastChannels(problem) != 0)
    return llvm::Error::success();
  return llvm::createStringError("expected a power of two of channels with at most " +
                                 llvm::Twine(Conv1dFlat::maxDepth) + " taps, a multiple of " +
                                 llvm::Twine(channelsPerInstruction(problem)) +
                                 ", whose rows of x have a multiple of 16 bytes, got " +
                                 llvm::Twine(problem.window.kernel) + " taps");
}

static AlgorithmRules makeRules(const Conv1dProblem &problem, const GPU &gpu,
                                llvm::StringRef algorithm) {
  constexpr int64_t maxBlockM = 256, maxBlockN = 512, maxBlockK = 64, maxStages = 4;
  return {algorithm,
          {{"block_m", maxBlockM, 16, /*anyNumber=*/true, /*optional=*/false, /*step=*/16},
           {"block_n", maxBlockN, 8, /*anyNumber=*/true, /*optional=*/false, /*step=*/8},
           {"block_k", maxBlockK, channelsPerInstruction(problem)},
           {"num_warps", maxWarpsPerBlock(gpu)},
           {"num_stages", maxStages, 1, /*anyNumber=*/true},
           {"split_k", maxParts, 2, /*anyNumber=*/true, /*optional=*/true}},
          maxElementsPerThread,
          {"block_m", "block_n"},
          /*registersPerElement=*/2};
}

static AlgorithmRules rulesOfRows(const Conv1dProblem &problem, const GPU &gpu) {
  return makeRules(problem, gpu, "gemm_rows");
}

static AlgorithmRules rulesOfFlat(const Conv1dProblem &problem, const GPU &gpu) {
  AlgorithmRules rules = makeRules(problem, gpu, "gemm_flat");
  for (WordRule &rule : rules.words)
    if (rule.word == "block_k")
      rule.min = 1;
  return rules;
}

static AlgorithmRules rulesOfPacked(const Conv1dProblem &problem, const GPU &gpu) {
  AlgorithmRules rules = makeRules(problem, gpu, "gemm_packed");
  rules.words.push_back(
      {"block_t", std::min(problem.window.kernel, maxTapsPerStep), 1, /*anyNumber=*/true});
  return rules;
}

llvm::Error poolc::checkParts(const Conv1dProblem &problem, const Schedule &schedule) {
  if (schedule.splitK == 0)
    return llvm::Error::success();
  if (problem.hasDynamicAxes() || problem.hasDynamicBatch())
    return llvm::createStringError("expected static sizes for split_k, whose sums take as much "
                                   "memory as parts of y in f32");
  // So that no size of them overflows; far more than any GPU has.
  constexpr uint64_t maxPartBytes = uint64_t(1) << 40;
  uint64_t bytes = schedule.splitK * sizeof(float);
  for (int64_t size : {problem.batch, problem.outChannels(), problem.outputSize()})
    bytes = llvm::SaturatingMultiply<uint64_t>(bytes, size);
  if (bytes == 0 || bytes > maxPartBytes)
    return llvm::createStringError("expected parts of 1 to " + llvm::Twine(maxPartBytes) +
                                   " bytes for split_k, got " + llvm::Twine(bytes));
  int64_t steps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  if (schedule.splitK <= steps)
    return llvm::Error::success();
  return llvm::createStringError("expected split_k of at most " + llvm::Twine(steps) +
                                 ", the steps of block_k channels, got " +
                                 llvm::Twine(schedule.splitK));
}

/// Products along K of one step: any.
template <typename Staging> static llvm::Error checkDepth(const Conv1dProblem &, const Schedule &) {
  return llvm::Error::success();
}

/// Whole instructions, in equal parts for four threads.
template <>
llvm::Error checkDepth<Conv1dFlat>(const Conv1dProblem &problem, const Schedule &schedule) {
  if (Conv1dFlat::isDivisible(problem, schedule.blockK))
    return llvm::Error::success();
  return llvm::createStringError(
      "expected a multiple of " + llvm::Twine(channelsPerInstruction(problem)) + " up to " +
      llvm::Twine(Conv1dFlat::maxDepth) +
      " products in a step, in four parts of whole channels or of equal numbers of taps, with rows "
      "of x that have a multiple of 16 bytes, got block_k=" +
      llvm::Twine(schedule.blockK) + " channels of " + llvm::Twine(problem.window.kernel) +
      " taps");
}

/// `Staging` is Conv1dFlat, Conv1dRows or Conv1dPacked.
template <typename Staging>
static llvm::Error check(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  if (llvm::Error error = checkElementsPerWarp(schedule, fragmentM * fragmentN))
    return error;
  if (!dividesAmongWarps(schedule))
    return llvm::createStringError(
        "expected a tile of equal parts of multiples of " + llvm::Twine(fragmentM) + " x " +
        llvm::Twine(fragmentN) + " for num_warps=" + llvm::Twine(schedule.numWarps) + ", got " +
        llvm::Twine(schedule.blockM) + " x " + llvm::Twine(schedule.blockN));
  if (llvm::Error error = checkParts(problem, schedule))
    return error;
  if (llvm::Error error = checkDepth<Staging>(problem, schedule))
    return error;
  Staging staging(problem, schedule);
  return checkStaged(gpu, staging.sharedBytes(schedule, problem.type),
                     staging.copiesPerThread(schedule, gpu), maxCopiesPerThread);
}

template <typename Staging>
static llvm::SmallVector<Schedule> candidates(const Conv1dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  return proposeTiles(
      problem, gpu, wanted,
      [&](const Schedule &schedule) { return check<Staging>(problem, gpu, schedule); },
      [&](const Schedule &schedule) {
        return Staging(problem, schedule).sharedBytes(schedule, problem.type);
      });
}

const Algorithm<Conv1dProblem> poolc::conv1dGemmRows = {
    .name = "gemm_rows",
    .summary = "matrices from shared memory, copied there as they lie in groups of up to 16 bytes",
    .applies = appliesRows,
    .rules = rulesOfRows,
    .candidates = candidates<Conv1dRows>,
    .check = check<Conv1dRows>,
    .cost = estimateRows,
    .takesDynamicAxes = true};

const Algorithm<Conv1dProblem> poolc::conv1dGemmFlat = {
    .name = "gemm_flat",
    .summary = "matrices from shared memory, of taps of channels in the order of the weights",
    .applies = appliesFlat,
    .rules = rulesOfFlat,
    .candidates = candidates<Conv1dFlat>,
    .check = check<Conv1dFlat>,
    .cost = estimateFlat,
    .takesDynamicAxes = true};

const Algorithm<Conv1dProblem> poolc::conv1dGemmPacked = {
    .name = "gemm_packed",
    .summary = "matrices from shared memory, with weights that a first launch packs",
    .applies = nullptr,
    .rules = rulesOfPacked,
    .candidates = candidates<Conv1dPacked>,
    .check = check<Conv1dPacked>,
    .cost = estimatePacked,
    .takesDynamicAxes = true};
