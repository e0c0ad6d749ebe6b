//===- ForeignTest.cpp - Kernels that nvcc compiled -----------------------===//
//
// Another compiler's PTX shows misreadings that a generator and an emulator of
// one project would share: fragment layouts, shuffles, memory order.
//
//===----------------------------------------------------------------------===//

#include "TestDevice.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>
#include <numeric>
#include <random>

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;

class Foreign : public testing::Test {
protected:
  void SetUp() override {
#ifdef POOLC_FOREIGN_PTX
    auto buffer = llvm::MemoryBuffer::getFile(POOLC_FOREIGN_PTX);
    ASSERT_TRUE(bool(buffer)) << POOLC_FOREIGN_PTX;
    ptx = (*buffer)->getBuffer().str();
#else
    GTEST_SKIP() << "nvcc was not found";
#endif
  }

  /// Runs kernel(in, out, n); the output starts as `output`.
  template <typename In, typename Out>
  std::vector<Out> run(const char *kernel, const std::vector<In> &input, std::vector<Out> output,
                       unsigned threads, unsigned blocks = 1, uint64_t seed = 0) {
    LaunchOptions options;
    options.kernel = kernel;
    options.block[0] = threads;
    options.grid[0] = blocks;
    options.seed = seed;
    uint64_t in = device.upload(input), out = device.upload(output, "output");
    options.arguments = {bytesOf(in), bytesOf(out), bytesOf(uint32_t(input.size()))};
    EXPECT_EQ(device.run(ptx, options), "");
    return device.download<Out>(out, output.size());
  }

  std::vector<uint32_t> randomWords(size_t count, uint32_t limit = ~0u) {
    std::vector<uint32_t> values(count);
    for (uint32_t &value : values)
      value = uint32_t(random()) % limit;
    return values;
  }

  Device device;
  std::string ptx;
  std::mt19937 random{7};
};

TEST_F(Foreign, Divergence) {
  std::vector<uint32_t> in = randomWords(1000, 100000);
  std::vector<uint32_t> result = run("divergence", in, std::vector<uint32_t>(1000), 128, 8);
  for (size_t i = 0; i < in.size(); ++i) {
    uint32_t x = in[i], steps = 0;
    while (x != 1 && steps < 1000) {
      x = x & 1 ? 3 * x + 1 : x / 2;
      ++steps;
    }
    switch (in[i] % 7) {
    case 0:
      steps += 100;
      break;
    case 1:
      steps *= 3;
      break;
    case 2:
      steps ^= 0x55;
      break;
    case 3:
      for (uint32_t k = 0; k < steps % 5; ++k)
        steps += k;
      break;
    case 4:
      if (steps & 1)
        steps = ~steps;
      break;
    case 5: {
      uint32_t reversed = 0;
      for (unsigned bit = 0; bit < 32; ++bit)
        reversed |= (steps >> bit & 1) << (31 - bit);
      steps = reversed;
      break;
    }
    }
    ASSERT_EQ(result[i], steps) << in[i];
  }
}

TEST_F(Foreign, ShufflesMeetFromBothBranches) {
  std::vector<uint32_t> in = randomWords(32);
  for (uint64_t seed = 0; seed < 10; ++seed) {
    std::vector<uint32_t> result =
        run("shuffleInBothBranches", in, std::vector<uint32_t>(32), 32, 1, seed);
    for (uint32_t i = 0; i < 32; ++i)
      ASSERT_EQ(result[i], in[i ^ 1] + (i & 1 ? 1000 : 2000)) << seed;
  }
}

TEST_F(Foreign, Calls) {
  std::vector<uint32_t> in = randomWords(64);
  std::vector<uint32_t> result = run("calls", in, std::vector<uint32_t>(64), 64);
  for (uint32_t i = 0; i < 64; ++i) {
    uint32_t a = 1, b = 0;
    for (uint32_t k = 0; k < in[i] % 40; ++k) {
      uint32_t next = a + b;
      b = a;
      a = next;
    }
    EXPECT_EQ(result[i], a);
  }
}

TEST_F(Foreign, WarpPrimitives) {
  std::vector<uint32_t> in = randomWords(32, 100);
  in[5] = 77;
  std::vector<uint32_t> result = run("warpPrimitives", in, std::vector<uint32_t>(32), 32);
  uint32_t sumOfBytes = 0, sum = 0, ballot = 0;
  for (uint32_t i = 0; i < 32; ++i) {
    sumOfBytes += in[i] & 0xFF;
    sum += in[i];
    ballot |= uint32_t((in[i] & 4) != 0) << i;
  }
  for (uint32_t i = 0; i < 32; ++i) {
    uint32_t same = uint32_t(llvm::count_if(in, [&](uint32_t x) { return x % 5 == in[i] % 5; }));
    EXPECT_EQ(result[i], (sumOfBytes ^ ballot) + (same << 8) + (1u << 20) + (1u << 21) + sum);
  }
}

