//===- AsyncRows.cpp - Rows copied asynchronously to shared memory --------===//

#include "AsyncRows.h"

#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Support/ColumnGroups.h"
#include "poolc/Target/GPU.h"

#include "llvm/ADT/DenseSet.h"
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

int64_t poolc::countWavefronts(int64_t bytes,
                               llvm::function_ref<int64_t(int64_t row, int64_t column)> address) {
  // So many lanes as have a row of banks together are served at once.
  int64_t words = std::max<int64_t>(1, bytes / sharedBankBytes), lanes = sharedBanks / words;
  int64_t wavefronts = 0;
  for (int64_t first = 0; first != 32; first += lanes) {
    std::array<llvm::SmallVector<int64_t, 4>, sharedBanks> banks;
    size_t most = 1;
    for (int64_t lane = first; lane != first + lanes; ++lane) {
      int64_t start = address(lane / 4, lane % 4) / sharedBankBytes;
      for (int64_t word = start; word != start + words; ++word) {
        auto &bank = banks[word % sharedBanks];
        if (!llvm::is_contained(bank, word))
          bank.push_back(word);
        most = std::max(most, bank.size());
      }
    }
    wavefronts += int64_t(most);
  }
  return wavefronts;
}

int64_t poolc::largestAsyncVector(DataType type) { return largestCopy / sizeInBytes(type); }

RowPitch poolc::chooseRowPitch(int64_t least, RowStep step, int64_t size,
                               llvm::function_ref<double(int64_t pitch)> wavefronts) {
  int64_t perWord = std::max<int64_t>(1, sharedBankBytes / size);
  RowPitch best;
  int64_t first = llvm::alignTo(least, step.vector) + step.remainder;
  for (int64_t pitch = first; pitch < first + sharedBanks * perWord; pitch += step.vector)
    if (double taken = wavefronts(pitch); best.pitch == 0 || taken < best.wavefronts)
      best = {pitch, taken};
  return best;
}

RowPitch poolc::chooseRowPitch(
    int64_t least, RowStep step, int64_t size,
    llvm::function_ref<int64_t(int64_t pitch, int64_t row, int64_t column)> element) {
  int64_t perWord = std::max<int64_t>(1, sharedBankBytes / size);
  return chooseRowPitch(least, step, size, [&](int64_t pitch) {
    int64_t wavefronts = 0;
    for (int64_t shift = 0; shift != perWord; ++shift)
      wavefronts += countWavefronts(size, [&](int64_t row, int64_t column) {
        return (element(pitch, row, column) + shift) * size;
      });
    return double(wavefronts) / double(perWord);
  });
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

/// Whether operands had best be loaded in whole groups: where neighbouring positions or
/// taps use what is in them. Elements of 16 bits always: each would be a load of its own.
static bool shareGroups(const Conv1dProblem &problem, const Window &step) {
  if (!llvm::isPowerOf2_64(step.stride))
    return false;
  int64_t inGroup = largestAsyncVector(problem.type);
  return problem.type != DataType::f32 || step.kernel == 1 || step.dilation < inGroup ||
         step.dilation % inGroup == 0;
}

/// Groups that a thread loads for its neighbouring positions and the taps of a step,
/// for each of them.
static double loadsPerTap(const Window &step, ColumnGroups groups, int64_t shift) {
  llvm::DenseSet<int64_t> loaded;
  for (int64_t tap = 0; tap != step.kernel; ++tap)
    for (int64_t i = 0; i != groups.columns; ++i)
      loaded.insert((shift + tap * step.dilation + i * step.stride) / groups.elements);
  return double(loaded.size()) / double(step.kernel * groups.columns);
}

StagedRows::StagedRows(const Conv1dProblem &problem, const Window &step, int64_t positions,
                       bool startsAlike, int64_t rowsApart, bool mayGroup) {
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
  int64_t bytes = sizeInBytes(problem.type), perRegister = elementsPerRegister(problem.type);
  inGroups = mayGroup && shift && start != RowStart::varying && shareGroups(problem, step) &&
             rowsApart == 1;
  auto groupsOf = [&](int64_t pitch) {
    return inGroups ? groupColumns(pitch, step.stride, bytes, perRegister) : ColumnGroups();
  };
  RowPitch best = chooseRowPitch(least, pitches, bytes, [&](int64_t pitch) -> double {
    ColumnGroups groups = groupsOf(pitch);
    int64_t apart = groups.elements == 1 ? positionsApart(bytes, step.stride) : groups.columns;
    // Elements of 16 bits may begin in the middle of a word.
    int64_t shifts = groups.elements == 1 ? perRegister : 1, wavefronts = 0;
    for (int64_t first = 0; first != shifts; ++first)
      wavefronts += countWavefronts(groups.elements * bytes, [&](int64_t row, int64_t column) {
        return (column * perRegister * rowsApart * pitch + row * apart * (step.stride % (1 << 10)) +
                first) *
               bytes;
      });
    return double(wavefronts) / double(shifts);
  });
  pitch = best.pitch;
  wavefronts = best.wavefronts;
  if (inGroups)
    loads = loadsPerTap(step, groupsOf(pitch), *shift);
  columns = groupsOf(pitch).columns;
}

int64_t poolc::stagedBytes(const Schedule &schedule, DataType type, int64_t elementsX,
                           int64_t elementsW) {
  constexpr int64_t alignment = 128;
  int64_t element = sizeInBytes(type);
  return schedule.numStages * (llvm::alignTo(elementsX * element, alignment) +
                               llvm::alignTo(elementsW * element, alignment));
}
