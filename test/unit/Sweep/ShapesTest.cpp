//===- ShapesTest.cpp - Drawn operations are legal and varied -------------===//

#include "Shapes.h"

#include "gtest/gtest.h"

using namespace poolc;
using namespace poolc::sweep;

static int64_t elements(const Shape &shape) {
  int64_t product = 1;
  for (int64_t dim : shape)
    product *= dim;
  return product;
}

static void expectLegalPool(const PoolOp &op) {
  const AvgPool2dProblem &p = op.problem;
  ASSERT_TRUE(op.x.size() == 3 || op.x.size() == 4);
  ASSERT_EQ(op.y.size(), op.x.size());
  size_t leading = op.x.size() - 2;
  EXPECT_EQ(p.planes, elements(Shape(op.x.begin(), op.x.begin() + leading)));
  EXPECT_GE(op.x[leading - 1], 1) << "only N may be 0";
  for (unsigned a = 0; a != 2; ++a) {
    const Window &axis = p.axis[a];
    EXPECT_EQ(op.x[leading + a], axis.size);
    EXPECT_EQ(op.y[leading + a], axis.outputSize());
    EXPECT_GE(axis.size, 1);
    EXPECT_GE(p.outputSize(a), 1);
    EXPECT_GE(axis.kernel, 1);
    EXPECT_GE(axis.stride, 1);
    EXPECT_EQ(axis.dilation, 1);
    EXPECT_LT(axis.padBefore, axis.kernel);
    EXPECT_LT(axis.padAfter, axis.kernel);
    EXPECT_EQ(axis.ceilMode, p.axis[0].ceilMode);
  }
  EXPECT_NE(p.divisorOverride, 0);
  EXPECT_LE(elements(op.y) * p.axis[0].kernel * p.axis[1].kernel, maxSteps);
}

static void expectLegalConv(const ConvOp &op) {
  const Conv1dProblem &p = op.problem;
  ASSERT_TRUE(op.x.size() == 2 || op.x.size() == 3);
  ASSERT_EQ(op.y.size(), op.x.size());
  if (op.x.size() == 3) {
    EXPECT_EQ(op.x[0], p.batch);
    EXPECT_EQ(op.y[0], p.batch);
  } else {
    EXPECT_EQ(p.batch, 1);
  }
  EXPECT_EQ(op.x.back(), p.window.size);
  EXPECT_EQ(op.x[op.x.size() - 2], p.inChannels());
  EXPECT_EQ(op.w, Shape({p.outChannels(), p.inPerGroup, p.window.kernel}));
  EXPECT_EQ(op.y.back(), p.window.outputSize());
  EXPECT_GE(p.outputSize(), 1);
  EXPECT_GE(elements(op.w), 1);
  EXPECT_GE(p.groups, 1);
  EXPECT_GE(p.window.padBefore, 0);
  EXPECT_GE(p.window.padAfter, 0);
  EXPECT_LE(elements(op.y) * p.taps(), maxSteps);
}

TEST(Shapes, drawnOperationsAreLegal) {
  Random random(3);
  for (int round = 0; round < 3000; ++round) {
    std::optional<PoolOp> pool = drawPool(random, std::nullopt);
    ASSERT_TRUE(pool);
    expectLegalPool(*pool);
    std::optional<ConvOp> conv = drawConv(random, std::nullopt);
    ASSERT_TRUE(conv);
    expectLegalConv(*conv);
    if (HasFailure())
      return;
  }
}

TEST(Shapes, givenInputsAreKept) {
  Random random(4);
  int found = 0;
  for (int round = 0; round < 500; ++round) {
    Shape x = {random.draw(0, 3), random.draw(1, 30), random.draw(1, 200)};
    if (std::optional<ConvOp> conv = drawConv(random, x)) {
      ++found;
      EXPECT_EQ(conv->x, x);
      expectLegalConv(*conv);
    }
    x = {random.draw(1, 30), random.draw(1, 30), random.draw(1, 90)};
    if (std::optional<PoolOp> pool = drawPool(random, x)) {
      ++found;
      EXPECT_EQ(pool->x, x);
      expectLegalPool(*pool);
    }
  }
  EXPECT_GT(found, 900);
}

TEST(Shapes, poolingHasChannels) {
  Random random(4);
  EXPECT_FALSE(drawPool(random, Shape{0, 30, 30}));
  EXPECT_TRUE(drawPool(random, Shape{0, 3, 30, 30}));
}

TEST(Shapes, cornersAreReached) {
  Random random(5);
  int one = 0, empty = 0, farPadding = 0, farDilation = 0, depthwise = 0, overhang = 0;
  for (int round = 0; round < 2000; ++round) {
    ConvOp conv = *drawConv(random, std::nullopt);
    const Window &window = conv.problem.window;
    one += elements(conv.y) == 1;
    empty += conv.problem.batch == 0;
    farPadding += window.padBefore > window.size;
    farDilation += window.dilation > window.size;
    depthwise += conv.problem.groups > 1 && conv.problem.inPerGroup == 1;
    PoolOp pool = *drawPool(random, std::nullopt);
    for (const Window &axis : pool.problem.axis)
      overhang += axis.start(*axis.outputSize() - 1) + axis.kernel > axis.size + axis.padAfter;
  }
  for (int count : {one, empty, farPadding, farDilation, depthwise, overhang})
    EXPECT_GE(count, 10);
}
