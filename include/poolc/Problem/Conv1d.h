//===- Conv1d.h - What a 1-D convolution computes ---------------*- C++ -*-===//
//
// The meaning of nn.conv1d as plain numbers; see AvgPool2d.h for why.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_PROBLEM_CONV1D_H
#define POOLC_PROBLEM_CONV1D_H

#include "poolc/Problem/Activation.h"
#include "poolc/Problem/Window.h"
#include "poolc/Support/DataType.h"

#include "llvm/ADT/StringRef.h"

#include <optional>

namespace poolc {

/// How the products of an f32 convolution are formed.
enum class Precision { ieee, tf32, tf32x3 };

/// The word for it: "ieee", "tf32" or "tf32x3".
llvm::StringRef toString(Precision precision);

/// The precision of that word, or nothing.
std::optional<Precision> parsePrecision(llvm::StringRef word);

/// x [batch, groups * inPerGroup, window.size], w [groups * outPerGroup,
/// inPerGroup, window.kernel], optional bias [groups * outPerGroup]
/// -> y [batch, groups * outPerGroup, outputSize()]. Cross-correlation.
struct Conv1dProblem {
  DataType type = DataType::f32;
  Precision precision = Precision::ieee;
  int64_t batch = 1;
  /// `batch` is only known at run time, here it is the number to expect.
  bool batchIsDynamic = false;
  int64_t groups = 1;
  int64_t inPerGroup = 1;
  int64_t outPerGroup = 1;
  Window window;
  bool hasBias = false;
  /// What becomes of each sum, bias included.
  Activation activation;
  /// Whether a tensor of y's shape is added last, in the same launch.
  bool addsResidual = false;

  /// Bytes, a power of two up to 16, that the addresses of all operands and of y
  /// are surely multiples of; at least the element's size.
  int64_t alignment = 16;

  bool hasDynamicBatch() const { return batchIsDynamic; }
  /// Whether the length of x is only known at run time.
  bool hasDynamicAxes() const { return window.isDynamic; }

  int64_t inChannels() const { return groups * inPerGroup; }
  int64_t outChannels() const { return groups * outPerGroup; }
  int64_t outputSize() const { return window.outputSize().value_or(0); }
  /// Taps summed for one output.
  int64_t taps() const { return inPerGroup * window.kernel; }
};

} // namespace poolc

#endif // POOLC_PROBLEM_CONV1D_H
