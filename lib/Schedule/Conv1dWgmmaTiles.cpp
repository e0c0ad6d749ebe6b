//===- Conv1dWgmmaTiles.cpp - Tiles of products of four warps -------------===//

#include "Conv1dGemmCost.h"
#include "Conv1dGemmStep.h"
#include "Conv1dOrders.h"
#include "Conv1dOverlap.h"
#include "Conv1dWarpgroups.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/CopyWarps.h"
#include "poolc/Target/Roofline.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <optional>

using namespace poolc;
using namespace poolc::warpgroups;

namespace {
/// Tiles in order of preference, each with the taps, channels and stages that
/// fit best.
class Candidates {
public:
  Candidates(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted,
             ScheduleCheck check)
      : problem(problem), gpu(gpu), wanted(wanted), check(check) {}

  llvm::SmallVector<Schedule> make() {
    if (waitsForMemory())
      for (Tile tile : {Tile{64, 128, 4}, {32, 256, 4}, {32, 128, 4}})
        addSmall(tile);
    // Two blocks of 128 x 128 finish and begin while the other one multiplies.
    for (Tile tile : {Tile{128, 128, 8},
                      {256, 128, 8},
                      {128, 256, 16},
                      {64, 256, 16},
                      {64, 256, 8},
                      {64, 128, 8},
                      {32, 256, 8},
                      {128, 64, 4},
                      {64, 64, 4},
                      {32, 128, 8}})
      add(tile);
    // Two blocks have room for 160 x 128 too. On an H200, 53 us instead of 64 for 1024 to 640
    // channels in bf16 with a residual, 219 instead of 263 for 512 to 320.
    if (!wantsRoles() && problem.addsResidual)
      add({160, 128, 8});
    if (!wantsRoles() && triesBoxes())
      addAllWithCopyWarps(/*boxes=*/1);
    // Without boxes, what is added would be loaded while nothing is multiplied.
    if (!wantsRoles() && !problem.addsResidual)
      addAllWithCopyWarps(/*boxes=*/0);
    overlap::append(problem, gpu, check, result);
    if (!wanted.splitK) {
      size_t whole = result.size();
      appendSplits(problem, gpu, /*blocksPerSM=*/1, check, result);
      if (!hasManyBlocks())
        for (size_t i = 0; i != whole; ++i)
          addEvenSplit(result[i]);
    }
    addRounding();
    if (result.empty())
      result.push_back(complete({16, 64, 4}, {leastBlockK(), 1, 1}));
    return std::move(result);
  }

private:
  struct Tile {
    int64_t m, n, warps;
  };

  int64_t leastBlockK() const { return channelsPerInstruction(problem); }

  void add(const Tile &tile) {
    if (wantsRoles())
      return addWithCopyWarps(tile, wanted.storeWarps,
                              std::max({wanted.boxes, wanted.boxStores, wanted.joinN}));
    // As many warps and sums as leave room for a second block, or all of an SM.
    Schedule least = complete(tile, {leastBlockK(), 1, 1});
    bool leavesRoom =
        2 * sumsPerThread(least) <= maxElementsPerThread || isForTwoBlocks(problem, least);
    int64_t blocksPerSM = tile.warps <= 8 && leavesRoom ? 2 : 1;
    for (int64_t blocks = blocksPerSM; blocks > 0; --blocks)
      for (int64_t taps : tapsPerStep(problem))
        for (int64_t channels : {4, 2, 1})
          for (int64_t stages : {4, 3, 2}) {
            if (channels > 1 && channels * taps > 8)
              continue;
            GemmStep step{channels * leastBlockK(), taps, stages};
            if (copiesTooMuch(tile, step) || !fits(tile, step, blocks))
              continue;
            // Rather more steps under way, each with less.
            bool hasSteps = step.channels < problem.inPerGroup;
            if (stages == 2 && channels > 1 && hasSteps && waitsForMemory())
              tryStep(tile, {step.channels / 2, taps, 4}, blocks);
            tryStep(tile, step, blocks);
            return;
          }
  }

