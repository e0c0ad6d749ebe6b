//===- WarpInstructionTest.cpp - Warp-wide and atomic instructions --------===//

#include "TestDevice.h"

#include "llvm/Support/FormatVariadic.h"

#include <numeric>
#include <random>

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;

/// Runs `body` in one warp: %r0 is the lane's word of `in`, %r1 the lane; what it
/// leaves in %r9 is returned, by lane.
static std::vector<uint32_t> run(const std::string &body, const std::vector<uint32_t> &in,
                                 unsigned threads = 32) {
  Device device;
  uint64_t from = device.upload(in), to = device.allocate(threads * 4);
  std::string ptx = Device::module(R"(
.visible .entry k(.param .u64 in, .param .u64 out) {
  .reg .pred %p<8>; .reg .b32 %r<16>; .reg .b64 %rd<8>;
  ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
  mov.u32 %r1, %tid.x;
  mul.wide.u32 %rd3, %r1, 4;
  add.s64 %rd1, %rd1, %rd3; add.s64 %rd2, %rd2, %rd3;
  ld.global.u32 %r0, [%rd1];
)" + body + "\nst.global.u32 [%rd2], %r9;\nret;\n}\n");
  EXPECT_EQ(device.run(ptx, {from, to}, threads), "") << body;
  return device.download<uint32_t>(to, threads);
}

static std::vector<uint32_t> someWords(unsigned count = 32) {
  std::mt19937 random(3);
  std::vector<uint32_t> words(count);
  for (uint32_t &word : words)
    word = uint32_t(random());
  return words;
}

TEST(WarpInstruction, ShufflesOfAllModesAndSegments) {
  std::vector<uint32_t> in = someWords();
  for (const char *mode : {"up", "down", "bfly", "idx"})
    for (unsigned b : {0u, 1u, 5u, 16u, 31u, 33u})
      for (unsigned segment : {32u, 16u, 8u, 4u}) {
        // As __shfl_*_sync makes the operand for a width.
        unsigned c = (32 - segment) << 8 | (mode[0] == 'u' ? 0 : 31);
        std::string text = "shfl.sync." + std::string(mode) + ".b32 %r9|%p1, %r0, " +
                           std::to_string(b) + ", " + std::to_string(c) +
                           ", -1;\n@!%p1 xor.b32 %r9, %r9, 1;";
        std::vector<uint32_t> result = run(text, in);
        for (int lane = 0; lane < 32; ++lane) {
          int first = lane / int(segment) * int(segment), last = first + int(segment) - 1;
          int shift = int(b % 32);
          int from = mode[0] == 'u'   ? lane - shift
                     : mode[0] == 'd' ? lane + shift
                     : mode[0] == 'b' ? lane ^ shift
                                      : first + shift % int(segment);
          bool inside = from >= first && from <= last;
          // A butterfly below its segment is inside: only the upper end counts.
          if (mode[0] == 'b' && from < first)
            inside = true;
          uint32_t expected = inside ? in[size_t(from)] : in[size_t(lane)] ^ 1;
          ASSERT_EQ(result[size_t(lane)], expected) << text << " lane " << lane;
        }
      }
}

