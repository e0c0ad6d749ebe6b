//===- TileAccessOps.cpp - Loads, stores and copies of tiles --------------===//

#include "tile/Tile.h"

#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace poolc::tile;

//===----------------------------------------------------------------------===//
// LoadOp, StoreOp, CopyOp
//===----------------------------------------------------------------------===//

/// Whether groups of `vector` elements are adjacent and never cut in two.
template <typename AccessOp>
static LogicalResult verifyVector(AccessOp op, MemRefType memref, ShapedType tile) {
  constexpr int64_t maxBytes = 16;
  int64_t vector = op.getVector();
  std::optional<int64_t> bytes = getElementBytes(memref.getElementType());
  if (!bytes)
    return op.emitOpError("expected elements of 8, 16, 32 or 64 bits, got ")
           << memref.getElementType();
  if (vector < 1 || vector > maxBytes / *bytes || !llvm::isPowerOf2_64(vector))
    return op.emitOpError("expected vector to be a power of two from 1 to ")
           << maxBytes / *bytes << " (" << maxBytes << " bytes), got " << vector;
  if (vector == 1)
    return success();
  if (memref.getRank() == 0 || op.getDims().back() != tile.getRank() - 1 ||
      op.getStrides().back() != 1)
    return op.emitOpError("expected the last dimension of the tile along the last of the memref, "
                          "with stride 1, for vector ")
           << vector;
  SmallVector<int64_t> elementStrides;
  int64_t offset;
  if (failed(memref.getStridesAndOffset(elementStrides, offset)) || elementStrides.back() != 1)
    return op.emitOpError("expected adjacent elements in the last dimension of the memref for "
                          "vector ")
           << vector << ", got " << memref;
  if (tile.getShape().back() % vector != 0)
    return op.emitOpError("expected a multiple of vector ")
           << vector << " as last size of the tile, got " << tile.getShape().back();
  unsigned last = memref.getRank() - 1;
  if constexpr (std::is_same_v<AccessOp, CopyOp>)
    if (op.getSkewed())
      return success();
  if (op.isGuarded(last, Guard::high) && memref.isDynamicDim(last)) {
    if (getSizeFactor(op.getMemref(), last) % vector == 0)
      return success();
    return op.emitOpError("expected a last dimension, whose end is guarded, of a size that is "
                          "known to be a multiple of vector ")
           << vector << ", got " << memref;
  }
  if (op.isGuarded(last, Guard::high) && memref.getDimSize(last) % vector != 0)
    return op.emitOpError("expected a multiple of vector ")
           << vector << " as last size of the memref, whose end is guarded, got "
           << memref.getDimSize(last);
  return success();
}

/// What holds for every box access; `tile` is what the box becomes.
template <typename AccessOp> static LogicalResult verifyAccess(AccessOp op, ShapedType tile) {
  MemRefType memref = op.getMemRefType();
  int64_t rank = memref.getRank();
  auto expectCount = [&](StringRef what, int64_t count) -> LogicalResult {
    if (count == rank)
      return success();
    return op.emitOpError("expected ")
           << rank << " " << what << ", one per dimension of the memref, got " << count;
  };
  if (failed(expectCount("start coordinates", op.getStart().size())) ||
      failed(expectCount("dims", op.getDims().size())) ||
      failed(expectCount("strides", op.getStrides().size())))
    return failure();
  if (op.getGuards() && failed(expectCount("guards", op.getGuards()->size())))
    return failure();
  if (tile.getElementType() != memref.getElementType())
    return op.emitOpError("expected a tile of ")
           << memref.getElementType() << ", got " << tile.getElementType();

  SmallVector<bool> named(tile.getRank(), false);
  for (int64_t dim : op.getDims()) {
    if (dim < -1 || dim >= tile.getRank())
      return op.emitOpError("expected dims between -1 and ")
             << tile.getRank() - 1 << ", got " << dim;
    if (dim >= 0 && std::exchange(named[dim], true))
      return op.emitOpError("expected each tile dimension once in dims, got ") << dim << " again";
  }
  for (auto [dim, size] : llvm::enumerate(tile.getShape()))
    if (!named[dim] && size != 1)
      return op.emitOpError("expected size 1 in tile dimension ")
             << dim << ", which dims does not name, got " << size;
  for (int64_t stride : op.getStrides())
    if (stride < 1)
      return op.emitOpError("expected strides >= 1, got ") << stride;
  for (int64_t guard : op.getGuards().value_or(ArrayRef<int64_t>{}))
    if (guard < 0 || guard > static_cast<int64_t>(Guard::both))
      return op.emitOpError("expected guards between 0 and ")
             << static_cast<int64_t>(Guard::both) << ", got " << guard;
  int64_t coordinateBits = op.getCoordinateBits();
  if (coordinateBits != 32 && coordinateBits != 64)
    return op.emitOpError("expected coordinate_bits 32 or 64, got ") << coordinateBits;
  for (int64_t d : llvm::seq(coordinateBits == 32 ? rank : 0)) {
    std::optional<int64_t> size = getSizeBound(op.getMemref(), d);
    if (!size)
      return op.emitOpError("expected coordinate_bits 64 for a dimension of unknown size");
    if (*size > std::numeric_limits<int32_t>::max())
      return op.emitOpError("expected coordinate_bits 64 for a dimension of size ") << *size;
  }
  return verifyVector(op, memref, tile);
}

