//===- AvgPool2d.cpp - What a 2-D average pooling computes ----------------===//

#include "poolc/Problem/AvgPool2d.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

/// Window positions along one axis that the divisor counts.
static int64_t countedPositions(const Window &window, int64_t o, bool countIncludePad) {
  int64_t low = countIncludePad ? -window.padBefore : 0;
  int64_t high = countIncludePad ? window.size + window.padAfter : window.size;
  int64_t start = window.start(o);
  int64_t end = start + window.kernel;
  return std::max<int64_t>(0, std::min(end, high) - std::max(start, low));
}

int64_t AvgPool2dProblem::divisor(int64_t oh, int64_t ow) const {
  if (divisorOverride)
    return *divisorOverride;
  return countedPositions(axis[0], oh, countIncludePad) *
         countedPositions(axis[1], ow, countIncludePad);
}

/// Whether every window of the axis counts all its taps.
static bool isAlwaysWhole(const Window &window, int64_t outputs, bool countIncludePad) {
  // Of some sizes the last window hangs over the end, or lies in the padding.
  if (window.isDynamic && window.ceilMode && window.stride > 1)
    return false;
  if (window.isDynamic)
    return countIncludePad || (window.padBefore == 0 && window.padAfter == 0);
  return countedPositions(window, 0, countIncludePad) == window.kernel &&
         countedPositions(window, outputs - 1, countIncludePad) == window.kernel;
}

AvgPool2dProblem AvgPool2dProblem::withMergedRows() const {
  const Window &h = axis[0];
  int64_t mergedPlanes;
  if (h.isDynamic || h.stride != h.kernel || h.padBefore != 0 || h.padAfter != 0 ||
      h.size % h.kernel != 0 || llvm::MulOverflow(planes, h.size / h.kernel, mergedPlanes))
    return *this;
  AvgPool2dProblem merged = *this;
  merged.planes = mergedPlanes;
  merged.axis[0].size = h.kernel;
  return merged;
}

std::optional<int64_t> AvgPool2dProblem::uniformDivisor() const {
  if (divisorOverride)
    return divisorOverride;
  for (unsigned a = 0; a != 2; ++a)
    if (!isAlwaysWhole(axis[a], outputSize(a), countIncludePad))
      return std::nullopt;
  return axis[0].kernel * axis[1].kernel;
}
