//===- Generate.cpp - Generated contents of inputs ------------------------===//

#include "poolc/Runtime/InputSpec.h"

#include "llvm/Support/MathExtras.h"

#include <array>
#include <cmath>
#include <cstring>

using namespace poolc;

/// A bijection of 64 bits whose output looks random (SplitMix64's finalizer).
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// 64 random bits for one element.
static uint64_t bitsOf(uint64_t seed, uint64_t argument, uint64_t index) {
  constexpr uint64_t golden = 0x9e3779b97f4a7c15;
  uint64_t stream = mix(mix(seed + golden) + argument * golden);
  return mix(stream + (index + 1) * golden);
}

/// Bits of the significand, the leading one included.
static unsigned precisionOf(DataType type) {
  switch (type) {
  case DataType::f16:
    return 11;
  case DataType::bf16:
    return 8;
  case DataType::f64:
    return 53;
  default:
    return 24;
  }
}

static int minExponentOf(DataType type) {
  return type == DataType::f16 ? -14 : type == DataType::f64 ? -1022 : -126;
}

/// Uniform in [-1, 1), from the top bits: exact in a type of that precision.
static double uniform(uint64_t bits, unsigned precision) {
  auto steps = static_cast<double>(bits >> (64 - precision));
  return std::ldexp(steps, 1 - static_cast<int>(precision)) - 1;
}

/// Box and Muller's transform of two uniform numbers.
static double normal(uint64_t bits) {
  double u = std::ldexp(static_cast<double>((bits >> 11) + 1), -53);
  double v = std::ldexp(static_cast<double>(mix(bits) >> 11), -53);
  constexpr double twoPi = 6.283185307179586;
  return std::sqrt(-2 * std::log(u)) * std::cos(twoPi * v);
}

static double integer(uint64_t bits) { return static_cast<double>(bits % 9) - 4; }

/// One of the kinds of values that arithmetic goes wrong on.
static double edge(uint64_t bits, DataType type) {
  unsigned precision = precisionOf(type);
  // Fields of their own for the kind, the sign, the exponent and the significand.
  double sign = bits & 8 ? -1 : 1;
  uint64_t choice = (bits >> 4) & 0xffff;
  uint64_t significand = bits >> (64 - precision);
  int small = static_cast<int>(choice % 7) - 3;
  double unitInLastPlace = std::ldexp(1.0, 1 - static_cast<int>(precision));
  switch (bits % 8) {
  case 0:
    return sign * 0.0;
  case 1: {
    // Subnormal or just normal.
    int lowest = minExponentOf(type) - static_cast<int>(precision) + 1;
    return sign * std::ldexp(static_cast<double>(significand >> (choice % precision)), lowest);
  }
  case 2: {
    // Halfway between two numbers of a narrower type: TF32 and f16, or bf16.
    int tie = choice & 64 ? -11 : -8;
    if (-tie >= static_cast<int>(precision))
      tie = 1 - static_cast<int>(precision);
    auto kept = static_cast<double>(significand & 127);
    return sign * std::ldexp(1 + 2 * std::ldexp(kept, tie) + std::ldexp(1.0, tie), small);
  }
  case 3:
    // Every bit of the significand but the first few is set.
    return sign * std::ldexp(2 - unitInLastPlace - (choice & 64 ? 0.5 : 0), small);
  case 4:
    // One, and the bit that is lost first.
    return sign * std::ldexp(1 + unitInLastPlace, small);
  case 5:
    return sign * std::ldexp(1 + (significand & 1) * 0.5,
                             static_cast<int>(choice % (type == DataType::f16 ? 10 : 40)));
  case 6:
    return sign;
  default:
    return uniform(bits, precision);
  }
}

double poolc::generateElement(Contents contents, DataType type, uint64_t seed, uint64_t argument,
                              uint64_t index) {
  if (contents == Contents::ones)
    return 1;
  if (contents == Contents::zeros || contents == Contents::file)
    return 0;
  if (contents == Contents::range)
    return static_cast<double>(index);

  uint64_t bits = bitsOf(seed, argument, index);
  if (contents == Contents::integers || !isFloat(type))
    return integer(bits);
  if (contents == Contents::random)
    return uniform(bits, precisionOf(type));
  return contents == Contents::normal ? normal(bits) : edge(bits, type);
}

void poolc::generateBytes(Contents contents, DataType type, uint64_t seed, uint64_t argument,
                          uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes) {
  unsigned size = sizeInBytes(type);
  std::array<uint8_t, 8> element;
  while (!bytes.empty()) {
    uint64_t skipped = offset % size;
    size_t count = std::min<size_t>(size - skipped, bytes.size());
    storeElement(type, generateElement(contents, type, seed, argument, offset / size),
                 element.data());
    std::memcpy(bytes.data(), element.data() + skipped, count);
    bytes = bytes.drop_front(count);
    offset += count;
  }
}
