//===- LaunchMetricsTest.cpp - Metrics of small kernels -------------------===//
//
// What is expected was counted by hand.
//
//===----------------------------------------------------------------------===//

#include "LaunchMetrics.h"

#include "llvm/Support/raw_ostream.h"

using namespace poolc;
using namespace poolc::vgpu;
using namespace poolc::vgpu::test;

namespace {

constexpr const char *copy = R"(
  mad.wide.u32 %rd3, %r4, 4, %rd1; mad.wide.u32 %rd4, %r4, 4, %rd2;
  ld.global.f32 %f1, [%rd3]; st.global.f32 [%rd4], %f1;)";

} // namespace

TEST_F(LaunchMetricsTest, streamingCopy) {
  LaunchMetrics metrics = measure(copy, 64, 8);
  EXPECT_EQ(metrics.gridSize, 8u);
  EXPECT_EQ(metrics.blockSize, 64u);
  // 8 blocks of 2 warps: 7 instructions in front, 4 of the copy, one at the end.
  EXPECT_EQ(metrics.blocks.warpInstructions, 8 * 2 * 12u);
  EXPECT_EQ(metrics.blocks.threadInstructions, 8 * 64 * 12u);
  EXPECT_EQ(metrics.blocks.globalLoadRequests, 16u);
  EXPECT_EQ(metrics.blocks.globalLoadSectors, 64u);
  EXPECT_EQ(metrics.blocks.globalStoreRequests, 16u);
  EXPECT_EQ(metrics.blocks.globalStoreSectors, 64u);
  // Loads miss both caches; stores miss the L1 and count as hits in the L2.
  EXPECT_EQ(metrics.caches.l1Lookups, 128u);
  EXPECT_EQ(metrics.caches.l1Hits, 0u);
  EXPECT_EQ(metrics.caches.l2Lookups, 128u);
  EXPECT_EQ(metrics.caches.l2Hits, 64u);
  EXPECT_EQ(metrics.dramReadSectors, 64);
  // Nothing had to go; what is dirty is written all the same.
  EXPECT_EQ(metrics.dramWriteSectors, 64);
  llvm::json::Object json = toJSON(metrics);
  EXPECT_EQ(json.getNumber("lts__t_sector_hit_rate.pct"), 50.0);
  EXPECT_EQ(json.getInteger("dram__bytes_read.sum"), 2048);
  EXPECT_EQ(json.getInteger("dram__bytes_write.sum"), 2048);
}

TEST_F(LaunchMetricsTest, loadsAgainHitTheL1OfTheSM) {
  // All four blocks load the same line twice; SM 0 runs two of them, and so SM 1.
  LaunchMetrics metrics = measure(R"(
    mad.wide.u32 %rd3, %r1, 4, %rd1;
    ld.global.f32 %f1, [%rd3]; ld.global.f32 %f2, [%rd3];)",
                                  32, 4);
  EXPECT_EQ(metrics.blocks.globalLoadRequests, 8u);
  EXPECT_EQ(metrics.caches.l1Lookups, 32u);
  EXPECT_EQ(metrics.caches.l1Hits, 24u); // All but the first on each SM.
  EXPECT_EQ(metrics.caches.l2Lookups, 8u);
  EXPECT_EQ(metrics.caches.l2Hits, 4u); // The second SM finds it.
  EXPECT_EQ(metrics.dramReadSectors, 4);
}

TEST_F(LaunchMetricsTest, someLoadsGoAroundTheL1) {
  LaunchMetrics metrics = measure(R"(
    mad.wide.u32 %rd3, %r1, 16, %rd1; mad.lo.u32 %r6, %r1, 16, %r5;
    ld.global.cg.f32 %f1, [%rd3]; ld.volatile.global.f32 %f2, [%rd3];
    cp.async.cg.shared.global [%r6], [%rd3], 16;
    cp.async.ca.shared.global [%r6], [%rd3], 16;
    cp.async.ca.shared.global [%r6], [%rd3], 16;
    cp.async.wait_all;)");
  // 16 sectors each.
  EXPECT_EQ(metrics.blocks.globalLoadRequests, 5u);
  EXPECT_EQ(metrics.blocks.globalLoadSectors, 80u);
  EXPECT_EQ(metrics.caches.l1Lookups, 32u);
  EXPECT_EQ(metrics.caches.l1Hits, 16u);
  EXPECT_EQ(metrics.caches.l2Lookups, 64u);
  EXPECT_EQ(metrics.dramReadSectors, 16);
  // 16 bytes side by side.
  EXPECT_EQ(metrics.blocks.asyncCopyConflicts, 0u);
  EXPECT_EQ(metrics.blocks.sharedStoreConflicts, 0u);
}

