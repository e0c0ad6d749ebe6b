//===- StagedTile.h - Rows of a tile in shared memory -----------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_STAGEDTILE_H
#define POOLC_LIB_CONVERSION_TILETOGPU_STAGEDTILE_H

#include "IndexBuilder.h"
#include "SharedMemory.h"
#include "ThreadMapping.h"

namespace poolc {

/// A buffer in shared memory through which a tile goes some rows at a time: what the threads write
/// that hold it.
class StagedTile : protected IndexBuilder {
public:
  StagedTile(tile::StoreOp op, mlir::Value tile, const SharedLayout &shared,
             const ThreadCoordinates &threads, mlir::ImplicitLocOpBuilder &b);

  /// `count` of the thread's rows from its `from`th on; the first of all threads is row `first` of
  /// the tile, and of the buffer the one with number 0.
  void write(int64_t from, int64_t count, int64_t first);

  /// Of the tile, the thread's first.
  Value getFirstRow() { return toIndex(threads.get(layout)[rowDim]); }

  /// The buffer's elements in a row.
  Value getBuffer() const { return buffer; }
  /// Elements between rows in the buffer, and columns of the tile.
  int64_t getPitch() const { return pitch; }
  int64_t getWidth() const { return width; }
  int64_t getNumRows() const { return type.getDimSize(rowDim); }
  unsigned getRowDim() const { return rowDim; }
  tile::BlockedAttr getLayout() const { return layout; }

  /// Of a tile that the copy engine stores: boxes of some rows, each of neighbouring columns that
  /// four warps have, begin at this element of the buffer.
  void beginBoxes(Value element) { boxes = element; }
  /// Where an element of the buffer is in shared memory.
  Value pointerTo(Value element);

private:
  void makeBuffer();
  Value placeOf(Value row, Value column);
  int64_t distanceOf(int64_t rows, int64_t columns) const;
  void writeMatrices(int64_t i, int64_t first);

  tile::StoreOp op;
  Value tile;
  const ThreadCoordinates &threads;
  mlir::RankedTensorType type;
  tile::BlockedAttr layout;
  /// Of the tile.
  unsigned rowDim, columnDim;
  int64_t pitch, width;
  /// Of a box, 0 if the copy engine does not store the tile.
  int64_t boxRows, boxColumns;
  Value boxes;
  /// Of the buffer, in the block's shared memory.
  int64_t offset;
  /// Whether warps write sums of wgmma in 16 bits by stmatrix, of matrices of 8 x 8.
  bool writesMatrices;
  static constexpr int64_t matrixColumns = 8, warpSize = 32;
  Value buffer;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_STAGEDTILE_H
