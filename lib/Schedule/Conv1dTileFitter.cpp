//===- Conv1dTileFitter.cpp - Steps of tiles, and whether they fit --------===//

#include "Conv1dTileFitter.h"

#include "Algorithms.h"
#include "Conv1dGemmCost.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dFlat.h"
#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Schedule/Conv1dRows.h"
#include "poolc/Schedule/Conv1dStaging.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

/// Channels up to which the sums of FMA units are written out.
static constexpr int64_t mostUnrolled = 16;

/// Products of a thread in a step of FMA units, which are instructions of 16 bytes: an SM's cache
/// holds 128 KB of these. On an H200, 192 to 128 channels of nine taps take 674 us with 4096, 1152
/// with 8192; 48 channels of nine taps do as well with 6912 as with less. Threads with fewer sums
/// are more, which are at different places of the code, those of small blocks at more of them: 320
/// channels of eleven taps take 3.05 ms with 2048, 3.57 with 3072, 3.68 with 4096; 48 to 256 of
/// stride 4 2.27 ms with 2560, 2.58 with 3072, in blocks of four warps 2.31 with 1536, 2.56 with
/// 2560.
static constexpr int64_t mostProducts = 7168, mostProductsOfFewSums = 2560,
                         mostProductsOfSmallBlocks = 2048;

/// With more sums than these, `maxTapsOfManyWarps` is one less where elements of 16 bits have to be
/// put together in pairs.
static constexpr int64_t sumsBesidePairs = 56;

TileFitter::TileFitter(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted,
                       llvm::function_ref<llvm::Error(const Schedule &)> check,
                       llvm::function_ref<int64_t(const Schedule &)> sharedBytes)
    : problem(problem), gpu(gpu), wanted(wanted), check(check),
      isPacked(wanted.algorithm == conv1dGemmPacked.name),
      isFlat(wanted.algorithm == conv1dGemmFlat.name),
      hasManySums(!canUseTensorCores(problem) &&
                  loadsNeighbours(std::min(problem.window.kernel, maxTapsPerStep))),
      sharedBytes(sharedBytes) {}

int64_t TileFitter::countWarps(const Tile &tile) const {
  if (tile.warps != 0)
    return tile.warps;
  int64_t perWarp = (hasManySums ? maxElementsPerThread : fewSums) * gpu.warpSize;
  int64_t warps = llvm::PowerOf2Ceil(llvm::divideCeilSigned(tile.m * tile.n, perWarp));
  if (hasManySums)
    warps =
        std::max(warps, std::min(leastWarpsOfFma, tile.m * tile.n / (fewSumsOfFma * gpu.warpSize)));
  return std::min(warps, maxWarpsPerBlock(gpu));
}

int64_t TileFitter::leastBlockK() const {
  return isFlat ? Conv1dFlat::leastChannels(problem) : channelsPerInstruction(problem);
}

int64_t TileFitter::depthBytes(int64_t channels, int64_t taps) const {
  return channels * leastBlockK() * (isPacked ? taps : problem.window.kernel) *
         sizeInBytes(problem.type);
}

int64_t TileFitter::unrolledTaps(const GemmStep &step) const {
  int64_t kernel = problem.window.kernel;
  return isPacked ? step.taps : Conv1dRows::multipliesRuns(kernel) ? kernel : 1;
}

int64_t TileFitter::maxTaps(const Schedule &schedule) const {
  int64_t sums = sumsPerThread(schedule);
  bool putsPairs = isPacked && problem.type != DataType::f32;
  return maxTapsOfManyWarps - (putsPairs && sums > sumsBesidePairs ? 1 : 0);
}

llvm::SmallVector<int64_t> TileFitter::tapsPerStep() const {
  if (!isPacked)
    return {0};
  int64_t kernel = problem.window.kernel, most = std::min(kernel, maxTapsPerStep);
  int64_t inGroup = 16 / sizeInBytes(problem.type);
  llvm::SmallVector<int64_t> inGroups, others;
  for (int64_t taps = most; taps > 0; --taps) {
    taps = llvm::divideCeilSigned(kernel, llvm::divideCeilSigned(kernel, taps));
    others.push_back(taps);
    if (!hasManySums)
      continue;
    int64_t enough = loadsNeighbours(taps) ? taps : llvm::alignTo(taps, inGroup);
    if (enough <= most && loadsNeighbours(enough) && !llvm::is_contained(inGroups, enough))
      inGroups.push_back(enough);
  }
  llvm::append_range(inGroups, others);
  return inGroups;
}