TEST(WarpInstruction, VotesAndMatches) {
  std::vector<uint32_t> in(32);
  for (uint32_t i = 0; i < 32; ++i)
    in[i] = i % 3;
  uint32_t zeros = 0;
  for (uint32_t i = 0; i < 32; i += 3)
    zeros |= 1u << i;
  auto all = [](uint32_t value) { return std::vector<uint32_t>(32, value); };
  std::string isZero = "setp.eq.u32 %p1, %r0, 0;\n";
  EXPECT_EQ(run(isZero + "vote.sync.ballot.b32 %r9, %p1, -1;", in), all(zeros));
  EXPECT_EQ(run(isZero + "vote.sync.ballot.b32 %r9, !%p1, -1;", in), all(~zeros));
  auto vote = [&](const std::string &mode, const std::string &condition) {
    return run("setp." + condition + ".u32 %p1, %r0, 3;\nvote.sync." + mode +
                   ".pred %p2, %p1, -1; selp.u32 %r9, 1, 0, %p2;",
               in);
  };
  EXPECT_EQ(vote("all", "lt"), all(1));
  EXPECT_EQ(vote("all", "eq"), all(0));
  EXPECT_EQ(vote("any", "eq"), all(0));
  EXPECT_EQ(vote("any", "lt"), all(1));
  EXPECT_EQ(vote("uni", "eq"), all(1));
  EXPECT_EQ(run(isZero + "vote.sync.uni.pred %p2, %p1, -1; selp.u32 %r9, 1, 0, %p2;", in), all(0));
  std::vector<uint32_t> same(32);
  for (uint32_t i = 0; i < 32; ++i)
    for (uint32_t j = 0; j < 32; ++j)
      same[i] |= uint32_t(in[j] == in[i]) << j;
  EXPECT_EQ(run("match.any.sync.b32 %r9, %r0, -1;", in), same);
  EXPECT_EQ(run("cvt.u64.u32 %rd4, %r0; shl.b64 %rd4, %rd4, 40; "
                "match.any.sync.b64 %r9, %rd4, -1;",
                in),
            same);
  EXPECT_EQ(run("match.all.sync.b32 %r9|%p1, %r0, -1;", in), all(0));
  EXPECT_EQ(run("match.all.sync.b32 %r9|%p1, 7, -1; @!%p1 mov.u32 %r9, 0;", in), all(~0u));
}

TEST(WarpInstruction, ReductionsOfSomeLanes) {
  std::vector<uint32_t> in = someWords();
  const std::pair<const char *, uint32_t (*)(uint32_t, uint32_t)> operations[] = {
      {"add.u32", [](uint32_t a, uint32_t b) { return a + b; }},
      {"min.u32", [](uint32_t a, uint32_t b) { return std::min(a, b); }},
      {"max.u32", [](uint32_t a, uint32_t b) { return std::max(a, b); }},
      {"min.s32", [](uint32_t a, uint32_t b) { return int32_t(a) < int32_t(b) ? a : b; }},
      {"max.s32", [](uint32_t a, uint32_t b) { return int32_t(a) > int32_t(b) ? a : b; }},
      {"and.b32", [](uint32_t a, uint32_t b) { return a & b; }},
      {"or.b32", [](uint32_t a, uint32_t b) { return a | b; }},
      {"xor.b32", [](uint32_t a, uint32_t b) { return a ^ b; }}};
  for (const auto &[name, reduce] : operations) {
    // The even lanes among themselves, then the odd ones.
    std::vector<uint32_t> result = run("and.b32 %r2, %r1, 1; setp.eq.u32 %p1, %r2, 0;\n"
                                       "@%p1 redux.sync." +
                                           std::string(name) +
                                           " %r9, %r0, 0x55555555;\n"
                                           "@!%p1 redux.sync." +
                                           std::string(name) + " %r9, %r0, 0xAAAAAAAA;",
                                       in);
    for (uint32_t parity : {0u, 1u}) {
      uint32_t expected = in[parity];
      for (uint32_t i = parity + 2; i < 32; i += 2)
        expected = reduce(expected, in[i]);
      for (uint32_t i = parity; i < 32; i += 2)
        ASSERT_EQ(result[i], expected) << name << " " << i;
    }
  }
}

