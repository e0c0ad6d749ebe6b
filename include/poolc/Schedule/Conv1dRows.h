//===- Conv1dRows.h - Rows of x and of weights in shared memory -*- C++ -*-===//
//
// The sizes and pitches of the shared memory that `gemm_rows` uses; the verifier
// of schedules, its cost and the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DROWS_H
#define POOLC_SCHEDULE_CONV1DROWS_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// In each step, block_k input channels are staged as they lie in memory: for
/// each of them the positions of x that the tile's taps touch, and for each
/// output channel the weights of all its taps. Everything is copied
/// asynchronously in groups of `vectorX` and `vectorW` elements, whose addresses
/// are multiples of their size.
struct Conv1dRows {
  Conv1dRows(const Conv1dProblem &problem, const Schedule &schedule);

  /// Elements that one copy moves.
  int64_t vectorX, vectorW;
  /// Steps of the loop over channels.
  int64_t steps;
  /// Elements staged ahead of the first tap of the first position, so that the
  /// row starts at a multiple of `vectorX`, and of the row altogether.
  int64_t shift, span;
  /// Elements of a row of weights: those of block_k channels.
  int64_t rowW;
  /// Elements from one staged row to the next.
  int64_t pitchX, pitchW;
  /// Whether rows of x begin anywhere and are copied by the aligned groups that
  /// hold them, with a pitch that leaves each row as far from aligned.
  bool skewed = false;
  /// Wavefronts of a load of a fragment, on average.
  double wavefrontsX, wavefrontsW = 1;

  /// Asynchronous copies that each thread makes in one step, rounded up.
  int64_t copiesPerThread(const Schedule &schedule, const GPU &gpu) const;

  /// Shared memory of all stages.
  int64_t sharedBytes(const Schedule &schedule, DataType type) const;
};

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DROWS_H
