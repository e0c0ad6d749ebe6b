//===- DivergenceTest.cpp - Lanes that part and meet again ----------------===//

#include "Foreign.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;

class Divergence : public Foreign {};
FOREIGN_TESTS(Divergence);

TEST_P(Divergence, shuffleInBothBranches) {
  std::vector<int> in = wholeNumbers(64, -500, 500), expected(64);
  // Lanes 2 i and 2 i + 1 exchange: the other lane may be in the other branch.
  auto sent = [&](int lane) { return in[lane] & 1 ? in[lane] : in[lane] + 1000; };
  for (int t = 0; t < 64; ++t)
    expected[t] = in[t] & 1 ? 3 * sent(t ^ 1) + 1 : sent(t ^ 1) - 7;
  EXPECT_TRUE(
      sameBits(run("Divergence.cu", "shuffleInBothBranches", {1, 64}, Out<int>{64}, in), expected));
}

TEST_P(Divergence, collatzSteps) {
  std::vector<int> in = wholeNumbers(200, 1, 9000), expected;
  for (unsigned value : in) {
    int steps = 0;
    for (; value != 1; ++steps)
      value = value % 2 ? 3 * value + 1 : value / 2;
    expected.push_back(steps);
  }
  EXPECT_TRUE(
      sameBits(run("Divergence.cu", "collatzSteps", {2, 128}, Out<int>{200}, in, 200), expected));
}

static int breakAndContinue(int lane, int rounds) {
  int sum = 0;
  for (int i = 0; i < rounds; ++i) {
    if ((i + lane) % 3 == 0)
      continue;
    for (int j = 0; j < rounds && j != lane; ++j) {
      if ((i ^ j) & 1)
        continue;
      sum += i * j + 1;
      if (sum > 400)
        return sum;
    }
    if (i > 2 * lane)
      break;
  }
  return sum;
}

TEST_P(Divergence, breakAndContinue) {
  std::vector<int> expected;
  for (int lane = 0; lane < 48; ++lane)
    expected.push_back(breakAndContinue(lane, 13));
  EXPECT_TRUE(
      sameBits(run("Divergence.cu", "breakAndContinue", {1, 48}, Out<int>{48}, 13), expected));
}

static int twist(int value, int by) { return int(unsigned(value) << by) ^ (value >> 3); }

static int switched(int value, int selector) {
  switch (selector) {
  case 0:
    return twist(value, 1);
  case 1:
    return value * value;
  case 2:
    return value + 17;
  case 3:
    return value / 3;
  case 4:
    return llvm::popcount(~unsigned(value));
  case 5:
    return llvm::popcount(unsigned(value));
  case 6:
    return value % 7;
  case 7:
    return twist(-value, 5);
  case 8:
    return twist(value, 5);
  case 9:
    return llvm::reverseBits(unsigned(value));
  case 10:
    return std::max(value, 12345);
  case 11:
    return int(unsigned(value) << 7);
  default:
    return 4711;
  }
}

TEST_P(Divergence, jumpTable) {
  std::vector<int> in = wholeNumbers(256, -30000, 30000);
  std::vector<int> selectors = wholeNumbers(256, -2, 14, 7), expected;
  for (int i = 0; i < 256; ++i)
    expected.push_back(switched(in[i], selectors[i]));
  EXPECT_TRUE(sameBits(run("Divergence.cu", "jumpTable", {2, 128}, Out<int>{256}, in, selectors),
                       expected));
}

TEST_P(Divergence, earlyExit) {
  // Barriers that threads of a warp have left before are what it tests.
  unwatched.push_back(Sanitizer::sync);
  std::vector<int> in = wholeNumbers(256, -999, 999), initial(256, -1);
  std::vector<int> tile = in, expected = initial;
  auto stays = [](int t) { return t < 96 || t % 32 < 5; };
  for (int t = 0; t < 256; ++t)
    if (stays(t))
      tile[t] = 2 * in[255 - t];
  for (int t = 0; t < 256; ++t)
    if (stays(t))
      expected[t] = tile[t] + (t < 96 ? tile[95 - t] : 0);
  EXPECT_TRUE(sameBits(run("Divergence.cu", "earlyExit", {1, 256}, initial, in), expected));
}

TEST_P(Divergence, loopUntilAllDone) {
  std::vector<int> in = wholeNumbers(64, -5, 60), expected(64);
  for (int warp = 0; warp < 2; ++warp) {
    int rounds = 0;
    for (int t = 32 * warp; t < 32 * warp + 32; ++t) {
      int by = 1 + t % 3, own = in[t] > 0 ? llvm::divideCeil(in[t], by) : 0;
      rounds = std::max(rounds, own);
      expected[t] = in[t] - own * by;
    }
    for (int t = 32 * warp; t < 32 * warp + 32; ++t)
      expected[t] += 1000 * rounds;
  }
  EXPECT_TRUE(
      sameBits(run("Divergence.cu", "loopUntilAllDone", {1, 64}, Out<int>{64}, in), expected));
}

TEST_P(Divergence, shortCircuit) {
  std::vector<int> in = wholeNumbers(96, 0, 5), expected(96, 0);
  for (int i = 0; i < 96; ++i) {
    bool isEnd = i == 0 || i == 95;
    if (isEnd || in[i] == in[i - 1] || in[i] == in[i + 1])
      expected[i] = 1;
    else if (in[i] > in[i - 1] && in[i] > in[i + 1])
      expected[i] = 2;
  }
  EXPECT_TRUE(
      sameBits(run("Divergence.cu", "shortCircuit", {1, 96}, Out<int>{96}, in, 96), expected));
}
