//===- StagedStore.cpp - tile.store by way of shared memory ---------------===//
//
// The threads write some rows of the tile to shared memory, each its elements, and
// then read them as 16 bytes that lie side by side in a row and begin at a multiple of
// 16 bytes in the destination. So a store of a warp covers whole sectors, but for the
// ends of rows.
//
//===----------------------------------------------------------------------===//

#include "StagedStore.h"
#include "SharedMemory.h"
#include "UnalignedLoad.h"

#include "poolc/Transforms/Tile/Layout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

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

namespace {

class StagedStoreEmitter {
public:
  StagedStoreEmitter(StoreOp op, Value tile, Value flat, ValueRange start,
                     const SharedLayout &shared, const ThreadCoordinates &threads,
                     ImplicitLocOpBuilder &b)
      : op(op), tile(tile), flat(flat), start(start), threads(threads),
        numThreads(shared.getNumThreads()), offset(shared.getStoreOffset()), b(b),
        type(op.getTile().getType()), layout(getLayout(type)), memref(op.getMemRefType()),
        vector(getStagedVector(op)), pitch(getStagedPitch(op)), width(type.getDimSize(1)) {
    writesMatrices = shared.hasAsyncReaders() && vector == matrixColumns &&
                     pitch % matrixColumns == 0 &&
                     layout == chooseWarpgroupLayout(b.getContext(), type.getDimSize(0), width,
                                                     numThreads / warpSize);
    findRows();
    findGroups(shared);
    makeBuffer();
  }