  /// Blocks of four warps with all output channels, four on an SM: while some wait for memory,
  /// others multiply. On an H200, 80 us instead of 84 for 32 to 64 channels in bf16, 113 instead
  /// of 121 with a residual in f32.
  void addSmall(const Tile &tile) {
    constexpr int64_t blocksPerSM = 4, fewChannels = 32;
    if (problem.outPerGroup > tile.m || 2 * problem.outPerGroup <= tile.m)
      return;
    // Of 32 channels in 16 bits, whose pairs are put together, mma.sync is as fast.
    if (problem.type != DataType::f32 && tile.m <= fewChannels)
      return;
    for (int64_t taps : tapsPerStep(problem))
      for (int64_t channels : {4, 2, 1}) {
        if (channels > 1 && channels * taps > 8)
          continue;
        // A single step has nothing to run ahead of.
        GemmStep step{channels * leastBlockK(), taps, 1};
        bool isSingle = taps == problem.window.kernel && step.channels >= problem.inPerGroup;
        for (int64_t stages : {3, 2, 1}) {
          step.stages = stages;
          if (isSingle != (stages == 1) || copiesTooMuch(tile, step) ||
              !fits(tile, step, blocksPerSM))
            continue;
          return tryStep(tile, step, blocksPerSM);
        }
      }
  }

  /// The same tiles with weights that are rounded where they were copied to.
  void addRounding() {
    for (size_t i = 0, end = result.size(); i != end; ++i) {
      Schedule schedule = result[i];
      schedule.roundW = 1;
      if (roundingPays(schedule) && isNew(schedule))
        result.push_back(schedule);
    }
  }

  /// Each step waits for it, and blocks beside do not hide that: where steps are few, or so few
  /// that results take longer, or a launch that packs would move much. On an H200, 9.3 us instead
  /// of 9.6 in 8 steps and 23.5 instead of 27.0 in 9, but 13.9 instead of 12.8 in 16 and 71 instead
  /// of 63 in 8 rounds of 8; 59 instead of 84 in 21 rounds of one; 51 instead of 89 for 64 MiB of
  /// weights.
  bool roundingPays(const Schedule &schedule) const {
    constexpr int64_t mostSteps = 10, fewSteps = 2;
    constexpr double muchSeconds = 10e-6, passes = 3;
    double bytes = double(problem.outChannels() * problem.inPerGroup) * sizeInBytes(problem.type);
    int64_t steps = Conv1dPacked(problem, schedule).stepsOfPart;
    int64_t rounds = llvm::divideCeilSigned(countBlocks(problem, schedule), gpu.numSMs);
    return steps <= fewSteps || steps * rounds <= mostSteps ||
           passes * bytes / (gpu.dramActualGBs * 1e9) >= muchSeconds;
  }

  bool wantsRoles() const {
    return wanted.copyWarps != 0 || wanted.storeWarps != 0 || wanted.boxes != 0 ||
           wanted.boxStores != 0 || wanted.joinN != 0;
  }

  void addAllWithCopyWarps(int64_t boxes) {
    llvm::SmallVector<Tile, 5> tiles{{256, 128, 8}, {128, 256, 8}, {128, 128, 8}};
    // Boxes leave room for the stages of any of these.
    if (boxes != 0 && problem.type == DataType::f32 && !hasSeveralTaps())
      tiles.append({{192, 128, 8}, {160, 128, 8}});
    for (const Tile &tile : tiles)
      if (tile.m <= 128 || problem.outPerGroup > 128)
        for (int64_t storing : {boxes != 0 ? countStoringWarps(tile) : 2, int64_t(0)})
          addWithCopyWarps(tile, storing, boxes);
  }

  /// Four where memory is the limit and rows of 16 bits begin anywhere: what is read of a tile's
  /// results takes as many loads and selections as words. A thread of 16 warps has registers for 64
  /// sums. On an H200, 470 us instead of 525 for 64 to 128 channels in bf16; where rows are whole
  /// sectors, 66 instead of 64.
  int64_t countStoringWarps(const Tile &tile) const {
    constexpr int64_t mostSums = 64, warpSize = 32, unit = 16;
    int64_t size = sizeInBytes(problem.type);
    bool isSkewed = problem.type != DataType::f32 && problem.outputSize() * size % unit != 0;
    bool isSmall = tile.m * tile.n <= mostSums * tile.warps * warpSize;
    return isSkewed && isSmall && waitsForMemory() ? warpsPerGroup : 2;
  }

