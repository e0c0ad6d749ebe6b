#include "Evaluate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <numeric>

using namespace poolc;
using testing::ElementsAre;

/// 0, 1, 2, ...
static std::vector<double> counting(size_t size) {
  std::vector<double> result(size);
  std::iota(result.begin(), result.end(), 0.0);
  return result;
}

static AvgPool2dProblem problem(Window h, Window w, int64_t planes = 1) {
  AvgPool2dProblem result;
  result.planes = planes;
  result.axis[0] = h;
  result.axis[1] = w;
  return result;
}

static std::vector<double> pool(const AvgPool2dProblem &problem, const std::vector<double> &x) {
  return values(*makeReference(problem), {x});
}

TEST(AvgPool2d, AveragesEachWindow) {
  // 0 1 2 3
  // 4 5 6 7
  auto p = problem({.size = 2, .kernel = 2, .stride = 2}, {.size = 4, .kernel = 2, .stride = 2});
  EXPECT_THAT(makeReference(p)->shape(), ElementsAre(1, 1, 2));
  EXPECT_THAT(pool(p, counting(8)), ElementsAre(2.5, 4.5));
}

TEST(AvgPool2d, PlanesAreApart) {
  auto p = problem({.size = 2, .kernel = 2}, {.size = 1, .kernel = 1}, /*planes=*/3);
  EXPECT_THAT(pool(p, counting(6)), ElementsAre(0.5, 2.5, 4.5));
}

TEST(AvgPool2d, StrideOfEachAxis) {
  // On x = 10 * row + column a mean is the value in the window's middle.
  std::vector<double> x;
  for (int row = 0; row != 5; ++row)
    for (int column = 0; column != 7; ++column)
      x.push_back(10 * row + column);
  auto p = problem({.size = 5, .kernel = 3, .stride = 2}, {.size = 7, .kernel = 1, .stride = 3});
  EXPECT_THAT(pool(p, x), ElementsAre(10, 13, 16, 30, 33, 36));
}

TEST(AvgPool2d, CountIncludePad) {
  // [pad 8 4] [4 2 pad]: three taps, two of them inside.
  auto p =
      problem({.size = 1}, {.size = 3, .kernel = 3, .stride = 2, .padBefore = 1, .padAfter = 1});
  EXPECT_THAT(pool(p, {9, 3, 6}), ElementsAre(4, 3));
  p.countIncludePad = false;
  EXPECT_THAT(pool(p, {9, 3, 6}), ElementsAre(6, 4.5));
}

TEST(AvgPool2d, AsymmetricPadding) {
  auto p = problem({.size = 2, .kernel = 2, .stride = 2, .padBefore = 1, .padAfter = 1},
                   {.size = 2, .kernel = 2, .stride = 1, .padAfter = 1});
  // 4 8      rows: {pad, 0}, {1, pad}; columns: {0, 1}, {1, pad}
  // 16 32
  EXPECT_THAT(pool(p, {4, 8, 16, 32}), ElementsAre(3, 2, 12, 8));
}

TEST(AvgPool2d, CeilModeOverhangDoesNotCount) {
  // Windows at 0, 2, 4; the last holds element 4 and hangs over by one.
  Window w = {.size = 5, .kernel = 2, .stride = 2};
  EXPECT_THAT(pool(problem({.size = 1}, w), {1, 3, 5, 7, 9}), ElementsAre(2, 6));
  w.ceilMode = true;
  EXPECT_THAT(pool(problem({.size = 1}, w), {1, 3, 5, 7, 9}), ElementsAre(2, 6, 9));
  // With one zero on either side the windows start at -1, 2, 5 and the last
  // would start in the padding after the tensor: dropped.
  w = {.size = 5, .kernel = 2, .stride = 3, .padBefore = 1, .padAfter = 1, .ceilMode = true};
  EXPECT_THAT(pool(problem({.size = 1}, w), {1, 3, 5, 7, 9}), ElementsAre(0.5, 6));
  // Windows at -1, 1, 3 of four taps: the last holds 3, 4, one pad that counts
  // and one position beyond it that does not.
  w = {.size = 5, .kernel = 4, .stride = 2, .padBefore = 1, .padAfter = 1, .ceilMode = true};
  EXPECT_THAT(pool(problem({.size = 1}, w), {1, 3, 5, 7, 9}), ElementsAre(2.25, 6, 16.0 / 3));
}

TEST(AvgPool2d, DivisorOverride) {
  auto p = problem({.size = 1}, {.size = 2, .kernel = 2, .padBefore = 1});
  p.divisorOverride = 8;
  EXPECT_THAT(pool(p, {2, 4}), ElementsAre(0.25, 0.75));
  p.divisorOverride = -2;
  EXPECT_THAT(pool(p, {2, 4}), ElementsAre(-1, -3));
}

TEST(AvgPool2d, Magnitude) {
  auto p = problem({.size = 1}, {.size = 3, .kernel = 3});
  p.divisorOverride = -4;
  ReferenceElement element = evaluate(*makeReference(p), {{1, -2, 0.5}})[0];
  EXPECT_EQ(element.value, 0.125);
  EXPECT_EQ(element.magnitude, 0.875);
  EXPECT_EQ(element.terms, 4);
  EXPECT_FALSE(element.isWhole);
  EXPECT_TRUE(evaluate(*makeReference(p), {{1, -2, 3}})[0].isWhole);
  EXPECT_FALSE(makeReference(p)->exactOnIntegers());
  EXPECT_EQ(makeReference(p)->errorModel().accumulate, 0x1p-24);
}

TEST(AvgPool2d, InfinityAndNaNStayInTheirWindows) {
  double infinity = std::numeric_limits<double>::infinity();
  auto p = problem({.size = 1}, {.size = 4, .kernel = 1});
  std::vector<double> y = pool(p, {1, infinity, NAN, 2});
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], infinity);
  EXPECT_TRUE(std::isnan(y[2]));
  EXPECT_EQ(y[3], 2);
}
