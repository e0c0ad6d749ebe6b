//===- SanitizerTest.cpp - What the sanitizers find, and what they do not --===//

#include "TestDevice.h"

#include "gmock/gmock.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// A kernel whose body starts in line 9. %r1 is the thread; %r2 and %r3 are the
/// addresses of its words in the two shared arrays of 256 words, %r0 the start of
/// the first; %rd1 is the address of its word in the buffer, %rd0 the start.
static std::string kernel(const std::string &body) {
  return Device::module(
      ".visible .entry k(.param .u64 p) { .shared .align 16 .b8 tile[1024]; .shared .align 16 .b8 "
      "other[1024]; .local .align 4 .b8 stack[16]; "
      ".reg .pred %p<8>; .reg .b32 %r<32>; .reg .f32 %f<8>; .reg .b64 %rd<16>; .reg .b16 %h<4>;\n"
      "ld.param.u64 %rd0, [p]; mov.u32 %r1, %tid.x; mul.wide.u32 %rd1, %r1, 4;\n"
      "add.s64 %rd1, %rd1, %rd0; mov.u32 %r0, tile;\n"
      "shl.b32 %r4, %r1, 2; add.u32 %r2, %r0, %r4; mov.u32 %r3, other;\n"
      "add.u32 %r3, %r3, %r4; setp.lt.u32 %p1, %r1, 32; setp.eq.u32 %p2, %r1, 0;\n" +
      body + "\nret; }");
}

namespace {

struct Options {
  unsigned threads = 64;
  unsigned blocks = 1;
  std::vector<Sanitizer> sanitizers = {std::begin(allSanitizers), std::end(allSanitizers)};
  uint64_t seed = 0;
  bool isReadOnly = false;
  bool isWritten = true;
};

/// What the sanitizers report about a kernel with one buffer of 1024 bytes.
std::vector<std::string> sanitize(const std::string &body, const Options &options = {}) {
  Device device;
  BufferOptions buffer;
  buffer.name = "buffer";
  buffer.bytes = 1024;
  buffer.readOnly = options.isReadOnly;
  if (options.isWritten)
    buffer.contents = [](uint64_t, llvm::MutableArrayRef<uint8_t> bytes) { llvm::fill(bytes, 0); };
  LaunchOptions launch;
  launch.arguments = {bytesOf(device.allocate(std::move(buffer)))};
  launch.block[0] = options.threads;
  launch.grid[0] = options.blocks;
  launch.seed = options.seed;
  for (Sanitizer sanitizer : options.sanitizers)
    launch.sanitizers.insert(sanitizer);
  EXPECT_EQ(device.run(kernel(body), launch), "");
  std::vector<std::string> texts;
  for (const Report &report : device.last.reports)
    texts.push_back(report.text);
  return texts;
}

struct Case {
  const char *name;
  std::string body;
  /// The report, from its line on; empty: there is none.
  std::string expected;
  Options options = {};

  friend void PrintTo(const Case &test, std::ostream *os) { *os << test.name; }
};

} // namespace

class SanitizerCases : public testing::TestWithParam<Case> {};

TEST_P(SanitizerCases, AreReported) {
  const Case &test = GetParam();
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Options options = test.options;
    options.seed = seed;
    std::vector<std::string> reports = sanitize(test.body, options);
    if (test.expected.empty())
      EXPECT_THAT(reports, IsEmpty()) << seed;
    else
      EXPECT_THAT(reports, testing::Contains(HasSubstr(test.expected))) << seed;
  }
}

static auto nameOf = [](const auto &info) { return std::string(info.param.name); };

/// Stores to the thread's word of the tile, in front of the body.
static const std::string store = "st.shared.u32 [%r2], %r1; ";
/// The word of the thread's neighbour.
static const std::string neighbour =
    "xor.b32 %r5, %r4, 4; mov.u32 %r6, tile; add.u32 %r5, %r5, %r6; ";
static const std::string otherWarp =
    "xor.b32 %r5, %r4, 128; mov.u32 %r6, tile; add.u32 %r5, %r5, %r6; ";

