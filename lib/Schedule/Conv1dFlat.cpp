//===- Conv1dFlat.cpp - Windows and weights as they lie -------------------===//

#include "poolc/Schedule/Conv1dFlat.h"

#include "AsyncRows.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

bool Conv1dFlat::isDivisible(const Conv1dProblem &problem, int64_t channels) {
  constexpr int64_t instructionBytes = 32;
  if (problem.window.kernel > maxDepth / channels)
    return false;
  // Every step's first row begins as far from aligned as the first one's.
  const Window &window = problem.window;
  int64_t vector = largestAsyncVector(problem.type);
  if (channels * (window.isDynamic ? 1 : window.size % vector) % vector != 0)
    return false;
  int64_t depth = channels * window.kernel;
  return depth * sizeInBytes(problem.type) % instructionBytes == 0 &&
         windowsOf(problem, channels, /*pitch=*/1).isDivisible();
}

int64_t Conv1dFlat::leastChannels(const Conv1dProblem &problem) {
  for (int64_t channels = 1; channels <= maxDepth; channels *= 2)
    if (isDivisible(problem, channels))
      return channels;
  return 0;
}

WindowOperand Conv1dFlat::windowsOf(const Conv1dProblem &problem, int64_t channels, int64_t pitch,
                                    int64_t gap) {
  // No slab of windows farther apart fits, and sums of them might overflow.
  constexpr int64_t most = int64_t(1) << 40;
  const Window &window = problem.window;
  return {channels,
          window.kernel,
          pitch,
          std::min(window.dilation, most),
          std::min(window.stride, most),
          sizeInBytes(problem.type),
          gap};
}

Conv1dFlat::Conv1dFlat(const Conv1dProblem &problem, const Schedule &schedule)
    : x(problem, problem.window, schedule.blockN, /*startsAlike=*/true, /*rowsApart=*/1,
        /*mayGroup=*/false) {
  steps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  stepsOfPart = llvm::divideCeilSigned(steps, std::max<int64_t>(1, schedule.splitK));
  placeRows(problem, schedule);
  placeWeights(problem, schedule);
}

/// With the pitch that takes the fewest wavefronts; or the gap, which leaves more to choose from.
void Conv1dFlat::placeRows(const Conv1dProblem &problem, const Schedule &schedule) {
  bool isSkewed = x.start == RowStart::skewed;
  int64_t size = sizeInBytes(problem.type);
  RowStep step{x.vector, isSkewed ? problem.window.size % x.vector : 0};
  std::optional<int64_t> phase;
  if (x.start != RowStart::varying && x.shift)
    phase = *x.shift % x.vector;
  // The groups that hold a row may begin before it.
  int64_t least = x.span + (isSkewed ? x.vector - 1 : 0);
  int64_t channels = schedule.blockK;
  auto costOf = [&](int64_t pitch, int64_t gap) {
    return planWindowLoads(windowsOf(problem, channels, pitch, gap), phase).cost();
  };
  if (phase && channels >= 4 && problem.inPerGroup % (channels / 4) == 0) {
    x.pitch = llvm::alignTo(least, step.vector) + step.remainder;
    gap = chooseRowPitch(0, {x.vector, 0}, size, [&](int64_t gap) {
            return costOf(x.pitch, gap);
          }).pitch;
  } else {
    x.pitch =
        chooseRowPitch(least, step, size, [&](int64_t pitch) { return costOf(pitch, 0); }).pitch;
  }
  WindowOperand windows = windowsOf(problem, channels, x.pitch, gap.value_or(0));
  loads = planWindowLoads(windows, phase);
  loadsOfFew = planWindowLoads(windows, phase, /*columns=*/1);
  x.inGroups = phase.has_value();
  x.columns = countWindowColumns(windows, phase);
}

/// Four threads load neighbouring parts of a row, eight rows at a time.
void Conv1dFlat::placeWeights(const Conv1dProblem &problem, const Schedule &schedule) {
  int64_t size = sizeInBytes(problem.type), unit = largestAsyncVector(problem.type);
  vectorW = std::max<int64_t>(1, asyncVector(problem.taps(), problem.type));
  rowW = schedule.blockK * problem.window.kernel;
  WindowOperand windows = windowsOf(problem, schedule.blockK, x.pitch);
  int64_t perThread = windows.perThread(), width = std::min(unit, perThread & -perThread);
  loadsW = 2 * windows.perInstruction() / std::min(width, 2 * windows.perInstruction());
  RowPitch w = chooseRowPitch(rowW, {unit, 0}, size, [&](int64_t pitch) -> double {
    return double(countWavefronts(width * size, [&](int64_t lane) {
      return (lane / 4 * pitch + lane % 4 * perThread) * size;
    }));
  });
  pitchW = w.pitch;
  wavefrontsW = w.wavefronts;
}

int64_t Conv1dFlat::copiesPerThread(const Schedule &schedule, const GPU &gpu) const {
  int64_t copies = schedule.blockK * (x.span / x.vector) + schedule.blockM * (rowW / vectorW);
  return llvm::divideCeilSigned(copies, schedule.numWarps * gpu.warpSize);
}

int64_t Conv1dFlat::sharedBytes(const Schedule &schedule, DataType type) const {
  return stagedBytes(schedule, type, elementsX(schedule), schedule.blockM * pitchW);
}
