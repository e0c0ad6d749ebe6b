//===- MatrixInstructionTest.cpp - cp.async, ldmatrix, mma.sync -----------===//

#include "TestDevice.h"

#include "llvm/ADT/APFloat.h"

#include "gmock/gmock.h"

#include <cmath>
#include <random>

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;

TEST(MatrixInstruction, CopiesArriveWhenTheyAreWaitedFor) {
  // Of two groups the first is waited for: only it has arrived.
  Device device;
  std::vector<uint32_t> in(32 * 8);
  for (uint32_t i = 0; i < in.size(); ++i)
    in[i] = i + 1;
  uint64_t from = device.upload(in), to = device.allocate(32 * 5 * 4);
  ASSERT_EQ(device.run(Device::module(R"(
.shared .align 16 .b8 buffer[2048];
.visible .entry k(.param .u64 in, .param .u64 out) {
  .reg .b32 %r<16>; .reg .b64 %rd<8>; .reg .pred %p<2>;
  ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
  mov.u32 %r1, %tid.x;
  mad.wide.u32 %rd3, %r1, 16, %rd1;
  mad.wide.u32 %rd4, %r1, 20, %rd2;
  mov.u32 %r2, buffer;
  mad.lo.u32 %r3, %r1, 16, %r2;
  cp.async.cg.shared.global [%r3], [%rd3], 16;
  cp.async.commit_group;
  cp.async.ca.shared.global [%r3+512], [%rd3+512], 16, 4;
  cp.async.ca.shared.global [%r3+1024], [%rd3], 4, 0;
  setp.eq.u32 %p1, %r1, 3;
  cp.async.ca.shared.global [%r3+1032], [%rd3], 8, %p1;
  cp.async.commit_group;
  cp.async.wait_group 1;
  ld.shared.u32 %r4, [%r3+4];
  st.global.u32 [%rd4], %r4;
  ld.shared.u32 %r5, [%r3+512];
  st.global.u32 [%rd4+4], %r5;
  cp.async.wait_all;
  ld.shared.u32 %r6, [%r3+512];
  ld.shared.u32 %r7, [%r3+516];
  add.u32 %r6, %r6, %r7;
  st.global.u32 [%rd4+8], %r6;
  ld.shared.u32 %r8, [%r3+1024];
  st.global.u32 [%rd4+12], %r8;
  ld.shared.u32 %r9, [%r3+1032];
  st.global.u32 [%rd4+16], %r9;
  ret;
})"),
                       {from, to}),
            "");
  std::vector<uint32_t> result = device.download<uint32_t>(to, 32 * 5);
  for (uint32_t i = 0; i < 32; ++i) {
    EXPECT_EQ(result[5 * i], in[4 * i + 1]);
    EXPECT_EQ(result[5 * i + 1], 0x7FF57FF5u);     // not there yet
    EXPECT_EQ(result[5 * i + 2], in[128 + 4 * i]); // zeros follow a short source
    EXPECT_EQ(result[5 * i + 3], 0u);              // nothing is read
    EXPECT_EQ(result[5 * i + 4], i == 3 ? 0 : in[4 * i]);
  }
}