LogicalResult LoadOp::verify() { return verifyAccess(*this, getTile().getType()); }

unsigned StoreOp::getRowDim() {
  ArrayRef<int64_t> shape = getTile().getType().getShape().drop_back();
  for (unsigned d = 0; d != shape.size(); ++d)
    if (shape[d] != 1)
      return d;
  return shape.size() - 1;
}

/// Rows of whole boxes, whose positions of all images are counted in 32 bits.
static LogicalResult verifyJoined(StoreOp store, int64_t columns) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  MemRefType memref = store.getMemRefType();
  int64_t row = memref.getShape().back();
  if (!memref.hasStaticShape() || memref.getRank() < 3 || row == 0 || row % columns != 0)
    return store.emitOpError("expected images of static shape with rows of a multiple of a box's ")
           << columns << " columns to join them, got " << memref;
  if (memref.getDimSize(0) > most / row)
    return store.emitOpError("expected at most ")
           << most << " positions of joined rows, got " << memref;
  return success();
}

/// Whole boxes of 128 bytes along the last two dimensions of the memref.
static LogicalResult verifyBoxes(StoreOp store) {
  constexpr int64_t boxBytes = 128, mapBytes = 128, rowsTogether = 8, mostRows = 256;
  RankedTensorType tile = store.getTile().getType();
  MemRefType map = store.getMap().getType();
  if (!store.getStaged() || store.getOwned() != 0)
    return store.emitOpError("expected a staged store without owned columns for a map");
  if (!map.hasStaticShape() ||
      map.getNumElements() * *getElementBytes(map.getElementType()) != mapBytes)
    return store.emitOpError("expected ") << mapBytes << " bytes for the map, got " << map;
  int64_t memrefRank = store.getMemRefType().getRank();
  auto isPlane = [&] {
    for (auto [d, dim] : llvm::enumerate(store.getDims()))
      if (dim != std::max<int64_t>(-1, int64_t(d) + 2 - memrefRank))
        return false;
    return tile.getRank() == 2 && llvm::all_equal(store.getStrides());
  };
  int64_t columns = boxBytes / *getElementBytes(tile.getElementType());
  if (!isPlane() || tile.getDimSize(0) % rowsTogether != 0 || tile.getDimSize(0) > mostRows ||
      tile.getDimSize(1) % columns != 0)
    return store.emitOpError("expected a multiple of ")
           << rowsTogether << " rows, at most " << mostRows << ", of a multiple of " << boxBytes
           << " bytes along the last two dimensions of the memref for a map, got " << tile;
  return store.getJoined() ? verifyJoined(store, columns) : success();
}

LogicalResult StoreOp::verify() {
  if (failed(verifyAccess(*this, getTile().getType())))
    return failure();
  if (getMap() && failed(verifyBoxes(*this)))
    return failure();
  if (getJoined() && !getMap())
    return emitOpError("expected a map of the memref whose rows are joined");
  RankedTensorType tile = getTile().getType();
  if (getApart() && (!getStaged() || getStaging() == 0))
    return emitOpError("expected a staged store with the bytes of its staging for memory apart");
  if (!getStaged())
    return getOwned() == 0 ? success()
                           : emitOpError("expected a staged store of a tile with owned columns");
  MemRefType memref = getMemRefType();
  if (!isGlobalMemRef(memref))
    return emitOpError("expected a global memref for a staged store, got ") << memref;
  int64_t rank = tile.getRank();
  if (rank < 2 || getDims().back() != rank - 1 || getStrides().back() != 1 ||
      !llvm::is_contained(getDims(), getRowDim()) ||
      tile.getNumElements() != tile.getDimSize(getRowDim()) * tile.getShape().back())
    return emitOpError("expected a staged store to be of rows along the last dimension of the "
                       "memref");
  if (!getApart() && (*this)->getParentOfType<LoopLikeOpInterface>())
    return emitOpError("expected no loop around a staged store, which overwrites shared memory");
  constexpr int64_t sectorBits = 256;
  int64_t sector = sectorBits / tile.getElementTypeBitWidth();
  if (int64_t owned = getOwned(); owned != 0 && (owned % sector != 0 || owned < sector ||
                                                 owned + sector > tile.getShape().back()))
    return emitOpError("expected owned columns to be a multiple of ")
           << sector << " (32 bytes), as many fewer than the tile has, got " << owned;
  return success();
}

