//===- StagedTile.cpp - Rows of a tile in shared memory -------------------===//

#include "StagedTile.h"

#include "StagedStore.h"

#include "poolc/Transforms/Tile/Layout.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

StagedTile::StagedTile(StoreOp op, Value tile, const SharedLayout &shared,
                       const ThreadCoordinates &threads, ImplicitLocOpBuilder &b)
    : IndexBuilder{b}, op(op), tile(tile), threads(threads), type(op.getTile().getType()),
      layout(poolc::getLayout(type)), rowDim(op.getRowDim()), columnDim(type.getRank() - 1),
      pitch(getStagedPitch(op)), width(type.getDimSize(columnDim)), boxRows(getBoxRows(op)),
      boxColumns(getBoxColumns(op)), offset(shared.getStoreOffset()) {
  writesMatrices =
      shared.hasAsyncReaders() && getStagedVector(op) == matrixColumns &&
      pitch % matrixColumns == 0 &&
      isWarpgroupLayout(layout, getNumRows(), width, shared.getNumThreads() / warpSize);
  makeBuffer();
}

void StagedTile::makeBuffer() {
  Attribute space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  auto bytes =
      MemRefType::get({ShapedType::kDynamic}, b.getI8Type(), MemRefLayoutAttrInterface{}, space);
  int64_t elements =
      boxColumns != 0 ? getBoxBytes(op) * 8 / type.getElementTypeBitWidth() : getNumRows() * pitch;
  auto flatType =
      MemRefType::get({elements}, type.getElementType(), MemRefLayoutAttrInterface{}, space);
  buffer = memref::ViewOp::create(b, flatType, gpu::DynamicSharedMemoryOp::create(b, bytes),
                                  index(offset), ValueRange());
}

/// Of eight neighbouring rows of a box, groups of 16 bytes are in different orders.
static constexpr int64_t swizzledRows = 8;

/// The number of an element in the buffer.
Value StagedTile::placeOf(Value row, Value column) {
  if (boxColumns == 0)
    return add(mul(row, pitch), column);
  int64_t perGroup = getStagedVector(op);
  auto low = [&](Value value, int64_t size) -> Value {
    return arith::RemUIOp::create(b, value, index(size));
  };
  Value group = arith::DivUIOp::create(b, low(column, boxColumns), index(perGroup));
  group = arith::XOrIOp::create(b, group, low(row, swizzledRows));
  Value place = add(boxes, mul(row, boxColumns));
  return add(place, add(mul(group, perGroup), low(column, perGroup)));
}

/// How much further so many rows and columns are: of boxes, eight rows or multiples, and as many
/// columns as all warps have side by side.
int64_t StagedTile::distanceOf(int64_t rows, int64_t columns) const {
  if (boxColumns == 0)
    return rows * pitch + columns;
  return columns / layout.getCoverage(columnDim) * boxRows * boxColumns + rows * boxColumns;
}

void StagedTile::write(int64_t from, int64_t count, int64_t first) {
  constexpr int64_t rowsAtOnce = 4; // A pair of each of two matrices.
  if (writesMatrices && count % rowsAtOnce == 0) {
    for (int64_t i = from; i != from + count; i += rowsAtOnce)
      writeMatrices(i, first);
    return;
  }
  Value row = getFirstRow(), column = toIndex(threads.get(layout)[columnDim]);
  int64_t columns = layout.getElementsPerThread(columnDim, width), step = getStagedWidth(op);
  for (int64_t i = from; i != from + count; ++i) {
    int64_t down = layout.getElementOffset(rowDim, i) - first;
    // What is less than a box or the swizzled rows further has a place of its own.
    int64_t near = boxColumns == 0 ? down : down % swizzledRows;
    for (int64_t j = 0; j != columns; j += step) {
      int64_t right = layout.getElementOffset(columnDim, j);
      int64_t beside = boxColumns == 0 ? 0 : right % layout.getCoverage(columnDim);
      Value place = placeOf(add(row, near), add(column, beside));
      SmallVector<int64_t> positions;
      for (int64_t element = 0; element != step; ++element)
        positions.push_back(i * columns + j + element);
      Value written = vector::ShuffleOp::create(b, tile, tile, positions);
      int64_t further = distanceOf(down - near, right - beside);
      vector::StoreOp::create(b, written, buffer, add(place, further),
                              /*nontemporal=*/false,
                              llvm::MaybeAlign(step * type.getElementTypeBitWidth() / 8));
    }
  }
}

/// Sums of wgmma in 16 bits: what a thread has of a row of the instruction's result are pairs in
/// a column of a matrix, rows of which stmatrix writes. Four of these at once: eight of the
/// tile's rows from the `i`th of the thread on and the eight after, two times eight columns.
void StagedTile::writeMatrices(int64_t i, int64_t first) {
  constexpr int64_t log2Rows = 3, perThread = 2;
  int64_t columns = layout.getElementsPerThread(1, width);
  auto i32 = [&](int64_t value) { return arith::ConstantIntOp::create(b, value, 32); };
  Value lane = threads.getLane(), matrix = arith::ShRUIOp::create(b, lane, i32(log2Rows));
  Value row = arith::AndIOp::create(b, lane, i32(matrixColumns - 1));
  Value lower = arith::ShRUIOp::create(b, matrix, i32(1));
  row = arith::AddIOp::create(b, row, arith::ShLIOp::create(b, lower, i32(log2Rows)));
  const int64_t down = layout.getElementOffset(0, i) - first;
  Value right = toIndex(arith::AndIOp::create(b, matrix, i32(1)));
  Value column =
      add(toIndex(threads.getWarpFirst(layout)[1]), mul(right, layout.getElementOffset(1, 1)));
  Value corner = placeOf(toIndex(row), column);
  auto pairOf = [&](int64_t position) -> Value {
    auto pair =
        vector::ShuffleOp::create(b, tile, tile, ArrayRef<int64_t>{position, position + columns});
    return LLVM::BitcastOp::create(b, b.getI32Type(), pair);
  };
  for (int64_t j = 0; j != columns; j += 2) {
    SmallVector<Value> matrices;
    for (int64_t below : {0, 1})
      for (int64_t beside : {0, 1})
        matrices.push_back(pairOf((i + below * perThread) * columns + j + beside));
    Value place = add(corner, distanceOf(down, layout.getElementOffset(1, j)));
    NVVM::StMatrixOp::create(
        b, pointerTo(place), matrices,
        NVVM::MMALayoutAttr::get(b.getContext(), NVVM::MMALayout::col),
        NVVM::LdStMatrixShapeAttr::get(b.getContext(), matrixColumns, matrixColumns),
        NVVM::LdStMatrixEltTypeAttr::get(b.getContext(), NVVM::LdStMatrixEltType::B16));
  }
}

Value StagedTile::pointerTo(Value element) {
  int64_t bytes = type.getElementTypeBitWidth() / 8;
  Value address =
      add(memref::ExtractAlignedPointerAsIndexOp::create(b, buffer), mul(element, bytes));
  auto pointer =
      LLVM::LLVMPointerType::get(b.getContext(), unsigned(NVVM::NVVMMemorySpace::Shared));
  Value integer = arith::IndexCastUIOp::create(b, b.getI64Type(), address);
  return LLVM::IntToPtrOp::create(b, pointer, integer);
}