TEST(MatrixInstruction, LoadsAndStoresOfMatrices) {
  // Four 8x8 matrices of halves; element (r, c) of matrix m is 1000 m + 8 r + c.
  std::vector<uint16_t> matrices(256);
  for (unsigned i = 0; i < 256; ++i)
    matrices[i] = uint16_t(i / 64 * 1000 + i % 64);
  for (bool transposed : {false, true}) {
    Device device;
    uint64_t in = device.upload(matrices), out = device.allocate(32 * 16),
             back = device.allocate(512);
    std::string trans = transposed ? ".trans" : "";
    ASSERT_EQ(device.run(Device::module(R"(
.shared .align 16 .b8 buffer[1024];
.visible .entry k(.param .u64 in, .param .u64 out, .param .u64 back) {
  .reg .b32 %r<16>; .reg .b64 %rd<8>;
  ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out]; ld.param.u64 %rd5, [back];
  mov.u32 %r1, %tid.x;
  mad.wide.u32 %rd3, %r1, 16, %rd1;
  mad.wide.u32 %rd4, %r1, 16, %rd2;
  mad.wide.u32 %rd6, %r1, 16, %rd5;
  mov.u32 %r2, buffer;
  mad.lo.u32 %r3, %r1, 16, %r2;
  ld.global.v4.u32 {%r4, %r5, %r6, %r7}, [%rd3];
  st.shared.v4.u32 [%r3], {%r4, %r5, %r6, %r7};
  bar.sync 0;
  ldmatrix.sync.aligned.m8n8.x4)" + trans +
                                        R"(.shared.b16 {%r4, %r5, %r6, %r7}, [%r3];
  st.global.v4.u32 [%rd4], {%r4, %r5, %r6, %r7};
  stmatrix.sync.aligned.m8n8.x4)" + trans +
                                        R"(.shared.b16 [%r3+512], {%r4, %r5, %r6, %r7};
  bar.sync 0;
  ld.shared.v4.u32 {%r4, %r5, %r6, %r7}, [%r3+512];
  st.global.v4.u32 [%rd6], {%r4, %r5, %r6, %r7};
  ret;
})"),
                         {in, out, back}),
              "");
    std::vector<uint16_t> result = device.download<uint16_t>(out, 256);
    for (unsigned lane = 0; lane < 32; ++lane)
      for (unsigned m = 0; m < 4; ++m)
        for (unsigned i = 0; i < 2; ++i) {
          unsigned row = lane / 4, column = lane % 4 * 2 + i;
          if (transposed)
            std::swap(row, column);
          EXPECT_EQ(result[lane * 8 + m * 2 + i], 1000 * m + 8 * row + column);
        }
    EXPECT_EQ(device.download<uint16_t>(back, 256), matrices);
  }
}

namespace {
struct MmaCase {
  const char *types;
  unsigned k;
  const llvm::fltSemantics &format;
  bool halfResult;
};
} // namespace

static uint32_t encode(double value, const llvm::fltSemantics &format) {
  llvm::APFloat x(value);
  bool ignored;
  x.convert(format, llvm::APFloat::rmNearestTiesToEven, &ignored);
  return uint32_t(x.bitcastToAPInt().getZExtValue());
}

/// Runs one mma.sync on registers given by lane: D in, A, B, C out.
static std::vector<uint32_t> runMma(const std::string &opcode, unsigned a, unsigned b, unsigned c,
                                    const std::vector<uint32_t> &registers) {
  Device device;
  auto list = [](unsigned first, unsigned count) {
    std::string text = "{";
    for (unsigned i = 0; i < count; ++i)
      text += (i ? ", %r" : "%r") + std::to_string(first + i);
    return text + "}";
  };
  unsigned total = a + b + c;
  std::string loads, stores;
  for (unsigned i = 0; i < total; ++i)
    loads += "ld.global.u32 %r" + std::to_string(i) + ", [%rd3+" + std::to_string(4 * i) + "];\n";
  for (unsigned i = 0; i < c; ++i)
    stores += "st.global.u32 [%rd4+" + std::to_string(4 * i) + "], %r" + std::to_string(total + i) +
              ";\n";
  std::string ptx = Device::module(
      ".visible .entry k(.param .u64 in, .param .u64 out) {\n"
      ".reg .b32 %r<32>, %t; .reg .b64 %rd<8>;\nld.param.u64 %rd1, [in]; ld.param.u64 %rd2, "
      "[out];\nmov.u32 %t, %tid.x;\nmad.wide.u32 %rd3, %t, " +
      std::to_string(4 * total) + ", %rd1;\nmad.wide.u32 %rd4, %t, " + std::to_string(4 * c) +
      ", %rd2;\n" + loads + opcode + " " + list(total, c) + ", " + list(0, a) + ", " + list(a, b) +
      ", " + list(a + b, c) + ";\n" + stores + "ret; }");
  uint64_t in = device.upload(registers), out = device.allocate(32 * c * 4);
  EXPECT_EQ(device.run(ptx, {in, out}), "") << ptx;
  return device.download<uint32_t>(out, 32 * c);
}

