//===- SyntaxTest.cpp - PTX text that is not as it should be --------------===//

#include "TestDevice.h"

#include "llvm/Support/FormatVariadic.h"

#include "gmock/gmock.h"

#include <random>

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;
using testing::HasSubstr;

namespace {
struct Case {
  const char *name;
  std::string text;
  std::string expected;
};
} // namespace

static std::string head() { return ".version 8.0\n.target sm_90\n.address_size 64\n"; }
/// A kernel with that body in line 5.
static std::string body(const std::string &text) {
  return head() +
         ".entry k() { .reg .pred %p<4>; .reg .b16 %h<4>; .reg .b32 %r<4>; .reg .b64 %d<4>;\n" +
         text + "\nret; }\n";
}

class Syntax : public testing::TestWithParam<Case> {};

TEST_P(Syntax, IsExplained) {
  Device device;
  std::string error = device.run(GetParam().text, std::vector<uint64_t>{});
  EXPECT_THAT(error, HasSubstr(GetParam().expected));
  EXPECT_THAT(error, testing::StartsWith("test.ptx:"));
}

INSTANTIATE_TEST_SUITE_P(
    Text, Syntax,
    testing::Values(
        Case{"empty", "", "test.ptx:1: error: expected a .version directive"},
        Case{"binary",
             std::string("\x7f"
                         "ELF\0\1\2",
                         7),
             "unexpected character"},
        Case{"noTarget", ".version 8.0\n", "expected a .target directive"},
        Case{"version", ".version eight\n", "test.ptx:1: error: expected a version like 7.8"},
        Case{"addressSize", ".version 8.0\n.target sm_90\n.address_size 32\n",
             "test.ptx:3: error: expected .address_size 64, got 32"},
        Case{"target", ".version 8.0\n.target mars\n", "test.ptx:2: error: expected a target"},
        Case{"tooNew", ".version 8.0\n.target sm_100\n", "cannot run"},
        Case{"otherFeature", ".version 8.0\n.target sm_80a\n", "cannot run"},
        Case{"comment", head() + "/* never closed", "this comment is not closed"},
        Case{"string", head() + ".file 1 \"never closed", "this string is not closed"},
        Case{"endOfFile", head() + ".entry k() {\nret;\n", "expected '}', got the end of the file"},
        Case{"noKernel", head(), "there is no kernel ''; the module has none"},
        Case{"twice", head() + ".entry k() { ret; }\n.entry k() { ret; }", "already defined"},
        Case{"garbage", head() + "hello", "expected a directive of a module, got 'hello'"},
        Case{"uncovered", body("tex.2d.v4.f32.f32 %r1, %r2;"),
             "test.ptx:5: error: instruction 'tex.2d.v4.f32.f32' is not covered (kernel 'k')"},
        Case{"uncoveredForm", body("add.f8 %r1, %r2, %r3;"), "this form of 'add' is not covered"},
        Case{"wgmma", body("wgmma.fence.sync.aligned;"),
             "'wgmma.fence.sync.aligned': expected a module for sm_90a, got one for sm_90"},
        Case{"undeclared", body("mov.u32 %r1, %x9;"), "'%x9' is not declared"},
        Case{"outOfRange", body("mov.u32 %r1, %r4;"), "'%r4' is not declared"},
        Case{"width", body("add.u32 %r1, %r2, %d1;"),
             "expected a register of 32 bits, got '%d1' of 64"},
        Case{"noPredicate", body("@%r1 ret;"), "expected a predicate, got '%r1' of 32 bits"},
        Case{"label", body("bra nowhere;"), "label 'nowhere' is not defined"},
        Case{"labelTwice", body("a: a:"), "label 'a' is already defined"},
        Case{"registerTwice", body(".reg .b32 x; .reg .b32 x;"), "'x' is already declared"},
        Case{"operandCount", body("add.u32 %r1, %r2;"), "expected 3 operands, got 2"},
        Case{"vectorSize", body("ld.global.v2.u32 {%r1}, [%d1];"), "expected 2 registers, got 1"},
        Case{"tooWide", body("ld.global.v4.u64 {%d1,%d1,%d1,%d1}, [%d1];"), "more than 16 bytes"},
        Case{"floatForInteger", body("add.u32 %r1, %r2, 0d3FF0000000000000;"),
             "expected a number of type .u32"},
        Case{"integerForFloat", body("add.f32 %r1, %r2, 1;"), "expected a number of type .f32"},
        Case{"badNumber", body("mov.u32 %r1, 0xZ;"), "malformed number"},
        Case{"hugeNumber", body("mov.u32 %r1, 99999999999999999999999;"), "malformed number"},
        Case{"nested", body("mov.b32 " + std::string(100000, '{') + ";"), "nested too deeply"},
        Case{"manyRegisters", body(".reg .b32 %x<4294967295>;"), "too many registers"},
        Case{"hugeArray", body(".local .b8 x[99999999999];"), "too large"},
        Case{"hugeLocal", body(".local .b8 x[2000000000];"), "does not fit"},
        Case{"largeLocal", body(".local .b8 x[524287]; .local .b8 y[2];"),
             "variable 'y' of 2 bytes does not fit"},
        Case{"largeParameters", head() + ".entry k(.param .b8 p[32764], .param .b8 q) { ret; }",
             "test.ptx:4: error: expected at most 32764 bytes of parameters, got 32765"},
        Case{"alignment", body(".local .align 3 .b8 x[4];"), "power of two"},
        Case{"storeToConstant",
             head() + ".const .u32 c = 1;\n.entry k() {\nst.const.u32 [c], 1;\n}",
             "test.ptx:6: error: store to constant memory (kernel 'k')"},
        Case{"wrongSpace",
             head() + ".const .u32 c = 1;\n.entry k() { .reg .b32 %r<2>;\n"
                      "ld.global.u32 %r1, [c];\n}",
             "in another state space"},
        Case{"manyValues", head() + ".global .u32 x[2] = {1, 2, 3};",
             "has room for 2 values, got 3"},
        Case{"recursion", head() + ".func f() { call f, (); ret; }\n.entry k() { call f, (); }",
             "recursive calls are not covered"},
        Case{"noFunction", body("call nothing, ();"), "function 'nothing' is not declared"},
        Case{"external", head() + ".extern .func f();\n.entry k() { call f, (); }",
             "function 'f' is not defined in this module"},
        Case{"compare", body("setp.ltu.s32 %p1, %r1, %r2;"), "is for floating-point numbers"},
        Case{"rounding", body("cvt.s32.f32 %r1, %r2;"), "expected a rounding to integers"},
        Case{"parameter",
             head() + ".entry k(.param .u32 p) { .reg .b64 %d<2>;\n"
                      "ld.param.u64 %d1, [p];\n}",
             "outside of the parameter"}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(SyntaxMore, KernelsThatAreNotLaunchedMayHoldAnything) {
  Device device;
  LaunchOptions options;
  options.kernel = "good";
  EXPECT_EQ(device.run(head() + ".entry bad() { tex.2d.v4.f32.f32 %r1, %r2; }\n"
                                ".entry good() { ret; }",
                       options),
            "");
}

TEST(SyntaxMore, DebugInformationIsSkipped) {
  Device device;
  EXPECT_EQ(device.run(head() + R"(
.file 1 "a.cu", 17, 99
.entry k()
.maxntid 128, 1, 1
.minnctapersm 2
{
  .reg .b32 %r<2>; .pragma "nounroll";
  .loc 1 3 5, function_name $L__info, inlined_at 1 9 1
  mov.u32 %r1, 1;
$L__tmp0:
  ret;
}
.section .debug_info { .b32 100 .b8 1, 2
$L__x: .b64 $L__tmp0 }
)",
                       std::vector<uint64_t>{}),
            "");
}

static const char *const sample = R"(.version 8.0
.target sm_90
.address_size 64
.const .align 4 .u32 table[2] = {1, 0x2};
.func (.param .b32 r) twice(.param .b32 x) {
  .reg .b32 %r<3>; ld.param.b32 %r1, [x]; shl.b32 %r2, %r1, 1; st.param.b32 [r], %r2; ret; }
.visible .entry k(.param .u64 .ptr .global .align 4 p) .maxntid 64 {
  .reg .pred %p<4>; .reg .b32 %r<16>; .reg .b64 %rd<8>; .shared .align 16 .b8 s[256];
  ld.param.u64 %rd1, [p]; mov.u32 %r1, %tid.x; mad.wide.u32 %rd2, %r1, 4, %rd1;
  ld.global.nc.L1::no_allocate.L2::128B.u32 %r2, [%rd2]; setp.gt.u32 %p1|%p2, %r1, 7;
  @%p1 bra L; { .param .b32 a; .param .b32 b; st.param.b32 [a], %r2;
  call.uni (b), twice, (a); ld.param.b32 %r2, [b]; }
L: mov.u32 %r3, s; ts: .branchtargets L2, L3; and.b32 %r4, %r1, 1; brx.idx %r4, ts;
L2: shfl.sync.bfly.b32 %r5|%p3, %r2, 1, 31, -1; bra L4;
L3: shfl.sync.bfly.b32 %r5, %r2, 1, 31, -1;
L4: mad.lo.u32 %r6, %r1, 4, %r3; st.shared.u32 [%r6], %r5; bar.sync 0;
  ld.shared.v2.u32 {%r7, _}, [s+8]; add.u32 %r7, %r7, %r5; st.global.u32 [%rd2], %r7; ret; }
)";

