//===- StagedStore.cpp - tile.store by way of shared memory ---------------===//
//
// The threads write some rows of the tile to shared memory, each its elements, and
// then read them as 16 bytes that lie side by side in a row and begin at a multiple of
// 16 bytes in the destination. So a store of a warp covers whole sectors, but for the
// ends of rows.
//
//===----------------------------------------------------------------------===//

#include "StagedStore.h"
#include "BulkCopies.h"
#include "StagedRows.h"
#include "StagedTile.h"
#include "UnalignedLoad.h"

#include "poolc/Transforms/Tile/Layout.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <algorithm>
#include <numeric>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

static constexpr int64_t warpSize = 32;

static constexpr llvm::StringLiteral stagingName = "tile.staging";

std::optional<Staging> poolc::getStaging(Operation &op) {
  if (auto number = op.getAttrOfType<IntegerAttr>(stagingName))
    return Staging(number.getInt());
  return std::nullopt;
}

namespace {

/// Divides what is staged among the threads.
class StagedStoreEmitter : IndexBuilder {
public:
  StagedStoreEmitter(StoreOp op, Value tile, Value flat, ValueRange start,
                     const SharedLayout &shared, const ThreadCoordinates &threads,
                     ImplicitLocOpBuilder &b)
      : IndexBuilder{b}, flat(flat), type(op.getTile().getType()), rows(op, start, b),
        staged(op, tile, shared, threads, b), writers(shared.getNumThreads()),
        hasReaders(shared.getStoringThreads() != 0), storesBoxes(op.getMap() != nullptr),
        vector(rows.getVector()), pitch(staged.getPitch()), width(staged.getWidth()) {
    findReaders(shared);
  }

  /// One thread of each group of four warps has the copy engine store the boxes that `map` tells
  /// of, some rows at a time: those before are stored while these are written.
  void emitBoxes(StoreOp op, Value map, ValueRange start) {
    constexpr int64_t buffers = 2;
    BlockedAttr layout = staged.getLayout();
    int64_t rowsOfBox = getBoxRows(op), columnsOfBox = getBoxColumns(op);
    int64_t apart = layout.getCoverage(1), perBox = rowsOfBox * columnsOfBox;
    int64_t perBuffer = width / apart * perBox;
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread(), index(0));
    Value group = groupOfThread(), ofGroup = mul(group, buffers * perBuffer);
    auto beginOf = [&](int64_t box) {
      SmallVector<Value> begin(start);
      begin.back() = add(add(begin.back(), mul(group, columnsTogether)), box * apart);
      return begin;
    };
    // While boxes of some rows are stored, all wait: no time for a division.
    SmallVector<SmallVector<Value>> joined;
    for (int64_t box = 0; op.getJoined() && box != width / apart; ++box)
      joined.push_back(placeInRow(b, beginOf(box), op.getMemRefType().getShape().back()));
    auto inFirst = [&](auto emit) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(
          scf::IfOp::create(b, isFirst, /*withElseRegion=*/false).thenBlock());
      emit();
    };
    for (int64_t row = 0, turn = 0; row != staged.getNumRows(); row += rowsOfBox, ++turn) {
      // After an odd number of turns, the next tile begins with the buffer of the last one.
      bool followsItself = turn == 0 && staged.getNumRows() / rowsOfBox % buffers != 0;
      inFirst([&] { waitForBoxStores(b, followsItself ? 0 : buffers - 1); });
      meet(Staging::begin);
      Value buffer = add(ofGroup, turn % buffers * perBuffer);
      staged.beginBoxes(buffer);
      int64_t perRow = layout.getElementsPerThread(0, rowsOfBox);
      staged.write(row / rowsOfBox * perRow, perRow, row);
      NVVM::FenceProxyOp::create(
          b, NVVM::ProxyKind::async_shared,
          NVVM::SharedSpaceAttr::get(b.getContext(), NVVM::SharedSpace::shared_cta));
      meet(Staging::full);
      inFirst([&] {
        for (int64_t box = 0; box != width / apart; ++box) {
          SmallVector<Value> begin = op.getJoined() ? joined[box] : beginOf(box);
          begin.end()[-2] = add(begin.end()[-2], row);
          emitBoxStore(b, map, begin, staged.pointerTo(add(buffer, box * perBox)));
        }
        NVVM::CpAsyncBulkCommitGroupOp::create(b);
      });
    }
  }

  void emit(int64_t most) {
    BlockedAttr layout = staged.getLayout();
    unsigned rowDim = staged.getRowDim();
    int64_t all = staged.getNumRows();
    int64_t unit = layout.getCoverage(rowDim), perThread = layout.getSizePerThread()[rowDim];
    for (int64_t first = 0; first < all; first += most) {
      int64_t number = std::min(most, all - first);
      meet(Staging::begin);
      if (number % unit == 0)
        staged.write(first / unit * perThread, layout.getElementsPerThread(rowDim, number), first);
      else
        writePart(first, number);
      meet(Staging::full);
      if (rows.areWhole())
        copyGroups(first, number);
      else
        copyRows(first, number);
    }
    // Before that, the beginning of the next rows says so: barriers in a row are one.
    if (hasReaders)
      meet(Staging::free);
  }