TEST(WarpInstruction, MasksOfLanes) {
  std::vector<uint32_t> in = someWords();
  std::vector<uint32_t> active =
      run("setp.lt.u32 %p1, %r1, 5; @%p1 bra few; activemask.b32 %r9; bra end; "
          "few: activemask.b32 %r9; end:",
          in);
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(active[i], i < 5 ? 31u : ~31u);
  std::vector<uint32_t> elected =
      run("mov.u32 %r9, 7; setp.ge.u32 %p2, %r1, 4;\n"
          "@%p2 elect.sync %r2|%p1, 0xFFFFFFF0;\n@%p2 selp.u32 %r9, 100, 0, %p1;\n"
          "@%p2 add.u32 %r9, %r9, %r2;",
          in);
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(elected[i], i < 4 ? 7u : i == 4 ? 104u : 4u);
  std::vector<uint32_t> masks =
      run("mov.u32 %r2, %lanemask_lt; mov.u32 %r3, %lanemask_ge; xor.b32 %r4, %r2, %r3; "
          "mov.u32 %r5, %lanemask_eq; mov.u32 %r6, %laneid; shl.b32 %r7, 1, %r6; "
          "sub.u32 %r5, %r5, %r7; add.u32 %r9, %r4, %r5;",
          in);
  EXPECT_EQ(masks, std::vector<uint32_t>(32, ~0u));
}

TEST(WarpInstruction, AThreadOutsideOfItsMaskIsAFault) {
  Device device;
  EXPECT_NE(device
                .run(Device::module(".entry k() { .reg .b32 %r<4>;\n"
                                    "redux.sync.add.u32 %r1, 1, 0xFFFFFFFE;\nret; }"),
                     std::vector<uint64_t>{})
                .find("not in its own member mask"),
            std::string::npos);
}

TEST(WarpInstruction, AtomicsOfAllOperations) {
  using Compute = uint64_t (*)(uint64_t old, uint64_t b);
  struct Row {
    const char *name;
    unsigned bits;
    uint64_t start, b;
    Compute compute;
  };
  const Row rows[] = {
      {"add.u32", 32, 5, 7, [](uint64_t o, uint64_t b) { return uint64_t(uint32_t(o + b)); }},
      {"add.s32", 32, 0xFFFFFFFF, 2,
       [](uint64_t o, uint64_t b) { return uint64_t(uint32_t(o + b)); }},
      {"add.u64", 64, 1, 1ull << 60, [](uint64_t o, uint64_t b) { return o + b; }},
      {"and.b32", 32, 0xF0F0, 0xFF00, [](uint64_t o, uint64_t b) { return o & b; }},
      {"or.b64", 64, 0xF0F0, 0xFFull << 40, [](uint64_t o, uint64_t b) { return o | b; }},
      {"xor.b32", 32, 0xF0F0, 0xFF, [](uint64_t o, uint64_t b) { return o ^ b; }},
      {"exch.b32", 32, 3, 9, [](uint64_t, uint64_t b) { return b; }},
      {"exch.b64", 64, 3, 9ull << 40, [](uint64_t, uint64_t b) { return b; }},
      {"min.u32", 32, 5, 0xFFFFFFFF, [](uint64_t o, uint64_t b) { return std::min(o, b); }},
      {"min.s32", 32, 5, 0xFFFFFFFF, [](uint64_t, uint64_t b) { return b; }},
      {"max.u64", 64, 5, 1ull << 63, [](uint64_t o, uint64_t b) { return std::max(o, b); }},
      {"max.s64", 64, 5, 1ull << 63, [](uint64_t o, uint64_t) { return o; }},
      {"inc.u32", 32, 3, 4, [](uint64_t o, uint64_t b) { return o >= b ? 0 : o + 1; }},
      {"dec.u32", 32, 1, 4, [](uint64_t o, uint64_t b) { return o == 0 || o > b ? b : o - 1; }},
      {"add.f32", 32, 0x3F800000, 0x3E800000,
       [](uint64_t o, uint64_t b) {
         return uint64_t(llvm::bit_cast<uint32_t>(llvm::bit_cast<float>(uint32_t(o)) +
                                                  llvm::bit_cast<float>(uint32_t(b))));
       }},
      {"add.f64", 64, 0x3FF0000000000000, 0x3FE0000000000000, [](uint64_t o, uint64_t b) {
         return llvm::bit_cast<uint64_t>(llvm::bit_cast<double>(o) + llvm::bit_cast<double>(b));
       }}};
  for (const Row &row : rows)
    for (const char *space : {"global", "shared"}) {
      std::string type = ".b" + std::to_string(row.bits);
      std::string r = row.bits == 64 ? "%rd" : "%r";
      bool isFloat = llvm::StringRef(row.name).contains(".f");
      auto number = [&](uint64_t bits) {
        if (!isFloat)
          return std::to_string(bits);
        return llvm::formatv(row.bits == 64 ? "0d{0:X-16}" : "0f{0:X-8}", bits).str();
      };
      // Ten lanes on one cell; the old values are a walk from the start.
      std::string ptx = Device::module(
          ".shared .align 8 .b8 cell[8];\n.visible .entry k(.param .u64 p) {\n"
          ".reg .b32 %r<8>; .reg .b64 %rd<8>; .reg .pred %p<2>;\n"
          "ld.param.u64 %rd1, [p]; mov.u32 %r1, %tid.x; mad.wide.u32 %rd2, %r1, 8, %rd1;\n" +
          std::string(space[0] == 's' ? "mov.u64 %rd3, cell;" : "mov.b64 %rd3, %rd1;") + "\n" +
          "st." + space + type + " [%rd3], " + std::to_string(row.start) + ";\n" + "atom." + space +
          "." + row.name + " " + r + "5, [%rd3], " + number(row.b) + ";\nst.global" + type +
          " [%rd2+8], " + r + "5;\nbar.warp.sync -1;\nsetp.eq.u32 %p1, %r1, 0;\n@%p1 red." + space +
          "." + row.name + " [%rd3], " + number(row.b) + ";\nld." + space + type + " " + r +
          "6, [%rd3];\nst.global" + type + " [%rd1], " + r + "6;\nret; }");
      bool canReduce = std::string(row.name).substr(0, 4) != "exch";
      if (!canReduce)
        ptx.replace(ptx.find("@%p1 red"),
                    ptx.find("ld." + std::string(space) + type) - ptx.find("@%p1 red"), "");
      Device device;
      uint64_t out = device.allocate(11 * 8);
      ASSERT_EQ(device.run(ptx, {out}, 10), "") << ptx;
      std::vector<uint64_t> result = device.download<uint64_t>(out, 11);
      uint64_t mask = row.bits == 64 ? ~0ull : 0xFFFFFFFF, value = row.start;
      for (unsigned lane = 0; lane < 10; ++lane) {
        ASSERT_EQ(result[lane + 1] & mask, value) << row.name << " " << lane;
        value = row.compute(value, row.b);
      }
      if (canReduce)
        value = row.compute(value, row.b);
      EXPECT_EQ(result[0] & mask, value) << row.name;
    }
}

