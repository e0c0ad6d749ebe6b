//===- Conv1d.cpp - Schedules of convolution ------------------------------===//
//
// A block computes block_m output channels of one group x block_n output
// positions of one batch element, with one of these algorithms:
//
// - `direct`: each thread holds up to 64 of the tile's sums in registers and
//   reads its operands straight from global memory. For any shape and precision.
// - `gemm_slab`: steps of block_k input channels are staged in shared memory,
//   each value of x once for all taps, and multiplied as matrices; on tensor
//   cores for f16, bf16 and the TF32 precisions.
// - `gemm_tap`: the same with one tap per step, for windows whose slab does not
//   fit into shared memory.
//
//===----------------------------------------------------------------------===//

#include "Rules.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

static constexpr int64_t maxElementsPerThread = 64;

/// A tile is sized for this many warps with this many sums per thread: 32 sums
/// need far fewer loads than FMAs and leave registers for the operands.
static constexpr int64_t usualWarps = 4;
static constexpr int64_t usualElementsPerThread = 32;

/// More output channels than this reuse an input value no better.
static constexpr int64_t usualBlockM = 64;

/// Fewer sums per thread than this waste its loads; a block then has fewer warps.
static constexpr int64_t leastElementsPerThread = 4;

/// Grid mappings, the plain one first: blocks that read the same inputs run
/// next to each other, groups and batch are one dimension because there are
/// four axes. The others are for grids that exceed a limit.
static constexpr llvm::StringRef orders[] = {"m.n.gb", "mn.g.b", "mn.gb",  "mng.b", "mnb.g",
                                             "mngb",   "gb.m.n", "g.mn.b", "b.mn.g"};

static bool isForTensorCores(const Conv1dProblem &problem) {
  return problem.type != DataType::f32 || problem.precision != Precision::ieee;
}

llvm::SmallVector<llvm::StringRef> poolc::algorithmsFor(const Conv1dProblem &problem) {
  if (isForTensorCores(problem))
    return {"gemm_slab", "gemm_tap", "direct"};
  return {"direct", "gemm_slab", "gemm_tap"};
}

static AlgorithmRules directRules(const GPU &gpu) {
  AlgorithmRules rules{"direct", {}, maxElementsPerThread, {"block_m", "block_n"}};
  int64_t maxBlock = maxTileElements(rules, gpu, maxWarpsPerBlock(gpu));
  rules.words = {{"block_m", maxBlock},
                 {"block_n", maxBlock},
                 {"num_warps", maxWarpsPerBlock(gpu)},
                 {"num_stages", 1},
                 {"vector", 1}};
  return rules;
}

/// Channels that one instruction of the tensor cores sums: 32 bytes of them.
static int64_t channelsPerInstruction(const Conv1dProblem &problem) {
  return 32 / sizeInBytes(problem.type);
}

static AlgorithmRules gemmRules(const Conv1dProblem &problem, const GPU &gpu,
                                llvm::StringRef algorithm) {
  // A matrix of one row or column is a vector; `direct` is for those.
  constexpr int64_t leastBlock = 2, maxBlock = 256, maxBlockK = 64, maxStages = 4;
  bool onTensorCores = isForTensorCores(problem);
  return {algorithm,
          {{"block_m", maxBlock, onTensorCores ? 16 : leastBlock},
           {"block_n", maxBlock, onTensorCores ? 8 : leastBlock},
           {"block_k", maxBlockK, onTensorCores ? channelsPerInstruction(problem) : leastBlock},
           {"num_warps", maxWarpsPerBlock(gpu)},
           {"num_stages", maxStages, 1, /*anyNumber=*/true},
           {"vector", 1}},
          onTensorCores ? maxElementsPerThread : maxElementsPerThread / 2,
          {"block_m", "block_n"}};
}

static AlgorithmRules rulesFor(const Conv1dProblem &problem, const GPU &gpu,
                               llvm::StringRef algorithm) {
  return algorithm == "direct" ? directRules(gpu) : gemmRules(problem, gpu, algorithm);
}

static llvm::Error checkAlgorithm(const Conv1dProblem &problem, llvm::StringRef algorithm) {
  llvm::SmallVector<llvm::StringRef> known = algorithmsFor(problem);
  if (llvm::is_contained(known, algorithm))
    return llvm::Error::success();
  return llvm::createStringError("expected algorithm to be one of " + llvm::join(known, ", ") +
                                 ", got '" + algorithm + "'");
}

/// Each element that a thread copies has an address and conditions of its own,
/// which stay in registers over the loop; more than this make ptxas spill.
static constexpr int64_t maxCopiesPerThread = 56;

