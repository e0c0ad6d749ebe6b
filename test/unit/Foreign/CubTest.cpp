//===- CubTest.cpp - CUB's primitives for blocks and warps ----------------===//

#include "Foreign.h"

#include <algorithm>
#include <numeric>

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;

class Cub : public Foreign {
protected:
  template <typename T> void checkReduce(const char *kernel, int threads) {
    const int blocks = 3, valid = threads * 2 / 3;
    std::vector<T> in = wholeNumbers<T>(blocks * threads, -30, 30), expected;
    for (int block = 0; block < blocks; ++block) {
      auto begin = in.begin() + block * threads, end = begin + threads;
      expected.insert(expected.end(),
                      {std::accumulate(begin, end, T(0)), *std::max_element(begin, end),
                       std::accumulate(begin, begin + valid, T(0))});
    }
    EXPECT_TRUE(sameBits(
        run("Cub.cu", kernel, {blocks, threads}, Out<T>{expected.size()}, in, valid), expected, 3))
        << kernel;
  }

  template <typename T> void checkScan(const char *kernel, int threads, int items) {
    std::vector<T> in = wholeNumbers<T>(threads * items, -30, 30), expected;
    T total = std::accumulate(in.begin(), in.end(), T(0)), sum = 0, largest = in[0];
    for (T value : in) {
      largest = std::max(largest, value);
      expected.insert(expected.end(), {T(sum + value), sum, largest, total});
      sum += value;
    }
    EXPECT_TRUE(
        sameBits(run("Cub.cu", kernel, {1, threads}, Out<T>{expected.size()}, in), expected, 4))
        << kernel;
  }

  template <typename T>
  void checkSort(const char *kernel, int threads, int items, std::vector<T> keys,
                 bool descending = false) {
    ASSERT_EQ(keys.size(), size_t(threads) * items);
    std::vector<int> values(keys.size());
    std::iota(values.begin(), values.end(), 0);
    // Equal keys keep their order.
    std::vector<int> order = values;
    std::sort(order.begin(), order.end(), [&](int a, int b) {
      if (keys[a] == keys[b])
        return a < b;
      return descending ? keys[b] < keys[a] : keys[a] < keys[b];
    });
    std::vector<T> expected;
    for (int index : order)
      expected.push_back(keys[index]);
    auto [sorted, carried] = runAll("Cub.cu", kernel, {1, threads}, keys, values);
    EXPECT_TRUE(sameBits(sorted, expected)) << kernel;
    EXPECT_TRUE(sameBits(carried, order)) << kernel;
  }

  template <typename T> void checkExchange(const char *kernel, int threads, int items) {
    std::vector<T> in = wholeNumbers<T>(threads * items, 0, 1000), expected;
    for (int i = 0; i < items; ++i)
      for (int t = 0; t < threads; ++t)
        expected.push_back(in[i * threads + t]);
    expected.insert(expected.end(), in.rbegin(), in.rend());
    EXPECT_TRUE(
        sameBits(run("Cub.cu", kernel, {1, threads}, Out<T>{expected.size()}, in), expected))
        << kernel;
  }

  template <typename T> void checkWarp(const char *kernel, int lanes) {
    std::vector<T> in = wholeNumbers<T>(64, -30, 30), expected;
    for (int group = 0; group < 64; group += lanes) {
      auto begin = in.begin() + group;
      T sum = 0, largest = *begin;
      for (int lane = 0; lane < lanes; ++lane) {
        largest = std::max(largest, begin[lane]);
        T total = lane == 0 ? std::accumulate(begin, begin + lanes, T(0)) : T(0);
        expected.insert(expected.end(), {total, T(sum + begin[lane]), sum, largest});
        sum += begin[lane];
      }
    }
    EXPECT_TRUE(sameBits(run("Cub.cu", kernel, {1, 64}, Out<T>{256}, in), expected, 4)) << kernel;
  }
};
FOREIGN_TESTS(Cub);

TEST_P(Cub, blockReduce) {
  checkReduce<int>("reduceInt32", 32);
  checkReduce<int>("reduceInt96", 96);
  checkReduce<float>("reduceFloat128", 128);
  checkReduce<int64_t>("reduceLong100", 100);
  checkReduce<double>("reduceDouble256", 256);
  checkReduce<int16_t>("reduceShort512", 512);
}

TEST_P(Cub, blockScan) {
  checkScan<int>("scanInt64", 64, 1);
  checkScan<float>("scanFloat128", 128, 4);
  checkScan<int64_t>("scanLong96", 96, 3);
  checkScan<double>("scanDouble256", 256, 2);
}

TEST_P(Cub, blockRadixSort) {
  checkSort("sortInt64", 64, 3, wholeNumbers<int>(192, -100, 100));
  checkSort("sortFloat128", 128, 4, wholeNumbers<float>(512, -5000, 5000), /*descending=*/true);
  checkSort("sortByte256", 256, 2, wholeNumbers<uint8_t>(512, 0, 255));
  checkSort("sortLong32", 32, 5, wholeNumbers<uint64_t>(160, -1000000000, 1000000000));
  checkSort("sortDouble128", 128, 2, wholeNumbers<double>(256, -1000000, 1000000));
}

TEST_P(Cub, mergeSort) {
  // A merge fetches the key behind the last one, and drops it.
  unwatched.push_back(Sanitizer::init);
  std::vector<int> keys = wholeNumbers(640, -1000, 1000), expected = keys;
  std::sort(expected.begin(), expected.end());
  EXPECT_TRUE(sameBits(run("Cub.cu", "mergeSort", {1, 128}, keys), expected));

  keys.resize(256);
  expected = keys;
  std::sort(expected.begin(), expected.begin() + 128);
  std::sort(expected.begin() + 128, expected.end());
  EXPECT_TRUE(sameBits(run("Cub.cu", "warpSort", {1, 64}, keys), expected));
}

TEST_P(Cub, blockExchange) {
  checkExchange<int>("exchangeInt64", 64, 4);
  checkExchange<double>("exchangeDouble128", 128, 3);
  checkExchange<uint8_t>("exchangeByte96", 96, 8);
}

TEST_P(Cub, histogram) {
  std::vector<uint8_t> in = wholeNumbers<uint8_t>(512, 0, 255);
  std::vector<int> expected(256);
  for (uint8_t value : in)
    ++expected[value];
  for (const char *kernel : {"histogramSort", "histogramAtomic"})
    EXPECT_TRUE(sameBits(run("Cub.cu", kernel, {1, 128}, Out<int>{256}, in), expected)) << kernel;
}

TEST_P(Cub, warps) {
  checkWarp<int>("warpInt32", 32);
  checkWarp<float>("warpFloat32", 32);
  checkWarp<double>("warpDouble16", 16);
  checkWarp<int64_t>("warpLong8", 8);
  checkWarp<int16_t>("warpShort4", 4);
}

TEST_P(Cub, warpExchange) {
  std::vector<float> in = wholeNumbers<float>(256, -1000, 1000), expected;
  for (int warp = 0; warp < 2; ++warp)
    for (int i = 0; i < 128; ++i)
      expected.push_back(in[warp * 128 + i]);
  EXPECT_TRUE(sameBits(run("Cub.cu", "warpExchange", {1, 64}, Out<float>{256}, in), expected));
}
