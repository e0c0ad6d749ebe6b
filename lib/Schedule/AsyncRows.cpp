//===- AsyncRows.cpp - Rows copied asynchronously to shared memory --------===//

#include "AsyncRows.h"

#include "poolc/Target/GPU.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <array>

using namespace poolc;

/// Bytes of the largest and the smallest asynchronous copy.
static constexpr int64_t largestCopy = 16, smallestCopy = 4;

/// The largest power of two that divides `a` and is at most `limit`, another one.
static int64_t commonPowerOfTwo(int64_t a, int64_t limit) {
  return a == 0 ? limit : std::min<int64_t>(limit, a & -a);
}

int64_t poolc::asyncVector(int64_t elements, DataType type) {
  int64_t size = sizeInBytes(type);
  int64_t vector = commonPowerOfTwo(elements, largestCopy / size);
  return vector * size < smallestCopy ? 0 : vector;
}

/// Passes over shared memory for the loads of `size` bytes by which the lanes
/// of a warp get their element of a fragment; `element` tells which one of an
/// array lane (row, column) of 8 x 4 reads.
static int64_t countWavefronts(int64_t size,
                               llvm::function_ref<int64_t(int64_t row, int64_t column)> element) {
  std::array<llvm::SmallVector<int64_t, 4>, sharedBanks> words;
  size_t most = 1;
  for (int64_t lane = 0; lane != 32; ++lane) {
    int64_t word = element(lane / 4, lane % 4) * size / sharedBankBytes;
    auto &bank = words[word % sharedBanks];
    if (!llvm::is_contained(bank, word))
      bank.push_back(word);
    most = std::max(most, bank.size());
  }
  return most;
}

int64_t poolc::largestAsyncVector(DataType type) { return largestCopy / sizeInBytes(type); }

RowPitch poolc::chooseRowPitch(
    int64_t least, RowStep step, int64_t size,
    llvm::function_ref<int64_t(int64_t pitch, int64_t row, int64_t column)> element) {
  int64_t perWord = std::max<int64_t>(1, sharedBankBytes / size);
  RowPitch best;
  int64_t first = llvm::alignTo(least, step.vector) + step.remainder;
  for (int64_t pitch = first; pitch < first + sharedBanks * perWord; pitch += step.vector) {
    int64_t wavefronts = 0;
    for (int64_t shift = 0; shift != perWord; ++shift)
      wavefronts += countWavefronts(
          size, [&](int64_t row, int64_t column) { return element(pitch, row, column) + shift; });
    double average = double(wavefronts) / double(perWord);
    if (best.pitch == 0 || average < best.wavefronts)
      best = {pitch, average};
  }
  return best;
}

int64_t poolc::copiesOfBox(llvm::ArrayRef<int64_t> shape, int64_t vector, int64_t numWarps) {
  constexpr int64_t warpSize = 32;
  llvm::SmallVector<int64_t> groups(shape), threads(shape.size(), 1);
  groups.back() = llvm::divideCeilSigned(groups.back(), vector);
  int64_t lanes = warpSize;
  for (size_t d = shape.size(); d-- > 0;) {
    threads[d] = std::min<int64_t>(lanes, llvm::PowerOf2Ceil(groups[d]));
    lanes /= threads[d];
  }
  threads.back() *= lanes;
  for (size_t d = 0; d != shape.size(); ++d) {
    int64_t warps = std::min<int64_t>(
        numWarps, llvm::PowerOf2Ceil(llvm::divideCeilSigned(groups[d], threads[d])));
    threads[d] *= warps;
    numWarps /= warps;
  }
  threads.back() *= numWarps;
  int64_t copies = 1;
  for (size_t d = 0; d != shape.size(); ++d)
    copies *= llvm::divideCeilSigned(groups[d], threads[d]);
  return copies;
}

int64_t poolc::slabSpan(const Window &window, int64_t positions) {
  uint64_t starts = llvm::SaturatingMultiply<uint64_t>(positions - 1, window.stride);
  uint64_t reach =
      llvm::SaturatingMultiplyAdd<uint64_t>(window.kernel - 1, window.dilation, starts);
  return std::min<uint64_t>(reach, uint64_t(1) << 40) + 1;
}

int64_t poolc::elementsPerRegister(DataType type) { return 4 / sizeInBytes(type); }

StagedRows::StagedRows(const Conv1dProblem &problem, const Window &step, int64_t positions,
                       bool startsAlike, int64_t rowsApart) {
  int64_t size = problem.window.size, wholeGroup = largestAsyncVector(problem.type);
  vector = wholeGroup;
  start = problem.window.isDynamic ? RowStart::varying
          : size % vector != 0     ? RowStart::skewed
                                   : RowStart::aligned;
  // A step's channels are a multiple of a group.
  shiftOfGroup = (problem.inPerGroup % vector) * (size % vector) % vector;
  if (start == RowStart::varying)
    shift = 0;
  else if (startsAlike && shiftOfGroup == 0)
    shift = (vector - step.padBefore % vector) % vector;

  int64_t slack = start == RowStart::aligned ? 0 : vector - 1;
  needed[0] = shift.value_or(0);
  needed[1] = shift.value_or(vector - 1) + slabSpan(step, positions);
  span = llvm::alignTo(needed[1] + slack, vector);
  RowStep pitches{vector, start == RowStart::skewed ? size % vector : 0};
  // The groups that hold a row may begin before it.
  int64_t least = start == RowStart::skewed ? span + slack : span;
  int64_t elementBytes = sizeInBytes(problem.type);
  int64_t apart = positionsApart(elementBytes, step.stride) * (step.stride % (1 << 10));
  RowPitch best =
      chooseRowPitch(least, pitches, elementBytes, [&](int64_t pitch, int64_t row, int64_t column) {
        return column * elementsPerRegister(problem.type) * rowsApart * pitch + row * apart;
      });
  pitch = best.pitch;
  wavefronts = best.wavefronts;
}

int64_t poolc::stagedBytes(const Schedule &schedule, DataType type, int64_t elementsX,
                           int64_t elementsW) {
  constexpr int64_t alignment = 128;
  int64_t element = sizeInBytes(type);
  return schedule.numStages * (llvm::alignTo(elementsX * element, alignment) +
                               llvm::alignTo(elementsW * element, alignment));
}
