#include "Evaluate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace poolc;
using testing::ElementsAre;

static std::vector<double> conv(const Conv1dProblem &problem,
                                const std::vector<std::vector<double>> &inputs) {
  return values(*makeReference(problem), inputs);
}

TEST(Conv1d, IsCrossCorrelation) {
  Conv1dProblem p = {.window = {.size = 4, .kernel = 2}};
  EXPECT_THAT(makeReference(p)->shape(), ElementsAre(1, 1, 3));
  // 1*10 + 2*1, not 1*1 + 2*10.
  EXPECT_THAT(conv(p, {{1, 2, 3, 4}, {10, 1}}), ElementsAre(12, 23, 34));
}

TEST(Conv1d, StrideAndDilation) {
  // A filter that picks its last tap: y[o] = x[o * stride + dilation * (K - 1)].
  Conv1dProblem p = {.window = {.size = 9, .kernel = 3, .stride = 2, .dilation = 3}};
  EXPECT_THAT(conv(p, {{0, 1, 2, 3, 4, 5, 6, 7, 8}, {0, 0, 1}}), ElementsAre(6, 8));
  // x[i] = i gives sum over k of w[k] * (2 o + 3 k).
  EXPECT_THAT(conv(p, {{0, 1, 2, 3, 4, 5, 6, 7, 8}, {1, 1, 1}}), ElementsAre(9, 15));
}

TEST(Conv1d, Padding) {
  Conv1dProblem p = {.window = {.size = 2, .kernel = 2, .padBefore = 1, .padAfter = 2}};
  EXPECT_THAT(conv(p, {{3, 5}, {10, 1}}), ElementsAre(3, 35, 50, 0));
}

TEST(Conv1d, PaddedTapsFormNoProduct) {
  double infinity = std::numeric_limits<double>::infinity();
  Conv1dProblem p = {.window = {.size = 1, .kernel = 3, .padBefore = 1, .padAfter = 1}};
  EXPECT_THAT(conv(p, {{2}, {infinity, 3, NAN}}), ElementsAre(6));
}

TEST(Conv1d, ChannelsAreSummed) {
  Conv1dProblem p = {.inPerGroup = 2, .outPerGroup = 2, .window = {.size = 2, .kernel = 1}};
  // x = [[1 2] [3 4]], w = [[10] [1]] [[1] [100]]
  EXPECT_THAT(conv(p, {{1, 2, 3, 4}, {10, 1, 1, 100}}), ElementsAre(13, 24, 301, 402));
}

TEST(Conv1d, GroupsAreApart) {
  Conv1dProblem p = {
      .groups = 2, .inPerGroup = 1, .outPerGroup = 2, .window = {.size = 2, .kernel = 1}};
  EXPECT_THAT(conv(p, {{1, 2, 3, 4}, {1, 10, 100, 1000}}),
              ElementsAre(1, 2, 10, 20, 300, 400, 3000, 4000));
}

TEST(Conv1d, BatchAndBias) {
  Conv1dProblem p = {
      .batch = 2, .outPerGroup = 2, .window = {.size = 1, .kernel = 1}, .hasBias = true};
  EXPECT_THAT(conv(p, {{1, 2}, {10, 100}, {0.5, -1}}), ElementsAre(10.5, 99, 20.5, 199));
}

TEST(Conv1d, Magnitude) {
  Conv1dProblem p = {.window = {.size = 2, .kernel = 2}, .hasBias = true};
  ReferenceElement element = evaluate(*makeReference(p), {{3, -4}, {2, 5}, {-1}})[0];
  EXPECT_EQ(element.value, -15);
  EXPECT_EQ(element.magnitude, 27);
  EXPECT_EQ(element.terms, 3);
  EXPECT_EQ(element.maxX, 4);
  EXPECT_EQ(element.maxW, 5);
  EXPECT_TRUE(element.isWhole);
  EXPECT_FALSE(evaluate(*makeReference(p), {{3, -4}, {2, 5}, {0.5}})[0].isWhole);
  EXPECT_FALSE(evaluate(*makeReference(p), {{3, -4}, {2.5, 5}, {1}})[0].isWhole);
}

