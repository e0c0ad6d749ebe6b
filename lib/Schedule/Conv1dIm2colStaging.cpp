//===- Conv1dIm2colStaging.cpp - What gemm_im2col stages ------------------===//

#include "poolc/Schedule/Conv1dIm2col.h"

#include "AsyncRows.h"
#include "Footprint.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

Conv1dIm2col::Conv1dIm2col(const Conv1dProblem &problem, const Schedule &schedule) {
  const Window &window = problem.window;
  bool onTensorCores = canUseTensorCores(problem);
  chunk = onTensorCores ? 16 / sizeInBytes(problem.type) : 1;
  tapSteps = llvm::divideCeilSigned(window.kernel, schedule.blockT);
  channelSteps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  chunks = schedule.blockK * (schedule.blockT / chunk);
  if (onTensorCores)
    chunks = llvm::alignTo(chunks, 2);
  packedChannels = llvm::alignTo(problem.outPerGroup, schedule.blockM);
  chooseWeights(problem, schedule);
  choosePeriod(problem, schedule);
  if (period != 0) {
    vectorX = chunk;
    shift = (period - window.padBefore % period) % period;
    span = llvm::divideCeilSigned(shift + slabSpan(window, schedule.blockN), period);
    positionPitch = period + chunk;
    pitchX = span * positionPitch;
  } else {
    // A tile's first position is a multiple of block_n, hence of any vector.
    vectorX = std::max<int64_t>(1, asyncVector(window.sizeFactor(), problem.type));
    shift = (vectorX - window.padBefore % vectorX) % vectorX;
    positionPitch = std::min<int64_t>(window.stride, int64_t(1) << 20);
    // The last chunk of taps may reach beyond them, and so may loads of neighbours
    // that are merged.
    constexpr int64_t widestLoad = 4;
    span = llvm::alignTo(shift + slabSpan(window, schedule.blockN) +
                             (chunk - 1) * mostDilation(window),
                         std::max({vectorX, chunk, widestLoad}));
    pitchX = span;
  }
  // Two blocks of an SM of the smaller GPUs have room for that.
  constexpr int64_t roomForOutputs = 36 << 10, ahead = 8;
  int64_t tile = schedule.blockM * (schedule.blockN + ahead);
  int64_t room = std::min(tile, roomForOutputs / sizeInBytes(problem.type));
  elementsX = std::max(channelSteps * schedule.blockK * pitchX, room - elementsW);
  chooseRegisters(problem, schedule);
  chunkAlignment = 1;
  if (window.dilation == 1 && onTensorCores)
    chunkAlignment = std::min(chunk, lowestBit(positionPitch | pitchX | shift));
  findWavefronts(problem, schedule);
}

/// Parts of operands, and sums without tensor cores, leave too little of 128, and so do
/// residuals besides an activation. ptxas would still spill a few of those for one
/// more block on an SM, unless it is told how many it may use.
void Conv1dIm2col::chooseRegisters(const Conv1dProblem &problem, const Schedule &schedule) {
  bool isExact = !problem.activation || problem.activation.isExact();
  bool isLean = (problem.type != DataType::f32 || problem.precision == Precision::tf32) &&
                (isExact || !problem.addsResidual);
  constexpr int64_t all = 255, half = 128, warpsWithAll = 8;
  if (isLean && schedule.numWarps >= 4)
    mostRegisters = half;
  else if (!isExact || problem.addsResidual)
    mostRegisters = schedule.numWarps <= warpsWithAll ? all : half;
}

/// Copies that find their rows need neither a launch nor another 2 us; a step has to be one
/// run of each row then, and so long that whole sectors are read.
void Conv1dIm2col::chooseWeights(const Conv1dProblem &problem, const Schedule &schedule) {
  int64_t kernel = problem.window.kernel, size = sizeInBytes(problem.type);
  bool isRun = schedule.blockK == 1 ? schedule.blockT * size % 32 == 0 : schedule.blockT == kernel;
  packs = chunk == 1 || kernel % chunk != 0 || !isRun ||
          chunks * chunk != schedule.blockK * schedule.blockT;
  pitchW = chunk * (chunks | 1);
  elementsW = schedule.blockM * (packs ? chunk * chunks : pitchW);
}

