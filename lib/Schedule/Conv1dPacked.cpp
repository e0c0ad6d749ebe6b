//===- Conv1dPacked.cpp - Weights packed step by step ---------------------===//

#include "poolc/Schedule/Conv1dPacked.h"

#include "AsyncRows.h"
#include "Conv1dGemmCost.h"

#include "poolc/Schedule/Conv1dFolded.h"
#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/CopyWarps.h"
#include "poolc/Schedule/Grid.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

using namespace poolc;

/// Of a box that is swizzled so that tensor cores find its rows in different banks.
static constexpr int64_t bytesOfBoxRow = 128;

/// The taps of one step.
static Window stepWindow(const Window &window, const Schedule &schedule) {
  Window step = window;
  step.kernel = std::min(window.kernel, schedule.blockT);
  return step;
}

/// Whether every step's first tap lies as far from a group of copied elements.
static bool stepsStartAlike(const Conv1dProblem &problem, const Schedule &schedule) {
  int64_t vector = largestAsyncVector(problem.type);
  return schedule.blockT >= problem.window.kernel ||
         schedule.blockT * (problem.window.dilation % vector) % vector == 0;
}

Conv1dPacked::Conv1dPacked(const Conv1dProblem &problem, const Schedule &schedule)
    : x(problem, stepWindow(problem.window, schedule), schedule.blockN,
        stepsStartAlike(problem, schedule), /*rowsApart=*/0,
        /*mayGroup=*/schedule.algorithm == "gemm_packed") {
  vectorW = 16 / sizeInBytes(problem.type);
  chunked = canUseTensorCores(problem);
  int64_t chunks = schedule.blockK / vectorW;
  if (chunked && schedule.algorithm == "gemm_packed" && x.start == RowStart::skewed && chunks > 1 &&
      positionsApart(sizeInBytes(problem.type), problem.window.stride) == 1) {
    StagedRows spread(problem, stepWindow(problem.window, schedule), schedule.blockN,
                      stepsStartAlike(problem, schedule),
                      chunks * elementsPerRegister(problem.type), /*mayGroup=*/false);
    if (spread.loads * spread.wavefronts < x.loads * x.wavefronts) {
      x = spread;
      channelsApart = chunks;
    }
  }
  if (schedule.boxes != 0) {
    chooseBoxes(problem, schedule);
    if (!readsChunks(schedule))
      chooseAddedBoxes(problem, schedule);
  }
  tapSteps = llvm::divideCeilSigned(problem.window.kernel, schedule.blockT);
  channelSteps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  stepsOfPart =
      tapSteps * llvm::divideCeilSigned(channelSteps, std::max<int64_t>(1, schedule.splitK));
  packedChannels = llvm::alignTo(problem.outPerGroup, schedule.blockM);
  tapsOfAllSteps = problem.window.kernel - (tapSteps - 1) * schedule.blockT;
  // Of windows of several taps, threads with more sums have no registers to load ahead.
  constexpr int64_t mostSums = 64;
  multipliesWindows =
      !chunked && x.inGroups && tapsOfAllSteps > 1 && sumsPerThread(schedule) <= mostSums;
  // On an H200, rows of 128 bytes that are scattered over as many rows of shared memory take more
  // than twice the time, which a launch is not worth: so do steps of fewer channels.
  bool areRows = problem.window.kernel == 1 && problem.inPerGroup % vectorW == 0 &&
                 problem.alignment >= 16 &&
                 schedule.blockK * sizeInBytes(problem.type) == bytesOfBoxRow;
  mayLie = schedule.algorithm == "gemm_wgmma" && schedule.boxes == 0 && areRows;
  packs = !mayLie || (problem.type == DataType::f32 && schedule.roundW == 0);
  choosePacking(problem, schedule);
  keepsWeights = mayKeepWeights(problem, schedule);
}

void Conv1dPacked::chooseBoxes(const Conv1dProblem &problem, const Schedule &schedule) {
  // Of f32, four channels by eight positions, and of 16 bits, pairs of channels by eight, fall into
  // all banks.
  constexpr int64_t rowsApart = 8, banksOfRows = 16;
  if (readsChunks(schedule))
    return chooseBoxesOfChunks(problem, schedule);
  bool isAligned = x.shift == int64_t(0);
  sharesBoxes = schedule.blockT > 1 || !isAligned;
  if (sharesBoxes) {
    boxColumns = llvm::alignTo(x.needed[1] - rowsApart, banksOfRows) + rowsApart;
    return;
  }
  boxColumns = bytesOfBoxRow / sizeInBytes(problem.type);
  if (problem.type == DataType::f32)
    channelsApart = 2;
}

