//===- MemorySystemTest.cpp -----------------------------------------------===//

#include "VirtualGPU/Metrics/MemorySystem.h"

#include "gtest/gtest.h"

using namespace poolc;
using namespace poolc::vgpu;

static constexpr LineBytes firstSector = {wholeSector, 0, 0, 0};

TEST(MemorySystem, aMissGoesAllTheWay) {
  MemorySystem memory(*lookupGPU("rtx4090"), 1024, /*isSampled=*/false);
  memory.load(0, 5, 0b0011, true); // From DRAM,
  memory.load(0, 5, 0b0111, true); // one sector of three,
  memory.load(1, 5, 0b0111, true); // and all from the L2 to another SM.
  EXPECT_EQ(memory.counters().l1Lookups, 8u);
  EXPECT_EQ(memory.counters().l1Hits, 2u);
  EXPECT_EQ(memory.counters().l2Lookups, 6u);
  EXPECT_EQ(memory.counters().l2Hits, 3u);
  EXPECT_EQ(memory.ledger().total(1).readSectors, 3);
}

TEST(MemorySystem, storesGoThroughTheL1) {
  MemorySystem memory(*lookupGPU("rtx4090"), 1024, /*isSampled=*/false);
  memory.load(0, 5, 0b0001, true);
  memory.store(0, 5, firstSector, true);
  memory.store(1, 5, firstSector, true);
  EXPECT_EQ(memory.counters().l1Lookups, 3u);
  EXPECT_EQ(memory.counters().l1Hits, 1u);
  EXPECT_EQ(memory.counters().l2Lookups, 3u);
  EXPECT_EQ(memory.counters().l2Hits, 2u);
  EXPECT_EQ(memory.ledger().total(1).writeSectors, 1);
}

TEST(MemorySystem, whatDoesNotCountStillComesIn) {
  MemorySystem memory(*lookupGPU("rtx4090"), 1024, /*isSampled=*/false);
  memory.load(0, 5, 0b0001, false);
  memory.load(1, 5, 0b0001, true);
  EXPECT_EQ(memory.counters().l2Lookups, 1u);
  EXPECT_EQ(memory.counters().l2Hits, 1u);
  EXPECT_EQ(memory.ledger().total(1).readSectors, 0);
}

TEST(MemorySystem, theOtherHalfIsReadThroughTheOwn) {
  MemorySystem memory(*lookupGPU("a100"), 1024, /*isSampled=*/false);
  // SMs 0 and 1 belong to different halves. Whichever the line belongs to: one SM
  // looks in both, the other in its own; DRAM is read once.
  memory.loadAroundL1(0, 5, 0b0001, true);
  memory.loadAroundL1(1, 5, 0b0001, true);
  EXPECT_EQ(memory.counters().l2Lookups, 3u);
  EXPECT_EQ(memory.counters().l2Hits, 1u);
  // Now both halves have it.
  memory.loadAroundL1(0, 5, 0b0001, true);
  memory.loadAroundL1(1, 5, 0b0001, true);
  EXPECT_EQ(memory.counters().l2Lookups, 5u);
  EXPECT_EQ(memory.counters().l2Hits, 3u);
  EXPECT_EQ(memory.ledger().total(1).readSectors, 1);
}

TEST(MemorySystem, partsOfSectorsAreReadToBeWrittenBack) {
  for (const char *name : {"rtx4090", "a100"}) {
    GPU gpu = *lookupGPU(name);
    gpu.l2Bytes = 64 * 1024;
    MemorySystem memory(gpu, 1024, /*isSampled=*/false);
    for (uint64_t line = 0; line < 4096; ++line)
      memory.store(0, line, {1, wholeSector, 0, 0}, true);
    auto evicted = double(4096 - gpu.l2Bytes / 128);
    DramLedger::Total total = memory.ledger().total(1);
    EXPECT_EQ(total.readSectors, gpu.dramHasECC ? evicted : 0);
    EXPECT_EQ(total.writeSectors, 2 * 4096);
  }
}

TEST(MemorySystem, followsSomeLinesForAll) {
  MemorySystem memory(*lookupGPU("rtx4090"), 1024, /*isSampled=*/true);
  LineSample sample{memory.l2Sets(), 3};
  memory.follow(sample);
  uint64_t followed = 0;
  for (uint64_t line = 0; line < 80000; ++line)
    if (sample.keeps(line)) {
      ++followed;
      memory.load(0, line, 0b1111, true);
    }
  EXPECT_NEAR(double(followed), 10000, 400);
  EXPECT_EQ(memory.counters().l2Lookups, 8 * 4 * followed);
  EXPECT_EQ(memory.ledger().total(1).readSectors, double(8 * 4 * followed));
}
