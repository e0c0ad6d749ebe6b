//===- Foreign.h - Runs CUDA kernels on the virtual GPU --------*- C++ -*-===//
//
// A fixture that compiles the CUDA files of Kernels/ to PTX with nvcc or clang,
// runs a kernel under several orders of warps and returns what it wrote. Without
// them its tests are skipped.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_TEST_UNIT_FOREIGN_FOREIGN_H
#define POOLC_TEST_UNIT_FOREIGN_FOREIGN_H

#include "poolc/VirtualGPU/VirtualGPU.h"

#include "gtest/gtest.h"

#include <cstring>
#include <string>
#include <tuple>
#include <vector>

namespace poolc::vgpu::test {

/// How many threads a launch has: a grid of blocks with up to two axes each.
struct Shape {
  int64_t blocks = 1;
  int64_t threads = 32;
  uint64_t dynamicSharedBytes = 0;
  int64_t blocksY = 1;
  int64_t threadsY = 1;
};

/// A buffer that the kernel overwrites: `count` elements, poisoned before.
template <typename T> struct Out {
  size_t count;
};

/// Who compiles, for which architecture: "sm_89" is nvcc, "sm_89_debug" nvcc without
/// optimisation, "sm_89_clang" is clang with the headers of the CUDA toolkit.
class Foreign : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override;

  /// Whether the order of warps may show in the results.
  enum class Order { mustNotMatter, mayMatter } order = Order::mustNotMatter;

  /// Sanitizers whose reports about the kernel are right, or do not matter.
  std::vector<Sanitizer> unwatched;

  /// Launches `kernel` of Kernels/`file`. A vector argument is a buffer, Out<T>
  /// too, everything else is passed by value. Returns the contents of the
  /// first buffer afterwards.
  template <typename First, typename... Rest>
  auto run(const std::string &file, const std::string &kernel, Shape shape, const First &first,
           const Rest &...rest) {
    return std::get<0>(runAll(file, kernel, shape, first, rest...));
  }

  /// The same for kernels with several results: the contents of all buffers.
  template <typename... Arguments>
  auto runAll(const std::string &file, const std::string &kernel, Shape shape,
              const Arguments &...arguments) {
    std::vector<Bytes> values{encode(arguments)...};
    std::vector<std::vector<uint8_t>> buffers = launch(file, kernel, shape, values);
    size_t next = 0;
    return std::tuple_cat(decode(arguments, buffers, next)...);
  }

private:
  struct Bytes {
    bool isBuffer, isInitialized;
    std::vector<uint8_t> bytes;
  };

  template <typename T> static Bytes encode(const std::vector<T> &values) {
    return {true, true, raw(values.data(), values.size() * sizeof(T))};
  }
  template <typename T> static Bytes encode(Out<T> out) {
    return {true, false, std::vector<uint8_t>(out.count * sizeof(T))};
  }
  template <typename T> static Bytes encode(const T &value) {
    return {false, true, raw(&value, sizeof(T))};
  }
  static std::vector<uint8_t> raw(const void *data, size_t size) {
    auto *bytes = static_cast<const uint8_t *>(data);
    return {bytes, bytes + size};
  }

  template <typename T> static std::vector<T> typed(const std::vector<uint8_t> &bytes) {
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!bytes.empty())
      std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  template <typename T>
  static auto decode(const std::vector<T> &, const std::vector<std::vector<uint8_t>> &buffers,
                     size_t &next) {
    return std::make_tuple(typed<T>(buffers[next++]));
  }
  template <typename T>
  static auto decode(Out<T>, const std::vector<std::vector<uint8_t>> &buffers, size_t &next) {
    return std::make_tuple(typed<T>(buffers[next++]));
  }
  template <typename T>
  static std::tuple<> decode(const T &, const std::vector<std::vector<uint8_t>> &, size_t &) {
    return {};
  }

  /// Returns the buffers' contents; a failure leaves them zero.
  std::vector<std::vector<uint8_t>> launch(const std::string &file, const std::string &kernel,
                                           Shape shape, const std::vector<Bytes> &arguments);
};

/// `count` whole numbers in [low, high], the same ones in every run.
template <typename T = int>
std::vector<T> wholeNumbers(size_t count, int64_t low, int64_t high, uint32_t seed = 1) {
  std::vector<T> values(count);
  uint64_t state = seed * 0x9E3779B97F4A7C15;
  for (T &value : values) {
    state = state * 6364136223846793005 + 1442695040888963407;
    value = T(low + int64_t((state >> 33) % uint64_t(high - low + 1)));
  }
  return values;
}

/// Whether two results are the same bits, elements NaN or not; if not, says where the first
/// difference is, as a row and a column of a table that is `columns` wide.
template <typename T>
testing::AssertionResult sameBits(const std::vector<T> &actual, const std::vector<T> &expected,
                                  size_t columns = 1) {
  if (actual.size() != expected.size())
    return testing::AssertionFailure()
           << "expected " << expected.size() << " elements, got " << actual.size();
  for (size_t i = 0; i < actual.size(); ++i)
    if (std::memcmp(&actual[i], &expected[i], sizeof(T)) != 0)
      return testing::AssertionFailure() << "row " << i / columns << ", column " << i % columns
                                         << ": expected " << testing::PrintToString(expected[i])
                                         << ", got " << testing::PrintToString(actual[i]);
  return testing::AssertionSuccess();
}

/// Instantiates the tests of a file for all compilers.
#define FOREIGN_TESTS(fixture)                                                                     \
  INSTANTIATE_TEST_SUITE_P(                                                                        \
      , fixture, testing::Values("sm_80", "sm_89", "sm_90", "sm_89_debug", "sm_89_clang"),         \
      [](const auto &info) { return std::string(info.param); })

} // namespace poolc::vgpu::test

#endif // POOLC_TEST_UNIT_FOREIGN_FOREIGN_H
