//===- AtomicsTest.cpp - Atomic operations of all types -------------------===//

#include "Foreign.h"

#include "llvm/ADT/APFloat.h"

#include <algorithm>
#include <numeric>

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;
using llvm::APFloat;

class Atomics : public Foreign {};
FOREIGN_TESTS(Atomics);

static uint16_t bitsOf(const llvm::fltSemantics &semantics, float value) {
  APFloat result(value);
  bool losesInfo;
  result.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return uint16_t(result.bitcastToAPInt().getZExtValue());
}

TEST_P(Atomics, integers) {
  std::vector<int> in = wholeNumbers(512, -100000, 100000);
  std::vector<int> cells = {5, 5, 0, 0, -1, 0, -1, 0, 0, 3, 7, 0, 0, 0, 0, 0}, expected = cells;
  unsigned counter = 3, down = 7;
  for (int value : in) {
    expected[0] += value;
    expected[1] -= value;
    expected[2] = std::min(expected[2], value);
    expected[3] = std::max(expected[3], value);
    expected[4] = int(std::min(unsigned(expected[4]), unsigned(value)));
    expected[5] = int(std::max(unsigned(expected[5]), unsigned(value)));
    expected[6] &= value;
    expected[7] |= value;
    expected[8] ^= value;
    counter = counter >= 36 ? 0 : counter + 1;
    down = down == 0 || down > 50 ? 50 : down - 1;
  }
  expected[9] = int(counter);
  expected[10] = int(down);
  std::fill_n(&expected[11], 4, 128);
  expected[15] = 1024;
  EXPECT_TRUE(sameBits(run("Atomics.cu", "integerAtomics", {4, 128}, cells, in), expected));
}

TEST_P(Atomics, longs) {
  std::vector<int64_t> in = wholeNumbers<int64_t>(256, -1000000000, 1000000000);
  for (int64_t &value : in)
    value *= 1000000007;
  std::vector<uint64_t> cells = {1, 0, 0, 0, ~uint64_t(0), 0, 0}, expected = cells;
  for (int64_t value : in) {
    uint64_t bits = value;
    expected[0] += bits;
    expected[1] = std::min(int64_t(expected[1]), value);
    expected[2] = std::max(int64_t(expected[2]), value);
    expected[3] = std::max(expected[3], bits);
    expected[4] &= bits;
    expected[5] |= bits;
    expected[6] ^= bits;
  }
  EXPECT_TRUE(sameBits(run("Atomics.cu", "longAtomics", {2, 128}, cells, in), expected));
}

TEST_P(Atomics, floats) {
  std::vector<float> in = wholeNumbers<float>(256, -1000, 1000);
  std::vector<float> cells = {0.5f, 0, 0, 0, 0}, expected = cells;
  std::vector<double> doubles = {0.25, 0}, expectedDoubles = doubles;
  for (int t = 0; t < 256; ++t) {
    expected[t % 3] += in[t];
    expected[3 + t / 128] += in[t];
    expectedDoubles[t % 2] += in[t] * 0.5;
  }
  auto results = runAll("Atomics.cu", "floatAtomics", {2, 128}, cells, doubles, in);
  EXPECT_TRUE(sameBits(std::get<0>(results), expected));
  EXPECT_TRUE(sameBits(std::get<1>(results), expectedDoubles));
}

TEST_P(Atomics, halves) {
  // Sums stay where the narrow types count exactly.
  std::vector<int> in = wholeNumbers(64, -2, 2);
  float cells[6] = {}, pairs[4] = {}, bfloats[4] = {}, bfloatPairs[2] = {};
  for (int t = 0; t < 64; ++t) {
    cells[t % 5] += in[t];
    pairs[2 * (t % 2)] += in[t];
    pairs[2 * (t % 2) + 1] -= 2 * in[t];
    bfloats[t % 3] += in[t];
    bfloatPairs[0] += in[t];
    bfloatPairs[1] += 1;
  }
  auto narrowed = [](const llvm::fltSemantics &semantics, llvm::ArrayRef<float> values) {
    std::vector<uint16_t> bits;
    for (float value : values)
      bits.push_back(bitsOf(semantics, value));
    return bits;
  };
  using Cells = std::vector<uint16_t>;
  auto results =
      runAll("Atomics.cu", "halfAtomics", {2, 32}, Cells(6), Cells(4), Cells(4), Cells(2), in);
  EXPECT_TRUE(sameBits(std::get<0>(results), narrowed(APFloat::IEEEhalf(), cells)));
  EXPECT_TRUE(sameBits(std::get<1>(results), narrowed(APFloat::IEEEhalf(), pairs)));
  EXPECT_TRUE(sameBits(std::get<2>(results), narrowed(APFloat::BFloat(), bfloats)));
  EXPECT_TRUE(sameBits(std::get<3>(results), narrowed(APFloat::BFloat(), bfloatPairs)));
}

TEST_P(Atomics, tickets) {
  // Who gets which ticket depends on the order; that each goes to one thread does not.
  order = Order::mayMatter;
  auto [owner, counters] =
      runAll("Atomics.cu", "tickets", {3, 100}, std::vector<int>(300, -1), std::vector<int>(14));
  std::vector<int> threads(300);
  std::iota(threads.begin(), threads.end(), 0);
  std::sort(owner.begin(), owner.end());
  EXPECT_TRUE(sameBits(owner, threads));
  EXPECT_EQ(counters[0], 300);
  EXPECT_EQ(counters[1], 0);
  EXPECT_EQ(std::vector<int>(&counters[2], &counters[12]), std::vector<int>(10, 30));
  EXPECT_EQ(counters[12] + counters[13], 300 * 299 / 2);
}

TEST_P(Atomics, compareAndSwap) {
  std::vector<int> in = wholeNumbers(96, -1000, 1000);
  float maximum = -1e30f;
  uint64_t product = 3;
  std::vector<uint16_t> narrow = {1, 2, 0xFFF0, 77}, expected = narrow;
  for (int t = 0; t < 96; ++t) {
    maximum = std::max(maximum, in[t] * 0.25f);
    product *= uint64_t(int64_t(2 * in[t] + 1));
    expected[t % 3] = uint16_t(expected[t % 3] + t);
  }
  auto results = runAll("Atomics.cu", "compareAndSwap", {3, 32}, std::vector<float>{-1e30f},
                        std::vector<uint64_t>{3}, narrow, in);
  EXPECT_EQ(std::get<0>(results)[0], maximum);
  EXPECT_EQ(std::get<1>(results)[0], product);
  EXPECT_TRUE(sameBits(std::get<2>(results), expected));
}

TEST_P(Atomics, spinLock) {
  EXPECT_TRUE(sameBits(run("Atomics.cu", "spinLock", {2, 64}, std::vector<int>{0, 5}),
                       std::vector<int>{0, 133}));
}

TEST_P(Atomics, histogram) {
  std::vector<uint8_t> in = wholeNumbers<uint8_t>(5000, 0, 255);
  std::vector<int> bins(256, 1), expected = bins;
  for (uint8_t value : in)
    ++expected[value];
  EXPECT_TRUE(sameBits(run("Atomics.cu", "histogram", {3, 192}, bins, in, 5000), expected));
}

TEST_P(Atomics, lastBlock) {
  std::vector<int> in = wholeNumbers(640, -1000, 1000);
  std::vector<int> expected = {std::accumulate(in.begin(), in.end(), 0)};
  EXPECT_TRUE(sameBits(run("Atomics.cu", "lastBlockSums", {10, 64}, Out<int>{1}, Out<int>{10},
                           std::vector<unsigned>{0}, in),
                       expected));
}
