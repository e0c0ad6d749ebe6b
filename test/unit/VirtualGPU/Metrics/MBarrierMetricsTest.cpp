//===- MBarrierMetricsTest.cpp - What mbarriers count and cost ------------===//

#include "LaunchMetrics.h"

#include "llvm/Support/raw_ostream.h"

using namespace poolc;
using namespace poolc::vgpu;
using namespace poolc::vgpu::test;

namespace {

class MBarrierMetrics : public LaunchMetricsTest {
protected:
  explicit MBarrierMetrics(const GPU &gpu = smallGPU()) : LaunchMetricsTest(gpu) {}

  static double stalled(const LaunchMetrics &metrics, Stall reason) {
    return metrics.time.stalls[unsigned(reason)];
  }
};

class MBarrierMetricsOnHopper : public MBarrierMetrics {
protected:
  MBarrierMetricsOnHopper() : MBarrierMetrics(smallGPU("h200")) {}
};

/// The object at the start of the shared buffer: a phase is so many arrivals.
std::string init(unsigned count) {
  return "setp.eq.u32 %p3, %r1, 0; @%p3 mbarrier.init.shared.b64 [%r5], " + std::to_string(count) +
         "; bar.sync 0;\n";
}

} // namespace

TEST_F(MBarrierMetrics, requests) {
  for (options.seed = 0; options.seed < 10; ++options.seed) {
    LaunchMetrics metrics = measure(init(64) + R"(
      mbarrier.arrive.shared.b64 %rd5, [%r5];
    wait:
      mbarrier.test_wait.shared.b64 %p1, [%r5], %rd5;
      @!%p1 bra wait;)",
                                    64);
    // Of one warp the initialisation, of both the wait; no warp tests twice.
    EXPECT_EQ(metrics.blocks.sharedRequests, 3u);
    EXPECT_EQ(metrics.blocks.warpInstructions, 2 * (7 + 3 + 3 + 1));
  }
}

TEST_F(MBarrierMetrics, whoWaitsGoesOnAfterThoseWhoArrive) {
  // Warp 1 loads after the phase what warp 0 stores before it arrives, late: a hit.
  LaunchMetrics metrics = measure(init(32) + R"(
    setp.lt.u32 %p1, %r1, 32; and.b32 %r6, %r1, 31; mad.wide.u32 %rd3, %r6, 4, %rd2;
    mov.u32 %r7, 0;
    @!%p1 bra wait;
  loop:
    add.u32 %r7, %r7, 1; setp.lt.u32 %p2, %r7, 50;
    @%p2 bra loop;
    st.global.u32 [%rd3], %r7;
    mbarrier.arrive.shared.b64 _, [%r5];
    bra end;
  wait:
    mbarrier.test_wait.parity.shared.b64 %p1, [%r5], 0;
    @!%p1 bra wait;
    ld.global.cg.u32 %r8, [%rd3];
  end:)",
                                  64);
  EXPECT_EQ(metrics.caches.l2Lookups, 8u);
  EXPECT_EQ(metrics.caches.l2Hits, 8u);
  EXPECT_EQ(metrics.dramReadSectors, 0);
  EXPECT_GT(stalled(metrics, Stall::barrier), 10);
}

/// Each thread's words of 20 tiles come by copies; `meet` lets all know of them.
static std::string copyTiles(const std::string &meet) {
  return R"(
    mad.wide.u32 %rd3, %r4, 16, %rd1; mul.lo.u32 %r8, %r1, 16; add.u32 %r8, %r8, %r5;
    xor.b32 %r9, %r1, 32; mul.lo.u32 %r9, %r9, 16; add.u32 %r9, %r9, %r5; mov.u32 %r6, 0;
    mov.f32 %f2, 0f00000000;
  loop:
    cp.async.cg.shared.global [%r8+16], [%rd3], 16;
    )" + meet +
         R"(
    ld.shared.f32 %f1, [%r9+16]; add.f32 %f2, %f2, %f1;
    bar.sync 0;
    add.u64 %rd3, %rd3, 16384;
    add.u32 %r6, %r6, 1; setp.lt.u32 %p1, %r6, 20;
    @%p1 bra loop;
    mad.wide.u32 %rd4, %r4, 4, %rd2; st.global.f32 [%rd4], %f2;)";
}

static const std::string tracked = R"(
    cp.async.mbarrier.arrive.noinc.shared.b64 [%r5]; and.b32 %r10, %r6, 1;
  wait:
    mbarrier.test_wait.parity.shared.b64 %p2, [%r5], %r10;
    @!%p2 bra wait;)";