/// Only skewed rows tell what is not needed before the first of their columns.
static LogicalResult verifyColumns(CopyOp copy) {
  std::optional<ArrayRef<int64_t>> columns = copy.getColumns();
  if (!columns)
    return success();
  int64_t size = copy.getDestination().getType().getShape().back();
  if (columns->size() != 2 || (*columns)[0] < 0 || (*columns)[0] >= (*columns)[1] ||
      (*columns)[1] > size)
    return copy.emitOpError("expected columns to be the first and the end of some of the "
                            "destination's ")
           << size << ", got " << copy.getColumnsAttr();
  if (!copy.getSkewed() && (*columns)[0] != 0)
    return copy.emitOpError("expected columns from 0 on, or skewed rows, got ")
           << copy.getColumnsAttr();
  return success();
}

/// Rows of the destination are as far from aligned as those of the memref,
/// or are aligned.
static LogicalResult verifySkew(CopyOp copy) {
  int64_t vector = copy.getVector(), offset;
  MemRefType from = copy.getMemRefType(), to = copy.getDestination().getType();
  if (vector == 1)
    return copy.emitOpError("expected a vector of several elements for skewed rows");
  SmallVector<int64_t> fromStrides, toStrides;
  (void)to.getStridesAndOffset(toStrides, offset);
  if (llvm::all_of(ArrayRef(toStrides).drop_back(),
                   [&](int64_t stride) { return stride % vector == 0; }))
    return success();
  if (!from.hasStaticShape())
    return copy.emitOpError("expected strides of the destination that are multiples of vector ")
           << vector << " for skewed rows of dynamic shape, got " << to;
  (void)from.getStridesAndOffset(fromStrides, offset);
  for (int64_t d = 0; d != from.getRank(); ++d) {
    std::optional<unsigned> t = copy.getTileDim(d);
    // In unsigned numbers, wrapping around keeps the remainder.
    if (t && to.getDimSize(*t) != 1 &&
        (uint64_t(fromStrides[d]) * uint64_t(copy.getStrides()[d]) - uint64_t(toStrides[*t])) %
                uint64_t(vector) !=
            0)
      return copy.emitOpError("expected strides of the memref and the destination that leave the "
                              "same remainder by vector ")
             << vector << " for skewed rows, got " << fromStrides[d] << " and " << toStrides[*t]
             << " in dimension " << *t << " of the destination";
  }
  return success();
}

/// Rows of eight groups that tensor cores find by themselves, and rows of others apart from them.
static LogicalResult verifySwizzledRows(CopyOp copy) {
  constexpr int64_t rowBytes = 128, groups = 8, rowsTogether = 8;
  MemRefType to = copy.getDestination().getType();
  SmallVector<int64_t> strides;
  int64_t offset, rank = to.getRank(), inGroup = copy.getVector();
  (void)to.getStridesAndOffset(strides, offset);
  int64_t ofRow = groups * inGroup;
  bool hasRows = ofRow * to.getElementTypeBitWidth() == rowBytes * 8 && rank >= 3 &&
                 to.getDimSize(rank - 1) == inGroup && to.getDimSize(rank - 2) == groups &&
                 strides[rank - 1] == 1 && strides[rank - 2] == inGroup &&
                 strides[rank - 3] == ofRow;
  auto isWhole = [&](int64_t stride) { return stride % (rowsTogether * ofRow) == 0; };
  if (hasRows && llvm::all_of(ArrayRef(strides).drop_back(3), isWhole) && !copy.getSkewed())
    return success();
  return copy.emitOpError("expected contiguous rows of eight groups of ")
         << rowBytes / groups << " bytes, the vector, in the last dimensions, others multiples of "
         << rowsTogether << " rows apart, and no skew for swizzled, got " << to;
}

LogicalResult CopyOp::verify() {
  if (failed(verifyAccess(*this, getDestination().getType())) ||
      (getSkewed() && failed(verifySkew(*this))) || failed(verifyColumns(*this)) ||
      (getSwizzled() && failed(verifySwizzledRows(*this))))
    return failure();
  if (getEndShift() && !getColumns())
    return emitOpError("expected an end_shift only of columns");
  int64_t bytes = getVector() * getMemRefType().getElementTypeBitWidth() / 8;
  if (getAsync() && bytes != 4 && bytes != 8 && bytes != 16)
    return emitOpError("expected asynchronous copies of 4, 8 or 16 bytes, got ") << bytes;
  return success();
}