/// What holds for the matrix algorithms beyond the rules of single words.
static llvm::Error checkGemm(const Conv1dProblem &problem, const GPU &gpu,
                             const Schedule &schedule) {
  int64_t tile = schedule.blockM * schedule.blockN;
  // A warp multiplies fragments of 16 x 8; without tensor cores, each thread
  // has an element.
  int64_t least = isForTensorCores(problem) ? 16 * 8 : gpu.warpSize;
  if (tile < least * schedule.numWarps)
    return llvm::createStringError(
        "expected a tile of at least " + llvm::Twine(least * schedule.numWarps) + " elements (" +
        llvm::Twine(least) + " for each of num_warps=" + llvm::Twine(schedule.numWarps) +
        "), got " + llvm::Twine(tile));
  Conv1dStaging staging(problem, schedule);
  int64_t copied = staging.elementsPerThread(schedule, gpu);
  if (copied > maxCopiesPerThread)
    return llvm::createStringError("expected at most " + llvm::Twine(maxCopiesPerThread) +
                                   " elements to be staged by each thread, got " +
                                   llvm::Twine(copied) +
                                   "; more warps, smaller blocks or algorithm=gemm_tap need less");
  int64_t used = staging.sharedBytes(schedule, problem.type);
  if (used > gpu.maxSharedBytesPerBlock)
    return llvm::createStringError(
        "expected at most " + llvm::Twine(gpu.maxSharedBytesPerBlock) +
        " bytes of shared memory, got " + llvm::Twine(used) +
        "; smaller blocks, fewer stages or algorithm=gemm_tap need less");
  return llvm::Error::success();
}

namespace {
/// Fills in what `wanted` leaves open, for `direct`.
class DirectHeuristic {
public:
  DirectHeuristic(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted), result(wanted), rules(directRules(gpu)) {}

  Schedule decide() {
    result.algorithm = "direct";
    result.numStages = result.vector = 1;
    chooseTile();
    shrinkForParallelism();
    chooseWarps();
    while (!arrange() && enlarge())
      ;
    return result;
  }

private:
  /// Whether some order makes a grid that the GPU can launch.
  bool arrange() {
    return chooseOrder(orders, gpu, result,
                       [&](const Schedule &schedule) { return makeTileGrid(problem, schedule); });
  }

  void chooseTile() {
    int64_t warps = wanted.numWarps ? wanted.numWarps : usualWarps;
    int64_t elements = warps * gpu.warpSize * usualElementsPerThread;
    auto room = [&](int64_t taken) {
      return std::max<int64_t>(1, elements / std::max<int64_t>(1, taken));
    };
    if (!wanted.blockM)
      result.blockM =
          powerOfTwoCovering(problem.outPerGroup, std::min(usualBlockM, room(wanted.blockN)));
    if (!wanted.blockN)
      result.blockN = powerOfTwoCovering(problem.outputSize(), room(result.blockM));
    // Short outputs leave room for more channels.
    if (!wanted.blockM)
      result.blockM = powerOfTwoCovering(problem.outPerGroup, room(result.blockN));
  }

  /// Smaller tiles while there are fewer than two blocks per SM: along n down
  /// to a warp's width, where reads are still whole lines, then along m.
  void shrinkForParallelism() {
    while (blocks() < 2 * int64_t(gpu.numSMs) && tileElements(rules, result) > gpu.warpSize)
      if (!halve(result, wanted, &Schedule::blockN, gpu.warpSize) &&
          !halve(result, wanted, &Schedule::blockM, 1))
        break;
  }

  int64_t blocks() const {
    Schedule flattened = result;
    flattened.order = "mngb";
    return llvm::cantFail(makeTileGrid(problem, flattened)).blocks();
  }

  void chooseWarps() {
    if (wanted.numWarps)
      return;
    int64_t tile = tileElements(rules, result);
    int64_t useful = tile / gpu.warpSize / leastElementsPerThread;
    result.numWarps = std::clamp<int64_t>(useful, 1, usualWarps);
    while (tile > maxTileElements(rules, gpu, result.numWarps) &&
           result.numWarps < maxWarpsPerBlock(gpu))
      result.numWarps *= 2;
  }

  /// A larger tile for a grid that is too large however it is arranged.
  bool enlarge() {
    int64_t warps = wanted.numWarps ? wanted.numWarps : maxWarpsPerBlock(gpu);
    if (tileElements(rules, result) >= maxTileElements(rules, gpu, warps))
      return false;
    bool enlarged = twice(result, wanted, &Schedule::blockN, problem.outputSize()) ||
                    twice(result, wanted, &Schedule::blockM, problem.outPerGroup);
    chooseWarps();
    return enlarged;
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  Schedule result;
  AlgorithmRules rules;
};

/// Fills in what `wanted` leaves open, for the matrix algorithms.
class GemmHeuristic {
public:
  GemmHeuristic(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted), result(wanted) {}

