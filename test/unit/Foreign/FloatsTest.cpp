//===- FloatsTest.cpp - f32, f64, conversions, functions ------------------===//

#include "Foreign.h"

#include <cfenv>
#include <cmath>
#include <functional>
#include <limits>

using namespace poolc::vgpu::test;

class Floats : public Foreign {};
FOREIGN_TESTS(Floats);

namespace {

/// Evaluates on the host's floating-point unit under a rounding mode.
template <typename F> auto rounded(int mode, F f) {
  std::fesetround(mode);
  auto result = f();
  std::fesetround(FE_TONEAREST);
  return result;
}

/// Keeps the compiler from evaluating with the default rounding.
template <typename T> T opaque(T value) {
  volatile T kept = value;
  return kept;
}

template <typename T> std::vector<T> operands(uint32_t seed) {
  using Limits = std::numeric_limits<T>;
  std::vector<T> values = {T(0),    T(-0.0),           T(1),           T(-1.5),
                           T(0.1),  Limits::max(),     -Limits::min(), Limits::denorm_min(),
                           T(1e10), Limits::epsilon(), T(2.5),         -Limits::infinity()};
  // Every edge meets every edge, in another order per operand.
  std::vector<T> all;
  size_t n = values.size();
  for (size_t i = 0; i < n * n; ++i)
    all.push_back(values[seed == 1 ? i % n : seed == 2 ? i / n : (i * 7 + i / n) % n]);
  std::vector<int> mantissas = wholeNumbers(496, -(1 << 24), 1 << 24, seed);
  std::vector<int> exponents = wholeNumbers(496, -30, 10, seed + 10);
  for (size_t i = 0; i < 496; ++i)
    all.push_back(std::ldexp(T(mantissas[i]) * T(1.00000001), exponents[i]));
  all.resize(640, T(3));
  return all;
}

/// NaNs are equal; anything else is held to its bits.
template <typename T>
testing::AssertionResult sameNumbers(std::vector<T> actual, std::vector<T> expected,
                                     size_t columns) {
  for (std::vector<T> *values : {&actual, &expected})
    for (T &value : *values)
      if (std::isnan(value))
        value = std::numeric_limits<T>::quiet_NaN();
  return sameBits(actual, expected, columns);
}

std::vector<float> floatRow(float first, float second, float third) {
  float a = opaque(first), b = opaque(second), c = opaque(third);
  float magnitude = opaque(std::fabs(a));
  auto with = [](int mode, auto f) { return rounded(mode, [&] { return opaque(f()); }); };
  auto sum = [&] { return opaque(a) + opaque(b); };
  auto product = [&] { return opaque(a) * opaque(b); };
  auto fused = [&] { return std::fma(opaque(a), opaque(b), opaque(c)); };
  auto ratio = [&] { return opaque(a) / opaque(b); };
  auto root = [&] { return std::sqrt(opaque(magnitude)); };
  return {with(FE_TONEAREST, sum), with(FE_TOWARDZERO, sum), with(FE_UPWARD, sum),
          with(FE_DOWNWARD, sum), with(FE_TONEAREST, product), with(FE_TOWARDZERO, product),
          with(FE_TONEAREST, fused), with(FE_UPWARD, fused), with(FE_DOWNWARD, fused),
          with(FE_TONEAREST, ratio), with(FE_UPWARD, ratio), with(FE_TONEAREST, root),
          with(FE_DOWNWARD, root), 1 / b,
          // -0 is the smaller zero.
          a == 0 && b == 0 ? (std::signbit(a) ? a : b) : std::fmin(a, b),
          a == 0 && c == 0 ? (std::signbit(a) ? c : a) : std::fmax(a, c), std::floor(a),
          std::ceil(b), std::trunc(c), std::nearbyint(a), std::round(b), std::copysign(a, b),
          std::fmod(a, b), std::remainder(a, b), std::ldexp(a, 3),
          a > 0 ? std::fmin(a, 1.0f) : 0.0f};
}

std::vector<double> doubleRow(double first, double second, double third) {
  double a = opaque(first), b = opaque(second), c = opaque(third);
  auto with = [](int mode, auto f) { return rounded(mode, [&] { return opaque(f()); }); };
  auto sum = [&] { return opaque(a) + opaque(b); };
  auto product = [&] { return opaque(a) * opaque(b); };
  auto fused = [&] { return std::fma(opaque(a), opaque(b), opaque(c)); };
  return {with(FE_TONEAREST, sum),
          with(FE_TOWARDZERO, sum),
          with(FE_TONEAREST, product),
          with(FE_UPWARD, product),
          with(FE_TONEAREST, fused),
          with(FE_DOWNWARD, fused),
          a / b,
          std::sqrt(std::fabs(a)),
          1 / c,
          a == 0 && b == 0 ? (std::signbit(a) ? a : b) : std::fmin(a, b),
          b == 0 && c == 0 ? (std::signbit(b) ? c : b) : std::fmax(b, c),
          std::floor(a),
          std::nearbyint(b),
          std::fmod(a, b),
          std::ldexp(a, -5),
          a < b    ? 1.0
          : a == c ? 2.0
                   : 3.0};
}

} // namespace