TEST(MatrixInstruction, ProductsOfSmallIntegers) {
  const llvm::fltSemantics &half = llvm::APFloat::IEEEhalf();
  const MmaCase cases[] = {{"f32.f16.f16.f32", 16, half, false},
                           {"f32.f16.f16.f32", 8, half, false},
                           {"f16.f16.f16.f16", 16, half, true},
                           {"f16.f16.f16.f16", 8, half, true},
                           {"f32.bf16.bf16.f32", 16, llvm::APFloat::BFloat(), false},
                           {"f32.bf16.bf16.f32", 8, llvm::APFloat::BFloat(), false},
                           {"f32.tf32.tf32.f32", 8, llvm::APFloat::IEEEsingle(), false},
                           {"f32.tf32.tf32.f32", 4, llvm::APFloat::IEEEsingle(), false}};
  std::mt19937 random(11);
  for (const MmaCase &row : cases) {
    double a[16][16], b[16][8], c[16][8];
    for (auto &matrix : a)
      for (double &x : matrix)
        x = int(random() % 9) - 4;
    for (auto &matrix : b)
      for (double &x : matrix)
        x = int(random() % 9) - 4;
    for (auto &matrix : c)
      for (double &x : matrix)
        x = int(random() % 99) - 50;
    bool wide = llvm::APFloat::getSizeInBits(row.format) == 32;
    unsigned perRegister = wide ? 1 : 2, numA = row.k * 16 / 32 / perRegister, numB = numA / 2,
             numC = row.halfResult ? 2 : 4;
    // The fragment layouts of the PTX manual, register by register.
    std::vector<uint32_t> registers;
    for (unsigned lane = 0; lane < 32; ++lane) {
      unsigned group = lane >> 2, thread = lane & 3;
      for (unsigned r = 0; r < numA; ++r) {
        uint32_t bits = 0;
        for (unsigned i = 0; i < perRegister; ++i) {
          unsigned m = group + (r % 2 ? 8 : 0);
          unsigned k = thread * perRegister + i + (r / 2) * 4 * perRegister;
          bits |= encode(a[m][k], row.format) << (16 * i);
        }
        registers.push_back(bits);
      }
      for (unsigned r = 0; r < numB; ++r) {
        uint32_t bits = 0;
        for (unsigned i = 0; i < perRegister; ++i)
          bits |= encode(b[thread * perRegister + i + r * 4 * perRegister][group], row.format)
                  << (16 * i);
        registers.push_back(bits);
      }
      for (unsigned r = 0; r < numC; ++r) {
        if (row.halfResult)
          registers.push_back(encode(c[group + 8 * r][thread * 2], half) |
                              encode(c[group + 8 * r][thread * 2 + 1], half) << 16);
        else
          registers.push_back(
              encode(c[group + 8 * (r / 2)][thread * 2 + r % 2], llvm::APFloat::IEEEsingle()));
      }
    }
    std::string shape = ".m16n8k" + std::to_string(row.k);
    std::vector<uint32_t> result =
        runMma("mma.sync.aligned" + shape + ".row.col." + row.types, numA, numB, numC, registers);
    for (unsigned lane = 0; lane < 32; ++lane)
      for (unsigned i = 0; i < 4; ++i) {
        unsigned m = lane / 4 + 8 * (i / 2), n = lane % 4 * 2 + i % 2;
        double sum = c[m][n];
        for (unsigned k = 0; k < row.k; ++k)
          sum += a[m][k] * b[k][n];
        uint32_t actual = row.halfResult ? result[lane * 2 + i / 2] >> (16 * (i % 2)) & 0xFFFF
                                         : result[lane * 4 + i];
        ASSERT_EQ(actual, encode(sum, row.halfResult ? half : llvm::APFloat::IEEEsingle()))
            << row.types << shape << " " << m << " " << n;
      }
  }
}