TEST_F(LaunchMetricsTest, sharedMemory) {
  LaunchMetrics metrics = measure(R"(
    mad.lo.u32 %r6, %r1, 8, %r5; mad.lo.u32 %r7, %r1, 16, %r5;
    mad.lo.u32 %r8, %r1, 128, %r5; mad.lo.u32 %r9, %r1, 144, %r5;
    st.shared.u32 [%r6], %r1;                            // stride 2: 1
    st.shared.v2.u32 [%r6], {%r1, %r1};
    bar.sync 0;
    ld.shared.u32 %r10, [%r7];                           // stride 4: 3
    ld.shared.v4.u32 {%r10, %r11, %r12, %r13}, [%r7];
    ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r10, %r11, %r12, %r13}, [%r8]; // 4 * 7
    ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r10, %r11, %r12, %r13}, [%r9];
    ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r10}, [%r8];                   // 7
    st.shared.u32 [%r8], %r1;                            // stride 32: 31
  )");
  EXPECT_EQ(metrics.blocks.sharedStoreConflicts, 32u);
  EXPECT_EQ(metrics.blocks.sharedLoadConflicts, 3u + 28 + 7);
  EXPECT_EQ(metrics.caches.l1Lookups, 0u);
  EXPECT_EQ(metrics.staticSharedBytes, 8192u);
  EXPECT_FALSE(toJSON(metrics).get("lts__t_sector_hit_rate.pct"));
}

TEST_F(LaunchMetricsTest, genericAddressesHaveTheSpaceTheyPointTo) {
  LaunchMetrics metrics = measure(R"(
    mad.wide.u32 %rd3, %r1, 4, %rd1; mad.lo.u32 %r6, %r1, 8, %r5;
    cvt.u64.u32 %rd5, %r6; cvta.shared.u64 %rd6, %rd5;
    ld.f32 %f1, [%rd3]; st.f32 [%rd6], %f1;)");
  EXPECT_EQ(metrics.blocks.globalLoadRequests, 1u);
  EXPECT_EQ(metrics.blocks.globalStoreRequests, 0u);
  EXPECT_EQ(metrics.blocks.sharedStoreConflicts, 1u);
}

TEST_F(LaunchMetricsTest, maskedLanesCountAsThreadsButNotAsSectors) {
  LaunchMetrics metrics = measure(R"(
    mad.wide.u32 %rd3, %r1, 128, %rd1;
    setp.lt.u32 %p1, %r1, 3; setp.gt.u32 %p2, %r1, 99;
    @%p1 ld.global.f32 %f1, [%rd3];
    @%p2 ld.global.f32 %f1, [%rd3];)");
  EXPECT_EQ(metrics.blocks.globalLoadRequests, 1u);
  EXPECT_EQ(metrics.blocks.globalLoadSectors, 3u);
  EXPECT_EQ(metrics.blocks.warpInstructions, 13u);
  EXPECT_EQ(metrics.blocks.threadInstructions, 13 * 32u);
}

TEST_F(LaunchMetricsTest, atomicsReadAndWriteInTheL2) {
  LaunchMetrics metrics = measure("red.global.add.u32 [%rd2], 1;", 64, 4);
  EXPECT_EQ(metrics.blocks.globalAtomicRequests, 8u);
  EXPECT_EQ(metrics.caches.l1Lookups, 0u);
  EXPECT_EQ(metrics.caches.l2Lookups, 8u);
  EXPECT_EQ(metrics.caches.l2Hits, 7u);
  EXPECT_EQ(metrics.dramReadSectors, 1);
  EXPECT_EQ(metrics.dramWriteSectors, 1);
}

TEST_F(LaunchMetricsTest, localMemoryIsInterleaved) {
  // Word 3 of all threads is one line: a store, and two loads that find it.
  LaunchMetrics metrics = measure(R"(
    st.local.u32 [array+12], %r1; ld.local.u32 %r6, [array+12]; ld.local.u32 %r7, [array+12];)");
  EXPECT_EQ(metrics.blocks.globalLoadRequests, 0u);
  EXPECT_EQ(metrics.caches.l1Lookups, 12u);
  // The L1 takes nothing in at a store.
  EXPECT_EQ(metrics.caches.l1Hits, 4u);
  EXPECT_EQ(metrics.caches.l2Lookups, 8u);
  EXPECT_EQ(metrics.caches.l2Hits, 8u);
  EXPECT_EQ(metrics.dramReadSectors, 0);
}

