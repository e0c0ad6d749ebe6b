//===- AvgPool2dPlanes.cpp - nn.avg_pool2d of whole planes ----------------===//
//
//   t = 0; for each chunk of block_k elements: t += load chunk   [planes, block_k]
//   y = reduce t                                                 [planes, 1]
//
//===----------------------------------------------------------------------===//

#include "AvgPool2dKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class PlanesKernel : public AvgPool2dKernel {
public:
  using AvgPool2dKernel::AvgPool2dKernel;

  void emit() {
    emitBlock(problem.axis[0].size, problem.axis[1].size, /*lead=*/0, [&] { emitBody(); });
  }

private:
  void emitBody() {
    Value flat = b.merge(x, {{0}, {1, 2}});
    int64_t size = problem.axis[0].size * problem.axis[1].size, chunk = schedule.blockK;
    RankedTensorType part = tileType({shape[0], chunk}, b.getF32Type());
    int64_t whole = size / chunk, rest = size % chunk;
    auto load = [&](Value first, bool isWhole) {
      auto load =
          LoadOp::create(b, tileType(part.getShape(), element), flat, ValueRange{plane, first},
                         ArrayRef<int64_t>{0, 1}, ArrayRef<int64_t>{1, 1}, schedule.vector);
      // The last chunk may reach beyond the plane in any block.
      if (isInterior)
        load.setGuards(
            SmallVector<int64_t>{static_cast<int64_t>(guardOfPlanes),
                                 static_cast<int64_t>(isWhole ? Guard::none : Guard::high)});
      return b.extend(load);
    };
    Value sum = load(b.index(0), whole > 0);
    if (whole > 1)
      sum = b.loop(whole - 1, sum, [&](Value i, Value sum) -> Value {
        return arith::AddFOp::create(b, sum, load(b.mulAdd(i, chunk, chunk), /*isWhole=*/true));
      });
    // By itself: a guard in the loop would have each load wait for the one before.
    if (whole > 0 && rest > 0)
      sum = arith::AddFOp::create(b, sum, load(b.index(whole * chunk), /*isWhole=*/false));
    finishPlanes(ReduceOp::create(b, tileType({shape[0], 1}, b.getF32Type()), sum, /*dim=*/1));
  }

  /// The mean of whole planes has one divisor, or counts all positions.
  void finishPlanes(Value sum) {
    double scale = 1.0 / static_cast<double>(problem.divisor(0, 0));
    auto type = cast<RankedTensorType>(sum.getType());
    Value mean = arith::MulFOp::create(b, sum, b.splat(type, scale));
    Value means = b.merge(y, {{0}, {1, 2}});
    setGuards(StoreOp::create(b, b.truncate(mean, element), means, ValueRange{plane, b.index(0)},
                              ArrayRef<int64_t>{0, 1}, ArrayRef<int64_t>{1, 1}));
  }
};
} // namespace

void poolc::lowerAvgPool2dPlanes(const AvgPool2dProblem &problem, const Schedule &schedule,
                                 KernelBuilder &b) {
  PlanesKernel(problem, schedule, b).emit();
}
