//===- CallsTest.cpp - Functions that stay functions ----------------------===//

#include "Foreign.h"

using namespace poolc::vgpu::test;

class Calls : public Foreign {};
FOREIGN_TESTS(Calls);

TEST_P(Calls, scalars) {
  std::vector<float> in = wholeNumbers<float>(64, -100, 100), expected(64);
  for (int t = 0; t < 64; ++t)
    expected[t] = t % 3 == 0 ? in[t] * 2 + 0.5f : t % 3 == 1 ? -(in[t] * 3 + 0.5f) + 0.5f : in[t];
  EXPECT_TRUE(sameBits(run("Calls.cu", "callScalars", {1, 64}, Out<float>{64}, in), expected));
}

TEST_P(Calls, structures) {
  std::vector<double> weights = wholeNumbers<double>(32, -50, 50), expected;
  std::vector<int> counts = wholeNumbers(32, -40, 40, 2);
  for (int t = 0; t < 32; ++t) {
    double weight = weights[t] + 2 * weights[31 - t];
    int count = counts[t] * counts[31 - t];
    int tag = t - 100 + 250;
    if (t & 4) {
      weight += 2 * weights[t];
      count *= counts[t];
      tag += 3 - t;
    }
    expected.insert(expected.end(), {weight, double(count), double(tag)});
  }
  EXPECT_TRUE(sameBits(run("Calls.cu", "callStructures", {1, 32}, Out<double>{96}, weights, counts),
                       expected, 3));
}

TEST_P(Calls, chain) {
  std::vector<long long> in = wholeNumbers<long long>(64, -1000000, 1000000), expected;
  auto inner = [](long long value, int depth) { return depth % 2 ? value * 3 : value - depth; };
  for (int t = 0; t < 64; ++t) {
    long long first = inner(in[t], t % 5);
    expected.push_back(inner(first ^ 0x5555, t % 5 + 1) + first);
  }
  EXPECT_TRUE(sameBits(run("Calls.cu", "callChain", {1, 64}, Out<long long>{64}, in), expected));
}

TEST_P(Calls, pointers) {
  std::vector<int> in = wholeNumbers(64, -100, 100), expected;
  for (int t = 0; t < 64; ++t) {
    int local[4] = {in[t], 1, 2, 3};
    local[t % 4] += 100;
    expected.push_back(in[t] + 1000 + in[t] + 10 + local[0] + 2 * local[1] + 3 * local[2] +
                       4 * local[3]);
  }
  EXPECT_TRUE(sameBits(run("Calls.cu", "callWithPointers", {1, 64}, Out<int>{64}, in), expected));
}
