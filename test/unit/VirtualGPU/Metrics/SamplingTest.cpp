//===- SamplingTest.cpp - Which blocks run, and where ---------------------===//

#include "VirtualGPU/Metrics/Sampling.h"
#include "VirtualGPU/Metrics/DramLedger.h"
#include "VirtualGPU/Metrics/Placement.h"

#include "gtest/gtest.h"

using namespace poolc::vgpu;

TEST(Sampling, allBlocksWithoutARequest) {
  BlockSelection all = selectBlocks({1000, 1, 10, 0});
  EXPECT_TRUE(all.isWhole());
  EXPECT_EQ(all.counted(), 1000u);
  EXPECT_EQ(all.block(999), 999u);
}

TEST(Sampling, runsAreInTheMiddleOfTheirThirds) {
  BlockSelection some = selectBlocks({9000, 1, 10, 300});
  ASSERT_EQ(some.runs.size(), 3u);
  // 100 of the blocks 0 to 2999: 1450 before them and after. One runs before.
  for (uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(some.runs[i].first, 3000 * i + 1449);
    EXPECT_EQ(some.runs[i].before, 1u);
    EXPECT_EQ(some.runs[i].counted, 100u);
  }
  EXPECT_EQ(some.counted(), 300u);
  EXPECT_EQ(some.size(), 303u);
  EXPECT_EQ(some.block(0), 1449u);
  EXPECT_EQ(some.block(100), 1549u);
  EXPECT_EQ(some.block(101), 4449u);
}

TEST(Sampling, runsHoldAllResidentBlocks) {
  BlockSelection some = selectBlocks({9000, 1, 500, 300});
  EXPECT_EQ(some.counted(), 1500u);
  // No larger than that: whole.
  EXPECT_TRUE(selectBlocks({1500, 1, 500, 300}).isWhole());
  EXPECT_FALSE(selectBlocks({1503, 1, 500, 300}).isWhole());
  EXPECT_TRUE(selectBlocks({9000, 1, 1, 9000}).isWhole());
  EXPECT_TRUE(selectBlocks({2, 1, 1, 1}).isWhole());
}

TEST(Sampling, blocksOfTheRowBeforeRunToo) {
  EXPECT_EQ(selectBlocks({90000, 20, 10, 3000}).runs[0].before, 20u);
  // At most an eighth, and not those of the run before.
  EXPECT_EQ(selectBlocks({90000, 5000, 10, 3000}).runs[0].before, 125u);
  BlockSelection dense = selectBlocks({3012, 100, 10, 3000});
  ASSERT_EQ(dense.runs.size(), 3u);
  EXPECT_EQ(dense.runs[1].first, dense.runs[0].first + dense.runs[0].size());
}

TEST(Placement, firstWaveGoesRoundTheSMs) {
  Placement placement(3, 2);
  std::vector<unsigned> sms;
  for (unsigned i = 0; i < 6; ++i) {
    EXPECT_EQ(placement.peek().start, 0u);
    sms.push_back(placement.peek().sm);
    placement.take(100);
  }
  EXPECT_EQ(sms, (std::vector<unsigned>{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(placement.peek().start, 100u);
}

TEST(Placement, thenTheSlotThatIsFreeFirst) {
  Placement placement(2, 1);
  placement.take(100); // SM 0
  placement.take(30);  // SM 1
  EXPECT_EQ(placement.peek().sm, 1u);
  EXPECT_EQ(placement.peek().start, 30u);
  placement.take(20);
  EXPECT_EQ(placement.peek().sm, 1u);
  placement.take(60); // until 110
  EXPECT_EQ(placement.peek().sm, 0u);
  EXPECT_EQ(placement.peek().start, 100u);
}

TEST(DramLedger, countsAllOfAWholeGrid) {
  DramLedger ledger(false);
  ledger.read(1, 0b1111, 0b0011, true);
  ledger.read(1, 0b1111, 0b0011, true);
  ledger.write(2, 0b1111, 0b0001, true);
  DramLedger::Total total = ledger.total(1);
  EXPECT_EQ(total.readSectors, 4);
  EXPECT_EQ(total.writeSectors, 1);
}

TEST(DramLedger, whatSeveralRunsUseCountsOnce) {
  DramLedger ledger(true);
  ledger.beginRun(0);
  ledger.read(1, 0b0001, 0b0001, true);  // A table,
  ledger.read(10, 0b1111, 0b1111, true); // the run's own,
  ledger.read(10, 0b0001, 0b0001, true); // one of it twice.
  ledger.beginRun(1);
  ledger.read(1, 0b0001, 0b0000, true);
  ledger.read(20, 0b0111, 0b0111, true);
  // (4 + 1 + 3) * 10 of the runs' own, and the table.
  DramLedger::Total total = ledger.total(10);
  EXPECT_EQ(total.readSectors, 81);
  EXPECT_EQ(total.readSectorsSaved, 9);
  ledger.write(5, 1, 1, true);
  ledger.beginRun(2);
  ledger.write(5, 1, 1, true);
  ledger.write(6, 1, 1, true);
  EXPECT_EQ(ledger.total(10).writeSectors, 11);
}

TEST(DramLedger, blocksBeforeARunDoNotCount) {
  DramLedger ledger(true);
  ledger.beginRun(0);
  ledger.read(1, 0b0011, 0b0011, false);
  ledger.read(1, 0b0111, 0b0100, true);
  EXPECT_EQ(ledger.total(2).readSectors, 2);
  // Unless it turns out that other runs use a sector too.
  ledger.beginRun(1);
  ledger.read(1, 0b0001, 0b0000, true);
  EXPECT_EQ(ledger.total(2).readSectors, 3);
}
