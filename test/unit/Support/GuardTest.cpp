//===- GuardTest.cpp - Fatal errors, signals and deep recursion -----------===//

#include "poolc/Support/Guard.h"

#include "llvm/Support/ErrorHandling.h"

#include "gtest/gtest.h"

#include <csignal>

using namespace poolc;

static std::string runGuardedMessage(size_t textBytes, llvm::function_ref<void()> action) {
  return llvm::toString(runGuarded(textBytes, action));
}

class GuardTest : public testing::TestWithParam<size_t> {};

TEST_P(GuardTest, RunsTheAction) {
  bool ran = false;
  EXPECT_EQ(runGuardedMessage(GetParam(), [&] { ran = true; }), "");
  EXPECT_TRUE(ran);
}

TEST_P(GuardTest, TurnsFatalErrorsIntoErrors) {
  EXPECT_EQ(runGuardedMessage(GetParam(), [] { llvm::report_fatal_error("no such thing"); }),
            "internal error in LLVM: no such thing");
}

TEST_P(GuardTest, TurnsSignalsIntoErrors) {
  std::string message = runGuardedMessage(GetParam(), [] { std::raise(SIGSEGV); });
  EXPECT_EQ(message, "internal error in LLVM: crash with code " + std::to_string(128 + SIGSEGV));
}

TEST_P(GuardTest, WorksAgainAfterwards) {
  for (int i = 0; i < 3; ++i)
    EXPECT_NE(runGuardedMessage(GetParam(), [] { std::raise(SIGABRT); }), "");
  EXPECT_EQ(runGuardedMessage(GetParam(), [] {}), "");
}

// In the caller's thread, and in one of its own.
INSTANTIATE_TEST_SUITE_P(TextBytes, GuardTest, testing::Values(10, 100000, maxTextBytes));

/// A frame of at least 256 bytes for each level.
static unsigned recurse(unsigned depth) {
  volatile char frame[256] = {};
  frame[depth % 256] = 1;
  return depth == 0 ? 0 : recurse(depth - 1) + frame[depth % 256];
}

TEST(GuardStackTest, HoldsALevelForEachByteOfText) {
  unsigned depth = 0;
  EXPECT_EQ(runGuardedMessage(1000000, [&] { depth = recurse(1000000); }), "");
  EXPECT_EQ(depth, 1000000u);
}
