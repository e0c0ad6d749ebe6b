#include "poolc/Support/DataType.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace poolc;

/// The value after it was stored.
static double stored(DataType type, double value) {
  double bytes = 0;
  storeElement(type, value, &bytes);
  return loadElement(type, &bytes);
}

TEST(DataType, NamesAndSizes) {
  for (unsigned i = 0; i != 12; ++i) {
    auto type = static_cast<DataType>(i);
    EXPECT_EQ(parseDataType(toString(type)), type);
  }
  EXPECT_EQ(parseDataType("f8"), std::nullopt);
  EXPECT_EQ(sizeInBytes(DataType::bf16), 2u);
  EXPECT_EQ(sizeInBytes(DataType::u64), 8u);
  EXPECT_TRUE(isFloat(DataType::bf16));
  EXPECT_FALSE(isFloat(DataType::i8));
}

TEST(DataType, FloatsRoundToNearestEven) {
  EXPECT_EQ(stored(DataType::f32, 1 + 0x1p-24), 1);
  EXPECT_EQ(stored(DataType::f32, 1 + 0x3p-24), 1 + 0x1p-22);
  EXPECT_EQ(stored(DataType::f16, 1 + 0x1p-11), 1);
  EXPECT_EQ(stored(DataType::f16, 65519), 65504);
  EXPECT_EQ(stored(DataType::f16, 65520), std::numeric_limits<double>::infinity());
  EXPECT_EQ(stored(DataType::f16, 0x1p-24), 0x1p-24);
  EXPECT_EQ(stored(DataType::bf16, 1 + 0x1p-8), 1);
  EXPECT_EQ(stored(DataType::bf16, 1 + 0x3p-8), 1 + 0x1p-6);
  EXPECT_TRUE(std::isnan(stored(DataType::bf16, NAN)));
  EXPECT_TRUE(std::signbit(stored(DataType::f16, -0.0)));
}

TEST(DataType, IntegersSaturate) {
  EXPECT_EQ(stored(DataType::i8, 127.6), 127);
  EXPECT_EQ(stored(DataType::i8, -1000), -128);
  EXPECT_EQ(stored(DataType::u8, -1), 0);
  EXPECT_EQ(stored(DataType::u16, 2.5), 2);
  EXPECT_EQ(stored(DataType::i32, NAN), 0);
  EXPECT_EQ(stored(DataType::i64, 1e30), 0x1p63);
  EXPECT_EQ(stored(DataType::u64, 0x1p63), 0x1p63);
}

TEST(DataType, HoldsInteger) {
  EXPECT_TRUE(holdsInteger(DataType::i8, -128));
  EXPECT_FALSE(holdsInteger(DataType::i8, 128));
  EXPECT_TRUE(holdsInteger(DataType::u8, 255));
  EXPECT_FALSE(holdsInteger(DataType::u8, 256));
  EXPECT_FALSE(holdsInteger(DataType::u64, -1));
  EXPECT_TRUE(holdsInteger(DataType::u64, std::numeric_limits<int64_t>::max()));
  EXPECT_TRUE(holdsInteger(DataType::i64, std::numeric_limits<int64_t>::min()));
  EXPECT_FALSE(holdsInteger(DataType::f32, 1));
}
