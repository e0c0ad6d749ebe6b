//===- Conv1d.cpp - Schedules of convolution ------------------------------===//
//
// Algorithm `direct`: a block computes block_m output channels of one group x
// block_n output positions of one batch element. Each thread holds up to 64 of
// the tile's sums in registers and reads its operands straight from global
// memory.
//
//===----------------------------------------------------------------------===//

#include "Rules.h"

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

llvm::SmallVector<llvm::StringRef> poolc::algorithmsFor(const Conv1dProblem &) {
  return {"direct"};
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

static llvm::Error checkSupported(const Conv1dProblem &problem) {
  if (problem.precision == Precision::ieee)
    return llvm::Error::success();
  llvm::StringRef name = problem.precision == Precision::tf32 ? "tf32" : "tf32x3";
  return llvm::createStringError("expected precision ieee, got " + name +
                                 ": no algorithm for tensor cores exists yet");
}

namespace {
/// Fills in what `wanted` leaves open.
class Heuristic {
public:
  Heuristic(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
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
} // namespace

llvm::Expected<Schedule> poolc::decideSchedule(const Conv1dProblem &problem, const GPU &gpu,
                                               const Schedule &wanted) {
  if (llvm::Error error = checkSupported(problem))
    return std::move(error);
  if (llvm::Error error = checkWords(directRules(gpu), wanted))
    return std::move(error);
  Schedule schedule = Heuristic(problem, gpu, wanted).decide();
  if (llvm::Error error = verifySchedule(problem, gpu, schedule))
    return std::move(error);
  return schedule;
}

llvm::Error poolc::verifySchedule(const Conv1dProblem &problem, const GPU &gpu,
                                  const Schedule &schedule) {
  if (llvm::Error error = checkSupported(problem))
    return error;
  if (llvm::Error error = checkComplete(directRules(gpu), gpu, schedule))
    return error;
  llvm::Expected<TileGrid> grid = makeTileGrid(problem, schedule);
  if (!grid)
    return grid.takeError();
  return checkGrid(*grid, gpu, schedule);
}
