//===- Conv1dRows.cpp - Rows of x and of weights in shared memory ---------===//

#include "poolc/Schedule/Conv1dRows.h"

#include "llvm/ADT/STLFunctionalExtras.h"
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

/// Elements per copy where every row begins at a multiple of `elements` elements.
static int64_t vectorFor(int64_t elements, DataType type) {
  int64_t size = sizeInBytes(type);
  int64_t vector = commonPowerOfTwo(elements, largestCopy / size);
  return vector * size < smallestCopy ? 0 : vector;
}

int64_t Conv1dRows::vectorOfX(const Conv1dProblem &problem) {
  return vectorFor(problem.window.size, problem.type);
}

int64_t Conv1dRows::vectorOfWeights(const Conv1dProblem &problem) {
  return vectorFor(problem.taps(), problem.type);
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

/// The pitch, at least `least` and a multiple of `vector`, with the fewest bank
/// conflicts; the smallest of them.
static int64_t
choosePitch(int64_t least, int64_t vector, int64_t size,
            llvm::function_ref<int64_t(int64_t pitch, int64_t row, int64_t column)> element) {
  int64_t perWord = std::max<int64_t>(1, sharedBankBytes / size);
  int64_t best = 0, fewest = 0;
  int64_t first = llvm::alignTo(least, vector);
  for (int64_t pitch = first; pitch < first + sharedBanks * perWord; pitch += vector) {
    int64_t wavefronts = 0;
    for (int64_t shift = 0; shift != perWord; ++shift)
      wavefronts += countWavefronts(
          size, [&](int64_t row, int64_t column) { return element(pitch, row, column) + shift; });
    if (best == 0 || wavefronts < fewest) {
      best = pitch;
      fewest = wavefronts;
    }
  }
  return best;
}

/// Positions of x that the tile's windows touch, from first to last. At most
/// 2^40, which no shared memory holds, so that sizes computed from it fit.
static int64_t slabSpan(const Window &window, int64_t positions) {
  uint64_t starts = llvm::SaturatingMultiply<uint64_t>(positions - 1, window.stride);
  uint64_t reach =
      llvm::SaturatingMultiplyAdd<uint64_t>(window.kernel - 1, window.dilation, starts);
  return std::min<uint64_t>(reach, uint64_t(1) << 40) + 1;
}

Conv1dRows::Conv1dRows(const Conv1dProblem &problem, const Schedule &schedule) {
  const Window &window = problem.window;
  int64_t size = sizeInBytes(problem.type);
  vectorX = std::max<int64_t>(1, vectorOfX(problem));
  vectorW = std::max<int64_t>(1, vectorOfWeights(problem));
  steps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  // A tile's first position is a multiple of block_n, hence of any vector.
  shift = (vectorX - window.padBefore % vectorX) % vectorX;
  span = llvm::alignTo(shift + slabSpan(window, schedule.blockN), vectorX);
  rowW = schedule.blockK * std::min<int64_t>(window.kernel, int64_t(1) << 20);

  // A register of a fragment holds one f32 or two neighbouring 16-bit channels.
  int64_t perRegister = 4 / size;
  pitchX = choosePitch(span, vectorX, size, [&](int64_t pitch, int64_t row, int64_t column) {
    return column * perRegister * pitch + row * (window.stride % (1 << 10));
  });
  if (window.kernel == 1)
    // Rows of a matrix are loaded by eights: an odd number of 16 bytes apart,
    // they fall into different banks.
    pitchW = llvm::alignTo(rowW, 32 / size) + 16 / size;
  else
    pitchW = choosePitch(rowW, vectorW, size, [&](int64_t pitch, int64_t row, int64_t column) {
      return row * pitch + column * perRegister * (window.kernel % (1 << 10));
    });
}

int64_t Conv1dRows::copiesPerThread(const Schedule &schedule, const GPU &gpu) const {
  int64_t copies = schedule.blockK * (span / vectorX) + schedule.blockM * (rowW / vectorW);
  return llvm::divideCeilSigned(copies, schedule.numWarps * gpu.warpSize);
}

int64_t Conv1dRows::sharedBytes(const Schedule &schedule, DataType type) const {
  constexpr int64_t alignment = 128;
  int64_t size = sizeInBytes(type);
  return schedule.numStages * (llvm::alignTo(schedule.blockK * pitchX * size, alignment) +
                               llvm::alignTo(schedule.blockM * pitchW * size, alignment));
}