/// Rows of a tile of what is added go through what has room for more of them, of x and the weights
/// of a step: bytes under way are as many as during the steps. Swizzled boxes begin at multiples of
/// eight rows, so stages have to be multiples of that.
void Conv1dPacked::chooseAddedBoxes(const Conv1dProblem &problem, const Schedule &schedule) {
  if (!problem.addsResidual)
    return;
  constexpr int64_t rowsTogether = 16, mostRows = 256;
  int64_t size = sizeInBytes(problem.type);
  auto roomFor = [&](int64_t elements) {
    return elements * size % (8 * bytesOfBoxRow) == 0 ? elements / schedule.blockN : 0;
  };
  int64_t inX = roomFor(stagedElements(schedule));
  int64_t inWeights = roomFor(schedule.blockT * schedule.blockM * schedule.blockK);
  addsThroughX = inX > inWeights;
  int64_t most = std::min({inX > inWeights ? inX : inWeights, schedule.blockM, mostRows});
  addedRows = std::gcd(llvm::alignDown(most, rowsTogether), schedule.blockM);
  if (most < rowsTogether)
    addedRows = 0;
}

int64_t poolc::rowsOfBoxes(const Conv1dProblem &problem) {
  constexpr int64_t unit = 16;
  int64_t bytes = problem.window.size * sizeInBytes(problem.type), rows = 1;
  while (bytes * rows % unit != 0)
    rows *= 2;
  return rows;
}

/// Threads read each element once: of f32, neighbouring ones neighbours, and of 16 bits, matrices.
void Conv1dPacked::chooseBoxesOfChunks(const Conv1dProblem &problem, const Schedule &schedule) {
  constexpr int64_t mostColumns = 256;
  channelsApart = rowsTogether = rowsOfBoxes(problem);
  sharesBoxes = problem.type == DataType::f32;
  boxColumns = bytesOfBoxRow / sizeInBytes(problem.type);
  if (!sharesBoxes)
    return;
  int64_t columns = columnsOfChunks(problem, schedule);
  boxColumns *=
      llvm::divideCeilSigned(columns, llvm::divideCeilSigned(columns, mostColumns) * boxColumns);
}

int64_t Conv1dPacked::columnsOfChunks(const Conv1dProblem &problem, const Schedule &schedule) {
  int64_t ahead = largestAsyncVector(problem.type) - 1;
  Window step = stepWindow(problem.window, schedule);
  uint64_t beyond = llvm::SaturatingMultiply<uint64_t>(step.kernel - 1, step.dilation);
  // More than any shared memory holds, so that sizes computed from it fit.
  constexpr uint64_t most = uint64_t(1) << 40;
  return schedule.blockN + ahead + int64_t(std::min(beyond, most));
}

/// Runs of a sector or more are worth staging: so many taps that little is read twice and a
/// block's runs fit into shared memory.
void Conv1dPacked::choosePacking(const Conv1dProblem &problem, const Schedule &schedule) {
  int64_t size = sizeInBytes(problem.type), perWord = elementsPerRegister(problem.type);
  int64_t kernel = problem.window.kernel;
  // Folded positions are chunks as they lie.
  packing.isStaged = kernel * size >= sectorBytes && !isFolded(schedule);
  if (!packing.isStaged) {
    packing.parts = steps();
    return;
  }
  constexpr int64_t mostBytes = 40;
  packing.tapSteps = std::clamp<int64_t>(mostBytes / size / schedule.blockT, 1, tapSteps);
  packing.tapParts = llvm::divideCeilSigned(tapSteps, packing.tapSteps);
  packing.parts = channelSteps * (schedule.blockK / vectorW) * packing.tapParts;
  int64_t taps = packing.tapSteps * schedule.blockT;
  bool isWhole = kernel % perWord == 0 && taps % perWord == 0;
  packing.vector = isWhole ? perWord : 1;
  // An odd number of words apart, taps of neighbouring channels fall into different banks.
  int64_t words = llvm::divideCeilSigned(taps, perWord);
  packing.pitch = perWord * (words % 2 == 0 ? words + 1 : words);
}

