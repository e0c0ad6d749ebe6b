//===- ExecutionTest.cpp - Control flow, barriers, memory of kernels ------===//

#include "TestDevice.h"

#include <atomic>
#include <cmath>
#include <numeric>

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;

/// A kernel with one pointer parameter; %rd1 is the address of the thread's
/// 32-bit word in it, %r1 its index in the grid, %r2 in the block.
static std::string kernel(const std::string &body, const std::string &declarations = "") {
  return Device::module(declarations + R"(
.visible .entry k(.param .u64 .ptr .global .align 4 k_param_0) {
  .reg .pred %p<16>; .reg .b16 %rs<16>; .reg .b32 %r<64>; .reg .f32 %f<32>; .reg .b64 %rd<32>;
  ld.param.u64 %rd0, [k_param_0];
  cvta.to.global.u64 %rd0, %rd0;
  mov.u32 %r2, %tid.x;
  mov.u32 %r3, %ctaid.x;
  mov.u32 %r4, %ntid.x;
  mad.lo.s32 %r1, %r3, %r4, %r2;
  mul.wide.u32 %rd1, %r1, 4;
  add.s64 %rd1, %rd0, %rd1;
)" + body + R"(
  ret;
}
)");
}

static std::vector<uint32_t> run(const std::string &ptx, unsigned threads = 32, unsigned blocks = 1,
                                 uint64_t seed = 0) {
  Device device;
  uint64_t out = device.allocate(threads * blocks * 4);
  EXPECT_EQ(device.run(ptx, {out}, threads, blocks, seed), "");
  return device.download<uint32_t>(out, threads * blocks);
}

TEST(Execution, EveryThreadOfEveryBlockRunsOnce) {
  std::vector<uint32_t> result = run(kernel("st.global.u32 [%rd1], %r1;"), 96, 300);
  std::vector<uint32_t> expected(result.size());
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(result, expected);
}

TEST(Execution, PartialWarpsHaveNoOtherThreads) {
  Device device;
  uint64_t out = device.allocate(64 * 4);
  ASSERT_EQ(device.run(kernel("st.global.u32 [%rd1], 7;"), {out}, 40), "");
  std::vector<uint8_t> written(64 * 4);
  ASSERT_FALSE(Device::errorText(device.gpu.written(out, written)));
  for (size_t i = 0; i < written.size(); ++i)
    EXPECT_EQ(written[i], i < 40 * 4) << i;
  // What was not written is a NaN.
  std::vector<float> values = device.download<float>(out, 64);
  EXPECT_TRUE(std::isnan(values[40]));
}

TEST(Execution, DivergentPathsMergeAgain) {
  // Each lane loops as often as its index; all meet at a warp-wide count after it.
  std::vector<uint32_t> result = run(kernel(R"(
    mov.u32 %r10, 0; mov.u32 %r11, 0;
  loop:
    setp.ge.u32 %p1, %r10, %r2;
    @%p1 bra done;
    add.u32 %r11, %r11, %r10;
    add.u32 %r10, %r10, 1;
    bra loop;
  done:
    and.b32 %r12, %r2, 1;
    setp.eq.u32 %p2, %r12, 0;
    @%p2 bra even;
    add.u32 %r11, %r11, 1000;
    bra.uni end;
  even:
    add.u32 %r11, %r11, 2000;
  end:
    st.global.u32 [%rd1], %r11;)"));
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(result[i], i * (i - 1) / 2 + (i % 2 ? 1000 : 2000)) << i;
}

TEST(Execution, IndexedBranchTakesEachLaneItsWay) {
  std::vector<uint32_t> result = run(kernel(R"(
    and.b32 %r10, %r2, 3;
    ts: .branchtargets a, b, c, b;
    brx.idx %r10, ts;
  a: mov.u32 %r11, 10; bra end;
  b: mov.u32 %r11, 20; bra end;
  c: mov.u32 %r11, 30;
  end:
    st.global.u32 [%rd1], %r11;)"));
  const uint32_t expected[] = {10, 20, 30, 20};
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(result[i], expected[i % 4]);
}

TEST(Execution, BarriersOrderSharedMemory) {
  // Reverses a block through shared memory, under several orders of warps.
  std::string ptx = kernel(R"(
    mul.lo.u32 %r10, %r2, 4;
    mov.u32 %r11, buffer;
    add.u32 %r12, %r11, %r10;
    st.shared.u32 [%r12], %r2;
    bar.sync 0;
    sub.u32 %r13, 1020, %r10;
    add.u32 %r13, %r11, %r13;
    ld.shared.u32 %r14, [%r13];
    st.global.u32 [%rd1], %r14;)",
                           ".shared .align 4 .b8 buffer[1024];");
  for (uint64_t seed = 0; seed < 8; ++seed) {
    std::vector<uint32_t> result = run(ptx, 256, 1, seed);
    for (uint32_t i = 0; i < 256; ++i)
      ASSERT_EQ(result[i], 255 - i) << seed;
  }
}

TEST(Execution, WithoutABarrierSomeOrderShowsIt) {
  std::string ptx = kernel(R"(
    mul.lo.u32 %r10, %r2, 4;
    mov.u32 %r11, buffer;
    add.u32 %r12, %r11, %r10;
    st.shared.u32 [%r12], %r2;
    sub.u32 %r13, 1020, %r10;
    add.u32 %r13, %r11, %r13;
    ld.shared.u32 %r14, [%r13];
    st.global.u32 [%rd1], %r14;)",
                           ".shared .align 4 .b8 buffer[1024];");
  std::vector<uint32_t> result = run(ptx, 256);
  EXPECT_TRUE(llvm::is_contained(result, 0x7FF57FF5u)); // poison
}

