//===- StagedRows.cpp - Rows of a tensor that a tile is stored to ---------===//

#include "StagedRows.h"

#include "SharedMemory.h"
#include "StagedStore.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// The largest power of two, up to some, that surely divides the value.
static int64_t knownFactor(Value value) {
  constexpr int64_t most = 64;
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return *constant == 0 ? most : std::min(most, *constant & -*constant);
  if (auto mul = value.getDefiningOp<arith::MulIOp>())
    return std::min(most, knownFactor(mul.getLhs()) * knownFactor(mul.getRhs()));
  if (auto size = value.getDefiningOp<SizeOp>()) {
    int64_t factor = size.getMultipleOf();
    return std::min(most, factor & -factor);
  }
  if (auto add = value.getDefiningOp<arith::AddIOp>())
    return std::min(knownFactor(add.getLhs()), knownFactor(add.getRhs()));
  return 1;
}

static bool isGuarded(StoreOp op, unsigned d, Guard end) {
  return !op.getGuards() || ((*op.getGuards())[d] & static_cast<int64_t>(end));
}

StagedRows::StagedRows(StoreOp op, ValueRange start, ImplicitLocOpBuilder &b)
    : IndexBuilder{b}, op(op), start(start), memref(op.getMemRefType()),
      vector(getStagedVector(op)), width(op.getTile().getType().getShape().back()) {
  findRows();
}

/// Where rows begin, and how much of that is known.
void StagedRows::findRows() {
  SmallVector<int64_t> strides;
  int64_t offset, factor = vector;
  (void)memref.getStridesAndOffset(strides, offset);
  origin = index(0);
  Value stride = index(1);
  for (int64_t d = memref.getRank(); d-- > 0;) {
    if (!ShapedType::isDynamic(strides[d]))
      stride = index(strides[d]);
    origin = add(origin, arith::MulIOp::create(b, start[d], stride));
    factor = std::min(factor, knownFactor(start[d]) * knownFactor(stride));
    if (op.getDims()[d] == op.getRowDim()) {
      rowDim = d;
      rowStride = mul(stride, op.getStrides()[d]);
      factor = std::min(factor, knownFactor(rowStride));
    }
    // Beyond the outermost dimension there is no stride, and its size may be a bound.
    if (d != 0)
      stride = b.createOrFold<arith::MulIOp>(stride, sizeOf(d));
  }
  knownAlignment = factor;
  isAligned = factor == vector;
  int64_t last = memref.getRank() - 1;
  Value size = sizeOf(last);
  isWhole = isAligned && knownFactor(size) % vector == 0;
  firstColumn =
      isGuarded(op, last, Guard::low)
          ? arith::MaxSIOp::create(b, index(0), arith::SubIOp::create(b, index(0), start[last]))
                .getResult()
          : index(0);
  endColumn =
      isGuarded(op, last, Guard::high)
          ? arith::MinSIOp::create(b, index(width), arith::SubIOp::create(b, size, start[last]))
                .getResult()
          : index(width);
  for (int64_t d = 0; d != last; ++d)
    if (d != rowDim)
      isInside = both(isInside, isInRange(start[d], d));
}

/// The size of a dimension: of a dynamic one, what its view says.
Value StagedRows::sizeOf(unsigned d) {
  if (!memref.isDynamicDim(d))
    return index(memref.getDimSize(d));
  return getDynamicSize(op.getMemref(), d);
}

/// Whether there is such a coordinate, or null if there surely is.
Value StagedRows::isInRange(Value coordinate, unsigned d) {
  Value inside;
  if (isGuarded(op, d, Guard::low))
    inside = isAtLeast(coordinate, index(0));
  if (isGuarded(op, d, Guard::high))
    inside = both(inside, isBelow(coordinate, sizeOf(d)));
  return inside;
}

Value StagedRows::isRowInRange(Value row, int64_t distance) {
  Value at = distance == 0 ? row : add(row, distance);
  return isInRange(add(start[rowDim], mul(at, op.getStrides()[rowDim])), rowDim);
}

Value StagedRows::skewOf(Value row) {
  if (isAligned)
    return index(0);
  return arith::AndIOp::create(b, add(origin, arith::MulIOp::create(b, row, rowStride)),
                               index(vector - 1));
}

int64_t StagedRows::sectorElements() const {
  constexpr int64_t sectorBits = 256;
  return sectorBits / memref.getElementTypeBitWidth();
}

int64_t StagedRows::getPeriod() {
  if (!ownColumns())
    return vector;
  int64_t sector = sectorElements();
  return sector / std::min(sector, knownFactor(rowStride));
}

/// A row's first sector that begins in the tile is its first one, and it stores all of the sector
/// in which its own columns end. What lies before the row's first sector, its first tile has.
StagedRows::Columns StagedRows::columnsOf(Value row) {
  if (!ownColumns())
    return {firstColumn, endColumn};
  Value place = start.back();
  Value begin = arith::SubIOp::create(b, index(0), beginOf(row));
  Value lead = arith::AndIOp::create(b, begin, index(sectorElements() - 1));
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, place, index(0));
  Value isLast = isAtLeast(add(place, op.getOwned()), sizeOf(memref.getRank() - 1));
  Value end = arith::MinSIOp::create(b, add(lead, op.getOwned()), endColumn);
  return {arith::SelectOp::create(b, isFirst, firstColumn, lead),
          arith::SelectOp::create(b, isLast, endColumn, end)};
}

Value StagedRows::isWholeGroup(Columns columns, Value column) {
  return both(
      isAtLeast(column, columns.first),
      arith::CmpIOp::create(b, arith::CmpIPredicate::sle, add(column, vector), columns.end));
}