llvm::SmallVector<int64_t> Conv1dPacked::packedShape(const Conv1dProblem &problem,
                                                     const Schedule &schedule) const {
  if (!chunked)
    return {problem.groups, steps(), schedule.blockT, schedule.blockK, packedChannels};
  return {problem.groups, steps(), schedule.blockT, schedule.blockK / vectorW,
          packedChannels, vectorW};
}

int64_t Conv1dPacked::stagedElements(const Schedule &schedule) const {
  if (boxColumns == 0)
    return schedule.blockK * x.pitch;
  return schedule.blockK * (sharesBoxes ? boxColumns : schedule.blockN);
}

int64_t Conv1dPacked::copiesPerThread(const Schedule &schedule, const GPU &gpu) const {
  if (schedule.boxes != 0)
    return 0;
  int64_t copies = schedule.blockK * (x.span / x.vector) +
                   schedule.blockT * schedule.blockM * (schedule.blockK / vectorW);
  int64_t warps = schedule.copyWarps != 0 ? schedule.copyWarps : schedule.numWarps;
  return llvm::divideCeilSigned(copies, warps * gpu.warpSize);
}

int64_t poolc::countChannelTiles(const Conv1dProblem &problem, const Schedule &schedule) {
  llvm::Expected<TileGrid> grid = makeTileGrid(problem, schedule);
  if (!grid) {
    llvm::consumeError(grid.takeError());
    return 0;
  }
  int64_t tiles = grid->axis('m').tiles * grid->axis('g').tiles, fastest = 1;
  for (const TileGrid::Axis &axis : grid->dims[0])
    if (axis.letter == 'm' || axis.letter == 'g')
      fastest *= axis.tiles;
  bool areFastest = fastest == tiles && grid->grid()[0] == tiles;
  return tiles == 1 || areFastest ? tiles : 0;
}

bool Conv1dPacked::mayKeepWeights(const Conv1dProblem &problem, const Schedule &schedule) const {
  bool isDynamic = problem.hasDynamicAxes() || problem.hasDynamicBatch();
  // What is added goes through the stages, too.
  if (schedule.copyWarps == 0 || schedule.splitK > 1 || isDynamic || addedRows != 0)
    return false;
  // Of more, too many SMs may be left without a block.
  constexpr int64_t mostTiles = 16;
  int64_t tiles = countChannelTiles(problem, schedule);
  if (schedule.boxes != 0)
    return tiles > 0 && tiles <= mostTiles && stepsOfPart <= schedule.numStages;
  return tiles == 1 && schedule.numStages % stepsOfPart == 0;
}

int64_t poolc::rowsOfBoxStore(int64_t rows, int64_t bytes) {
  constexpr int64_t most = 8 << 10, rowsTogether = 8;
  int64_t ofBox = llvm::alignDown(std::min(rows, most / bytes), rowsTogether);
  while (ofBox > rowsTogether && rows % ofBox != 0)
    ofBox -= rowsTogether;
  return std::max(ofBox, rowsTogether);
}

int64_t Conv1dPacked::sharedBytes(const Schedule &schedule, DataType type) const {
  constexpr int64_t rowsTogether = 8 * bytesOfBoxRow;
  int64_t weights = schedule.blockT * schedule.blockM * schedule.blockK;
  bool areApart = keepsWeights && schedule.boxes != 0;
  int64_t stages = stagedBytes(schedule, type, stagedElements(schedule), areApart ? 0 : weights);
  if (areApart)
    stages = llvm::alignTo(stages, rowsTogether) +
             llvm::alignTo(steps() * weights * sizeInBytes(type), rowsTogether);
  // The objects that warps arrive at and wait for take a row of all banks.
  // Boxes begin at multiples of eight rows, whatever comes before.
  int64_t objectBytes = schedule.boxes != 0 ? rowsTogether : 128;
  int64_t ofStores = schedule.storeWarps != 0 ? bytesOfStoresByWarps : bytesOfStoresBesideCopies;
  if (schedule.boxStores != 0) {
    constexpr int64_t warpsPerGroup = 4, buffers = 2;
    int64_t bytes = schedule.blockN * sizeInBytes(type);
    int64_t ofGroup = bytes / (schedule.numWarps / warpsPerGroup);
    ofStores = buffers * bytes * rowsOfBoxStore(schedule.blockM, ofGroup);
  }
  return stages + (schedule.copyWarps != 0 ? ofStores + objectBytes : 0);
}
