//===- Add.h - What an elementwise sum computes -----------------*- C++ -*-===//
//
// The meaning of nn.add as plain numbers; see AvgPool2d.h for why.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_PROBLEM_ADD_H
#define POOLC_PROBLEM_ADD_H

#include "poolc/Support/DataType.h"

namespace poolc {

/// a [elements] + b [elements] -> y [elements], rounded once.
struct AddProblem {
  DataType type = DataType::f32;
  int64_t elements = 1;
  /// `elements` is only known at run time, here it is the number to expect.
  bool elementsAreDynamic = false;
  /// Where it is, a number that it is surely a multiple of.
  int64_t dynamicFactor = 1;

  int64_t elementFactor() const { return elementsAreDynamic ? dynamicFactor : elements; }

  /// Bytes, a power of two up to 16, that the addresses of a, b and y are surely
  /// multiples of; at least the element's size.
  int64_t alignment = 16;

  bool hasDynamicBatch() const { return elementsAreDynamic; }
  /// No window slides.
  bool hasDynamicAxes() const { return false; }
};

} // namespace poolc

#endif // POOLC_PROBLEM_ADD_H
