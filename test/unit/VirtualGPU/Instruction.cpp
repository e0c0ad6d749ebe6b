//===- Instruction.cpp - Holds one instruction against a reference --------===//

#include "Instruction.h"

#include "llvm/Support/FormatVariadic.h"

using namespace poolc::vgpu::test;

static unsigned bitsOfRegister(char letter) {
  switch (letter) {
  case 'p':
    return 1;
  case 'h':
  case 'H':
  case 'B':
    return 16;
  case 'd':
  case 'D':
    return 64;
  default:
    return 32;
  }
}

static bool isNan(uint64_t bits, unsigned exponentBits, unsigned fractionBits) {
  uint64_t infinity = ((uint64_t(1) << exponentBits) - 1) << fractionBits;
  return (bits & (infinity | ((uint64_t(1) << fractionBits) - 1))) > infinity;
}

/// One value for all NaN of the result's type.
static uint64_t canonical(uint64_t bits, char letter) {
  auto half = [](uint64_t value, bool bfloat) {
    return (bfloat ? isNan(value, 8, 7) : isNan(value, 5, 10)) ? 0x7FFF : value;
  };
  switch (letter) {
  case 'H':
    return half(bits, false);
  case 'B':
    return half(bits, true);
  case 'X':
  case 'Y':
    return half(bits & 0xFFFF, letter == 'Y') | half(bits >> 16 & 0xFFFF, letter == 'Y') << 16;
  case 'S':
    return isNan(bits, 8, 23) ? 0x7FFFFFFF : bits;
  case 'D':
    return isNan(bits, 11, 52) ? ~uint64_t(0) >> 1 : bits;
  default:
    return bits;
  }
}

static std::string registerName(char letter, unsigned index) {
  return llvm::formatv("%{0}{1}", bitsOfRegister(letter), index);
}

/// Loads the 64-bit slot at [%rd3] + 8 * index into a register.
static std::string loadInto(char letter, unsigned index) {
  unsigned bits = bitsOfRegister(letter);
  std::string slot = llvm::formatv("[%rd3+{0}]", 8 * index);
  if (bits == 1)
    return "ld.global.u16 %16" + std::to_string(9) + ", " + slot + ";\nsetp.ne.b16 " +
           registerName(letter, index) + ", %169, 0;\n";
  return "ld.global.b" + std::to_string(bits) + " " + registerName(letter, index) + ", " + slot +
         ";\n";
}

void poolc::vgpu::test::checkInstruction(const std::string &instruction,
                                         const std::string &signature,
                                         const std::vector<Values> &operands,
                                         const Reference &reference) {
  size_t count = signature.size() - 2;
  ASSERT_EQ(operands.size(), count);
  size_t combinations = 1;
  for (const Values &values : operands)
    combinations *= values.size();
  std::vector<uint64_t> inputs(combinations * 4, 0);
  for (size_t i = 0; i < combinations; ++i)
    for (size_t rest = i, k = 0; k < count; rest /= operands[k].size(), ++k)
      inputs[4 * i + k] = operands[k][rest % operands[k].size()];

  char to = signature[0];
  unsigned bits = bitsOfRegister(to);
  std::string loads, names = registerName(to, 8);
  for (size_t k = 0; k < count; ++k) {
    loads += loadInto(signature[k + 2], unsigned(k));
    names += ", " + registerName(signature[k + 2], unsigned(k));
  }
  std::string store = bits == 1    ? "selp.u64 %rd5, 1, 0, %18;\n"
                      : bits == 64 ? "mov.b64 %rd5, %648;\n"
                                   : llvm::formatv("cvt.u64.u{0} %rd5, %{0}8;\n", bits).str();
  std::string ptx = Device::module(R"(
.visible .entry k(.param .u64 in, .param .u64 out, .param .u32 count) {
  .reg .pred %1<10>, %p<2>; .reg .b16 %16<10>; .reg .b32 %32<10>, %r<8>; .reg .b64 %64<10>, %rd<8>;
  ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out]; ld.param.u32 %r5, [count];
  mov.u32 %r1, %tid.x; mov.u32 %r2, %ctaid.x; mad.lo.u32 %r3, %r2, 256, %r1;
  setp.ge.u32 %p1, %r3, %r5;
  @%p1 ret;
  mad.wide.u32 %rd3, %r3, 32, %rd1;
  mad.wide.u32 %rd4, %r3, 8, %rd2;
)" + loads + instruction + " " + names +
                                   ";\n" + store + "st.global.u64 [%rd4], %rd5;\nret;\n}\n");
  Device device;
  uint64_t in = device.upload(inputs);
  uint64_t out = device.allocate(combinations * 8);
  LaunchOptions options;
  options.block[0] = 256;
  options.grid[0] = int64_t(combinations + 255) / 256;
  options.arguments = {bytesOf(in), bytesOf(out), bytesOf(uint32_t(combinations))};
  ASSERT_EQ(device.run(ptx, options), "") << instruction;
  std::vector<uint64_t> results = device.download<uint64_t>(out, combinations);
  unsigned shown = 0;
  for (size_t i = 0; i < combinations && shown < 4; ++i) {
    uint64_t expected = canonical(reference(&inputs[4 * i]), to);
    if (bits < 64)
      expected &= (uint64_t(1) << bits) - 1;
    uint64_t actual = canonical(results[i], to);
    if (actual == expected)
      continue;
    ++shown;
    ADD_FAILURE() << llvm::formatv("{0} of {1:x}, {2:x}, {3:x}, {4:x}: expected {5:x}, got {6:x}",
                                   instruction, inputs[4 * i], inputs[4 * i + 1], inputs[4 * i + 2],
                                   inputs[4 * i + 3], expected, actual)
                         .str();
  }
}

Values poolc::vgpu::test::edgeIntegers(unsigned bits) {
  uint64_t mask = bits == 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
  uint64_t top = uint64_t(1) << (bits - 1);
  Values values = {0,
                   1,
                   2,
                   3,
                   7,
                   31,
                   top,
                   top - 1,
                   top + 1,
                   mask,
                   mask - 1,
                   0x0123456789ABCDEF & mask,
                   0xDEADBEEFCAFEF00D & mask,
                   top >> 1};
  if (bits > 16)
    for (uint64_t value : {0x7FFFull, 0x8000ull, 0xFFFFull, 0x10000ull})
      values.push_back(value);
  return values;
}

Values poolc::vgpu::test::edgeFloats(unsigned exponentBits, unsigned fractionBits) {
  uint64_t one = ((uint64_t(1) << (exponentBits - 1)) - 1) << fractionBits;
  uint64_t step = uint64_t(1) << fractionBits;
  uint64_t infinity = ((uint64_t(1) << exponentBits) - 1) << fractionBits;
  uint64_t sign = uint64_t(1) << (exponentBits + fractionBits);
  Values values;
  for (uint64_t magnitude :
       {uint64_t(0), uint64_t(1), uint64_t(3), step - 1, step, step + 1, one, one + 1, one - 1,
        one + step, one + step / 2, one + step / 3, one - (fractionBits + 1) * step,
        one - fractionBits * step + 5, infinity - 1, infinity, infinity + step / 2 + 1})
    for (uint64_t s : {uint64_t(0), sign})
      values.push_back(magnitude | s);
  return values;
}
