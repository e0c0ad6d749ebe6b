//===- AvgPool2dKernel.h - What poolings share ------------------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_AVGPOOL2DKERNEL_H
#define POOLC_LIB_CONVERSION_NNTOTILE_AVGPOOL2DKERNEL_H

#include "Lowerings.h"

#include "poolc/Schedule/AvgPool2dColumns.h"

namespace poolc {

/// One block's outputs: a tile of planes x rows x columns.
class AvgPool2dKernel {
public:
  AvgPool2dKernel(const AvgPool2dProblem &problem, const Schedule &schedule, KernelBuilder &b);

protected:
  mlir::RankedTensorType tileType(llvm::ArrayRef<int64_t> shape, mlir::Type element) {
    return mlir::RankedTensorType::get(shape, element);
  }

  /// Emits `body`, which computes the block's outputs from `rows` and `columns` of
  /// the input, counted from their first windows, the columns from `lead` before.
  /// Blocks whose input lies wholly inside get a body of their own, which
  /// guards nothing (`isInterior`).
  void emitBlock(int64_t rows, int64_t columns, int64_t lead, llvm::function_ref<void()> body);

  /// Guards of an access whose coordinates are those of planes, rows and columns:
  /// none for the interior, else all that the ranges of coordinates leave.
  template <typename AccessOp> void setGuards(AccessOp access) {
    if (!isInterior)
      return;
    llvm::SmallVector<int64_t> guards(access.getDims().size(), 0);
    guards.front() = static_cast<int64_t>(guardOfPlanes);
    access.setGuards(guards);
  }

  /// Whether blocks of planes surely end where the planes do.
  bool planesEndWithBlocks();

  /// First input element, negative in the padding, of the tile's windows.
  mlir::Value windowStart(unsigned a);

  /// The sum of the `kernel` taps of each window's row, of which `load` reads one
  /// for all windows: of the columns whose number modulo `phases` is `phase`, the windows'
  /// first one reads number `column`. Null stands for no columns. The first
  /// window's first tap is in column `first`.
  mlir::Value sumTaps(int64_t kernel, int64_t phases, int64_t first,
                      llvm::function_ref<mlir::Value(int64_t phase, mlir::Value column)> load);

  /// Calls `body` for the outputs that are computed together, with the first plane
  /// and row of them in the tile, in loops where there are several: `shape`,
  /// `plane` and `outputs` are theirs meanwhile.
  void forEachStep(const OutputStep &step,
                   llvm::function_ref<void(mlir::Value plane, mlir::Value row)> body);

  /// Calls `body` for each `step` outputs of the tile along axis `a`, and for those that are left,
  /// with the first one's number in the tile: `shape` and `outputs` are theirs meanwhile. No
  /// loop: what is known of the tile's coordinates is known of theirs.
  void forEachWrittenOut(unsigned a, int64_t step, llvm::function_ref<void(int64_t first)> body);

  /// The means of windows with those sums, of y's type.
  mlir::Value makeResult(mlir::Value sum);

  /// The mean of windows with those sums, and where it goes, `vector` elements at
  /// a time.
  void finish(mlir::Value sum, int64_t vector = 1);

  /// The same for sums of [planes, rows, groups, windows of a group], where groups divide
  /// the rows of outputs and those of the tile.
  void finishGroups(mlir::Value sum, int64_t vector);

  /// With rows of planes merged where windows allow.
  AvgPool2dProblem problem;
  const Schedule &schedule;
  KernelBuilder &b;
  llvm::SmallVector<int64_t> shape;
  /// [planes, H, W] and [planes, outputs of H, outputs of W].
  mlir::Value x, y;
  mlir::Type element;
  mlir::Value plane;
  mlir::Value outputs[2];
  /// Whether what is emitted is for blocks without padding or edges.
  bool isInterior = false;
  /// Of such blocks, where their number of planes is dynamic.
  tile::Guard guardOfPlanes = tile::Guard::none;
  /// Whether windows of these too reach into padding along W, which is cleared instead of read.
  bool clearsPadding = false;

private:
  void forEachPart(int64_t &extent, int64_t step, mlir::Value &start,
                   llvm::function_ref<void(mlir::Value first)> body);
  mlir::Value asPlanes(mlir::Value memref, int64_t rows);
  mlir::Value divide(mlir::Value sum);
  mlir::Value countPositions(unsigned a);
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_AVGPOOL2DKERNEL_H