INSTANTIATE_TEST_SUITE_P(
    Memory, SanitizerCases,
    testing::Values(
        Case{"past", "ld.global.u32 %r5, [%rd1+1000];",
             "test.ptx:9: error: memory: kernel 'k', block (0, 0, 0), thread (6, 0, 0): "
             "out-of-bounds global load of 4 bytes at 0x"},
        Case{"times", "ld.global.u32 %r5, [%rd1+1000];", "(58 times in all)"},
        Case{"buffer", "st.global.u32 [%rd1+1000], 1;", "0 bytes past the end of 'buffer'"},
        Case{"misaligned", "ld.global.v2.u32 {%r5, %r6}, [%rd1];",
             "misaligned global load of 8 bytes"},
        Case{"readOnly",
             "st.global.u32 [%rd1], 1;",
             "in the read-only buffer 'buffer'",
             {.isReadOnly = true}},
        Case{"atomicReadOnly",
             "red.global.add.u32 [%rd1], 1;",
             "global atomic operation of 4 bytes at",
             {.isReadOnly = true}},
        Case{"shared", "ld.shared.u32 %r5, [%r3+4096];", "out-of-bounds shared load of 4 bytes"},
        Case{"local", "mov.u32 %r5, stack; st.local.u32 [%r5+16], %r1;",
             "out-of-bounds local store of 4 bytes"},
        Case{"parameter", "mov.u64 %rd2, p; cvta.param.u64 %rd2, %rd2; st.u32 [%rd2], 1;",
             "store to a kernel parameter"},
        Case{"copySource", "cp.async.ca.shared.global [%r2], [%rd1+1000], 4; cp.async.wait_all;",
             "out-of-bounds global load of 4 bytes"},
        Case{"copySourceShort",
             "mov.u32 %r5, 2; add.s64 %rd2, %rd0, 1020; @%p2 cp.async.ca.shared.global [%r2], "
             "[%rd2], 4, %r5; cp.async.wait_all;",
             ""},
        Case{"copyMisaligned", "@%p2 cp.async.ca.shared.global [%r2], [%rd1+2], 4;",
             "misaligned global load of 4 bytes"},
        Case{"ldmatrix", "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r5}, [%r3];",
             "misaligned shared load of 16 bytes"}),
    nameOf);

INSTANTIATE_TEST_SUITE_P(
    Init, SanitizerCases,
    testing::Values(
        Case{"global",
             "ld.global.u32 %r5, [%rd1];",
             "test.ptx:9: error: init: kernel 'k', block (0, 0, 0), thread (0, 0, 0): reads 4 "
             "bytes at 0x",
             {.isWritten = false}},
        Case{"globalBuffer",
             "ld.global.u32 %r5, [%rd1];",
             "byte 0 of 'buffer' (1024 bytes at",
             {.isWritten = false}},
        Case{"globalAfterStore",
             "st.global.u32 [%rd1], 1; ld.global.u32 %r5, [%rd1];",
             "",
             {.isWritten = false}},
        Case{"atomic",
             "red.global.add.u32 [%rd1], 1;",
             "never written: byte 0 of 'buffer'",
             {.isWritten = false}},
        Case{"atomicAfterStore",
             "st.global.u32 [%rd1], 1; red.global.add.u32 [%rd1], 1;",
             "",
             {.isWritten = false}},
        Case{"generatedContents", "ld.global.u32 %r5, [%rd1];", ""},
        Case{"shared", "ld.shared.u32 %r5, [%r2];",
             "of which all were never written: byte 0 of shared variable 'tile'"},
        Case{"sharedPartly", "st.shared.u8 [%r2+1], %r1; ld.shared.u32 %r5, [%r2];",
             "of which 3 were never written"},
        Case{"sharedWritten", store + "ld.shared.u32 %r5, [%r2];", ""},
        Case{"sharedGeneric",
             "cvt.u64.u32 %rd2, %r2; cvta.shared.u64 %rd2, %rd2; ld.u32 %r5, [%rd2];",
             "byte 0 of shared variable 'tile'"},
        Case{"local", "mov.u32 %r5, stack; ld.local.u32 %r6, [%r5];", "byte 0 of local memory"},
        Case{"localOfAnotherThread",
             "mov.u32 %r5, stack; @!%p2 st.local.u32 [%r5], %r1; ld.local.u32 %r6, [%r5];",
             "thread (0, 0, 0): reads 4 bytes at 0x0"},
        Case{"copied",
             "cp.async.ca.shared.global [%r2], [%rd1], 4; cp.async.wait_all; ld.shared.u32 %r5, "
             "[%r2];",
             ""},
        Case{"copiedNotCommitted",
             "cp.async.ca.shared.global [%r2], [%rd1], 4; cp.async.wait_group 0; ld.shared.u32 "
             "%r5, [%r2];",
             "error: init:"},
        Case{"copyOfUnwritten",
             "cp.async.ca.shared.global [%r2], [%rd1], 4; cp.async.wait_all;",
             "byte 0 of 'buffer'",
             {.isWritten = false}},
        Case{"ofAnotherBlock",
             "setp.eq.u32 %p3, %r1, 1; @%p2 st.global.u32 [%rd1], 1; @%p3 "
             "ld.global.u32 %r5, [%rd1];",
             "thread (1, 0, 0): reads 4 bytes",
             {.blocks = 3, .isWritten = false}}),
    nameOf);