TEST_F(Foreign, Atomics) {
  std::vector<uint32_t> in = randomWords(5000);
  std::vector<uint32_t> start(21, 0);
  start[17] = 0x7FFFFFFF;
  std::vector<uint32_t> result = run("atomics", in, start, 96, 60), expected = start;
  float halves = 0;
  for (uint32_t x : in) {
    ++expected[x % 16];
    expected[16] = std::max(expected[16], x);
    expected[17] = uint32_t(std::min(int32_t(expected[17]), int32_t(x)));
    halves += 0.5f;
    expected[19] ^= x;
    expected[20] = expected[20] >= 9 ? 0 : expected[20] + 1;
  }
  expected[18] = llvm::bit_cast<uint32_t>(halves);
  EXPECT_EQ(result, expected);
}

TEST_F(Foreign, LanesThatSpinOnALock) {
  std::vector<uint32_t> in = randomWords(96, 1000);
  std::vector<uint32_t> result = run("spinLock", in, std::vector<uint32_t>(2), 96);
  EXPECT_EQ(result[1], std::accumulate(in.begin(), in.end(), 0u));
}

TEST_F(Foreign, AsynchronousCopies) {
  std::vector<float> in(64 * 7 * 4);
  std::iota(in.begin(), in.end(), 0.0f);
  LaunchOptions options;
  options.kernel = "asyncCopies";
  options.block[0] = 64;
  uint64_t from = device.upload(in), to = device.allocate(in.size() * 4);
  options.arguments = {bytesOf(from), bytesOf(to), bytesOf(uint32_t(64 * 7))};
  for (options.seed = 0; options.seed < 10; ++options.seed) {
    ASSERT_EQ(device.run(ptx, options), "");
    std::vector<float> result = device.download<float>(to, in.size());
    for (size_t i = 0; i < in.size(); ++i) {
      size_t tile = i / 256, thread = i / 4 % 64;
      ASSERT_EQ(result[i], in[tile * 256 + (63 - thread) * 4 + i % 4] + (i % 4 == 0 ? 1 : 0));
    }
  }
}

TEST_F(Foreign, ProducerAndConsumers) {
  constexpr uint32_t words = 64, tiles = 11, consumers = 96;
  std::vector<uint32_t> in = randomWords(words * tiles);
  std::vector<uint32_t> expected(consumers, 0);
  for (uint32_t thread = 0; thread < consumers; ++thread)
    for (uint32_t t = 0; t < tiles; ++t)
      for (uint32_t word = 0; word < words; ++word)
        expected[thread] = expected[thread] * 3 + in[t * words + (word + thread + 32) % words];
  for (uint64_t seed = 0; seed < 10; ++seed)
    EXPECT_EQ(run("producerAndConsumers", in, std::vector<uint32_t>(consumers, 0), 128, 1, seed),
              expected);
  // Nor do the sanitizers know better.
  LaunchOptions options;
  options.kernel = "producerAndConsumers";
  options.block[0] = 128;
  options.sanitizers = Sanitizers::all();
  options.arguments = {bytesOf(device.upload(in)), bytesOf(device.allocate(4 * consumers)),
                       bytesOf(words * tiles)};
  for (options.seed = 0; options.seed < 10; ++options.seed) {
    EXPECT_EQ(device.run(ptx, options), "");
    EXPECT_TRUE(device.last.reports.empty()) << device.last.reports.front().text;
  }
}

namespace {
struct WmmaCase {
  const char *kernel;
  unsigned m, n, k;
  const llvm::fltSemantics &operands;
  bool halfResult;
};
} // namespace

/// A small number's bits in a format, stored in its width or, for tf32, as f32.
static uint32_t encode(double value, const llvm::fltSemantics &format) {
  llvm::APFloat x(value);
  bool ignored;
  x.convert(format, llvm::APFloat::rmNearestTiesToEven, &ignored);
  return uint32_t(x.bitcastToAPInt().getZExtValue());
}

