//===- AvgPool2dDirect.cpp - nn.avg_pool2d without staging ----------------===//

#include "Lowerings.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// One block's outputs: a tile of planes x rows x columns.
class AvgPool2dKernel {
public:
  AvgPool2dKernel(const AvgPool2dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : problem(problem), b(b), shape{schedule.blockP, schedule.blockH, schedule.blockW},
        plane(b.getTileStart('p')), outputs{b.getTileStart('h'), b.getTileStart('w')} {}

  void emit() {
    Value x = asPlanes(b.getOperand(0)), y = asPlanes(b.getResult());
    Type element = cast<MemRefType>(x.getType()).getElementType();
    Value mean = divide(sumWindows(x));
    StoreOp::create(b, b.truncate(mean, element), y, ValueRange{plane, outputs[0], outputs[1]},
                    ArrayRef<int64_t>{0, 1, 2}, ArrayRef<int64_t>{1, 1, 1});
  }

private:
  /// [N,C,H,W] or [C,H,W] as [planes,H,W].
  Value asPlanes(Value memref) {
    bool isBatched = cast<MemRefType>(memref.getType()).getRank() == 4;
    return isBatched ? b.merge(memref, {{0, 1}, {2}, {3}}) : memref;
  }

  RankedTensorType tileType(ArrayRef<int64_t> shape, Type element) {
    return RankedTensorType::get(shape, element);
  }

  /// First input element, negative in the padding, of the tile's windows.
  Value windowStart(unsigned a) {
    return b.mulAdd(outputs[a], problem.axis[a].stride, -problem.axis[a].padBefore);
  }

  /// Tap by tap, for all outputs of the tile at once.
  Value sumWindows(Value x) {
    RankedTensorType accumulator = tileType(shape, b.getF32Type());
    RankedTensorType loaded = tileType(shape, cast<MemRefType>(x.getType()).getElementType());
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

  Value divide(Value sum) {
    RankedTensorType type = tileType(shape, b.getF32Type());
    // 1 / divisor is rounded once more than the quotient would be, which the
    // error bound of a sum has room for; a division is some ten instructions.
    if (std::optional<int64_t> divisor = problem.uniformDivisor())
      return arith::MulFOp::create(b, sum, b.splat(type, 1.0 / static_cast<double>(*divisor)));
    Value counts = arith::MulFOp::create(b, b.broadcast(countPositions(0), shape),
                                         b.broadcast(countPositions(1), shape));
    return arith::DivFOp::create(b, sum, counts);
  }

  /// How many positions of each window the divisor counts along axis `a`, as f32.
  Value countPositions(unsigned a) {
    const Window &window = problem.axis[a];
    SmallVector<int64_t> extent(3, 1);
    extent[a + 1] = shape[a + 1];
    // The last window of the last tile starts before this times the tile's size.
    uint64_t reach = llvm::SaturatingMultiplyAdd<uint64_t>(problem.outputSize(a) + 1, window.stride,
                                                           window.kernel);
    for (int64_t size : {window.size, window.padBefore, window.padAfter})
      reach = llvm::SaturatingAdd<uint64_t>(reach, size);
    bool narrow = reach <= std::numeric_limits<int32_t>::max() / uint64_t(shape[a + 1]);
    RankedTensorType integers = tileType(extent, b.getIntegerType(narrow ? 32 : 64));

    Value start = IotaOp::create(b, integers, windowStart(a), a + 1, window.stride);
    Value end = arith::AddIOp::create(b, start, b.splatInteger(integers, window.kernel));
    int64_t low = problem.countIncludePad ? -window.padBefore : 0;
    int64_t high = window.size + (problem.countIncludePad ? window.padAfter : 0);
    Value counted =
        arith::SubIOp::create(b, arith::MinSIOp::create(b, end, b.splatInteger(integers, high)),
                              arith::MaxSIOp::create(b, start, b.splatInteger(integers, low)));
    return arith::SIToFPOp::create(b, tileType(extent, b.getF32Type()), counted);
  }

  const AvgPool2dProblem &problem;
  KernelBuilder &b;
  SmallVector<int64_t> shape;
  Value plane;
  Value outputs[2];
};

} // namespace

void poolc::lowerAvgPool2dDirect(const AvgPool2dProblem &problem, const Schedule &schedule,
                                 KernelBuilder &b) {
  AvgPool2dKernel(problem, schedule, b).emit();
}
