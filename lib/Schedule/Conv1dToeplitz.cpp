//===- Conv1dToeplitz.cpp - One channel's taps as a matrix ----------------===//
//
// A block computes block_g groups x block_m of their output channels x block_n
// positions of one batch element, on tensor cores: eight neighbouring positions
// are the columns of a product whose other matrix holds the taps once for each of
// them, shifted. It is mostly zeros, and still takes a tenth of the instructions
// of FMA units. For depthwise convolutions and few output channels.
//
//===----------------------------------------------------------------------===//

#include "ActivationCost.h"
#include "Algorithms.h"
#include "Conv1dNarrowCost.h"
#include "Conv1dOrders.h"
#include "Conv1dOverlap.h"
#include "Footprint.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/Conv1dToeplitz.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

/// Copies have an address each, which stays in registers over the steps.
static constexpr int64_t maxCopiesPerThread = 32;

/// Rows of the Toeplitz matrix at most; products with them are written out.
static constexpr int64_t maxDepth = 256;

/// Output channels of a group at most: more fill a matrix of their own.
static constexpr int64_t mostOutputs = 4;

/// Sums that a thread holds for one output channel at most.
static constexpr int64_t maxElementsPerThread = 64;

static constexpr int64_t phases = Conv1dToeplitz::phases;

static llvm::Error applies(const Conv1dProblem &problem, const GPU &) {
  if (!canUseTensorCores(problem) || problem.precision == Precision::tf32x3)
    return llvm::createStringError("expected f16, bf16 or precision tf32");
  if (problem.window.dilation != 1)
    return llvm::createStringError("expected dilation 1, got " +
                                   llvm::Twine(problem.window.dilation));
  if (problem.outPerGroup > mostOutputs)
    return llvm::createStringError("expected at most " + llvm::Twine(mostOutputs) +
                                   " output channels per group, got " +
                                   llvm::Twine(problem.outPerGroup));
  if (problem.window.kernel > maxDepth)
    return llvm::createStringError("expected at most " + llvm::Twine(maxDepth) + " taps, got " +
                                   llvm::Twine(problem.window.kernel));
  if (problem.addsResidual && problem.window.isDynamic)
    return llvm::createStringError("expected rows of static length to add a residual");
  if (problem.addsResidual && problem.outputSize() % phases != 0)
    return llvm::createStringError("expected rows of y of a multiple of " + llvm::Twine(phases) +
                                   " elements to add a residual, got " +
                                   llvm::Twine(problem.outputSize()));
  return llvm::Error::success();
}

static AlgorithmRules rules(const Conv1dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxStages = 4, maxGroups = 16, maxChannels = 64, maxBlock = 8192;
  AlgorithmRules rules{"gemm_toeplitz", {}, 0, {"block_g", "block_m", "block_n"}};
  rules.words = {{"block_g", maxGroups, 1, /*anyNumber=*/true},
                 {"block_m", mostOutputs, 1, /*anyNumber=*/true},
                 {"block_n", maxBlock, 16 * phases},
                 {"block_k", maxChannels},
                 {"num_warps", maxWarpsPerBlock(gpu)},
                 {"num_stages", maxStages, 1, /*anyNumber=*/true}};
  return rules;
}

/// Activations of all sums of an output are computed side by side; blocks of many
/// threads have fewer registers for that.
static int64_t mostSums(const Conv1dProblem &problem, const Schedule &schedule) {
  if (!problem.activation || problem.activation.isExact())
    return maxElementsPerThread;
  constexpr int64_t manyWarps = 8;
  return schedule.numWarps > manyWarps ? maxElementsPerThread / 8 : maxElementsPerThread / 4;
}

