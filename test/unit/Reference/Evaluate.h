//===- Evaluate.h - All elements of a reference, for tests ------*- C++ -*-===//
#ifndef POOLC_TEST_REFERENCE_EVALUATE_H
#define POOLC_TEST_REFERENCE_EVALUATE_H

#include "poolc/Reference/Reference.h"

#include <vector>

namespace poolc {

/// The elements of `op` on inputs given in full.
inline std::vector<ReferenceElement> evaluate(const ReferenceOp &op,
                                              const std::vector<std::vector<double>> &inputs) {
  auto reader = [&](size_t input) {
    return [&inputs, input](int64_t index) { return inputs[input].at(index); };
  };
  auto x = reader(0), w = reader(1), bias = reader(2);
  std::vector<ElementReader> readers = {x, w, bias};
  int64_t size = 1;
  for (int64_t extent : op.shape())
    size *= extent;
  std::vector<ReferenceElement> elements;
  for (int64_t i = 0; i != size; ++i)
    elements.push_back(op.element(i, llvm::ArrayRef(readers).take_front(inputs.size())));
  return elements;
}

inline std::vector<double> values(const ReferenceOp &op,
                                  const std::vector<std::vector<double>> &inputs) {
  std::vector<double> result;
  for (const ReferenceElement &element : evaluate(op, inputs))
    result.push_back(element.value);
  return result;
}

} // namespace poolc

#endif // POOLC_TEST_REFERENCE_EVALUATE_H
