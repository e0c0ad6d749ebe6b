#include "poolc/Runtime/Comparison.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace poolc;

static constexpr double infinity = std::numeric_limits<double>::infinity();

static ReferenceElement element(double value, double magnitude, int64_t terms,
                                bool isWhole = false) {
  ReferenceElement result;
  result.value = value;
  result.magnitude = magnitude;
  result.terms = terms;
  result.isWhole = isWhole;
  return result;
}

static bool passes(double actual, const ReferenceElement &reference, DataType type = DataType::f32,
                   bool exactOnIntegers = false) {
  return compareElement(actual, reference, ErrorModel(), exactOnIntegers, type).passes;
}

TEST(Comparison, EqualElementsPassWithoutABound) {
  ReferenceElement reference = element(0, infinity, 4);
  reference.lipschitz = 0;
  ASSERT_TRUE(std::isnan(errorBound(reference, {}, DataType::f16)));
  ElementError equal = compareElement(0, reference, {}, false, DataType::f16);
  EXPECT_TRUE(equal.passes);
  EXPECT_EQ(equal.fraction, 0);
  EXPECT_FALSE(passes(1, reference, DataType::f16));
}

TEST(ErrorBound, OfEachType) {
  // n = 4, S = 8: E = 4 * 2^-24 * 8 = 2^-19.
  ReferenceElement reference = element(-2, 8, 4);
  double e = 0x1p-19;
  double underflow = 4 * 0x1p-149;
  EXPECT_EQ(errorBound(reference, {}, DataType::f32),
            (1 + 0x1p-24) * e + 0x1p-24 * 2 + (0x1p-150 + underflow));
  EXPECT_EQ(errorBound(reference, {}, DataType::f16),
            (1 + 0x1p-11) * e + 0x1p-11 * 2 + (0x1p-25 + underflow));
  EXPECT_EQ(errorBound(reference, {}, DataType::bf16),
            (1 + 0x1p-8) * e + 0x1p-8 * 2 + (0x1p-134 + underflow));
}

TEST(ErrorBound, OfZeroIsUnderflowOnly) {
  EXPECT_EQ(errorBound(element(0, 0, 3), {}, DataType::f32), 0x1p-150 + 3 * 0x1p-149);
}

TEST(ErrorBound, OfSplitOperands) {
  ErrorModel model = {0x1p-22, 0x1p-21, 0x1p-136, true};
  ReferenceElement reference = element(0, 16, 2);
  reference.maxX = 0.5;
  reference.maxW = 4;
  EXPECT_EQ(errorBound(reference, model, DataType::f32),
            (1 + 0x1p-24) * (2 * 0x1p-22 * 16 + 2 * 0x1p-21 * 16) + 0x1p-150 + 2 * 0x1p-136 * 4);
}

TEST(CompareElement, HoldsTheBound) {
  ReferenceElement reference = element(1, 1, 1);
  double bound = errorBound(reference, {}, DataType::f32);
  EXPECT_TRUE(passes(1, reference));
  EXPECT_TRUE(passes(1 + bound, reference));
  EXPECT_TRUE(passes(1 - bound, reference));
  EXPECT_FALSE(passes(1 + 1.01 * bound, reference));
  EXPECT_FALSE(passes(1 - 1.01 * bound, reference));
}

TEST(CompareElement, MeasuresErrors) {
  ElementError error =
      compareElement(4 + 0x1p-20, element(4, 4, 1), ErrorModel(), false, DataType::f32);
  EXPECT_EQ(error.absolute, 0x1p-20);
  EXPECT_EQ(error.relative, 0x1p-22);
  EXPECT_EQ(error.ulp, 2);
  EXPECT_NEAR(error.fraction, 0x1p-20 / (8 * 0x1p-24), 1e-6);
  EXPECT_FALSE(error.exact);
  EXPECT_EQ(compareElement(0x1p-149, element(0, 0, 1), {}, false, DataType::f32).ulp, 1);
  EXPECT_EQ(compareElement(1, element(0, 1, 1), {}, false, DataType::f32).relative, 0);
}

