//===- IntegerInstructionTest.cpp - Integer and bit instructions ----------===//

#include "Instruction.h"

#include <bitset>

using namespace poolc::vgpu::test;

// The references work on 128-bit integers, or bit by bit.
using Int = __int128;

static Int value(uint64_t bits, unsigned width, bool isSigned) {
  uint64_t mask = width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  Int result = bits & mask;
  return isSigned && (bits >> (width - 1) & 1) ? result - (Int(1) << width) : result;
}
static char letterOf(unsigned width) { return width == 16 ? 'h' : width == 32 ? 'w' : 'd'; }

struct IntegerType {
  const char *name;
  unsigned width;
  bool isSigned;
};
static const IntegerType integerTypes[] = {{"u16", 16, false}, {"s16", 16, true},
                                           {"u32", 32, false}, {"s32", 32, true},
                                           {"u64", 64, false}, {"s64", 64, true}};

/// Checks an instruction of all integer types by a function on exact integers.
static void checkArithmetic(const std::string &name, unsigned count,
                            std::function<Int(const Int *, const IntegerType &)> reference,
                            std::function<bool(const IntegerType &)> applies = nullptr,
                            unsigned resultFactor = 1, bool wideLast = false) {
  for (const IntegerType &type : integerTypes) {
    if (applies && !applies(type))
      continue;
    std::string signature(1, letterOf(type.width * resultFactor));
    signature += ":" + std::string(count, letterOf(type.width));
    std::vector<Values> operands(count, edgeIntegers(type.width));
    if (wideLast) {
      signature.back() = letterOf(type.width * 2);
      operands.back() = edgeIntegers(type.width * 2);
    }
    checkInstruction(name + "." + type.name, signature, operands, [&](const uint64_t *bits) {
      Int exact[4];
      for (unsigned i = 0; i < count; ++i) {
        bool isWide = wideLast && i + 1 == count;
        exact[i] = value(bits[i], isWide ? 2 * type.width : type.width, type.isSigned);
      }
      return uint64_t(reference(exact, type));
    });
  }
}

static bool isNarrow(const IntegerType &type) { return type.width < 64; }
static bool isSigned(const IntegerType &type) { return type.isSigned; }
static bool isWord(const IntegerType &type) { return type.width == 32; }

TEST(IntegerInstruction, Arithmetic) {
  using T = const IntegerType &;
  checkArithmetic("add", 2, [](const Int *x, T) { return x[0] + x[1]; });
  checkArithmetic("sub", 2, [](const Int *x, T) { return x[0] - x[1]; });
  checkArithmetic("mul.lo", 2,
                  [](const Int *x, T) { return Int(uint64_t(x[0]) * uint64_t(x[1])); });
  checkArithmetic("mul.hi", 2, [](const Int *x, T t) {
    // By halves of 64 bits, so that unsigned products fit too.
    unsigned __int128 product = (unsigned __int128)(x[0]) * (unsigned __int128)(x[1]);
    return Int(product >> t.width);
  });
  checkArithmetic("mul.wide", 2, [](const Int *x, T) { return x[0] * x[1]; }, isNarrow, 2);
  checkArithmetic("mad.lo", 3, [](const Int *x, T) {
    return Int(uint64_t(x[0]) * uint64_t(x[1]) + uint64_t(x[2]));
  });
  checkArithmetic("mad.hi", 3, [](const Int *x, T t) {
    unsigned __int128 product = (unsigned __int128)(x[0]) * (unsigned __int128)(x[1]);
    return Int(product >> t.width) + x[2];
  });
  checkArithmetic(
      "mad.wide", 3, [](const Int *x, T) { return x[0] * x[1] + x[2]; }, isNarrow, 2, true);
  checkArithmetic("sad", 3,
                  [](const Int *x, T) { return x[2] + (x[0] < x[1] ? x[1] - x[0] : x[0] - x[1]); });
  checkArithmetic("div", 2, [](const Int *x, T) { return x[1] == 0 ? -1 : x[0] / x[1]; });
  checkArithmetic("rem", 2, [](const Int *x, T) { return x[1] == 0 ? x[0] : x[0] % x[1]; });
  checkArithmetic("min", 2, [](const Int *x, T) { return std::min(x[0], x[1]); });
  checkArithmetic("max", 2, [](const Int *x, T) { return std::max(x[0], x[1]); });
  checkArithmetic("abs", 1, [](const Int *x, T) { return x[0] < 0 ? -x[0] : x[0]; }, isSigned);
  checkArithmetic("neg", 1, [](const Int *x, T) { return -x[0]; }, isSigned);
  auto low24 = [](Int x, T t) { return value(uint64_t(x) & 0xFFFFFF, 24, t.isSigned); };
  checkArithmetic(
      "mul24.lo", 2, [&](const Int *x, T t) { return low24(x[0], t) * low24(x[1], t); }, isWord);
  checkArithmetic(
      "mul24.hi", 2, [&](const Int *x, T t) { return low24(x[0], t) * low24(x[1], t) >> 16; },
      isWord);
  checkArithmetic(
      "mad24.lo", 3, [&](const Int *x, T t) { return low24(x[0], t) * low24(x[1], t) + x[2]; },
      isWord);
}

