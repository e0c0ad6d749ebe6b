//===- ThreadMapping.h - Where a thread's elements lie in a tile -*- C++ -*-===//
//
// The coordinates that a layout gives to a thread, as IR and as constants.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_THREADMAPPING_H
#define POOLC_LIB_CONVERSION_TILETOGPU_THREADMAPPING_H

#include "tile/Tile.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"

namespace poolc {

/// The layout of a tile, or null.
tile::BlockedAttr getLayout(mlir::RankedTensorType tile);

/// The vector that holds one thread's elements of a tile, or null if the tile
/// has no layout.
mlir::VectorType getThreadVector(mlir::RankedTensorType tile);

/// Calls `callback` for each element that a thread holds of a tile of `shape`,
/// in the order of its vector, with its index in each dimension.
void forEachThreadElement(tile::BlockedAttr layout, llvm::ArrayRef<int64_t> shape,
                          llvm::function_ref<void(llvm::ArrayRef<int64_t>)> callback);

/// The position in the thread's vector of the element with `indices`.
int64_t getThreadElementPosition(tile::BlockedAttr layout, llvm::ArrayRef<int64_t> shape,
                                 llvm::ArrayRef<int64_t> indices);

/// The coordinates (i32) of each thread's first element, for all layouts of a
/// kernel.
class ThreadCoordinates {
public:
  /// Emits them at the start of `block` for all layouts in the kernel.
  void emit(mlir::Block *block);

  /// The lane's number in its warp.
  mlir::Value getLane() const { return lane; }

  /// The coordinates of the first element that the thread's warp holds.
  llvm::ArrayRef<mlir::Value> getWarpFirst(tile::BlockedAttr layout) const {
    return warpFirst.find(layout)->second;
  }

  llvm::ArrayRef<mlir::Value> get(tile::BlockedAttr layout) const {
    return first.find(layout)->second;
  }

private:
  llvm::MapVector<tile::BlockedAttr, llvm::SmallVector<mlir::Value>> first, warpFirst;
  mlir::Value lane;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_THREADMAPPING_H
