//===- TileBulkOps.cpp - What the copy engine moves by itself -------------===//

#include "tile/Tile.h"

#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace poolc::tile;

/// Runs, rows of boxes, and what lies between them are multiples of so many bytes.
static constexpr int64_t unitBytes = 16, mapBytes = 128;

/// Of a box, in rows and in columns.
static constexpr int64_t mostOfBox = 256;

static LogicalResult verifyObjects(Operation *op, MemRefType type) {
  constexpr unsigned objectBits = 64;
  if (type.getRank() == 1 && type.hasStaticShape() && type.getLayout().isIdentity() &&
      type.getElementType().isInteger(objectBits))
    return success();
  return op->emitOpError("expected contiguous objects of ")
         << objectBits << " bits in one dimension, got " << type;
}

//===----------------------------------------------------------------------===//
// MakeMapOp
//===----------------------------------------------------------------------===//

LogicalResult MakeMapOp::verify() {
  MemRefType type = getMemref().getType(), map = getMap().getType();
  constexpr int64_t mostRank = 5, mostSize = int64_t(1) << 32, swizzledBytes = 128;
  if (!isa<Float32Type, Float16Type, BFloat16Type>(type.getElementType()) ||
      !memref::isStaticShapeAndContiguousRowMajor(type) || type.getRank() < 2 ||
      type.getRank() > mostRank)
    return emitOpError(
               "expected a contiguous memref of f32, f16 or bf16, of static shape and 2 to ")
           << mostRank << " dimensions, got " << type;
  int64_t bytes = type.getElementTypeBitWidth() / 8;
  if (type.getShape().back() * bytes % unitBytes != 0)
    return emitOpError("expected rows of a multiple of ") << unitBytes << " bytes, got " << type;
  for (int64_t size : type.getShape())
    if (size < 1 || size > mostSize)
      return emitOpError("expected sizes from 1 to 2^32, got ") << type;
  int64_t rows = getRows(), columns = getColumns();
  if (rows < 1 || rows > mostOfBox || columns < 1 || columns > mostOfBox)
    return emitOpError("expected rows and columns from 1 to ")
           << mostOfBox << ", got " << rows << " and " << columns;
  if (columns * bytes % unitBytes != 0 || (getSwizzled() && columns * bytes != swizzledBytes))
    return emitOpError("expected columns of a multiple of ")
           << unitBytes << " bytes, or of " << swizzledBytes << " if swizzled, got "
           << columns * bytes << " bytes";
  if (!map.hasStaticShape() || !getElementBytes(map.getElementType()) ||
      map.getNumElements() * *getElementBytes(map.getElementType()) != mapBytes)
    return emitOpError("expected ") << mapBytes << " bytes for the map, got " << map;
  return success();
}

//===----------------------------------------------------------------------===//
// CopyBoxesOp
//===----------------------------------------------------------------------===//

LogicalResult CopyBoxesOp::verify() {
  MemRefType type = getDestination().getType();
  constexpr size_t mostRank = 5;
  if (getStart().size() < 2 || getStart().size() > mostRank)
    return emitOpError("expected a start in 2 to ")
           << mostRank << " dimensions, got " << getStart().size();
  std::optional<int64_t> bytes = getElementBytes(type.getElementType());
  SmallVector<int64_t> strides;
  int64_t offset;
  constexpr int64_t rowsTogether = 8;
  auto isWhole = [&] {
    int64_t rows = type.getDimSize(1), columns = type.getDimSize(2);
    return columns * *bytes % unitBytes == 0 && rows % rowsTogether == 0 && columns <= mostOfBox &&
           rows <= mostOfBox && strides[2] == 1 && strides[1] == columns &&
           strides[0] == rows * columns;
  };
  if (!bytes || type.getRank() != 3 || failed(type.getStridesAndOffset(strides, offset)) ||
      !isWhole())
    return emitOpError("expected contiguous boxes of a multiple of ")
           << rowsTogether << " rows of a multiple of " << unitBytes << " bytes, both at most "
           << mostOfBox << ", got " << type;
  if (std::optional<int64_t> column = getConstantIntValue(getStart().back());
      column && *column * *bytes % unitBytes != 0)
    return emitOpError("expected boxes that begin at a multiple of ")
           << unitBytes << " bytes along the last dimension, got element " << *column << " of "
           << *bytes << " bytes";
  int64_t row = getJoined(), columns = type.getDimSize(2);
  if (row < 0 || row % columns != 0)
    return emitOpError("expected joined rows of a multiple of a box's ")
           << columns << " columns, got " << row;
  if (std::optional<int64_t> column = getConstantIntValue(getStart().back());
      row != 0 && column && *column % columns != 0)
    return emitOpError("expected boxes of joined rows that begin at a multiple of their ")
           << columns << " columns, got element " << *column;
  return getObjects() ? verifyObjects(*this, getObjects().getType()) : success();
}

