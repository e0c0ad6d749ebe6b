//===- Reference.cpp - What references have in common ---------------------===//

#include "poolc/Reference/Reference.h"

#include "llvm/ADT/bit.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

using namespace poolc;

ReferenceOp::~ReferenceOp() = default;

void poolc::applyActivation(ReferenceElement &element, const Activation &activation) {
  if (!activation)
    return;
  element.value = activation(element.value);
  element.lipschitz *= activation.lipschitz();
  if (!activation.isExact())
    element.activation += std::max(1.0, std::abs(element.value));
  element.isWhole &= activation.keepsIntegers();
}

void poolc::addResidual(ReferenceElement &element, double value) {
  element.value += value;
  element.residual += std::abs(value);
  element.isWhole &= value == std::nearbyint(value);
}

double poolc::roundToTF32(double value) {
  if (!std::isfinite(value))
    return value;
  uint32_t bits = llvm::bit_cast<uint32_t>(static_cast<float>(value));
  // Half a unit of the last kept bit, added to the magnitude; a carry into the
  // exponent gives the next power of two, or infinity.
  bits = (bits + 0x1000) & ~uint32_t{0x1fff};
  return llvm::bit_cast<float>(bits);
}