  /// One block on an SM, of which other warps copy and `storing` more store, in groups of four.
  void addWithCopyWarps(const Tile &tile, int64_t storing, int64_t boxes) {
    llvm::SmallVector<int64_t> taps = tapsPerStep(problem);
    addWithCopyWarps(tile, taps, storing, boxes);
    // Of single taps, boxes are others, which each tap has for itself.
    if (boxes != 0 && taps.size() > 1 && !wanted.blockT)
      addWithCopyWarps(tile, taps.back(), storing, boxes);
  }

  /// The same with the first of those numbers of taps in a step, and as many channels and stages,
  /// as fit.
  void addWithCopyWarps(const Tile &tile, llvm::ArrayRef<int64_t> tapsOfStep, int64_t storing,
                        int64_t boxes) {
    for (int64_t taps : tapsOfStep)
      for (int64_t channels : {4, 2, 1})
        for (int64_t stages : {8, 7, 6, 5, 4, 3, 2}) {
          GemmStep step{channels * leastBlockK(), taps, stages};
          bool isLong = channels > 1 && channels * taps > 8;
          if ((isLong && !(boxes != 0 && mayBeLong(step))) || copiesTooMuch(tile, step))
            continue;
          Schedule schedule = complete(tile, step);
          schedule.storeWarps = storing;
          schedule.boxes = boxes;
          if (wanted.copyWarps == 0)
            schedule.copyWarps = storing == 2 ? 2 : warpsPerGroup;
          if (storesBoxes(schedule) || wanted.joinN != 0)
            schedule.boxStores = 1;
          if (std::optional<Schedule> joined = joinImages(tile, schedule))
            schedule = *joined;
          if (!isNew(schedule) || !arePaidStages(schedule))
            continue;
          // With fewer tiles than SMs, nothing is copied ahead for another tile.
          bool hasRounds = countBlocks(problem, schedule) >= gpu.numSMs;
          if (wantsRoles() || (hasRounds ? pays(schedule) : paysAlone(schedule)))
            result.push_back(schedule);
          return;
        }
  }

  /// Whether more than four stages are of so little of x that they pay. On an H200, five or six of
  /// 8.5 KiB take 923 us, four 941, seven 948; six of 9.5 KiB 131 us, four 138, eight 133; but six
  /// of 16 KiB 63 us, four 58.
  bool arePaidStages(const Schedule &schedule) const {
    constexpr int64_t always = 4, mostBytes = 58 << 10;
    int64_t ofStage =
        Conv1dPacked(problem, schedule).stagedElements(schedule) * sizeInBytes(problem.type);
    return schedule.numStages <= always || schedule.numStages * ofStage <= mostBytes;
  }

  /// Whether steps of boxes in f32 may have more products than others, as threads make no copies:
  /// where there are many steps, and several under way. On an H200, 425 us instead of 461 for 320
  /// channels of three taps in steps of 32, not 16.
  bool mayBeLong(const GemmStep &step) const {
    constexpr int64_t mostInstructions = 12, leastStages = 3, leastSteps = 5;
    return problem.type == DataType::f32 && step.stages >= leastStages &&
           step.channels / leastBlockK() * step.taps <= mostInstructions &&
           problem.inPerGroup >= leastSteps * step.channels;
  }

  /// Where rows are whole sectors. On an H200, in f32, 210 us with boxes of results instead of 220
  /// for 512 channels of one tap, 77 instead of 80 for 256, 405 instead of 412 for 512 to
  /// 1024, 57.0 instead of 58.7 for 128 channels of three taps, 57.9 instead of 59.0 for 64 to 128
  /// of two; of 16 bits, 215 instead of the 203 of warps that only store.
  bool storesBoxes(Schedule schedule) const {
    bool isMeasured = problem.type == DataType::f32 && !mayOverlap(schedule) &&
                      !(hasSeveralTaps() && problem.addsResidual);
    schedule.boxStores = 1;
    return !wantsRoles() && isMeasured && schedule.boxes != 0 && isLegal(schedule);
  }

