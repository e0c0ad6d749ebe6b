#include "poolc/Runtime/Measurement.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace poolc;

TEST(Measurement, SteadyTimesEndAtOnce) {
  unsigned calls = 0;
  Measurement result = llvm::cantFail(measure([&]() -> llvm::Expected<double> {
    // Slow at first, like a GPU whose clock rises.
    return ++calls <= 3 ? 1.0 : 0.25;
  }));
  EXPECT_EQ(result.seconds, 0.25);
  EXPECT_EQ(result.noise, 0);
  EXPECT_EQ(result.runs, 20u);
  EXPECT_EQ(calls, 23u);
}

TEST(Measurement, NoisyTimesAreRepeated) {
  unsigned calls = 0;
  // Within 5 % of 1; the confidence interval narrows with the root of the runs.
  auto sample = [&]() -> llvm::Expected<double> { return 1 + 0.05 * std::sin(7.3 * ++calls); };
  Measurement result = llvm::cantFail(measure(sample));
  EXPECT_GT(result.runs, 100u);
  EXPECT_LT(result.noise, 0.005);
  EXPECT_NEAR(result.seconds, 1, 0.01);
}

TEST(Measurement, OutliersDoNotCount) {
  unsigned calls = 0;
  auto sample = [&]() -> llvm::Expected<double> { return ++calls % 10 == 0 ? 100.0 : 1.0; };
  Measurement result = llvm::cantFail(measure(sample));
  EXPECT_EQ(result.seconds, 1);
}

TEST(Measurement, EndsAtTheLimits) {
  unsigned calls = 0;
  auto sample = [&]() -> llvm::Expected<double> { return ++calls % 2 ? 1.0 : 2.0; };
  Measurement result = llvm::cantFail(measure(sample, {.maxRuns = 50}));
  EXPECT_EQ(result.runs, 50u);
  EXPECT_GT(result.noise, 0.1);
  result = llvm::cantFail(measure(sample, {.timeLimit = 0}));
  EXPECT_EQ(result.runs, 1u);
}

TEST(Measurement, PassesErrorsOn) {
  auto sample = []() -> llvm::Expected<double> { return llvm::createStringError("no GPU"); };
  EXPECT_EQ(llvm::toString(measure(sample).takeError()), "no GPU");
}