/// Whatever the text, there is an answer in little time.
static void survive(const std::string &text) {
  Device device;
  auto module = device.gpu.load(text, "test.ptx");
  if (!module) {
    EXPECT_THAT(llvm::toString(module.takeError()), HasSubstr(": error: "));
    return;
  }
  for (const std::string &name : kernelNames(**module)) {
    LaunchOptions options;
    options.kernel = name;
    options.block[0] = 64;
    options.instructionLimit = 10000;
    options.arguments = {bytesOf(device.allocate(256))};
    llvm::consumeError(device.gpu.launch(**module, options).takeError());
  }
}

TEST(SyntaxMore, KernelsMayUseNoRegister) {
  Device device;
  EXPECT_EQ(device.run(head() + ".entry k() { ret; }", std::vector<uint64_t>{}), "");
}

TEST(SyntaxMore, InliningIsBounded) {
  // Each function calls the one before twice: 2^40 calls.
  std::string text = head() + ".func f0() { ret; }\n";
  for (unsigned i = 1; i < 40; ++i)
    text += llvm::formatv(".func f{0}() {{ call f{1}, (); call f{1}, (); ret; }\n", i, i - 1);
  Device device;
  EXPECT_THAT(device.run(text + ".entry k() { call f39, (); }", std::vector<uint64_t>{}),
              HasSubstr("with all functions inlined has too many instructions"));
}

TEST(SyntaxMore, SampleRuns) {
  Device device;
  uint64_t buffer = device.upload(std::vector<uint32_t>(64, 5));
  EXPECT_EQ(device.run(sample, {buffer}, 64), "");
}

TEST(SyntaxMore, EveryTruncationIsSurvived) {
  std::string text = sample;
  for (size_t length = 0; length < text.size(); ++length)
    survive(text.substr(0, length));
}

TEST(SyntaxMore, RandomChangesAreSurvived) {
  std::mt19937 random(5);
  for (unsigned round = 0; round < 1500; ++round) {
    std::string text = sample;
    for (unsigned change = random() % 5 + 1; change > 0; --change) {
      size_t at = random() % text.size();
      switch (random() % 4) {
      case 0:
        text.erase(at, random() % 9);
        break;
      case 1:
        text[at] = char(random());
        break;
      case 2:
        text.insert(at, text.substr(random() % text.size(), random() % 30));
        break;
      default:
        text[at] = "0123456789%[]{};,.@!|"[random() % 21];
      }
    }
    survive(text);
  }
}
