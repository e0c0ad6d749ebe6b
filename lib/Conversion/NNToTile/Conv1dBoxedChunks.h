//===- Conv1dBoxedChunks.h - Boxes of x that threads chunk ------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_CONV1DBOXEDCHUNKS_H
#define POOLC_LIB_CONVERSION_NNTOTILE_CONV1DBOXEDCHUNKS_H

#include "Conv1dMatrices.h"

#include "poolc/Schedule/Conv1dChunked.h"

namespace poolc {

/// The steps of gemm_chunked, and how boxes of x, which the copy engine brings with the weights,
/// become chunks of a step's slab. They come to stages of their own, as they lie in memory.
class Conv1dBoxedChunks : public Conv1dMatrixKernel {
protected:
  using Value = mlir::Value;

  Conv1dBoxedChunks(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b);

  /// What a step is of: channels, and taps of which the first is at `start` for the
  /// tile's first position.
  struct Step {
    Value number, channels, firstTap, start;
  };

  Step getPlace(Value number);

  /// Where a step's boxes are, and the number of the phase that ends when they are there.
  struct BoxStage {
    Value stage, phase;
  };
  BoxStage nextBoxStage(const BoxStage &place);

  /// Has the boxes of the first steps copied.
  void beginBoxes();
  void copyBoxes(const Step &step, Value stage);
  /// Puts what boxes have of a step in chunks, rounded.
  void chunkBoxes(const Step &step, const BoxStage &place, Value slabNumber);

  /// Writes a tile of chunks x columns x channels of a chunk to a view like it.
  void storeChunks(Value tile, Value view);

  int64_t rowsTogether() const { return staging.weights.rowsTogether; }

  /// How many positions before a step's first tap the boxes of a row begin.
  Value getShift(const Step &step, int64_t row);

  /// What the schedule counts in.
  Conv1dProblem multiplied;
  Conv1dChunked staging;
  int64_t steps;
  /// Where the tile's first window begins in x; what tensor cores read of it.
  Value firstStart, slab;
  /// What tells that a step's weights are there.
  Value objectsOfWeights;

private:
  Value viewBoxes(Value stage, int64_t row);
  Value viewChunksOfRow(Value slabNumber, int64_t row, int64_t first, int64_t count);
  void chunkRows(const Step &step, const BoxStage &place, Value slabNumber, bool isolate);
  void chunkElements(Value from, Value slabNumber, int64_t row, Value position);
  Value isolateColumns(Value tile, Value first);

  /// Boxes of x as they lie, the map by which they are copied, and what tells that they are there.
  Value boxes, map, objects;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_CONV1DBOXEDCHUNKS_H
