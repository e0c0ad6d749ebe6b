//===- RooflineTest.cpp ---------------------------------------------------===//

#include "poolc/Target/Roofline.h"

#include "gtest/gtest.h"

#include <random>
#include <set>

using namespace poolc;

/// The definition, one element at a time.
static int64_t countSectors(const AvgPool2dProblem &p) {
  std::set<int64_t> sectors;
  const Window &h = p.axis[0], &w = p.axis[1];
  for (int64_t plane = 0; plane < p.planes; ++plane)
    for (int64_t oh = 0; oh < p.outputSize(0); ++oh)
      for (int64_t ow = 0; ow < p.outputSize(1); ++ow)
        for (int64_t kh = 0; kh < h.kernel; ++kh)
          for (int64_t kw = 0; kw < w.kernel; ++kw) {
            int64_t ih = h.start(oh) + kh * h.dilation, iw = w.start(ow) + kw * w.dilation;
            if (ih >= 0 && ih < h.size && iw >= 0 && iw < w.size)
              sectors.insert(((plane * h.size + ih) * w.size + iw) * sizeInBytes(p.type) / 32);
          }
  return sectors.size();
}

TEST(Roofline, sectorsOfPoolingMatchTheDefinition) {
  std::mt19937 random(7);
  auto draw = [&](int64_t low, int64_t high) { return low + int64_t(random() % (high - low + 1)); };
  for (int round = 0; round < 300; ++round) {
    AvgPool2dProblem p;
    p.type = round % 2 ? DataType::f32 : DataType::f16;
    p.planes = draw(1, 40);
    for (Window &axis : p.axis) {
      axis.size = draw(1, 20);
      axis.kernel = draw(1, std::min<int64_t>(4, axis.size));
      axis.stride = draw(1, 12);
      axis.padBefore = draw(0, axis.kernel - 1);
      axis.padAfter = draw(0, axis.kernel - 1);
      axis.ceilMode = draw(0, 1);
    }
    EXPECT_EQ(computeWork(p).readBytes, countSectors(p) * 32) << "round " << round;
  }
}

static AvgPool2dProblem startingPool() {
  AvgPool2dProblem p;
  p.planes = 16 * 64;
  p.axis[0] = p.axis[1] = Window{.size = 2048, .kernel = 11, .stride = 11};
  return p;
}

static Conv1dProblem startingConv() {
  Conv1dProblem p;
  p.batch = 64, p.inPerGroup = 64, p.outPerGroup = 128;
  p.window = Window{.size = 224280, .kernel = 3, .stride = 3, .dilation = 4};
  return p;
}

TEST(Roofline, startingPool) {
  // 2046 of 2048 rows, all 256 sectors of each.
  Work work = computeWork(startingPool());
  EXPECT_EQ(work.readBytes, int64_t(1024) * 2046 * 256 * 32);
  EXPECT_EQ(work.writeBytes, int64_t(1024) * 186 * 186 * 4);
  Floor floor = computeFloor(defaultGPU(), work, peakTFLOPs(defaultGPU(), startingPool()));
  EXPECT_NEAR(floor.seconds(), 17.305e9 / 926.6e9, 1e-5);
  EXPECT_EQ(floor.seconds(), floor.memorySeconds);
}

TEST(Roofline, startingConv) {
  Conv1dProblem p = startingConv();
  Work work = computeWork(p);
  EXPECT_EQ(work.writeBytes, int64_t(64) * 128 * 74758 * 4);
  EXPECT_NEAR(work.bytes(), 6.12e9, 0.01e9);
  EXPECT_NEAR(work.operations, 235e9, 1e9);
  Floor floor = computeFloor(defaultGPU(), work, peakTFLOPs(defaultGPU(), p));
  EXPECT_NEAR(floor.memorySeconds, 6.7e-3, 0.05e-3);
  EXPECT_NEAR(floor.computeSeconds, 2.85e-3, 0.01e-3);
}

TEST(Roofline, convReadsWeightsBiasAndOnlyUsedPositions) {
  Conv1dProblem p;
  p.window = Window{.size = 64, .kernel = 1, .stride = 16};
  p.hasBias = true;
  // One sector for each of the 4 positions, one for w, one for the bias.
  EXPECT_EQ(computeWork(p).readBytes, 6 * 32);
  EXPECT_EQ(computeWork(p).writeBytes, 32);
  EXPECT_EQ(computeWork(p).operations, 8);
}

TEST(Roofline, emptyBatchIsNoWork) {
  Conv1dProblem conv = startingConv();
  conv.batch = 0;
  EXPECT_EQ(computeWork(conv).bytes(), 0);
  AvgPool2dProblem pool = startingPool();
  pool.planes = 0;
  Work work = computeWork(pool);
  EXPECT_EQ(work.bytes(), 0);
  EXPECT_EQ(computeFloor(defaultGPU(), work, 1).seconds(), 0);
}

TEST(Roofline, dramRateByWriteShare) {
  const GPU &gpu = defaultGPU();
  EXPECT_NEAR(reachableDramGBs(gpu, 0), 984 * 0.942, 0.1);
  EXPECT_NEAR(reachableDramGBs(gpu, 0.2), 984 * (0.942 - 0.034 * 0.2), 0.1);
  EXPECT_NEAR(reachableDramGBs(gpu, 0.4), 984 * (0.942 - 0.034 * 0.4), 0.1);
  EXPECT_EQ(reachableDramGBs(gpu, 0.5), 907);
  EXPECT_EQ(reachableDramGBs(gpu, 0.75), 917);
  EXPECT_EQ(reachableDramGBs(gpu, 1), 927);
}

TEST(Roofline, peakIsThatOfTheUnit) {
  const GPU &h100 = *lookupGPU("h100");
  Conv1dProblem p;
  EXPECT_EQ(peakTFLOPs(h100, p), h100.fp32TFLOPs);
  p.precision = Precision::tf32;
  EXPECT_EQ(peakTFLOPs(h100, p), h100.tf32TFLOPs);
  p.precision = Precision::tf32x3;
  EXPECT_EQ(peakTFLOPs(h100, p), h100.tf32TFLOPs / 3);
  EXPECT_FALSE(isPeakOfFMA(h100, p));
  // Those of GeForce cards take longer for three products than FMA units for one.
  EXPECT_EQ(peakTFLOPs(defaultGPU(), p), defaultGPU().fp32TFLOPs);
  EXPECT_TRUE(isPeakOfFMA(defaultGPU(), p));
  p.type = DataType::bf16;
  EXPECT_EQ(peakTFLOPs(h100, p), h100.bf16TFLOPs);
}
