#include "poolc/Runtime/InputSpec.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <set>

using namespace poolc;
using testing::ElementsAre;

static std::string errorOf(llvm::StringRef text) {
  llvm::Expected<InputSpec> spec = InputSpec::parse(text);
  return spec ? "" : llvm::toString(spec.takeError());
}

TEST(InputSpec, Generators) {
  InputSpec spec = llvm::cantFail(InputSpec::parse("random"));
  EXPECT_EQ(spec.contents, Contents::random);
  EXPECT_EQ(spec.seed, 0u);
  EXPECT_FALSE(spec.shape);
  spec = llvm::cantFail(InputSpec::parse("normal:18446744073709551615"));
  EXPECT_EQ(spec.contents, Contents::normal);
  EXPECT_EQ(spec.seed, 18446744073709551615u);
  spec = llvm::cantFail(InputSpec::parse("4x64x1:integers:7"));
  EXPECT_EQ(spec.contents, Contents::integers);
  EXPECT_EQ(spec.seed, 7u);
  EXPECT_THAT(*spec.shape, ElementsAre(4, 64, 1));
  spec = llvm::cantFail(InputSpec::parse("0:range"));
  EXPECT_EQ(spec.contents, Contents::range);
  EXPECT_THAT(*spec.shape, ElementsAre(0));
  for (llvm::StringRef name : {"edges", "ones", "zeros"})
    EXPECT_EQ(errorOf(name), "");
}

TEST(InputSpec, Files) {
  for (llvm::StringRef name : {"x.npy", "a:b.npy", "/dev/fd/3", "-"}) {
    InputSpec spec = llvm::cantFail(InputSpec::parse(name));
    EXPECT_EQ(spec.contents, Contents::file);
    EXPECT_EQ(spec.file, name);
  }
}

TEST(InputSpec, Errors) {
  std::string expected = "expected a .npy file or one of random, normal, integers, edges, ones, "
                         "zeros, range, got ";
  EXPECT_EQ(errorOf(""), expected + "''");
  EXPECT_EQ(errorOf("rnadom"), expected + "'rnadom'");
  EXPECT_EQ(errorOf("4x4"), expected + "''");
  EXPECT_EQ(errorOf("4x4:x.npy"), expected + "'x.npy'");
  EXPECT_EQ(errorOf("4x:ones"), expected + "'4x:ones'");
  EXPECT_EQ(errorOf("99999999999999999999:ones"), expected + "'99999999999999999999:ones'");
  EXPECT_EQ(errorOf("random:x"), "expected a number as the seed of 'random', got 'x'");
  EXPECT_EQ(errorOf("random:"), "expected a number as the seed of 'random', got ''");
  EXPECT_EQ(errorOf("random:-1"), "expected a number as the seed of 'random', got '-1'");
  EXPECT_EQ(errorOf("ones:1"), "expected no seed after 'ones', got '1'");
}

static std::vector<double> generate(Contents contents, DataType type, unsigned count,
                                    uint64_t seed = 0, uint64_t argument = 0) {
  std::vector<double> values;
  for (unsigned i = 0; i != count; ++i)
    values.push_back(generateElement(contents, type, seed, argument, i));
  return values;
}

/// The value after it was stored.
static double stored(DataType type, double value) {
  double bytes;
  storeElement(type, value, &bytes);
  return loadElement(type, &bytes);
}

TEST(Generate, RandomIsUniform) {
  for (DataType type : {DataType::f64, DataType::f32, DataType::f16, DataType::bf16}) {
    double sum = 0, squares = 0;
    for (double value : generate(Contents::random, type, 20000)) {
      ASSERT_GE(value, -1);
      ASSERT_LT(value, 1);
      ASSERT_EQ(stored(type, value), value);
      sum += value;
      squares += value * value;
    }
    EXPECT_NEAR(sum / 20000, 0, 0.02);
    EXPECT_NEAR(squares / 20000, 1.0 / 3, 0.01);
  }
}

TEST(Generate, NormalHasMeanAndVariance) {
  double sum = 0, squares = 0;
  for (double value : generate(Contents::normal, DataType::f32, 20000)) {
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 20000, 0, 0.03);
  EXPECT_NEAR(squares / 20000, 1, 0.03);
}

TEST(Generate, IntegersAreAllThere) {
  std::vector<double> values = generate(Contents::integers, DataType::f32, 1000);
  EXPECT_THAT(std::set<double>(values.begin(), values.end()),
              ElementsAre(-4, -3, -2, -1, 0, 1, 2, 3, 4));
  EXPECT_EQ(generate(Contents::random, DataType::i32, 1000), values);
}

TEST(Generate, EdgesHoldWhatTheyPromise) {
  for (DataType type : {DataType::f32, DataType::f16, DataType::bf16}) {
    double smallestNormal = type == DataType::f16 ? 0x1p-14 : 0x1p-126;
    double limit = type == DataType::f16 ? 0x1p10 : 0x1p40;
    bool subnormal = false, negativeZero = false, positiveZero = false, large = false, tie = false;
    for (double value : generate(Contents::edges, type, 20000)) {
      value = stored(type, value);
      ASSERT_LE(std::abs(value), limit);
      subnormal |= value != 0 && std::abs(value) < smallestNormal;
      (std::signbit(value) ? negativeZero : positiveZero) |= value == 0;
      large |= std::abs(value) >= limit / 4;
      // Halfway between two TF32 numbers.
      int exponent;
      double bits = std::ldexp(std::frexp(std::abs(value), &exponent), 12);
      tie |= bits == std::floor(bits) && std::fmod(bits, 2) == 1;
    }
    EXPECT_TRUE(subnormal && negativeZero && positiveZero && large) << toString(type).str();
    EXPECT_TRUE(tie || type != DataType::f32);
  }
}

TEST(Generate, SeedsAndArgumentsDiffer) {
  auto values = generate(Contents::random, DataType::f32, 8);
  EXPECT_EQ(values, generate(Contents::random, DataType::f32, 8));
  EXPECT_NE(values, generate(Contents::random, DataType::f32, 8, 1));
  EXPECT_NE(values, generate(Contents::random, DataType::f32, 8, 0, 1));
}

TEST(Generate, SimpleContents) {
  EXPECT_THAT(generate(Contents::ones, DataType::f32, 3), ElementsAre(1, 1, 1));
  EXPECT_THAT(generate(Contents::zeros, DataType::f32, 3), ElementsAre(0, 0, 0));
  EXPECT_THAT(generate(Contents::range, DataType::f32, 3), ElementsAre(0, 1, 2));
}

TEST(Generate, AnyPieceOfTheBytes) {
  for (DataType type : {DataType::f32, DataType::f16, DataType::u8, DataType::f64}) {
    std::vector<uint8_t> all(64);
    generateBytes(Contents::normal, type, 5, 1, /*offset=*/1 << 20, all);
    for (unsigned begin : {0u, 3u, 8u, 63u})
      for (unsigned size : {0u, 1u, 5u, 64u - begin}) {
        std::vector<uint8_t> piece(std::min(size, 64 - begin));
        generateBytes(Contents::normal, type, 5, 1, (1 << 20) + begin, piece);
        EXPECT_TRUE(std::equal(piece.begin(), piece.end(), all.begin() + begin));
      }
  }
}

TEST(Generate, IndicesBeyond32Bits) {
  EXPECT_NE(generateElement(Contents::random, DataType::f32, 0, 0, 5),
            generateElement(Contents::random, DataType::f32, 0, 0, (uint64_t{1} << 32) + 5));
}