private:
  /// Other threads than those that write, or these: in a buffer that no other memory overlaps,
  /// groups of four warps that multiply together stage the columns that they have, or each warp its
  /// rows, and do not wait for others.
  void findReaders(const SharedLayout &shared) {
    constexpr int64_t warpsPerGroup = 4;
    BlockedAttr layout = staged.getLayout();
    together = hasReaders ? shared.getStoringThreads() : writers;
    int64_t numWarps = writers / warpSize;
    bool hasOwnMemory = rows.areWhole() && shared.getStoreOffset() != 0;
    if (hasOwnMemory && !hasReaders && hasRowsInWarps(shared)) {
      inGroups = true;
      together = warpSize;
      rowsOfGroup = staged.getNumRows() / numWarps;
      return;
    }
    bool areApart = hasOwnMemory && isWarpgroupLayout(layout, staged.getNumRows(), width, numWarps);
    if (hasReaders || !(storesBoxes || areApart))
      return;
    inGroups = true;
    together = warpsPerGroup * warpSize;
    columnsTogether = warpsPerGroup * layout.getSizePerThread()[1] * layout.getThreadsPerWarp()[1] *
                      layout.getRepeats(1);
  }

  /// Whether each warp has neighbouring rows, and there is room for all of them.
  bool hasRowsInWarps(const SharedLayout &shared) const {
    BlockedAttr layout = staged.getLayout();
    int64_t bytes = staged.getNumRows() * pitch * type.getElementTypeBitWidth() / 8;
    return staged.getRowDim() == 0 && layout.getWarps()[0] * warpSize == writers &&
           layout.getCoverage(0) == staged.getNumRows() && bytes <= shared.getStoreBytes();
  }

  /// Of those rows that all threads write at once, `number` of some threads.
  void writePart(int64_t first, int64_t number) {
    BlockedAttr layout = staged.getLayout();
    unsigned rowDim = staged.getRowDim();
    int64_t unit = layout.getCoverage(rowDim), perThread = layout.getSizePerThread()[rowDim];
    Value inPart = add(staged.getFirstRow(), -(first % unit));
    Value isIn = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, inPart, index(number));
    auto branch = scf::IfOp::create(b, isIn, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    staged.write(first / unit * perThread, perThread, first);
  }

  /// The threads that stage together.
  void meet(Staging staging) {
    if (!inGroups) {
      auto barrier = gpu::BarrierOp::create(b);
      if (hasReaders)
        barrier->setAttr(stagingName, b.getI32IntegerAttr(int32_t(staging)));
      return;
    }
    if (rowsOfGroup != 0) {
      NVVM::SyncWarpOp::create(b, arith::ConstantIntOp::create(b, /*all lanes*/ -1, 32));
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

  void storeGroup(Value group, Value at) {
    vector::StoreOp::create(b, group, flat, at, /*nontemporal=*/false,
                            llvm::MaybeAlign(vector * type.getElementTypeBitWidth() / 8));
  }

  /// Of those together.
  Value thread() {
    Value all = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
    return inGroups ? arith::RemUIOp::create(b, all, index(together)).getResult() : all;
  }

  /// One of the things that `perRow` times a number of rows make, the thread's in some turn: the
  /// row in shared memory and the number in it, and whether there is one, or null if there surely
  /// is.
  struct Share {
    Value row, inRow, exists;
  };

  /// The thread's of all turns. Where turns are of whole rows, they have rows at known distances.
  SmallVector<Share> divide(int64_t number, int64_t perRow) {
    SmallVector<Share> shares;
    int64_t all = number * perRow;
    Value row = arith::DivUIOp::create(b, thread(), index(perRow));
    Value inRow = arith::RemUIOp::create(b, thread(), index(perRow));
    for (int64_t done = 0; done < all; done += together) {
      Value exists = done + together > all ? isBelow(thread(), index(all - done)) : Value();
      if (together % perRow == 0) {
        shares.push_back({add(row, done / perRow), inRow, exists});
        continue;
      }
      Value share = add(thread(), done);
      shares.push_back({arith::DivUIOp::create(b, share, index(perRow)),
                        arith::RemUIOp::create(b, share, index(perRow)), exists});
    }
    return shares;
  }

  /// Of a share that is a group of neighbours.
  Value columnOf(const Share &share) {
    if (!inGroups || rowsOfGroup != 0)
      return mul(share.inRow, vector);
    int64_t perRun = columnsTogether / vector;
    Value run = arith::DivUIOp::create(b, share.inRow, index(perRun));
    Value inRun = arith::RemUIOp::create(b, share.inRow, index(perRun));
    return add(
        add(mul(run, staged.getLayout().getCoverage(1)), mul(groupOfThread(), columnsTogether)),
        mul(inRun, vector));
  }

  /// Every group is wholly in the tensor or not at all.
  void copyGroups(int64_t first, int64_t number) {
    // Of other readers, which may be few, each loads so many groups at a time.
    constexpr size_t mostOfReaders = 8;
    SmallVector<Share> all = sharesOfGroups(number);
    size_t most = hasReaders ? mostOfReaders : all.size();
    for (ArrayRef<Share> left = all; !left.empty(); left = left.drop_front(most)) {
      most = std::min(most, left.size());
      copyGroups(first, number, left.take_front(most));
    }
  }

  SmallVector<Share> sharesOfGroups(int64_t number) {
    int64_t perRow = width / vector;
    if (rowsOfGroup == 0)
      return divide(number, perRow / (inGroups ? writers / together : 1));
    SmallVector<Share> shares = divide(rowsOfGroup, perRow);
    for (Share &share : shares) {
      // Those beyond the last row of the warp are not another one's.
      if (share.exists)
        share.row = arith::MinUIOp::create(b, share.row, index(rowsOfGroup - 1));
      share.row = add(share.row, mul(groupOfThread(), rowsOfGroup));
    }
    return shares;
  }

  void copyGroups(int64_t first, int64_t number, ArrayRef<Share> shares) {
    SmallVector<Value> loaded;
    for (const Share &share : shares) {
      // Those beyond the last row load it again.
      Value row = share.exists ? arith::MinUIOp::create(b, share.row, index(number - 1)).getResult()
                               : share.row;
      Value place = add(mul(row, pitch), columnOf(share));
      loaded.push_back(UnalignedLoader(b, staged.getBuffer(), place, vector).load(0));
    }
    for (auto [share, group] : llvm::zip_equal(shares, loaded)) {
      Value row = add(share.row, first), column = columnOf(share);
      Value inside = rows.isColumnInside(rows.columnsOf(row), column);
      Value exists = both(share.exists, both(rows.isRowInside(row), inside));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(
          scf::IfOp::create(b, exists, /*withElseRegion=*/false).thenBlock());
      storeGroup(group, add(rows.beginOf(row), column));
    }
  }

  /// Shares that are alike but for constant distances of their rows, which are multiples of
  /// the period with which rows begin as far from aligned.
  struct Batch {
    Value row, inRow;
    SmallVector<std::pair<int64_t, Value>> distances; // With whether there is such a share.
  };

  SmallVector<Batch> divideAlike(int64_t number, int64_t perRow) {
    SmallVector<Share> shares = divide(number, perRow);
    SmallVector<Batch> batches;
    int64_t rowsPerTurn = together / perRow;
    bool alike = together % perRow == 0 && rowsPerTurn % rows.getPeriod() == 0;
    // After so many turns rows are alike again. Readers that do nothing else may be few, with many
    // turns and not the registers to find each share by itself.
    int64_t turns = 1;
    if ((rows.ownColumns() || hasReaders) && together % perRow == 0 &&
        rowsPerTurn < rows.getPeriod()) {
      turns = rows.getPeriod() / std::gcd(rows.getPeriod(), rowsPerTurn);
      alike = true;
    }
    for (auto [i, share] : llvm::enumerate(shares)) {
      int64_t turn = int64_t(i) % turns;
      if (!alike || turn == int64_t(batches.size()))
        batches.push_back({share.row, share.inRow, {}});
      Batch &batch = alike ? batches[turn] : batches.back();
      batch.distances.push_back({alike ? (int64_t(i) - turn) * rowsPerTurn : 0, share.exists});
    }
    return batches;
  }

  /// Rows begin anywhere: first the groups that are wholly in the tensor, then the
  /// elements of the two at the ends of each row, which neighbouring threads take.
  void copyRows(int64_t first, int64_t number) {
    for (const Batch &batch : divideAlike(number, width / vector)) {
      OpBuilder::InsertionGuard guard(b);
      Value row = add(batch.row, first);
      Value column = sub(mul(batch.inRow, vector), rows.skewOf(row));
      enterIf(both(rows.isTileInside(), rows.isWholeGroup(rows.columnsOf(row), column)));
      UnalignedLoader loader(b, staged.getBuffer(), add(mul(batch.row, pitch), column),
                             rows.getKnownAlignment());
      forEachRow(batch, row, add(rows.beginOf(row), column), [&](int64_t distance, Value to) {
        storeGroup(loader.load(distance * pitch), to);
      });
    }
    for (const Batch &batch : divideAlike(number, vector))
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
      if (Value condition = both(exists, rows.isRowInRange(row, distance)))
        enterIf(condition);
      copy(distance, add(to, mul(rows.getRowStride(), distance)));
    }
  }

  /// Of the group that holds a row's first column, unless it is whole, and of the one that ends
  /// behind its last column, the elements of the batch's number.
  void copyEnds(const Batch &batch, Value row) {
    Value skew = rows.skewOf(row);
    auto groupOf = [&](Value column) -> Value {
      Value group = arith::AndIOp::create(b, add(column, skew), index(-vector));
      return sub(group, skew);
    };
    StagedRows::Columns columns = rows.columnsOf(row);
    Value begin = groupOf(columns.first), end = groupOf(columns.end);
    Value isPart = arith::XOrIOp::create(b, rows.isWholeGroup(columns, begin),
                                         arith::ConstantIntOp::create(b, b.getI1Type(), 1));
    Value column = add(begin, batch.inRow);
    Value inFirst = rows.isColumnInside(columns, column);
    copyElements(batch, row, column, both(isPart, inFirst));
    column = add(end, batch.inRow);
    Value isOther = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, begin, end);
    Value inLast =
        rows.ownColumns() ? rows.isColumnInside(columns, column) : isBelow(column, columns.end);
    copyElements(batch, row, column, both(isOther, inLast));
  }

  void copyElements(const Batch &batch, Value row, Value column, Value exists) {
    OpBuilder::InsertionGuard guard(b);
    enterIf(both(rows.isTileInside(), exists));
    Value from = add(mul(batch.row, pitch), column);
    forEachRow(batch, row, add(rows.beginOf(row), column), [&](int64_t distance, Value to) {
      Value element = memref::LoadOp::create(b, staged.getBuffer(), add(from, distance * pitch));
      memref::StoreOp::create(b, element, flat, to);
    });
  }

  Value flat;
  RankedTensorType type;
  StagedRows rows;
  StagedTile staged;
  /// Threads that write, and whether others read.
  int64_t writers;
  bool hasReaders, storesBoxes;
  /// Elements of a group and between rows in shared memory, and columns of the tile.
  int64_t vector, pitch, width;
  /// Threads that read together, and, of groups, columns side by side that they have.
  int64_t together = 0, columnsTogether = 0;
  /// Rows of each warp, if it reads those that it writes; else 0.
  int64_t rowsOfGroup = 0;
  bool inGroups = false;
};

} // namespace

void poolc::emitBoxesStore(StoreOp op, Value tile, Value flat, Value map, ValueRange start,
                           const SharedLayout &shared, const ThreadCoordinates &threads,
                           ImplicitLocOpBuilder &b) {
  StagedStoreEmitter(op, tile, flat, start, shared, threads, b).emitBoxes(op, map, start);
}

void poolc::emitStagedStore(StoreOp op, Value tile, Value flat, ValueRange start, int64_t rows,
                            const SharedLayout &shared, const ThreadCoordinates &threads,
                            ImplicitLocOpBuilder &b) {
  StagedStoreEmitter(op, tile, flat, start, shared, threads, b).emit(rows);
}