TEST_P(Floats, floats) {
  std::vector<float> as = operands<float>(1), bs = operands<float>(2), cs = operands<float>(3);
  std::vector<float> expected;
  for (size_t i = 0; i < as.size(); ++i)
    for (float value : floatRow(as[i], bs[i], cs[i]))
      expected.push_back(value);
  size_t columns = expected.size() / as.size();
  EXPECT_TRUE(sameNumbers(run("Floats.cu", "floats", {int64_t(as.size() / 64), 64},
                              Out<float>{expected.size()}, as, bs, cs, int(columns)),
                          expected, columns));
}

TEST_P(Floats, doubles) {
  std::vector<double> as = operands<double>(1), bs = operands<double>(2), cs = operands<double>(3);
  std::vector<double> expected;
  for (size_t i = 0; i < as.size(); ++i)
    for (double value : doubleRow(as[i], bs[i], cs[i]))
      expected.push_back(value);
  size_t columns = expected.size() / as.size();
  EXPECT_TRUE(sameNumbers(run("Floats.cu", "doubles", {int64_t(as.size() / 64), 64},
                              Out<double>{expected.size()}, as, bs, cs, int(columns)),
                          expected, columns));
}

/// A conversion on the GPU saturates, and makes NaN zero.
template <typename Whole> static Whole saturated(double value) {
  if (std::isnan(value))
    return 0;
  if (value <= double(std::numeric_limits<Whole>::min()))
    return std::numeric_limits<Whole>::min();
  if (value >= double(std::numeric_limits<Whole>::max()))
    return std::numeric_limits<Whole>::max();
  return Whole(value);
}

static int64_t bits(float value) {
  int32_t result;
  std::memcpy(&result, &value, sizeof(value));
  return result;
}
static int64_t bits(double value) {
  int64_t result;
  std::memcpy(&result, &value, sizeof(value));
  return result;
}

static std::vector<int64_t> conversionRow(double d) {
  auto narrowed = [&](int mode) { return rounded(mode, [&] { return opaque(float(opaque(d))); }); };
  float f = narrowed(FE_TONEAREST);
  int32_t whole = int32_t(uint32_t(saturated<int32_t>(std::trunc(f))) * 77777u);
  int64_t large = int64_t(whole) * (1 << 20);
  auto toFloat = [&](int mode, int64_t value) {
    return rounded(mode, [&] { return opaque(float(opaque(value))); });
  };
  return {saturated<int32_t>(std::nearbyint(f)),
          saturated<int32_t>(std::trunc(f)),
          saturated<int32_t>(std::ceil(f)),
          saturated<int32_t>(std::floor(f)),
          saturated<uint32_t>(std::trunc(std::fabs(f))),
          saturated<int64_t>(std::nearbyint(f)),
          saturated<int32_t>(std::nearbyint(d)),
          saturated<int64_t>(std::floor(d)),
          bits(f),
          bits(d),
          bits(narrowed(FE_TOWARDZERO)),
          bits(narrowed(FE_UPWARD)),
          bits(toFloat(FE_TONEAREST, whole)),
          bits(toFloat(FE_DOWNWARD, whole)),
          bits(toFloat(FE_TOWARDZERO, large)),
          bits(double(int64_t(whole) * whole)),
          int8_t(saturated<int32_t>(std::trunc(f))),
          uint16_t(saturated<int32_t>(std::trunc(f))),
          saturated<uint32_t>(std::trunc(f))};
}