TEST_F(MBarrierMetrics, aWaitForTrackedCopiesIsAsLongAsTheirs) {
  LaunchMetrics together = measure(copyTiles("cp.async.wait_all; bar.sync 0;"), 128, 8);
  LaunchMetrics apart = measure(init(128) + copyTiles(tracked), 128, 8);
  // The lanes take turns to arrive.
  double ratio = apart.time.nanoseconds / together.time.nanoseconds;
  EXPECT_GT(ratio, 1);
  EXPECT_LT(ratio, 1.15);
  EXPECT_GT(stalled(together, Stall::longScoreboard), 70);
  EXPECT_GT(stalled(apart, Stall::barrier), 70);
  EXPECT_LT(stalled(apart, Stall::longScoreboard), 10);
}

TEST_F(MBarrierMetrics, doNotDependOnTheOrderOnTheHost) {
  std::string first;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    options.seed = seed;
    std::string text;
    llvm::raw_string_ostream(text)
        << llvm::json::Value(toJSON(measure(init(256) + copyTiles(tracked), 256, 40)));
    if (seed == 0)
      first = text;
    EXPECT_EQ(text, first);
  }
}

TEST_F(MBarrierMetrics, ofLongBlocksComeFromTheirBeginnings) {
  std::string body = init(64) + R"(
    mov.u32 %r6, 0;
  loop:
    mbarrier.arrive.shared.b64 %rd5, [%r5];
    ld.global.cg.f32 %f1, [%rd1];
  wait:
    mbarrier.test_wait.shared.b64 %p1, [%r5], %rd5;
    @!%p1 bra wait;
    st.shared.f32 [%r5+16], %f1;
    add.u32 %r6, %r6, 1; setp.lt.u32 %p1, %r6, 20000;
    @%p1 bra loop;)";
  LaunchMetrics whole = measure(body, 64, 4);
  options.traceBytes = 1 << 20;
  LaunchMetrics shortened = measure(body, 64, 4);
  EXPECT_NEAR(shortened.time.nanoseconds / whole.time.nanoseconds, 1, 0.1);
}

TEST_F(MBarrierMetrics, sampledCountsAreScaled) {
  std::string body = init(128) + copyTiles(tracked);
  LaunchMetrics whole = measure(body, 128, 300);
  // 2 SMs of 11 blocks with 8 KiB of shared memory each; 3 runs of 30.
  options.sampleBlocks = 90;
  LaunchMetrics sampled = measure(body, 128, 300);
  EXPECT_EQ(sampled.measuredBlocks, 90u);
  EXPECT_EQ(toJSON(sampled).getInteger("smsp__inst_executed.sum"),
            toJSON(whole).getInteger("smsp__inst_executed.sum"));
  EXPECT_NEAR(sampled.time.nanoseconds / whole.time.nanoseconds, 1, 0.05);
  EXPECT_NEAR(stalled(sampled, Stall::barrier), stalled(whole, Stall::barrier), 3);
}

/// Sums that do not need what is loaded, about as long as that takes; before or behind the
/// load a warp arrives.
static std::string arriveBeside(bool isBehind) {
  std::string arrival = "mbarrier.arrive.shared.b64 %rd5, [%r5];\n";
  std::string load = "ld.global.cg.f32 %f1, [%rd3];\n", sums;
  for (unsigned i = 0; i < 150; ++i)
    sums += "fma.rn.f32 %f3, %f3, %f4, %f4;\n";
  return init(32) + "mov.f32 %f3, 0f00000000; mov.f32 %f4, 0f3F000000; mov.f32 %f2, %f3;\n" +
         "mad.wide.u32 %rd3, %r1, 4, %rd1; mov.u32 %r6, 0;\nloop:\n" +
         (isBehind ? load + arrival : arrival + load) + sums +
         R"(
  wait:
    mbarrier.test_wait.shared.b64 %p1, [%r5], %rd5;
    @!%p1 bra wait;
    add.f32 %f2, %f2, %f1; add.u64 %rd3, %rd3, 4096;
    add.u32 %r6, %r6, 1; setp.lt.u32 %p1, %r6, 100;
    @%p1 bra loop;
    add.f32 %f2, %f2, %f3; mad.wide.u32 %rd4, %r1, 4, %rd2; st.global.f32 [%rd4], %f2;)";
}

TEST_F(MBarrierMetrics, anArrivalWaitsForLoads) {
  double before = measure(arriveBeside(false)).time.nanoseconds;
  EXPECT_GT(measure(arriveBeside(true)).time.nanoseconds, 1.5 * before);
}

TEST_F(MBarrierMetricsOnHopper, anArrivalWaitsForNothing) {
  double before = measure(arriveBeside(false)).time.nanoseconds;
  EXPECT_NEAR(measure(arriveBeside(true)).time.nanoseconds, before, 0.05 * before);
}
