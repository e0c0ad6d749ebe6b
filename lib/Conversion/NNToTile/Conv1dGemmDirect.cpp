//===- Conv1dGemmDirect.cpp - nn.conv1d as products of rows ---------------===//
//
// gemm_direct: windows of x and rows of the weights are rows of global memory, which
// tile.dot_rows multiplies with each other, channel by channel.
//
//===----------------------------------------------------------------------===//

#include "poolc/Schedule/Conv1dGemmDirect.h"

#include "Conv1dMatrices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class Conv1dGemmDirectKernel : public Conv1dMatrixKernel {
public:
  using Conv1dMatrixKernel::Conv1dMatrixKernel;

  void emit() {
    b.limitRegisters(Conv1dGemmDirect::mostRegisters);
    bytesOfStaging = Conv1dGemmDirect::sharedBytes(schedule, problem.type);
    if (problem.inPerGroup == 1)
      return finishMatrices(multiply(b.index(0), zeroSum()));
    finishMatrices(b.loop(problem.inPerGroup, zeroSum(),
                          [&](Value input, Value sum) { return multiply(input, sum); }));
  }

private:
  /// The rows of a tile's part of `size` from `first` on, of which the last tile has the fewest.
  static int64_t countSure(int64_t size, int64_t block) {
    return size - (llvm::divideCeilSigned(size, block) - 1) * block;
  }

  Value rest(Value size, Value first) { return arith::SubIOp::create(b, size, first); }

  /// Adds the products with one input channel.
  Value multiply(Value input, Value sum) {
    int64_t taps = problem.taps();
    Value filter = b.add(b.mulAdd(group, problem.outPerGroup, 0), channel);
    Value originW = b.add(b.mulAdd(filter, taps, 0), b.mulAdd(input, window.kernel, 0));
    Value row = b.add(
        b.mulAdd(b.add(b.mulAdd(image, problem.groups, 0), group), problem.inPerGroup, 0), input);
    Value originX =
        b.add(arith::MulIOp::create(b, row, b.getSize(x, 3)), b.mulAdd(position, window.stride, 0));
    Value y = splitChannels(b.getResult(), problem.outPerGroup, problem.outputSize());
    int64_t sureX = window.isDynamic ? 1 : countSure(problem.outputSize(), blockN);
    return DotRowsOp::create(b, sum.getType(), b.getOperand(1), originW,
                             rest(b.index(problem.outPerGroup), channel), b.getOperand(0), originX,
                             rest(b.getSize(y, 3), position), sum, getArithmetic(), window.kernel,
                             ArrayRef<int64_t>{taps, window.stride},
                             ArrayRef<int64_t>{countSure(problem.outPerGroup, blockM), sureX},
                             ArrayRef<int64_t>{Conv1dGemmDirect::vectorOfWeights(problem),
                                               Conv1dGemmDirect::vectorOfX(problem)});
  }
};
} // namespace

void poolc::lowerConv1dGemmDirect(const Conv1dProblem &problem, const Schedule &schedule,
                                  KernelBuilder &b) {
  Conv1dGemmDirectKernel(problem, schedule, b).emit();
}