/// D(0, 0) of a tf32 product whose row of A, column of B and C are given.
static uint32_t firstOf(const std::vector<float> &a, const std::vector<float> &b, float c) {
  std::vector<uint32_t> registers(32 * 10, 0);
  auto bits = [](float x) { return llvm::bit_cast<uint32_t>(x); };
  for (unsigned k = 0; k < 8; ++k) {
    unsigned lane = k % 4;
    registers[lane * 10 + (k < 4 ? 0 : 2)] = bits(a[k]);
    registers[lane * 10 + 4 + (k < 4 ? 0 : 1)] = bits(b[k]);
  }
  registers[6] = bits(c);
  return runMma("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32", 4, 2, 4, registers)[0];
}

TEST(MatrixInstruction, TensorCoresTruncate) {
  auto bits = [](float x) { return llvm::bit_cast<uint32_t>(x); };
  std::vector<float> ones(8, 1.0f), zeros(8, 0.0f);
  // The low 13 bits of a tf32 operand are not looked at.
  std::vector<float> low = zeros;
  low[0] = llvm::bit_cast<float>(0x3F801FFFu);
  EXPECT_EQ(firstOf(low, ones, 0), bits(1.0f));
  // 1 + 2^-24 + 2^-24: to nearest even each addend would vanish, exactly the sum
  // is 1 + 2^-23; what is kept below the largest exponent decides.
  std::vector<float> tiny = zeros;
  tiny[0] = tiny[1] = 0x1p-24f;
  EXPECT_EQ(firstOf(tiny, ones, 1), bits(1.0f + 0x1p-23f));
  // Far below, all of them are cut off, however many.
  std::vector<float> below(8, 0x1p-28f);
  EXPECT_EQ(firstOf(below, ones, 1), bits(1.0f));
  // The sum is cut off, not rounded.
  std::vector<float> threeQuarters = zeros;
  threeQuarters[0] = 0x1.8p-24f;
  EXPECT_EQ(firstOf(threeQuarters, ones, 1), bits(1.0f));
  EXPECT_EQ(firstOf(threeQuarters, ones, -1), bits(-1.0f + 0x1p-23f));
  // Subnormal operands are not normalised before products are aligned: of the first
  // product the last bits are lost. Measured on an NVIDIA H200.
  std::vector<float> subnormal = zeros, scales = zeros;
  subnormal[0] = 0x14p-137f;
  scales[0] = 1.73046875f;
  subnormal[1] = -0x1p-136f;
  scales[1] = -3072;
  EXPECT_EQ(firstOf(subnormal, scales, 0), bits(25307136 * 0x1p-149f));
  // Infinities and NaN.
  std::vector<float> infinite = ones;
  infinite[3] = INFINITY;
  EXPECT_EQ(firstOf(infinite, ones, 1), bits(INFINITY));
  EXPECT_EQ(firstOf(infinite, ones, -INFINITY), 0x7FFFFFFFu);
  EXPECT_EQ(firstOf(infinite, zeros, 0), 0x7FFFFFFFu);
}

TEST(MatrixInstruction, NeedTheWholeWarp) {
  Device device;
  EXPECT_THAT(
      device.run(Device::module(".shared .align 16 .b8 s[512];\n.entry k() { .reg .b32 %r<4>;\n"
                                "mov.u32 %r1, s;\nldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r2}, "
                                "[%r1];\nret; }"),
                 std::vector<uint64_t>{}, 16),
      testing::HasSubstr("needs all 32 threads of the warp, got 16"));
}
