//===- Conv1dGathered.h - Windows in chunks for tensor cores ----*- C++ -*-===//
//
// The sizes of what `gemm_gathered` has in shared memory; the verifier of schedules, its cost and
// the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DGATHERED_H
#define POOLC_SCHEDULE_CONV1DGATHERED_H

#include "poolc/Schedule/Conv1dIm2col.h"

namespace poolc {

/// A block stages rows of x as gemm_im2col does with all channels and taps in a step, and gathers
/// from there, for each position, chunks of 16 bytes of neighbouring taps. A column of them is a
/// position, as tensor cores read them. Where the taps of a chunk are a multiple of the stride,
/// the later chunks of a channel are columns of its first one from another position on.
struct Conv1dGathered {
  Conv1dGathered(const Conv1dProblem &problem, const Schedule &schedule);

  /// What is staged of x, and the order of the packed weights: chunks of a channel's taps, channel
  /// after channel, and one of zeros if they are odd.
  Schedule asIm2col;
  Conv1dIm2col rows;

  /// Taps of a chunk, chunks of a channel, and of all, of which there is an even number.
  int64_t chunk, perChannel, chunks;
  /// Planes that are gathered for each channel: one, or one for each of its chunks; columns of one.
  int64_t planes, columns;
  /// Tiles of output channels that a block computes, and buffers of their weights.
  int64_t tiles, buffers;

  /// Element of the planes at which chunk `i` of the first position begins.
  int64_t placeOfChunk(int64_t i) const;

  /// Of all planes, of a tile's weights, and of the memory that stores have.
  int64_t planeElements() const { return channels * planes * columns * chunk; }
  int64_t weightElements, storeElements;

  /// Whether weights of no tap meet elements of x.
  bool readsBeyondTaps() const { return taps % chunk != 0 || channels * perChannel != chunks; }

  int64_t sharedBytes() const;

private:
  int64_t channels, taps, columnsApart, elementBytes;
};

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DGATHERED_H
