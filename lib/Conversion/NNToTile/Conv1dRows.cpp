//===- Conv1dRows.cpp - nn.conv1d on rows as they lie in memory -----------===//
//
// gemm_rows: rows of x and of weights are copied to shared memory in groups of
// up to 16 bytes, without any of it passing through registers. Tensor cores
// then find each tap's operands with strides: along K, those of a are kernel
// elements apart, those of b a row of x.
//
//===----------------------------------------------------------------------===//

#include "Conv1dMatrices.h"

#include "poolc/Schedule/Conv1dRows.h"
#include "poolc/Schedule/Conv1dStaging.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// Taps up to which their loop is written out, so that the distances between
/// them are constants.
static constexpr int64_t maxUnrolledTaps = 16;

namespace {
class Conv1dRowsKernel : public Conv1dMatrixKernel {
public:
  Conv1dRowsKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : Conv1dMatrixKernel(problem, schedule, b), rows(problem, schedule) {}

  void emit() {
    // Two blocks of 256 threads per SM.
    if (schedule.numWarps >= 8)
      b.limitRegisters(128);
    // A thread of a tensor core's fragment holds two neighbours.
    bool pairs = canUseTensorCores(problem) && window.outputFactor() % 2 == 0;
    finishMatrices(sumMatrices(), pairs ? 2 : 1);
  }

private:
  Value sumMatrices() {
    Value slab = allocate({schedule.blockK, rows.span}, {rows.pitchX, 1});
    Value weights = allocate({blockM, rows.rowW}, {rows.pitchW, 1});
    int64_t taps = window.kernel;
    SmallVector<int64_t> shape{problem.groups, problem.outPerGroup, problem.taps()};
    Value flatWeights = b.split(b.merge(b.getOperand(1), {{0}, {1, 2}}), shape, {{0, 1}, {2}});

    Value sum = b.loop(rows.steps, zeroSum(), [&](Value step, Value sum) {
      stage(step, flatWeights, slab, weights);
      BarrierOp::create(b);
      if (taps <= maxUnrolledTaps)
        for (int64_t tap = 0; tap != taps; ++tap)
          sum = multiply(slab, weights, b.getIndexAttr(tap),
                         b.getIndexAttr(rows.shift + tap * window.dilation), sum);
      else
        sum = b.loop(taps, sum, [&](Value tap, Value sum) {
          return multiply(slab, weights, tap, b.mulAdd(tap, window.dilation, rows.shift), sum);
        });
      BarrierOp::create(b);
      return sum;
    });
    // A single step is no loop, and there is nothing to run ahead of.
    if (rows.steps > 1 && schedule.numStages > 1)
      sum.getDefiningOp()->setAttr("tile.num_stages", b.getI64IntegerAttr(schedule.numStages));
    return sum;
  }

  void stage(Value step, Value flatWeights, Value slab, Value weights) {
    Value input = b.mulAdd(step, schedule.blockK, 0);
    auto copyX =
        CopyOp::create(b, x, ValueRange{image, group, input, b.mulAdd(inputStart, 1, -rows.shift)},
                       slab, ArrayRef<int64_t>{-1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1},
                       rows.vectorX, /*async=*/false);
    copyX.setSkewed(rows.skewed);
    CopyOp::create(b, flatWeights, ValueRange{group, channel, b.mulAdd(step, rows.rowW, 0)},
                   weights, ArrayRef<int64_t>{-1, 0, 1}, ArrayRef<int64_t>{1, 1, 1}, rows.vectorW,
                   /*async=*/false);
  }

  /// sum + w[:, :, tap] * x[:, the tile's positions at that tap].
  Value multiply(Value slab, Value weights, OpFoldResult tap, OpFoldResult first, Value sum) {
    SmallVector<int64_t> shapeA{blockM, schedule.blockK}, shapeB{schedule.blockK, blockN};
    Value a = makeView(weights, {b.getIndexAttr(0), tap}, shapeA, {1, window.kernel}, shapeA);
    Value c = makeView(slab, {b.getIndexAttr(0), first}, shapeB, {1, window.stride}, shapeB);
    return DotOp::create(b, a, c, sum, getArithmetic(), /*rows_aligned=*/true);
  }

  Conv1dRows rows;
};
} // namespace

void poolc::lowerConv1dRows(const Conv1dProblem &problem, const Schedule &schedule,
                            KernelBuilder &b) {
  Conv1dRowsKernel(problem, schedule, b).emit();
}