  /// The same with positions of all images in a row, if its tiles are fewer rounds of blocks then.
  /// On an H200, 400 us instead of 412 for 31 rounds, not 32, 54 instead of 77 for rows of 160; in
  /// as many 64 instead of 62. In 16 bits that leaves out warps that only store: 66 us instead of
  /// 72 for 5 rounds, not 6, but 48 instead of 47 for 9, not 10.
  std::optional<Schedule> joinImages(const Tile &tile, const Schedule &schedule) const {
    if (wantsRoles() || schedule.boxes == 0 || schedule.storeWarps != 0)
      return std::nullopt;
    Schedule joined = schedule;
    joined.boxStores = joined.joinN = 1;
    chooseWidth(tile, joined);
    joined.order = wanted.order;
    chooseConv1dOrder(problem, gpu, joined);
    auto countRounds = [&](const Schedule &schedule) {
      return std::ceil(double(countBlocks(problem, schedule)) / double(gpu.numSMs));
    };
    const double most = problem.type == DataType::f32 ? 0.98 : 0.85;
    bool isBetter = !isLegal(schedule) || countRounds(joined) <= most * countRounds(schedule);
    return isBetter && isLegal(joined) ? std::optional(joined) : std::nullopt;
  }

  /// Whether warps that copy pay. On an H200, where memory is the limit, 861 us instead of 928 for
  /// 128 channels in f16, but 1670 instead of 1612 in f32; where weights are copied once, 1070
  /// instead of 1122 in f32, and 65 instead of 72 with smaller tiles.
  bool pays(const Schedule &schedule) const {
    constexpr int64_t ofLargeTiles = 256 * 128;
    if (schedule.boxes != 0)
      return boxesPay(schedule);
    if (triesBoxes() && !hasSeveralTaps())
      return false;
    if (schedule.storeWarps != 0)
      return storesPay(schedule);
    if (Conv1dPacked(problem, schedule).keepsWeights)
      return true;
    bool isLarge = schedule.blockM * schedule.blockN >= ofLargeTiles;
    return isLarge && (!waitsForMemory() || problem.type != DataType::f32);
  }

  /// The same of a block's only tile: where warps that multiply would copy the weights, too, in
  /// many steps. On an H200, 14.1 us instead of 15.6 for an image of 1024 channels in f16, 22.9
  /// instead of 25.4 for 2048 in bf16, 7.7 instead of 8.0 for 512.
  bool paysAlone(const Schedule &schedule) const {
    constexpr int64_t leastSteps = 8;
    Conv1dPacked staging(problem, schedule);
    return !staging.packs && schedule.storeWarps == 0 && staging.stepsOfPart >= leastSteps;
  }

  bool hasSeveralTaps() const { return problem.window.kernel > 1; }

  /// With 64 output channels, small blocks are faster: for a tap of TF32 78 us with boxes instead
  /// of 70, for seven taps 502 instead of 374, in f16 175 instead of 134.
  bool triesBoxes() const {
    constexpr int64_t few = 64;
    const Window &window = problem.window;
    bool isPadded = window.padBefore != 0 || window.padAfter != 0;
    return mayHaveBoxes(problem) && problem.outPerGroup > few && (hasSeveralTaps() || !isPadded);
  }

  /// Whether those of a schedule pay. On an H200, for 256 channels 43 us with boxes instead of 49
  /// in f16, and 81 instead of 99 in f32. Other warps store results of 16 bits, of one tap of 128 x
  /// 256 rather than 256 x 128: for 128 to 512 channels in 53 us instead of 56, without such
  /// warps 57. In f32 they take 425 instead of 421.
  bool boxesPay(const Schedule &schedule) const {
    if (hasSeveralTaps() && !boxesOfTapsPay(schedule))
      return false;
    if (problem.type == DataType::f32)
      return (schedule.storeWarps != 0) == storesByWarps(schedule);
    if (schedule.joinN != 0)
      return schedule.blockN >= 2 * schedule.blockM;
    return schedule.storeWarps != 0 && (schedule.blockN >= schedule.blockM || hasSeveralTaps());
  }

