//===- Conv1dPatches.cpp - Matrix products of windows as rows -------------===//
//
// A block computes block_m output channels of one group x block_n positions of
// one batch element. The windows of its positions are rows of a matrix of which
// block_t columns are copied in each step, like those of any other: what windows
// share is copied once for each. For few input channels and windows that lie far
// apart, whose rows of x are too long to be staged whole.
//
//===----------------------------------------------------------------------===//

#include "poolc/Schedule/Conv1dPatches.h"

#include "ActivationCost.h"
#include "Algorithms.h"
#include "AsyncRows.h"
#include "Conv1dNarrowCost.h"
#include "Conv1dOrders.h"
#include "Footprint.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

using namespace poolc;

/// Sums that a thread holds at most; fewer where a long epilogue or the second part of operands
/// takes registers too, and fewest with both. With more, the few blocks of an SM all write at the
/// same time, and its tensor cores wait.
static constexpr int64_t maxElementsPerThread[] = {72, 64, 48};

static constexpr int64_t maxCopiesPerThread = 16;

/// More input channels than this fill a matrix of their own.
static constexpr int64_t mostChannels = 64;

/// Taps that one instruction of the tensor cores sums.
static int64_t tapsPerInstruction(const Conv1dProblem &problem) {
  return 32 / sizeInBytes(problem.type);
}

/// What pieces of x must divide: windows, rows of x and of the weights then consist of whole
/// steps, and what is staged is never cut in two. 1 where no length is known.
static int64_t commonFactor(const Window &window) {
  return std::gcd(std::gcd(window.kernel, window.stride),
                  std::gcd(window.sizeFactor(), window.padBefore));
}

static bool isInPieces(const Conv1dProblem &problem) {
  return commonFactor(problem.window) % tapsPerInstruction(problem) == 0;
}

int64_t Conv1dPatches::stepFactor(const Conv1dProblem &problem) {
  return ::isInPieces(problem) ? commonFactor(problem.window) : problem.window.kernel;
}

/// Elements of x that are copied at once: 16 bytes, where windows begin at multiples of them.
static int64_t widestCopy(const Conv1dProblem &problem) {
  int64_t widest = 16 / sizeInBytes(problem.type);
  if (isInPieces(problem))
    return widest;
  bool isOneRow = !problem.batchIsDynamic && problem.batch * problem.inChannels() == 1;
  int64_t rows = isOneRow ? widest : lowestBit(problem.window.sizeFactor());
  return std::min({widest, lowestBit(problem.window.stride), rows});
}

Conv1dPatches::Conv1dPatches(const Conv1dProblem &problem, const Schedule &schedule)
    : isInPieces(::isInPieces(problem)), vectorX(widestCopy(problem)) {
  chunk = 16 / sizeInBytes(problem.type);
  chunks = schedule.blockT / chunk;
  tapSteps = problem.window.kernel / schedule.blockT;
  channelSteps = problem.inPerGroup;
  pitch = chunk * (chunks | 1);
  elementsW = schedule.blockM * pitch;
  elementsX = schedule.blockN * pitch;
  mostRegisters = schedule.numWarps >= 8 ? 128 : 0;
}

int64_t Conv1dPatches::copiesOfX(const Schedule &schedule, const GPU &gpu) const {
  int64_t threads = schedule.numWarps * gpu.warpSize;
  return llvm::divideCeilSigned(chunks * (chunk / vectorX) * schedule.blockN, threads);
}

int64_t Conv1dPatches::copiesPerThread(const Schedule &schedule, const GPU &gpu) const {
  int64_t threads = schedule.numWarps * gpu.warpSize;
  return llvm::divideCeilSigned(chunks * schedule.blockM, threads) + copiesOfX(schedule, gpu);
}

int64_t Conv1dPatches::sharedBytes(const Schedule &schedule, DataType type) const {
  Schedule staged = schedule;
  if (steps() == 1)
    staged.numStages = 1;
  return stagedBytes(staged, type, elementsX, elementsW);
}

/// Tensor cores multiply 16 rows by 8 columns. Where a tile's output channels are no multiple of
/// 16, they are the columns, and positions the rows.
static bool isSwapped(const Schedule &schedule) { return schedule.blockM % 16 != 0; }

