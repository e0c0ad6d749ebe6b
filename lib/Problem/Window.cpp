//===- Window.cpp - A sliding window along one axis -----------------------===//

#include "poolc/Problem/Window.h"

#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

std::optional<int64_t> Window::span() const {
  return llvm::checkedMulAdd<int64_t>(dilation, kernel - 1, 1);
}

std::optional<int64_t> Window::minSize() const {
  std::optional<int64_t> rest = span();
  for (int64_t pad : {padBefore, padAfter})
    rest = rest ? llvm::checkedSub(*rest, pad) : rest;
  // In ceil mode, the first window may hang over by less than a stride.
  if (rest && ceilMode)
    rest = llvm::checkedSub(*rest, stride - 1);
  return rest ? std::optional(std::max<int64_t>(*rest, 1)) : rest;
}

int64_t Window::maxOutputSize() const {
  Window largest = *this;
  largest.size = maxSize();
  return largest.outputSize().value_or(0);
}

void Window::expectDynamicSize() {
  isDynamic = true;
  size = std::max(size, minSize().value_or(1));
}

std::optional<int64_t> Window::outputOffset() const {
  // floor((size + padBefore + padAfter - span) / stride) + 1
  std::optional<int64_t> offset = span();
  if (offset)
    offset = llvm::checkedSub(stride, *offset);
  for (int64_t pad : {padBefore, padAfter})
    offset = offset ? llvm::checkedAdd(*offset, pad) : offset;
  // In ceil mode, a last window that would start at size + padBefore or later
  // is dropped: no more than ceil((size + padBefore) / stride) positions.
  if (ceilMode && offset)
    offset = std::min(*offset, padBefore);
  return offset;
}

std::optional<int64_t> Window::outputSize() const {
  std::optional<int64_t> taken = span();
  std::optional<int64_t> sizeAndBefore = llvm::checkedAdd(size, padBefore);
  if (!taken || !sizeAndBefore)
    return std::nullopt;
  std::optional<int64_t> extent = llvm::checkedAdd(*sizeAndBefore, padAfter);
  if (!extent)
    return std::nullopt;
  std::optional<int64_t> room = llvm::checkedSub(*extent, *taken);
  if (!room)
    return std::nullopt;

  if (!ceilMode)
    return llvm::divideFloorSigned(*room, stride) + 1;
  int64_t positions = llvm::divideCeilSigned(*room, stride) + 1;
  // The last window must start inside the tensor or the padding before it.
  std::optional<int64_t> lastStart = llvm::checkedMul(positions - 1, stride);
  if (lastStart && *lastStart < *sizeAndBefore)
    return positions;
  return positions - 1;
}