static llvm::Error check(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  if (schedule.blockN % (16 * phases * schedule.numWarps) != 0)
    return llvm::createStringError("expected block_n to be a multiple of " +
                                   llvm::Twine(16 * phases * schedule.numWarps) + " (" +
                                   llvm::Twine(16 * phases) +
                                   " for each of num_warps=" + llvm::Twine(schedule.numWarps) +
                                   "), got " + llvm::Twine(schedule.blockN));
  int64_t held = schedule.blockN / (schedule.numWarps * gpu.warpSize);
  if (problem.inPerGroup > schedule.blockK) // All outputs are summed over the steps.
    held *= schedule.blockG * schedule.blockM;
  if (int64_t most = mostSums(problem, schedule); held > most)
    return llvm::createStringError("expected at most " + llvm::Twine(most) +
                                   " sums in each thread, got " + llvm::Twine(held) +
                                   "; more warps or smaller blocks have fewer");
  // Residuals of all outputs are loaded ahead of their activations.
  if (int64_t all = held * schedule.blockG * schedule.blockM;
      problem.addsResidual && mostSums(problem, schedule) < maxElementsPerThread &&
      problem.inPerGroup <= schedule.blockK && all > maxElementsPerThread / 2)
    return llvm::createStringError("expected at most " + llvm::Twine(maxElementsPerThread / 2) +
                                   " sums with an activation and a residual in each thread, got " +
                                   llvm::Twine(all) + "; more warps or smaller blocks have fewer");
  if (schedule.blockG > 1 && schedule.blockM != problem.outPerGroup)
    return llvm::createStringError(
        "expected block_m to be all " + llvm::Twine(problem.outPerGroup) +
        " output channels of a group where block_g is not 1, got " + llvm::Twine(schedule.blockM));
  // Rows that go through shared memory lie there as far from aligned as in y.
  if (problem.window.isDynamic && schedule.blockG * schedule.blockM != 1)
    return llvm::createStringError("expected block_g=1 and block_m=1 where the length of x is not "
                                   "known, got " +
                                   llvm::Twine(schedule.blockG) + " and " +
                                   llvm::Twine(schedule.blockM));
  Conv1dToeplitz staging(problem, schedule);
  if (staging.depth > maxDepth)
    return llvm::createStringError("expected a matrix of at most " + llvm::Twine(maxDepth) +
                                   " rows, got " + llvm::Twine(staging.depth));
  int64_t products = staging.depth / (2 * staging.chunk) * schedule.blockG * schedule.blockM *
                     std::min(schedule.blockK, problem.inPerGroup) *
                     (schedule.blockN / (16 * phases * schedule.numWarps));
  constexpr int64_t mostProducts = 512;
  if (products > mostProducts)
    return llvm::createStringError("expected at most " + llvm::Twine(mostProducts) +
                                   " products of fragments written out in a step, got " +
                                   llvm::Twine(products) + "; smaller blocks have fewer");
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
    struct Shape {
      int64_t groups, positions, warps;
    };
    static constexpr Shape shapes[] = {{4, 1024, 2}, {8, 512, 2}, {4, 512, 2}, {2, 1024, 2},
                                       {2, 2048, 4}, {4, 512, 1}, {8, 256, 1}, {1, 1024, 4},
                                       {1, 512, 4},  {1, 512, 2}, {1, 128, 1}};
    llvm::SmallVector<Schedule> result;
    // Of blocks predicted as fast, an H200 wants the smaller ones: 69 us instead of 70 for 4 taps,
    // 20 instead of 22 for 31; with an activation that takes registers 84, instead of 71. Of rows
    // that begin anywhere, it wants whole ones: 38 us instead of 49 for 33 taps of 1601 positions.
    bool isPlain = !problem.activation || problem.activation.isExact();
    bool isOdd = problem.window.isDynamic || problem.outputSize() % phases != 0;
    if (gpu.wgmmaShare > 0 && isOdd)
      result.push_back(complete(2, 2048, 4));
    else if (gpu.wgmmaShare > 0 && isPlain)
      result.push_back(complete(2, 1024, 2));
    for (const Shape &shape : shapes)
      result.push_back(complete(shape.groups, shape.positions, shape.warps));
    if (gpu.wgmmaShare > 0)
      result.push_back(complete(1, 2048, 4));
    return result;
  }

private:
  Schedule complete(int64_t groups, int64_t positions, int64_t warps) const {
    Schedule s = wanted;
    if (!wanted.blockN)
      s.blockN = std::max(16 * phases, powerOfTwoCovering(problem.outputSize(), positions));
    if (!wanted.blockG)
      s.blockG = problem.window.isDynamic ? 1 : std::min(groups, problem.groups);
    if (!wanted.blockM)
      s.blockM = problem.window.isDynamic ? 1 : problem.outPerGroup;
    if (!wanted.blockK)
      s.blockK = powerOfTwoCovering(problem.inPerGroup, 4);
    if (!wanted.numWarps)
      s.numWarps = std::clamp<int64_t>(s.blockN / (16 * phases), 1, warps);
    if (!wanted.numStages)
      s.numStages = s.blockK < problem.inPerGroup ? stagesOfSteps() : 1;
    chooseConv1dOrder(problem, gpu, s);
    return s;
  }

  /// An H200 finds 64 to 2 channels of f16 faster in two: 76 us instead of 82.
  int64_t stagesOfSteps() const { return gpu.wgmmaShare > 0 ? 2 : 3; }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
};

/// Counts of what a block does.
class Cost : Conv1dNarrowCost {
public:
  Cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule)
      : Conv1dNarrowCost(problem, gpu, schedule), staging(problem, schedule) {}

  KernelCost compute() {
    countBlocks(staging.sharedBytes(schedule, problem.type));
    countBytes();
    countInstructions();
    overlap::addParts(problem, gpu, schedule, cost);
    return cost;
  }

