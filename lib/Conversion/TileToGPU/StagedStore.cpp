//===- StagedStore.cpp - tile.store by way of shared memory ---------------===//
//
// The threads write some rows of the tile to shared memory, each its elements, and
// then read them as 16 bytes that lie side by side in a row, as far from a multiple of
// 16 bytes there as in the destination. So a store of a warp covers whole sectors, but
// for the ends of rows.
//
//===----------------------------------------------------------------------===//

#include "StagedStore.h"
#include "SharedMemory.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

static constexpr int64_t bytesAtOnce = 16;

static int64_t elementBytes(StoreOp op) {
  return op.getTile().getType().getElementTypeBitWidth() / 8;
}

int64_t poolc::getStagedVector(StoreOp op) { return bytesAtOnce / elementBytes(op); }

/// Elements between rows in shared memory. Eight rows of four pairs, what a warp writes at once,
/// fall into different banks, or four rows of eight elements that are each four rows apart into
/// as many as aligned rows allow. There is room for a row to begin late.
static int64_t getPitch(StoreOp op) {
  RankedTensorType type = op.getTile().getType();
  bool isRowByRow = getLayout(type).getSizePerThread()[0] == 1;
  return type.getDimSize(1) + (isRowByRow ? 8 : getStagedVector(op));
}

int64_t poolc::getStagedRows(StoreOp op, int64_t bytes) {
  RankedTensorType type = op.getTile().getType();
  BlockedAttr layout = getLayout(type);
  // Rows are a number of whole groups, and one more where they begin within one.
  if (!op.getStaged() || !layout || type.getDimSize(1) % getStagedVector(op) != 0 ||
      type.getDimSize(0) % layout.getCoverage(0) != 0 ||
      type.getDimSize(1) % layout.getCoverage(1) != 0)
    return 0;
  int64_t row = getPitch(op) * elementBytes(op), rows = type.getDimSize(0);
  while (rows * row > bytes && rows % (2 * layout.getCoverage(0)) == 0)
    rows /= 2;
  return rows * row <= bytes ? rows : 0;
}

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

namespace {

class StagedStoreEmitter {
public:
  StagedStoreEmitter(StoreOp op, Value tile, Value flat, ValueRange start,
                     const ThreadCoordinates &threads, int64_t numThreads, ImplicitLocOpBuilder &b)
      : op(op), tile(tile), flat(flat), start(start), threads(threads), numThreads(numThreads),
        b(b), type(op.getTile().getType()), layout(getLayout(type)), memref(op.getMemRefType()),
        vector(getStagedVector(op)), pitch(getPitch(op)), width(type.getDimSize(1)) {
    findRows();
    makeBuffer();
  }