/// Thread 0 hands a word to thread 32, which spins for a flag.
static std::string handOver(const std::string &before, const std::string &after) {
  return "@%p2 st.shared.u32 [%r0+4], 0; bar.sync 0; setp.eq.u32 %p3, %r1, 32; @%p2 st.shared.u32 "
         "[%r0], 7; " +
         before +
         "@%p2 atom.shared.exch.b32 %r5, [%r0+4], 1; @!%p3 bra end; again: "
         "atom.shared.or.b32 %r5, [%r0+4], 0; setp.eq.u32 %p4, %r5, 0; @%p4 bra again; " +
         after + "ld.shared.u32 %r6, [%r0]; end: ";
}

INSTANTIATE_TEST_SUITE_P(
    Race, SanitizerCases,
    testing::Values(
        Case{"readAfterWrite", store + neighbour + "ld.shared.u32 %r7, [%r5];",
             " with no barrier between"},
        Case{"readAfterWriteNote", store + "\n" + neighbour + "ld.shared.u32 %r7, [%r5];",
             "test.ptx:9: note: thread (1, 0, 0) writes it here"},
        Case{"barrier", store + "bar.sync 0; " + otherWarp + "ld.shared.u32 %r7, [%r5];", ""},
        Case{"ownWord", store + "ld.shared.u32 %r7, [%r2]; st.shared.u32 [%r2], %r7;", ""},
        Case{"warpBarrier",
             store + "bar.warp.sync 0xffffffff; " + neighbour + "ld.shared.u32 %r7, [%r5];", ""},
        Case{"warpBarrierIsNotEnough",
             store + "bar.warp.sync 0xffffffff; " + otherWarp + "ld.shared.u32 %r7, [%r5];",
             "error: race:"},
        Case{"warpBarrierOfOthers",
             store +
                 "and.b32 %r8, %r1, 1; mov.u32 %r9, 0x55555555; shl.b32 %r9, %r9, %r8; "
                 "bar.warp.sync %r9; " +
                 neighbour + "ld.shared.u32 %r7, [%r5];",
             "error: race:"},
        Case{"writeAfterRead",
             store + "bar.sync 0; " + otherWarp +
                 "ld.shared.u32 %r7, [%r5]; st.shared.u32 [%r2], %r7;",
             "error: race:"},
        Case{"writeAfterReadBarrier",
             store + "bar.sync 0; " + otherWarp +
                 "ld.shared.u32 %r7, [%r5]; bar.sync 0; st.shared.u32 [%r2], %r7;",
             ""},
        Case{"writeAfterWrite", "st.shared.u32 [%r0], %r1;", "writes 4 bytes at 0x400, byte 0 of"},
        Case{"sameValue", "st.shared.u32 [%r0], 5;", ""},
        Case{"sameValueOfHalves",
             "cvt.u16.u32 %h1, %r1; and.b16 %h1, %h1, 0; st.shared.v2.u16 [%r0], {%h1, %h1};", ""},
        Case{"otherValueInVector", "mov.u32 %r5, 0; st.shared.v2.u32 [%r0], {%r5, %r1};",
             "byte 0 of"},
        Case{"sameValueOfTwoInstructions",
             "@%p1 st.shared.u32 [%r0], 5; @!%p1 st.shared.u32 [%r0], 5;", "error: race:"},
        Case{"neighbouringBytes",
             "add.u32 %r5, %r0, %r1; st.shared.u8 [%r5], %r1; st.shared.u32 [%r3], %r1;", ""},
        Case{"atomics", "@%p2 st.shared.u32 [%r0], 0; bar.sync 0; red.shared.add.u32 [%r0], 1;",
             ""},
        Case{"atomicAndLoad",
             "@%p2 st.shared.u32 [%r0], 0; bar.sync 0; red.shared.add.u32 [%r0], 1; ld.shared.u32 "
             "%r5, [%r0];",
             "error: race:"},
        Case{"volatiles",
             "@%p2 st.shared.u32 [%r0], 0; bar.sync 0; @%p2 st.volatile.shared.u32 [%r0], 1; "
             "ld.volatile.shared.u32 %r5, [%r0];",
             ""},
        Case{"compareAndSwapLoop",
             "@%p2 st.shared.u32 [%r0], 0; bar.sync 0; ld.shared.u32 %r5, [%r0]; again: mov.u32 "
             "%r6, %r5; add.u32 %r7, %r6, 1; atom.shared.cas.b32 %r5, [%r0], %r6, %r7; "
             "setp.ne.u32 %p3, %r5, %r6; @%p3 bra again;",
             ""},
        Case{"globalLoadBesideAtomics", "red.global.add.u32 [%rd0], 1; ld.global.u32 %r5, [%rd0];",
             ""},
        Case{"globalStoreBesideAtomics", "red.global.add.u32 [%rd0], 1; st.global.u32 [%rd0], %r1;",
             "error: race:"},
        Case{"fencesAndAtomics", handOver("membar.cta; ", "membar.cta; "), ""},
        Case{"atomicsWithoutFence", handOver("", ""), "error: race:"},
        Case{"namedBarriers",
             "@%p1 " + store +
                 "@!%p1 bra consumer; bar.arrive 1, 64; bra end; consumer: bar.sync "
                 "1, 64; " +
                 otherWarp + "ld.shared.u32 %r7, [%r5]; end: ",
             ""},
        Case{"namedBarrierArrivesEarly",
             "@!%p1 bra consumer; bar.arrive 1, 64; " + store +
                 "bra end; consumer: bar.sync 1, 64; " + otherWarp +
                 "ld.shared.u32 %r7, [%r5]; end: ",
             "error: race:"},
        Case{"barrierOfOneWarp",
             store + "@%p1 bar.sync 1, 32; " + otherWarp + "ld.shared.u32 %r7, [%r5];",
             "error: race:"},
        Case{"global",
             "st.global.u32 [%rd1], %r1; xor.b32 %r5, %r1, 32; mul.wide.u32 %rd2, %r5, 4; "
             "add.s64 %rd2, %rd2, %rd0; ld.global.u32 %r6, [%rd2];",
             "of 'buffer' (1024 bytes at"},
        Case{"globalBarrier",
             "st.global.u32 [%rd1], %r1; bar.sync 0; xor.b32 %r5, %r1, 32; mul.wide.u32 %rd2, "
             "%r5, 4; add.s64 %rd2, %rd2, %rd0; ld.global.u32 %r6, [%rd2];",
             ""},
        Case{"copyNotWaitedFor",
             "cp.async.ca.shared.global [%r2], [%rd1], 4; cp.async.commit_group; ld.shared.u32 "
             "%r5, [%r2];",
             "is still copying to them: its cp.async has not been waited for"},
        Case{"copyWaitTooShort",
             "cp.async.ca.shared.global [%r2], [%rd1], 4; cp.async.commit_group; "
             "cp.async.wait_group 1; ld.shared.u32 %r5, [%r2];",
             "is still copying to them"},
        Case{"copyWait",
             "cp.async.ca.shared.global [%r2], [%rd1], 4; cp.async.commit_group; "
             "cp.async.wait_group 0; ld.shared.u32 %r5, [%r2];",
             ""},
        Case{"copyPipeline",
             "cp.async.ca.shared.global [%r2], [%rd1], 4; cp.async.commit_group; "
             "cp.async.ca.shared.global [%r3], [%rd1], 4; cp.async.commit_group; "
             "cp.async.wait_group 1; bar.sync 0; " +
                 otherWarp +
                 "ld.shared.u32 %r7, [%r5]; cp.async.wait_group 0; bar.sync 0; ld.shared.u32 %r7, "
                 "[%r5+1024];",
             ""},
        Case{"copyWaitedButNoBarrier",
             "cp.async.ca.shared.global [%r2], [%rd1], 4; cp.async.wait_all; " + otherWarp +
                 "ld.shared.u32 %r7, [%r5];",
             "error: race:"},
        Case{"copyWaitAfterBarrier",
             "cp.async.ca.shared.global [%r2], [%rd1], 4; bar.sync 0; cp.async.wait_all; " +
                 otherWarp + "ld.shared.u32 %r7, [%r5];",
             "error: race:"},
        Case{"copyOverRead",
             store + "bar.sync 0; " + otherWarp +
                 "ld.shared.u32 %r7, [%r5]; cp.async.ca.shared.global [%r2], [%rd1], 4;",
             "error: race:"},
        Case{"copyTwice",
             "cp.async.ca.shared.global [%r2], [%rd1], 4; cp.async.ca.shared.global [%r2], "
             "[%rd1], 4;",
             "writes 4 bytes"},
        Case{"blocksHaveTheirOwn", store, "", {.blocks = 20}}),
    nameOf);

