//===- CostModelTest.cpp - Predicted times --------------------------------===//

#include "poolc/Schedule/CostModel.h"
#include "poolc/Target/Roofline.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace poolc;

/// Many blocks that do nothing but keep enough bytes in flight.
static KernelCost idle() {
  KernelCost cost;
  cost.blocks = 128 * 12 * 100;
  cost.warpsPerBlock = 4;
  cost.bytesInFlight = 1 << 20;
  return cost;
}

static Prediction on4090(const KernelCost &cost) { return predict(defaultGPU(), cost); }

TEST(CostModel, streamingRunsAtTheRateOfDram) {
  KernelCost cost = idle();
  cost.dramReadBytes = cost.l2ReadBytes = 8e9;
  cost.dramWriteBytes = cost.l2WriteBytes = 2e9;
  Prediction predicted = on4090(cost);
  double floor = 10e9 / (reachableDramGBs(defaultGPU(), 0.2) * 1e9);
  EXPECT_EQ(predicted.limiter, Limiter::dram);
  EXPECT_DOUBLE_EQ(predicted.limit(Limiter::dram).seconds, floor);
  EXPECT_GT(predicted.seconds, floor);
  EXPECT_LT(predicted.seconds, 1.02 * floor);
}

TEST(CostModel, eachPipeCanBeTheLimit) {
  struct Case {
    double KernelCost::*work;
    double perCycle;
    Limiter limiter;
  };
  const GPU &gpu = defaultGPU();
  for (Case c :
       {Case{&KernelCost::instructions, 4, Limiter::issue}, Case{&KernelCost::fma, 4, Limiter::fma},
        Case{&KernelCost::alu, 2, Limiter::alu}, Case{&KernelCost::special, 0.5, Limiter::special},
        Case{&KernelCost::memory, 0.5, Limiter::memory},
        Case{&KernelCost::wavefronts, 1, Limiter::wavefronts},
        // 128 multiply-adds of TF32 per cycle and SM.
        Case{&KernelCost::matrixMultiplyAdds, 128, Limiter::tensor}}) {
    KernelCost cost = idle();
    cost.*c.work = 1e5;
    Prediction predicted = on4090(cost);
    EXPECT_EQ(predicted.limiter, c.limiter) << toString(c.limiter).str();
    double cycles = 1e5 / c.perCycle * 12 * 100;
    EXPECT_NEAR(predicted.limit(c.limiter).seconds, cycles / (gpu.boostMHz * 1e6),
                0.002 * predicted.seconds);
    EXPECT_NEAR(predicted.share(c.limiter), 1, 0.1);
  }
}

TEST(CostModel, tooFewBytesInFlightLimitByLatency) {
  KernelCost cost = idle();
  cost.dramReadBytes = cost.l2ReadBytes = 1e10;
  // 12 blocks per SM with 128 bytes each: by Little's law 1536 * 128 bytes every 636 cycles.
  cost.bytesInFlight = 128;
  Prediction predicted = on4090(cost);
  EXPECT_EQ(predicted.limiter, Limiter::latency);
  double bytesPerSecond = 1536.0 * 128 / 636 * 2.52e9;
  EXPECT_NEAR(predicted.limit(Limiter::latency).seconds, 1e10 / bytesPerSecond, 1e-6);
  EXPECT_DOUBLE_EQ(predicted.bytesInFlightPerSM, 12 * 128);
  // 984 GB/s * 252 ns / 128 SMs.
  EXPECT_NEAR(predicted.bytesInFlightNeeded, 1940, 5);
}

TEST(CostModel, moreBytesInFlightAreNeverSlower) {
  KernelCost cost = idle();
  cost.dramReadBytes = cost.l2ReadBytes = 1e10;
  double previous = std::numeric_limits<double>::infinity();
  for (cost.bytesInFlight = 32; cost.bytesInFlight < 1e6; cost.bytesInFlight *= 2) {
    double seconds = on4090(cost).seconds;
    EXPECT_LE(seconds, previous);
    previous = seconds;
  }
}

TEST(CostModel, dependentTripsAddUp) {
  KernelCost cost = idle();
  cost.blocks = 128;
  cost.dramReadBytes = cost.l2ReadBytes = 128 * 1024;
  cost.dependentTrips = 1;
  double one = on4090(cost).seconds;
  cost.dependentTrips = 101;
  // 100 trips more, 636 cycles each.
  EXPECT_NEAR(on4090(cost).seconds - one, 100 * 636 / 2.52e9, 2e-7);
}