  void emit(int64_t most) {
    int64_t all = type.getDimSize(0);
    for (int64_t first = 0; first < all; first += most) {
      int64_t rows = std::min(most, all - first), count = layout.getElementsPerThread(0, rows);
      meet();
      write(first / layout.getCoverage(0) * layout.getSizePerThread()[0], count, first);
      meet();
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

  /// In a buffer that no other memory overlaps, groups of four warps that multiply together stage
  /// the columns that they have, and do not wait for others.
  void findGroups(const SharedLayout &shared) {
    constexpr int64_t warpsPerGroup = 4;
    together = numThreads;
    int64_t numWarps = numThreads / warpSize;
    if (!isWhole || shared.getStoreOffset() == 0 ||
        layout != chooseWarpgroupLayout(b.getContext(), type.getDimSize(0), width, numWarps))
      return;
    together = warpsPerGroup * warpSize;
    columnsTogether = warpsPerGroup * layout.getSizePerThread()[1] * layout.getThreadsPerWarp()[1];
  }

  /// The threads that stage together.
  void meet() {
    if (together == numThreads) {
      gpu::BarrierOp::create(b);
      return;
    }
    constexpr int64_t firstNumber = 2; // Behind that of all that multiply.
    auto i32 = [&](int64_t value) { return arith::ConstantIntOp::create(b, value, 32); };
    Value number =
        arith::IndexCastUIOp::create(b, b.getI32Type(), add(groupOfThread(), firstNumber));
    NVVM::BarrierOp::create(b, TypeRange(), number, i32(together), NVVM::BarrierReductionAttr(),
                            Value());
  }

  Value groupOfThread() {
    Value all = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
    return arith::DivUIOp::create(b, all, index(together));
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
      if (op.getDims()[d] < 0)
        isInside = both(isInside, isInRange(start[d], d));
  }

  /// The size of a dimension: of a dynamic one, what its view says.
  Value sizeOf(unsigned d) {
    if (!memref.isDynamicDim(d))
      return index(memref.getDimSize(d));
    return getDynamicSize(op.getMemref(), d);
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
                                    index(offset), ValueRange());
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
    constexpr int64_t rowsAtOnce = 4; // A pair of each of two matrices.
    if (writesMatrices && count % rowsAtOnce == 0) {
      for (int64_t i = from; i != from + count; i += rowsAtOnce)
        writeMatrices(i, first);
      return;
    }
    Value row = toIndex(threads.get(layout)[0]), column = toIndex(threads.get(layout)[1]);
    int64_t columns = layout.getElementsPerThread(1, width), step = getStagedWidth(op);
    for (int64_t i = from; i != from + count; ++i) {
      Value ofTile = add(row, layout.getElementOffset(0, i));
      Value place = add(mul(add(ofTile, -first), pitch), column);
      for (int64_t j = 0; j != columns; j += step) {
        SmallVector<int64_t> positions;
        for (int64_t element = 0; element != step; ++element)
          positions.push_back(i * columns + j + element);
        Value written = vector::ShuffleOp::create(b, tile, tile, positions);
        vector::StoreOp::create(b, written, buffer, add(place, layout.getElementOffset(1, j)),
                                /*nontemporal=*/false,
                                llvm::MaybeAlign(step * type.getElementTypeBitWidth() / 8));
      }
    }
  }

  /// Sums of wgmma in 16 bits: what a thread has of a row of the instruction's result are pairs in
  /// a column of a matrix, rows of which stmatrix writes. Four of these at once: eight of the
  /// tile's rows from the `i`th of the thread on and the eight after, two times eight columns.
  void writeMatrices(int64_t i, int64_t first) {
    constexpr int64_t log2Rows = 3, perThread = 2;
    int64_t columns = layout.getElementsPerThread(1, width);
    auto i32 = [&](int64_t value) { return arith::ConstantIntOp::create(b, value, 32); };
    Value lane = threads.getLane(), matrix = arith::ShRUIOp::create(b, lane, i32(log2Rows));
    Value row = arith::AndIOp::create(b, lane, i32(matrixColumns - 1));
    Value lower = arith::ShRUIOp::create(b, matrix, i32(1));
    row = arith::AddIOp::create(b, row, arith::ShLIOp::create(b, lower, i32(log2Rows)));
    row = add(toIndex(row), layout.getElementOffset(0, i) - first);
    Value right = toIndex(arith::AndIOp::create(b, matrix, i32(1)));
    Value column = add(toIndex(threads.getWarpFirst(layout)[1]), mul(right, layout.getCoverage(1)));
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
      Value place = add(add(mul(row, pitch), column), layout.getElementOffset(1, j));
      NVVM::StMatrixOp::create(
          b, pointerTo(place), matrices,
          NVVM::MMALayoutAttr::get(b.getContext(), NVVM::MMALayout::col),
          NVVM::LdStMatrixShapeAttr::get(b.getContext(), matrixColumns, matrixColumns),
          NVVM::LdStMatrixEltTypeAttr::get(b.getContext(), NVVM::LdStMatrixEltType::B16));
    }
  }

  /// In the buffer, of elements of 16 bits.
  Value pointerTo(Value element) {
    Value address = add(memref::ExtractAlignedPointerAsIndexOp::create(b, buffer), mul(element, 2));
    auto pointer =
        LLVM::LLVMPointerType::get(b.getContext(), unsigned(NVVM::NVVMMemorySpace::Shared));
    Value integer = arith::IndexCastUIOp::create(b, b.getI64Type(), address);
    return LLVM::IntToPtrOp::create(b, pointer, integer);
  }

  void storeGroup(Value group, Value at) {
    vector::StoreOp::create(b, group, flat, at, /*nontemporal=*/false,
                            llvm::MaybeAlign(vector * type.getElementTypeBitWidth() / 8));
  }

  /// Of those together.
  Value thread() {
    Value all = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
    return together == numThreads ? all
                                  : arith::RemUIOp::create(b, all, index(together)).getResult();
  }

  /// One of the things that `perRow` times a number of rows make, the thread's in some turn: the
  /// row in shared memory and the number in it, and whether there is one, or null if there surely
  /// is.
  struct Share {
    Value row, inRow, exists;
  };