private:
  void countBytes() {
    // What lies beyond a row is not read.
    double tiles = double(llvm::divideCeilSigned(problem.outputSize(), schedule.blockN));
    double halo = tiles * (staging.depth - 1) * element * problem.batch * problem.inChannels();
    double stagedW =
        double(cost.blocks) * schedule.blockG * schedule.blockM * problem.taps() * element;
    cost.dramReadBytes = bytesOfX() + bytesOfWeights() + bytesOfResidual();
    cost.l2ReadBytes = bytesOfX() + halo + stagedW + bytesOfResidual();
    bool aligned = problem.outputSize() * int64_t(element) % sectorBytes == 0;
    double run = std::min<double>(double(schedule.blockN), double(problem.outputSize())) * element;
    cost.dramWriteBytes = bytesOfY();
    cost.l2WriteBytes = bytesOfY() * (1 + (aligned ? 0 : sectorBytes / run));
    cost.bytesInFlight =
        double(staging.elementsX) * element * std::max<int64_t>(1, schedule.numStages - 1);
    cost.dependentTrips = 1 + (problem.addsResidual ? 1 : 0) +
                          double(staging.steps - 1) / std::max<int64_t>(1, schedule.numStages);
  }

  void countInstructions() {
    double outputs = double(schedule.blockG * schedule.blockM);
    double channels = double(staging.steps * schedule.blockK);
    double fragments = double(schedule.blockN) / (16 * phases * warps); // of a warp, for an output
    double depth = double(staging.depth) / (2 * staging.chunk);         // products along K
    double perRegister = 4 / element;
    bool isF32 = problem.type == DataType::f32;
    double matrix = outputs * channels * depth * fragments;
    double windows = matrix / double(schedule.blockM); // Loaded once for all outputs of a group.
    double loads = windows + outputs * channels * depth * 2 * perRegister;
    double copies = double(staging.steps * staging.copiesPerThread(schedule, gpu));
    double held = outputs * fragments * 4;
    double stores =
        staging.storesDirectly ? held / 2 : held + 2 * held / double(staging.storeVector);
    // Threads of a warp whose groups are whole wait for those that have an end of a row.
    constexpr double perRow = 1024;
    double ends = held * perRow / double(schedule.blockN);
    ActivationCost activation = activationCost(problem);
    cost.memory = warps * (loads + copies + stores * (problem.addsResidual ? 2 : 1) +
                           2 * double(staging.steps));
    cost.fma = warps * held * (2 + activation.fma);
    cost.special = warps * ((isF32 ? 4 * matrix + 2 * outputs * channels * depth : 0) +
                            held * activation.special);
    // Sums are rounded to 16 bits two at once.
    cost.alu = warps * (60 + copies * 8 + stores * 2 +
                        (isF32 ? 0 : outputs * channels * depth * 2 + held / 2) +
                        (staging.storesDirectly ? 0 : held / staging.storeVector * 20 + ends));
    countProducts(warps * matrix);
    cost.instructions = cost.memory + cost.fma + cost.special + cost.alu + warps * matrix;
    // Rows of windows lie a stride of 16 bytes apart.
    double conflicts =
        double(std::min<int64_t>(8, llvm::bit_floor<uint64_t>(uint64_t(problem.window.stride))));
    cost.wavefronts =
        warps * (windows * 4 * conflicts + outputs * channels * depth * 2 * perRegister +
                 copies * std::max(1.0, staging.vectorX * element / 4) + stores * 2);
    double live = staging.steps > 1 ? held : fragments * 4;
    cost.registersPerThread =
        std::min<double>(gpu.maxRegistersPerThread, 56 + live + fragments * 4 + depth * 2);
    if (staging.mostRegisters != 0)
      cost.registersPerThread = std::min(cost.registersPerThread + 40, staging.mostRegisters);
  }

  Conv1dToeplitz staging;
};
} // namespace

const Algorithm<Conv1dProblem> poolc::conv1dGemmToeplitz = {
    .name = "gemm_toeplitz",
    .summary = "matrices of windows times taps that are shifted for each of eight positions",
    .applies = applies,
    .rules = rules,
    .candidates = [](const Conv1dProblem &problem, const GPU &gpu,
                     const Schedule &wanted) { return Candidates(problem, gpu, wanted).make(); },
    .check = check,
    .cost = [](const Conv1dProblem &problem, const GPU &gpu,
               const Schedule &schedule) { return Cost(problem, gpu, schedule).compute(); },
    .takesDynamicAxes = true};
