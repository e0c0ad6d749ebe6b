//===- HalfTest.cpp - f16 and bf16, alone and in pairs --------------------===//

#include "Foreign.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APSInt.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace poolc::vgpu::test;
using llvm::APFloat;
using llvm::APInt;
using llvm::APSInt;
using llvm::fltSemantics;

class Half : public Foreign {};
FOREIGN_TESTS(Half);

static constexpr auto nearest = APFloat::rmNearestTiesToEven;

static APFloat number(const fltSemantics &semantics, uint16_t bits) {
  return APFloat(semantics, APInt(16, bits));
}
static uint16_t bitsOf(const APFloat &value) {
  return uint16_t(value.bitcastToAPInt().getZExtValue());
}

/// The NaN that results of the GPU have.
static APFloat settled(APFloat value) {
  if (value.isNaN())
    return number(value.getSemantics(), 0x7FFF);
  return value;
}

static APFloat sum(APFloat a, const APFloat &b) {
  a.add(b, nearest);
  return settled(a);
}
static APFloat difference(APFloat a, const APFloat &b) {
  a.subtract(b, nearest);
  return settled(a);
}
static APFloat product(APFloat a, const APFloat &b) {
  a.multiply(b, nearest);
  return settled(a);
}
static APFloat fused(APFloat a, const APFloat &b, const APFloat &c) {
  a.fusedMultiplyAdd(b, c, nearest);
  return settled(a);
}

static APFloat constant(const fltSemantics &semantics, double value) {
  APFloat result(value);
  bool losesInfo;
  result.convert(semantics, nearest, &losesInfo);
  return result;
}

/// Edges of the format, and random bits.
static std::vector<uint16_t> operands(const fltSemantics &semantics, size_t count, uint32_t seed) {
  std::vector<uint16_t> values = wholeNumbers<uint16_t>(count, 0, 0xFFFF, seed);
  const uint16_t edges[] = {0,
                            0x8000,
                            1,
                            0x8001,
                            bitsOf(constant(semantics, 1)),
                            bitsOf(constant(semantics, -2.5)),
                            bitsOf(APFloat::getLargest(semantics)),
                            bitsOf(APFloat::getSmallestNormalized(semantics)),
                            bitsOf(APFloat::getInf(semantics)),
                            bitsOf(APFloat::getInf(semantics, true)),
                            0x7FFF,
                            bitsOf(constant(semantics, 1.0078125))};
  size_t n = std::size(edges);
  for (size_t i = 0; i < std::min(count, n * n); ++i)
    values[i] = edges[seed == 1 ? i % n : seed == 2 ? i / n : (5 * i + i / n) % n];
  return values;
}

/// The columns of one lane of a pair: what each instruction makes of it.
static std::vector<uint16_t> pairColumns(const APFloat &a, const APFloat &b, const APFloat &c) {
  const fltSemantics &semantics = a.getSemantics();
  APFloat one = constant(semantics, 1), zero = constant(semantics, 0);
  APFloat relu = fused(a, b, c);
  // NaN stays, everything below zero becomes zero.
  if (!relu.isNaN() && relu.isNegative())
    relu = zero;
  APFloat negated = a, magnitude = b;
  negated.changeSign();
  magnitude.clearSign();
  return {bitsOf(sum(a, b)),
          bitsOf(difference(a, b)),
          bitsOf(product(a, b)),
          bitsOf(fused(a, b, c)),
          bitsOf(relu),
          bitsOf(settled(llvm::minimumnum(a, b))),
          bitsOf(settled(llvm::maximumnum(b, c))),
          bitsOf(settled(llvm::maximum(a, c))),
          bitsOf(negated),
          bitsOf(magnitude),
          bitsOf(a < b ? one : zero),
          bitsOf(b.compare(c) != APFloat::cmpLessThan ? one : zero)};
}

static std::vector<uint16_t> pairRows(const fltSemantics &semantics,
                                      const std::vector<uint16_t> &as,
                                      const std::vector<uint16_t> &bs,
                                      const std::vector<uint16_t> &cs) {
  std::vector<uint16_t> rows;
  for (size_t i = 0; i < as.size(); i += 2) {
    std::vector<uint16_t> lanes[2];
    for (size_t j = 0; j < 2; ++j)
      lanes[j] = pairColumns(number(semantics, as[i + j]), number(semantics, bs[i + j]),
                             number(semantics, cs[i + j]));
    for (auto [low, high] : llvm::zip_equal(lanes[0], lanes[1]))
      rows.insert(rows.end(), {low, high});
    // Both halves swapped; both high halves.
    rows.insert(rows.end(), {as[i + 1], as[i], as[i + 1], bs[i + 1]});
  }
  return rows;
}

/// Bits of NaN do not matter.
static std::vector<uint16_t> settledAll(const fltSemantics &semantics,
                                        std::vector<uint16_t> values) {
  for (uint16_t &value : values)
    value = bitsOf(settled(number(semantics, value)));
  return values;
}

