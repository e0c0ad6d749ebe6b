//===- CacheTest.cpp ------------------------------------------------------===//

#include "VirtualGPU/Metrics/Cache.h"

#include "gtest/gtest.h"

using namespace poolc::vgpu;

TEST(L1Cache, sectorsMissOneByOne) {
  L1Cache cache(4 * 128);
  EXPECT_EQ(cache.load(7, 0b0011), 0b0000);
  EXPECT_EQ(cache.load(7, 0b0011), 0b0011);
  // The tag is there, two of the sectors are not.
  EXPECT_EQ(cache.load(7, 0b1111), 0b0011);
  EXPECT_EQ(cache.load(7, 0b1111), 0b1111);
}

TEST(L1Cache, leastRecentlyUsedLineGoes) {
  L1Cache cache(3 * 128);
  cache.load(1, 1);
  cache.load(2, 1);
  cache.load(3, 1);
  EXPECT_EQ(cache.load(1, 1), 1);
  // 2 has not been used for the longest time.
  EXPECT_EQ(cache.load(4, 1), 0);
  EXPECT_EQ(cache.load(1, 1), 1);
  EXPECT_EQ(cache.load(3, 1), 1);
  EXPECT_EQ(cache.load(4, 1), 1);
  EXPECT_EQ(cache.load(2, 1), 0);
}

TEST(L1Cache, storesBringNothingIn) {
  L1Cache cache(4 * 128);
  EXPECT_EQ(cache.store(1, 0b0001), 0);
  EXPECT_EQ(cache.load(1, 0b0001), 0);
  EXPECT_EQ(cache.store(1, 0b0011), 0b0001);
  EXPECT_EQ(cache.load(1, 0b0011), 0b0001);
}

TEST(L1Cache, mayHaveNoRoom) {
  L1Cache cache(0);
  EXPECT_EQ(cache.load(1, 1), 0);
  EXPECT_EQ(cache.load(1, 1), 0);
  EXPECT_EQ(cache.store(1, 1), 0);
}

static constexpr LineBytes whole = {wholeSector, wholeSector, wholeSector, wholeSector};

TEST(L2Cache, sectorsMissOneByOne) {
  L2Cache cache(1024 * 128, 16);
  EXPECT_EQ(cache.load(7, 0b0101), 0b0000);
  EXPECT_EQ(cache.load(7, 0b0111), 0b0101);
}

TEST(L2Cache, storedSectorsAreThere) {
  L2Cache cache(1024 * 128, 16);
  EXPECT_EQ(cache.store(7, whole), 0b1111);
  EXPECT_EQ(cache.load(7, 0b1111), 0b1111);
  // Dirty once.
  EXPECT_EQ(cache.store(7, whole), 0b0000);
}

TEST(L2Cache, partOfASectorIsFetchedWhenLoaded) {
  L2Cache cache(1024 * 128, 16);
  EXPECT_EQ(cache.store(7, {0x0000FFFF, 0, 0, 0}), 0b0001);
  EXPECT_EQ(cache.load(7, 0b0001), 0b0000);
  EXPECT_EQ(cache.load(7, 0b0001), 0b0001);
  // Two halves make a whole.
  cache.store(8, {0x0000FFFF, 0, 0, 0});
  EXPECT_EQ(cache.store(8, {0xFFFF0000, 0, 0, 0}), 0b0000);
  EXPECT_EQ(cache.load(8, 0b0001), 0b0001);
}

TEST(L2Cache, evictedLinesAreGoneAndDirtyAgain) {
  // One set of two lines.
  L2Cache cache(2 * 128, 2);
  EXPECT_EQ(cache.store(1, whole), 0b1111);
  cache.load(2, 1);
  cache.load(1, 1);
  cache.load(3, 1);
  EXPECT_EQ(cache.load(1, 1), 1);
  EXPECT_EQ(cache.load(2, 1), 0);
  // 2 has replaced 3, 4 replaces 1, which was written back so.
  cache.load(4, 1);
  EXPECT_EQ(cache.store(1, whole), 0b1111);
}

TEST(L2Cache, knowsWhatWasNotWrittenWholeInTime) {
  // One set of two lines.
  L2Cache cache(2 * 128, 2);
  cache.store(1, {0x0000FFFF, wholeSector, 1, 0});
  cache.load(2, 1);
  EXPECT_EQ(cache.takeIncomplete(), 0u);
  cache.load(3, 1);
  EXPECT_EQ(cache.takeIncomplete(), 2u);
  EXPECT_EQ(cache.takeIncomplete(), 0u);
  // What is read in between is complete.
  cache.store(4, {0x0000FFFF, 1, 0, 0});
  cache.load(4, 0b0001);
  cache.load(5, 1);
  cache.load(6, 1);
  EXPECT_EQ(cache.takeIncomplete(), 1u);
}

TEST(L2Cache, stridesUseAllSets) {
  // 1024 lines at a stride of 4096 lines fit, but for a few unlucky sets.
  L2Cache cache(2048 * 128, 16);
  for (uint64_t i = 0; i < 1024; ++i)
    cache.load(i * 4096, 1);
  unsigned hits = 0;
  for (uint64_t i = 0; i < 1024; ++i)
    hits += cache.load(i * 4096, 1);
  EXPECT_GT(hits, 900u);
}
