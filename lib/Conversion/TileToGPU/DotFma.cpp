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

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// A column of a times a row of b, for each k.
class FmaEmitter {
public:
  FmaEmitter(DotOp op, const ThreadCoordinates &threads, ImplicitLocOpBuilder &b,
             ConversionPatternRewriter &rewriter)
      : op(op), b(b), layout(getLayout(op.getAccumulator().getType())),
        rows(layout.getElementsPerThread(0, op.getAccumulator().getType().getDimSize(0))),
        columns(layout.getElementsPerThread(1, op.getAccumulator().getType().getDimSize(1))),
        viewA(getSharedView(b, op.getA(), rewriter)), viewB(getSharedView(b, op.getB(), rewriter)),
        coordinates(threads.get(layout)) {
    // Neighbouring rows side by side in a are loaded at once.
    int64_t adjacent = layout.getSizePerThread()[0];
    if (op.getRowsAligned() && viewA.strides[0] == 1 && viewA.strides[1] % adjacent == 0 &&
        adjacent == 128 / op.getA().getType().getElementTypeBitWidth())
      vector = adjacent;
    if (op.getColumnPhase())
      columnsAtOnce = layout.getSizePerThread()[1];
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
  SharedOperand makeA(Value k) {
    return SharedOperand(b, viewA, alongK(viewA.strides[0], viewA.strides[1]), coordinates[0], k);
  }
  /// From row `k` on; rows that are `row` and multiples of the period are skewed alike.
  SharedOperand makeB(Value k, Value row) {
    Value skew = period == 1 ? nullptr : emitSkew(b, op.getSkew(), row, period);
    return SharedOperand(b, viewB, alongK(viewB.strides[1], viewB.strides[0]), coordinates[1], k,
                         /*threadChunk=*/nullptr, skew);
  }

  static OperandStrides alongK(int64_t outer, int64_t k) {
    constexpr int64_t perChunk = 4;
    return {outer, k, perChunk * k};
  }

  Value addProducts(SharedOperand &a, SharedOperand &c, int64_t k, Value accumulator) {
    SmallVector<Value> as, bs, left, right;
    for (int64_t i = 0; i < rows; i += vector)
      llvm::append_range(as, a.loadAdjacent(layout.getElementOffset(0, i), k, vector));
    for (int64_t j = 0; j < columns; j += columnsAtOnce)
      llvm::append_range(bs, loadColumns(c, j, k));
    for (Value x : as)
      for (Value y : bs) {
        left.push_back(x);
        right.push_back(y);
      }
    Type type = accumulator.getType();
    return math::FmaOp::create(b, vector::FromElementsOp::create(b, type, left),
                               vector::FromElementsOp::create(b, type, right), accumulator);
  }

  SmallVector<Value> loadColumns(SharedOperand &c, int64_t j, int64_t k) {
    int64_t column = layout.getElementOffset(1, j);
    if (columnsAtOnce == 1)
      return {c.load(column, k)};
    int64_t group = std::min(op.getColumnGroups().elements, columnsAtOnce * viewB.strides[1]);
    return c.loadNeighbours(column, k, columnsAtOnce, *op.getColumnPhase(), group);
  }

  DotOp op;
  ImplicitLocOpBuilder &b;
  BlockedAttr layout;
  /// Of the accumulator, per thread.
  int64_t rows, columns;
  SharedView viewA, viewB;
  ArrayRef<Value> coordinates;
  /// Rows of a that one load brings, and rows of b after which their skews repeat.
  int64_t vector = 1, period = 1;
  /// Neighbouring columns of b that are loaded together.
  int64_t columnsAtOnce = 1;
};

} // namespace

Value poolc::emitFmaDot(DotOp op, Value accumulator, const ThreadCoordinates &threads,
                        ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter) {
  return FmaEmitter(op, threads, b, rewriter).emit(accumulator);
}
