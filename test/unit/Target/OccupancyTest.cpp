//===- OccupancyTest.cpp --------------------------------------------------===//

#include "poolc/Target/Occupancy.h"

#include "gtest/gtest.h"

using namespace poolc;

static Occupancy on4090(KernelResources kernel) { return computeOccupancy(defaultGPU(), kernel); }

TEST(Occupancy, limitedByWarps) {
  Occupancy o = on4090({128, 40, 0});
  EXPECT_EQ(o.blocksPerSM, 12u);
  EXPECT_EQ(o.warpsPerSM, 48u);
  EXPECT_EQ(o.fraction, 1.0);
  EXPECT_EQ(o.limit, OccupancyLimit::warps);
}

TEST(Occupancy, limitedByRegisters) {
  // 48 registers: 1536 per warp, 42 warps, of which 40 in groups of four.
  Occupancy o = on4090({128, 48, 0});
  EXPECT_EQ(o.blocksPerSM, 10u);
  EXPECT_EQ(o.limit, OccupancyLimit::registers);
  EXPECT_EQ(on4090({64, 48, 0}).blocksPerSM, 20u);
  // 41 registers are rounded up to 48.
  EXPECT_EQ(on4090({128, 41, 0}).blocksPerSM, 10u);
}

TEST(Occupancy, limitedByShared) {
  Occupancy o = on4090({256, 128, 96 * 1024});
  EXPECT_EQ(o.blocksPerSM, 1u);
  EXPECT_EQ(o.warpsPerSM, 8u);
  EXPECT_EQ(o.limit, OccupancyLimit::sharedMemory);
  // The reserved kilobyte counts: 2 * (49 + 1) KiB fit, 2 * (50 + 1) do not.
  EXPECT_EQ(on4090({32, 32, 49 * 1024}).blocksPerSM, 2u);
  EXPECT_EQ(on4090({32, 32, 50 * 1024}).blocksPerSM, 1u);
}

TEST(Occupancy, limitedByBlocks) {
  Occupancy o = on4090({32, 16, 0});
  EXPECT_EQ(o.blocksPerSM, 24u);
  EXPECT_EQ(o.limit, OccupancyLimit::blocks);
}

TEST(Occupancy, partialWarpTakesAWholeOne) { EXPECT_EQ(on4090({33, 16, 0}).warpsPerSM, 48u); }

TEST(Occupancy, whatDoesNotFitHasNoBlocks) {
  EXPECT_EQ(on4090({1025, 16, 0}).blocksPerSM, 0u);
  EXPECT_EQ(on4090({0, 16, 0}).blocksPerSM, 0u);
  EXPECT_EQ(on4090({128, 256, 0}).blocksPerSM, 0u);
  EXPECT_EQ(on4090({1024, 128, 0}).blocksPerSM, 0u);
  EXPECT_EQ(on4090({128, 16, 99 * 1024 + 1}).blocksPerSM, 0u);
}

TEST(Occupancy, otherGPUsOtherLimits) {
  EXPECT_EQ(computeOccupancy(*lookupGPU("a100"), {128, 32, 0}).warpsPerSM, 64u);
  EXPECT_EQ(computeOccupancy(*lookupGPU("rtx3090"), {32, 16, 0}).blocksPerSM, 16u);
  EXPECT_EQ(computeOccupancy(*lookupGPU("h100"), {128, 32, 100 * 1024}).blocksPerSM, 2u);
}

TEST(Occupancy, takesTheLeastCarveOutThatHoldsTheBlocks) {
  // Without shared memory a block still takes a kilobyte: 12 need 16 of the 128.
  EXPECT_EQ(on4090({128, 40, 0}).carveOutBytes, 16u * 1024);
  // 97 of 100 KiB.
  EXPECT_EQ(on4090({256, 128, 96 * 1024}).carveOutBytes, 100u * 1024);
  // Two blocks of 16 KiB each with what is reserved: exactly 32 KiB.
  EXPECT_EQ(on4090({768, 40, 15 * 1024}).carveOutBytes, 32u * 1024);
  EXPECT_EQ(on4090({768, 40, 15 * 1024 + 1}).carveOutBytes, 64u * 1024);
  // None fits.
  EXPECT_EQ(on4090({128, 40, 100 * 1024}).carveOutBytes, 0u);
}
