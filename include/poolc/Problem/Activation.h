//===- Activation.h - Functions applied to each result ----------*- C++ -*-===//
//
// What an activation computes, as plain numbers; see AvgPool2d.h for why.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_PROBLEM_ACTIVATION_H
#define POOLC_PROBLEM_ACTIVATION_H

#include "llvm/ADT/StringRef.h"

#include <optional>

namespace poolc {

/// - relu: max(v, 0); a NaN stays one
/// - gelu: v * (1 + erf(v / sqrt 2)) / 2
/// - gelu_tanh: v * (1 + tanh(sqrt(2 / pi) * (v + 0.044715 v^3))) / 2
/// - silu: v / (1 + e^-v)
/// - leaky_relu: v where it is positive, else slope * v
enum class ActivationKind { none, relu, gelu, gelu_tanh, silu, leaky_relu };

/// The word for it; "none" without one.
llvm::StringRef toString(ActivationKind kind);

/// The kind of that word but none and leaky_relu, which needs a slope.
std::optional<ActivationKind> parseActivationKind(llvm::StringRef word);

struct Activation {
  ActivationKind kind = ActivationKind::none;
  /// Of leaky_relu, else 0.
  double slope = 0;

  friend bool operator==(const Activation &, const Activation &) = default;
  explicit operator bool() const { return kind != ActivationKind::none; }

  /// The definition, in double.
  double operator()(double value) const;

  /// The largest slope anywhere: by how much it can enlarge an error.
  double lipschitz() const;

  /// Whether it only chooses or negates, so that it rounds nothing.
  bool isExact() const;

  /// Whether whole numbers become whole numbers, exactly.
  bool keepsIntegers() const;
};

} // namespace poolc

#endif // POOLC_PROBLEM_ACTIVATION_H