TEST_F(LaunchMetricsTest, warpsThatMeetGoOnTogether) {
  // Warp 1 loads after the barrier what warp 0 stores before it, late: a hit.
  LaunchMetrics metrics = measure(R"(
    setp.lt.u32 %p1, %r1, 32; and.b32 %r6, %r1, 31; mad.wide.u32 %rd3, %r6, 4, %rd2;
    mov.u32 %r7, 0;
    @!%p1 bra meet;
  loop:
    add.u32 %r7, %r7, 1; setp.lt.u32 %p2, %r7, 50;
    @%p2 bra loop;
    st.global.u32 [%rd3], %r7;
  meet:
    bar.sync 0;
    @%p1 bra end;
    ld.global.cg.u32 %r8, [%rd3];
  end:)",
                                  64);
  EXPECT_EQ(metrics.caches.l2Lookups, 8u);
  EXPECT_EQ(metrics.caches.l2Hits, 8u);
  EXPECT_EQ(metrics.dramReadSectors, 0);
}

TEST_F(LaunchMetricsTest, tensorInstructions) {
  LaunchMetrics metrics = measure(R"(
    mov.f32 %f1, 0f00000000; mov.b32 %r6, 0;
    mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f4, %f5, %f6, %f7}, {%r6, %r6, %r6, %r6},
      {%r6, %r6}, {%f1, %f1, %f1, %f1};)",
                                  96);
  EXPECT_EQ(metrics.blocks.tensorInstructions, 3u);
}

TEST_F(LaunchMetricsTest, occupancyAndWaves) {
  options.registersPerThread = 48;
  LaunchMetrics metrics = measure("", 128, 100);
  // 48 registers: 10 blocks of 4 warps, each with 8 KiB of shared memory and one
  // that is reserved: 90 KiB, so a carve-out of 100 of 128.
  EXPECT_EQ(metrics.occupancy.blocksPerSM, 10u);
  EXPECT_EQ(metrics.wavesPerSM, 5);
  EXPECT_EQ(metrics.l1Bytes, 28u * 1024);
  EXPECT_TRUE(metrics.registersAreExact);
  llvm::json::Object json = toJSON(metrics);
  EXPECT_EQ(json.getNumber("sm__maximum_warps_per_active_cycle_pct"), 83.33);
  EXPECT_EQ(json.getInteger("launch__registers_per_thread"), 48);
}

TEST_F(LaunchMetricsTest, registersAreEstimatedWithoutTheAssembler) {
  // %rd1 and %f1 to %f4 are needed together at the most, then the sum: 2 + 4.
  LaunchMetrics metrics = measure(R"(
    ld.global.f32 %f1, [%rd1]; ld.global.f32 %f2, [%rd1+4]; ld.global.f32 %f3, [%rd1+8];
    ld.global.f32 %f4, [%rd1+12]; add.f32 %f1, %f1, %f2; add.f32 %f1, %f1, %f3;
    add.f32 %f1, %f1, %f4; st.global.f32 [%rd1+16], %f1;)");
  EXPECT_FALSE(metrics.registersAreExact);
  EXPECT_EQ(metrics.registersPerThread, 6u);
}

TEST_F(LaunchMetricsTest, doNotDependOnTheOrderOnTheHost) {
  const char *body = R"(
    mad.wide.u32 %rd3, %r1, 44, %rd1; mad.wide.u32 %rd4, %r4, 4, %rd2; mov.u32 %r6, 0;
  loop:
    ld.global.f32 %f1, [%rd3]; ld.global.f32 %f2, [%rd3+4];
    bar.sync 0;
    st.global.f32 [%rd4], %f1;
    add.u64 %rd3, %rd3, 4096;
    add.u32 %r6, %r6, 1; setp.lt.u32 %p1, %r6, 20;
    @%p1 bra loop;)";
  std::string first;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    options.seed = seed;
    std::string text;
    llvm::raw_string_ostream(text) << llvm::json::Value(toJSON(measure(body, 256, 100)));
    if (seed == 0)
      first = text;
    EXPECT_EQ(text, first);
  }
}

TEST_F(LaunchMetricsTest, sampledCountsAreScaled) {
  // 2 SMs of 11 blocks with 8 KiB of shared memory each; 3 runs of 30.
  options.sampleBlocks = 90;
  LaunchMetrics metrics = measure(copy, 128, 1000);
  EXPECT_EQ(metrics.measuredBlocks, 90u);
  llvm::json::Object json = toJSON(metrics);
  EXPECT_EQ(json.getInteger("launch__grid_size"), 1000);
  EXPECT_EQ(json.getInteger("smsp__inst_executed.sum"), 1000 * 4 * 12);
  EXPECT_EQ(json.getInteger("dram__bytes_read.sum"), 1000 * 512);
  EXPECT_EQ(json.getInteger("dram__bytes_write.sum"), 1000 * 512);
  EXPECT_EQ(json.getNumber("lts__t_sector_hit_rate.pct"), 50.0);
}

