//===- FootprintTest.cpp - Closed forms against counting ------------------===//

#include "../../../lib/Schedule/Footprint.h"

#include "gtest/gtest.h"

#include <random>
#include <set>

using namespace poolc;

/// Bytes of the distinct sectors that windows touch, averaged over where in a
/// sector the row starts.
static double countRowBytes(const Window &window, DataType type, int64_t outputs) {
  int64_t element = sizeInBytes(type);
  double total = 0;
  int64_t starts = sectorBytes / element;
  for (int64_t start = 0; start < starts; ++start) {
    std::set<int64_t> sectors;
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t t = 0; t < window.kernel; ++t)
        sectors.insert((start + o * window.stride + t * window.dilation) * element / sectorBytes);
    total += double(sectors.size()) * double(sectorBytes);
  }
  return total / double(starts);
}

TEST(Footprint, rowsOfNeighbouringWindows) {
  Window window;
  window.size = 1 << 20;
  window.kernel = window.stride = 11;
  // Everything between the first and the last tap: 128 * 11 floats.
  EXPECT_NEAR(touchedRowBytes(window, DataType::f32, 128), 128 * 11 * 4 + 28, 1);
  EXPECT_EQ(touchedElements(window, 128), 128 * 11);
  window.stride = 64;
  EXPECT_EQ(touchedElements(window, 128), 128 * 11);
}

TEST(Footprint, isNearTheCount) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 300; ++round) {
    Window window;
    window.size = int64_t(1) << 40;
    window.kernel = 1 + int64_t(random() % 12);
    window.stride = 1 + int64_t(random() % (random() % 4 ? 5 : 40));
    window.dilation = 1 + int64_t(random() % (random() % 2 ? 2 : 60));
    int64_t outputs = 1 + int64_t(random() % 200);
    DataType type = random() % 2 ? DataType::f32 : DataType::f16;
    double counted = countRowBytes(window, type, outputs);
    double estimated = touchedRowBytes(window, type, double(outputs));
    EXPECT_GE(estimated, 0.99 * counted);
    // Where gaps and sectors are of one size, the estimate takes in what is between.
    EXPECT_LE(estimated, 1.9 * counted)
        << window.kernel << ' ' << window.stride << ' ' << window.dilation << ' ' << outputs;
  }
}

TEST(Footprint, runs) {
  EXPECT_EQ(runBytes(3, 40, 32), 3 * 64) << "aligned to sectors";
  EXPECT_EQ(runBytes(1, 528, 16), 544) << "half a sector is lost, at one end or the other";
  EXPECT_EQ(runBytes(1, 36, 4), 64) << "two sectors, wherever it begins";
  EXPECT_EQ(runBytes(1, 4, 4), 32);
  EXPECT_EQ(runBytes(2, 512, 32, 16), 2 * 544) << "a half at both ends, always";
}

TEST(Footprint, warpAccesses) {
  WarpAccess neighbours = accessGlobal(32, 4, 4);
  EXPECT_EQ(neighbours.sectors, 4);
  EXPECT_EQ(neighbours.wavefronts, 1);
  WarpAccess broadcast = accessGlobal(32, 4, 0);
  EXPECT_EQ(broadcast.sectors, 1);
  WarpAccess scattered = accessGlobal(32, 4, 512);
  EXPECT_EQ(scattered.sectors, 32);
  EXPECT_NEAR(scattered.wavefronts, 8.7, 0.01);
  WarpAccess wide = accessGlobal(32, 16, 16);
  EXPECT_EQ(wide.sectors, 16);
  EXPECT_EQ(wide.wavefronts, 4);
  // 11 lines of 128 bytes: about 3.5 cycles, measured 3.6.
  EXPECT_NEAR(accessGlobal(32, 4, 44).wavefronts, 3.5, 0.2);
}
