//===- MemoryTest.cpp - Every state space ---------------------------------===//

#include "Foreign.h"

#include <algorithm>

using namespace poolc::vgpu::test;

class Memory : public Foreign {};
FOREIGN_TESTS(Memory);

TEST_P(Memory, transpose) {
  const int rows = 45, columns = 70;
  std::vector<float> in = wholeNumbers<float>(rows * columns, -1000, 1000), expected;
  for (int x = 0; x < columns; ++x)
    for (int y = 0; y < rows; ++y)
      expected.push_back(in[y * columns + x]);
  Shape shape{.blocks = 3, .threads = 32, .blocksY = 2, .threadsY = 8};
  EXPECT_TRUE(
      sameBits(run("Memory.cu", "transpose", shape, Out<float>{in.size()}, in, rows, columns),
               expected, rows));
}

TEST_P(Memory, dynamicShared) {
  const int n = 300;
  std::vector<double> in = wholeNumbers<double>(n, -1000, 1000), expected;
  for (int i = 0; i < n; ++i)
    expected.push_back(in[(i * 37 + 5) % n] + ((i + 1) % n * 37 + 5) % n);
  Shape shape{1, 128, n * (sizeof(double) + sizeof(short))};
  EXPECT_TRUE(sameBits(run("Memory.cu", "dynamicShared", shape, Out<double>{n}, in, n), expected));
}

TEST_P(Memory, localArray) {
  const int n = 100;
  std::vector<int> in = wholeNumbers(n, -99, 99), expected;
  for (int t = 0; t < 64; ++t) {
    std::vector<int> window;
    for (int i = 0; i < 24; ++i)
      window.push_back(in[(t + i) % n]);
    std::sort(window.begin(), window.end());
    for (int i = 0; i < 24; ++i)
      expected.push_back(window[(i + t) % 24]);
  }
  EXPECT_TRUE(sameBits(run("Memory.cu", "localArray", {2, 32}, Out<int>{expected.size()}, in, n),
                       expected, 24));
}

TEST_P(Memory, constants) {
  const float coefficients[] = {0.5f, -1.25f, 3.0f, 0.0f, 2.0f};
  const int third[] = {7, 8, 250};
  std::vector<float> in = wholeNumbers<float>(64, -8, 8);
  std::vector<double> expected;
  for (int t = 0; t < 64; ++t) {
    double sum = 0;
    for (float coefficient : coefficients)
      sum = sum * in[t] + coefficient;
    expected.push_back(sum + coefficients[t % 5] - 3 * 6.5 + third[t % 3] + 10 * (t % 6 + 1) +
                       10 * (t % 3 + 3));
  }
  EXPECT_TRUE(sameBits(run("Memory.cu", "constants", {1, 64}, Out<double>{64}, in), expected));
}

TEST_P(Memory, genericAddresses) {
  std::vector<int> in = wholeNumbers(32, -100, 100), expected;
  for (int t = 0; t < 32; ++t)
    expected.push_back(t % 4 == 0   ? in[31 - t] * 3 + 1000
                       : t % 4 == 1 ? in[t] + (in[t] & 1 ? 2 : 1) + 2000
                                    : in[t] + 3000);
  EXPECT_TRUE(sameBits(run("Memory.cu", "genericAddresses", {1, 32}, Out<int>{32}, in), expected));
}

namespace {

struct alignas(16) Packet {
  float x, y;
  int32_t id;
  int16_t kind;
  uint8_t flags[2];
};
struct Int3 {
  int32_t x, y, z;
};

/// For the message of a failure.
void PrintTo(const Packet &packet, std::ostream *os) {
  *os << "{" << packet.x << ", " << packet.y << ", " << packet.id << ", " << packet.kind << ", "
      << int(packet.flags[0]) << ", " << int(packet.flags[1]) << "}";
}

} // namespace

TEST_P(Memory, vectors) {
  const size_t n = 64;
  std::vector<float> numbers = wholeNumbers<float>(2 * n, -50, 50),
                     pairs = wholeNumbers<float>(2 * n, -50, 50, 2);
  std::vector<uint8_t> bytes = wholeNumbers<uint8_t>(4 * n, 0, 255);
  std::vector<int> ids = wholeNumbers(n, -10000, 10000);
  Packet by{2, -3, 0, 7, {1, 200}};
  Int3 shift{1, -1000, 65536};
  std::vector<Packet> in, expected;
  for (size_t i = 0; i < n; ++i) {
    in.push_back({numbers[2 * i],
                  numbers[2 * i + 1],
                  ids[i],
                  int16_t(ids[i] * 3),
                  {uint8_t(i), uint8_t(5 * i)}});
    Packet packet = in[i];
    packet.x += pairs[2 * i] * by.x;
    packet.y -= pairs[2 * i + 1] * by.y;
    packet.id += bytes[4 * i] * shift.x + bytes[4 * i + 1] * shift.y + bytes[4 * i + 2] * shift.z;
    packet.kind = int16_t(packet.kind * by.kind);
    packet.flags[0] ^= bytes[4 * i + 3];
    packet.flags[1] += by.flags[1];
    expected.push_back(packet);
  }
  EXPECT_TRUE(sameBits(
      run("Memory.cu", "vectors", {1, n}, Out<Packet>{n}, in, pairs, bytes, by, shift), expected));
}

TEST_P(Memory, cacheHints) {
  std::vector<float> in = wholeNumbers<float>(32, -50, 50), expected(128);
  for (int t = 0; t < 32; ++t) {
    expected[t] = expected[96 + t] = 5 * in[t];
    expected[32 + t] = -5 * in[t];
    expected[64 + t] = 10 * in[t];
  }
  std::vector<char> text = wholeNumbers<char>(96, 1, 127);
  auto results =
      runAll("Memory.cu", "cacheHints", {1, 32}, Out<float>{128}, in, text, Out<char>{96});
  EXPECT_TRUE(sameBits(std::get<0>(results), expected));
  EXPECT_TRUE(sameBits(std::get<3>(results), text));
}
