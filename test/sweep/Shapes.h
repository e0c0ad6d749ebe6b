//===- Shapes.h - Random legal operations -----------------------*- C++ -*-===//
//
// Draws operations whose sizes lie where mistakes live: one element, tails
// around powers of two, paddings beyond the input, dilations beyond the tensor.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_TEST_SWEEP_SHAPES_H
#define POOLC_TEST_SWEEP_SHAPES_H

#include "Random.h"
#include "poolc/Problem/AvgPool2d.h"
#include "poolc/Problem/Conv1d.h"

#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace poolc::sweep {

using Shape = llvm::SmallVector<int64_t, 4>;

/// An operation with the shapes of its tensors.
struct PoolOp {
  AvgPool2dProblem problem;
  Shape x, y;
};
struct ConvOp {
  Conv1dProblem problem;
  Shape x, w, y;
};

/// Elementary steps that running one operation may take, so that the virtual
/// GPU finishes in a fraction of a second.
constexpr int64_t maxSteps = 400'000;

/// A size up to `most`: one, a few, next to a power of two, or any.
int64_t drawExtent(Random &random, int64_t most);

/// Draw a legal operation, on an input of shape `x` if there is one: rank 3 or
/// 4 for pooling, 2 or 3 for convolution. Nothing where none was found for it.
std::optional<PoolOp> drawPool(Random &random, std::optional<Shape> x);
std::optional<ConvOp> drawConv(Random &random, std::optional<Shape> x);

} // namespace poolc::sweep

#endif // POOLC_TEST_SWEEP_SHAPES_H