TEST(CompareElement, NaNMeetsOnlyNaN) {
  EXPECT_FALSE(passes(NAN, element(1, 1, 1)));
  EXPECT_FALSE(passes(1, element(NAN, NAN, 1)));
  EXPECT_FALSE(passes(infinity, element(NAN, NAN, 1)));
  EXPECT_FALSE(passes(NAN, element(infinity, infinity, 1)));
  EXPECT_TRUE(passes(NAN, element(NAN, NAN, 1)));
  EXPECT_EQ(compareElement(NAN, element(1, 1, 1), {}, false, DataType::f32).fraction, infinity);
}

TEST(CompareElement, InfinityMeetsOnlyItsLike) {
  ReferenceElement reference = element(infinity, infinity, 2);
  EXPECT_TRUE(passes(infinity, reference));
  EXPECT_FALSE(passes(-infinity, reference));
  EXPECT_FALSE(passes(3e38, reference));
  EXPECT_FALSE(passes(infinity, element(1, 1, 1)));
}

TEST(CompareElement, OverflowPasses) {
  double max = std::numeric_limits<float>::max();
  EXPECT_TRUE(passes(infinity, element(max * 2, max * 2, 1)));
  EXPECT_TRUE(passes(-infinity, element(-max * 2, max * 2, 1)));
  EXPECT_FALSE(passes(-infinity, element(max * 2, max * 2, 1)));
  // Within the bound of the threshold.
  EXPECT_TRUE(passes(infinity, element(max, max, 4)));
  EXPECT_TRUE(passes(max, element(max, max, 4)));
  EXPECT_FALSE(passes(infinity, element(max / 2, max / 2, 4)));
  EXPECT_TRUE(passes(infinity, element(65520, 65520, 1), DataType::f16));
  EXPECT_FALSE(passes(infinity, element(65000, 65000, 1), DataType::f16));
  EXPECT_FALSE(passes(infinity, element(65520, 65520, 1), DataType::bf16));
}

TEST(CompareElement, WholeNumbersMustBeEqual) {
  ReferenceElement reference = element(100, 1000, 1000000, /*isWhole=*/true);
  // Far within the bound, and yet wrong.
  EXPECT_TRUE(passes(101, reference));
  EXPECT_FALSE(passes(101, reference, DataType::f32, /*exactOnIntegers=*/true));
  EXPECT_TRUE(passes(100, reference, DataType::f32, true));
  reference.isWhole = false;
  EXPECT_TRUE(passes(101, reference, DataType::f32, true));
  // Not exact from 2^24 on.
  EXPECT_TRUE(passes(0x1p24, element(0x1p24 - 1, 0x1p24, 3, true), DataType::f32, true));
  // Rounded once to the result's type.
  EXPECT_TRUE(passes(2048, element(2049, 2049, 3, true), DataType::f16, true));
  EXPECT_FALSE(passes(2050, element(2049, 2049, 3, true), DataType::f16, true));
  EXPECT_TRUE(passes(256, element(257, 257, 3, true), DataType::bf16, true));
}

/// A convolution of `size` outputs, three taps each.
static Conv1dProblem problem(int64_t size) {
  return {.inPerGroup = 2, .window = {.size = size, .kernel = 3, .padBefore = 1, .padAfter = 1}};
}

/// Compares a float convolution that leaves out the tap number `missing` of
/// output `wrong` (-1: none).
static Comparison compareConv(int64_t size, bool whole, int64_t wrong, int64_t missing) {
  Conv1dProblem p = problem(size);
  auto x = [&](int64_t i) { return whole ? double(2 * (i % 4) - 3) : std::sin(0.1 * i + 1); };
  auto w = [&](int64_t i) { return whole ? double(i % 3 + 1) : 0.25 + 0.125 * i; };
  auto xf = [&](int64_t i) -> double { return float(x(i)); };
  auto actual = [&](int64_t o) -> double {
    float sum = 0;
    for (int64_t tap = 0; tap != 6; ++tap) {
      int64_t position = o + tap % 3 - 1;
      if (position < 0 || position >= size || (o == wrong && tap == missing))
        continue;
      sum = std::fma(float(xf(tap / 3 * size + position)), float(w(tap)), sum);
    }
    return sum;
  };
  std::unique_ptr<ReferenceOp> op = makeReference(p);
  return compare(*op, DataType::f32, {xf, w}, actual);
}