TEST(IntegerInstruction, Saturation) {
  auto clamp = [](Int x) { return uint64_t(std::clamp<Int>(x, INT32_MIN, INT32_MAX)); };
  Values words = edgeIntegers(32);
  checkInstruction("add.sat.s32", "w:ww", {words, words}, [&](const uint64_t *x) {
    return clamp(value(x[0], 32, true) + value(x[1], 32, true));
  });
  checkInstruction("sub.sat.s32", "w:ww", {words, words}, [&](const uint64_t *x) {
    return clamp(value(x[0], 32, true) - value(x[1], 32, true));
  });
  checkInstruction("mad.hi.sat.s32", "w:www", {words, words, words}, [&](const uint64_t *x) {
    return clamp((value(x[0], 32, true) * value(x[1], 32, true) >> 32) + value(x[2], 32, true));
  });
  checkInstruction("min.relu.s32", "w:ww", {words, words}, [&](const uint64_t *x) {
    return uint64_t(std::max<Int>(0, std::min(value(x[0], 32, true), value(x[1], 32, true))));
  });
}

TEST(IntegerInstruction, PairsOfSixteenBits) {
  Values pairs = edgeIntegers(32);
  auto check = [&](const char *name, bool isSigned, Int (*reference)(Int, Int)) {
    checkInstruction(name, "w:ww", {pairs, pairs}, [&](const uint64_t *x) {
      uint64_t result = 0;
      for (unsigned at : {0, 16})
        result |=
            (uint64_t(reference(value(x[0] >> at, 16, isSigned), value(x[1] >> at, 16, isSigned))) &
             0xFFFF)
            << at;
      return result;
    });
  };
  auto sum = [](Int a, Int b) { return a + b; };
  auto smaller = [](Int a, Int b) { return std::min(a, b); };
  auto larger = [](Int a, Int b) { return std::max(a, b); };
  check("add.u16x2", false, sum);
  check("add.s16x2", true, sum);
  check("min.u16x2", false, smaller);
  check("min.s16x2", true, smaller);
  check("max.u16x2", false, larger);
  check("max.s16x2", true, larger);
  check("min.relu.s16x2", true, [](Int a, Int b) { return std::max<Int>(std::min(a, b), 0); });
  check("max.relu.s16x2", true, [](Int a, Int b) { return std::max<Int>(std::max(a, b), 0); });
}

TEST(IntegerInstruction, CarriesMakeWiderSums) {
  // 128-bit a + b and a * b + c of 32-bit words, as compilers chain them.
  Values longs = edgeIntegers(64);
  checkInstruction("{ .reg .b64 lo, hi; add.cc.u64 lo, %640, %641; addc.u64 hi, 0, 0; "
                   "xor.b64 lo, lo, hi; mov.b64 %648, lo; } //",
                   "d:dd", {longs, longs},
                   [](const uint64_t *x) { return (x[0] + x[1]) ^ uint64_t(x[0] + x[1] < x[0]); });
  checkInstruction("{ .reg .b64 lo, hi; sub.cc.u64 lo, %640, %641; subc.u64 hi, 0, 0; "
                   "xor.b64 lo, lo, hi; mov.b64 %648, lo; } //",
                   "d:dd", {longs, longs}, [](const uint64_t *x) {
                     return (x[0] - x[1]) ^ (x[0] < x[1] ? ~uint64_t(0) : 0);
                   });
  Values words = edgeIntegers(32);
  checkInstruction("{ .reg .b32 lo, hi; mad.lo.cc.u32 lo, %320, %321, %322; "
                   "madc.hi.u32 hi, %320, %321, 0; mov.b64 %648, {lo, hi}; } //",
                   "d:www", {words, words, words},
                   [](const uint64_t *x) { return x[0] * x[1] + x[2]; });
}

