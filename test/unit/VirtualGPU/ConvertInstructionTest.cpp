//===- ConvertInstructionTest.cpp - cvt -----------------------------------===//

#include "Instruction.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APSInt.h"

using namespace poolc::vgpu::test;
using llvm::APFloat;
using llvm::APSInt;

namespace {
struct Float {
  const char *name;
  const llvm::fltSemantics &semantics;
  unsigned bits;
  char reg, result;
  Values edges;
};
struct Integer {
  const char *name;
  unsigned bits;
  bool isSigned;
};
} // namespace

static const std::vector<Float> &floats() {
  static const std::vector<Float> all = {{"f16", APFloat::IEEEhalf(), 16, 'h', 'H', edgeF16()},
                                         {"bf16", APFloat::BFloat(), 16, 'h', 'B', edgeBf16()},
                                         {"f32", APFloat::IEEEsingle(), 32, 'w', 'S', edgeF32()},
                                         {"f64", APFloat::IEEEdouble(), 64, 'd', 'D', edgeF64()}};
  return all;
}
static const Integer integers[] = {{"u8", 8, false},   {"s8", 8, true},    {"u16", 16, false},
                                   {"s16", 16, true},  {"u32", 32, false}, {"s32", 32, true},
                                   {"u64", 64, false}, {"s64", 64, true}};

static const std::pair<const char *, APFloat::roundingMode> roundings[] = {
    {"rn", APFloat::rmNearestTiesToEven},
    {"rz", APFloat::rmTowardZero},
    {"rm", APFloat::rmTowardNegative},
    {"rp", APFloat::rmTowardPositive}};

static char registerOf(unsigned bits) { return bits <= 16 ? 'h' : bits == 32 ? 'w' : 'd'; }
static APFloat valueOf(const Float &type, uint64_t bits) {
  return APFloat(type.semantics, llvm::APInt(type.bits, bits, false, true));
}
static uint64_t bitsOf(const APFloat &x) { return x.bitcastToAPInt().getZExtValue(); }

static APFloat converted(APFloat x, const Float &to, APFloat::roundingMode rounding) {
  bool ignored;
  x.convert(to.semantics, rounding, &ignored);
  return x;
}

TEST(Convert, BetweenFloats) {
  for (const Float &from : floats())
    for (const Float &to : floats()) {
      if (&from == &to)
        continue;
      bool widens = to.bits > from.bits;
      for (const auto &[name, rounding] : roundings) {
        if (widens && rounding != APFloat::rmNearestTiesToEven)
          continue;
        std::string suffix = widens ? "" : std::string(".") + name;
        Values x = from.edges;
        // And values around the ties of the narrower type.
        if (!widens)
          for (uint64_t edge : to.edges) {
            uint64_t bits = bitsOf(converted(valueOf(to, edge), from, rounding));
            for (int64_t step : {-1, 1})
              x.push_back(bits + uint64_t(step));
            x.push_back(bits + (uint64_t(1) << (from.bits == 64 ? 28 : 12)));
          }
        checkInstruction("cvt" + suffix + "." + to.name + "." + from.name,
                         {to.result, ':', from.reg}, {x}, [&, rounding = rounding](auto *v) {
                           return bitsOf(converted(valueOf(from, v[0]), to, rounding));
                         });
      }
    }
}

TEST(Convert, HalvesExhaustively) {
  Values all(65536);
  for (unsigned i = 0; i < all.size(); ++i)
    all[i] = i;
  auto rn = APFloat::rmNearestTiesToEven;
  for (const Float &half : floats()) {
    if (half.bits != 16)
      continue;
    for (const Float &wide : floats())
      if (wide.bits > 16)
        checkInstruction(std::string("cvt.") + wide.name + "." + half.name, {wide.result, ':', 'h'},
                         {all},
                         [&](auto *v) { return bitsOf(converted(valueOf(half, v[0]), wide, rn)); });
    // Every half as f32, and the values half-way to the next, and beside those.
    const Float &f32 = floats()[2];
    Values around;
    for (uint64_t bits : all) {
      uint64_t wide = bitsOf(converted(valueOf(half, bits), f32, rn));
      uint64_t half_step = half.name[0] == 'b' ? 0x8000 : 0x1000;
      for (uint64_t x : {wide, wide + half_step, wide + half_step - 1, wide + half_step + 1})
        around.push_back(x & 0xFFFFFFFF);
    }
    for (const auto &[name, rounding] : roundings)
      checkInstruction(std::string("cvt.") + name + "." + half.name + ".f32",
                       {half.result, ':', 'w'}, {around}, [&, rounding = rounding](auto *v) {
                         return bitsOf(converted(valueOf(f32, v[0]), half, rounding));
                       });
  }
}

