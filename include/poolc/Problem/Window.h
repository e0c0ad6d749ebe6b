//===- Window.h - A sliding window along one axis ---------------*- C++ -*-===//
#ifndef POOLC_PROBLEM_WINDOW_H
#define POOLC_PROBLEM_WINDOW_H

#include <cstdint>
#include <optional>

namespace poolc {

/// What a plan bounds every dynamic size of an axis to that a window slides
/// over, so that a kernel can count along it in 32 bits.
constexpr int64_t maxDynamicSize = (int64_t{1} << 27) - 1;

/// A window of `kernel` taps, `dilation` apart, that slides by `stride` over
/// `size` elements with `padBefore` and `padAfter` zeros around them.
struct Window {
  int64_t size = 1;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t padBefore = 0;
  int64_t padAfter = 0;
  /// A last window that starts inside the padded extent but hangs over its end
  /// counts too, unless it starts in the padding after the tensor.
  bool ceilMode = false;
  /// `size` is only known at run time, from minSize() to maxDynamicSize: here it
  /// is the one to expect, for which a schedule is decided.
  bool isDynamic = false;

  /// The largest size, and the most window positions, that there can be.
  int64_t maxSize() const { return isDynamic ? maxDynamicSize : size; }
  int64_t maxOutputSize() const;

  /// A number that the size, and the number of window positions, is surely a
  /// multiple of: what rows may be aligned to.
  int64_t sizeFactor() const { return isDynamic ? 1 : size; }
  int64_t outputFactor() const { return isDynamic ? 1 : outputSize().value_or(1); }

  /// dilation * (kernel - 1) + 1, or nothing where that leaves 64 bits.
  std::optional<int64_t> span() const;

  /// Number of window positions; may be 0 or negative for an illegal window.
  /// Nothing where an intermediate leaves 64 bits.
  std::optional<int64_t> outputSize() const;

  /// The least size that has a window position; nothing where that leaves 64 bits.
  std::optional<int64_t> minSize() const;

  /// Makes the size dynamic; `size` stays what to expect if it has a position.
  void expectDynamicSize();

  /// For any size that has a position, their number is the quotient of size +
  /// outputOffset() and stride, rounded up in ceil mode, else down. Nothing where
  /// the offset leaves 64 bits.
  std::optional<int64_t> outputOffset() const;

  /// First element (negative: in the padding) that output `o` touches.
  int64_t start(int64_t o) const { return o * stride - padBefore; }
};

} // namespace poolc

#endif // POOLC_PROBLEM_WINDOW_H
