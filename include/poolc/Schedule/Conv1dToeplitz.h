//===- Conv1dToeplitz.h - Shifted taps as a matrix --------------*- C++ -*-===//
//
// The sizes of what `gemm_toeplitz` stages in shared memory; the verifier of
// schedules, its cost and the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DTOEPLITZ_H
#define POOLC_SCHEDULE_CONV1DTOEPLITZ_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// One output channel's sums over one input channel, as a matrix of `phases`
/// columns: row n, column j is output phases * n + j. It is the product of windows,
/// whose row n begins at element phases * stride * n of a row of x, and of a
/// Toeplitz matrix, whose column j holds the taps from row stride * j on.
struct Conv1dToeplitz {
  Conv1dToeplitz(const Conv1dProblem &problem, const Schedule &schedule);

  static constexpr int64_t phases = 8;

  /// Elements of 16 bytes, of which tensor cores take two along K.
  int64_t chunk;
  /// Whether rows of x are copied in the aligned groups of 16 bytes that hold them, wherever
  /// they begin: each lies in shared memory as many elements further as it begins past a multiple
  /// of a group, and its channel's taps are read that many zeros earlier.
  bool isSkewed;
  /// Elements that one copy of x moves.
  int64_t vectorX;
  /// Elements staged ahead of the first tap of the first position, so that rows
  /// begin at a multiple of `vectorX`; the matrix has as many zeros ahead of its
  /// taps. None where rows are skewed.
  int64_t shift;
  /// Rows of the Toeplitz matrix: a multiple of two chunks.
  int64_t depth;
  /// Rows of the tile: positions by eights.
  int64_t rows;
  /// Elements of a staged row of x, a multiple of `chunk`.
  int64_t span;
  /// Zeros ahead of the taps, those for rows that are skewed most too, and elements of the taps of
  /// one channel with all zeros around them.
  int64_t zerosAhead, lengthW;
  /// Steps over input channels.
  int64_t steps;
  /// Elements of x and of the weights in one stage.
  int64_t elementsX, elementsW;
  /// Whether rows of y are whole rows of the matrix, which are stored as they are
  /// computed; else they go through shared memory.
  bool storesDirectly;
  /// Elements of one store of those, from one row of them to the next, and of all
  /// of them.
  int64_t storeVector, pitchY, elementsY;

  /// Registers that a thread is held to, since ptxas would spill some of an activation's
  /// for more blocks on an SM; 0 where it may choose.
  int64_t mostRegisters;

  int64_t copiesPerThread(const Schedule &schedule, const GPU &gpu) const;

  /// Shared memory of all stages, and of the outputs.
  int64_t sharedBytes(const Schedule &schedule, DataType type) const;
};

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DTOEPLITZ_H