/// Bits as a string, most significant first: for references that go bit by bit.
static bool bit(uint64_t x, unsigned i) { return i < 64 && (x >> i & 1); }

TEST(IntegerInstruction, Logic) {
  for (unsigned width : {16u, 32u, 64u}) {
    std::string type = ".b" + std::to_string(width);
    char r = letterOf(width);
    std::string two = {r, ':', r, r}, one = {r, ':', r}, shift = {r, ':', r, 'w'};
    Values x = edgeIntegers(width);
    Values amounts = {0, 1, 5, 15, 16, 31, 32, 33, 63, 64, 65, 0x80000000, 0xFFFFFFFF};
    checkInstruction("and" + type, two, {x, x}, [](auto *v) { return v[0] & v[1]; });
    checkInstruction("or" + type, two, {x, x}, [](auto *v) { return v[0] | v[1]; });
    checkInstruction("xor" + type, two, {x, x}, [](auto *v) { return v[0] ^ v[1]; });
    checkInstruction("not" + type, one, {x}, [](auto *v) { return ~v[0]; });
    checkInstruction("cnot" + type, one, {x}, [](auto *v) { return uint64_t(v[0] == 0); });
    auto shifted = [=](const uint64_t *v, int direction, bool sign) {
      uint64_t result = 0;
      for (unsigned i = 0; i < width; ++i) {
        int64_t from = int64_t(i) - direction * int64_t(v[1]);
        bool outside = from < 0 || from >= int64_t(width);
        if (outside ? sign : bit(v[0], unsigned(from)))
          result |= uint64_t(1) << i;
      }
      return result;
    };
    checkInstruction("shl" + type, shift, {x, amounts},
                     [&](auto *v) { return shifted(v, 1, false); });
    checkInstruction("shr.u" + type.substr(2), shift, {x, amounts},
                     [&](auto *v) { return shifted(v, -1, false); });
    checkInstruction("shr.s" + type.substr(2), shift, {x, amounts},
                     [&](auto *v) { return shifted(v, -1, bit(v[0], width - 1)); });
  }
  Values p = {0, 1};
  checkInstruction("and.pred", "p:pp", {p, p}, [](auto *v) { return v[0] & v[1]; });
  checkInstruction("or.pred", "p:pp", {p, p}, [](auto *v) { return v[0] | v[1]; });
  checkInstruction("xor.pred", "p:pp", {p, p}, [](auto *v) { return v[0] ^ v[1]; });
  checkInstruction("not.pred", "p:p", {p}, [](auto *v) { return v[0] ^ 1; });
  checkInstruction("mov.pred", "p:p", {p}, [](auto *v) { return v[0]; });
}

