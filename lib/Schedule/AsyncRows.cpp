//===- AsyncRows.cpp - Rows copied asynchronously to shared memory --------===//

#include "AsyncRows.h"

#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Target/Fragments.h"
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
      wavefronts += countWavefronts(
          size, [&](int64_t lane) { return (element(pitch, lane / 4, lane % 4) + shift) * size; });
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

/// Groups that a thread loads for its neighbouring positions and the taps of a step,
/// for each of them.
static double loadsPerTap(const Window &step, ColumnGroups groups, int64_t shift) {
  llvm::DenseSet<int64_t> loaded;
  for (int64_t tap = 0; tap != step.kernel; ++tap)
    for (int64_t i = 0; i != groups.columns; ++i)
      loaded.insert((shift + tap * step.dilation + i * step.stride) / groups.elements);
  return double(loaded.size()) / double(step.kernel * groups.columns);
}

/// Whether operands had best be loaded in whole groups: where neighbouring positions or
/// taps use what is in them, or on tensor cores where that halves the loads of what shares
/// nothing. Elements of 16 bits always: each would be a load of its own.
static bool shareGroups(const Conv1dProblem &problem, const Window &step, ColumnGroups groups,
                        int64_t shift) {
  constexpr double fewLoads = 0.5;
  // No slab of more fits, and sums of them might overflow.
  constexpr int64_t mostTaps = 1 << 10, mostDilation = 1 << 20;
  if (!llvm::isPowerOf2_64(step.stride))
    return false;
  int64_t inGroup = largestAsyncVector(problem.type);
  if (problem.type != DataType::f32 || step.kernel == 1 || step.dilation < inGroup ||
      step.dilation % inGroup == 0)
    return true;
  return canUseTensorCores(problem) && step.kernel <= mostTaps && step.dilation <= mostDilation &&
         loadsPerTap(step, groups, shift) <= fewLoads;
}

/// Whether x is next to nothing beside the result.
static bool isMostlyWritten(const Conv1dProblem &problem) {
  constexpr double shareOfReads = 0.125;
  return double(problem.inPerGroup) * double(problem.window.stride) <=
         shareOfReads * double(problem.outPerGroup);
}

StagedRows::StagedRows(const Conv1dProblem &problem, const Window &step, int64_t positions,
                       bool startsAlike, int64_t rowsApart, bool mayGroup, bool inSmallCopies) {
  int64_t size = problem.window.size, wholeGroup = largestAsyncVector(problem.type);
  vector = inSmallCopies ? asyncVector(size, problem.type) : wholeGroup;
  start = problem.window.isDynamic ? RowStart::varying
          : size % vector != 0     ? RowStart::skewed
                                   : RowStart::aligned;
  // A step's channels are a multiple of a group.
  shiftOfGroup = (problem.inPerGroup % vector) * (size % vector) % vector;
  if (start == RowStart::varying)
    shift = 0;
  else if (startsAlike && shiftOfGroup == 0)
    shift = (vector - step.padBefore % vector) % vector;
  // Copies that begin within a sector have parts of two where one ends and the next one begins. On
  // an H200, tiles of 32 rows of f32 with 16 bytes before them take 77 to 81 us, with a sector 71
  // to 72. An embedding of 7 to 512 channels, whose results are nearly all that is moved, takes 74
  // instead of 70.
  int64_t ofSector = sectorBytes / sizeInBytes(problem.type);
  if (start == RowStart::aligned && size % ofSector == 0 && shift.value_or(0) != 0 &&
      !isMostlyWritten(problem))
    shift = (ofSector - step.padBefore % ofSector) % ofSector;

  int64_t slack = start == RowStart::aligned ? 0 : vector - 1;
  needed[0] = shift.value_or(0);
  needed[1] = shift.value_or(vector - 1) + slabSpan(step, positions);
  span = llvm::alignTo(needed[1] + slack, vector);
  RowStep pitches{wholeGroup, start == RowStart::skewed ? size % vector : 0};
  // The groups that hold a row may begin before it.
  int64_t least = start == RowStart::skewed ? span + slack : span;
  int64_t bytes = sizeInBytes(problem.type);
  bool onTensorCores = canUseTensorCores(problem);
  auto bestGroups = [&](int64_t pitch) {
    return onTensorCores ? groupFragmentColumns(pitch, step.stride, bytes, rowsApart)
                         : groupColumns(pitch, step.stride, bytes);
  };
  // Whatever the pitch, it is as far from a multiple of a group as the first row's end.
  bool isKnown = mayGroup && start != RowStart::varying;
  inGroups = isKnown && shift &&
             shareGroups(problem, step, bestGroups(wholeGroup + pitches.remainder), *shift);
  auto groupsOf = [&](int64_t pitch) -> ColumnGroups {
    if (inGroups)
      return bestGroups(pitch);
    if (!mayGroup)
      return {1, 1};
    bool mayHaveMore = isKnown && onTensorCores;
    return {1, mayHaveMore ? spreadFragmentColumns(pitch, step.stride, bytes, rowsApart)
                           : positionsApart(bytes, step.stride)};
  };
  auto countOf = [&](int64_t pitch, ColumnGroups groups) {
    return onTensorCores ? countFragmentWavefronts(pitch, step.stride, bytes, groups, rowsApart)
                         : countColumnWavefronts(step.stride, bytes, groups);
  };
  // With no more columns than one load brings, which is what a narrow tile leaves.
  auto countOfFew = [&](int64_t pitch) {
    ColumnGroups groups = groupsOf(pitch);
    return countOf(pitch, {groups.elements, columnsOfLoad(groups, step.stride)});
  };
  RowPitch best = chooseRowPitch(least, pitches, bytes, [&](int64_t pitch) {
    // Of those as good, one that is good for narrow tiles too.
    constexpr double weightOfFew = 1e-3;
    return countOf(pitch, groupsOf(pitch)) + weightOfFew * countOfFew(pitch);
  });
  pitch = best.pitch;
  ColumnGroups groups = groupsOf(pitch);
  wavefronts = countOf(pitch, groups);
  wavefrontsOfFew = countOfFew(pitch);
  if (inGroups) {
    loads = loadsPerTap(step, groups, *shift);
    // The last group is loaded whole, and may be larger than what is copied at once.
    span = llvm::alignTo(span, wholeGroup);
  }
  columns = {groups.columns, columnsOfLoad(groups, step.stride)};
}

int64_t poolc::stagedBytes(const Schedule &schedule, DataType type, int64_t elementsX,
                           int64_t elementsW) {
  constexpr int64_t alignment = 128;
  int64_t element = sizeInBytes(type);
  // Two mbarrier objects take 16 bytes of what is given out in so many.
  int64_t barriers = schedule.numStages > 1 ? alignment : 0;
  return barriers + schedule.numStages * (llvm::alignTo(elementsX * element, alignment) +
                                          llvm::alignTo(elementsW * element, alignment));
}
