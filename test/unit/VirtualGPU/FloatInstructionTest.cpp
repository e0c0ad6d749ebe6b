//===- FloatInstructionTest.cpp - Floating-point instructions -------------===//
//
// The references are LLVM's APFloat, which rounds every operation once.
//
//===----------------------------------------------------------------------===//

#include "Instruction.h"

#include "llvm/ADT/APFloat.h"

#include <cmath>

using namespace poolc::vgpu::test;
using llvm::APFloat;

namespace {
struct Format {
  const char *name;
  const llvm::fltSemantics &semantics;
  unsigned bits;
  char reg, result;
  Values edges;

  APFloat value(uint64_t x) const { return APFloat(semantics, llvm::APInt(bits, x, false, true)); }
  static uint64_t bitsOf(const APFloat &x) { return x.bitcastToAPInt().getZExtValue(); }
  APFloat flushed(APFloat x, bool ftz) const {
    return ftz && x.isDenormal() ? APFloat::getZero(semantics, x.isNegative()) : x;
  }
  APFloat saturated(APFloat x) const {
    APFloat one(semantics, 1), zero = APFloat::getZero(semantics);
    return x.isNaN() || x.isNegative() || x.isZero() ? zero : x > one ? one : x;
  }
};
} // namespace

static const Format &f32() {
  static const Format format{"f32", APFloat::IEEEsingle(), 32, 'w', 'S', edgeF32()};
  return format;
}
static const Format &f64() {
  static const Format format{"f64", APFloat::IEEEdouble(), 64, 'd', 'D', edgeF64()};
  return format;
}
static const Format &f16() {
  static const Format format{"f16", APFloat::IEEEhalf(), 16, 'h', 'H', edgeF16()};
  return format;
}
static const Format &bf16() {
  static const Format format{"bf16", APFloat::BFloat(), 16, 'h', 'B', edgeBf16()};
  return format;
}

static const std::pair<const char *, APFloat::roundingMode> roundings[] = {
    {".rn", APFloat::rmNearestTiesToEven},
    {".rz", APFloat::rmTowardZero},
    {".rm", APFloat::rmTowardNegative},
    {".rp", APFloat::rmTowardPositive}};

using Compute = std::function<void(APFloat *x, APFloat::roundingMode)>;

static void check(const Format &format, const std::string &name, unsigned count,
                  APFloat::roundingMode rounding, const Compute &compute, bool ftz = false,
                  bool sat = false) {
  std::string signature = {format.result, ':'};
  signature += std::string(count, format.reg);
  checkInstruction(name + (ftz ? ".ftz" : "") + (sat ? ".sat" : "") + "." + format.name, signature,
                   std::vector<Values>(count, format.edges), [&](const uint64_t *bits) {
                     APFloat x[3] = {APFloat(0.0), APFloat(0.0), APFloat(0.0)};
                     for (unsigned i = 0; i < count; ++i)
                       x[i] = format.flushed(format.value(bits[i]), ftz);
                     compute(x, rounding);
                     APFloat result = format.flushed(x[0], ftz);
                     return Format::bitsOf(sat ? format.saturated(result) : result);
                   });
}

static void addOnce(APFloat *x, APFloat::roundingMode r) { x[0].add(x[1], r); }
static void subOnce(APFloat *x, APFloat::roundingMode r) { x[0].subtract(x[1], r); }
static void mulOnce(APFloat *x, APFloat::roundingMode r) { x[0].multiply(x[1], r); }
static void fmaOnce(APFloat *x, APFloat::roundingMode r) { x[0].fusedMultiplyAdd(x[1], x[2], r); }
static void divOnce(APFloat *x, APFloat::roundingMode r) { x[0].divide(x[1], r); }
static void rcpOnce(APFloat *x, APFloat::roundingMode r) {
  APFloat one(x[0].getSemantics(), 1);
  one.divide(x[0], r);
  x[0] = one;
}

TEST(FloatInstruction, ArithmeticInAllDirections) {
  for (const Format *format : {&f32(), &f64()})
    for (const auto &[suffix, rounding] : roundings) {
      check(*format, std::string("add") + suffix, 2, rounding, addOnce);
      check(*format, std::string("sub") + suffix, 2, rounding, subOnce);
      check(*format, std::string("mul") + suffix, 2, rounding, mulOnce);
      check(*format, std::string("fma") + suffix, 3, rounding, fmaOnce);
      check(*format, std::string("div") + suffix, 2, rounding, divOnce);
      check(*format, std::string("rcp") + suffix, 1, rounding, rcpOnce);
    }
}