TEST_F(LaunchMetricsTest, sampledTablesCountOnce) {
  options.sampleBlocks = 90;
  LaunchMetrics metrics = measure(R"(
    mad.wide.u32 %rd3, %r1, 4, %rd1; mad.wide.u32 %rd4, %r4, 4, %rd2;
    ld.global.f32 %f1, [%rd3]; st.global.f32 [%rd4], %f1;)",
                                  128, 1000);
  llvm::json::Object json = toJSON(metrics);
  EXPECT_EQ(json.getInteger("dram__bytes_read.sum"), 512);
  EXPECT_EQ(json.getInteger("dram__bytes_write.sum"), 1000 * 512);
}

TEST_F(LaunchMetricsTest, sectorsSharedWithANeighbourCountOnce) {
  // Blocks of 126 threads write 504 bytes: a sector in four is shared by two.
  options.sampleBlocks = 90;
  LaunchMetrics metrics = measure(copy, 126, 1000);
  llvm::json::Object json = toJSON(metrics);
  // 504000 bytes in all; what is known of 90 blocks at other offsets is within a
  // sector per run.
  EXPECT_NEAR(double(*json.getInteger("dram__bytes_write.sum")), 504000, 3 * 32 * 1000.0 / 90);
  options.sampleBlocks = 0;
  EXPECT_EQ(measure(copy, 126, 1000).dramWriteSectors, 15750);
}

TEST_F(LaunchMetricsTest, blocksThatDoNotFitAreAnError) {
  // 1024 threads with 255 registers each.
  llvm::Expected<std::shared_ptr<const Module>> module = gpu.load(
      ".version 7.8\n.target sm_89\n.address_size 64\n.visible .entry k() { ret; }", "test.ptx");
  ASSERT_TRUE(bool(module));
  options.kernel = "k";
  options.block[0] = 1024;
  options.metrics = true;
  options.registersPerThread = 255;
  EXPECT_EQ(llvm::toString(gpu.launch(**module, options).takeError()),
            "test.ptx:4: error: kernel 'k': no block of 1024 threads with 255 registers each and 0 "
            "bytes of shared memory fits on an SM");
  options.registersPerThread = 32;
  options.sanitizers.insert(Sanitizer::memory);
  EXPECT_EQ(llvm::toString(gpu.launch(**module, options).takeError()),
            "test.ptx:4: error: expected metrics or sanitizers, got both");
}

TEST_F(LaunchMetricsTest, launchesOfOneNameAreNumbered) {
  LaunchMetrics one;
  one.kernel = "k";
  LaunchMetrics other;
  other.kernel = "other";
  llvm::json::Object json = toJSON(llvm::ArrayRef<LaunchMetrics>{one, other, one, one});
  EXPECT_EQ(json.size(), 4u);
  EXPECT_TRUE(json.get("k") && json.get("other") && json.get("k#2") && json.get("k#3"));
}

// Blocks of 64 threads load 64 numbers each, from 32 on after those of the block
// before, by two instructions per warp and one again; and all of them one number.
TEST_F(LaunchMetricsTest, sectorsThatBlocksLoadCountOncePerBlock) {
  LaunchMetrics metrics = measure(R"(
    mad.lo.u32 %r6, %r2, 32, %r1;
    mad.wide.u32 %rd3, %r6, 4, %rd1;
    ld.global.f32 %f1, [%rd3]; ld.global.cg.f32 %f2, [%rd3]; ld.global.f32 %f3, [%rd2];
    st.global.f32 [%rd2+64], %f1;)",
                                  /*threads=*/64, /*blocks=*/3);
  EXPECT_EQ(metrics.loadedSectors, (std::map<std::string, uint64_t>{{"in", 3 * 8}, {"out", 3}}));
  EXPECT_EQ(metrics.blocks.globalLoadSectors, 3u * (16 + 2));
}

TEST_F(LaunchMetricsTest, requestsOfSharedMemory) {
  LaunchMetrics metrics = measure(R"(
    shl.b32 %r7, %r1, 2; add.u32 %r8, %r5, %r7;
    st.shared.u32 [%r8], %r1; bar.sync 0; ld.shared.u32 %r9, [%r8];
    cp.async.ca.shared.global [%r8], [%rd1], 4; cp.async.wait_all;)",
                                  /*threads=*/64);
  EXPECT_EQ(metrics.blocks.sharedRequests, 2u * 3);
}