TEST(Conv1d, ErrorModelOfEachPrecision) {
  Conv1dProblem p = {.inPerGroup = 5, .window = {.size = 2, .kernel = 2}};
  auto terms = [&] {
    return evaluate(*makeReference(p), {std::vector<double>(10), std::vector<double>(10)})[0].terms;
  };
  EXPECT_EQ(makeReference(p)->errorModel().accumulate, 0x1p-24);
  EXPECT_EQ(terms(), 11);
  p.precision = Precision::tf32;
  EXPECT_EQ(makeReference(p)->errorModel().accumulate, 0x1p-22);
  EXPECT_EQ(makeReference(p)->errorModel().operand, 0);
  p.precision = Precision::tf32x3;
  EXPECT_EQ(makeReference(p)->errorModel().operand, 0x1p-21);
  EXPECT_TRUE(makeReference(p)->errorModel().underflowScalesWithOperands);
  EXPECT_EQ(terms(), 31);
  p.precision = Precision::ieee;
  p.type = DataType::f16;
  EXPECT_EQ(makeReference(p)->errorModel().accumulate, 0x1p-22);
  EXPECT_TRUE(makeReference(p)->exactOnIntegers());
}

TEST(Conv1d, TF32RoundsOperandsToNearestTiesAway) {
  EXPECT_EQ(roundToTF32(1 + 0x1p-10), 1 + 0x1p-10);
  EXPECT_EQ(roundToTF32(1 + 0x1p-11), 1 + 0x1p-10);
  EXPECT_EQ(roundToTF32(-1 - 0x1p-11), -1 - 0x1p-10);
  EXPECT_EQ(roundToTF32(1 + 0x1p-11 - 0x1p-23), 1);
  EXPECT_EQ(roundToTF32(2 - 0x1p-12), 2);
  EXPECT_EQ(roundToTF32(0x1p-137), 0x1p-136);
  EXPECT_EQ(roundToTF32(0x1.fffffep127), std::numeric_limits<double>::infinity());
  EXPECT_EQ(roundToTF32(-std::numeric_limits<double>::infinity()),
            -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(roundToTF32(NAN)));
  EXPECT_TRUE(std::signbit(roundToTF32(-0.0)));

  Conv1dProblem p = {.precision = Precision::tf32, .window = {.size = 1, .kernel = 1}};
  EXPECT_THAT(conv(p, {{1 + 0x1p-11}, {1 + 0x1p-12}}), ElementsAre(1 + 0x1p-10));
  p.precision = Precision::ieee;
  EXPECT_THAT(conv(p, {{1 + 0x1p-11}, {1 + 0x1p-12}}), ElementsAre((1 + 0x1p-11) * (1 + 0x1p-12)));
}

TEST(Conv1d, TF32DoesNotRoundTheBias) {
  Conv1dProblem p = {
      .precision = Precision::tf32, .window = {.size = 1, .kernel = 1}, .hasBias = true};
  EXPECT_THAT(conv(p, {{0}, {1}, {1 + 0x1p-20}}), ElementsAre(1 + 0x1p-20));
}

TEST(Conv1d, SubnormalOperandsCountAsNormalOnesOnTensorCores) {
  Conv1dProblem p = {.precision = Precision::tf32, .window = {.size = 3, .kernel = 3}};
  std::vector<std::vector<double>> inputs = {{0x1p-130, 4, 0}, {8, 0x1p-135, 16}};
  auto magnitude = [&] { return evaluate(*makeReference(p), inputs).front().magnitude; };
  // Zeros count nothing: their products are not aligned to.
  EXPECT_EQ(magnitude(), 8 * 0x1p-126 + 4 * 0x1p-126);
  p.precision = Precision::ieee;
  EXPECT_EQ(magnitude(), 8 * 0x1p-130 + 4 * 0x1p-135);
  p.type = DataType::f16;
  EXPECT_EQ(magnitude(), 8 * 0x1p-14 + 4 * 0x1p-14);
}