//===----------------------------------------------------------------------===//
// ObjectsOp, AwaitOp
//===----------------------------------------------------------------------===//

LogicalResult ObjectsOp::verify() { return verifyObjects(*this, getObjects().getType()); }

LogicalResult AwaitOp::verify() { return verifyObjects(*this, getObjects().getType()); }

//===----------------------------------------------------------------------===//
// ChunkBoxesOp
//===----------------------------------------------------------------------===//

LogicalResult ChunkBoxesOp::verify() {
  constexpr int64_t columnsOfBox = 64, rowsOfChunk = 8, columnsTogether = 32, bits = 16;
  MemRefType from = getBoxes().getType(), to = getChunks().getType();
  auto stridesOf = [](MemRefType type) {
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(type.getStridesAndOffset(strides, offset)))
      strides.assign(type.getRank(), ShapedType::kDynamic);
    return strides;
  };
  auto areBoxes = [&] {
    SmallVector<int64_t> strides = stridesOf(from);
    return from.getRank() == 3 && from.hasStaticShape() && from.getDimSize(2) == columnsOfBox &&
           from.getDimSize(1) % rowsOfChunk == 0 && from.getElementTypeBitWidth() == bits &&
           strides[2] == 1 && strides[1] == columnsOfBox &&
           strides[0] == columnsOfBox * from.getDimSize(1);
  };
  if (!areBoxes())
    return emitOpError("expected contiguous boxes of a multiple of ")
           << rowsOfChunk << " rows of " << columnsOfBox << " elements of " << bits << " bits, got "
           << from;
  auto areChunks = [&] {
    SmallVector<int64_t> strides = stridesOf(to);
    int64_t columns = to.getDimSize(1), most = columnsOfBox * from.getDimSize(0);
    return to.getDimSize(0) == from.getDimSize(1) / rowsOfChunk && columns % columnsTogether == 0 &&
           columns <= most && columns > most - columnsOfBox && to.getDimSize(2) == rowsOfChunk &&
           strides[2] == 1 && strides[1] == rowsOfChunk && strides[0] % rowsOfChunk == 0;
  };
  if (to.getRank() != 3 || to.getElementType() != from.getElementType() || !areChunks())
    return emitOpError("expected ")
           << from.getDimSize(1) / rowsOfChunk << " chunks of a multiple of " << columnsTogether
           << " columns, the last in the last box, of " << rowsOfChunk << " adjacent elements of "
           << from.getElementType() << ", got " << to;
  return success();
}

//===----------------------------------------------------------------------===//
// CopyRunsOp
//===----------------------------------------------------------------------===//

SmallVector<int64_t> CopyRunsOp::getSourceStrides() {
  SmallVector<int64_t> strides, result;
  int64_t offset;
  (void)getMemref().getType().getStridesAndOffset(strides, offset);
  for (auto [dim, stride] : llvm::zip_equal(getDims(), strides))
    if (dim >= 0)
      result.push_back(stride);
  return result;
}

unsigned CopyRunsOp::getDimsOfRun() {
  SmallVector<int64_t> strides, source = getSourceStrides();
  MemRefType type = getDestination().getType();
  int64_t offset, elements = 1;
  (void)type.getStridesAndOffset(strides, offset);
  unsigned dims = 0;
  for (unsigned d = type.getRank(); d-- > 0; ++dims) {
    bool isAdjacent = strides[d] == elements && source[d] == elements;
    if (!isAdjacent && type.getDimSize(d) != 1)
      break;
    elements *= type.getDimSize(d);
  }
  return dims;
}

