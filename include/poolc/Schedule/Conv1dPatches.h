//===- Conv1dPatches.h - Windows as rows of a matrix ------------*- C++ -*-===//
//
// The sizes of what `gemm_patches` stages in shared memory; the verifier of
// schedules, its cost and the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DPATCHES_H
#define POOLC_SCHEDULE_CONV1DPATCHES_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// In each step, block_t neighbouring taps of one input channel are staged: of the
/// weights, for each output channel of the tile, and of x, for each of its positions.
/// Both are runs of memory and stay rows of shared memory, an odd number of 16 bytes
/// apart: of eight of them, one load reads a matrix without bank conflicts.
struct Conv1dPatches {
  Conv1dPatches(const Conv1dProblem &problem, const Schedule &schedule);

  /// Elements of a chunk, and chunks of a step.
  int64_t chunk, chunks;
  /// Steps of the loop over the taps of each channel, and over the channels.
  int64_t tapSteps, channelSteps;
  int64_t steps() const { return tapSteps * channelSteps; }
  /// Elements from one row to the next.
  int64_t pitch;
  /// Whether rows of x are whole pieces of block_t elements, of which windows begin a whole
  /// number apart. Else each window is counted by itself, and begins where only elements of
  /// `vectorX` are aligned: no window may reach into the padding then.
  bool isInPieces;
  /// Elements of x that are copied at once.
  int64_t vectorX;
  /// Elements of the weights and of x in one stage.
  int64_t elementsW, elementsX;

  /// Registers that a thread is held to, for two blocks on an SM; 0: no limit.
  int64_t mostRegisters;

  /// What block_t divides: the kernel, and where x is in pieces all that lies between those.
  static int64_t stepFactor(const Conv1dProblem &problem);

  /// Copies that each thread makes in one step, of x and of both.
  int64_t copiesOfX(const Schedule &schedule, const GPU &gpu) const;
  int64_t copiesPerThread(const Schedule &schedule, const GPU &gpu) const;

  /// Shared memory of all stages.
  int64_t sharedBytes(const Schedule &schedule, DataType type) const;
};

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DPATCHES_H
