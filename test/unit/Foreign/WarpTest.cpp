//===- WarpTest.cpp - Exchange and votes between lanes --------------------===//

#include "Foreign.h"

#include <algorithm>
#include <numeric>

using namespace poolc::vgpu::test;

class Warp : public Foreign {};
FOREIGN_TESTS(Warp);

/// The lane that `lane` reads from when the warp is cut in groups of `width`;
/// itself if the source is outside its group.
static int upFrom(int lane, int by, int width) { return lane % width >= by ? lane - by : lane; }
static int downFrom(int lane, int by, int width) {
  return lane % width + by < width ? lane + by : lane;
}
static int xorFrom(int lane, int by, int width) {
  int source = lane ^ by;
  // An earlier group can be read, a later one not.
  return source / width <= lane / width ? source : lane;
}

TEST_P(Warp, shuffles) {
  std::vector<int> in = wholeNumbers(64, -1000, 1000), expected;
  for (int t = 0; t < 64; ++t) {
    int lane = t % 32;
    const int *warp = &in[t - lane];
    expected.insert(expected.end(),
                    {warp[5], warp[lane * 7 % 32], warp[lane / 8 * 8 + (lane + 3) % 8],
                     warp[upFrom(lane, 1, 32)], warp[upFrom(lane, 9, 32)],
                     warp[upFrom(lane, 3, 16)], warp[downFrom(lane, 2, 32)],
                     warp[downFrom(lane, 5, 4)], warp[downFrom(lane, 3, 8)], warp[lane ^ 16],
                     warp[lane ^ 31], warp[lane ^ 5], warp[xorFrom(lane, 12, 8)],
                     warp[upFrom(lane, 4, 32)], lane >= 4, 3 * warp[lane ^ 3],
                     lane < 8    ? warp[lane + 8]
                     : lane < 16 ? warp[lane]
                                 : -1});
  }
  EXPECT_TRUE(sameBits(
      run("Warp.cu", "shuffles", {1, 64}, Out<int>{expected.size()}, in, int(expected.size() / 64)),
      expected, expected.size() / 64));
}

/// The lanes of the warp of thread `t` for which `condition` holds.
template <typename F> static uint32_t ballot(const std::vector<int> &in, int t, F condition) {
  uint32_t mask = 0;
  for (int lane = 0; lane < 32; ++lane)
    mask |= uint32_t(condition(in[t / 32 * 32 + lane])) << lane;
  return mask;
}

TEST_P(Warp, votes) {
  const uint32_t all = 0xFFFFFFFF;
  // One warp of mixed, one of positive, one of equal values.
  std::vector<int> in = wholeNumbers(96, -20, 20);
  for (int t = 32; t < 64; ++t)
    in[t] = std::abs(in[t]) + 1;
  std::fill(in.begin() + 64, in.end(), 12);
  std::vector<uint32_t> expected;
  for (int t = 0; t < 96; ++t) {
    uint32_t positive = ballot(in, t, [](int value) { return value > 0; });
    uint32_t same = ballot(in, t, [&](int value) { return value == in[t]; });
    expected.insert(
        expected.end(),
        {positive, 1, positive == all, positive != 0, 0, positive == all || positive == 0,
         ballot(in, t, [&](int value) { return (value & 3) == (in[t] & 3); }),
         ballot(in, t, [&](int value) { return (value & 1) == (in[t] & 1); }), all, 1,
         same == all ? all : 0, same == all, t % 2 ? (positive & 0xAAAAAAAA) ^ 0xAAAAAAAA : 0});
  }
  EXPECT_TRUE(sameBits(run("Warp.cu", "votes", {1, 96}, Out<uint32_t>{expected.size()}, in,
                           int(expected.size() / 96)),
                       expected, expected.size() / 96));
}

TEST_P(Warp, reductions) {
  std::vector<int> in = wholeNumbers(64, -1000, 1000), expected;
  for (int t = 0; t < 64; ++t) {
    auto begin = in.begin() + t / 32 * 32, end = begin + 32;
    std::vector<uint32_t> bits(begin, end);
    int group = 0;
    for (int lane = t % 32 % 5; lane < 32; lane += 5)
      group += begin[lane];
    auto fold = [&](auto combine) {
      return int(std::accumulate(bits.begin() + 1, bits.end(), bits[0], combine));
    };
    expected.insert(expected.end(), {std::accumulate(begin, end, 0), *std::min_element(begin, end),
                                     *std::max_element(begin, end),
                                     int(*std::min_element(bits.begin(), bits.end())),
                                     int(*std::max_element(bits.begin(), bits.end())),
                                     fold(std::bit_and<uint32_t>()), fold(std::bit_or<uint32_t>()),
                                     fold(std::bit_xor<uint32_t>()), group});
  }
  EXPECT_TRUE(sameBits(run("Warp.cu", "reductions", {1, 64}, Out<int>{expected.size()}, in,
                           int(expected.size() / 64)),
                       expected, expected.size() / 64));
}

TEST_P(Warp, blockSum) {
  std::vector<int> in = wholeNumbers(5000, -1000000000, 1000000000);
  std::vector<int64_t> expected(3);
  for (size_t i = 0; i < in.size(); ++i)
    expected[i / 160 % 3] += in[i];
  EXPECT_TRUE(sameBits(run("Warp.cu", "blockSum", {3, 160}, Out<int64_t>{3}, in, 5000), expected));
}

TEST_P(Warp, barrierVotes) {
  std::vector<int> in = wholeNumbers(192, -500, 500);
  in[100] = 77;
  int count = int(std::count_if(in.begin(), in.end(), [](int value) { return value > 0; }));
  EXPECT_TRUE(sameBits(run("Warp.cu", "barrierVotes", {1, 192}, Out<int>{192}, in),
                       std::vector<int>(192, count * 4 + 3)));
  in[100] = -2000;
  EXPECT_TRUE(sameBits(run("Warp.cu", "barrierVotes", {1, 192}, Out<int>{192}, in),
                       std::vector<int>(192, (count - 1) * 4)));
}

TEST_P(Warp, namedBarriers) {
  std::vector<int> in = wholeNumbers(256, -500, 500), expected(256);
  for (int round = 0; round < 4; ++round)
    for (int t = 0; t < 64; ++t)
      expected[round * 64 + t] = in[round * 64 + 63 - t] * 5 + round;
  EXPECT_TRUE(sameBits(run("Warp.cu", "namedBarriers", {1, 128}, Out<int>{256}, in), expected));
}