  /// The same of several taps: where steps are of channels that there are (with 4 of 16, 602 us
  /// instead of 380) and, but for a few taps in 16 bits, of more than one instruction has (in f32,
  /// 291 instead of 280 for seven taps of 8 of 96 channels; in f16, 93 instead of 72 for eleven of
  /// 16), and where no tiles of f32 have positions in common (1027 instead of 1007; in bf16, 537
  /// instead of 590).
  bool boxesOfTapsPay(const Schedule &schedule) const {
    constexpr int64_t fewTaps = 5;
    bool isF32 = problem.type == DataType::f32;
    bool isDeep = schedule.blockK > leastBlockK() || (!isF32 && schedule.blockT <= fewTaps);
    return isDeep && schedule.blockK <= problem.inPerGroup &&
           !(isF32 && mayOverlap(schedule) && !storesByWarps(schedule));
  }

  /// Whether warps that only store take results of f32, too: of several taps, where memory takes
  /// longer than products, but these so long that storing after them takes more than both, rows are
  /// no whole sectors, and all of a tile's results go through their memory at a time. On an H200,
  /// 907 us instead of 1012 for 64 to 128 channels of three taps, but 231 instead of 228 of two.
  bool storesByWarps(const Schedule &schedule) const {
    constexpr int64_t mostApart = 16;
    constexpr double mostOften = 2.5;
    int64_t rowBytes = schedule.blockN * sizeInBytes(problem.type) + mostApart;
    return hasSeveralTaps() && waitsForMemory() && !waitsForMemory(mostOften) &&
           mayOverlap(schedule) && !problem.addsResidual &&
           schedule.blockM * rowBytes <= bytesOfStoresByWarps;
  }

  /// Whether its tiles may have positions in common, so that each stores whole sectors.
  bool mayOverlap(Schedule schedule) const {
    schedule.overlapN = sectorBytes / sizeInBytes(problem.type);
    return isLegal(schedule);
  }

  /// Whether fewer warps that copy, and others that store, pay: where products are the limit and
  /// the copies of a step are worth a wait. On an H200, 254 us instead of 272 for 512 channels of
  /// f16 in steps of 64, but 115 instead of 98 in steps of 32, and in f32 the same time; where
  /// memory takes a little longer than products, 904 instead of 1001 for 160 to 80 channels in
  /// bf16.
  bool storesPay(const Schedule &schedule) const {
    constexpr int64_t leastDepth = 64;
    constexpr double aboutEqual = 1.2;
    return !waitsForMemory(aboutEqual) && problem.type != DataType::f32 &&
           schedule.blockK * schedule.blockT >= leastDepth;
  }

  /// Whether memory takes more than so many times as long as products.
  bool waitsForMemory(double factor = 1) const {
    Floor floor = computeFloor(gpu, computeWork(problem), peakTFLOPs(gpu, problem));
    return floor.memorySeconds > factor * floor.computeSeconds;
  }

  /// Whether a large tile has two blocks for each SM, where both fit: parts of larger ones gain
  /// nothing. On an H200, 62 us for 384 channels in bf16 in 288 blocks of 128 x 128, 68 in two
  /// parts of 192 x 128.
  bool hasManyBlocks() const {
    constexpr int64_t ofLargeTiles = 128 * 128;
    return llvm::any_of(result, [&](const Schedule &schedule) {
      if (schedule.copyWarps != 0 || schedule.blockM * schedule.blockN < ofLargeTiles ||
          !isForTwoBlocks(problem, schedule))
        return false;
      return countBlocks(problem, schedule) >= 2 * gpu.numSMs;
    });
  }