/// Windows that do not lie in whole pieces are all inside of x, and copied asynchronously.
static llvm::Error checkWindows(const Conv1dProblem &problem) {
  const Window &window = problem.window;
  std::string length = window.isDynamic ? "not known" : std::to_string(window.size);
  if (window.padBefore != 0 || window.padAfter != 0)
    return llvm::createStringError("expected no padding where stride, padding and the length of x "
                                   "are not multiples of " +
                                   llvm::Twine(tapsPerInstruction(problem)) + " (32 bytes), got " +
                                   llvm::Twine(window.stride) + ", " +
                                   llvm::Twine(window.padBefore) + " and " + length);
  constexpr int64_t leastBytes = 4;
  if (widestCopy(problem) * sizeInBytes(problem.type) < leastBytes)
    return llvm::createStringError("expected stride and the length of x to be multiples of 4 "
                                   "bytes, got " +
                                   llvm::Twine(window.stride) + " and " + length);
  return llvm::Error::success();
}

static llvm::Error applies(const Conv1dProblem &problem, const GPU &) {
  const Window &window = problem.window;
  if (!canUseTensorCores(problem))
    return llvm::createStringError("expected f16, bf16 or a precision of tensor cores");
  if (problem.inPerGroup > mostChannels)
    return llvm::createStringError("expected at most " + llvm::Twine(mostChannels) +
                                   " input channels per group, got " +
                                   llvm::Twine(problem.inPerGroup));
  if (window.dilation != 1)
    return llvm::createStringError("expected dilation 1, got " + llvm::Twine(window.dilation));
  if (int64_t least = tapsPerInstruction(problem); window.kernel % least != 0)
    return llvm::createStringError("expected kernel_size to be a multiple of " +
                                   llvm::Twine(least) + " (32 bytes), got " +
                                   llvm::Twine(window.kernel));
  return isInPieces(problem) ? llvm::Error::success() : checkWindows(problem);
}

static int64_t mostSums(const Conv1dProblem &problem) {
  bool isLong = problem.addsResidual || (problem.activation && !problem.activation.isExact());
  return maxElementsPerThread[isLong + (problem.precision == Precision::tf32x3)];
}

static AlgorithmRules rules(const Conv1dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxBlock = 256, maxStages = 4, maxTaps = 128;
  AlgorithmRules rules{
      "gemm_patches", {}, mostSums(problem), {"block_m", "block_n"}, /*registersPerElement=*/3};
  rules.words = {{"block_m", maxBlock, 8, /*anyNumber=*/true},
                 {"block_n", maxBlock, 8},
                 {"block_t", maxTaps, tapsPerInstruction(problem), /*anyNumber=*/true},
                 {"num_warps", maxWarpsPerBlock(gpu)},
                 {"num_stages", maxStages, 1, /*anyNumber=*/true},
                 {"vector", 16 / sizeInBytes(problem.type)}};
  return rules;
}

/// Neighbouring outputs that one store can write.
static int64_t widestStore(const Conv1dProblem &problem) {
  int64_t outputs = problem.window.outputFactor(), whole = 16 / sizeInBytes(problem.type);
  return outputs == 0 ? whole : std::min(whole, lowestBit(outputs));
}

/// The schedule of the product whose rows are those of instructions.
static Schedule turn(Schedule schedule) {
  if (isSwapped(schedule))
    std::swap(schedule.blockM, schedule.blockN);
  return schedule;
}

static llvm::Error checkRoles(const Schedule &schedule) {
  if (!isSwapped(schedule))
    return checkFragments(schedule);
  if (schedule.blockM % 8 != 0 || countWarpsAlongM(turn(schedule)) == 0)
    return llvm::createStringError(
        "expected a tile of which each of num_warps=" + llvm::Twine(schedule.numWarps) +
        " has a multiple of 16 x 8 or 8 x 16, got " + llvm::Twine(schedule.blockM) + " x " +
        llvm::Twine(schedule.blockN));
  if (schedule.vector != 1)
    return llvm::createStringError("expected vector=1 where block_m is no multiple of 16, got " +
                                   llvm::Twine(schedule.vector));
  return llvm::Error::success();
}