  void emit(int64_t rows) {
    int64_t count = layout.getElementsPerThread(0, rows);
    for (int64_t first = 0; first != type.getDimSize(0); first += rows) {
      gpu::BarrierOp::create(b);
      write(first / layout.getCoverage(0) * layout.getSizePerThread()[0], count, first);
      gpu::BarrierOp::create(b);
      if (isWhole)
        copyGroups(first, rows);
      else
        copyRows(first, rows);
    }
  }

private:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value add(Value a, Value c) { return arith::AddIOp::create(b, a, c); }
  Value add(Value a, int64_t c) { return add(a, index(c)); }
  Value mul(Value a, int64_t c) { return arith::MulIOp::create(b, a, index(c)); }
  Value toIndex(Value a) { return arith::IndexCastUIOp::create(b, b.getIndexType(), a); }
  Value both(Value a, Value c) {
    if (!a || !c)
      return a ? a : c;
    return arith::AndIOp::create(b, a, c);
  }
  Value isBelow(Value a, Value c) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, a, c);
  }
  Value isAtLeast(Value a, Value c) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::sge, a, c);
  }

  /// Where rows begin, and how much of that is known.
  void findRows() {
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
      if (op.getDims()[d] == 0) {
        rowDim = d;
        rowStride = mul(stride, op.getStrides()[d]);
        factor = std::min(factor, knownFactor(rowStride));
      }
      // Beyond the outermost dimension there is no stride, and its size may be a bound.
      if (d != 0)
        stride = b.createOrFold<arith::MulIOp>(stride, sizeOf(d));
    }
    isAligned = factor == vector;
    pairsAligned = factor >= 2;
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
      if (op.getDims()[d] < 0)
        isInside = both(isInside, isInRange(start[d], d));
  }

  /// The size of a dimension: of a dynamic one, what its view says.
  Value sizeOf(unsigned d) {
    if (!memref.isDynamicDim(d))
      return index(memref.getDimSize(d));
    return cast<Value>(op.getMemref().getDefiningOp<ReshapeOp>().getMixedSizes()[d]);
  }

  /// Whether there is such a coordinate, or null if there surely is.
  Value isInRange(Value coordinate, unsigned d) {
    Value inside;
    if (isGuarded(op, d, Guard::low))
      inside = isAtLeast(coordinate, index(0));
    if (isGuarded(op, d, Guard::high))
      inside = both(inside, isBelow(coordinate, sizeOf(d)));
    return inside;
  }

  Value isRowInside(Value row) {
    Value coordinate = add(start[rowDim], mul(row, op.getStrides()[rowDim]));
    return both(isInside, isInRange(coordinate, rowDim));
  }

  void makeBuffer() {
    Attribute space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
    auto bytes =
        MemRefType::get({ShapedType::kDynamic}, b.getI8Type(), MemRefLayoutAttrInterface{}, space);
    auto flatType = MemRefType::get({type.getDimSize(0) * pitch}, type.getElementType(),
                                    MemRefLayoutAttrInterface{}, space);
    buffer = memref::ViewOp::create(b, flatType, gpu::DynamicSharedMemoryOp::create(b, bytes),
                                    index(0), ValueRange());
  }

  /// How far from a multiple of `vector` a row of the tile begins.
  Value skewOf(Value row) {
    if (isAligned)
      return index(0);
    return arith::AndIOp::create(b, add(origin, arith::MulIOp::create(b, row, rowStride)),
                                 index(vector - 1));
  }

  /// `count` of the thread's rows from its `from`th on; the first of all threads is row `first`.
  void write(int64_t from, int64_t count, int64_t first) {
    Value row = toIndex(threads.get(layout)[0]), column = toIndex(threads.get(layout)[1]);
    int64_t columns = layout.getElementsPerThread(1, width);
    int64_t step = pairsAligned && layout.getSizePerThread()[1] % 2 == 0 ? 2 : 1;
    for (int64_t i = from; i != from + count; ++i) {
      Value ofTile = add(row, layout.getElementOffset(0, i));
      Value place = add(add(mul(add(ofTile, -first), pitch), column), skewOf(ofTile));
      for (int64_t j = 0; j != columns; j += step) {
        Value at = add(place, layout.getElementOffset(1, j));
        int64_t position = i * columns + j;
        if (step == 1) {
          memref::StoreOp::create(b, vector::ExtractOp::create(b, tile, position), buffer, at);
          continue;
        }
        Value pair =
            vector::ShuffleOp::create(b, tile, tile, ArrayRef<int64_t>{position, position + 1});
        vector::StoreOp::create(b, pair, buffer, at, /*nontemporal=*/false,
                                llvm::MaybeAlign(2 * elementBytes(op)));
      }
    }
  }

  VectorType vectorType() { return VectorType::get(vector, type.getElementType()); }

  Value loadGroup(Value at) {
    return vector::LoadOp::create(b, vectorType(), buffer, at, /*nontemporal=*/false,
                                  llvm::MaybeAlign(bytesAtOnce));
  }

  void storeGroup(Value group, Value at) {
    vector::StoreOp::create(b, group, flat, at, /*nontemporal=*/false,
                            llvm::MaybeAlign(bytesAtOnce));
  }

  Value thread() { return gpu::ThreadIdOp::create(b, gpu::Dimension::x); }

  /// Every group is wholly in the tensor or not at all.
  void copyGroups(int64_t first, int64_t rows) {
    int64_t perRow = width / vector, groups = rows * perRow;
    struct Group {
      Value row, column, loaded;
    };
    SmallVector<Group> mine;
    for (int64_t done = 0; done < groups; done += numThreads) {
      // Those beyond the last group load one again.
      Value number = add(thread(), done);
      if (done + numThreads > groups)
        number = arith::MinUIOp::create(b, number, index(groups - 1));
      Value row = arith::DivUIOp::create(b, number, index(perRow));
      Value column = mul(arith::RemUIOp::create(b, number, index(perRow)), vector);
      mine.push_back({row, column, loadGroup(add(mul(row, pitch), column))});
    }
    for (auto [i, group] : llvm::enumerate(mine)) {
      Value row = add(group.row, first);
      Value exists = both(isRowInside(row), both(isAtLeast(group.column, firstColumn),
                                                 isBelow(group.column, endColumn)));
      if ((int64_t(i) + 1) * numThreads > groups)
        exists = both(exists, isBelow(thread(), index(groups - int64_t(i) * numThreads)));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(
          scf::IfOp::create(b, exists, /*withElseRegion=*/false).thenBlock());
      storeGroup(group.loaded,
                 add(add(origin, arith::MulIOp::create(b, row, rowStride)), group.column));
    }
  }

  /// Rows begin anywhere: first the groups that are wholly in the tensor, then the
  /// elements of the two at the ends of each row.
  void copyRows(int64_t first, int64_t rows) {
    int64_t perRow = width / vector, groups = rows * perRow;
    for (int64_t done = 0; done < groups; done += numThreads) {
      OpBuilder::InsertionGuard guard(b);
      Value number = add(thread(), done);
      Value inChunk = arith::DivUIOp::create(b, number, index(perRow));
      Value group = mul(arith::RemUIOp::create(b, number, index(perRow)), vector);
      Value row = add(inChunk, first), column = arith::SubIOp::create(b, group, skewOf(row));
      Value exists = both(isRowInside(row), isWholeGroup(column));
      if (done + numThreads > groups)
        exists = both(exists, isBelow(thread(), index(groups - done)));
      b.setInsertionPointToStart(
          scf::IfOp::create(b, exists, /*withElseRegion=*/false).thenBlock());
      storeGroup(loadGroup(add(mul(inChunk, pitch), group)),
                 add(add(origin, arith::MulIOp::create(b, row, rowStride)), column));
    }
    copyEnds(first, rows);
  }

  Value isWholeGroup(Value column) {
    return both(
        isAtLeast(column, firstColumn),
        arith::CmpIOp::create(b, arith::CmpIPredicate::sle, add(column, vector), endColumn));
  }

  /// An even thread takes the group that holds a row's first column, an odd one that
  /// behind its last, unless they are whole or one.
  void copyEnds(int64_t first, int64_t rows) {
    OpBuilder::InsertionGuard guard(b);
    auto loop = scf::ForOp::create(b, thread(), index(2 * rows), index(numThreads));
    b.setInsertionPointToStart(loop.getBody());
    Value inChunk = arith::DivUIOp::create(b, loop.getInductionVar(), index(2));
    Value isEnd = arith::CmpIOp::create(b, arith::CmpIPredicate::ne,
                                        arith::RemUIOp::create(b, loop.getInductionVar(), index(2)),
                                        index(0));
    Value row = add(inChunk, first), skew = skewOf(row);
    auto groupOf = [&](Value column) -> Value {
      return arith::AndIOp::create(b, add(column, skew), index(-vector));
    };
    Value firstGroup = groupOf(firstColumn), lastGroup = groupOf(endColumn);
    Value group = arith::SelectOp::create(b, isEnd, lastGroup, firstGroup);
    Value column = arith::SubIOp::create(b, group, skew);
    Value isOther = arith::OrIOp::create(
        b, arith::XOrIOp::create(b, isEnd, arith::ConstantIntOp::create(b, b.getI1Type(), 1)),
        arith::CmpIOp::create(b, arith::CmpIPredicate::ne, firstGroup, lastGroup));
    Value isPart = arith::XOrIOp::create(b, isWholeGroup(column),
                                         arith::ConstantIntOp::create(b, b.getI1Type(), 1));
    Value exists = both(isRowInside(row), both(isOther, isPart));
    b.setInsertionPointToStart(scf::IfOp::create(b, exists, /*withElseRegion=*/false).thenBlock());
    Value from = add(mul(inChunk, pitch), group);
    Value to = add(add(origin, arith::MulIOp::create(b, row, rowStride)), column);
    for (int64_t i = 0; i != vector; ++i)
      copyElement(add(column, i), add(from, i), add(to, i));
  }

  void copyElement(Value column, Value from, Value to) {
    OpBuilder::InsertionGuard guard(b);
    Value exists = both(isAtLeast(column, firstColumn), isBelow(column, endColumn));
    b.setInsertionPointToStart(scf::IfOp::create(b, exists, /*withElseRegion=*/false).thenBlock());
    memref::StoreOp::create(b, memref::LoadOp::create(b, buffer, from), flat, to);
  }

  StoreOp op;
  Value tile, flat;
  ValueRange start;
  const ThreadCoordinates &threads;
  int64_t numThreads;
  ImplicitLocOpBuilder &b;
  RankedTensorType type;
  BlockedAttr layout;
  MemRefType memref;
  /// Elements of a group and between rows in shared memory, and columns of the tile.
  int64_t vector, pitch, width;
  /// The tile's first element in the flat tensor, and elements between its rows there.
  Value origin;
  int64_t rowDim = 0;
  Value rowStride;
  /// Whether rows surely begin at multiples of `vector`, of two, and hold whole groups.
  bool isAligned = false, pairsAligned = false, isWhole = false;
  /// The columns that are in the tensor, and whether the rest of the place is; or null.
  Value firstColumn, endColumn, isInside;
  Value buffer;
};

} // namespace

void poolc::emitStagedStore(StoreOp op, Value tile, Value flat, ValueRange start, int64_t rows,
                            int64_t numThreads, const ThreadCoordinates &threads,
                            ImplicitLocOpBuilder &b) {
  StagedStoreEmitter(op, tile, flat, start, threads, numThreads, b).emit(rows);
}