TEST(CostModel, dataInL2ArriveSooner) {
  KernelCost cost = idle();
  cost.blocks = 128;
  cost.dependentTrips = 100;
  cost.l2ReadBytes = cost.dramReadBytes = 1e6;
  double fromDram = on4090(cost).seconds;
  cost.dramReadBytes = 0;
  EXPECT_LT(on4090(cost).seconds, 0.55 * fromDram);
}

TEST(CostModel, aLastWaveCostsAsMuchAsAWholeOne) {
  KernelCost cost = idle();
  cost.dependentTrips = 1000;
  cost.blocks = 128 * 12;
  double whole = on4090(cost).seconds;
  cost.blocks = 128 * 12 + 1;
  EXPECT_NEAR(on4090(cost).limit(Limiter::latency).seconds, 2 * whole, 0.02 * whole);
  EXPECT_NEAR(on4090(cost).waves, 1.0, 0.001);
}

TEST(CostModel, occupancyComesFromRegistersAndSharedMemory) {
  KernelCost cost = idle();
  cost.warpsPerBlock = 8;
  cost.registersPerThread = 128;
  EXPECT_EQ(on4090(cost).occupancy.blocksPerSM, 2u);
  EXPECT_EQ(on4090(cost).occupancy.limit, OccupancyLimit::registers);
  cost.sharedBytesPerBlock = 60 << 10;
  EXPECT_EQ(on4090(cost).occupancy.blocksPerSM, 1u);
  EXPECT_EQ(on4090(cost).occupancy.limit, OccupancyLimit::sharedMemory);
}

TEST(CostModel, whatDoesNotFitTakesForEver) {
  KernelCost cost = idle();
  cost.sharedBytesPerBlock = 200 << 10;
  Prediction predicted = on4090(cost);
  EXPECT_TRUE(std::isinf(predicted.seconds));
  EXPECT_TRUE(predicted.limits.empty());
  EXPECT_EQ(predicted.share(Limiter::dram), 0);
}

TEST(CostModel, noBlocksTakeNoTime) {
  KernelCost cost = idle();
  cost.blocks = 0;
  EXPECT_EQ(on4090(cost).seconds, 0);
}

TEST(CostModel, mmaInstructionsReachOnlyAShareOfTheHopperPeak) {
  KernelCost cost = idle();
  cost.blocks = 132 * 1000;
  cost.matrixMultiplyAdds = 1e6;
  const GPU &h100 = *lookupGPU("h100");
  double peakSeconds = 2 * 132e3 * 1e6 / (h100.tf32TFLOPs * 1e12);
  EXPECT_NEAR(predict(h100, cost).limit(Limiter::tensor).seconds, peakSeconds / 0.62,
              0.001 * peakSeconds);
}

TEST(CostModel, productsKeepOnlySlowTensorCoresBusyForLong) {
  KernelCost cost;
  for (MatrixType type : {MatrixType::tf32, MatrixType::f16, MatrixType::bf16}) {
    cost.matrixType = type;
    EXPECT_TRUE(areProductsLong(*lookupGPU("rtx4090"), cost));
    EXPECT_FALSE(areProductsLong(*lookupGPU("h200"), cost));
  }
}

TEST(CostModel, anSMBeginsOneBlockOfProductsAfterTheOther) {
  KernelCost cost = idle();
  cost.blocks = 128 * 1000;
  cost.instructions = 1;
  double others = on4090(cost).seconds;
  cost.isProductInSteps = true;
  const GPU &gpu = *lookupGPU("rtx4090");
  double begins = 1000 * gpu.blockIntervalCycles / (gpu.boostMHz * 1e6);
  EXPECT_GE(on4090(cost).seconds, begins);
  EXPECT_GT(on4090(cost).seconds, others);
}

TEST(CostModel, likelyRegistersDecideHowManyBlocksAreResident) {
  KernelCost cost = idle();
  cost.blocks = 128 * 1000;
  cost.warpsPerBlock = 2;
  cost.registersPerThread = 128;
  unsigned fewer = on4090(cost).occupancy.blocksPerSM;
  cost.likelyRegisters = 64;
  EXPECT_EQ(on4090(cost).occupancy.blocksPerSM, 2 * fewer);
}

