//===- Conv1dGemmAsync.cpp - Matrix products from asynchronous copies -----===//
//
// A block computes block_m output channels of one group x block_n positions of
// one batch element, on tensor cores or, in ieee precision, FMA units. In steps of block_k input
// channels, rows of x are copied to shared memory as they lie in global memory, in groups of up to
// 16 bytes and ahead of the computation.
//
// - `gemm_rows` copies rows of the weights likewise, all taps in one step; for
//   tensor cores only.
// - `gemm_packed` has a first launch write the weights in the order in which
//   they are staged, block_t taps and block_k channels in one step. That launch
//   reads and writes all weights once more; afterwards any number of taps is
//   staged without bank conflicts, and 16-bit weights are loaded as matrices.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "AsyncRows.h"
#include "Conv1dGemmCost.h"
#include "Conv1dOrders.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Schedule/Conv1dRows.h"
#include "poolc/Schedule/Conv1dStaging.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>
#include <tuple>

using namespace poolc;

/// Sums that a thread holds at most; with more, few registers are left for
/// operands.
static constexpr int64_t maxElementsPerThread = 128;

/// For tensor cores, and where FMA units need a load for each operand, half of them: two blocks of
/// 256 threads then fit on an SM.
static constexpr int64_t fewSums = maxElementsPerThread / 2;

/// Copies that a thread makes in a step at most; their addresses and conditions
/// stay in registers over the loop.
static constexpr int64_t maxCopiesPerThread = 24;

/// Channels up to which the sums of FMA units are written out.
static constexpr int64_t mostUnrolled = 16;

/// Taps of one step at most; they are written out.
static constexpr int64_t maxTapsPerStep = 16;

/// With more taps than these in blocks that are compiled for few registers, ptxas moves loads so
/// far ahead that it spills.
static constexpr int64_t maxTapsOfManyWarps = 5;

/// With more sums than these, that goes for one tap less where elements of 16 bits have to be put
/// together in pairs.
static constexpr int64_t sumsBesidePairs = 56;

/// The sums of one instruction of the tensor cores, and what FMA units are given alike.
static constexpr int64_t fragmentM = 16, fragmentN = 8;

/// Channels that one instruction of the tensor cores sums: 32 bytes of them.
static int64_t channelsPerInstruction(const Conv1dProblem &problem) {
  return 32 / sizeInBytes(problem.type);
}

static llvm::Error appliesRows(const Conv1dProblem &problem, const GPU &) {
  if (!canUseTensorCores(problem))
    return llvm::createStringError("expected a precision of tensor cores, got ieee");
  if (asyncVector(problem.taps(), problem.type) == 0)
    return llvm::createStringError("expected rows of weights of a multiple of 4 bytes, got " +
                                   llvm::Twine(problem.taps()) + " elements of " +
                                   toString(problem.type));
  return llvm::Error::success();
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

/// Whether a tile divides into equal parts of whole fragments for the warps, of which a
/// power of two lie side by side.
static bool dividesAmongWarps(const Schedule &schedule) {
  for (int64_t warpsM = 1; warpsM <= schedule.numWarps; warpsM *= 2)
    if (schedule.blockM % (fragmentM * warpsM) == 0 &&
        schedule.blockN * warpsM % (fragmentN * schedule.numWarps) == 0)
      return true;
  return false;
}

/// `Staging` is Conv1dRows or Conv1dPacked.
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
  Staging staging(problem, schedule);
  int64_t copies = staging.copiesPerThread(schedule, gpu);
  if (copies > maxCopiesPerThread)
    return llvm::createStringError("expected at most " + llvm::Twine(maxCopiesPerThread) +
                                   " copies by each thread in a step, got " + llvm::Twine(copies) +
                                   "; more warps or smaller blocks need fewer");
  return checkSharedBytes(gpu, staging.sharedBytes(schedule, problem.type),
                          "; smaller blocks or fewer stages need less");
}