TEST_P(Floats, conversions) {
  std::vector<double> in = operands<double>(3);
  std::vector<int64_t> expected;
  for (double value : in)
    for (int64_t column : conversionRow(value))
      expected.push_back(column);
  size_t columns = expected.size() / in.size();
  EXPECT_TRUE(sameBits(run("Floats.cu", "conversions", {int64_t(in.size() / 64), 64},
                           Out<int64_t>{expected.size()}, in, int(columns)),
                       expected, columns));
}

// The CUDA library is a few units in the last place from the true value; so is the host's.
TEST_P(Floats, functions) {
  std::vector<double> in;
  for (int value : wholeNumbers(128, -4000, 4000))
    in.push_back(value * 0.0123 + 0.00317);
  in[0] = 1e5;
  in[1] = -123456.75;
  struct Column {
    std::function<double(double)> f;
    double tolerance; // relative to max(|value|, 1)
  };
  // What the f32 functions are given.
  auto single = [](auto f) { return [f](double x) { return f(double(float(x))); }; };
  auto eighth = [](double x) { return double(float(x) / 8); };
  auto part = [](double x) { return double(float(x) / 64); };
  double d = 1e-14, f = 1e-6;
  const Column columns[] = {
      {[](double x) { return std::sin(x); }, d},
      {[](double x) { return std::cos(x); }, d},
      {[](double x) { return std::exp(x / 64); }, d},
      {[](double x) { return std::log(std::fabs(x)); }, d},
      {[](double x) { return std::pow(std::fabs(x), 0.37); }, d},
      {[](double x) { return std::tanh(x / 8); }, d},
      {[](double x) { return std::erf(x / 8); }, d},
      {[](double x) { return std::atan2(x, 3.0); }, d},
      {[](double x) { return std::cbrt(x); }, d},
      {[](double x) { return std::lgamma(std::fabs(x) + 0.5); }, 10 * d},
      {single([](double x) { return std::sin(x); }), f},
      {single([](double x) { return std::tan(x); }), f},
      {single([=](double x) { return std::exp(part(x)); }), f},
      {single([](double x) { return std::log(std::fabs(x)); }), f},
      {single([](double x) { return std::pow(std::fabs(x), double(0.37f)); }), f},
      {single([=](double x) { return std::tanh(eighth(x)); }), f},
      {single([=](double x) { return std::erf(eighth(x)); }), f},
      {single([](double x) { return 1 / std::sqrt(std::fabs(x)); }), f},
      {single([=](double x) { return std::exp(part(x)); }), 1e-5},
      {single([](double x) { return std::log(std::fabs(x)); }), f},
  };
  // Where exp(x / 64) would leave f32, nothing is compared.
  size_t width = std::size(columns);
  std::vector<double> actual =
      run("Floats.cu", "functions", {2, 64}, Out<double>{in.size() * width}, in, int(width));
  for (size_t i = 0; i < in.size(); ++i)
    for (size_t j = 0; j < width; ++j) {
      double expected = columns[j].f(in[i]);
      if (std::fabs(in[i] / 64) > 80)
        continue;
      EXPECT_NEAR(actual[i * width + j], expected,
                  columns[j].tolerance * std::max(1.0, std::fabs(expected)))
          << "column " << j << ", x = " << in[i];
    }
}