static llvm::Error check(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  if (llvm::Error error = checkRoles(schedule))
    return error;
  int64_t factor = Conv1dPatches::stepFactor(problem), least = tapsPerInstruction(problem);
  if (schedule.blockT % least != 0 || factor % schedule.blockT != 0)
    return llvm::createStringError(
        "expected block_t to be a multiple of " + llvm::Twine(least) + " that divides " +
        llvm::Twine(factor) +
        (isInPieces(problem)
             ? ", the common factor of kernel_size, stride, padding and the length of x, got "
             : ", the kernel_size, got ") +
        llvm::Twine(schedule.blockT));
  if (int64_t widest = widestStore(problem); schedule.vector > widest)
    return llvm::createStringError("expected vector to be at most " + llvm::Twine(widest) +
                                   ", of which rows of y are a multiple, got " +
                                   llvm::Twine(schedule.vector));
  Conv1dPatches staging(problem, schedule);
  return checkStaged(gpu, staging.sharedBytes(schedule, problem.type),
                     staging.copiesPerThread(schedule, gpu), maxCopiesPerThread);
}

namespace {
/// Fills in what `wanted` leaves open.
class Candidates {
public:
  Candidates(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted) {}

  llvm::SmallVector<Schedule> make() {
    // Tiles along m are of one size, so that little hangs over the last one.
    constexpr int64_t largest = 208;
    int64_t least = llvm::divideCeilSigned(problem.outPerGroup, largest);
    for (int64_t parts : {least, least + 1, 2 * least})
      for (int64_t n : {64, 128, 256}) {
        int64_t m = llvm::divideCeilSigned(problem.outPerGroup, parts);
        add(llvm::alignTo(m, 16), n);
        add(llvm::alignTo(m, 8), n);
      }
    return std::move(result);
  }

private:
  void add(int64_t m, int64_t n) {
    Schedule s = wanted;
    if (!wanted.blockM)
      s.blockM = m;
    if (!wanted.vector)
      s.vector = isSwapped(s) ? 1 : std::min<int64_t>(2, widestStore(problem));
    int64_t leastN = isSwapped(s) ? 16 : 8;
    if (!wanted.blockN)
      s.blockN = std::max(leastN, powerOfTwoCovering(problem.outputSize(), n));
    if (!wanted.blockT)
      s.blockT = chooseTaps();
    if (!wanted.numWarps)
      s.numWarps = chooseWarps(s);
    while (!wanted.blockN && !wanted.numWarps && s.blockN > leastN && !canCopy(s)) {
      s.blockN /= 2;
      s.numWarps = chooseWarps(s);
    }
    if (!wanted.numStages)
      s.numStages = Conv1dPatches(problem, s).steps() == 1 ? 1 : 3;
    // Two blocks of eight warps on an SM.
    while (!wanted.numStages && s.numStages > 2 &&
           Conv1dPatches(problem, s).sharedBytes(s, problem.type) > sharedBytesForBlocks(gpu, 2))
      --s.numStages;
    chooseConv1dOrder(problem, gpu, s);
    if (!llvm::is_contained(result, s))
      result.push_back(s);
  }

  /// 64 bytes of each row in a step, or what there is.
  int64_t chooseTaps() const {
    int64_t least = tapsPerInstruction(problem), factor = Conv1dPatches::stepFactor(problem);
    return factor % (2 * least) == 0 ? 2 * least : least;
  }

  /// The fewest warps that hold the tile, divide it and can copy a step; those that hold and
  /// divide it, where no number can.
  int64_t chooseWarps(Schedule s) const {
    int64_t tile = s.blockM * s.blockN / gpu.warpSize, fewest = 0;
    for (s.numWarps = 1; s.numWarps <= maxWarpsPerBlock(gpu); s.numWarps *= 2) {
      if (countWarpsAlongM(turn(s)) == 0 || s.numWarps * mostSums(problem) < tile)
        continue;
      fewest = fewest ? fewest : s.numWarps;
      if (canCopy(s))
        return s.numWarps;
    }
    return fewest ? fewest : maxWarpsPerBlock(gpu);
  }

