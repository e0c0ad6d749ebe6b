//===- Window.cpp - A sliding window along one axis -----------------------===//

#include "poolc/Problem/Window.h"

#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace poolc;

std::optional<int64_t> Window::span() const {
  return llvm::checkedMulAdd<int64_t>(dilation, kernel - 1, 1);
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