TEST(WarpInstruction, AtomicHalvesAndSwaps) {
  std::vector<uint32_t> in(32, 0x3C004000);
  Device device;
  uint64_t cells = device.upload(std::vector<uint32_t>{0, 0, 5, 0});
  ASSERT_EQ(device.run(Device::module(R"(
.visible .entry k(.param .u64 p) {
  .reg .b16 %h<4>; .reg .b32 %r<8>; .reg .b64 %rd<4>;
  ld.param.u64 %rd1, [p];
  mov.u32 %r1, %tid.x;
  mov.b32 %r2, 0x3C004000;
  red.global.add.noftz.f16x2 [%rd1], %r2;
  mov.b16 %h1, 0x3F80;
  atom.global.add.noftz.bf16 %h2, [%rd1+4], %h1;
  add.u32 %r3, %r1, 5;
  add.u32 %r4, %r1, 6;
  atom.global.cas.b32 %r5, [%rd1+8], %r3, %r4;
  atom.relaxed.gpu.global.add.u32 _, [%rd1+12], 1;
  ret;
})"),
                       {cells}, 8),
            "");
  std::vector<uint32_t> result = device.download<uint32_t>(cells, 4);
  EXPECT_EQ(result[0], 0x48004C00u); // 8 * 1 and 8 * 2 as f16
  EXPECT_EQ(result[1], 0x4100u);     // 8 as bf16
  EXPECT_EQ(result[2], 13u);         // each lane found what the one before left
  EXPECT_EQ(result[3], 8u);
}
