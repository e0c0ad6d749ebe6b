//===- Tensors.h - Tensor types with sizes that only a run knows -*- C++ -*-===//
#ifndef POOLC_TEST_SWEEP_TENSORS_H
#define POOLC_TEST_SWEEP_TENSORS_H

#include "Shapes.h"

#include "llvm/ADT/SmallBitVector.h"

#include <string>

namespace poolc::sweep {

/// The type of a tensor, and the sizes that it has in the run.
struct Tensor {
  Tensor(Shape shape) : shape(std::move(shape)), isDynamic(this->shape.size()) {}
  Tensor(Shape shape, llvm::SmallBitVector isDynamic)
      : shape(std::move(shape)), isDynamic(std::move(isDynamic)) {}

  /// tensor<?x64xf32>
  std::string typeText(DataType type) const;
  /// 4x64, as before a generator of --input.
  std::string shapeText() const;

  bool operator==(const Tensor &other) const {
    return shape == other.shape && isDynamic == other.isDynamic;
  }

  Shape shape;
  llvm::SmallBitVector isDynamic;
};

/// The tensor with about half of its sizes dynamic, at least one.
Tensor drawDynamic(Random &random, Shape shape);

/// A shape that the tensor's type has too, with sizes of at least 1: often that of
/// the run, often another one.
Shape drawExpected(Random &random, const Tensor &tensor);

} // namespace poolc::sweep

#endif // POOLC_TEST_SWEEP_TENSORS_H