/// A block of 64 threads reads a table of 64 KiB several times over, and writes 1 KiB.
static constexpr const char *readAgain = R"(
  mad.wide.u32 %rd4, %r4, 16, %rd2; mad.wide.u32 %rd3, %r1, 4, %rd1;
  mov.u32 %r6, 0; mov.f32 %f2, 0f00000000;
again:
  and.b32 %r7, %r6, 255; mul.wide.u32 %rd5, %r7, 256; add.s64 %rd5, %rd5, %rd3;
  ld.global.f32 %f1, [%rd5]; add.f32 %f2, %f2, %f1;
  add.u32 %r6, %r6, 1; setp.lt.u32 %p1, %r6, 1000; @%p1 bra again;
  st.global.v4.f32 [%rd4], {%f2, %f2, %f2, %f2};)";

TEST_F(LaunchMetricsTest, fewerLinesAreFollowedWhereTracesAreLarge) {
  LaunchMetrics whole = measure(readAgain, 64, 40);
  EXPECT_EQ(whole.followedLines, 1);
  options.traceBytes = 1 << 18;
  LaunchMetrics thinned = measure(readAgain, 64, 40);
  EXPECT_LT(thinned.followedLines, 0.3);
  auto expectNear = [](double estimate, double count) {
    EXPECT_NEAR(estimate / count, 1, 0.15) << estimate << " of " << count;
  };
  EXPECT_EQ(thinned.blocks.globalLoadSectors, whole.blocks.globalLoadSectors);
  expectNear(double(thinned.caches.l1Lookups), double(whole.caches.l1Lookups));
  expectNear(double(thinned.caches.l1Hits), double(whole.caches.l1Hits));
  expectNear(double(thinned.caches.l2Lookups), double(whole.caches.l2Lookups));
  expectNear(thinned.dramReadSectors, whole.dramReadSectors);
  expectNear(thinned.dramWriteSectors, whole.dramWriteSectors);
  expectNear(thinned.time.nanoseconds, whole.time.nanoseconds);

  // Which lines are followed does not depend on the host either.
  options.threads = 1;
  LaunchMetrics again = measure(readAgain, 64, 40);
  EXPECT_EQ(toJSON(again), toJSON(thinned));
}

TEST_F(LaunchMetricsTest, timesOfLongBlocksComeFromTheirBeginnings) {
  std::string body = readAgain;
  body.replace(body.find("1000"), 4, "20000");
  body.replace(body.find("255"), 3, "15"); // 4 KiB are in the L1 soon.
  LaunchMetrics whole = measure(body, 64, 4);
  options.traceBytes = 1 << 20;
  LaunchMetrics shortened = measure(body, 64, 4);
  EXPECT_NEAR(shortened.time.nanoseconds / whole.time.nanoseconds, 1, 0.1);
  auto stalled = [](const LaunchMetrics &metrics) {
    return metrics.time.stalls[unsigned(Stall::longScoreboard)];
  };
  EXPECT_NEAR(stalled(shortened), stalled(whole), 5);
  // Blocks that meet at a barrier after that do not wait forever.
  LaunchMetrics met = measure(body + "bar.sync 0;" + copy, 64, 4);
  EXPECT_NEAR(met.time.nanoseconds / whole.time.nanoseconds, 1, 0.1);
}

TEST_F(LaunchMetricsTest, endsOfStoresGoWithTheNext) {
  // Rows of 128 bytes from the second element on: 124 bytes of a line, and 4 of the next.
  std::string store = "mad.wide.u32 %rd4, %r1, 4, %rd2; mov.f32 %f1, 0f00000000;\n"
                      "st.global.f32 [%rd4+4], %f1;";
  LaunchMetrics one = measure(store);
  EXPECT_EQ(one.blocks.storeUnits, 10u + 4);
  EXPECT_EQ(one.caches.l2Lookups, 5u);
  LaunchMetrics two = measure(store + "st.global.f32 [%rd4+132], %f1;");
  EXPECT_EQ(two.blocks.storeUnits, 10u + 8 + 4);
  EXPECT_EQ(two.blocks.globalStoreSectors, 10u);
  EXPECT_EQ(two.caches.l2Lookups, 9u);
  EXPECT_EQ(two.dramWriteSectors, 9);
  // Not with what comes after a load.
  LaunchMetrics apart =
      measure(store + "ld.global.f32 %f1, [%rd1]; st.global.f32 [%rd4+132], %f1;");
  EXPECT_EQ(apart.blocks.storeUnits, 2u * (10 + 4));
}
