//===- Conv1dGemm.cpp - nn.conv1d as matrix products ----------------------===//
//
// gemm_slab and gemm_tap: matrices from shared memory.
//
//===----------------------------------------------------------------------===//

#include "Conv1dMatrices.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class Conv1dGemmKernel : public Conv1dMatrixKernel {
public:
  using Conv1dMatrixKernel::Conv1dMatrixKernel;

  void emit() { finishMatrices(sumMatrices()); }

private:
  Value sumMatrices() {
    Conv1dStaging staging(problem, schedule);
    SmallVector<int64_t> stridesX{staging.pitchX, 1};
    if (staging.transposed)
      std::swap(stridesX[0], stridesX[1]);
    Value slab = allocate({schedule.blockK, staging.span}, stridesX);
    Value weights = allocate({staging.taps, blockM, schedule.blockK},
                             {blockM * staging.pitchW, staging.pitchW, 1});

    return sumSteps(staging.steps, [&](Value step, Value sum) {
      stage(staging, step, slab, weights);
      BarrierOp::create(b);
      return b.loop(staging.taps, sum, [&](Value tap, Value sum) {
        return multiply(staging, slab, weights, tap, sum);
      });
    });
  }

  /// Copies what `step` needs: in gemm_slab, the step counts groups of
  /// channels; in gemm_tap, taps fastest.
  void stage(const Conv1dStaging &staging, Value step, Value slab, Value weights) {
    Value tap = b.index(0), channels = step, start = inputStart;
    if (!staging.isSlab && window.kernel != 1) {
      Value kernel = b.index(window.kernel);
      tap = arith::RemUIOp::create(b, step, kernel);
      channels = arith::DivUIOp::create(b, step, kernel);
      start = b.add(start, b.mulAdd(tap, window.dilation, 0));
    }
    Value input = b.mulAdd(channels, schedule.blockK, 0);
    CopyOp::create(b, w, ValueRange{group, channel, input, tap}, weights,
                   ArrayRef<int64_t>{-1, 1, 2, 0}, ArrayRef<int64_t>{1, 1, 1, 1}, /*vector=*/1,
                   /*async=*/false);
    CopyOp::create(b, x, ValueRange{image, group, input, start}, slab,
                   ArrayRef<int64_t>{-1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, staging.spanStride},
                   /*vector=*/1, /*async=*/false);
  }

  /// sum + w[:, :, tap] * x[:, the tile's positions at that tap].
  Value multiply(const Conv1dStaging &staging, Value slab, Value weights, Value tap, Value sum) {
    auto constant = [&](int64_t value) -> OpFoldResult { return b.getIndexAttr(value); };
    Value first = b.mulAdd(tap, window.dilation, 0);
    int64_t step = staging.isSlab ? window.stride : 1;
    Value a = makeView(weights, {tap, constant(0), constant(0)}, {1, blockM, schedule.blockK},
                       {1, 1, 1}, {blockM, schedule.blockK});
    Value c = makeView(slab, {constant(0), first}, {schedule.blockK, blockN}, {1, step},
                       {schedule.blockK, blockN});
    return DotOp::create(b, a, c, sum, getArithmetic(), /*rows_aligned=*/true,
                         /*skew=*/ValueRange());
  }
};
} // namespace

void poolc::lowerConv1dGemm(const Conv1dProblem &problem, const Schedule &schedule,
                            KernelBuilder &b) {
  Conv1dGemmKernel(problem, schedule, b).emit();
}