TEST(Compare, CorrectResultsPass) {
  for (bool whole : {false, true}) {
    Comparison comparison = compareConv(10000, whole, -1, 0);
    EXPECT_EQ(comparison.elements, 10000);
    EXPECT_EQ(comparison.mismatches, 0);
    EXPECT_LE(comparison.maxFraction, 1);
    EXPECT_EQ(comparison.exactElements, whole ? 10000 : 0);
  }
}

TEST(Compare, OneMissingTapIsCaught) {
  for (bool whole : {false, true})
    for (int64_t tap : {0, 1, 2, 3, 4, 5}) {
      Comparison comparison = compareConv(10000, whole, 5001, tap);
      ASSERT_EQ(comparison.mismatches, 1) << whole << " " << tap;
      EXPECT_EQ(comparison.first[0].index, 5001);
      EXPECT_GT(comparison.maxFraction, 1);
    }
}

TEST(Compare, ListsTheFirstMismatchesInOrder) {
  Conv1dProblem p = problem(20000);
  std::unique_ptr<ReferenceOp> op = makeReference(p);
  auto one = [](int64_t) { return 1.0; };
  auto wrong = [](int64_t i) { return i % 100 == 3 ? NAN : i % 19999 == 0 ? 4.0 : 6.0; };
  Comparison comparison = compare(*op, DataType::f32, {one, one}, wrong);
  EXPECT_EQ(comparison.mismatches, 200);
  ASSERT_EQ(comparison.first.size(), Comparison::maxListed);
  for (size_t i = 0; i != comparison.first.size(); ++i)
    EXPECT_EQ(comparison.first[i].index, int64_t(100 * i + 3));
  EXPECT_EQ(comparison.maxFraction, infinity);

  std::string text;
  llvm::raw_string_ostream os(text);
  printMismatches(os, comparison, {2, 100, 100});
  EXPECT_THAT(text, testing::StartsWith("  [0, 0, 3]: expected 6, got nan"));
  EXPECT_THAT(text, testing::HasSubstr("[0, 1, 3]"));
  EXPECT_THAT(text, testing::EndsWith("and 192 more\n"));
}

TEST(Compare, NothingIsFine) {
  Conv1dProblem p = problem(4);
  p.batch = 0;
  auto none = [](int64_t) -> double { std::abort(); };
  Comparison comparison = compare(*makeReference(p), DataType::f32, {none, none}, none);
  EXPECT_EQ(comparison.elements, 0);
  EXPECT_EQ(comparison.mismatches, 0);
}

/// Lip(f) * E + u_f * max(1, |f|), and u_acc * |r| for a residual.
TEST(ErrorBound, ActivationAndResidual) {
  ReferenceElement element{.value = 8, .magnitude = 16, .terms = 2};
  ErrorModel model{.underflowPerTerm = 0};
  double plain = errorBound(element, model, DataType::f32);
  element.lipschitz = 2;
  element.activation = 8;
  element.residual = 4;
  double e = 2 * (2 * 0x1p-24 * 16) + 0x1p-24 * 4 + 0x1p-20 * 8;
  double bound = errorBound(element, model, DataType::f32);
  EXPECT_DOUBLE_EQ(bound, (1 + 0x1p-24) * e + 0x1p-24 * 8 + 0x1p-150);
  EXPECT_GT(bound, plain);
  EXPECT_GT(errorBound(element, model, DataType::f16), 0x1p-12 * 8);
}

TEST(CompareElement, ResidualCountsWhereSumsStopBeingExact) {
  ReferenceElement element{.value = 3, .magnitude = 3, .terms = 1};
  EXPECT_TRUE(compareElement(3, element, {}, true, DataType::f32).exact);
  element.residual = 0x1p24;
  EXPECT_FALSE(compareElement(3, element, {}, true, DataType::f32).exact);
}