TEST(Execution, NamedBarriersCountThreads) {
  // The first two warps meet at barrier 1, the others at barrier 2.
  std::vector<uint32_t> result = run(kernel(R"(
    setp.lt.u32 %p1, %r2, 64;
    mul.lo.u32 %r10, %r2, 4;
    mov.u32 %r11, buffer;
    add.u32 %r12, %r11, %r10;
    xor.b32 %r13, %r10, 128;
    add.u32 %r13, %r11, %r13;
    st.shared.u32 [%r12], %r2;
    @!%p1 bra second;
    bar.sync 1, 64;
    bra end;
  second:
    barrier.sync 2, 64;
  end:
    ld.shared.u32 %r14, [%r13];
    st.global.u32 [%rd1], %r14;)",
                                            ".shared .align 4 .b8 buffer[512];"),
                                     128);
  for (uint32_t i = 0; i < 128; ++i)
    EXPECT_EQ(result[i], i ^ 32);
}

TEST(Execution, ExitedThreadsAreNotWaitedFor) {
  std::vector<uint32_t> result = run(kernel(R"(
    st.global.u32 [%rd1], 1;
    setp.ge.u32 %p1, %r2, 40;
    @%p1 ret;
    bar.sync 0;
    st.global.u32 [%rd1], 2;)"),
                                     96);
  for (uint32_t i = 0; i < 96; ++i)
    EXPECT_EQ(result[i], i < 40 ? 2u : 1u);
}

TEST(Execution, ArrivalsOutliveTheirThreads) {
  // The first warp arrives and exits; the second one, slower, still finds it counted.
  std::vector<uint32_t> result = run(kernel(R"(
    setp.lt.u32 %p1, %r2, 32;
    @!%p1 bra second;
    bar.arrive 3, 64;
    bra end;
  second:
    bar.sync 3, 64;
  end:
    st.global.u32 [%rd1], %r2;)"),
                                     64);
  for (uint32_t i = 0; i < 64; ++i)
    EXPECT_EQ(result[i], i);
}

TEST(Execution, BarrierReductions) {
  std::vector<uint32_t> result = run(kernel(R"(
    setp.lt.u32 %p1, %r2, 10;
    bar.red.popc.u32 %r10, 0, %p1;
    bar.red.and.pred %p2, 0, %p1;
    bar.red.or.pred %p3, 0, !%p1;
    selp.u32 %r11, 1000, 0, %p2;
    selp.u32 %r12, 2000, 0, %p3;
    add.u32 %r10, %r10, %r11;
    add.u32 %r10, %r10, %r12;
    st.global.u32 [%rd1], %r10;)"),
                                     64);
  EXPECT_EQ(result, std::vector<uint32_t>(64, 2010));
}