TEST_F(Foreign, WmmaOfAllTypesAndShapes) {
  const WmmaCase cases[] = {{"wmmaHalf", 16, 16, 16, llvm::APFloat::IEEEhalf(), false},
                            {"wmmaHalfWide", 8, 32, 16, llvm::APFloat::IEEEhalf(), false},
                            {"wmmaHalfHalf", 32, 8, 16, llvm::APFloat::IEEEhalf(), true},
                            {"wmmaBfloat", 16, 16, 16, llvm::APFloat::BFloat(), false},
                            {"wmmaTf32", 16, 16, 8, llvm::APFloat::IEEEsingle(), false}};
  for (const WmmaCase &row : cases) {
    unsigned bytes = llvm::APFloat::getSizeInBits(row.operands) / 8;
    auto matrix = [&](unsigned count, std::vector<double> &values) {
      std::vector<uint8_t> data;
      for (unsigned i = 0; i < count; ++i) {
        values.push_back(int(random() % 9) - 4);
        uint32_t bits = encode(values.back(), row.operands);
        data.insert(data.end(), reinterpret_cast<uint8_t *>(&bits),
                    reinterpret_cast<uint8_t *>(&bits) + bytes);
      }
      return device.upload(data);
    };
    std::vector<double> a, b;
    uint64_t addressA = matrix(row.m * row.k, a), addressB = matrix(row.k * row.n, b);
    unsigned resultBytes = row.halfResult ? 2 : 4;
    uint64_t c = device.allocate(row.m * row.n * resultBytes);
    LaunchOptions options;
    options.kernel = row.kernel;
    options.block[0] = 32;
    options.arguments = {bytesOf(addressA), bytesOf(addressB), bytesOf(c)};
    ASSERT_EQ(device.run(ptx, options), "");
    std::vector<uint8_t> result = device.download<uint8_t>(c, row.m * row.n * resultBytes);
    for (unsigned i = 0; i < row.m; ++i)
      for (unsigned j = 0; j < row.n; ++j) {
        double sum = 1;
        for (unsigned k = 0; k < row.k; ++k)
          sum += a[i * row.k + k] * b[j * row.k + k];
        uint32_t bits = 0;
        std::memcpy(&bits, &result[(i * row.n + j) * resultBytes], resultBytes);
        ASSERT_EQ(bits, encode(sum, row.halfResult ? llvm::APFloat::IEEEhalf()
                                                   : llvm::APFloat::IEEEsingle()))
            << row.kernel << " " << i << " " << j;
      }
  }
}

TEST_F(Foreign, CubReduceAndScan) {
  std::vector<int> in(128);
  for (int &x : in)
    x = int(random() % 2001) - 1000;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    std::vector<int> result = run("cubReduceScan", in, std::vector<int>(257), 128, 1, seed);
    int sum = 0, warpSum = 0;
    for (unsigned i = 0; i < 128; ++i) {
      warpSum = (i % 32 ? warpSum : 0) + in[i];
      ASSERT_EQ(result[i], sum);
      ASSERT_EQ(result[128 + i], warpSum);
      sum += in[i];
    }
    ASSERT_EQ(result[256], sum);
  }
}

TEST_F(Foreign, CubSort) {
  std::vector<uint32_t> in = randomWords(512), expected = in;
  llvm::sort(expected);
  for (uint64_t seed = 0; seed < 10; ++seed)
    ASSERT_EQ(run("cubSort", in, std::vector<uint32_t>(512), 128, 1, seed), expected);
}

TEST_F(Foreign, DoublesAreExact) {
  std::vector<double> in;
  for (unsigned i = 0; i < 500; ++i)
    in.push_back(std::ldexp(double(int32_t(random())), int(random() % 60) - 30));
  std::vector<double> result = run("doubles", in, std::vector<double>(500), 128, 4);
  for (size_t i = 0; i < in.size(); ++i)
    EXPECT_EQ(result[i],
              std::sqrt(std::fabs(in[i])) / std::fma(in[i], in[i], 1.0) + std::floor(in[i]));
}

TEST_F(Foreign, MathLibrary) {
  std::vector<float> in;
  for (float x = -8; x < 8; x += 0.03125f)
    in.push_back(x);
  std::vector<float> result =
      run("mathFunctions", in, std::vector<float>(in.size()), 128, unsigned(in.size() + 127) / 128);
  for (size_t i = 0; i < in.size(); ++i) {
    double x = in[i];
    double expected = std::exp(x) + std::tanh(x) * std::sin(x) + std::log1p(x * x) + std::erf(x) +
                      std::pow(std::fabs(x) + 0.5, 1.7);
    EXPECT_NEAR(result[i], expected, 1e-5 * std::fabs(expected) + 1e-5) << x;
  }
}
