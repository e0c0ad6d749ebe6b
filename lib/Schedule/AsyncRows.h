//===- AsyncRows.h - Rows copied asynchronously to shared memory -*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_ASYNCROWS_H
#define POOLC_LIB_SCHEDULE_ASYNCROWS_H

#include "poolc/Schedule/Schedule.h"
#include "poolc/Schedule/StagedRows.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace poolc {

/// Elements that one asynchronous copy moves where every row begins at a multiple
/// of `elements` elements; 0 where that is less than the smallest copy.
int64_t asyncVector(int64_t elements, DataType type);

/// Elements that the largest asynchronous copy moves.
int64_t largestAsyncVector(DataType type);

/// A distance of rows in shared memory, in elements, and the wavefronts that a
/// warp's load then takes on average.
struct RowPitch {
  int64_t pitch = 0;
  double wavefronts = 1;
};

/// Pitches to choose from: those that leave `remainder` by `vector`.
struct RowStep {
  int64_t vector, remainder;
};

/// The pitch of `step`, at least `least` elements of `size` bytes, that takes the
/// fewest wavefronts; the smallest of them.
RowPitch chooseRowPitch(int64_t least, RowStep step, int64_t size,
                        llvm::function_ref<double(int64_t pitch)> wavefronts);
/// The same where lane (row, column) of 8 x 4 loads `element(pitch, row, column)`,
/// anywhere in a word.
RowPitch
chooseRowPitch(int64_t least, RowStep step, int64_t size,
               llvm::function_ref<int64_t(int64_t pitch, int64_t row, int64_t column)> element);

/// Copies of `vector` elements that a thread makes of a box of that shape, whose last
/// dimension goes to lanes first and whose first one to warps.
int64_t copiesOfBox(llvm::ArrayRef<int64_t> shape, int64_t vector, int64_t numWarps);

/// Positions that `positions` windows touch, from first to last. At most 2^40,
/// which no shared memory holds, so that sizes computed from it fit.
int64_t slabSpan(const Window &window, int64_t positions);

/// Elements of a fragment's register: one f32 or two neighbouring 16-bit channels.
int64_t elementsPerRegister(DataType type);

/// Shared memory of all stages, for so many elements of x and of the weights in each, and of
/// the objects by which warps know whether a stage is full or empty.
int64_t stagedBytes(const Schedule &schedule, DataType type, int64_t elementsX, int64_t elementsW);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_ASYNCROWS_H