TEST(Convert, BetweenIntegers) {
  for (const Integer &from : integers)
    for (const Integer &to : integers)
      for (bool sat : {false, true}) {
        auto reference = [&](const uint64_t *v) -> uint64_t {
          APSInt x(llvm::APInt(from.bits, v[0], false, true), !from.isSigned);
          APSInt wide = x.extend(80);
          wide.setIsSigned(true);
          if (!from.isSigned)
            wide = APSInt(x.zext(80), false);
          if (sat) {
            APSInt low = APSInt::getMinValue(to.bits, !to.isSigned);
            APSInt high = APSInt::getMaxValue(to.bits, !to.isSigned);
            APSInt lowest(to.isSigned ? low.sext(80) : low.zext(80), false);
            APSInt highest(to.isSigned ? high.sext(80) : high.zext(80), false);
            wide = wide < lowest ? lowest : wide > highest ? highest : wide;
          }
          // Into the register, which may be wider than the type.
          llvm::APInt narrow = wide.trunc(to.bits);
          return (to.isSigned ? narrow.sext(64) : narrow.zext(64)).getZExtValue();
        };
        std::string name = std::string("cvt") + (sat ? ".sat." : ".") + to.name + "." + from.name;
        checkInstruction(name, {registerOf(to.bits), ':', registerOf(from.bits)},
                         {edgeIntegers(std::max(from.bits, 16u))}, reference);
        // Wider registers on both sides.
        if (from.bits <= 32 && to.bits <= 32)
          checkInstruction(name, "d:d", {edgeIntegers(64)}, reference);
      }
}

TEST(Convert, FloatsToIntegers) {
  for (const Float &from : floats())
    for (const Integer &to : integers)
      for (const auto &[name, rounding] : roundings) {
        Values x = from.edges;
        for (double value : {0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 127.5, 128.0, 255.5, -128.5, 32767.5,
                             -32768.5, 65535.5, 2147483647.5, -2147483649.0, 4294967295.5,
                             9223372036854775807.0, 18446744073709551616.0, -9223372036854777856.0})
          x.push_back(bitsOf(converted(APFloat(value), from, APFloat::rmNearestTiesToEven)));
        checkInstruction(std::string("cvt.") + name + "i." + to.name + "." + from.name,
                         {registerOf(to.bits), ':', from.reg}, {x},
                         [&, rounding = rounding](auto *v) -> uint64_t {
                           APFloat value = valueOf(from, v[0]);
                           // What the PTX manual says about NaN.
                           if (value.isNaN())
                             return from.bits == 64 || to.bits == 64
                                        ? uint64_t(int64_t(-1) << (to.bits - 1)) &
                                              (to.isSigned ? ~uint64_t(0)
                                                           : ~uint64_t(0) >> (64 - to.bits))
                                        : 0;
                           APSInt result(to.bits, !to.isSigned);
                           bool exact;
                           value.convertToInteger(result, rounding, &exact); // saturates
                           return (to.isSigned ? result.sext(64) : result.zext(64)).getZExtValue();
                         });
      }
}

TEST(Convert, IntegersToFloats) {
  for (const Integer &from : integers)
    for (const Float &to : floats())
      for (const auto &[name, rounding] : roundings) {
        Values x = edgeIntegers(std::max(from.bits, 16u));
        if (from.bits == 64)
          for (uint64_t edge :
               {0x20000000000001ull, 0x20000000000003ull, 0x7FFFFFFFFFFFFDFFull,
                0x8000000000000400ull, 0x8000008000000000ull, 0x8000008000000001ull})
            x.push_back(edge);
        checkInstruction(std::string("cvt.") + name + "." + to.name + "." + from.name,
                         {to.result, ':', registerOf(from.bits)}, {x},
                         [&, rounding = rounding](auto *v) {
                           APFloat result(to.semantics);
                           result.convertFromAPInt(llvm::APInt(from.bits, v[0], false, true),
                                                   from.isSigned, rounding);
                           return bitsOf(result);
                         });
      }
}

