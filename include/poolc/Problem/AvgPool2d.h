//===- AvgPool2d.h - What a 2-D average pooling computes --------*- C++ -*-===//
//
// The meaning of nn.avg_pool2d as plain numbers: the one place where sizes and
// divisors are defined, shared by the verifier, the reference, the heuristics
// and the lowerings. No IR.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_PROBLEM_AVGPOOL2D_H
#define POOLC_PROBLEM_AVGPOOL2D_H

#include "poolc/Problem/Window.h"
#include "poolc/Support/DataType.h"

#include <optional>

namespace poolc {

/// x [planes, in(h), in(w)] -> y [planes, out(h), out(w)], where planes is N*C.
struct AvgPool2dProblem {
  DataType type = DataType::f32;
  int64_t planes = 1;
  /// `planes` is only known at run time, here it is the number to expect.
  bool planesAreDynamic = false;
  /// Extent and window of each axis; axis 0 is H, axis 1 is W.
  Window axis[2];
  bool countIncludePad = true;
  std::optional<int64_t> divisorOverride;
  /// Bytes, a power of two up to 16, that the addresses of x and y are surely
  /// multiples of; at least the element's size.
  int64_t alignment = 16;

  /// Elements of one access at most.
  int64_t maxVector() const { return alignment / sizeInBytes(type); }

  bool hasDynamicBatch() const { return planesAreDynamic; }
  /// Whether the size of an axis is only known at run time.
  bool hasDynamicAxes() const { return axis[0].isDynamic || axis[1].isDynamic; }

  int64_t outputSize(unsigned a) const { return axis[a].outputSize().value_or(0); }

  /// What the window sum of output (oh, ow) is divided by. PyTorch's rule: the
  /// override; else the positions inside the padded extent or, without
  /// countIncludePad, inside the tensor. The overhang that ceil mode adds
  /// beyond the padded extent never counts. 0 only without countIncludePad,
  /// where a window lies wholly in the padding.
  int64_t divisor(int64_t oh, int64_t ow) const;

  /// The same outputs in the same order, of windows in planes that are each as
  /// high as one window, where windows of a plane follow each other without gap,
  /// overlap or rest along H; else the problem itself.
  AvgPool2dProblem withMergedRows() const;

  /// The divisor if it is the same for every output, of every size that an axis
  /// may have, else nothing.
  std::optional<int64_t> uniformDivisor() const;
};

} // namespace poolc

#endif // POOLC_PROBLEM_AVGPOOL2D_H