INSTANTIATE_TEST_SUITE_P(
    Sync, SanitizerCases,
    testing::Values(
        Case{"divergentInWarp", "@%p2 bar.sync 0;",
             "divergent barrier: threads 1 to 31 of the same warp are elsewhere"},
        Case{"exitBefore", "@%p1 exit; bar.sync 0;",
             "barrier 0 of all threads is complete without threads 0 to 31, which have exited"},
        Case{"exitBeforeInWarp", "@%p2 exit; bar.sync 0;",
             "is complete without thread 0, which has exited"},
        Case{"nobodyIsLeft", "exit; bar.sync 0;", ""},
        Case{"unaligned", "@%p2 barrier.sync 0; @!%p2 barrier.sync 0;", ""},
        Case{"wholeWarps", "@%p1 bar.sync 1, 32; bar.sync 0;", ""},
        Case{"partialWarp", "bar.sync 0; bar.warp.sync 0xffffffff;", "", {.threads = 40}},
        Case{"twoBarriers", "@%p1 bar.sync 1; @!%p1 bar.sync 0;",
             "test.ptx:9: error: sync: kernel 'k', block (0, 0, 0), thread (0, 0, 0): deadlock: "
             "threads 0 "
             "to 31 wait at barrier 1 of line 9, threads 32 to 63 wait at barrier 0 of line 9"},
        Case{"count", "bar.sync 0, 33;", "multiple of 32, got 33"},
        Case{"tooFew", "@%p1 bar.sync 0, 64;",
             "deadlock: threads 0 to 31 wait at barrier 0 of line 9, threads 32 to 63 have exited"},
        Case{"missingLane", "@!%p2 bar.warp.sync 0xffffffff; @%p2 exit;",
             "the member mask 0xffffffff names thread 0, which exited before"},
        Case{"notAMember", "bar.warp.sync 0xfffffffe;", "the thread is not in its own member mask"},
        Case{"waitsForLane", "@%p2 bar.sync 1, 64; @!%p2 bar.warp.sync 0xffffffff;",
             "at the warp-wide instruction of line 9 for thread 0"},
        Case{"masksDiffer", "mov.u32 %r5, 0xffffffff; @%p2 mov.u32 %r5, 0x3; bar.warp.sync %r5;",
             "names thread 1, which gave another mask"},
        Case{"shuffle", "@!%p1 exit; @!%p2 shfl.sync.idx.b32 %r5, %r1, 0, 31, 0xfffffffe;",
             "gets the value of lane 0, which does not take part in the shuffle"},
        Case{"groups",
             "and.b32 %r8, %r1, 1; mov.u32 %r9, 0x55555555; shl.b32 %r9, %r9, %r8; "
             "shfl.sync.bfly.b32 %r5, %r1, 2, 31, %r9;",
             ""},
        Case{"shuffleWhole", "shfl.sync.idx.b32 %r5, %r1, 0, 31, 0xffffffff;", ""},
        Case{"matrix", "@!%p2 ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r5}, [%r0];",
             "a matrix instruction needs all 32 threads of the warp, got 31"}),
    nameOf);

