//===- Reference.h - The slow, obvious answer in double ---------*- C++ -*-===//
//
// Each op's definition, evaluated one output element at a time in double, with
// what is needed to bound the error that a correct kernel may make.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_REFERENCE_REFERENCE_H
#define POOLC_REFERENCE_REFERENCE_H

#include "poolc/Problem/Activation.h"
#include "poolc/Problem/Add.h"
#include "poolc/Problem/AvgPool2d.h"
#include "poolc/Problem/Conv1d.h"
#include "poolc/Target/Roofline.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace poolc {

/// Reads element `index` (row-major) of an input.
using ElementReader = llvm::function_ref<double(int64_t index)>;

/// One element of the exact result and the magnitude of what was summed.
struct ReferenceElement {
  /// The sum of products, rounded only by double arithmetic.
  double value = 0;
  /// S: the sum of |x*w| over the taps plus |bias|. Where tensor cores multiply, operands
  /// other than zero count as at least the least normal number.
  double magnitude = 0;
  /// n: number of taps + 1.
  int64_t terms = 0;
  /// Largest |x| and |w| that took part; tf32x3's underflow term needs them.
  double maxX = 0, maxW = 0;
  /// Whether every operand that took part is a whole number. Then all products
  /// and sums are exact while the magnitude is below 2^24.
  bool isWhole = true;
  /// What was done to the sum in the same launch: the error of the sum is
  /// multiplied by `lipschitz`, then `residual` (the sum of |r|) times u_acc and
  /// `activation` (max(1, |f|), or 0 where nothing is rounded) times u_f are
  /// added to it.
  double lipschitz = 1, residual = 0, activation = 0;
};

/// Replaces the value by the activation of it.
void applyActivation(ReferenceElement &element, const Activation &activation);

/// Adds `value`, without rounding before.
void addResidual(ReferenceElement &element, double value);

/// The arithmetic a kernel is allowed: the u of the error bound.
struct ErrorModel {
  double accumulate = 0x1p-24;
  double operand = 0;
  /// eta's part per term: n * this.
  double underflowPerTerm = 0x1p-149;
  /// underflowPerTerm is multiplied by max(1, |x|max, |w|max).
  bool underflowScalesWithOperands = false;
};

/// Rounds to nearest, ties away from zero, in TF32: a float with the low 13
/// bits of the significand cleared, as cvt.rna.tf32.f32 does it.
double roundToTF32(double value);

/// One op of known shape.
class ReferenceOp {
public:
  virtual ~ReferenceOp();

  /// Shape of the result, outermost first.
  virtual std::vector<int64_t> shape() const = 0;

  /// The element at row-major `index`. Thread-safe.
  virtual ReferenceElement element(int64_t index, llvm::ArrayRef<ElementReader> inputs) const = 0;

  virtual ErrorModel errorModel() const = 0;

  /// Whether results of whole-number operands with magnitude < 2^24 are exact,
  /// so that they must be equal to the reference rounded once.
  virtual bool exactOnIntegers() const = 0;

  /// What every kernel must move and compute, and the peak of the unit that
  /// computes it, in TFLOP/s.
  virtual Work work() const = 0;
  virtual double peakTFLOPs(const GPU &gpu) const = 0;
};

/// Inputs: x. Result shape [planes, out(h), out(w)].
std::unique_ptr<ReferenceOp> makeReference(const AvgPool2dProblem &problem);

/// Inputs: a and b. Result shape [elements].
std::unique_ptr<ReferenceOp> makeReference(const AddProblem &problem);

/// Inputs: x, w and, if the problem has one, bias. Result shape [batch, out channels, output size].
std::unique_ptr<ReferenceOp> makeReference(const Conv1dProblem &problem);

} // namespace poolc

#endif // POOLC_REFERENCE_REFERENCE_H