int64_t Conv1dIm2col::mostDilation(const Window &window) {
  return std::min<int64_t>(window.dilation, int64_t(1) << 30);
}

/// Positions lie an even number of 16 bytes apart where the stride is: then
/// several of the eight that a load of a matrix reads are in the same banks. Rows
/// that are staged stride by stride can have a pitch.
void Conv1dIm2col::choosePeriod(const Conv1dProblem &problem, const Schedule &schedule) {
  const Window &window = problem.window;
  int64_t stride = window.stride;
  if (chunk == 1 || window.isDynamic || window.dilation != 1 || stride % (2 * chunk) != 0 ||
      window.size % stride != 0)
    return;
  // Chunks do not cross the end of a piece, and all steps find theirs alike.
  int64_t together = tapSteps == 1 ? chunk : schedule.blockT;
  if (stride % together == 0 && window.padBefore % together == 0)
    period = stride;
}

void Conv1dIm2col::findWavefronts(const Conv1dProblem &problem, const Schedule &schedule) {
  int64_t adjacent = std::max<int64_t>(2, schedule.vector);
  auto position = [&](int64_t row) { return row / 2 * adjacent + row % 2; };
  int64_t size = sizeInBytes(problem.type), dilation = problem.window.dilation % (1 << 10);
  RowPitch x;
  if (chunkAlignment == chunk && chunk != 1)
    // Eight rows of 16 bytes: each lane stands for 4 bytes of one.
    x = chooseRowPitch(1, {1, 0}, size, [&](int64_t, int64_t row, int64_t column) {
      return position(row) * positionPitch + column * chunk / 4;
    });
  else
    x = chooseRowPitch(1, {1, 0}, size, [&](int64_t, int64_t row, int64_t column) {
      return position(row) * positionPitch + column * elementsPerRegister(problem.type) * dilation;
    });
  wavefrontsX = chunk == 1 ? 1 : x.wavefronts;
}

int64_t Conv1dIm2col::placeOfTap(int64_t tap, int64_t dilation) const {
  int64_t place = shift + tap * dilation;
  return period == 0 ? place : place / period * positionPitch + place % period;
}

llvm::SmallVector<int64_t> Conv1dIm2col::packedShape(const Conv1dProblem &problem,
                                                     const Schedule &) const {
  if (chunk == 1)
    return {problem.groups, steps(), chunks, packedChannels};
  return {problem.groups, steps(), chunks, packedChannels, chunk};
}

int64_t Conv1dIm2col::copiesOfX(const Schedule &schedule, const GPU &) const {
  int64_t channels = channelSteps * schedule.blockK;
  if (period == 0)
    return copiesOfBox({channels, span}, vectorX, schedule.numWarps);
  return copiesOfBox({channels, span, period}, vectorX, schedule.numWarps);
}

int64_t Conv1dIm2col::copiesOfWeights(const Schedule &schedule, const GPU &gpu) const {
  int64_t perCopy = std::max<int64_t>(4, chunk);
  return llvm::divideCeilSigned(chunks * chunk * schedule.blockM,
                                perCopy * schedule.numWarps * gpu.warpSize);
}

int64_t Conv1dIm2col::sharedBytes(const Schedule &schedule, DataType type) const {
  Schedule once = schedule, staged = schedule;
  once.numStages = 1;
  // A single step has nothing to run ahead of.
  if (steps() == 1)
    staged.numStages = 1;
  return stagedBytes(once, type, elementsX, 0) + stagedBytes(staged, type, 0, elementsW);
}
