//===- AvgPool2dDirect.cpp - nn.avg_pool2d without staging ----------------===//

#include "AvgPool2dKernel.h"

#include "poolc/Schedule/AvgPool2dDirect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// Windows of more taps are summed in loops that stay loops, so many at a time.
static constexpr int64_t maxWholeTaps = 48, mostTapsAtOnce = 8, loadsAtOnce = 16;

namespace {
class DirectKernel : public AvgPool2dKernel {
public:
  using AvgPool2dKernel::AvgPool2dKernel;

  void emit() {
    b.limitRegisters(directRegisters(problem, schedule));
    finish(sumWindows());
  }

private:
  /// Tap by tap, for all outputs of the tile at once.
  Value sumWindows() {
    const Window &h = problem.axis[0], &w = problem.axis[1];
    Value row = windowStart(0), zero = b.splat(tileType(shape, b.getF32Type()), 0);
    int64_t whole = std::max<int64_t>(1, maxWholeTaps / perThread());
    bool isLarge = h.kernel > whole / w.kernel;
    Value sum = b.loop(h.kernel, zero, [&](Value kh, Value sum) {
      Value inRow = b.add(row, kh);
      if (isLarge)
        return sumLongRow(inRow, sum);
      return b.loop(w.kernel, sum, [&](Value kw, Value sum) { return addTap(inRow, kw, sum); });
    });
    return isLarge ? b.keepRolled(sum) : sum;
  }

  /// Outputs of a thread.
  int64_t perThread() {
    return llvm::divideCeilSigned(schedule.blockP * schedule.blockH * schedule.blockW,
                                  schedule.numWarps * 32);
  }

  /// A few taps at a time.
  Value sumLongRow(Value row, Value sum) {
    int64_t tapsAtOnce = std::clamp<int64_t>(loadsAtOnce / perThread(), 1, mostTapsAtOnce);
    int64_t kernel = problem.axis[1].kernel, whole = kernel / tapsAtOnce;
    auto addTaps = [&](Value first, int64_t count, Value sum) {
      for (int64_t kw = 0; kw != count; ++kw)
        sum = addTap(row, b.add(first, b.index(kw)), sum);
      return sum;
    };
    if (whole > 0)
      sum = b.keepRolled(b.loop(whole, sum, [&](Value i, Value sum) {
        return addTaps(b.mulAdd(i, tapsAtOnce, 0), tapsAtOnce, sum);
      }));
    return addTaps(b.index(whole * tapsAtOnce), kernel % tapsAtOnce, sum);
  }

  Value addTap(Value row, Value kw, Value sum) {
    Value tap = LoadOp::create(
        b, tileType(shape, element), x, ValueRange{plane, row, b.add(windowStart(1), kw)},
        ArrayRef<int64_t>{0, 1, 2},
        ArrayRef<int64_t>{1, problem.axis[0].stride, problem.axis[1].stride});
    return arith::AddFOp::create(b, sum, b.extend(tap));
  }
};
} // namespace

void poolc::lowerAvgPool2dDirect(const AvgPool2dProblem &problem, const Schedule &schedule,
                                 KernelBuilder &b) {
  DirectKernel(problem, schedule, b).emit();
}