TEST(IntegerInstruction, BitFields) {
  Values positions = {0, 1, 5, 31, 32, 33, 63, 64, 255, 256};
  for (unsigned width : {32u, 64u}) {
    std::string w = std::to_string(width);
    char r = letterOf(width);
    Values x = edgeIntegers(width);
    for (bool isSigned : {false, true})
      checkInstruction((isSigned ? "bfe.s" : "bfe.u") + w, {r, ':', r, 'w', 'w'},
                       {x, positions, positions}, [=](auto *v) {
                         unsigned pos = v[1] & 0xFF, len = v[2] & 0xFF;
                         bool sign =
                             isSigned && len && bit(v[0], std::min(pos + len - 1, width - 1));
                         uint64_t result = 0;
                         for (unsigned i = 0; i < width; ++i) {
                           bool inside = i < len && pos + i < width;
                           if (inside ? bit(v[0], pos + i) : sign)
                             result |= uint64_t(1) << i;
                         }
                         return result;
                       });
    checkInstruction("bfi.b" + w, {r, ':', r, r, 'w', 'w'},
                     {{0, ~uint64_t(0), 0x5A5A5A5A12345678}, x, positions, positions},
                     [=](auto *v) {
                       unsigned pos = v[2] & 0xFF, len = v[3] & 0xFF;
                       uint64_t result = v[1];
                       for (unsigned i = 0; i < len && pos + i < width; ++i) {
                         uint64_t at = uint64_t(1) << (pos + i);
                         result = bit(v[0], i) ? result | at : result & ~at;
                       }
                       return result;
                     });
    checkInstruction("popc.b" + w, {'w', ':', r}, {x},
                     [](auto *v) { return std::bitset<64>(v[0]).count(); });
    auto highest = [=](uint64_t v) {
      int at = -1;
      for (unsigned i = 0; i < width; ++i)
        if (bit(v, i))
          at = int(i);
      return at;
    };
    checkInstruction("clz.b" + w, {'w', ':', r}, {x},
                     [=](auto *v) { return uint64_t(int(width) - 1 - highest(v[0])); });
    checkInstruction("bfind.u" + w, {'w', ':', r}, {x},
                     [=](auto *v) { return uint64_t(highest(v[0])); });
    checkInstruction("bfind.s" + w, {'w', ':', r}, {x}, [=](auto *v) {
      return uint64_t(highest(bit(v[0], width - 1) ? ~v[0] : v[0]));
    });
    checkInstruction("bfind.shiftamt.u" + w, {'w', ':', r}, {x}, [=](auto *v) {
      int at = highest(v[0]);
      return at < 0 ? ~uint64_t(0) : uint64_t(int(width) - 1 - at);
    });
    checkInstruction("brev.b" + w, {r, ':', r}, {x}, [=](auto *v) {
      uint64_t result = 0;
      for (unsigned i = 0; i < width; ++i)
        result |= uint64_t(bit(v[0], i)) << (width - 1 - i);
      return result;
    });
  }
  Values x = edgeIntegers(32), few = {0, 1, 5, 31, 32, 33, 0xFFFFFFFF};
  checkInstruction("bmsk.clamp.b32", "w:ww", {few, few}, [](auto *v) {
    uint64_t result = 0;
    for (uint64_t i = 0; i < 32; ++i)
      if (i >= v[0] && i < v[0] + v[1])
        result |= 1ull << i;
    return result;
  });
  checkInstruction("szext.clamp.s32", "w:ww", {x, few}, [](auto *v) {
    uint64_t result = 0;
    for (unsigned i = 0; i < 32; ++i)
      if (bit(v[0], i < v[1] ? i : unsigned(v[1] - 1)) && v[1])
        result |= 1ull << i;
    return result;
  });
  checkInstruction("fns.b32", "w:www",
                   {{0, 1, 0x80000001, 0xF0F0F0F0, 0xFFFFFFFF},
                    {0, 5, 31},
                    {0, 1, 2, 9, 0xFFFFFFFF, 0xFFFFFFFE}},
                   [](auto *v) -> uint64_t {
                     int offset = int(uint32_t(v[2]));
                     std::vector<unsigned> set;
                     for (unsigned i = 0; i < 32; ++i)
                       if (bit(v[0], i) && (offset >= 0 ? i >= v[1] : i <= v[1]))
                         set.push_back(i);
                     if (offset == 0)
                       return bit(v[0], unsigned(v[1])) ? v[1] : 0xFFFFFFFF;
                     if (offset < 0)
                       std::reverse(set.begin(), set.end());
                     size_t wanted = size_t(offset < 0 ? -offset : offset);
                     return wanted <= set.size() ? set[wanted - 1] : 0xFFFFFFFF;
                   });
}