bool TileFitter::hasLongProducts() const {
  KernelCost cost;
  cost.matrixType = matrixTypeOf(problem);
  return canUseTensorCores(problem) && areProductsLong(gpu, cost);
}

bool TileFitter::loadsNeighbours(int64_t taps) const {
  constexpr int64_t n = 128;
  Schedule schedule = complete({fragmentM, n, 1}, {leastBlockK(), isPacked ? taps : 0, 1});
  return Conv1dPacked(problem, schedule).x.loads < 1;
}

bool TileFitter::isShortCode(const Tile &tile, int64_t channels, int64_t taps) const {
  if (canUseTensorCores(problem) || !isPacked)
    return true;
  constexpr int64_t few = 96, manyWarps = 8;
  int64_t warps = countWarps(tile), sums = tile.m * tile.n / (warps * gpu.warpSize);
  int64_t most = sums > few           ? mostProducts
                 : warps >= manyWarps ? mostProductsOfFewSums
                                      : mostProductsOfSmallBlocks;
  return sums * channels * taps <= most;
}

void TileFitter::add(const Tile &tile, llvm::ArrayRef<int64_t> occupancies, int64_t mostTaps) {
  for (int64_t blocksPerSM : occupancies)
    for (int64_t taps : tapsPerStep()) {
      if ((isPacked ? taps : problem.window.kernel) > mostTaps)
        continue;
      // A step of few taps takes more channels, so that barriers stay rare, if
      // need be with one stage less.
      for (int64_t channels : {4, 2, 1})
        for (int64_t stages : {3, 2}) {
          if (channels > 1 && depthBytes(channels, taps) > cacheLineBytes)
            continue;
          // What taps share of x stays in registers for all channels of a step.
          if (hasManySums &&
              channels * leastBlockK() > (taps > 1 ? mostUnrolled / 2 : mostUnrolled))
            continue;
          if (taps > 1 && !isShortCode(tile, channels * leastBlockK(), taps))
            continue;
          if (tryStep(tile, {channels * leastBlockK(), taps, stages}, blocksPerSM))
            return;
        }
    }
}

bool TileFitter::tryStep(const Tile &tile, GemmStep step, int64_t blocksPerSM) {
  Schedule schedule = complete(tile, step);
  llvm::Error error = check(schedule);
  bool fits = !error && sharedBytes(schedule) <= sharedBytesForBlocks(gpu, blocksPerSM);
  fits = fits && countSpilled(problem, gpu, schedule) == 0 &&
         (unrolledTaps(step) <= maxTaps(schedule) || !isForTwoBlocks(problem, schedule));
  llvm::consumeError(std::move(error));
  if (fits && !llvm::is_contained(result, schedule))
    result.push_back(schedule);
  return fits;
}

Schedule TileFitter::complete(const Tile &tile, GemmStep step) const {
  Schedule schedule = wanted;
  if (!wanted.blockM)
    schedule.blockM = tile.m;
  if (!wanted.blockN)
    schedule.blockN = tile.n;
  if (!wanted.numWarps)
    schedule.numWarps = countWarps({schedule.blockM, schedule.blockN, tile.warps});
  chooseStep(problem, gpu, wanted, step, leastBlockK(), schedule);
  // All steps are copied at once where there are as many stages. In f32, what that leaves room for
  // was up to 3 % slower on an H200.
  int64_t taps = isPacked ? schedule.blockT : problem.window.kernel;
  int64_t steps = llvm::divideCeilSigned(problem.window.kernel, taps) *
                  llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  if (!wanted.numStages && steps > 1 && problem.type != DataType::f32)
    schedule.numStages = std::min(schedule.numStages, steps);
  return schedule;
}
