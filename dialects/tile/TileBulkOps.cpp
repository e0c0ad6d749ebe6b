//===- TileBulkOps.cpp - What the copy engine moves by itself -------------===//

#include "tile/Tile.h"

#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace poolc::tile;

/// Runs, rows of boxes, and what lies between them are multiples of so many bytes.
static constexpr int64_t unitBytes = 16, rowBytes = 128;

//===----------------------------------------------------------------------===//
// MakeMapOp
//===----------------------------------------------------------------------===//

LogicalResult MakeMapOp::verify() {
  MemRefType type = getMemref().getType(), map = getMap().getType();
  constexpr int64_t mostRank = 5, mostRows = 256, mostSize = int64_t(1) << 32;
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
  int64_t rows = getRows();
  if (rows < 1 || rows > mostRows)
    return emitOpError("expected rows from 1 to ") << mostRows << ", got " << rows;
  if (!map.hasStaticShape() || !getElementBytes(map.getElementType()) ||
      map.getNumElements() * *getElementBytes(map.getElementType()) != rowBytes)
    return emitOpError("expected ") << rowBytes << " bytes for the map, got " << map;
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
  int64_t offset, row = bytes ? rowBytes / *bytes : 0;
  constexpr int64_t rowsTogether = 8;
  if (!bytes || type.getRank() != 3 || failed(type.getStridesAndOffset(strides, offset)) ||
      type.getDimSize(2) != row || strides[2] != 1 || strides[1] != row ||
      strides[0] != row * type.getDimSize(1) || type.getDimSize(1) % rowsTogether != 0)
    return emitOpError("expected contiguous boxes of a multiple of ")
           << rowsTogether << " rows of " << rowBytes << " bytes, got " << type;
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
  return success();
}
