//===- GPUTest.cpp - The table of GPUs agrees with itself -----------------===//

#include "poolc/Target/GPU.h"

#include "llvm/ADT/STLExtras.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace poolc;

TEST(GPU, defaultIsTheRtx4090) {
  EXPECT_EQ(defaultGPU().name, "rtx4090");
  EXPECT_EQ(lookupGPU("rtx4090"), &defaultGPU());
  EXPECT_EQ(defaultGPU().chip, "sm_89");
  EXPECT_EQ(defaultGPU().l2Bytes, 75497472u);
}

TEST(GPU, unknownNameIsNoRow) {
  EXPECT_EQ(lookupGPU("rtx5090"), nullptr);
  EXPECT_EQ(lookupGPU(""), nullptr);
}

TEST(GPU, namesAreUniqueAndComplete) {
  std::vector<std::string> names;
  for (const GPU &gpu : allGPUs())
    names.push_back(gpu.name.str());
  EXPECT_THAT(names,
              testing::UnorderedElementsAre("rtx4090", "rtx3090", "a100", "l40s", "h100", "h200"));
}

class EachGPU : public testing::TestWithParam<GPU> {};
INSTANTIATE_TEST_SUITE_P(Table, EachGPU, testing::ValuesIn(allGPUs().begin(), allGPUs().end()),
                         [](const auto &info) { return info.param.name.str(); });

TEST_P(EachGPU, limitsAreConsistent) {
  const GPU &gpu = GetParam();
  EXPECT_EQ(gpu.maxThreadsPerSM, gpu.maxWarpsPerSM * gpu.warpSize);
  EXPECT_EQ(gpu.maxSharedBytesPerBlock + gpu.reservedSharedBytesPerBlock, gpu.sharedBytesPerSM);
  EXPECT_LE(gpu.maxStaticSharedBytes, gpu.maxSharedBytesPerBlock);
  EXPECT_LE(gpu.baseMHz, gpu.boostMHz);
  EXPECT_LE(gpu.dramActualGBs, gpu.dramGBs);
  EXPECT_GE(gpu.minPtxVersion, 70u);
}

TEST_P(EachGPU, fp32PeakIsLanesTimesClock) {
  const GPU &gpu = GetParam();
  double lanes = gpu.fp32TFLOPs * 1e12 / (2.0 * gpu.numSMs * gpu.boostMHz * 1e6);
  double expected = gpu.chip == "sm_80" ? 64 : 128;
  EXPECT_NEAR(lanes, expected, 0.005 * expected);
}

TEST_P(EachGPU, fp32PipeReachesThePeak) {
  const GPU &gpu = GetParam();
  double flops = 2.0 * gpu.fmaPerCycle * gpu.warpSize * gpu.numSMs * gpu.boostMHz * 1e6;
  EXPECT_NEAR(flops, gpu.fp32TFLOPs * 1e12, 0.005 * flops);
}

TEST_P(EachGPU, ratesAndLatenciesAreInOrder) {
  const GPU &gpu = GetParam();
  for (double rate : {gpu.fmaPerCycle, gpu.aluPerCycle, gpu.memoryPerCycle, gpu.specialPerCycle}) {
    EXPECT_GT(rate, 0);
    EXPECT_LE(rate, gpu.issuePerCycle);
  }
  EXPECT_LE(gpu.l2BytesPerCyclePerSM, gpu.l1BytesPerCycle);
  EXPECT_LE(gpu.l2BytesPerCycle, gpu.l2BytesPerCyclePerSM * gpu.numSMs);
  EXPECT_LE(gpu.l2WriteBytesPerCyclePerSM, gpu.l2BytesPerCyclePerSM);
  EXPECT_LE(gpu.l2WriteBytesPerCycle, gpu.l2BytesPerCycle);
  EXPECT_LE(gpu.l2WriteBytesPerCycle, gpu.l2WriteBytesPerCyclePerSM * gpu.numSMs);
  // DRAM cannot deliver or take more than L2 passes on.
  EXPECT_GT(gpu.l2WriteBytesPerCycle * gpu.boostMHz * 1e-3, gpu.dramReachable.back().GBs);
  EXPECT_GT(gpu.l2BytesPerCycle * gpu.boostMHz * 1e-3, gpu.dramGBs);
  EXPECT_LT(gpu.arithmeticLatency, gpu.sharedLatency);
  EXPECT_LE(gpu.sharedLatency, gpu.l1Latency);
  EXPECT_LT(gpu.l1Latency, gpu.l2Latency);
  EXPECT_LT(gpu.l2Latency, gpu.dramLatency);
  EXPECT_GT(gpu.mmaShare, 0);
  EXPECT_LE(gpu.mmaShare, 1);
  // Products of four warps are there for what single warps cannot reach.
  EXPECT_EQ(gpu.wgmmaShare > 0, gpu.chip == "sm_90");
  EXPECT_TRUE(gpu.wgmmaShare == 0 || gpu.wgmmaShare > gpu.mmaShare);
  EXPECT_LE(gpu.wgmmaShare, 1);
}

TEST_P(EachGPU, dramCurveCoversAllMixes) {
  const GPU &gpu = GetParam();
  ASSERT_GE(gpu.dramReachable.size(), 2u);
  EXPECT_EQ(gpu.dramReachable.front().writeShare, 0);
  EXPECT_EQ(gpu.dramReachable.back().writeShare, 1);
  for (size_t i = 1; i < gpu.dramReachable.size(); ++i)
    EXPECT_LT(gpu.dramReachable[i - 1].writeShare, gpu.dramReachable[i].writeShare);
  for (const DramPoint &point : gpu.dramReachable)
    EXPECT_LT(point.GBs, gpu.dramActualGBs);
}

TEST_P(EachGPU, cachesAreWhole) {
  const GPU &gpu = GetParam();
  ASSERT_FALSE(gpu.sharedCarveOuts.empty());
  EXPECT_TRUE(llvm::is_sorted(gpu.sharedCarveOuts));
  EXPECT_EQ(gpu.sharedCarveOuts.back(), gpu.sharedBytesPerSM);
  EXPECT_GT(gpu.unifiedL1Bytes, gpu.sharedCarveOuts.back());
  EXPECT_EQ(gpu.l2Bytes % (gpu.l2Partitions * gpu.l2Ways * cacheLineBytes), 0u);
}