TEST(FloatInstruction, FlushingAndSaturation) {
  for (const auto &[suffix, rounding] : roundings)
    for (bool sat : {false, true}) {
      check(f32(), std::string("add") + suffix, 2, rounding, addOnce, true, sat);
      check(f32(), std::string("mul") + suffix, 2, rounding, mulOnce, true, sat);
      check(f32(), std::string("fma") + suffix, 3, rounding, fmaOnce, !sat, sat);
    }
  check(f32(), "div.rn", 2, APFloat::rmNearestTiesToEven, divOnce, true);
  check(f32(), "sub", 2, APFloat::rmNearestTiesToEven, subOnce, true);
}

TEST(FloatInstruction, HalvesAreRoundedOnce) {
  auto rn = APFloat::rmNearestTiesToEven;
  for (const Format *format : {&f16(), &bf16()}) {
    check(*format, "add", 2, rn, addOnce);
    check(*format, "sub.rn", 2, rn, subOnce);
    check(*format, "mul", 2, rn, mulOnce);
    check(*format, "fma.rn", 3, rn, fmaOnce);
  }
  check(f16(), "add", 2, rn, addOnce, true, true);
  check(f16(), "mul", 2, rn, mulOnce, false, true);
  check(f16(), "fma.rn", 3, rn, fmaOnce, true, false);
  check(f16(), "fma.rn", 3, rn, fmaOnce, false, true);
}

TEST(FloatInstruction, HalfProductsAndSumsExhaustively) {
  // All f16 against a few: enough to meet every tie.
  Values all(65536);
  for (unsigned i = 0; i < all.size(); ++i)
    all[i] = i;
  Values few = {0x0001, 0x03FF, 0x0400, 0x3555, 0x3C01, 0x7BFF, 0x8001, 0xB801};
  for (const Format *format : {&f16(), &bf16()})
    for (const auto &[name, compute] :
         {std::pair("add", &addOnce), std::pair("mul", &mulOnce), std::pair("sub", &subOnce)})
      checkInstruction(std::string(name) + "." + format->name, {format->result, ':', 'h', 'h'},
                       {all, few}, [&, &compute = compute](const uint64_t *bits) {
                         APFloat x[2] = {format->value(bits[0]), format->value(bits[1])};
                         compute(x, APFloat::rmNearestTiesToEven);
                         return Format::bitsOf(x[0]);
                       });
}

TEST(FloatInstruction, PairsOfHalves) {
  Values pairs = {0, 0x3C003C00, 0x00018001, 0x7BFF7C00, 0x7E00FC00, 0xC2003555, 0x3F807F7F};
  for (const Format *format : {&f16(), &bf16()}) {
    bool bfloat = format == &bf16();
    auto pairwise = [&](const uint64_t *bits, unsigned count, const Compute &compute) {
      uint64_t result = 0;
      for (unsigned half = 0; half < 32; half += 16) {
        APFloat x[3] = {APFloat(0.0), APFloat(0.0), APFloat(0.0)};
        for (unsigned i = 0; i < count; ++i)
          x[i] = format->value(bits[i] >> half & 0xFFFF);
        compute(x, APFloat::rmNearestTiesToEven);
        result |= Format::bitsOf(x[0]) << half;
      }
      return result;
    };
    std::string type = std::string(".") + format->name + "x2";
    char to = bfloat ? 'Y' : 'X';
    checkInstruction("add" + type, {to, ':', 'w', 'w'}, {pairs, pairs},
                     [&](auto *v) { return pairwise(v, 2, addOnce); });
    checkInstruction("mul" + type, {to, ':', 'w', 'w'}, {pairs, pairs},
                     [&](auto *v) { return pairwise(v, 2, mulOnce); });
    checkInstruction("fma.rn" + type, {to, ':', 'w', 'w', 'w'}, {pairs, pairs, pairs},
                     [&](auto *v) { return pairwise(v, 3, fmaOnce); });
    auto relu = [](APFloat *x, APFloat::roundingMode r) {
      fmaOnce(x, r);
      if (!x[0].isNaN() && x[0].isNegative())
        x[0] = APFloat::getZero(x[0].getSemantics());
    };
    checkInstruction("fma.rn.relu" + type, {to, ':', 'w', 'w', 'w'}, {pairs, pairs, pairs},
                     [&](auto *v) { return pairwise(v, 3, relu); });
    checkInstruction("neg" + type, {to, ':', 'w'}, {pairs},
                     [](auto *v) { return v[0] ^ 0x80008000; });
    checkInstruction("abs" + type, {to, ':', 'w'}, {pairs},
                     [](auto *v) { return v[0] & 0x7FFF7FFF; });
    checkInstruction("max.NaN" + type, {to, ':', 'w', 'w'}, {pairs, pairs}, [&](auto *v) {
      return pairwise(v, 2, [](APFloat *x, auto) { x[0] = llvm::maximum(x[0], x[1]); });
    });
  }
}