namespace {
/// Tiles in order of preference, each with the taps, channels and stages that
/// fit best.
template <typename Staging> class Candidates {
public:
  Candidates(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted)
      : problem(problem), gpu(gpu), wanted(wanted),
        isPacked(wanted.algorithm == conv1dGemmPacked.name),
        hasManySums(!canUseTensorCores(problem) && loadsNeighbours()) {}

  llvm::SmallVector<Schedule> make() {
    // Of few channels, wide tiles: less of x belongs to two of them. Twice as wide ones of 16
    // bits, of which a sector holds twice as many.
    if (problem.outPerGroup <= 32) {
      add(32, 256);
      if (problem.type != DataType::f32)
        add(32, 512);
    }
    if (canUseTensorCores(problem))
      addWide();
    for (const Tile &tile : usualTiles())
      add(coverWith(tile.m, tile.n));
    for (const Tile &tile : chooseEvenTiles())
      add(tile);
    if (hasLongProducts() && !hasDynamicSizes() && loadsMatrices())
      addSmall();
    if (!wanted.splitK)
      appendSplits(
          problem, gpu, /*blocksPerSM=*/2,
          [&](const Schedule &schedule) { return check<Staging>(problem, gpu, schedule); }, result);
    if (result.empty())
      result.push_back(complete(coverWith(16, 32), {leastBlockK(), isPacked ? 1 : 0, 1}));
    return std::move(result);
  }

private:
  struct Step {
    int64_t channels, taps, stages;
  };
  /// Without a number of warps: as few as can hold its sums.
  struct Tile {
    int64_t m, n, warps = 0;
  };

  /// m x n, or less where that covers all outputs.
  Tile coverWith(int64_t m, int64_t n) const {
    return {std::max<int64_t>(16, powerOfTwoCovering(problem.outPerGroup, m)),
            std::max<int64_t>(16, powerOfTwoCovering(problem.outputSize(), n))};
  }

  /// For tensor cores, those large enough to reuse operands, small enough for two blocks per
  /// SM, one of which computes while the other starts or ends. FMA units are kept busy by the
  /// sums of one block, the more the better while no SM gets more to do.
  llvm::SmallVector<Tile> usualTiles() const {
    llvm::SmallVector<Tile> tiles = {{128, 128}, {128, 64}, {64, 128}, {64, 64}, {128, 32},
                                     {64, 32},   {32, 128}, {32, 32},  {16, 32}};
    if (!hasManySums)
      return tiles;
    tiles.insert(tiles.begin(), {128, 256});
    if (hasDynamicSizes())
      return tiles;
    constexpr double asGood = 1.02;
    double best = std::numeric_limits<double>::infinity();
    for (Tile &tile : tiles) {
      tile = coverWith(tile.m, tile.n);
      best = std::min(best, rateTile(tile));
    }
    llvm::erase_if(tiles, [&](const Tile &tile) { return rateTile(tile) > asGood * best; });
    return tiles;
  }

  bool hasDynamicSizes() const { return problem.hasDynamicAxes() || problem.hasDynamicBatch(); }

  int64_t countTiles(const Tile &tile) const {
    return llvm::divideCeilSigned(problem.outPerGroup, tile.m) *
           llvm::divideCeilSigned(problem.outputSize(), tile.n) * problem.groups * problem.batch;
  }

  /// What the SM with the most blocks computes, times what operands cost that are loaded
  /// for less of a tile.
  double rateTile(const Tile &tile) const {
    constexpr double perEdge = 8;
    int64_t perSM = llvm::divideCeilSigned(countTiles(tile), gpu.numSMs);
    return double(perSM) * double(tile.m * tile.n) *
           (1 + perEdge / double(tile.m) + perEdge / double(tile.n));
  }

  /// The best tiles with other sides than powers of two, where they leave less of the last
  /// tiles and of the last round of blocks unused.
  llvm::SmallVector<Tile> chooseEvenTiles() const {
    constexpr int64_t step = 16, least = 48, most = 256;
    const int64_t count = hasLongProducts() ? 10 : 6;
    constexpr double worthwhile = 0.98;
    if (!canUseTensorCores(problem) || hasDynamicSizes() || problem.outPerGroup < least)
      return {};
    double best = std::numeric_limits<double>::infinity();
    for (const Schedule &schedule : result)
      best = std::min(best, rateTile({schedule.blockM, schedule.blockN}));
    llvm::SmallVector<std::pair<double, Tile>> rated;
    for (int64_t m = least; m <= most; m += step)
      for (int64_t n = least; n <= most; n += step)
        // Of more warps there would be one block per SM, which nothing computes besides; that is
        // as well where there is only one for each.
        for (int64_t warps : {4, 8, 16})
          if (Tile tile{m, n, warps}; (warps <= 8 || countTiles(tile) <= gpu.numSMs) &&
                                      isFilled(tile) && rateTile(tile) < worthwhile * best)
            rated.emplace_back(rateTile(tile), tile);
    llvm::sort(rated, [](const auto &a, const auto &b) {
      return std::tuple(a.first, a.second.m, -a.second.warps) <
             std::tuple(b.first, b.second.m, -b.second.warps);
    });
    llvm::SmallVector<Tile> tiles;
    for (const auto &[rate, tile] : rated)
      if (int64_t(tiles.size()) < count && dividesAmongWarps(complete(tile, {leastBlockK(), 1, 1})))
        tiles.push_back(tile);
    return tiles;
  }

  /// Whether threads have enough sums and registers enough for them. Where products are over soon,
  /// sums had best be as many as two blocks of many warps can hold.
  bool isFilled(const Tile &tile) const {
    // With more sums, three blocks of four warps no longer fit.
    constexpr int64_t fewest = 40, mostOfFourWarps = 80;
    int64_t perThread = tile.m * tile.n / (tile.warps * gpu.warpSize);
    if (!hasLongProducts())
      return tile.warps == countWarps({tile.m, tile.n}) && 2 * perThread >= fewSums;
    if (perThread < fewest || perThread > maxElementsPerThread)
      return false;
    return tile.warps >= 8 ? isForTwoBlocks(problem, complete(tile, {leastBlockK(), 1, 1}))
                           : perThread <= mostOfFourWarps;
  }

  /// As few as can hold a tile's sums.
  int64_t countWarps(const Tile &tile) const {
    if (tile.warps != 0)
      return tile.warps;
    int64_t perWarp = (hasManySums ? maxElementsPerThread : fewSums) * gpu.warpSize;
    int64_t warps = llvm::PowerOf2Ceil(llvm::divideCeilSigned(tile.m * tile.n, perWarp));
    return std::min(warps, maxWarpsPerBlock(gpu));
  }

  int64_t leastBlockK() const { return channelsPerInstruction(problem); }

  int64_t maxTaps(const Schedule &schedule) const {
    int64_t sums = schedule.blockM * schedule.blockN / (schedule.numWarps * gpu.warpSize);
    return maxTapsOfManyWarps - (problem.type != DataType::f32 && sums > sumsBesidePairs ? 1 : 0);
  }

  /// Numbers of taps per step, the most first, each the least of so many steps.
  llvm::SmallVector<int64_t> tapsPerStep() const {
    if (!isPacked)
      return {0};
    int64_t kernel = problem.window.kernel, taps = std::min(kernel, maxTapsPerStep);
    llvm::SmallVector<int64_t> result;
    for (; taps > 0; --taps) {
      taps = llvm::divideCeilSigned(kernel, llvm::divideCeilSigned(kernel, taps));
      result.push_back(taps);
    }
    return result;
  }

  /// Of two tiles that are as fast, the wider one: less of x belongs to two tiles, and fewer
  /// sectors do where rows begin anywhere. With many taps in a step, what it copies takes registers
  /// that the products need; of f32, which is converted, with any that are unrolled where rows are
  /// guarded at both ends.
  void addWide() {
    constexpr int64_t wide = 256;
    const Window &window = problem.window;
    // Taps farther apart than that share nothing of x, as rarely of wide tiles as of others.
    bool sharesTaps = window.kernel == 1 || window.dilation / window.stride < wide;
    if (!sharesTaps)
      return;
    bool isTight = problem.type == DataType::f32 && window.padBefore > 0;
    int64_t fewTaps = isTight ? 1 : 3;
    if (llvm::any_of(tapsPerStep(),
                     [&](int64_t taps) { return taps > fewTaps && taps <= maxTapsOfManyWarps; }))
      return;
    size_t before = result.size();
    add(64, wide);
    if (result.size() > before && tapsOfStep(problem, result.back()) > fewTaps)
      result.pop_back();
  }

  /// Whether tensor cores take long for a product.
  bool hasLongProducts() const {
    KernelCost cost;
    cost.matrixType = matrixTypeOf(problem);
    return canUseTensorCores(problem) && areProductsLong(gpu, cost);
  }

  /// Whether FMA units use the same loads for neighbouring columns.
  bool loadsNeighbours() const {
    constexpr int64_t n = 128;
    int64_t taps = isPacked ? std::min(problem.window.kernel, maxTapsPerStep) : 0;
    Schedule schedule = complete({fragmentM, n, 1}, {leastBlockK(), taps, 1});
    return Conv1dPacked(problem, schedule).x.loads < 1;
  }

  /// Whether a few loads bring the weights of a product.
  bool loadsMatrices() const { return isPacked || problem.window.kernel == 1; }

  /// Of smaller blocks there are more on an SM, and less of it waits at a barrier. Their warps
  /// load more weights for each product.
  void addSmall() {
    constexpr int64_t warps = 4, blocksPerSM = 4;
    constexpr double muchLess = 0.9;
    constexpr Tile usual{64, 128, warps}, tall{128, 64, warps}, wide{64, 160, warps};
    for (const Tile &tile : {usual, tall})
      if (tile.m <= problem.outPerGroup && tile.n / 2 < problem.outputSize())
        add(tile, blocksPerSM);
    // More sums need more registers: only where that leaves much less unused.
    if (wide.m <= problem.outPerGroup && rateTile(wide) < muchLess * rateTile(usual))
      add(wide, blocksPerSM);
  }

  void add(int64_t m, int64_t n) { add(coverWith(m, n)); }

  void add(const Tile &tile, llvm::ArrayRef<int64_t> occupancies = {2, 1}) {
    for (int64_t blocksPerSM : occupancies)
      for (int64_t taps : tapsPerStep())
        // A step of few taps takes more channels, so that barriers stay rare, if
        // need be with one stage less.
        for (int64_t channels : {4, 2, 1})
          for (int64_t stages : {3, 2}) {
            if (channels > 1 && channels * (isPacked ? taps : problem.window.kernel) > 4)
              continue;
            if (hasManySums && channels * leastBlockK() > mostUnrolled)
              continue;
            if (tryStep(tile, {channels * leastBlockK(), taps, stages}, blocksPerSM))
              return;
          }
  }

  bool tryStep(const Tile &tile, Step step, int64_t blocksPerSM) {
    Schedule schedule = complete(tile, step);
    llvm::Error error = check<Staging>(problem, gpu, schedule);
    bool fits =
        !error && Staging(problem, schedule).sharedBytes(schedule, problem.type) <=
                      gpu.sharedBytesPerSM / blocksPerSM - int64_t(gpu.reservedSharedBytesPerBlock);
    fits = fits && countSpilled(problem, gpu, schedule) == 0 &&
           (step.taps <= maxTaps(schedule) || !isForTwoBlocks(problem, schedule));
    llvm::consumeError(std::move(error));
    if (fits && !llvm::is_contained(result, schedule))
      result.push_back(schedule);
    return fits;
  }

  Schedule complete(const Tile &tile, Step step) const {
    Schedule schedule = wanted;
    if (!wanted.blockM)
      schedule.blockM = tile.m;
    if (!wanted.blockN)
      schedule.blockN = tile.n;
    if (!wanted.blockK)
      schedule.blockK = std::max(
          leastBlockK(), std::min(step.channels, powerOfTwoCovering(problem.inPerGroup, 64)));
    if (!wanted.blockT)
      schedule.blockT = step.taps;
    if (!wanted.numWarps)
      schedule.numWarps = countWarps({schedule.blockM, schedule.blockN, tile.warps});
    if (!wanted.numStages)
      schedule.numStages = step.stages;
    chooseOrder(problem, conv1dOrders, gpu, schedule);
    return schedule;
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  bool isPacked;
  /// Whether each thread had best have as many sums as it can.
  bool hasManySums;
  llvm::SmallVector<Schedule> result;
};
} // namespace

template <typename Staging>
static llvm::SmallVector<Schedule> candidates(const Conv1dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  return Candidates<Staging>(problem, gpu, wanted).make();
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

const Algorithm<Conv1dProblem> poolc::conv1dGemmPacked = {
    .name = "gemm_packed",
    .summary = "matrices from shared memory, with weights that a first launch packs",
    .applies = nullptr,
    .rules = rulesOfPacked,
    .candidates = candidates<Conv1dPacked>,
    .check = check<Conv1dPacked>,
    .cost = estimatePacked,
    .takesDynamicAxes = true};