TEST(Execution, CallsOfDeviceFunctions) {
  std::vector<uint32_t> result = run(kernel(R"(
    setp.gt.u32 %p1, %r2, 7;
    { .param .b32 a; .param .b32 r;
      st.param.b32 [a], %r2;
      @%p1 call.uni (r), square, (a);
      @!%p1 call.uni (r), twice, (a);
      ld.param.b32 %r10, [r]; }
    st.global.u32 [%rd1], %r10;)",
                                            R"(
.func (.param .b32 result) square(.param .b32 x) {
  .reg .b32 %r<4>;
  ld.param.b32 %r1, [x];
  mul.lo.s32 %r2, %r1, %r1;
  st.param.b32 [result], %r2;
  ret;
}
.func (.param .b32 result) twice(.param .b32 x) {
  .reg .b32 %r<4>; .reg .pred %p<2>;
  ld.param.b32 %r1, [x];
  setp.eq.s32 %p1, %r1, 3;
  st.param.b32 [result], 99;
  @%p1 ret;
  shl.b32 %r2, %r1, 1;
  st.param.b32 [result], %r2;
  ret;
}
)"));
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(result[i], i > 7 ? i * i : i == 3 ? 99 : 2 * i);
}

TEST(Execution, ModuleVariablesHoldTheirInitialisers) {
  std::vector<uint32_t> result = run(kernel(R"(
    and.b32 %r10, %r2, 3;
    mul.wide.u32 %rd10, %r10, 4;
    mov.u64 %rd11, table;
    add.s64 %rd10, %rd10, %rd11;
    ld.const.u32 %r11, [%rd10];
    ld.global.u64 %rd12, [pointer];
    ld.u32 %r12, [%rd12];
    add.u32 %r11, %r11, %r12;
    st.global.u32 [%rd1], %r11;)",
                                            ".const .align 4 .u32 table[4] = {1, 0x2, 3, -4};\n"
                                            ".global .u64 pointer = generic(table)+8;\n"));
  const uint32_t expected[] = {4, 5, 6, uint32_t(-1)};
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(result[i], expected[i % 4]);
}

TEST(Execution, LocalMemoryIsPerThread) {
  std::vector<uint32_t> result = run(kernel(R"(
    .local .align 16 .b8 frame[32];
    mov.u64 %rd10, frame;
    cvta.local.u64 %rd11, %rd10;
    st.local.u32 [frame+4], %r2;
    st.local.v2.u32 [%rd10+8], {%r2, 5};
    bar.sync 0;
    ld.u32 %r10, [%rd11+4];
    ld.local.v2.u32 {%r11, %r12}, [frame+8];
    add.u32 %r10, %r10, %r11;
    add.u32 %r10, %r10, %r12;
    st.global.u32 [%rd1], %r10;)"),
                                     64);
  for (uint32_t i = 0; i < 64; ++i)
    EXPECT_EQ(result[i], 2 * i + 5);
}

TEST(Execution, DynamicSharedMemoryFollowsTheStatic) {
  Device device;
  uint64_t out = device.allocate(4 * 4);
  LaunchOptions options;
  options.block[0] = 4;
  options.dynamicSharedBytes = 64;
  options.arguments = {bytesOf(out)};
  EXPECT_EQ(device.run(kernel(R"(
    mov.u32 %r10, fixed;
    mov.u32 %r11, dynamic;
    sub.u32 %r12, %r11, %r10;
    st.shared.u32 [dynamic+60], %r12;
    ld.shared.u32 %r13, [%r11+60];
    st.global.u32 [%rd1], %r13;)",
                              ".shared .align 4 .b8 fixed[20];\n"
                              ".extern .shared .align 16 .b8 dynamic[];\n"),
                       options),
            "");
  EXPECT_EQ(device.download<uint32_t>(out, 4), std::vector<uint32_t>(4, 32));
}

TEST(Execution, SharedAddressesWrapAround) {
  // A displacement takes an address from below zero back to the start.
  std::vector<uint32_t> result = run(kernel(R"(
    mov.u32 %r10, buffer;
    mad.lo.s32 %r11, %r2, -4, %r10;
    st.shared.u32 [%r11+124], %r2;
    bar.sync 0;
    mad.lo.s32 %r12, %r2, 4, %r10;
    ld.shared.u32 %r13, [%r12];
    atom.shared.cta.add.u32 %r14, [%r11+124], 7;
    bar.sync 0;
    ld.shared.u32 %r15, [%r12];
    sub.u32 %r15, %r15, %r13;
    mad.lo.u32 %r13, %r15, 100, %r13;
    st.global.u32 [%rd1], %r13;)",
                                            ".shared .align 4 .b8 buffer[128];"));
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(result[i], 731 - i);
}