TEST(FloatInstruction, MinimumMaximumSigns) {
  for (const Format *format : {&f32(), &f64(), &f16(), &bf16()}) {
    auto unary = [&](const std::string &name, uint64_t (*change)(uint64_t, uint64_t)) {
      uint64_t sign = uint64_t(1) << (format->bits - 1);
      checkInstruction(name + "." + format->name, {format->result, ':', format->reg},
                       {format->edges}, [=](auto *v) { return change(v[0], sign); });
    };
    unary("abs", [](uint64_t x, uint64_t sign) { return x & ~sign; });
    unary("neg", [](uint64_t x, uint64_t sign) { return x ^ sign; });
    auto binary = [&](const std::string &name, auto choose) {
      checkInstruction(name + "." + format->name, {format->result, ':', format->reg, format->reg},
                       {format->edges, format->edges}, [=](auto *v) {
                         return Format::bitsOf(choose(format->value(v[0]), format->value(v[1])));
                       });
    };
    // minimumnum: a number wins over any NaN, and -0 is below +0.
    binary("min", [](APFloat a, APFloat b) { return llvm::minimumnum(a, b); });
    binary("max", [](APFloat a, APFloat b) { return llvm::maximumnum(a, b); });
    if (format == &f64())
      continue;
    binary("min.NaN", [](APFloat a, APFloat b) { return llvm::minimum(a, b); });
    binary("max.NaN", [](APFloat a, APFloat b) { return llvm::maximum(a, b); });
    binary("min.xorsign.abs", [](APFloat a, APFloat b) {
      bool negative = a.isNegative() != b.isNegative();
      APFloat result = llvm::minimumnum(llvm::abs(a), llvm::abs(b));
      return !result.isNaN() && negative ? -result : result;
    });
  }
  checkInstruction("copysign.f32", "S:ww", {edgeF32(), edgeF32()},
                   [](auto *v) { return (v[0] & 0x80000000) | (v[1] & 0x7FFFFFFF); });
}

TEST(FloatInstruction, Comparisons) {
  using Result = APFloat::cmpResult;
  struct Case {
    const char *name;
    bool less, equal, greater, unordered;
  };
  const Case cases[] = {{"eq", 0, 1, 0, 0},  {"ne", 1, 0, 1, 0},  {"lt", 1, 0, 0, 0},
                        {"le", 1, 1, 0, 0},  {"gt", 0, 0, 1, 0},  {"ge", 0, 1, 1, 0},
                        {"equ", 0, 1, 0, 1}, {"neu", 1, 0, 1, 1}, {"ltu", 1, 0, 0, 1},
                        {"leu", 1, 1, 0, 1}, {"gtu", 0, 0, 1, 1}, {"geu", 0, 1, 1, 1},
                        {"num", 1, 1, 1, 0}, {"nan", 0, 0, 0, 1}};
  for (const Format *format : {&f32(), &f64(), &f16(), &bf16()})
    for (const Case &row : cases)
      checkInstruction(std::string("setp.") + row.name + "." + format->name,
                       {'p', ':', format->reg, format->reg}, {format->edges, format->edges},
                       [&](auto *v) -> uint64_t {
                         switch (format->value(v[0]).compare(format->value(v[1]))) {
                         case Result::cmpLessThan:
                           return row.less;
                         case Result::cmpEqual:
                           return row.equal;
                         case Result::cmpGreaterThan:
                           return row.greater;
                         default:
                           return row.unordered;
                         }
                       });
  // With ftz subnormals are zero.
  checkInstruction("setp.lt.ftz.f32", "p:ww", {edgeF32(), edgeF32()}, [](auto *v) {
    APFloat a = f32().flushed(f32().value(v[0]), true), b = f32().flushed(f32().value(v[1]), true);
    return uint64_t(a < b);
  });
  checkInstruction("set.gt.f32.f32", "w:ww", {edgeF32(), edgeF32()},
                   [](auto *v) { return f32().value(v[0]) > f32().value(v[1]) ? 0x3F800000 : 0; });
  Values pairs = {0, 0x3C003C00, 0x3C007E00, 0xBC003C01, 0x00018001};
  for (bool upper : {false, true})
    checkInstruction(std::string("setp.lt.f16x2 ") + (upper ? "%17|%18" : "%18|%17") +
                         ", %320, %321; //",
                     "p:ww", {pairs, pairs}, [=](auto *v) {
                       unsigned shift = upper ? 16 : 0;
                       return uint64_t(f16().value(v[0] >> shift & 0xFFFF) <
                                       f16().value(v[1] >> shift & 0xFFFF));
                     });
}

