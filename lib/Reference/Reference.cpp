//===- Reference.cpp - What references have in common ---------------------===//

#include "poolc/Reference/Reference.h"

#include "llvm/ADT/bit.h"

#include <cmath>
#include <cstdint>

using namespace poolc;

ReferenceOp::~ReferenceOp() = default;

double poolc::roundToTF32(double value) {
  if (!std::isfinite(value))
    return value;
  uint32_t bits = llvm::bit_cast<uint32_t>(static_cast<float>(value));
  // Half a unit of the last kept bit, added to the magnitude; a carry into the
  // exponent gives the next power of two, or infinity.
  bits = (bits + 0x1000) & ~uint32_t{0x1fff};
  return llvm::bit_cast<float>(bits);
}
