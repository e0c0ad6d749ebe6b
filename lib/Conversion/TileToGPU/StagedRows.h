//===- StagedRows.h - Rows of a tensor that a tile is stored to -*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_STAGEDROWS_H
#define POOLC_LIB_CONVERSION_TILETOGPU_STAGEDROWS_H

#include "IndexBuilder.h"

#include "tile/Tile.h"

namespace poolc {

/// Where the rows of a stored tile lie in the tensor, whose elements are taken as lying in a row,
/// and which of their elements are inside it.
class StagedRows : protected IndexBuilder {
public:
  StagedRows(tile::StoreOp op, mlir::ValueRange start, mlir::ImplicitLocOpBuilder &b);

  /// Elements that are stored at once, a group.
  int64_t getVector() const { return vector; }
  /// A number of elements of which the places where rows begin are surely multiples, at most a
  /// group's.
  int64_t getKnownAlignment() const { return knownAlignment; }
  /// Whether rows surely begin with groups and hold whole ones.
  bool areWhole() const { return isWhole; }

  /// The columns of a row of the tile that are in the tensor and stored: the first, and the one
  /// behind the last.
  struct Columns {
    Value first, end;
  };
  Columns columnsOf(Value row);
  /// Rows so many apart are as far from multiples of a group's elements, and of a sector's where
  /// those decide which columns are stored.
  int64_t getPeriod();
  bool ownColumns() { return op.getOwned() != 0; }
  /// Whether the place of the tile is in the tensor, but for its rows and columns, or null.
  Value isTileInside() const { return isInside; }
  /// Whether the tile's row is too, or null.
  Value isRowInside(Value row) { return both(isInside, isRowInRange(row, 0)); }
  /// Whether there is a row so far behind `row`, or null if there surely is.
  Value isRowInRange(Value row, int64_t distance);
  Value isColumnInside(Columns columns, Value column) {
    return both(isAtLeast(column, columns.first), isBelow(column, columns.end));
  }
  /// Whether the group that begins with the column is wholly among them.
  Value isWholeGroup(Columns columns, Value column);

  /// Where a row of the tile begins in the tensor, and the elements from there to the next.
  Value beginOf(Value row) { return add(origin, mul(row, rowStride)); }
  Value getRowStride() const { return rowStride; }
  /// How far from a multiple of a group's elements that is.
  Value skewOf(Value row);

private:
  void findRows();
  int64_t sectorElements() const;
  Value sizeOf(unsigned d);
  Value isInRange(Value coordinate, unsigned d);

  tile::StoreOp op;
  mlir::ValueRange start;
  mlir::MemRefType memref;
  int64_t vector, width;
  Value origin;
  int64_t rowDim = 0;
  Value rowStride;
  int64_t knownAlignment = 1;
  bool isAligned = false, isWhole = false;
  Value firstColumn, endColumn, isInside;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_STAGEDROWS_H
