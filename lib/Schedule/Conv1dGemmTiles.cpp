//===- Conv1dGemmTiles.cpp - Tiles of gemm_rows and gemm_packed -----------===//
//
// Which tiles are worth comparing: large ones that reuse operands, wide ones that share x, those
// of other sides that leave little of the last ones unused, and small ones that wait less.
//
//===----------------------------------------------------------------------===//

#include "Conv1dGemmTiles.h"

#include "Algorithms.h"
#include "Conv1dGemmCost.h"
#include "Conv1dTileFitter.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dRows.h"
#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/Streaming.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>
#include <tuple>

using namespace poolc;

bool poolc::dividesAmongWarps(const Schedule &schedule) {
  for (int64_t warpsM = 1; warpsM <= schedule.numWarps; warpsM *= 2)
    if (schedule.blockM % (fragmentM * warpsM) == 0 &&
        schedule.blockN * warpsM % (fragmentN * schedule.numWarps) == 0)
      return true;
  return false;
}

namespace {
/// Tiles in order of preference, each with the taps, channels and stages that
/// fit best.
class Candidates : TileFitter {
public:
  using TileFitter::TileFitter;

  llvm::SmallVector<Schedule> make() {
    // Of few channels, wide tiles: less of x belongs to two of them. Twice as wide ones of 16
    // bits, of which a sector holds twice as many.
    if (problem.outPerGroup <= 32) {
      add(32, 256);
      if (problem.type != DataType::f32)
        add(32, 512);
    }
    if (canUseTensorCores(problem)) {
      addWide();
      addFewSums();
    }
    addWindows();
    for (const Tile &tile : usualTiles())
      add(coverWith(tile.m, tile.n));
    for (const Tile &tile : chooseEvenTiles())
      add(tile);
    if (hasLongProducts() && !hasDynamicSizes() && loadsMatrices())
      addSmall();
    if (!wanted.splitK)
      appendSplits(problem, gpu, /*blocksPerSM=*/2, check, result);
    if (result.empty())
      result.push_back(complete(coverWith(16, 32), {leastBlockK(), isPacked ? 1 : 0, 1}));
    return std::move(result);
  }

private:
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
    if (canUseTensorCores(problem)) {
      // Where nearly all that moves is written, all warps of a block do so at the same time: on an
      // H200, 67.5 us in blocks of 64 x 128, 70.7 of 128 x 128 for 256 x 512 x 512 in TF32.
      if (storesStream(problem, gpu))
        tiles.insert(tiles.begin(), {64, 128});
      return tiles;
    }
    if (hasManySums)
      tiles.insert(tiles.begin(), {{128, 256}, {64, 256}, {32, 256}});
    if (hasDynamicSizes())
      return tiles;
    for (Tile &tile : tiles)
      tile = coverWith(tile.m, tile.n);
    double bestEven = rateBest(tiles);
    addUneven(tiles);
    if (!hasManySums)
      return tiles;
    double best = rateBest(tiles);
    // What tiles leave unused says most where powers of two fit, and where registers do.
    constexpr double clearly = 1.1;
    // Smaller ones are as good where an SM begins a load in each clock: on an H200, 4.13 instead of
    // 4.57 ms for 64 to 128 channels of three taps, of which 64 x 128 are half as large.
    bool fits = problem.window.stride == 1 && bestEven <= clearly * best && gpu.memoryPerCycle < 1;
    double asGood = fits ? 1.02 : 1.3;
    llvm::erase_if(tiles, [&](const Tile &tile) { return rateTile(tile) > asGood * best; });
    return tiles;
  }

  /// Those with other numbers of channels than powers of two, which leave less of the last ones
  /// unused: of 80 channels, 32 are three tiles of which half of one computes nothing.
  void addUneven(llvm::SmallVectorImpl<Tile> &tiles) const {
    constexpr int64_t step = 16, most = 160, warps = leastWarpsOfFma;
    const int64_t threads = warps * gpu.warpSize;
    for (int64_t n : {64, 128, 256})
      for (int64_t m = 3 * step; m <= std::min(most, problem.outPerGroup); m += step)
        if (!llvm::isPowerOf2_64(m) && n / 2 < problem.outputSize() && m * n >= fewSums * threads &&
            m * n <= maxElementsPerThread * threads)
          tiles.push_back({m, n, warps});
  }