LogicalResult CopyRunsOp::verify() {
  MemRefType from = getMemref().getType(), to = getDestination().getType();
  auto rank = static_cast<size_t>(from.getRank());
  if (!memref::isStaticShapeAndContiguousRowMajor(from))
    return emitOpError("expected a contiguous memref of static shape, got ") << from;
  if (getStart().size() != rank || getDims().size() != rank)
    return emitOpError("expected a start and dims for ")
           << rank << " dimensions, got " << getStart().size() << " and " << getDims().size();
  int64_t next = 0;
  for (int64_t dim : getDims())
    if (dim != -1 && dim != next++)
      return emitOpError("expected dims of the destination in order, or -1, got ") << dim;
  if (next != to.getRank())
    return emitOpError("expected all ") << to.getRank() << " dims of the destination, got " << next;
  std::optional<int64_t> bytes = getElementBytes(from.getElementType());
  if (from.getElementType() != to.getElementType() || !bytes)
    return emitOpError("expected elements of one type of 8, 16, 32 or 64 bits, got ")
           << from.getElementType() << " and " << to.getElementType();
  auto isWhole = [&](int64_t elements) { return elements * *bytes % unitBytes == 0; };
  SmallVector<int64_t> strides, source = getSourceStrides();
  int64_t offset;
  if (failed(to.getStridesAndOffset(strides, offset)))
    return emitOpError("expected a strided destination, got ") << to;
  unsigned outer = to.getRank() - getDimsOfRun();
  bool areWhole = isWhole(llvm::product_of(to.getShape().drop_front(outer)));
  for (unsigned d = 0; d != outer; ++d)
    areWhole &= isWhole(strides[d]) && isWhole(source[d]);
  if (!areWhole)
    return emitOpError("expected runs of a multiple of ") << unitBytes << " bytes, got " << to;
  return getObjects() ? verifyObjects(*this, getObjects().getType()) : success();
}

//===----------------------------------------------------------------------===//
// AddBoxesOp
//===----------------------------------------------------------------------===//

static constexpr int64_t swizzledBytes = 128, swizzledRows = 8;

int64_t AddBoxesOp::getColumns() {
  return swizzledBytes / *getElementBytes(getMap().getType().getElementType());
}

int64_t AddBoxesOp::getRowsOfStage() {
  MemRefType memory = getMemory().getType();
  int64_t elements = llvm::product_of(memory.getShape().drop_front(getStage() ? 1 : 0));
  int64_t ofBoxes = getRows() * getTile().getType().getDimSize(1);
  return elements / ofBoxes * getRows();
}

LogicalResult AddBoxesOp::verify() {
  RankedTensorType tile = getTile().getType();
  MemRefType map = getMap().getType(), memory = getMemory().getType();
  constexpr size_t mostRank = 5;
  if (getStart().size() < 2 || getStart().size() > mostRank)
    return emitOpError("expected a start in 2 to ")
           << mostRank << " dimensions, got " << getStart().size();
  if (!isa<Float32Type, Float16Type, BFloat16Type>(map.getElementType()) ||
      map.getElementType() != memory.getElementType())
    return emitOpError("expected a map and memory of f32, f16 or bf16, got ")
           << map << " and " << memory;
  if (tile.getRank() != 2 || !tile.getElementType().isF32() ||
      tile.getDimSize(1) % getColumns() != 0)
    return emitOpError("expected a tile of f32 whose rows are a multiple of ")
           << getColumns() << " elements, got " << tile;
  int64_t rows = getRows();
  if (rows < 1 || rows > mostOfBox || rows % swizzledRows != 0 || tile.getDimSize(0) % rows != 0)
    return emitOpError("expected rows of at most ")
           << mostOfBox << ", a multiple of " << swizzledRows << " that divides the tile's "
           << tile.getDimSize(0) << ", got " << rows;
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!memory.hasStaticShape() || memory.getRank() < 2 ||
      failed(memory.getStridesAndOffset(strides, offset)) ||
      (getStage() &&
       strides[0] * *getElementBytes(memory.getElementType()) % (swizzledRows * swizzledBytes) !=
           0))
    return emitOpError("expected memory of static shape, stages a multiple of ")
           << swizzledRows * swizzledBytes << " bytes apart, got " << memory;
  if (getRowsOfStage() == 0)
    return emitOpError("expected memory for ")
           << rows << " rows of " << tile.getDimSize(1) << " elements, got " << memory;
  return success();
}