TEST(Convert, WholeNumbersAndModes) {
  for (const auto &[name, rounding] : roundings)
    checkInstruction(std::string("cvt.") + name + "i.f32.f32", "S:w", {edgeF32()},
                     [&, rounding = rounding](auto *v) {
                       APFloat x = valueOf(floats()[2], v[0]);
                       x.roundToIntegral(rounding);
                       return bitsOf(x);
                     });
  checkInstruction("cvt.sat.f32.f32", "S:w", {edgeF32()}, [](auto *v) -> uint64_t {
    float x = llvm::bit_cast<float>(uint32_t(v[0]));
    return !(x > 0) ? 0 : x > 1 ? 0x3F800000 : v[0];
  });
  checkInstruction("cvt.ftz.f32.f32", "S:w", {edgeF32()},
                   [](auto *v) { return (v[0] & 0x7F800000) ? v[0] : v[0] & 0x80000000; });
  checkInstruction("cvt.rn.relu.f16.f32", "H:w", {edgeF32()}, [](auto *v) -> uint64_t {
    APFloat x = valueOf(floats()[2], v[0]);
    if (!x.isNaN() && x.isNegative())
      return 0;
    return bitsOf(converted(x, floats()[0], APFloat::rmNearestTiesToEven));
  });
}

TEST(Convert, Tf32) {
  Values x = edgeF32();
  for (uint64_t bits : {0x3F800FFFull, 0x3F801000ull, 0x3F801001ull, 0x3F803000ull, 0x7F7FF000ull,
                        0xBF801000ull, 0x00001000ull, 0x00000FFFull})
    x.push_back(bits);
  // tf32 is a float of 8 exponent and 10 fraction bits.
  auto rounded = [](uint64_t bits, APFloat::roundingMode rounding) {
    APFloat value(APFloat::IEEEsingle(), llvm::APInt(32, bits, false, true));
    bool ignored;
    value.convert(APFloat::FloatTF32(), rounding, &ignored);
    value.convert(APFloat::IEEEsingle(), rounding, &ignored);
    return bitsOf(value);
  };
  checkInstruction("cvt.rna.tf32.f32", "S:w", {x},
                   [&](auto *v) { return rounded(v[0], APFloat::rmNearestTiesToAway); });
  checkInstruction("cvt.rn.tf32.f32", "S:w", {x},
                   [&](auto *v) { return rounded(v[0], APFloat::rmNearestTiesToEven); });
}

TEST(Convert, Packed) {
  auto rn = APFloat::rmNearestTiesToEven;
  for (unsigned i : {0u, 1u}) {
    const Float &half = floats()[i];
    auto narrow = [&](uint64_t bits, APFloat::roundingMode rounding) {
      return bitsOf(converted(valueOf(floats()[2], bits), half, rounding));
    };
    std::string type = std::string(".") + half.name + "x2.f32";
    char to = i ? 'Y' : 'X';
    checkInstruction("cvt.rn" + type, {to, ':', 'w', 'w'}, {edgeF32(), edgeF32()},
                     [&](auto *v) { return narrow(v[0], rn) << 16 | narrow(v[1], rn); });
    checkInstruction("cvt.rz" + type, {to, ':', 'w', 'w'}, {edgeF32(), edgeF32()}, [&](auto *v) {
      return narrow(v[0], APFloat::rmTowardZero) << 16 | narrow(v[1], APFloat::rmTowardZero);
    });
  }
  Values words = edgeIntegers(32);
  auto clamp = [](uint64_t bits, int64_t low, int64_t high) {
    return uint64_t(std::clamp<int64_t>(int32_t(bits), low, high));
  };
  checkInstruction("cvt.pack.sat.s16.s32", "w:ww", {words, words}, [&](auto *v) {
    return (clamp(v[0], -32768, 32767) & 0xFFFF) << 16 | (clamp(v[1], -32768, 32767) & 0xFFFF);
  });
  checkInstruction("cvt.pack.sat.u8.s32.b32", "w:www", {words, words, words}, [&](auto *v) {
    return (v[2] & 0xFFFF) << 16 | clamp(v[0], 0, 255) << 8 | clamp(v[1], 0, 255);
  });
}