  bool canCopy(const Schedule &s) const {
    return Conv1dPatches(problem, s).copiesPerThread(s, gpu) <= maxCopiesPerThread;
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  llvm::SmallVector<Schedule> result;
};
} // namespace

namespace {
/// Counts of what a block does.
class Cost : Conv1dNarrowCost {
public:
  Cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule)
      : Conv1dNarrowCost(problem, gpu, schedule), staging(problem, schedule),
        steps(double(staging.steps())) {}

  KernelCost compute() {
    countBlocks(staging.sharedBytes(schedule, problem.type));
    countStagedStores();
    countBytes();
    countInstructions();
    return cost;
  }

private:
  void countBytes() {
    int64_t rows = std::min(schedule.blockM, problem.outPerGroup) + schedule.blockN;
    double step = double(rows * staging.chunks * 16);
    cost.dramReadBytes = bytesOfX() + bytesOfWeights() + bytesOfResidual();
    cost.l2ReadBytes = double(cost.blocks) * steps * step + bytesOfResidual();
    bool overlaps = schedule.numStages > 1 && steps > 1;
    cost.bytesInFlight = step * (overlaps ? double(schedule.numStages - 1) : 1);
    cost.dependentTrips = (overlaps ? 1 : steps) + (problem.addsResidual ? 1 : 0);
  }

  void countInstructions() {
    bool isF32 = problem.type == DataType::f32, isSplit = problem.precision == Precision::tf32x3;
    double held = double(schedule.blockM * schedule.blockN) / (warps * gpu.warpSize);
    Schedule turned = turn(schedule);
    double warpsM = double(countWarpsAlongM(turned)),
           fragmentsM = double(turned.blockM) / (16 * warpsM);
    double fragmentsN = double(turned.blockN) * warpsM / (8 * warps);
    // What a thread stores to shared memory at once, on the way to y.
    double neighbours = isSwapped(schedule) ? 1 : 2;
    double products = steps * double(staging.chunks) / 2;
    double matrix = products * fragmentsM * fragmentsN * (isSplit ? 3 : 1);
    double copies = steps * double(staging.copiesPerThread(schedule, gpu));
    double stores = held * element / 16;
    ActivationCost activation = activationCost(problem);
    cost.memory = warps * (products * (fragmentsM + fragmentsN) + copies + held / neighbours +
                           2 * stores + (problem.addsResidual ? held : 0) + 2 * steps);
    cost.alu = warps * (60 + copies * 3 + steps * 8 + stores * 10 + held * endsPerOutput);
    cost.special =
        warps *
        ((isF32 ? products * (4 * fragmentsM + 2 * fragmentsN) * (isSplit ? 3 : 1) : held / 2) +
         held * activation.special);
    cost.fma = warps * held * (1 + activation.fma);
    cost.instructions = cost.memory + cost.alu + cost.special + cost.fma + warps * matrix;
    countProducts(warps * matrix);
    cost.isProductInSteps = staging.steps() > 1 && areProductsLong(gpu, cost);
    // Of a warp's bytes, 512 at most, each row's part is written by itself.
    double copiesX = steps * double(staging.copiesOfX(schedule, gpu));
    double part = double(staging.vectorX) / double(staging.chunk);
    double perCopy = 4 + double(gpu.warpSize) / double(staging.chunks);
    double copied = (copies - copiesX + copiesX * part) * perCopy;
    cost.wavefronts = warps * (products * (4 * fragmentsM + 2 * fragmentsN) + copied +
                               held / neighbours + 8 * stores);
    cost.registersPerThread =
        std::min<double>(gpu.maxRegistersPerThread, 64 + held + fragmentsN * 2);
    if (staging.mostRegisters != 0)
      cost.registersPerThread = std::min(cost.registersPerThread, staging.mostRegisters);
  }

  Conv1dPatches staging;
  double steps;
};
} // namespace

const Algorithm<Conv1dProblem> poolc::conv1dGemmPatches = {
    .name = "gemm_patches",
    .summary = "matrices of windows that are copied for each position, for windows far apart",
    .applies = applies,
    .rules = rules,
    .candidates = [](const Conv1dProblem &problem, const GPU &gpu,
                     const Schedule &wanted) { return Candidates(problem, gpu, wanted).make(); },
    .check = check,
    .cost = [](const Conv1dProblem &problem, const GPU &gpu,
               const Schedule &schedule) { return Cost(problem, gpu, schedule).compute(); },
    .takesDynamicAxes = true};
