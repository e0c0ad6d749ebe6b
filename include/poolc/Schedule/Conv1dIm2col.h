//===- Conv1dIm2col.h - Channels and taps as one axis -----------*- C++ -*-===//
//
// The sizes of what `gemm_im2col` stages in shared memory, and of the packed
// weights; the verifier of schedules, its cost and the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DIM2COL_H
#define POOLC_SCHEDULE_CONV1DIM2COL_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// All rows of x that the tile touches are staged at once. The axis that is
/// summed over is (channel, tap) in one: element (k, n) of the matrix of windows
/// is x[channel(k), n * stride + tap(k) * dilation], found in those rows. In each
/// step, the weights of block_k input channels and block_t taps are staged, as they
/// lie or from a temporary that holds them in this order.
struct Conv1dIm2col {
  Conv1dIm2col(const Conv1dProblem &problem, const Schedule &schedule);

  /// Taps of one channel that stay together: 16 bytes of them on tensor cores,
  /// else 1.
  int64_t chunk;
  /// Steps of the loop: those over taps, which run faster, and over channels.
  int64_t tapSteps, channelSteps;
  int64_t steps() const { return tapSteps * channelSteps; }
  /// Chunks of weights in one step. Tensor cores take two at once, so that the
  /// last one may be empty.
  int64_t chunks;
  /// Elements that one copy of x moves.
  int64_t vectorX;
  /// Elements staged ahead of the first tap of the first position, so that rows
  /// begin at a multiple of `vectorX`, or of `period`.
  int64_t shift;
  /// Elements of a row of x, or where it is staged in pieces of `period` elements
  /// (the stride, so that positions lie in different banks), the number of pieces.
  int64_t span, period = 0;
  /// Elements from one position to the next, and from one row to the next.
  int64_t positionPitch, pitchX;
  /// Elements allocated for x: all rows, and so many that outputs which pass through
  /// shared memory do so in few rounds.
  int64_t elementsX;
  /// Chunks of windows begin at multiples of that many elements.
  int64_t chunkAlignment;
  /// Wavefronts of a load of a fragment of x, on average.
  double wavefrontsX;
  /// Whether a launch before writes the weights in the order in which they are staged.
  /// Where taps are whole chunks, rows of them are copied as they lie.
  bool packs;
  /// Elements from one row of weights to the next where they are staged as they lie: an
  /// odd number of 16 bytes. Elements of all those of a step.
  int64_t pitchW, elementsW;
  /// Output channels of a group in the packed weights: those of whole tiles.
  int64_t packedChannels;

  /// Registers that a thread is held to, for two blocks of 256 threads or four of 128
  /// on an SM or so that none is spilt; 0 where ptxas may choose.
  int64_t mostRegisters = 0;

  /// Where in a staged row tap `tap` of the first position lies.
  int64_t placeOfTap(int64_t tap, int64_t dilation) const;

  /// groups x steps x chunks x output channels x chunk; without the last for FMA
  /// units.
  llvm::SmallVector<int64_t> packedShape(const Conv1dProblem &problem,
                                         const Schedule &schedule) const;

  /// Copies of x, and of the weights in one step, that each thread makes.
  int64_t copiesOfX(const Schedule &schedule, const GPU &gpu) const;
  int64_t copiesOfWeights(const Schedule &schedule, const GPU &gpu) const;

  /// Shared memory of x and of all stages of the weights.
  int64_t sharedBytes(const Schedule &schedule, DataType type) const;

private:
  void chooseRegisters(const Conv1dProblem &problem, const Schedule &schedule);
  void chooseWeights(const Conv1dProblem &problem, const Schedule &schedule);
  void choosePeriod(const Conv1dProblem &problem, const Schedule &schedule);
  void findWavefronts(const Conv1dProblem &problem, const Schedule &schedule);
  static int64_t mostDilation(const Window &window);
};

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DIM2COL_H
