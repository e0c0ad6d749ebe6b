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

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class Conv1dRowsKernel : public Conv1dMatrixKernel {
public:
  Conv1dRowsKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : Conv1dMatrixKernel(problem, schedule, b), rows(problem, schedule) {}

  void emit() {
    leaveRoomForTwoBlocks();
    finishPart(sumMatrices(), rows.x);
  }

private:
  Value sumMatrices() {
    // Views with taps are of memory without a shape.
    Value memory = rows.hasRunsW ? allocate({schedule.blockK * rows.x.pitch}, {1})
                                 : allocate({schedule.blockK, rows.x.span}, {rows.x.pitch, 1});
    Value weights = rows.chunkedW ? allocate({blockM, rows.chunksW(), rows.vectorW},
                                             {rows.vectorW, rows.pitchW, 1})
                                  : allocate({blockM, rows.rowW}, {rows.pitchW, 1});
    int64_t taps = window.kernel;
    Value flatWeights = rows.chunkedW ? chunkWeights() : flattenWeights();

    return sumSteps(rows.stepsOfPart, [&](Value step, Value sum) {
      RowPlace place = placeRows(rows.x, inputStart);
      Value slab = viewRows(memory);
      stage(step, place, flatWeights, slab, weights);
      finishCopies(rows.x, place, slab, !isPipelined(rows.stepsOfPart));
      if (rows.hasRunsW)
        return multiplyRuns(memory, weights, place, sum);
      if (taps == 1)
        return multiply(slab, weights, b.getIndexAttr(0), getColumn(place, 0), place, sum);
      return b.loop(taps, sum, [&](Value tap, Value sum) {
        Value first = getColumn(place, b.mulAdd(tap, window.dilation, 0));
        return multiply(slab, weights, tap, first, place, sum);
      });
    });
  }

  /// The rows of x of a step's channels; those of a run in the second dimension where they are
  /// gathered.
  Value viewRows(Value memory) {
    int64_t pitch = rows.x.pitch, threads = rows.threadsOfRow;
    if (!rows.hasRunsW)
      return memory;
    if (rows.gathersX)
      return viewMemory(memory, b.index(0), {threads, rows.channelsOfRun, rows.x.span},
                        {pitch, threads * pitch, 1});
    return viewMemory(memory, b.index(0), {schedule.blockK, rows.x.span}, {pitch, 1});
  }

  /// The rows of weights of each group, in chunks where they are staged so.
  Value chunkWeights() {
    return b.split(
        b.merge(b.getOperand(1), {{0}, {1, 2}}),
        {problem.groups, problem.outPerGroup, problem.taps() / rows.vectorW, rows.vectorW},
        {{0, 1}, {2, 3}});
  }

  void stage(Value step, const RowPlace &place, Value flatWeights, Value slab, Value weights) {
    if (rows.gathersX)
      gatherRows(step, place, slab);
    else
      copyRows(rows.x, place, b.mulAdd(step, schedule.blockK, 0), slab,
               !isPipelined(rows.stepsOfPart));
    if (rows.chunkedW) {
      Value chunk = b.mulAdd(step, rows.chunksW(), 0);
      CopyOp::create(b, flatWeights, ValueRange{group, channel, chunk, b.index(0)}, weights,
                     ArrayRef<int64_t>{-1, 0, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1}, rows.vectorW,
                     !isPipelined(rows.stepsOfPart));
      return;
    }
    b.markWeights(CopyOp::create(b, flatWeights,
                                 ValueRange{group, channel, b.mulAdd(step, rows.rowW, 0)}, weights,
                                 ArrayRef<int64_t>{-1, 0, 1}, ArrayRef<int64_t>{1, 1, 1},
                                 rows.vectorW, !isPipelined(rows.stepsOfPart)));
  }

  /// Copies aligned rows so that the first channels of all runs are neighbours, then the second.
  void gatherRows(Value step, const RowPlace &place, Value slab) {
    int64_t perRun = rows.channelsOfRun;
    Value runs = b.split(
        x, {problem.batch, problem.groups, problem.inPerGroup / perRun, perRun, window.size},
        {{0}, {1}, {2, 3}, {4}});
    Value first =
        b.mulAdd(place.start, 1, -cast<IntegerAttr>(cast<Attribute>(place.shift)).getInt());
    CopyOp::create(
        b, runs, ValueRange{image, group, b.mulAdd(step, rows.threadsOfRow, 0), b.index(0), first},
        slab, ArrayRef<int64_t>{-1, -1, 0, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1, 1}, rows.x.vector,
        !isPipelined(rows.stepsOfPart));
  }

  /// sum + w * x, for all taps of a step.
  Value multiplyRuns(Value memory, Value weights, const RowPlace &place, Value sum) {
    int64_t pitch = rows.x.pitch, perRun = rows.channelsOfRun, threads = rows.threadsOfRow;
    OpFoldResult column = getColumn(place, 0);
    Value origin = getValueOrCreateConstantIndexOp(b, b.getLoc(), column);
    Value c = viewMemory(memory, origin, {threads, perRun, window.kernel, blockN},
                         {(rows.gathersX ? 1 : perRun) * pitch,
                          (rows.gathersX ? threads : 1) * pitch, window.dilation, window.stride});
    auto dot =
        DotOp::create(b, weights, c, sum, getArithmetic(), /*rows_aligned=*/true, place.skew);
    promiseColumns(dot, rows.x, column);
    return dot;
  }

  /// sum + w[:, :, tap] * x[:, the tile's positions at that tap].
  Value multiply(Value slab, Value weights, OpFoldResult tap, OpFoldResult first,
                 const RowPlace &place, Value sum) {
    SmallVector<int64_t> shapeA{blockM, schedule.blockK}, shapeB{schedule.blockK, blockN};
    Value a = rows.chunkedW
                  ? transposeChunks(weights)
                  : makeView(weights, {b.getIndexAttr(0), tap}, shapeA, {1, window.kernel}, shapeA);
    Value c = makeView(slab, {b.getIndexAttr(0), first}, shapeB, {1, window.stride}, shapeB);
    auto dot = DotOp::create(b, a, c, sum, getArithmetic(), /*rows_aligned=*/true, place.skew);
    promiseColumns(dot, rows.x, first);
    return dot;
  }

  /// As tile.dot takes chunks, those along K outermost.
  Value transposeChunks(Value weights) {
    auto outermost = AffineMap::getPermutationMap(ArrayRef<unsigned>{1, 0, 2}, b.getContext());
    return memref::TransposeOp::create(b, weights, AffineMapAttr::get(outermost));
  }

  Conv1dRows rows;
};
} // namespace

void poolc::lowerConv1dRows(const Conv1dProblem &problem, const Schedule &schedule,
                            KernelBuilder &b) {
  Conv1dRowsKernel(problem, schedule, b).emit();
}