TEST_P(Half, pairs) {
  struct Case {
    const char *kernel;
    const fltSemantics &semantics;
  };
  for (const Case &c :
       {Case{"halfPairs", APFloat::IEEEhalf()}, Case{"bfloatPairs", APFloat::BFloat()}}) {
    std::vector<uint16_t> as = operands(c.semantics, 1024, 1), bs = operands(c.semantics, 1024, 2),
                          cs = operands(c.semantics, 1024, 3);
    std::vector<uint16_t> expected = pairRows(c.semantics, as, bs, cs);
    size_t columns = 2 * expected.size() / as.size();
    auto actual = run("Half.cu", c.kernel, {1, 512}, Out<uint16_t>{expected.size()}, as, bs, cs,
                      int(columns / 2));
    EXPECT_TRUE(
        sameBits(settledAll(c.semantics, actual), settledAll(c.semantics, expected), columns))
        << c.kernel;
  }
}

TEST_P(Half, scalars) {
  const fltSemantics &half = APFloat::IEEEhalf();
  std::vector<uint16_t> as = operands(half, 512, 1), bs = operands(half, 512, 2),
                        cs = operands(half, 512, 3), expected;
  APFloat one = constant(half, 1), zero = constant(half, 0);
  // To [0, 1], NaN to 0.
  auto saturated = [&](const APFloat &value) {
    return value.isNaN() || value.isNegative() ? zero : value > one ? one : value;
  };
  for (size_t i = 0; i < as.size(); ++i) {
    APFloat a = number(half, as[i]), b = number(half, bs[i]), c = number(half, cs[i]);
    APFloat quotient = a, floor = a, whole = b, negated = c;
    quotient.divide(b, nearest);
    floor.roundToIntegral(APFloat::rmTowardNegative);
    whole.roundToIntegral(nearest);
    negated.changeSign();
    for (const APFloat &column : {sum(a, b), difference(product(a, b), c), saturated(sum(a, b)),
                                  saturated(fused(a, b, c)), settled(quotient), a > b ? c : negated,
                                  c.isNaN() ? a : b, settled(floor), settled(whole)})
      expected.push_back(bitsOf(column));
  }
  size_t columns = expected.size() / as.size();
  auto actual = run("Half.cu", "halfScalars", {1, 512}, Out<uint16_t>{expected.size()}, as, bs, cs,
                    int(columns));
  EXPECT_TRUE(sameBits(settledAll(half, actual), settledAll(half, expected), columns));
}

TEST_P(Half, fromFloat) {
  std::vector<uint32_t> bits = wholeNumbers<uint32_t>(1024, 0, 0xFFFFFFFF);
  std::vector<float> in(1024);
  std::vector<uint16_t> expected;
  for (size_t i = 0; i < in.size(); ++i) {
    // Most of them in the range of f16, some of them ties.
    uint32_t exponent = 95 + bits[i] % 50;
    uint32_t word = (bits[i] & 0x807FFFFF) | exponent << 23;
    if (i % 3 == 0)
      word &= i % 2 ? 0xFFFFF000 : 0xFFFF8000;
    std::memcpy(&in[i], &word, sizeof(float));
    auto converted = [&](const fltSemantics &semantics, llvm::RoundingMode mode, float value) {
      APFloat result(value);
      bool losesInfo;
      result.convert(semantics, mode, &losesInfo);
      return bitsOf(result);
    };
    const fltSemantics &half = APFloat::IEEEhalf(), &bfloat = APFloat::BFloat();
    int32_t whole = std::fabs(in[i]) < 0x1p31f ? int32_t(in[i]) : 0;
    expected.insert(expected.end(),
                    {converted(half, nearest, in[i]), converted(half, APFloat::rmTowardZero, in[i]),
                     converted(half, APFloat::rmTowardPositive, in[i]),
                     converted(half, APFloat::rmTowardNegative, in[i]),
                     converted(bfloat, nearest, in[i]),
                     converted(bfloat, APFloat::rmTowardZero, in[i]),
                     converted(half, nearest, -in[i]), converted(half, nearest, float(whole))});
  }
  EXPECT_TRUE(
      sameBits(run("Half.cu", "toHalf", {8, 128}, Out<uint16_t>{8 * in.size()}, in), expected, 8));
}

TEST_P(Half, toFloat) {
  std::vector<uint16_t> in(0x10000);
  std::vector<float> expected;
  for (size_t i = 0; i < in.size(); ++i) {
    in[i] = uint16_t(i);
    for (const fltSemantics *semantics : {&APFloat::IEEEhalf(), &APFloat::BFloat()}) {
      APFloat value = number(*semantics, in[i]);
      expected.push_back(value.isNaN() ? 0 : value.convertToFloat());
    }
    APFloat value = number(APFloat::IEEEhalf(), in[i]);
    APSInt whole(32, /*isUnsigned=*/false);
    bool isExact;
    // Saturates; NaN gives zero.
    value.convertToInteger(whole, APFloat::rmTowardZero, &isExact);
    expected.push_back(value.isNaN() ? 0 : float(whole.getSExtValue()));
  }
  std::vector<float> actual =
      run("Half.cu", "fromHalf", {256, 256}, Out<float>{expected.size()}, in, in);
  for (float &value : actual)
    if (std::isnan(value))
      value = 0;
  EXPECT_TRUE(sameBits(actual, expected, 3));
}
