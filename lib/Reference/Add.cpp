//===- Add.cpp - The reference of nn.add ----------------------------------===//

#include "poolc/Reference/Reference.h"

#include <cmath>

using namespace poolc;

namespace {

class AddReference final : public ReferenceOp {
public:
  explicit AddReference(const AddProblem &problem) : problem(problem) {}

  std::vector<int64_t> shape() const override { return {problem.elements}; }

  ReferenceElement element(int64_t index, llvm::ArrayRef<ElementReader> inputs) const override {
    ReferenceElement result;
    result.value = inputs[0](index);
    result.magnitude = std::abs(result.value);
    result.isWhole = result.value == std::nearbyint(result.value);
    result.terms = 1;
    addResidual(result, inputs[1](index));
    return result;
  }

  ErrorModel errorModel() const override { return ErrorModel(); }

  /// A sum in f32 of two numbers of 16 bits may be rounded, one of whole
  /// numbers below 2^24 is not.
  bool exactOnIntegers() const override { return true; }

  Work work() const override { return computeWork(problem); }
  double peakTFLOPs(const GPU &gpu) const override { return poolc::peakTFLOPs(gpu, problem); }

private:
  AddProblem problem;
};

} // namespace

std::unique_ptr<ReferenceOp> poolc::makeReference(const AddProblem &problem) {
  return std::make_unique<AddReference>(problem);
}