TEST(Sanitizers, OnlyThoseThatAreAskedForReport) {
  const std::string others = store +
                             "ld.shared.u32 %r5, [%r3]; @%p1 st.shared.u32 [%r3+512], %r1; @!%p1 "
                             "st.shared.u32 [%r3+384], %r1; @!%p2 bar.warp.sync 0xffffffff; ";
  for (Sanitizer sanitizer : allSanitizers) {
    // Without the memory sanitizer a stray access would end the launch.
    std::string body =
        others + (sanitizer == Sanitizer::memory ? "ld.global.u32 %r5, [%rd1+1024]; @%p2 exit;"
                                                 : "@%p2 exit;");
    EXPECT_THAT(sanitize(body, {.sanitizers = {sanitizer}}),
                ElementsAre(HasSubstr("error: " + toString(sanitizer).str() + ": ")));
  }
}

TEST(Sanitizers, ReportAFaultThatNoneLooksFor) {
  EXPECT_THAT(sanitize("trap;"), ElementsAre(HasSubstr("ran into a trap")));
  EXPECT_THAT(sanitize("ld.global.u32 %r5, [%rd1+1024];", {.sanitizers = {Sanitizer::race}}),
              ElementsAre(StartsWith("test.ptx:9: error: kernel 'k'")));
}