  /// The thread's of all turns. Where turns are of whole rows, they have rows at known distances.
  SmallVector<Share> divide(int64_t rows, int64_t perRow) {
    SmallVector<Share> shares;
    int64_t all = rows * perRow;
    Value row = arith::DivUIOp::create(b, thread(), index(perRow));
    Value inRow = arith::RemUIOp::create(b, thread(), index(perRow));
    for (int64_t done = 0; done < all; done += together) {
      Value exists = done + together > all ? isBelow(thread(), index(all - done)) : Value();
      if (together % perRow == 0) {
        shares.push_back({add(row, done / perRow), inRow, exists});
        continue;
      }
      Value number = add(thread(), done);
      shares.push_back({arith::DivUIOp::create(b, number, index(perRow)),
                        arith::RemUIOp::create(b, number, index(perRow)), exists});
    }
    return shares;
  }

  /// Where a row of the tile begins in the flat tensor.
  Value beginOf(Value row) { return add(origin, arith::MulIOp::create(b, row, rowStride)); }

  /// Of a share that is a group of neighbours.
  Value columnOf(const Share &share) {
    if (together == numThreads)
      return mul(share.inRow, vector);
    int64_t perRun = columnsTogether / vector;
    Value run = arith::DivUIOp::create(b, share.inRow, index(perRun));
    Value inRun = arith::RemUIOp::create(b, share.inRow, index(perRun));
    return add(add(mul(run, layout.getCoverage(1)), mul(groupOfThread(), columnsTogether)),
               mul(inRun, vector));
  }

  /// Every group is wholly in the tensor or not at all.
  void copyGroups(int64_t first, int64_t rows) {
    SmallVector<Share> shares = divide(rows, width / vector * together / numThreads);
    SmallVector<Value> loaded;
    for (const Share &share : shares) {
      // Those beyond the last row load it again.
      Value row = share.exists ? arith::MinUIOp::create(b, share.row, index(rows - 1)).getResult()
                               : share.row;
      Value place = add(mul(row, pitch), columnOf(share));
      loaded.push_back(UnalignedLoader(b, buffer, place, vector).load(0));
    }
    for (auto [share, group] : llvm::zip_equal(shares, loaded)) {
      Value row = add(share.row, first), column = columnOf(share);
      Value inside = both(isAtLeast(column, firstColumn), isBelow(column, endColumn));
      Value exists = both(share.exists, both(isRowInside(row), inside));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(
          scf::IfOp::create(b, exists, /*withElseRegion=*/false).thenBlock());
      storeGroup(group, add(beginOf(row), column));
    }
  }

  /// Shares that are alike but for constant distances of their rows, which are multiples of
  /// `vector`: each row begins as far from a multiple of it.
  struct Batch {
    Value row, inRow;
    SmallVector<std::pair<int64_t, Value>> distances; // With whether there is such a share.
  };

  SmallVector<Batch> divideAlike(int64_t rows, int64_t perRow) {
    SmallVector<Share> shares = divide(rows, perRow);
    SmallVector<Batch> batches;
    int64_t rowsPerTurn = together / perRow;
    bool alike = together % perRow == 0 && rowsPerTurn % vector == 0;
    for (auto [i, share] : llvm::enumerate(shares)) {
      if (i == 0 || !alike)
        batches.push_back({share.row, share.inRow, {}});
      batches.back().distances.push_back({alike ? int64_t(i) * rowsPerTurn : 0, share.exists});
    }
    return batches;
  }

  /// Rows begin anywhere: first the groups that are wholly in the tensor, then the
  /// elements of the two at the ends of each row, which neighbouring threads take.
  void copyRows(int64_t first, int64_t rows) {
    for (const Batch &batch : divideAlike(rows, width / vector)) {
      OpBuilder::InsertionGuard guard(b);
      Value row = add(batch.row, first);
      Value column = arith::SubIOp::create(b, mul(batch.inRow, vector), skewOf(row));
      enterIf(both(isInside, isWholeGroup(column)));
      UnalignedLoader loader(b, buffer, add(mul(batch.row, pitch), column), knownAlignment);
      forEachRow(batch, row, add(beginOf(row), column), [&](int64_t distance, Value to) {
        storeGroup(loader.load(distance * pitch), to);
      });
    }
    for (const Batch &batch : divideAlike(rows, vector))
      copyEnds(batch, add(batch.row, first));
  }

