//===- ActivationTest.cpp - Activations and sums in the reference ---------===//

#include "Evaluate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace poolc;
using testing::ElementsAre;

static constexpr double infinity = std::numeric_limits<double>::infinity();

// Values of torch.nn.functional in double.
TEST(Activation, ValuesOfTheDefinition) {
  Activation relu{ActivationKind::relu}, gelu{ActivationKind::gelu}, silu{ActivationKind::silu},
      tanh{ActivationKind::gelu_tanh}, leaky{ActivationKind::leaky_relu, 0.25};
  EXPECT_EQ(relu(-2), 0);
  EXPECT_EQ(relu(3), 3);
  EXPECT_NEAR(gelu(1), 0.8413447460685429, 1e-15);
  EXPECT_NEAR(gelu(-1), -0.15865525393145707, 1e-15);
  EXPECT_NEAR(tanh(1), 0.8411919906082768, 1e-15);
  EXPECT_NEAR(tanh(-1), -0.15880800939172324, 1e-15);
  EXPECT_NEAR(silu(1), 0.7310585786300049, 1e-15);
  EXPECT_NEAR(silu(-1), -0.2689414213699951, 1e-15);
  EXPECT_EQ(leaky(-2), -0.5);
  EXPECT_EQ(leaky(2), 2);
  EXPECT_EQ(Activation()(-2), -2);
}

TEST(Activation, LimitsAreThoseOfIEEEArithmetic) {
  for (ActivationKind kind : {ActivationKind::relu, ActivationKind::gelu, ActivationKind::gelu_tanh,
                              ActivationKind::silu, ActivationKind::leaky_relu}) {
    Activation activation{kind, 0.5};
    EXPECT_EQ(activation(infinity), infinity) << toString(kind).str();
    EXPECT_TRUE(std::isnan(activation(NAN))) << toString(kind).str();
    EXPECT_EQ(activation(0), 0) << toString(kind).str();
  }
  EXPECT_EQ(Activation{ActivationKind::relu}(-infinity), 0);
  EXPECT_TRUE(std::isnan(Activation{ActivationKind::gelu}(-infinity)));
  EXPECT_TRUE(std::isnan(Activation{ActivationKind::silu}(-infinity)));
}

/// No slope between close values exceeds what errors are multiplied by, and
/// some slope comes within a hundredth of it.
TEST(Activation, LipschitzIsTheLargestSlope) {
  for (ActivationKind kind : {ActivationKind::relu, ActivationKind::gelu, ActivationKind::gelu_tanh,
                              ActivationKind::silu, ActivationKind::leaky_relu}) {
    Activation activation{kind, -1.5};
    double largest = 0;
    for (double v = -10; v < 10; v += 1e-3)
      largest = std::max(largest, std::abs(activation(v + 1e-3) - activation(v)) / 1e-3);
    EXPECT_LE(largest, activation.lipschitz() * (1 + 1e-9)) << toString(kind).str();
    EXPECT_GE(largest, activation.lipschitz() * 0.99) << toString(kind).str();
  }
}

TEST(Activation, WholeNumbersStayWholeOrAreNotHeldToIt) {
  Conv1dProblem p = {.window = {.size = 1, .kernel = 1}};
  auto isWhole = [&](Activation activation) {
    p.activation = activation;
    return evaluate(*makeReference(p), {{-3}, {2}})[0].isWhole;
  };
  EXPECT_TRUE(isWhole({}));
  EXPECT_TRUE(isWhole({ActivationKind::relu}));
  EXPECT_TRUE(isWhole({ActivationKind::leaky_relu, 2}));
  EXPECT_FALSE(isWhole({ActivationKind::leaky_relu, 0.5}));
  EXPECT_FALSE(isWhole({ActivationKind::gelu}));
}

TEST(Add, SumsAndTheirMagnitude) {
  AddProblem p = {DataType::f32, 3};
  EXPECT_THAT(values(*makeReference(p), {{1, 2, -3}, {4, -5, 6}}), ElementsAre(5, -3, 3));
  ReferenceElement element = evaluate(*makeReference(p), {{1, 2, -3}, {4, -5, 6.5}})[2];
  EXPECT_EQ(element.magnitude, 3);
  EXPECT_EQ(element.residual, 6.5);
  EXPECT_FALSE(element.isWhole);
}