  /// The sums in as many parts as leave the fewest SMs without blocks in the last round, where
  /// that is worth a launch.
  void addEvenSplit(Schedule schedule) {
    constexpr int64_t mostParts = 8, leastSteps = 4;
    constexpr double worthwhile = 1.2;
    int64_t blocks = std::max<int64_t>(countBlocks(problem, schedule), 1);
    int64_t steps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
    auto rate = [&](int64_t parts) {
      double rounds = double(blocks * parts) / double(gpu.numSMs);
      return rounds / std::ceil(rounds);
    };
    int64_t best = 1;
    for (int64_t parts = 2; parts <= std::min(mostParts, steps / leastSteps); ++parts)
      if (rate(parts) > rate(best))
        best = parts;
    if (blocks >= 2 * gpu.numSMs || rate(best) < worthwhile * rate(1))
      return;
    schedule.splitK = best;
    if (isNew(schedule))
      result.push_back(schedule);
  }

  bool isLegal(const Schedule &schedule) const { return !llvm::errorToBool(check(schedule)); }
  bool isNew(const Schedule &schedule) const {
    return isLegal(schedule) && !llvm::is_contained(result, schedule);
  }

  /// Whether taps are so far apart that each of them alone would copy less of x.
  bool copiesTooMuch(const Tile &tile, const GemmStep &step) {
    GemmStep single = step;
    single.taps = 1;
    Schedule together = complete(tile, step), alone = complete(tile, single);
    return Conv1dPacked(problem, together).x.span >
           together.blockT * Conv1dPacked(problem, alone).x.span;
  }

  bool fits(const Tile &tile, const GemmStep &step, int64_t blocksPerSM) {
    Schedule schedule = complete(tile, step);
    return isLegal(schedule) &&
           Conv1dPacked(problem, schedule).sharedBytes(schedule, problem.type) <=
               sharedBytesForBlocks(gpu, blocksPerSM);
  }

  void tryStep(const Tile &tile, const GemmStep &step, int64_t blocksPerSM) {
    Schedule schedule = complete(tile, step);
    // All steps are copied at once where there are as many stages.
    int64_t steps = Conv1dPacked(problem, schedule).steps();
    if (!wanted.numStages && steps > 1 && steps < schedule.numStages) {
      GemmStep whole = step;
      whole.stages = steps;
      return tryStep(tile, whole, blocksPerSM);
    }
    if (!llvm::is_contained(result, schedule) && fits(tile, step, blocksPerSM))
      result.push_back(schedule);
  }

  /// Output channels of as few equal tiles of at most `most` as there are: as many as are
  /// multiplied for nothing, results, and weights that are copied, are the fewest.
  int64_t divideChannels(int64_t most) const {
    int64_t channels = std::max<int64_t>(problem.outPerGroup, 1);
    int64_t tiles = llvm::divideCeilSigned(channels, most);
    return llvm::alignTo(llvm::divideCeilSigned(channels, tiles), leastM);
  }

  /// Positions of a tile, and the warps that divide them between them.
  void chooseWidth(const Tile &tile, Schedule &schedule) const {
    // More than a tile has make no difference.
    int64_t positions = std::min(problem.outputSize(), tile.n);
    if (schedule.joinN != 0)
      positions *= std::min(problem.batch, tile.n);
    if (!wanted.blockN)
      schedule.blockN =
          std::max<int64_t>(warpsPerGroup * rowsPerWarp, powerOfTwoCovering(positions, tile.n));
    if (!wanted.numWarps)
      schedule.numWarps = chooseWarps(gpu, schedule, schedule.blockN, tile.warps);
  }

  Schedule complete(const Tile &tile, const GemmStep &step) {
    Schedule schedule = wanted;
    if (!wanted.blockM)
      schedule.blockM = divideChannels(tile.m);
    chooseWidth(tile, schedule);
    chooseStep(problem, gpu, wanted, step, leastBlockK(), schedule);
    return schedule;
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  ScheduleCheck check;
  llvm::SmallVector<Schedule> result;
};
} // namespace

llvm::SmallVector<Schedule> warpgroups::chooseTiles(const Conv1dProblem &problem, const GPU &gpu,
                                                    const Schedule &wanted, ScheduleCheck check) {
  return Candidates(problem, gpu, wanted, check).make();
}