TEST(IntegerInstruction, ShiftsOfPairsAndPermutations) {
  Values x = {0, 0x12345678, 0x89ABCDEF, 0xFFFFFFFF}, amounts = {0, 1, 16, 31, 32, 33, 100};
  for (bool left : {true, false})
    for (bool wrap : {true, false})
      checkInstruction(std::string("shf.") + (left ? "l." : "r.") + (wrap ? "wrap" : "clamp") +
                           ".b32",
                       "w:www", {x, x, amounts}, [=](auto *v) {
                         uint64_t n = wrap ? v[2] % 32 : std::min<uint64_t>(v[2], 32);
                         uint64_t both = v[1] << 32 | v[0], result = 0;
                         for (unsigned i = 0; i < 32; ++i) {
                           int64_t from = left ? int64_t(i) + 32 - int64_t(n) : int64_t(i + n);
                           result |= uint64_t(bit(both, unsigned(from))) << i;
                         }
                         return result;
                       });
  Values selectors = {0x3210, 0x7654, 0x0123, 0xFEDC, 0x8888, 0x5140, 1, 2, 3};
  checkInstruction("prmt.b32", "w:www", {x, x, selectors}, [](auto *v) {
    uint8_t bytes[8];
    std::memcpy(bytes, &v[0], 4);
    std::memcpy(bytes + 4, &v[1], 4);
    uint64_t result = 0;
    for (unsigned i = 0; i < 4; ++i) {
      unsigned s = v[2] >> (4 * i) & 15;
      uint8_t byte = bytes[s % 8];
      result |= uint64_t(s & 8 ? (byte & 0x80 ? 0xFF : 0) : byte) << (8 * i);
    }
    return result;
  });
  // The other modes select by their two low bits; as the tables in the PTX manual.
  const std::pair<const char *, std::array<unsigned, 4>> modes[] = {
      {"f4e", {0x3210, 0x4321, 0x5432, 0x6543}}, {"b4e", {0x5670, 0x6701, 0x7012, 0x0123}},
      {"rc8", {0x0000, 0x1111, 0x2222, 0x3333}}, {"ecl", {0x3210, 0x3211, 0x3222, 0x3333}},
      {"ecr", {0x0000, 0x1110, 0x2210, 0x3210}}, {"rc16", {0x1010, 0x3232, 0x1010, 0x3232}}};
  for (const auto &[name, table] : modes)
    checkInstruction(std::string("prmt.b32.") + name, "w:www", {x, x, {0, 1, 2, 3}},
                     [&table = table](auto *v) {
                       uint64_t both = v[1] << 32 | v[0], result = 0;
                       for (unsigned i = 0; i < 4; ++i)
                         result |= (both >> 8 * (table[v[2]] >> 4 * i & 7) & 0xFF) << 8 * i;
                       return result;
                     });
  for (unsigned table : {0x00u, 0x80u, 0xFEu, 0x96u, 0xE2u, 0x6Au, 0xFFu})
    checkInstruction(
        "lop3.b32 %328, %320, %321, %322, " + std::to_string(table) + "; //", "w:www", {x, x, x},
        [=](auto *v) {
          uint64_t result = 0;
          for (unsigned i = 0; i < 32; ++i)
            result |= uint64_t(table >> (4 * bit(v[0], i) + 2 * bit(v[1], i) + bit(v[2], i)) & 1)
                      << i;
          return result;
        });
}

TEST(IntegerInstruction, DotProductsOfBytes) {
  Values x = {0, 0x01020304, 0x80FF7F01, 0xFFFFFFFF}, c = {0, 5, 0xFFFFFFFF};
  for (bool sa : {false, true})
    for (bool sb : {false, true}) {
      std::string types = std::string(sa ? ".s32" : ".u32") + (sb ? ".s32" : ".u32");
      checkInstruction("dp4a" + types, "w:www", {x, x, c}, [=](auto *v) {
        Int sum = value(v[2], 32, true);
        for (unsigned i = 0; i < 4; ++i)
          sum += value(v[0] >> 8 * i, 8, sa) * value(v[1] >> 8 * i, 8, sb);
        return uint64_t(sum);
      });
      for (unsigned hi : {0u, 1u})
        checkInstruction((hi ? "dp2a.hi" : "dp2a.lo") + types, "w:www", {x, x, c}, [=](auto *v) {
          Int sum = value(v[2], 32, true);
          for (unsigned i = 0; i < 2; ++i)
            sum += value(v[0] >> 16 * i, 16, sa) * value(v[1] >> (8 * i + 16 * hi), 8, sb);
          return uint64_t(sum);
        });
    }
}

