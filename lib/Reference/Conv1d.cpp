//===- Conv1d.cpp - The reference of nn.conv1d ----------------------------===//

#include "poolc/Reference/Reference.h"

#include <cmath>

using namespace poolc;

namespace {

class Conv1dReference final : public ReferenceOp {
public:
  explicit Conv1dReference(const Conv1dProblem &problem)
      : problem(problem), outChannels(problem.outChannels()), outSize(problem.outputSize()) {}

  std::vector<int64_t> shape() const override { return {problem.batch, outChannels, outSize}; }

  ReferenceElement element(int64_t index, llvm::ArrayRef<ElementReader> inputs) const override {
    const Window &window = problem.window;
    int64_t o = index % outSize;
    int64_t outChannel = index / outSize % outChannels;
    int64_t n = index / outSize / outChannels;
    int64_t group = outChannel / problem.outPerGroup;

    ReferenceElement result;
    for (int64_t c = 0; c != problem.inPerGroup; ++c) {
      int64_t inChannel = group * problem.inPerGroup + c;
      int64_t xRow = (n * problem.inChannels() + inChannel) * window.size;
      int64_t wRow = (outChannel * problem.inPerGroup + c) * window.kernel;
      for (int64_t k = 0; k != window.kernel; ++k) {
        int64_t position = window.start(o) + k * window.dilation;
        // A padded tap contributes nothing, not even 0 * infinity.
        if (position < 0 || position >= window.size)
          continue;
        addProduct(result, inputs[0](xRow + position), inputs[1](wRow + k));
      }
    }
    if (problem.hasBias)
      addBias(result, inputs[2](outChannel));
    int64_t products = problem.precision == Precision::tf32x3 ? 3 : 1;
    result.terms = products * problem.taps() + 1;
    applyActivation(result, problem.activation);
    return result;
  }

  ErrorModel errorModel() const override {
    ErrorModel model;
    // 16-bit and TF32 operands are multiplied on tensor cores, which truncate.
    if (usesTensorCores())
      model.accumulate = 0x1p-22;
    if (problem.precision == Precision::tf32x3) {
      model.operand = 0x1p-21;
      model.underflowPerTerm = 0x1p-136;
      model.underflowScalesWithOperands = true;
    }
    return model;
  }

  bool exactOnIntegers() const override { return true; }

  Work work() const override { return computeWork(problem); }
  double peakTFLOPs(const GPU &gpu) const override { return poolc::peakTFLOPs(gpu, problem); }

private:
  void addProduct(ReferenceElement &result, double x, double w) const {
    if (problem.precision == Precision::tf32) {
      x = roundToTF32(x);
      w = roundToTF32(w);
    }
    result.value += x * w;
    result.magnitude += magnitudeOfProduct(std::abs(x), std::abs(w));
    result.maxX = std::max(result.maxX, std::abs(x));
    result.maxW = std::max(result.maxW, std::abs(w));
    result.isWhole &= x == std::nearbyint(x) && w == std::nearbyint(w);
  }

  bool usesTensorCores() const {
    return problem.type != DataType::f32 || problem.precision != Precision::ieee;
  }

  /// |x * w| as the error bound counts it. Tensor cores do not normalise subnormal
  /// operands before they align products, so that one costs the others as much
  /// precision as the least normal number would.
  double magnitudeOfProduct(double x, double w) const {
    if (!usesTensorCores() || x == 0 || w == 0)
      return x * w;
    double leastNormal = problem.type == DataType::f16 ? 0x1p-14 : 0x1p-126;
    return std::max(x, leastNormal) * std::max(w, leastNormal);
  }

  static void addBias(ReferenceElement &result, double bias) {
    result.value += bias;
    result.magnitude += std::abs(bias);
    result.isWhole &= bias == std::nearbyint(bias);
  }

  Conv1dProblem problem;
  int64_t outChannels, outSize;
};

} // namespace

std::unique_ptr<ReferenceOp> poolc::makeReference(const Conv1dProblem &problem) {
  return std::make_unique<Conv1dReference>(problem);
}
