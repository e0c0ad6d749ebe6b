//===- Conv1dChunked.h - Chunks of channels for tensor cores ----*- C++ -*-===//
//
// The sizes of what `gemm_chunked` stages in shared memory; the verifier of schedules, its
// cost and the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DCHUNKED_H
#define POOLC_SCHEDULE_CONV1DCHUNKED_H

#include "poolc/Schedule/Conv1dPacked.h"

namespace poolc {

/// In each step, block_k input channels of block_t taps are staged: weights as gemm_packed
/// stages them, and x in chunks of 16 bytes of channels, a column of them for each position that
/// the tile touches. Where windows are `stride` positions apart, those that are as far from a
/// multiple of it lie side by side, so that every tap of the tile is neighbouring columns.
struct Conv1dChunked {
  Conv1dChunked(const Conv1dProblem &problem, const Schedule &schedule);

  /// What is staged of the weights, and the steps.
  Conv1dPacked weights;
  /// Channels of a chunk, and chunks of a step.
  int64_t chunk, chunks;
  /// Positions that taps begin at, modulo the stride: of each the first position, counted from the
  /// step's first. All have as many columns.
  llvm::SmallVector<int64_t, 8> phases;
  int64_t columns;
  /// Copies of x: one is written while the other is multiplied.
  int64_t slabs;
  /// Boxes of x side by side that the copy engine copies for a step, of each of the rows that are
  /// multiples of 16 bytes together, and of how many steps there are boxes. Threads put
  /// `columnsOfBoxes` of them in chunks. 0: threads load x from memory.
  int64_t boxes = 0, stagesOfBoxes = 0, columnsOfBoxes = 0;
  /// Elements of x that each thread loads in one step, rounded up, and copies of weights.
  int64_t loadsPerThread, copiesPerThread;
  /// Registers that a thread needs beside those of x, about.
  int64_t registers;
  /// Whether the kernel is compiled for `registersOfTwoBlocks`.
  bool isForTwoBlocks;
  /// Whether it is compiled for so many registers, with which three blocks of four warps fit on an
  /// SM: of threads that keep nothing of x beside as many sums as there can be.
  bool isForThreeBlocks;
  static constexpr int64_t registersOfThreeBlocks = 168, bytesOfThreeBlocks = 225 << 10;

  /// The column at which tap `tap` of a step begins.
  int64_t getColumn(int64_t tap) const;

  /// Elements of a step's boxes.
  int64_t boxElements(const Schedule &schedule) const {
    return boxes * schedule.blockK * weights.boxColumns;
  }

  /// How many positions before a step's first tap boxes of row `row` begin, at a multiple of 16
  /// bytes. Nothing where only a run knows it.
  std::optional<int64_t> shiftOfBoxes(int64_t row) const;

  /// Elements of one slab.
  int64_t slabElements() const { return chunks * int64_t(phases.size()) * columns * chunk; }

  /// Shared memory of all stages and slabs.
  int64_t sharedBytes(const Schedule &schedule, DataType type) const;

private:
  void countRegisters(const Conv1dProblem &problem, const Schedule &schedule);

  int64_t stride, dilation, padding, length;
  /// Whether all steps' first taps are as far from a multiple of 16 bytes.
  bool startsAlike;
};

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DCHUNKED_H
