//===- Conv1dWindow.h - What a block of algorithm window stages -*- C++ -*-===//
//
// The sizes of the shared memory that `window` uses; the verifier of schedules,
// its cost and the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DWINDOW_H
#define POOLC_SCHEDULE_CONV1DWINDOW_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// Each step stages block_k input channels of block_g groups: rows of x that
/// hold all that the block's positions touch, and their taps.
struct Conv1dWindow {
  Conv1dWindow(const Conv1dProblem &problem, const Schedule &schedule);

  /// Whether each tap has a row of its own, which is shorter where taps lie
  /// farther apart than the positions.
  bool rowPerTap;
  /// Elements of one access to shared memory, 16 bytes of them.
  int64_t sharedVector;
  /// Elements of one copy from x and from the weights.
  int64_t copyVectorX, copyVectorW;
  /// Elements of one store: of the schedule's vector, what rows of y allow.
  int64_t storeVector;
  /// Whether results go by way of shared memory, because rows of y do not allow stores of 16
  /// bytes: what the steps staged has room for them.
  bool stagesStores;
  /// What is added to a position's first element, rounded down to copyVectorX,
  /// and how far it was rounded down.
  int64_t start, offset;
  /// Elements of a row, a multiple of sharedVector; at most 2^40.
  int64_t span;
  /// Elements from the taps of one channel to those of the next.
  int64_t pitchW;
  int64_t steps;
  /// Elements of x and of the weights in one stage.
  int64_t elementsX, elementsW;
  /// Registers that a thread is held to where it has so many sums that ptxas takes
  /// more to load far ahead: 16 warps then fit on an SM. 0: no limit.
  int64_t mostRegisters;

  int64_t sharedBytes(const Schedule &schedule, DataType type) const;

  /// Copies that each thread makes in one step, rounded up.
  int64_t copiesPerThread(const Schedule &schedule, const GPU &gpu) const;
};

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DWINDOW_H