TEST(FloatInstruction, SquareRootsInAllDirections) {
  // By the definition: the root is the neighbour on the right side of the exact one.
  Values positive;
  for (uint64_t x : edgeF32())
    if (!(x & 0x80000000) && x < 0x7F800000 && x)
      positive.push_back(x);
  for (uint64_t x = 0x3F800000; x < 0x40800000; x += 0x3333)
    positive.push_back(x);
  for (const auto &[suffix, rounding] : roundings)
    checkInstruction(std::string("sqrt") + suffix + ".f32", "S:w", {positive},
                     [&, rounding = rounding](auto *v) {
                       long double exact =
                           std::sqrt((long double)f32().value(v[0]).convertToFloat());
                       float nearest = std::sqrt(f32().value(v[0]).convertToFloat());
                       float below = nearest, above = nearest;
                       if (nearest > exact)
                         below = std::nextafter(nearest, 0.0f);
                       else if (nearest < exact)
                         above = std::nextafter(nearest, INFINITY);
                       float result = rounding == APFloat::rmNearestTiesToEven ? nearest
                                      : rounding == APFloat::rmTowardPositive  ? above
                                                                               : below;
                       return uint64_t(llvm::bit_cast<uint32_t>(result));
                     });
  checkInstruction("sqrt.rn.f64", "D:d", {edgeF64()}, [](auto *v) {
    return llvm::bit_cast<uint64_t>(std::sqrt(llvm::bit_cast<double>(v[0])));
  });
}

TEST(FloatInstruction, ApproximationsAreClose) {
  // Within two units of the last place of the host's long double functions, far
  // inside of what PTX promises.
  const std::pair<const char *, std::function<long double(long double)>> functions[] = {
      {"rcp.approx", [](long double x) { return 1 / x; }},
      {"rsqrt.approx", [](long double x) { return 1 / std::sqrt(x); }},
      {"sqrt.approx", [](long double x) { return std::sqrt(x); }},
      {"ex2.approx", [](long double x) { return std::exp2(x); }},
      {"lg2.approx", [](long double x) { return std::log2(x); }},
      {"sin.approx", [](long double x) { return std::sin(x); }},
      {"cos.approx", [](long double x) { return std::cos(x); }},
      {"tanh.approx", [](long double x) { return std::tanh(x); }}};
  for (const auto &[name, exact] : functions) {
    Values x;
    for (float value : {0.1f, 0.5f, 1.0f, 1.5f, 2.0f, 3.7f, 10.0f, 0.001f, 77.0f})
      x.push_back(llvm::bit_cast<uint32_t>(value));
    std::string instruction = std::string(name) + ".f32 %f1, %320; ";
    for (uint64_t bits : x) {
      float expected = float(exact(llvm::bit_cast<float>(uint32_t(bits))));
      uint64_t reference = llvm::bit_cast<uint32_t>(expected);
      // The distance of the bit patterns is the distance in units.
      checkInstruction("{ .reg .b32 e; " + std::string(name) + ".f32 e, %320; sub.s32 e, e, " +
                           std::to_string(reference) +
                           "; abs.s32 e, e; setp.le.s32 %18, e, 2; } //",
                       "p:w", {{bits}}, [](auto *) { return 1; });
    }
  }
  checkInstruction(
      "div.full.f32", "S:ww", {{0x3F800000, 0x40490FDB}, {0x40400000, 0x3DCCCCCD}}, [](auto *v) {
        return uint64_t(llvm::bit_cast<uint32_t>(llvm::bit_cast<float>(uint32_t(v[0])) /
                                                 llvm::bit_cast<float>(uint32_t(v[1]))));
      });
}

TEST(FloatInstruction, Classification) {
  const std::pair<const char *, bool (*)(const APFloat &)> tests[] = {
      {"finite", [](const APFloat &x) { return x.isFinite(); }},
      {"infinite", [](const APFloat &x) { return x.isInfinity(); }},
      {"number", [](const APFloat &x) { return !x.isNaN(); }},
      {"notanumber", [](const APFloat &x) { return x.isNaN(); }},
      {"normal", [](const APFloat &x) { return x.isFinite() && !x.isDenormal(); }},
      {"subnormal", [](const APFloat &x) { return x.isDenormal(); }}};
  for (const auto &[name, holds] : tests)
    for (const Format *format : {&f32(), &f64()})
      checkInstruction(std::string("testp.") + name + "." + format->name, {'p', ':', format->reg},
                       {format->edges},
                       [&, &holds = holds](auto *v) { return holds(format->value(v[0])); });
}