TEST(IntegerInstruction, Comparisons) {
  for (const IntegerType &type : integerTypes) {
    Values x = edgeIntegers(type.width);
    char r = letterOf(type.width);
    const std::pair<const char *, std::function<bool(Int, Int)>> all[] = {
        {"eq", std::equal_to<>()},   {"ne", std::not_equal_to<>()}, {"lt", std::less<>()},
        {"le", std::less_equal<>()}, {"gt", std::greater<>()},      {"ge", std::greater_equal<>()}};
    for (const auto &[name, holds] : all) {
      auto &compare = holds;
      auto reference = [&](const uint64_t *v) {
        return compare(value(v[0], type.width, type.isSigned),
                       value(v[1], type.width, type.isSigned));
      };
      std::string dotted = std::string(".") + name;
      checkInstruction("setp" + dotted + "." + type.name, {'p', ':', r, r}, {x, x},
                       [&](auto *v) { return uint64_t(reference(v)); });
      checkInstruction("set" + dotted + ".u32." + type.name, {'w', ':', r, r}, {x, x},
                       [&](auto *v) { return reference(v) ? 0xFFFFFFFF : 0; });
      checkInstruction("setp" + dotted + ".or." + type.name, {'p', ':', r, r, 'p'}, {x, x, {0, 1}},
                       [&](auto *v) { return uint64_t(reference(v) || v[2]); });
    }
  }
  Values x = edgeIntegers(32), p = {0, 1};
  checkInstruction("setp.lo.u32", "p:ww", {x, x}, [](auto *v) { return uint64_t(v[0] < v[1]); });
  checkInstruction("setp.hs.u32", "p:ww", {x, x}, [](auto *v) { return uint64_t(v[0] >= v[1]); });
  checkInstruction("setp.lt.xor.u32 %18, %320, %321, !%12; //", "p:wwp", {x, x, p},
                   [](auto *v) { return uint64_t(v[0] < v[1]) ^ !v[2]; });
  // Both results.
  checkInstruction("setp.lt.and.u32 %17|%18, %320, %321, %12; //", "p:wwp", {x, x, p},
                   [](auto *v) { return uint64_t(!(v[0] < v[1]) && v[2]); });
  checkInstruction("selp.b32", "w:wwp", {x, x, p}, [](auto *v) { return v[2] ? v[0] : v[1]; });
  checkInstruction("selp.b32 %328, %320, %321, !%12; //", "w:wwp", {x, x, p},
                   [](auto *v) { return v[2] ? v[1] : v[0]; });
  checkInstruction("slct.u32.s32", "w:www", {x, x, x},
                   [](auto *v) { return int32_t(v[2]) >= 0 ? v[0] : v[1]; });
  checkInstruction("slct.b32.f32", "w:www", {x, x, edgeF32()}, [](auto *v) {
    return llvm::bit_cast<float>(uint32_t(v[2])) >= 0 ? v[0] : v[1];
  });
}

TEST(IntegerInstruction, PackingAndUnpacking) {
  Values h = {0, 1, 0x8000, 0xFFFF, 0x1234}, w = edgeIntegers(32), d = edgeIntegers(64);
  checkInstruction("mov.b32 %328, {%160, %161}; //", "w:hh", {h, h},
                   [](auto *v) { return v[1] << 16 | v[0]; });
  checkInstruction("mov.b64 %648, {%320, %321}; //", "d:ww", {w, w},
                   [](auto *v) { return v[1] << 32 | v[0]; });
  checkInstruction("mov.b64 %648, {%160, %161, %162, 7}; //", "d:hhh", {h, h, h},
                   [](auto *v) { return 7ull << 48 | v[2] << 32 | v[1] << 16 | v[0]; });
  checkInstruction("mov.b64 {%328, _}, %640; //", "w:d", {d}, [](auto *v) { return v[0]; });
  checkInstruction("mov.b64 {_, %328}, %640; //", "w:d", {d}, [](auto *v) { return v[0] >> 32; });
  checkInstruction("mov.b64 {_, _, %168, _}, %640; //", "h:d", {d},
                   [](auto *v) { return v[0] >> 32; });
}
