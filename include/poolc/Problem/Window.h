//===- Window.h - A sliding window along one axis ---------------*- C++ -*-===//
#ifndef POOLC_PROBLEM_WINDOW_H
#define POOLC_PROBLEM_WINDOW_H

#include <cstdint>
#include <optional>

namespace poolc {

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

  /// dilation * (kernel - 1) + 1, or nothing where that leaves 64 bits.
  std::optional<int64_t> span() const;

  /// Number of window positions; may be 0 or negative for an illegal window.
  /// Nothing where an intermediate leaves 64 bits.
  std::optional<int64_t> outputSize() const;

  /// First element (negative: in the padding) that output `o` touches.
  int64_t start(int64_t o) const { return o * stride - padBefore; }
};

} // namespace poolc

#endif // POOLC_PROBLEM_WINDOW_H
