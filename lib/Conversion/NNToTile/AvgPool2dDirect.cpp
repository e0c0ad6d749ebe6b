//===- AvgPool2dDirect.cpp - nn.avg_pool2d without staging ----------------===//

#include "AvgPool2dKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class DirectKernel : public AvgPool2dKernel {
public:
  using AvgPool2dKernel::AvgPool2dKernel;

  void emit() { finish(sumWindows()); }

private:
  /// Tap by tap, for all outputs of the tile at once.
  Value sumWindows() {
    RankedTensorType accumulator = tileType(shape, b.getF32Type());
    RankedTensorType loaded = tileType(shape, element);
    const Window &h = problem.axis[0], &w = problem.axis[1];
    Value row = windowStart(0), column = windowStart(1);
    return b.loop(h.kernel, b.splat(accumulator, 0), [&](Value kh, Value sum) {
      return b.loop(w.kernel, sum, [&](Value kw, Value sum) -> Value {
        Value tap =
            LoadOp::create(b, loaded, x, ValueRange{plane, b.add(row, kh), b.add(column, kw)},
                           ArrayRef<int64_t>{0, 1, 2}, ArrayRef<int64_t>{1, h.stride, w.stride});
        return arith::AddFOp::create(b, sum, b.extend(tap));
      });
    });
  }
};
} // namespace

void poolc::lowerAvgPool2dDirect(const AvgPool2dProblem &problem, const Schedule &schedule,
                                 KernelBuilder &b) {
  DirectKernel(problem, schedule, b).emit();
}
