//===- AvgPool2d.cpp - The reference of nn.avg_pool2d ---------------------===//

#include "poolc/Reference/Reference.h"

#include <cmath>

using namespace poolc;

namespace {

class AvgPool2dReference final : public ReferenceOp {
public:
  explicit AvgPool2dReference(const AvgPool2dProblem &problem)
      : problem(problem), outH(problem.outputSize(0)), outW(problem.outputSize(1)) {}

  std::vector<int64_t> shape() const override { return {problem.planes, outH, outW}; }

  ReferenceElement element(int64_t index, llvm::ArrayRef<ElementReader> inputs) const override {
    const Window &h = problem.axis[0], &w = problem.axis[1];
    int64_t ow = index % outW;
    int64_t oh = index / outW % outH;
    int64_t plane = index / outW / outH;
    auto divisor = static_cast<double>(problem.divisor(oh, ow));

    ReferenceElement result;
    double sum = 0;
    for (int64_t i = 0; i != h.kernel; ++i) {
      int64_t row = h.start(oh) + i * h.dilation;
      if (row < 0 || row >= h.size)
        continue;
      for (int64_t j = 0; j != w.kernel; ++j) {
        int64_t column = w.start(ow) + j * w.dilation;
        if (column < 0 || column >= w.size)
          continue;
        double x = inputs[0]((plane * h.size + row) * w.size + column);
        sum += x;
        result.magnitude += std::abs(x) / std::abs(divisor);
        result.maxX = std::max(result.maxX, std::abs(x));
        result.isWhole &= x == std::nearbyint(x);
      }
    }
    result.value = sum / divisor;
    result.terms = h.kernel * w.kernel + 1;
    return result;
  }

  ErrorModel errorModel() const override { return ErrorModel(); }

  /// A quotient is rounded.
  bool exactOnIntegers() const override { return false; }

  Work work() const override { return computeWork(problem); }
  double peakTFLOPs(const GPU &gpu) const override { return poolc::peakTFLOPs(gpu, problem); }

private:
  AvgPool2dProblem problem;
  int64_t outH, outW;
};

} // namespace

std::unique_ptr<ReferenceOp> poolc::makeReference(const AvgPool2dProblem &problem) {
  return std::make_unique<AvgPool2dReference>(problem);
}
