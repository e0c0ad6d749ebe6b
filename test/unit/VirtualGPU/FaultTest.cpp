//===- FaultTest.cpp - Errors of kernels, launches and PTX text -----------===//

#include "TestDevice.h"

#include "gmock/gmock.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;
using testing::HasSubstr;
using testing::StartsWith;

/// A kernel whose body starts in line 6; %rd1 holds its argument.
static std::string kernel(const std::string &body, const std::string &directives = "") {
  return Device::module(".visible .entry k(.param .u64 p) " + directives +
                        "{ .reg .pred %p<8>; .reg .b32 %r<16>; .reg .f32 %f<8>; .reg .b64 %rd<8>; "
                        "\nld.param.u64 %rd1, [p];\n" +
                        body + "\nret; }");
}

namespace {
struct Case {
  const char *name;
  std::string body;
  std::string expected;
};
} // namespace

class Faults : public testing::TestWithParam<Case> {};

TEST_P(Faults, NameLineAndThread) {
  Device device;
  uint64_t buffer = device.allocate(256, "buffer", 4);
  std::string error = device.run(kernel(GetParam().body), {buffer}, 64);
  EXPECT_THAT(error, StartsWith("test.ptx:6: error: "));
  EXPECT_THAT(error, HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    All, Faults,
    testing::Values(
        Case{"past", "ld.global.f32 %f1, [%rd1+256];",
             "kernel 'k', block (0, 0, 0), thread (0, 0, 0): out-of-bounds global load of 4 bytes"},
        Case{"pastName", "ld.global.f32 %f1, [%rd1+256];", "0 bytes past the end of 'buffer'"},
        Case{"before", "st.global.f32 [%rd1-4], 0f00000000;", "4 bytes before 'buffer'"},
        Case{"partly", "ld.global.v2.f32 {%f1, %f2}, [%rd1+252];", "of 8 bytes"},
        Case{"null", "ld.u32 %r1, [0];", "out-of-bounds global load of 4 bytes at 0x0"},
        Case{"misaligned", "ld.global.u32 %r1, [%rd1+2];", "misaligned global load of 4 bytes"},
        Case{"onlyAsAlignedAsSaid", "ld.global.v2.u32 {%r1, %r2}, [%rd1];",
             "misaligned global load of 8 bytes"},
        Case{"shared", "mov.u32 %r1, 1024; ld.shared.u32 %r2, [%r1];",
             "out-of-bounds shared load of 4 bytes at 0x400: the kernel has no shared memory"},
        Case{"local", "mov.u32 %r1, 0; st.local.u32 [%r1], %r1;", "out-of-bounds local store"},
        Case{"parameterStore", "mov.u64 %rd2, p; cvta.param.u64 %rd2, %rd2; st.u32 [%rd2], 1;",
             "store to a kernel parameter"},
        Case{"parameterPast", "mov.u64 %rd2, p; ld.param.u32 %r1, [%rd2+8];",
             "out-of-bounds parameter load of 4 bytes"},
        Case{"trap", "trap;", "ran into a trap"},
        Case{"barrierNumber", "bar.sync 16;", "expected a barrier from 0 to 15, got 16"},
        Case{"barrierCount", "bar.sync 0, 33;", "multiple of 32, got 33"},
        Case{"barrierTooFew", "bar.sync 0, 96;",
             "deadlock: threads 0 to 63 wait at barrier 0 of line 6"}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(Fault, ThreadAndBlockAreNamed) {
  Device device;
  uint64_t buffer = device.allocate(4 * 100);
  std::string error = device.run(kernel("mov.u32 %r1, %tid.y; mov.u32 %r2, %ctaid.x; "
                                        "mad.lo.u32 %r1, %r2, 64, %r1; mul.wide.u32 %rd2, %r1, 4; "
                                        "add.s64 %rd2, %rd2, %rd1; st.global.u32 [%rd2], 1;"),
                                 [&] {
                                   LaunchOptions options;
                                   options.grid[0] = 2;
                                   options.block[1] = 64;
                                   options.arguments = {bytesOf(buffer)};
                                   return options;
                                 }());
  EXPECT_THAT(error, HasSubstr("block (1, 0, 0), thread (0, 36, 0)"));
}

TEST(Fault, ReadOnlyBuffersAreNotWritten) {
  Device device;
  BufferOptions options;
  options.name = "weights";
  options.bytes = 64;
  options.readOnly = true;
  uint64_t buffer = device.allocate(std::move(options));
  EXPECT_THAT(device.run(kernel("st.global.u32 [%rd1], 1;"), {buffer}),
              HasSubstr("in the read-only buffer 'weights'"));
  EXPECT_EQ(device.run(kernel("ld.global.u32 %r1, [%rd1];"), {buffer}), "");
}

TEST(Fault, InstructionLimit) {
  Device device;
  LaunchOptions options;
  options.arguments = {bytesOf(uint64_t(0))};
  options.instructionLimit = 100000;
  EXPECT_THAT(device.run(kernel("again: bra again;"), options),
              HasSubstr("still running after 100000 warp-instructions"));
}

TEST(Fault, SourceLocation) {
  Device device;
  EXPECT_THAT(device.run(".version 8.0\n.target sm_90\n.address_size 64\n.file 1 \"conv.cu\"\n" +
                             std::string(".entry k() {\n.reg .b32 %r<2>;\n.loc 1 17 3\n"
                                         "ld.global.u32 %r1, [16];\nret; }"),
                         std::vector<uint64_t>{}),
              HasSubstr("(from conv.cu:17:3)"));
}

TEST(LaunchErrors, AreExplained) {
  auto run = [](auto change, const std::string &directives = "") {
    Device device;
    LaunchOptions options;
    options.arguments = {bytesOf(uint64_t(0))};
    change(options);
    return device.run(kernel("", directives), options);
  };
  auto same = [](LaunchOptions &) {};
  EXPECT_EQ(run(same), "");
  EXPECT_THAT(run([](auto &o) { o.arguments.clear(); }), HasSubstr("expected 1 arguments, got 0"));
  EXPECT_THAT(run([](auto &o) { o.arguments[0].pop_back(); }),
              HasSubstr("parameter 'p' has 8 bytes, got 7"));
  EXPECT_THAT(run([](auto &o) { o.grid[1] = 0; }), HasSubstr("at least one"));
  EXPECT_THAT(run([](auto &o) { o.grid[1] = 65536; }), HasSubstr("larger than"));
  EXPECT_THAT(run([](auto &o) { o.block[0] = 1025; }), HasSubstr("larger than 1024 threads"));
  EXPECT_THAT(run([](auto &o) { o.block[0] = int64_t(1) << 62; }), HasSubstr("larger than 1024"));
  EXPECT_THAT(run([](auto &o) { o.dynamicSharedBytes = 1 << 20; }), HasSubstr("shared memory"));
  EXPECT_THAT(run([](auto &o) { o.kernel = "other"; }), HasSubstr("there is no kernel 'other'"));
  EXPECT_THAT(run(same, ".reqntid 64"), HasSubstr("expected a block of 64x1x1 threads (.reqntid)"));
  EXPECT_THAT(run([](auto &o) { o.block[0] = 65; }, ".maxntid 8, 8"),
              HasSubstr("expected at most 64 threads"));
}
