//===- WmmaTest.cpp - Products of matrices by the warp --------------------===//

#include "Foreign.h"

#include "llvm/ADT/APFloat.h"

#include <cmath>

using namespace poolc::vgpu::test;
using llvm::APFloat;
using llvm::fltSemantics;

class Wmma : public Foreign {};
FOREIGN_TESTS(Wmma);

namespace {

enum class Major { row, column };

/// A matrix of elements of 2 or 4 bytes in memory that is wider than the matrix.
struct Matrix {
  int rows, columns;
  Major major;
  int pitch = 0;
  std::vector<double> values; // the logical matrix, by rows

  Matrix(int rows, int columns, Major major, int pad)
      : rows(rows), columns(columns), major(major),
        pitch((major == Major::row ? columns : rows) + pad), values(rows * columns) {}

  double &at(int i, int j) { return values[i * columns + j]; }
  double at(int i, int j) const { return values[i * columns + j]; }

  size_t size() const { return size_t(major == Major::row ? rows : columns) * pitch; }
  size_t offset(int i, int j) const {
    return major == Major::row ? size_t(i) * pitch + j : size_t(j) * pitch + i;
  }

  /// The memory, with -77 around the matrix.
  template <typename T, typename F> std::vector<T> memory(F encode) const {
    std::vector<T> words(size(), encode(-77));
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j)
        words[offset(i, j)] = encode(at(i, j));
    return words;
  }
};

/// The value's bits in a narrow type.
uint16_t narrow(const fltSemantics &semantics, double value) {
  APFloat result(value);
  bool losesInfo;
  result.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return uint16_t(result.bitcastToAPInt().getZExtValue());
}

/// Whole numbers: products and sums are exact in all types.
Matrix integers(int rows, int columns, Major major, int pad, uint32_t seed) {
  Matrix matrix(rows, columns, major, pad);
  std::vector<int> numbers = wholeNumbers(matrix.values.size(), -8, 8, seed);
  matrix.values.assign(numbers.begin(), numbers.end());
  return matrix;
}

Matrix productSum(const Matrix &a, const Matrix &b, Matrix c) {
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < b.columns; ++j)
      for (int k = 0; k < a.columns; ++k)
        c.at(i, j) += a.at(i, k) * b.at(k, j);
  return c;
}

struct Case {
  const char *kernel;
  int m, n, k;
  Major a, b, c;
};

constexpr Major row = Major::row, column = Major::column;

} // namespace

static const Case halfCases[] = {
    {"half_16_16_16_rr", 16, 16, 16, row, row, row},
    {"half_16_16_16_rc", 16, 16, 16, row, column, row},
    {"half_16_16_16_cr", 16, 16, 16, column, row, column},
    {"half_16_16_16_cc", 16, 16, 16, column, column, column},
    {"half_32_8_16_rc", 32, 8, 16, row, column, row},
    {"half_8_32_16_cr", 8, 32, 16, column, row, column},
};
static const Case bfloatCases[] = {
    {"bfloat_16_16_16_rr", 16, 16, 16, row, row, row},
    {"bfloat_16_16_16_cc", 16, 16, 16, column, column, column},
    {"bfloat_32_8_16_rr", 32, 8, 16, row, row, column},
    {"bfloat_8_32_16_rc", 8, 32, 16, row, column, row},
};
static const Case narrowCases[] = {
    {"narrow_16_16_16_rc", 16, 16, 16, row, column, row},
    {"narrow_32_8_16_cc", 32, 8, 16, column, column, column},
};
static const Case tf32Cases[] = {
    {"tf32_16_16_8_rr", 16, 16, 8, row, row, row},
    {"tf32_16_16_8_cc", 16, 16, 8, column, column, row},
};

TEST_P(Wmma, floatSums) {
  auto toFloat = [](double value) { return float(value); };
  auto check = [&](const Case &test, auto encode) {
    Matrix a = integers(test.m, test.k, test.a, 8, 1), b = integers(test.k, test.n, test.b, 16, 2),
           c = integers(test.m, test.n, test.c, 4, 3);
    Matrix d = productSum(a, b, c);
    using Element = decltype(encode(1.0));
    auto memory = a.memory<Element>(encode);
    EXPECT_TRUE(sameBits(run("Wmma.cu", test.kernel, {1, 32}, c.memory<float>(toFloat),
                             c.memory<float>(toFloat), memory, b.memory<Element>(encode), a.pitch,
                             b.pitch, c.pitch),
                         d.memory<float>(toFloat), c.pitch))
        << test.kernel;
  };
  for (const Case &test : halfCases)
    check(test, [](double value) { return narrow(APFloat::IEEEhalf(), value); });
  for (const Case &test : bfloatCases)
    check(test, [](double value) { return narrow(APFloat::BFloat(), value); });
  for (const Case &test : tf32Cases)
    check(test, toFloat);
}

TEST_P(Wmma, halfSums) {
  auto encode = [](double value) { return narrow(APFloat::IEEEhalf(), value); };
  for (const Case &test : narrowCases) {
    Matrix a = integers(test.m, test.k, test.a, 8, 1), b = integers(test.k, test.n, test.b, 8, 2),
           c = integers(test.m, test.n, test.c, 8, 3);
    Matrix d = productSum(a, b, c);
    EXPECT_TRUE(sameBits(run("Wmma.cu", test.kernel, {1, 32}, c.memory<uint16_t>(encode),
                             c.memory<uint16_t>(encode), a.memory<uint16_t>(encode),
                             b.memory<uint16_t>(encode), a.pitch, b.pitch, c.pitch),
                         d.memory<uint16_t>(encode), c.pitch))
        << test.kernel;
  }
}

/// To 10 bits of mantissa; ties go away from zero.
static double roundedToTF32(double value) {
  if (value == 0)
    return 0;
  int exponent = std::ilogb(value);
  return std::ldexp(std::round(std::ldexp(value, 10 - exponent)), exponent - 10);
}

TEST_P(Wmma, tf32Rounding) {
  // Every factor has bits that tf32 has not; the sums are exact nevertheless.
  const Case &test = tf32Cases[0];
  Matrix a = integers(16, 8, row, 0, 1), b = integers(8, 16, row, 0, 2), c(16, 16, row, 0);
  for (double &value : a.values)
    value = value * 8 + 1 + std::ldexp(1, -9);
  Matrix exact = a;
  for (double &value : exact.values)
    value = roundedToTF32(value);
  Matrix d = productSum(exact, b, c);
  auto toFloat = [](double value) { return float(value); };
  EXPECT_TRUE(
      sameBits(run("Wmma.cu", test.kernel, {1, 32}, Out<float>{256}, c.memory<float>(toFloat),
                   a.memory<float>(toFloat), b.memory<float>(toFloat), a.pitch, b.pitch, c.pitch),
               d.memory<float>(toFloat), 16));
}

TEST_P(Wmma, matrixProduct) {
  const int m = 64, n = 96, k = 128;
  Matrix a = integers(m, k, row, 0, 1), b = integers(k, n, row, 0, 2), zero(m, n, row, 0);
  Matrix d = productSum(a, b, zero);
  std::vector<float> expected;
  for (double value : d.values)
    expected.push_back(float(2 * value));
  auto encode = [](double value) { return narrow(APFloat::IEEEhalf(), value); };
  Shape shape{.blocks = n / 32, .threads = 128, .blocksY = m / 32};
  EXPECT_TRUE(sameBits(run("Wmma.cu", "matrixProduct", shape, Out<float>{m * n},
                           a.memory<uint16_t>(encode), b.memory<uint16_t>(encode), n, k),
                       expected, n));
}
