//===- Conv1dMatrices.h - Convolution by matrix products --------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_CONV1DMATRICES_H
#define POOLC_LIB_CONVERSION_NNTOTILE_CONV1DMATRICES_H

#include "Conv1dKernel.h"

#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/StagedRows.h"

namespace poolc {

/// What the lowerings share that multiply matrices from shared memory.
class Conv1dMatrixKernel : public Conv1dKernel {
public:
  using Conv1dKernel::Conv1dKernel;

protected:
  /// Shared memory for elements of x's type.
  mlir::Value allocate(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> strides);

  mlir::Value makeView(mlir::Value memref, llvm::ArrayRef<mlir::OpFoldResult> offsets,
                       llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<int64_t> strides,
                       llvm::ArrayRef<int64_t> shape);

  /// Where the rows of one step lie in their slab.
  struct RowPlace {
    /// The first element of x that a row is staged for, along L, and how many
    /// elements ahead of it the row begins.
    mlir::Value start;
    mlir::OpFoldResult shift;
    /// How far beyond that rows lie, as of tile.dot; none where nowhere.
    llvm::SmallVector<mlir::Value, 2> skew;
  };
  RowPlace placeRows(const StagedRows &rows, mlir::Value start);

  /// The element of x that rows begin with.
  mlir::Value getBegin(const RowPlace &place);

  /// The column of the slab with the element that is `distance` after the start.
  mlir::OpFoldResult getColumn(const RowPlace &place, int64_t distance);
  mlir::Value getColumn(const RowPlace &place, mlir::Value distance);

  /// Promises that `dot`'s b begins at `column` of a slab's first row, where this is to be
  /// known.
  void promiseColumns(tile::DotOp dot, const StagedRows &rows, mlir::OpFoldResult column);

  /// Copies the rows of a step's channels, from `firstChannel` on, to `slab`: channels x positions,
  /// or parts x channels of a part x positions where x has whole parts and no skew varies. The last
  /// `unused` elements of a row, an index, are of no tap; null: none.
  void copyRows(const StagedRows &rows, const RowPlace &place, mlir::Value firstChannel,
                mlir::Value slab, bool async, mlir::Value unused = nullptr);

  /// Ends the copies of a step: waits for them, unless copies of a loop in stages
  /// run ahead, and clears what they left of other rows before x's first element.
  void finishCopies(const StagedRows &rows, const RowPlace &place, mlir::Value slab, bool async);

  /// Elements of shared memory (an allocation of one dimension) from `origin` on,
  /// counted as `shape` with `strides`.
  mlir::Value viewMemory(mlir::Value memory, mlir::Value origin, llvm::ArrayRef<int64_t> shape,
                         llvm::ArrayRef<int64_t> strides);

  /// How the problem's precision multiplies matrices.
  tile::Arithmetic getArithmetic();

  /// Finishes `sum`, which came from matrices that hold zeros for the padding, as
  /// `finish` does; the block starts again without them where they were wrong.
  void finishMatrices(mlir::Value sum, int64_t vector = 1);

  /// Whether a sum of the block's is infinite or NaN.
  mlir::Value isAnyNotFinite(mlir::Value sum);

  /// Computes and stores the tile without matrices.
  void startAgainDirectly();

  /// The same, where the schedule does not split sums; else stores the block's part of
  /// them. `rows` are those that the sums came from.
  void finishPart(mlir::Value sum, const StagedRows &rows);

  /// Holds large blocks to registers of which an SM has enough for two of them.
  void leaveRoomForTwoBlocks();

  /// The number of the block's `step`-th step, of so many in each part of the sums.
  /// Beyond the last step, x and weights are zeros.
  mlir::Value getStep(mlir::Value step, int64_t stepsOfPart);

  /// What `body` adds to zeros in the steps of the block's part, as Conv1dKernel::sumSteps has it.
  mlir::Value sumSteps(int64_t stepsOfPart,
                       llvm::function_ref<mlir::Value(mlir::Value step, mlir::Value sum)> body);

  /// The weights as groups x output channels x (channels and taps).
  mlir::Value flattenWeights();

  /// Where weights of no tap, which are zeros, meet elements of x: whether one of these is infinite
  /// or NaN.
  mlir::Value isSpoilt;

  /// Shared memory of what is multiplied, as far as it is known to be free behind the products.
  int64_t bytesOfStages = 0;

  /// Where boxes of what is added go through the stages: what a step's copies go to, and the rows
  /// of a box; null: nowhere.
  mlir::Value memoryOfAdded;
  int64_t rowsOfAdded = 0;

private:
  int64_t chooseStoredVector(int64_t columns);

  void finish(mlir::Value sum, int64_t vector);
  /// Whether what is added is copied to that memory: threads that hold no neighbours along L would
  /// load it element by element, and wait for all of it with all sums in registers.
  bool stagesResidual() const;
  /// Rows of it there: enough for the elements of a thread that lie below each other to be in
  /// different banks.
  int64_t pitchOfResidual() const;
  int64_t vectorOfResidual() const;
  /// Its elements of the tile are there behind a wait for the copies and a barrier. They come while
  /// the activation is computed.
  mlir::Value beginCopyOfResidual();
  /// The results, of sums to which the copy engine brings what is added.
  mlir::Value addBoxes(mlir::Value sum);

  /// Whether threads may hold neighbours along L, which they load together.
  bool hasNeighbours = false;

  /// Whether zeros for the padding may have spoilt a sum; null if they cannot.
  mlir::Value needsRepair(mlir::Value sum);

  /// Whether what one instruction stores are parts of sectors, and staging makes them whole.
  bool sharesSectors() const;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_CONV1DMATRICES_H
