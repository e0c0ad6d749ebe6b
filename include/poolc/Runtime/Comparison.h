//===- Comparison.h - Holds results against the reference -------*- C++ -*-===//
//
// The error bound of one element, and what is found over all of them. No IR,
// no device.
//
// With n terms of magnitude S in total, a correct kernel's error before the
// result is rounded is at most
//   E = n * u_acc * S + 2 * u_operand * S;
// an activation f in the same launch makes it Lip(f) * E + u_f * max(1, |f|), a
// residual r adds u_acc * |r|. An element passes if
//   |out - ref| <= (1 + u_out) * E + u_out * |ref| + eta,
// where eta is half the smallest subnormal of the result's type and what the
// terms may lose by underflow.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_RUNTIME_COMPARISON_H
#define POOLC_RUNTIME_COMPARISON_H

#include "poolc/Reference/Reference.h"
#include "poolc/Support/DataType.h"

#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace poolc {

/// The right-hand side of the inequality above.
double errorBound(const ReferenceElement &reference, const ErrorModel &model, DataType type);

/// How far `actual` is from the reference.
struct ElementError {
  bool passes = false;
  /// Had to be equal to the reference rounded once.
  bool exact = false;
  /// Infinite where one of the two is NaN and the other is not, or an infinity
  /// is missing or uncalled for.
  double absolute = 0;
  /// As a multiple of |ref|; 0 where that is 0.
  double relative = 0;
  /// As a multiple of the spacing of `type` at ref.
  double ulp = 0;
  /// As a multiple of the bound.
  double fraction = 0;
};

ElementError compareElement(double actual, const ReferenceElement &reference,
                            const ErrorModel &model, bool exactOnIntegers, DataType type);

struct Mismatch {
  int64_t index = 0;
  double actual = 0;
  double reference = 0;
  double bound = 0;
  bool exact = false;
};

struct Comparison {
  int64_t elements = 0;
  int64_t mismatches = 0;
  /// How many had to be equal.
  int64_t exactElements = 0;
  double maxAbsolute = 0, maxRelative = 0, maxUlp = 0, maxFraction = 0;
  /// The first few, by index.
  std::vector<Mismatch> first;

  static constexpr size_t maxListed = 8;

  /// Adds what was found at the elements after those of `*this`.
  void append(const Comparison &next);
};

/// Elements [begin, end) of a result.
struct ElementRange {
  int64_t begin = 0, end = 0;
};

/// Compares all elements of a result of element type `type`, in parallel. The
/// readers must be thread-safe.
Comparison compare(const ReferenceOp &op, DataType type, llvm::ArrayRef<ElementReader> inputs,
                   ElementReader actual);

/// Compares those elements only; the ranges ascend.
Comparison compare(const ReferenceOp &op, DataType type, llvm::ArrayRef<ElementReader> inputs,
                   ElementReader actual, llvm::ArrayRef<ElementRange> elements);

/// Prints the mismatches with their indices in `shape`, one per line.
void printMismatches(llvm::raw_ostream &os, const Comparison &comparison,
                     llvm::ArrayRef<int64_t> shape);

/// "largest error 1.2e-07 absolute, ..., 0.41 of the bound".
std::string describeErrors(const Comparison &comparison);

} // namespace poolc

#endif // POOLC_RUNTIME_COMPARISON_H