TEST(Execution, GroupsOfLanesMeetOnTheirOwn) {
  // One instruction, executed by all lanes, with a member mask per group: those of
  // equal index by 4. A branch before it brings some of them there on another path.
  const char *groups = R"(
    and.b32 %r10, %r2, 3;
    mov.u32 %r11, 0x11111111;
    shl.b32 %r11, %r11, %r10;)";
  const char *together = R"(
    redux.sync.add.u32 %r12, %r2, %r11;
    st.global.u32 [%rd1], %r12;)";
  const char *apart = R"(
    setp.lt.u32 %p1, %r2, 13;
    @%p1 bra low;
    redux.sync.add.u32 %r12, %r2, %r11;
    bra join;
  low:
    redux.sync.add.u32 %r12, %r2, %r11;
  join:
    st.global.u32 [%rd1], %r12;)";
  for (const char *rest : {together, apart})
    for (uint64_t seed = 0; seed < 4; ++seed) {
      std::vector<uint32_t> result = run(kernel(std::string(groups) + rest), 32, 1, seed);
      for (uint32_t i = 0; i < 32; ++i)
        EXPECT_EQ(result[i], 8 * (i % 4) + 4 * 28);
    }
}

TEST(Execution, WhoHoldsALockIsNotHeldUp) {
  // The winner leaves the loop, where a stack of masks would have it wait for the
  // losers, who wait for it. Counts the threads, first word; second word: the lock.
  std::string ptx = kernel(R"(
  again:
    atom.global.cas.b32 %r10, [%rd0+4], 0, 1;
    setp.ne.u32 %p1, %r10, 0;
    @%p1 bra again;
    ld.volatile.global.u32 %r11, [%rd0];
    add.u32 %r11, %r11, 1;
    st.volatile.global.u32 [%rd0], %r11;
    atom.global.exch.b32 %r12, [%rd0+4], 0;)");
  Device device;
  uint64_t words = device.upload(std::vector<uint32_t>{0, 0});
  EXPECT_EQ(device.run(ptx, {words}, 48, 2), "");
  EXPECT_EQ(device.download<uint32_t>(words, 2), (std::vector<uint32_t>{96, 0}));
  EXPECT_LT(device.last.warpInstructions, uint64_t(1) << 24);
}

TEST(Execution, GeneratedContentsArriveOnDemand) {
  Device device;
  BufferOptions options;
  options.name = "huge";
  options.bytes = uint64_t(1) << 35;
  std::atomic<uint64_t> generated = 0;
  options.contents = [&](uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes) {
    generated += bytes.size();
    for (size_t i = 0; i + 4 <= bytes.size(); i += 4) {
      uint32_t value = uint32_t((offset + i) >> 20);
      std::memcpy(bytes.data() + i, &value, 4);
    }
  };
  uint64_t in = device.allocate(std::move(options));
  uint64_t out = device.allocate(32 * 4);
  std::string ptx = Device::module(R"(
.visible .entry k(.param .u64 in, .param .u64 out) {
  .reg .b32 %r<8>; .reg .b64 %rd<8>;
  ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
  mov.u32 %r1, %tid.x;
  mul.wide.u32 %rd3, %r1, 0x40000000;
  add.s64 %rd3, %rd1, %rd3;
  ld.global.u32 %r2, [%rd3];
  mul.wide.u32 %rd4, %r1, 4;
  add.s64 %rd4, %rd2, %rd4;
  st.global.u32 [%rd4], %r2;
  ret;
})");
  ASSERT_EQ(device.run(ptx, {in, out}), "");
  std::vector<uint32_t> result = device.download<uint32_t>(out, 32);
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(result[i], i << 10);
  EXPECT_LE(generated, uint64_t(32) << 16);
}

TEST(Execution, CountsInstructions) {
  Device device;
  uint64_t out = device.allocate(120 * 4);
  ASSERT_EQ(device.run(kernel("st.global.u32 [%rd1], 1;"), {out}, 40, 3), "");
  EXPECT_EQ(device.last.blocks, 3u);
  EXPECT_EQ(device.last.warpInstructions, 3u * 2 * 10);
  EXPECT_EQ(device.last.threadInstructions, 3u * 40 * 10);
}