TEST(Sanitizers, ReportEachFaultOnce) {
  EXPECT_THAT(sanitize("ld.global.u32 %r5, [%rd1+1024];\nld.global.u32 %r5, [%rd1+1024];\n"
                       "ld.global.u32 %r5, [%rd1+1024];",
                       {.blocks = 10}),
              ElementsAre(AllOf(StartsWith("test.ptx:9:"), HasSubstr("640 times in all")),
                          StartsWith("test.ptx:10:"), StartsWith("test.ptx:11:")));
}

TEST(Sanitizers, AStrayStoreChangesNothingAndALoadGivesPoison) {
  Device device;
  uint64_t buffer = device.upload<uint32_t>(std::vector<uint32_t>(256, 1));
  LaunchOptions launch;
  launch.arguments = {bytesOf(buffer)};
  launch.block[0] = 2;
  launch.sanitizers.insert(Sanitizer::memory);
  ASSERT_EQ(device.run(kernel("@%p2 st.global.u32 [%rd1+1024], 5; mul.wide.u32 %rd2, %r1, 1024; "
                              "add.s64 %rd2, %rd2, %rd0; ld.global.u32 %r5, [%rd2]; st.global.u32 "
                              "[%rd1], %r5;"),
                       launch),
            "");
  EXPECT_THAT(device.download<uint32_t>(buffer, 3), ElementsAre(1, 0x7FF57FF5, 1));
  EXPECT_EQ(device.last.reports.size(), 2u);
}

TEST(Sanitizers, NoteTheSourceLine) {
  Device device;
  LaunchOptions launch;
  launch.sanitizers.insert(Sanitizer::memory);
  ASSERT_EQ(device.run(".version 8.0\n.target sm_90\n.address_size 64\n.file 1 \"conv.cu\"\n"
                       ".entry k() {\n.reg .b32 %r<2>;\n.loc 1 17 3\nld.global.u32 %r1, [16];\n"
                       "ret; }",
                       launch),
            "");
  ASSERT_EQ(device.last.reports.size(), 1u);
  EXPECT_EQ(device.last.reports[0].line, 8u);
  EXPECT_THAT(device.last.reports[0].text,
              HasSubstr("\nconv.cu:17:3: note: line 8 was compiled from here"));
}

TEST(Sanitizers, HaveNames) {
  for (Sanitizer sanitizer : allSanitizers)
    EXPECT_EQ(parseSanitizer(toString(sanitizer)), sanitizer);
  EXPECT_EQ(parseSanitizer("leak"), std::nullopt);
}
