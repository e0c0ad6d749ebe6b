//===- DotFma.cpp - Products on FMA units ---------------------------------===//
//
// tile.dot as fused multiply-adds. The accumulator's layout says which rows and
// columns a thread needs of the operands.
//
//===----------------------------------------------------------------------===//

#include "Dot.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// A column of a times a row of b, for each k and tap.
class FmaEmitter {
public:
  FmaEmitter(DotOp op, const ThreadCoordinates &threads, ImplicitLocOpBuilder &b,
             ConversionPatternRewriter &rewriter)
      : op(op), b(b), layout(getLayout(op.getAccumulator().getType())),
        rows(layout.getElementsPerThread(0, op.getAccumulator().getType().getDimSize(0))),
        columns(layout.getElementsPerThread(1, op.getAccumulator().getType().getDimSize(1))),
        viewA(getSharedView(b, op.getA(), rewriter)), viewB(getSharedView(b, op.getB(), rewriter)),
        coordinates(threads.get(layout)) {
    if (op.getA().getType().getRank() == 3) {
      taps = op.getA().getType().getDimSize(2);
      tapOfA = viewA.strides[2];
      tapOfB = viewB.strides[1];
    }
    // Neighbouring rows side by side in a are loaded at once.
    int64_t adjacent = layout.getSizePerThread()[0];
    if (op.getRowsAligned() && viewA.strides[0] == 1 && viewA.strides[1] % adjacent == 0 &&
        tapOfA % adjacent == 0 && adjacent == 128 / op.getA().getType().getElementTypeBitWidth())
      vector = adjacent;
    // A thread's neighbouring columns begin at multiples of a group, as b's first one does.
    if (op.getColumnPhase())
      group = std::min(op.getColumnGroups().elements,
                       layout.getSizePerThread()[1] * viewB.strides.back());
    if (!op.getSkew().empty())
      period = 128 / op.getB().getType().getElementTypeBitWidth();
  }

  Value emit(Value accumulator) {
    // Written out, distances are constants and loads run ahead of the sums.
    constexpr int64_t mostUnrolled = 16;
    int64_t depth = op.getA().getType().getDimSize(1);
    if (depth <= mostUnrolled) {
      Value zero = arith::ConstantIntOp::create(b, 0, 32);
      SharedOperand a = makeA(zero);
      SmallVector<SharedOperand> cs;
      for (int64_t k = 0; k != period; ++k)
        cs.push_back(makeB(zero, arith::ConstantIntOp::create(b, k, 32)));
      for (int64_t k = 0; k != depth; ++k)
        accumulator = addProducts(a, cs[k % period], k, accumulator);
      return accumulator;
    }
    Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
    auto loop =
        scf::ForOp::create(b, zero, arith::ConstantIndexOp::create(b, depth), one, accumulator);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value k = arith::IndexCastOp::create(b, b.getI32Type(), loop.getInductionVar());
    SharedOperand a = makeA(k), c = makeB(k, k);
    scf::YieldOp::create(b, addProducts(a, c, 0, loop.getRegionIterArg(0)));
    return loop.getResult(0);
  }

private:
  /// By distance from the thread's own place.
  using Elements = llvm::DenseMap<int64_t, Value>;

  SharedOperand makeA(Value k) {
    return SharedOperand(b, viewA, alongK(viewA.strides[0], viewA.strides[1]), coordinates[0], k);
  }
  /// From row `k` on; rows that are `row` and multiples of the period are skewed alike.
  SharedOperand makeB(Value k, Value row) {
    Value skew = period == 1 ? nullptr : emitSkew(b, op.getSkew(), row, period);
    return SharedOperand(b, viewB, alongK(viewB.strides.back(), viewB.strides[0]), coordinates[1],
                         k, /*threadChunk=*/nullptr, skew);
  }

  static OperandStrides alongK(int64_t outer, int64_t k) {
    constexpr int64_t perChunk = 4;
    return {outer, k, perChunk * k};
  }

  /// Windows that serve several taps are loaded first: the products of each tap then wait for
  /// rows of a alone.
  Value addProducts(SharedOperand &a, SharedOperand &c, int64_t k, Value accumulator) {
    SmallVector<Value> column;
    if (taps == 1)
      column = loadRows(a, k, 0);
    Elements windows = loadWindows(c, k);
    for (int64_t tap = 0; tap != taps; ++tap) {
      if (taps != 1)
        column = loadRows(a, k, tap);
      SmallVector<Value> row;
      for (int64_t j = 0; j != columns; ++j)
        row.push_back(windows.at(placeOf(c, j, k, tap)));
      accumulator = addOuterProduct(column, row, accumulator);
    }
    return accumulator;
  }

  Value addOuterProduct(ArrayRef<Value> column, ArrayRef<Value> row, Value accumulator) {
    SmallVector<Value> left, right;
    for (Value x : column)
      for (Value y : row) {
        left.push_back(x);
        right.push_back(y);
      }
    Type type = accumulator.getType();
    return math::FmaOp::create(b, vector::FromElementsOp::create(b, type, left),
                               vector::FromElementsOp::create(b, type, right), accumulator);
  }

  /// The elements of column k of a at a tap that the thread's rows have.
  SmallVector<Value> loadRows(SharedOperand &a, int64_t k, int64_t tap) {
    SmallVector<Value> loaded;
    for (int64_t i = 0; i < rows; i += vector) {
      int64_t place = a.offset(layout.getElementOffset(0, i), k) + tap * tapOfA;
      llvm::append_range(loaded, a.loadAdjacent(place, vector));
    }
    return loaded;
  }

  /// How far from the thread's own place what its column `j` multiplies is.
  int64_t placeOf(const SharedOperand &c, int64_t j, int64_t k, int64_t tap) const {
    return c.offset(layout.getElementOffset(1, j), k) + tap * tapOfB;
  }

  /// Elements of row k by place, those that the thread's columns multiply at all taps. Of each
  /// aligned group a load brings what is used, or for one tap all, which other taps' products
  /// load too.
  Elements loadWindows(SharedOperand &c, int64_t k) {
    int64_t phase = op.getColumnPhase().value_or(0);
    llvm::MapVector<int64_t, UsedPart> groups;
    for (int64_t tap = 0; tap != taps; ++tap)
      for (int64_t j = 0; j != columns; ++j) {
        int64_t place = placeOf(c, j, k, tap), inGroup = (place + phase) & (group - 1);
        groups[place - inGroup].add(inGroup);
      }
    Elements loaded;
    const bool whole = taps == 1;
    for (auto &[start, used] : groups) {
      auto [first, count] = whole ? UsedPart{0, group} : used;
      for (auto [i, value] : llvm::enumerate(c.loadAdjacent(start + first, count, whole)))
        loaded[start + first + int64_t(i)] = value;
    }
    return loaded;
  }

  DotOp op;
  ImplicitLocOpBuilder &b;
  BlockedAttr layout;
  /// Of the accumulator, per thread.
  int64_t rows, columns;
  SharedView viewA, viewB;
  ArrayRef<Value> coordinates;
  /// Taps, and how far apart they are.
  int64_t taps = 1, tapOfA = 0, tapOfB = 0;
  /// Rows of a that one load brings, and rows of b after which their skews repeat.
  int64_t vector = 1, period = 1;
  /// Elements of b that one load brings at most.
  int64_t group = 1;
};

} // namespace

Value poolc::emitFmaDot(DotOp op, Value accumulator, const ThreadCoordinates &threads,
                        ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter) {
  return FmaEmitter(op, threads, b, rewriter).emit(accumulator);
}
