//===- IntegersTest.cpp - Integer arithmetic of every width ---------------===//

#include "Foreign.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace poolc::vgpu::test;

class Integers : public Foreign {};
FOREIGN_TESTS(Integers);

/// Every pair of values that are edges of something, and random ones.
template <typename T> static void operands(std::vector<T> &as, std::vector<T> &bs) {
  using U = std::make_unsigned_t<T>;
  constexpr int width = 8 * sizeof(T);
  const T edges[] = {0,
                     1,
                     -1,
                     2,
                     31,
                     32,
                     33,
                     64,
                     255,
                     -32768,
                     T(U(1) << (width - 1)),
                     T(U(-1) >> 1),
                     T(0x5555555555555555),
                     T(0x8080807F7F010203)};
  for (T a : edges)
    for (T b : edges) {
      as.push_back(a);
      bs.push_back(b);
    }
  std::vector<uint32_t> bits = wholeNumbers<uint32_t>(1024, 0, 0xFFFFFFFF);
  for (size_t i = 0; as.size() % 64 != 0; i += 4) {
    as.push_back(T(uint64_t(bits[i]) << 32 | bits[i + 1]));
    bs.push_back(T(uint64_t(bits[i + 2]) << 32 | bits[i + 3]));
  }
}

static int32_t bytes(uint32_t a, uint32_t b, uint32_t selector) {
  uint64_t both = uint64_t(b) << 32 | a;
  uint32_t result = 0;
  for (int i = 0; i < 4; ++i) {
    uint32_t choice = selector >> (4 * i);
    uint32_t byte = both >> (8 * (choice & 7)) & 0xFF;
    if (choice & 8)
      byte = byte & 0x80 ? 0xFF : 0;
    result |= byte << (8 * i);
  }
  return result;
}

static std::vector<int32_t> wordRow(int32_t a, int32_t b) {
  uint32_t ua = a, ub = b;
  int64_t la = a, lb = b;
  uint64_t lua = ua, lub = ub;
  auto truncated = [](int64_t value) { return int32_t(value); };
  auto byte = [](uint32_t value, int i) { return int32_t(int8_t(value >> (8 * i))); };
  auto half = [](uint32_t value, int i) { return int32_t(int16_t(value >> (16 * i))); };
  auto low24 = [](int64_t value) { return value << 40 >> 40; };

  int64_t dot = 9;
  uint32_t sums = 0, larger = 0;
  for (int i = 0; i < 4; ++i) {
    dot += byte(ua, i) * byte(ub, i);
    sums |= (((ua >> 8 * i) + (ub >> 8 * i)) & 0xFF) << 8 * i;
  }
  for (int i = 0; i < 2; ++i)
    larger |= uint32_t(uint16_t(std::max(half(ua, i), half(ub, i)))) << 16 * i;
  return {
      truncated(la + lb),
      truncated(la - lb),
      truncated(la * lb),
      truncated(la * lb >> 32),
      truncated(lua * lub >> 32),
      truncated(la / (b | 1)),
      truncated(la % (b | 1)),
      truncated(lua / (ub | 1)),
      truncated(lua % (ub | 1)),
      a / 7,
      int32_t(ua % 1000),
      truncated(la >> (b & 31)),
      truncated(lua >> (b & 31)),
      truncated(la << (b & 31)),
      // The high word of b:a, shifted left by a's low five bits.
      truncated((lub << 32 | lua) << (ua & 31) >> 32),
      // The low word of b:a, shifted right by at most 32.
      truncated((ub & 63) >= 32 ? lub : (lub << 32 | lua) >> (ub & 31)),
      llvm::popcount(ua),
      llvm::countl_zero(ua),
      a == 0 ? 0 : llvm::countr_zero(ua) + 1,
      int32_t(llvm::reverseBits(ua)),
      bytes(ua, ub, 0x7214),
      // Only three bits of each selector count for this function.
      bytes(ua, ub, ub & 0x7777),
      std::min(a, b),
      int32_t(std::max(ua, ub)),
      truncated(std::abs(la)),
      truncated(std::abs(la - lb) + 5),
      truncated(int64_t(ua > ub ? ua - ub : ub - ua) + 5),
      truncated(dot),
      truncated(low24(la) * low24(lb)),
      truncated((lua & 0xFFFFFF) * (lub & 0xFFFFFF)),
      truncated((la + lb) >> 1),
      truncated((la + lb + 1) >> 1),
      int32_t((ua & ub) | (((~ua) & 0x0F0F0F0F) ^ ub)),
      int32_t(ua >> 5 & 0x3FF),
      int32_t(ua << 12) >> 20,
      byte(ua, 0) + half(ub, 0),
      int32_t((ua & 0xFF) * (ub & 0xFFFF)),
      int32_t(sums),
      int32_t(larger),
      a < b ? a == 0 : ua < ub,
  };
}

