//===- Conv1dFlat.cpp - nn.conv1d along K as weights lie ------------------===//
//
// gemm_flat: rows of x and of weights are copied to shared memory as they lie. Taps of
// channels are one axis along which rows of weights are contiguous, and columns are windows
// of x.
//
//===----------------------------------------------------------------------===//

#include "Conv1dMatrices.h"

#include "poolc/Schedule/Conv1dFlat.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class Conv1dFlatKernel : public Conv1dMatrixKernel {
public:
  Conv1dFlatKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : Conv1dMatrixKernel(problem, schedule, b), staging(problem, schedule) {}

  void emit() {
    leaveRoomForTwoBlocks();
    finishPart(sumMatrices(), staging.x);
  }

private:
  Value sumMatrices() {
    // Windows are views of memory without a shape.
    Value memory = allocate({staging.elementsX(schedule)}, {1});
    Value weights = allocate({blockM, staging.rowW}, {staging.pitchW, 1});
    Value flatWeights = flattenWeights();
    return sumSteps(staging.stepsOfPart, [&](Value step, Value sum) {
      RowPlace place = placeRows(staging.x, inputStart);
      Value rows = viewRows(memory, b.index(0), {staging.x.span}, {1});
      copyRows(staging.x, place, b.mulAdd(step, schedule.blockK, 0), rows,
               !isPipelined(staging.stepsOfPart));
      CopyOp::create(b, flatWeights, ValueRange{group, channel, b.mulAdd(step, staging.rowW, 0)},
                     weights, ArrayRef<int64_t>{-1, 0, 1}, ArrayRef<int64_t>{1, 1, 1},
                     staging.vectorW, !isPipelined(staging.stepsOfPart));
      finishCopies(staging.x, place, rows, !isPipelined(staging.stepsOfPart));
      return multiply(memory, weights, place, sum);
    });
  }

  /// From `origin` on, what `shape` and `strides` count in the row of each channel; by fourths of
  /// them where these lie apart.
  Value viewRows(Value memory, Value origin, SmallVector<int64_t> shape,
                 SmallVector<int64_t> strides) {
    int64_t channels = staging.gap ? schedule.blockK / 4 : schedule.blockK;
    shape.insert(shape.begin(), channels);
    strides.insert(strides.begin(), staging.x.pitch);
    if (staging.gap) {
      shape.insert(shape.begin(), 4);
      strides.insert(strides.begin(), channels * staging.x.pitch + *staging.gap);
    }
    return viewMemory(memory, origin, shape, strides);
  }

  /// sum + weights * windows of x.
  Value multiply(Value memory, Value weights, const RowPlace &place, Value sum) {
    OpFoldResult first = getColumn(place, 0);
    Value windows = viewRows(memory, getValueOrCreateConstantIndexOp(b, b.getLoc(), first),
                             {window.kernel, blockN}, {window.dilation, window.stride});
    auto dot =
        DotOp::create(b, weights, windows, sum, getArithmetic(), /*rows_aligned=*/true, place.skew);
    dot.setWindows(!staging.gap);
    promiseColumns(dot, staging.x, first);
    return dot;
  }

  Conv1dFlat staging;
};
} // namespace

void poolc::lowerConv1dFlat(const Conv1dProblem &problem, const Schedule &schedule,
                            KernelBuilder &b) {
  Conv1dFlatKernel(problem, schedule, b).emit();
}