TEST(CostModel, whatWaitsForOnePipeLeavesTheOthersToFewerStreamingWarps) {
  KernelCost cost = idle();
  cost.blocks = 128 * 1000;
  cost.warpsPerBlock = 8;
  cost.registersPerThread = 128;
  cost.fma = cost.alu = cost.memory = 1e4;
  double others = on4090(cost).seconds;
  cost.isStreaming = true;
  EXPECT_LT(on4090(cost).seconds, 0.95 * others);
  // But no block begins before the one ahead of it has.
  cost.fma = cost.alu = cost.memory = 0;
  const GPU &gpu = *lookupGPU("rtx4090");
  EXPECT_GE(on4090(cost).seconds, 1000 * gpu.blockIntervalCycles / (gpu.boostMHz * 1e6));
}

TEST(CostModel, streamingBlocksThatShareResultsNeedOthersToHideThem) {
  KernelCost cost = idle();
  cost.blocks = 128 * 1000;
  cost.warpsPerBlock = 4;
  cost.isStreaming = true;
  // As long on the pipes as from memory.
  cost.memory = 1e4;
  cost.dramReadBytes = cost.l2ReadBytes = 5e9;
  auto secondsWith = [&](int64_t registers, int64_t sharedBytes) {
    cost.registersPerThread = registers;
    cost.sharedBytesPerBlock = sharedBytes;
    return on4090(cost).seconds;
  };
  EXPECT_GT(secondsWith(255, 8 << 10), 1.05 * secondsWith(255, 0));
  EXPECT_LT(secondsWith(40, 8 << 10), 1.01 * secondsWith(40, 0));
}

TEST(CostModel, productsOfFourWarpsGoOnWhileTheyLoad) {
  const GPU &gpu = *lookupGPU("h200");
  KernelCost cost = idle();
  cost.ofWarpgroups = true;
  cost.warpsPerBlock = 8;
  cost.blocks = gpu.numSMs * 1000;
  // One block on an SM, which loads as long as it multiplies.
  cost.sharedBytesPerBlock = int64_t(gpu.maxSharedBytesPerBlock);
  cost.matrixMultiplyAdds = 1e7;
  double products = predict(gpu, cost).limit(Limiter::tensor).seconds;
  cost.wavefronts = products / 1000 * gpu.boostMHz * 1e6;
  double seconds = predict(gpu, cost).seconds;
  EXPECT_GT(seconds, products);
  EXPECT_LT(seconds, 1.5 * products);
  // More warps meet at the same barriers.
  cost.warpsPerBlock = 16;
  EXPECT_DOUBLE_EQ(predict(gpu, cost).seconds, seconds);
}

/// Steps of products in TF32 on the RTX 4090, one block of 8 warps on each SM.
static KernelCost products() {
  KernelCost cost = idle();
  cost.blocks = 128;
  cost.warpsPerBlock = 8;
  cost.matrixMultiplyAdds = 1e7;
  cost.matrixType = MatrixType::tf32;
  cost.isProductInSteps = true;
  return cost;
}

TEST(CostModel, schedulersWithFewerWarpsLeaveTheirTensorCoresIdle) {
  KernelCost cost = products();
  cost.warpsPerBlock = 4;
  double even = on4090(cost).seconds;
  cost.warpsPerBlock = 3;
  double uneven = on4090(cost).seconds;
  EXPECT_NEAR(uneven / even, 4.0 / 3, 0.03);
  // Where products are not long, a scheduler's other warps do not wait for its tensor core.
  cost.isProductInSteps = false;
  double others = on4090(cost).seconds;
  cost.warpsPerBlock = 4;
  EXPECT_DOUBLE_EQ(on4090(cost).seconds, others);
}

TEST(CostModel, aWarpLoadsAheadInALongStep) {
  KernelCost cost = products();
  cost.warpsPerBlock = 4;
  cost.memory = 2e4;
  cost.productsInStep = 2;
  double shortSteps = on4090(cost).seconds;
  cost.productsInStep = 12;
  double longSteps = on4090(cost).seconds;
  EXPECT_LT(longSteps, 0.9 * shortSteps);
  cost.memory = 0;
  EXPECT_LT(on4090(cost).seconds, longSteps);
}