TEST_P(Integers, words) {
  std::vector<int32_t> as, bs, expected;
  operands(as, bs);
  for (size_t i = 0; i < as.size(); ++i)
    for (int32_t value : wordRow(as[i], bs[i]))
      expected.push_back(value);
  size_t columns = expected.size() / as.size();
  EXPECT_TRUE(sameBits(run("Integers.cu", "words", {int64_t(as.size() / 64), 64},
                           Out<int32_t>{expected.size()}, as, bs, int(columns)),
                       expected, columns));
}

static std::vector<int64_t> longRow(int64_t a, int64_t b) {
  using Wide = __int128;
  using UnsignedWide = unsigned __int128;
  uint64_t ua = a, ub = b;
  // The one quotient that does not fit wraps around.
  Wide quotient = Wide(a) / (b | 1), remainder = Wide(a) % (b | 1);
  UnsignedWide wide = UnsignedWide(Wide(a) * b + a);
  return {
      int64_t(ua + ub),
      int64_t(ua - ub),
      int64_t(ua * ub),
      int64_t(Wide(a) * b >> 64),
      int64_t(UnsignedWide(ua) * ub >> 64),
      int64_t(quotient),
      int64_t(remainder),
      int64_t(ua / (ub | 1)),
      int64_t(ua % (ub | 1)),
      a / 1000000007,
      a >> (b & 63),
      int64_t(ua >> (b & 63)),
      int64_t(ua << (b & 63)),
      llvm::popcount(ua),
      llvm::countl_zero(ua),
      a == 0 ? 0 : llvm::countr_zero(ua) + 1,
      int64_t(llvm::reverseBits(ua)),
      std::min(a, b),
      int64_t(std::max(ua, ub)),
      int64_t(int32_t(a)) * int32_t(b),
      int64_t((ua & 0xFFFFFFFF) * (ub & 0xFFFFFFFF) + ua),
      a < b      ? 1
      : ua <= ub ? 2
                 : 3,
      int64_t(wide >> 64),
      int64_t((wide - (UnsignedWide(Wide(b)) << 70)) >> 64),
  };
}

TEST_P(Integers, longs) {
  std::vector<int64_t> as, bs, expected;
  operands(as, bs);
  for (size_t i = 0; i < as.size(); ++i)
    for (int64_t value : longRow(as[i], bs[i]))
      expected.push_back(value);
  size_t columns = expected.size() / as.size();
  EXPECT_TRUE(sameBits(run("Integers.cu", "longs", {int64_t(as.size() / 64), 64},
                           Out<int64_t>{expected.size()}, as, bs, int(columns)),
                       expected, columns));
}

TEST_P(Integers, addWide) {
  std::vector<uint32_t> as = wholeNumbers<uint32_t>(128, 0, 0xFFFFFFFF),
                        bs = wholeNumbers<uint32_t>(128, 0, 0xFFFFFFFF, 2), expected;
  // A carry that runs through all words.
  std::fill_n(as.begin(), 4, 0xFFFFFFFF);
  std::fill_n(bs.begin(), 4, 0);
  bs[0] = 1;
  for (size_t i = 0; i < as.size(); i += 4) {
    uint64_t carry = 0;
    for (size_t j = i; j < i + 4; ++j) {
      carry += uint64_t(as[j]) + bs[j];
      expected.push_back(uint32_t(carry));
      carry >>= 32;
    }
  }
  EXPECT_TRUE(
      sameBits(run("Integers.cu", "addWide", {1, 32}, Out<uint32_t>{128}, as, bs), expected, 4));
}
