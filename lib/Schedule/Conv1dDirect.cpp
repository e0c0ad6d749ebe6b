//===- Conv1dDirect.cpp - Convolution without staging ---------------------===//
//
// A block computes block_m output channels of one group x block_n positions of
// one batch element; each thread holds up to 64 of the sums in registers and
// reads its operands straight from global memory. For any shape and precision.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "Conv1dOrders.h"
#include "Footprint.h"
#include "Rules.h"

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

static AlgorithmRules rules(const Conv1dProblem &, const GPU &gpu) {
  AlgorithmRules rules{"direct", {}, maxElementsPerThread, {"block_m", "block_n"}};
  int64_t maxBlock = maxTileElements(rules, gpu, maxWarpsPerBlock(gpu));
  rules.words = {{"block_m", maxBlock},
                 {"block_n", maxBlock},
                 {"num_warps", maxWarpsPerBlock(gpu)},
                 {"num_stages", 1},
                 {"vector", 1}};
  return rules;
}

namespace {
/// Fills in what `wanted` leaves open.
class Heuristic {
public:
  Heuristic(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted), result(wanted), rules(::rules(problem, gpu)) {}

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
  bool arrange() { return chooseConv1dOrder(problem, gpu, result); }

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

static llvm::SmallVector<Schedule> candidates(const Conv1dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  return {Heuristic(problem, gpu, wanted).decide()};
}

/// Instructions for each operand that a thread loads besides the load: the
/// address, and for TF32 the rounding.
static constexpr double overheadPerOperand = 1.5, roundingPerOperand = 4;

/// For each sum and tap where windows reach into the padding: the block decides
/// which branch to take.
static constexpr double overheadPerPaddedTap = 6;

/// For each sum and tap of a block that does touch the padding.
static constexpr double overheadPerChoice = 3.5;

/// Before the first and after the last tap, and for each output.
static constexpr double overheadPerWarp = 80, overheadPerOutput = 8;

static KernelCost cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  KernelCost cost;
  TileGrid grid = llvm::cantFail(makeTileGrid(problem, schedule));
  const Window &window = problem.window;
  double element = sizeInBytes(problem.type);
  double m = double(schedule.blockM), n = double(schedule.blockN);
  double tilesN = double(grid.axis('n').tiles);
  double images = double(problem.batch * problem.groups);
  double outputs = double(problem.outputSize());
  double inputs = double(problem.inPerGroup), taps = inputs * double(window.kernel);
  cost.blocks = grid.blocks();
  cost.warpsPerBlock = schedule.numWarps;

  double weights = double(problem.outChannels()) * taps * element;
  double rowsOfBlock = inputs * touchedRowBytes(window, problem.type, outputs / tilesN);
  double weightsOfBlock = std::min(m, double(problem.outPerGroup)) * taps * element;
  cost.l2ReadBytes = double(cost.blocks) * (rowsOfBlock + weightsOfBlock);
  cost.dramReadBytes =
      images * inputs *
          std::min(touchedRowBytes(window, problem.type, outputs), double(window.size) * element) +
      weights;
  cost.l2WriteBytes = cost.dramWriteBytes =
      double(problem.batch * problem.outChannels()) * outputs * element;
  if (schedule.vector == 1)
    cost.dramWriteBytes *=
        timeOfUnalignedRows(problem.outputSize() * sizeInBytes(problem.type), gpu);

  double warps = double(schedule.numWarps);
  // Lanes lie along n; what they leave, and the warps, along m first.
  double lanesN = std::min<double>(gpu.warpSize, n), lanesM = gpu.warpSize / lanesN;
  double warpsM = std::min(warps, std::max(1.0, m / lanesM)), warpsN = warps / warpsM;
  double eachM = std::max(1.0, m / (lanesM * warpsM)), eachN = std::max(1.0, n / (lanesN * warpsN));
  double operands = warps * taps * (eachM + eachN);
  bool padded = window.padBefore || window.padAfter;
  cost.memory = operands + warps * eachM * eachN;
  cost.fma = warps * taps * eachM * eachN;
  cost.alu = operands * overheadPerOperand +
             (problem.precision == Precision::tf32 ? operands * roundingPerOperand : 0) +
             (padded ? warps * taps * overheadPerPaddedTap : 0);
  if (padded) // Blocks at both ends choose for each sum.
    cost.alu += warps * taps * eachM * eachN * overheadPerChoice * std::min(1.0, 2 / tilesN);
  if (problem.type != DataType::f32)
    cost.special = operands;
  cost.instructions = cost.memory + cost.fma + cost.alu + cost.special +
                      warps * (overheadPerWarp + overheadPerOutput * eachM * eachN);
  WarpAccess row = accessGlobal(lanesN, element, double(window.stride) * element);
  cost.wavefronts = warps * taps * (eachN * row.wavefronts + eachM) + warps * eachM * eachN;
  cost.registersPerThread =
      std::min<int64_t>(gpu.maxRegistersPerThread, 40 + int64_t(eachM * eachN + eachM + eachN));

  // Each tap needs its operands before the next is begun; what other taps of the
  // same channel brought is in L1.
  double fetches = std::max(1.0, rowsOfBlock / double(sectorBytes) /
                                     std::max(1.0, eachN * row.sectors * warpsN));
  cost.dependentTrips = std::min(taps, fetches);
  cost.serialCycles = (taps - cost.dependentTrips) * gpu.l1Latency;
  cost.bytesInFlight = (rowsOfBlock + weightsOfBlock) / taps;
  return cost;
}

const Algorithm<Conv1dProblem> poolc::conv1dDirect = {
    .name = "direct",
    .summary = "each thread reads the operands of its sums straight from global memory",
    .applies = nullptr,
    .rules = rules,
    .candidates = candidates,
    .check = nullptr,
    .cost = cost,
    .takesDynamicAxes = true,
    .leastAlignment = 1,
    .usesOnlyFMA = true};