  void enterIf(Value condition) {
    b.setInsertionPointToStart(
        scf::IfOp::create(b, condition, /*withElseRegion=*/false).thenBlock());
  }

  /// Calls `copy` where the rows that begin at distances from `row` exist, with the place of the
  /// one that is `to` in `row`.
  void forEachRow(const Batch &batch, Value row, Value to,
                  llvm::function_ref<void(int64_t, Value)> copy) {
    for (auto [distance, exists] : batch.distances) {
      OpBuilder::InsertionGuard guard(b);
      Value coordinate = add(start[rowDim], mul(add(row, distance), op.getStrides()[rowDim]));
      if (Value condition = both(exists, isInRange(coordinate, rowDim)))
        enterIf(condition);
      copy(distance, add(to, mul(rowStride, distance)));
    }
  }

  /// Of the group that holds a row's first column, unless it is whole, and of the one that ends
  /// behind its last column, the elements of the batch's number.
  void copyEnds(const Batch &batch, Value row) {
    Value skew = skewOf(row);
    auto groupOf = [&](Value column) -> Value {
      Value group = arith::AndIOp::create(b, add(column, skew), index(-vector));
      return arith::SubIOp::create(b, group, skew);
    };
    Value begin = groupOf(firstColumn), end = groupOf(endColumn);
    Value isPart = arith::XOrIOp::create(b, isWholeGroup(begin),
                                         arith::ConstantIntOp::create(b, b.getI1Type(), 1));
    Value column = add(begin, batch.inRow);
    Value inFirst = both(isAtLeast(column, firstColumn), isBelow(column, endColumn));
    copyElements(batch, row, column, both(isPart, inFirst));
    column = add(end, batch.inRow);
    Value isOther = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, begin, end);
    copyElements(batch, row, column, both(isOther, isBelow(column, endColumn)));
  }

  void copyElements(const Batch &batch, Value row, Value column, Value exists) {
    OpBuilder::InsertionGuard guard(b);
    enterIf(both(isInside, exists));
    Value from = add(mul(batch.row, pitch), column);
    forEachRow(batch, row, add(beginOf(row), column), [&](int64_t distance, Value to) {
      Value element = memref::LoadOp::create(b, buffer, add(from, distance * pitch));
      memref::StoreOp::create(b, element, flat, to);
    });
  }

  Value isWholeGroup(Value column) {
    return both(
        isAtLeast(column, firstColumn),
        arith::CmpIOp::create(b, arith::CmpIPredicate::sle, add(column, vector), endColumn));
  }

  StoreOp op;
  Value tile, flat;
  ValueRange start;
  const ThreadCoordinates &threads;
  int64_t numThreads;
  /// Threads that stage together, and columns side by side that they have.
  int64_t together = 0, columnsTogether = 0;
  /// Of the buffer, in the block's shared memory.
  int64_t offset;
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
  /// A number of elements of which the places where rows begin are surely multiples, at most
  /// `vector`.
  int64_t knownAlignment = 1;
  /// Whether rows surely begin at multiples of `vector`, and hold whole groups.
  bool isAligned = false, isWhole = false;
  /// The columns that are in the tensor, and whether the rest of the place is; or null.
  Value firstColumn, endColumn, isInside;
  Value buffer;
  /// Whether warps write sums of wgmma in 16 bits by stmatrix, of matrices of 8 x 8.
  bool writesMatrices = false;
  static constexpr int64_t matrixColumns = 8, warpSize = 32;
};

} // namespace

void poolc::emitStagedStore(StoreOp op, Value tile, Value flat, ValueRange start, int64_t rows,
                            const SharedLayout &shared, const ThreadCoordinates &threads,
                            ImplicitLocOpBuilder &b) {
  StagedStoreEmitter(op, tile, flat, start, shared, threads, b).emit(rows);
}