  /// The first combination, the preferred one first, that the target can hold.
  Schedule decide() {
    chooseTile();
    Schedule preferred = result;
    for (llvm::StringRef algorithm : {"gemm_slab", "gemm_tap"}) {
      if (!wanted.algorithm.empty() && wanted.algorithm != algorithm)
        continue;
      result = preferred;
      result.algorithm = algorithm.str();
      do {
        result.numWarps = preferred.numWarps;
        do {
          if (chooseStages())
            return arranged();
        } while (!wanted.numWarps && (result.numWarps *= 2) <= maxWarpsPerBlock(gpu));
      } while (halve(result, wanted, &Schedule::blockK, leastBlockK()));
    }
    // The verifier tells what is wrong with it.
    result.numWarps = preferred.numWarps;
    return arranged();
  }

private:
  /// The most stages that fit, if any do.
  bool chooseStages() {
    // Copies of single 16-bit elements cannot run ahead asynchronously.
    for (int64_t stages = problem.type == DataType::f32 ? 3 : 1; stages > 0; --stages) {
      result.numStages = wanted.numStages ? wanted.numStages : stages;
      llvm::Error error = checkGemm(problem, gpu, result);
      if (!error)
        return true;
      llvm::consumeError(std::move(error));
    }
    return false;
  }

  int64_t leastBlockK() const {
    return isForTensorCores(problem) ? channelsPerInstruction(problem) : 2;
  }

  Schedule arranged() {
    chooseOrder(orders, gpu, result,
                [&](const Schedule &schedule) { return makeTileGrid(problem, schedule); });
    return result;
  }

  void chooseTile() {
    constexpr int64_t usualBlock = 128;
    int64_t usualElements = isForTensorCores(problem) ? 64 : 32;
    bool onTensorCores = isForTensorCores(problem);
    int64_t least = onTensorCores ? 16 : 2;
    result.vector = 1;
    if (!wanted.blockM)
      result.blockM = std::max(least, powerOfTwoCovering(problem.outPerGroup, usualBlock));
    if (!wanted.blockN)
      result.blockN = std::max<int64_t>(onTensorCores ? 16 : gpu.warpSize,
                                        powerOfTwoCovering(problem.outputSize(), usualBlock));
    if (!wanted.blockK)
      result.blockK =
          std::max(leastBlockK(), powerOfTwoCovering(problem.inPerGroup, 2 * leastBlockK()));
    if (!wanted.numWarps) {
      int64_t lanes = result.blockM * result.blockN / gpu.warpSize;
      result.numWarps = std::clamp<int64_t>(lanes / usualElements, 1, maxWarpsPerBlock(gpu));
    }
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  Schedule result;
};
} // namespace

/// Tensor cores pay where their fragments are not mostly padding.
static bool prefersGemm(const Conv1dProblem &problem) {
  return isForTensorCores(problem) && problem.outPerGroup >= 8 && problem.inPerGroup >= 8;
}

llvm::Expected<Schedule> poolc::decideSchedule(const Conv1dProblem &problem, const GPU &gpu,
                                               const Schedule &wanted) {
  std::string algorithm = wanted.algorithm;
  if (algorithm.empty())
    algorithm = prefersGemm(problem) || wanted.blockK ? "gemm_slab" : "direct";
  if (llvm::Error error = checkAlgorithm(problem, algorithm))
    return std::move(error);
  Schedule named = wanted;
  named.algorithm = algorithm;
  if (llvm::Error error = checkWords(rulesFor(problem, gpu, algorithm), named))
    return std::move(error);
  Schedule schedule = algorithm == "direct" ? DirectHeuristic(problem, gpu, wanted).decide()
                                            : GemmHeuristic(problem, gpu, wanted).decide();
  if (llvm::Error error = verifySchedule(problem, gpu, schedule))
    return std::move(error);
  return schedule;
}

llvm::Error poolc::verifySchedule(const Conv1dProblem &problem, const GPU &gpu,
                                  const Schedule &schedule) {
  if (llvm::Error error = checkAlgorithm(problem, schedule.algorithm))
    return error;
  if (llvm::Error error = checkComplete(rulesFor(problem, gpu, schedule.algorithm), gpu, schedule))
    return error;
  if (isGemm(schedule))
    if (llvm::Error error = checkGemm(problem, gpu, schedule))
      return error;
  llvm::Expected<TileGrid> grid = makeTileGrid(problem, schedule);
  if (!grid)
    return grid.takeError();
  return checkGrid(*grid, gpu, schedule);
}
