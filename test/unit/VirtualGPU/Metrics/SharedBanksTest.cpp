//===- SharedBanksTest.cpp ------------------------------------------------===//

#include "VirtualGPU/Metrics/SharedBanks.h"

#include "gtest/gtest.h"

#include <functional>

using namespace poolc::vgpu;

static BankSteps steps(std::function<uint64_t(unsigned)> address, unsigned bytes,
                       uint32_t mask = ~0u, bool isLoad = true) {
  uint64_t addresses[32];
  for (unsigned lane = 0; lane < 32; ++lane)
    addresses[lane] = address(lane);
  return countBankSteps(addresses, mask, bytes, isLoad);
}

static unsigned conflicts(std::function<uint64_t(unsigned)> address, unsigned bytes,
                          uint32_t mask = ~0u) {
  return steps(address, bytes, mask).conflicts;
}

TEST(SharedBanks, wordsSideBySideHaveNone) {
  EXPECT_EQ(conflicts([](unsigned lane) { return 4 * lane; }, 4), 0u);
  // Two steps of 16 lanes and four of 8 are the least for wider accesses.
  EXPECT_EQ(conflicts([](unsigned lane) { return 8 * lane; }, 8), 0u);
  EXPECT_EQ(conflicts([](unsigned lane) { return 16 * lane; }, 16), 0u);
  // Halves of a word are one word.
  EXPECT_EQ(conflicts([](unsigned lane) { return 2 * lane; }, 2), 0u);
}

TEST(SharedBanks, oneWordIsBroadcast) {
  EXPECT_EQ(conflicts([](unsigned) { return 64; }, 4), 0u);
  EXPECT_EQ(conflicts([](unsigned) { return 64; }, 16), 0u);
  // Two words of one bank, each read by half of the lanes.
  EXPECT_EQ(conflicts([](unsigned lane) { return lane % 2 * 128; }, 4), 1u);
}

TEST(SharedBanks, stridesOfWords) {
  // Stride 2: words 0 and 32 meet in bank 0, and so on: 2 steps.
  EXPECT_EQ(conflicts([](unsigned lane) { return 8 * lane; }, 4), 1u);
  EXPECT_EQ(conflicts([](unsigned lane) { return 128 * lane; }, 4), 31u);
  // A pitch of 33 words, or any odd one, goes through all banks.
  EXPECT_EQ(conflicts([](unsigned lane) { return 132 * lane; }, 4), 0u);
  EXPECT_EQ(conflicts([](unsigned lane) { return 44 * lane; }, 4), 0u);
}

TEST(SharedBanks, phasesOfWideAccesses) {
  // 16 bytes at a pitch of 128: the 8 lanes of each of 4 phases share 4 banks, so
  // 32 steps in place of 4.
  EXPECT_EQ(conflicts([](unsigned lane) { return 128 * lane; }, 16), 28u);
  // At a pitch of 144 = 128 + 16 they do not: what ldmatrix wants.
  EXPECT_EQ(conflicts([](unsigned lane) { return 144 * lane; }, 16), 0u);
  // 8 bytes at a pitch of 128: 16 steps in both phases in place of one.
  EXPECT_EQ(conflicts([](unsigned lane) { return 128 * lane; }, 8), 30u);
  // Lanes of different phases do not meet.
  EXPECT_EQ(conflicts([](unsigned lane) { return lane / 8 * 128 + lane % 8 * 16; }, 16), 0u);
}

TEST(SharedBanks, lanesOutsideTheMaskDoNotCount) {
  EXPECT_EQ(conflicts([](unsigned lane) { return 128 * lane; }, 4, 0b11), 1u);
  // One phase of four has lanes: 2 steps in place of 1.
  EXPECT_EQ(conflicts([](unsigned lane) { return 128 * lane; }, 16, 0b11), 1u);
}

TEST(SharedBanks, pairsOfLanesThatLoadTheSame) {
  auto wide = [](auto group) { return steps([&](unsigned lane) { return 16 * group(lane); }, 16); };
  EXPECT_EQ(wide([](unsigned lane) { return lane; }).phases, 4u);
  // As measured: lanes 0 and 1, 2 and 3 and so on; or 0 and 2, 1 and 3; but not 0 and 4.
  EXPECT_EQ(wide([](unsigned lane) { return lane / 2; }).phases, 2u);
  EXPECT_EQ(wide([](unsigned lane) { return lane / 8; }).phases, 2u);
  EXPECT_EQ(wide([](unsigned lane) { return lane % 2; }).phases, 2u);
  EXPECT_EQ(wide([](unsigned lane) { return lane % 4; }).phases, 4u);
  EXPECT_EQ(wide([](unsigned lane) { return lane % 8; }).phases, 4u);
  // All of them have to, those that are there.
  EXPECT_EQ(wide([](unsigned lane) { return lane < 4 ? lane : lane / 2; }).phases, 4u);
  auto halves = [](unsigned lane) { return uint64_t(8) * (lane / 2); };
  EXPECT_EQ(steps(halves, 8).phases, 1u);
  EXPECT_EQ(steps(halves, 8, 0x55555555u).phases, 1u);
  // Stores were not measured.
  EXPECT_EQ(steps(halves, 8, ~0u, /*isLoad=*/false).phases, 2u);
  // Two pairs that meet in banks: 8 lanes of each phase at the same 4 banks.
  EXPECT_EQ(steps([](unsigned lane) { return uint64_t(128) * (lane / 2); }, 16).conflicts, 14u);
}