  double rateBest(llvm::ArrayRef<Tile> tiles) const {
    double best = std::numeric_limits<double>::infinity();
    for (const Tile &tile : tiles)
      best = std::min(best, rateTile(tile));
    return best;
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
    bool takesMore = llvm::any_of(
        tapsPerStep(), [&](int64_t taps) { return taps > fewTaps && taps <= maxTapsOfManyWarps; });
    // Where blocks share too much of x otherwise, steps of few taps are worth it, and tiles with
    // fewer sums and more taps, or of 16 bits, of which a sector holds twice as many, wider ones.
    bool isShort = hasLongProducts() && hasShortWindow(problem);
    // Four warps have registers for copies and products, of twice the sums.
    constexpr Tile ofManySums{64, wide, 4};
    if (takesMore && isPacked && isShort && problem.type != DataType::f32 &&
        ofManySums.m <= problem.outPerGroup && wide <= problem.outputSize())
      add(ofManySums, 2, maxTapsOfManyWarps);
    if (!takesMore || (isPacked && isShort))
      add(coverWith(64, wide), {2, 1}, fewTaps);
    if (!isShort || window.kernel == 1)
      return;
    constexpr Tile ofFewSums{64, 192, 8}, ofShortTypes{32, 512, 8};
    constexpr int64_t mostTaps = 3;
    const Tile &tile = problem.type == DataType::f32 ? ofFewSums : ofShortTypes;
    if (tile.m <= problem.outPerGroup && tile.n <= problem.outputSize())
      add(tile, problem.type == DataType::f32 ? 3 : 2, mostTaps);
  }

  /// Operands in two parts leave less room for sums: of fewer, all taps can be in one step, and x
  /// is copied once for them.
  void addFewSums() {
    constexpr Tile tile{128, 96, 8};
    if (problem.precision == Precision::tf32x3 && problem.type == DataType::f32 && isPacked &&
        problem.window.kernel > 1 && hasLongProducts() && tile.m <= problem.outPerGroup &&
        tile.n <= problem.outputSize())
      add(tile, 2);
  }

  /// On FMA units, half of the sums in each thread, which then multiplies windows of several taps;
  /// two such blocks share an SM. Measured on an H200: 278 instead of 298 us for sums of 768
  /// products, 288 instead of 327 for 1408 of stride 2, 4.24 instead of 4.57 ms for 192.
  void addWindows() {
    constexpr Tile wide{64, 256, 8}, square{128, 128, 8};
    constexpr int64_t stages = 2, blocksPerSM = 2;
    if (!hasManySums || problem.window.kernel == 1 || hasDynamicSizes())
      return;
    for (const Tile &tile : {wide, square}) {
      if (tile.m > problem.outPerGroup || tile.n > problem.outputSize() ||
          countTiles(tile) < gpu.numSMs)
        continue;
      for (int64_t taps : tapsPerStep())
        if (taps > 1 && isShortCode(tile, leastBlockK(), taps) &&
            tryStep(tile, {leastBlockK(), taps, stages}, blocksPerSM))
          break;
    }
  }

  /// Whether a few loads bring the weights of a product.
  bool loadsMatrices() const {
    int64_t kernel = problem.window.kernel;
    return isPacked || isFlat || kernel == 1 || Conv1dRows::multipliesRuns(kernel);
  }

  /// Of smaller blocks there are more on an SM, and less of it waits at a barrier. Their warps
  /// load more weights for each product.
  void addSmall() {
    constexpr int64_t warps = 4, blocksPerSM = 4;
    constexpr double muchLess = 0.9;
    constexpr Tile usual{64, 128, warps}, tall{128, 64, warps}, flat{32, 256, warps},
        wide{64, 160, warps};
    for (const Tile &tile : {usual, tall})
      if (tile.m <= problem.outPerGroup && tile.n / 2 < problem.outputSize())
        add(tile, blocksPerSM);
    // Twice as wide ones of 16 bits, of which a sector holds twice as many.
    if (problem.type != DataType::f32 && problem.outPerGroup > flat.m &&
        flat.n / 2 < problem.outputSize())
      add(flat, blocksPerSM);
    // More sums need more registers: only where that leaves much less unused.
    if (wide.m <= problem.outPerGroup && rateTile(wide) < muchLess * rateTile(usual))
      add(wide, blocksPerSM);
  }

  using TileFitter::add;
  void add(int64_t m, int64_t n) { add(coverWith(m, n)); }
};
} // namespace

llvm::SmallVector<Schedule>
poolc::proposeTiles(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted,
                    llvm::function_ref<llvm::Error(const Schedule &)> check,
                    llvm::function_ref<int64_t(const Schedule &)> sharedBytes) {
  return Candidates(problem, gpu, wanted, check, sharedBytes).make();
}
