//===- FragmentsTest.cpp - Loads of fragments against banks ---------------===//
//
// Bank conflicts of the loads that tensor cores' operands are loaded by, over all distances of
// rows and columns, and how warps divide tiles for them.
//
//===----------------------------------------------------------------------===//

#include "poolc/Target/Fragments.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <map>
#include <set>

using namespace poolc;

namespace {

/// The same as countWavefronts by definition: the most words that a bank has to deliver, for a
/// load of 8 bytes by each half of the warp, of 16 by each quarter.
int64_t countByDefinition(int64_t bytes, const std::vector<int64_t> &addresses) {
  int64_t lanes = 32 / std::max<int64_t>(1, bytes / 4), wavefronts = 0;
  for (int64_t first = 0; first < 32; first += lanes) {
    std::map<int64_t, std::set<int64_t>> wordsOfBank;
    for (int64_t lane = first; lane != first + lanes; ++lane)
      for (int64_t byte = 0; byte < bytes; byte += 4)
        wordsOfBank[(addresses[lane] + byte) / 4 % 32].insert((addresses[lane] + byte) / 4);
    size_t most = 0;
    for (const auto &[bank, words] : wordsOfBank)
      most = std::max(most, words.size());
    wavefronts += int64_t(most);
  }
  return wavefronts;
}

int64_t leastWavefronts(ColumnGroups groups, int64_t bytes) {
  return std::max<int64_t>(1, groups.elements * bytes / 4);
}

TEST(WavefrontsTest, AreTheMostWordsOfABank) {
  for (int64_t bytes : {2, 4, 8, 16})
    for (int64_t rowStride = 0; rowStride != 40; ++rowStride)
      for (int64_t columnStride = 0; columnStride != 9; ++columnStride) {
        std::vector<int64_t> addresses;
        for (int64_t lane = 0; lane != 32; ++lane)
          addresses.push_back((lane % 4 * rowStride + lane / 4 * columnStride) * bytes);
        EXPECT_EQ(countWavefronts(bytes, [&](int64_t lane) { return addresses[lane]; }),
                  countByDefinition(bytes, addresses))
            << bytes << " bytes, " << rowStride << ", " << columnStride;
      }
}

TEST(FragmentColumnsTest, LoadsLieInsideAlignedGroups) {
  for (int64_t bytes : {2, 4})
    for (int64_t columnStride : {1, 2, 4, 8, 16})
      for (int64_t rowStride = 1; rowStride != 200; ++rowStride) {
        ColumnGroups groups = groupFragmentColumns(rowStride, columnStride, bytes);
        // The rows that neighbouring threads load move by this.
        EXPECT_EQ(4 / bytes * rowStride % groups.elements, 0);
        EXPECT_LE(groups.elements * bytes, 16);
        EXPECT_LE(groups.columns * bytes, 16);
        EXPECT_LE(columnsOfLoad(groups, columnStride), groups.columns);
      }
}

/// Rows that are skewed by an odd number of elements, as those of x are where L is odd.
TEST(FragmentColumnsTest, OddRowsHaveNoConflictsAtOddStrides) {
  for (int64_t bytes : {2, 4})
    for (int64_t columnStride = 1; columnStride < 32; columnStride += 2)
      for (int64_t rowStride = 1; rowStride < 300; rowStride += 2) {
        ColumnGroups single{1, spreadFragmentColumns(rowStride, columnStride, bytes)};
        EXPECT_EQ(countFragmentWavefronts(rowStride, columnStride, bytes, single), 1)
            << bytes << " bytes, " << rowStride << ", " << columnStride;
        ColumnGroups groups = groupFragmentColumns(rowStride, columnStride, bytes);
        if (columnStride == 1)
          EXPECT_EQ(countFragmentWavefronts(rowStride, 1, bytes, groups),
                    leastWavefronts(groups, bytes))
              << bytes << " bytes, " << rowStride;
      }
}

/// With those of f32 8 or 24 words apart, as they are where rows are aligned.
TEST(FragmentColumnsTest, AlignedRowsNeedNoMoreColumnsThanALoadBrings) {
  for (int64_t rowStride : {8, 24, 40, 296}) {
    EXPECT_EQ(spreadFragmentColumns(rowStride, 1, 4), 1);
    ColumnGroups groups = groupFragmentColumns(rowStride, 1, 4);
    EXPECT_EQ(groups.elements, 4);
    EXPECT_EQ(groups.columns, 4);
    EXPECT_EQ(countFragmentWavefronts(rowStride, 1, 4, groups), 4);
  }
}

TEST(FragmentColumnsTest, StrideTwoOfOddRowsHasNoConflicts) {
  for (int64_t bytes : {2, 4})
    for (int64_t rowStride = 1; rowStride < 300; rowStride += 2) {
      ColumnGroups groups = groupFragmentColumns(rowStride, 2, bytes);
      EXPECT_EQ(countFragmentWavefronts(rowStride, 2, bytes, groups),
                leastWavefronts(groups, bytes))
          << bytes << " bytes, " << rowStride;
    }
}

TEST(FragmentColumnsTest, MoreColumnsAreTakenOnlyForFewerConflicts) {
  for (int64_t bytes : {2, 4})
    for (int64_t columnStride = 1; columnStride != 17; ++columnStride)
      for (int64_t rowStride = 1; rowStride != 130; ++rowStride) {
        int64_t columns = spreadFragmentColumns(rowStride, columnStride, bytes);
        double best = countFragmentWavefronts(rowStride, columnStride, bytes, {1, columns});
        for (int64_t fewer = 1; fewer < columns; fewer *= 2)
          EXPECT_GT(countFragmentWavefronts(rowStride, columnStride, bytes, {1, fewer}), best);
      }
}

TEST(FragmentColumnsTest, LargeStridesDoNotOverflow) {
  constexpr int64_t large = int64_t(1) << 62;
  EXPECT_EQ(spreadFragmentColumns(large, large, 4), 1);
  EXPECT_EQ(groupFragmentColumns(large, -large, 2).columns, 1);
}

TEST(FragmentWarpsTest, DivideTilesEvenly) {
  for (int64_t m = 16; m <= 256; m += 16)
    for (int64_t n = 8; n <= 256; n += 8)
      for (int64_t numWarps : {1, 2, 4, 8, 16})
        for (NeighbourColumns columns : {NeighbourColumns{1, 1}, {4, 1}, {4, 4}, {8, 2}}) {
          FragmentWarps warps = divideAmongWarps(m, n, 2, columns, numWarps);
          if (!warps)
            continue;
          EXPECT_EQ(warps.m * warps.n, numWarps);
          EXPECT_EQ(m % (16 * warps.m), 0);
          EXPECT_EQ(n % (4 * warps.adjacent * warps.n), 0);
          EXPECT_LE(warps.adjacent, 2 * columns.best);
        }
}

TEST(FragmentLoadsTest, RowsAThousandElementsApartMeetInTheSameBanks) {
  // Columns of 8 words are in four banks, rows of 1024 words in the same, of 1028 beside.
  EXPECT_EQ(countFragmentWavefronts(1024, 8, 4, {1, 1}), 8);
  EXPECT_EQ(countFragmentWavefronts(2048, 8, 4, {1, 1}), 8);
  EXPECT_EQ(countFragmentWavefronts(1028, 8, 4, {1, 1}), 4);
}

TEST(FragmentWarpsTest, LoadLeast) {
  auto divide = [](int64_t m, int64_t n, NeighbourColumns columns) {
    FragmentWarps warps = divideAmongWarps(m, n, 2, columns, 8);
    return std::array<int64_t, 3>{warps.m, warps.n, warps.adjacent};
  };
  // Squares of 64 x 32 or 32 x 64.
  EXPECT_EQ(divide(128, 128, {1, 1}), (std::array<int64_t, 3>{2, 4, 2}));
  // Eight columns of each thread fit in no less than 64.
  EXPECT_EQ(divide(128, 128, {8, 2}), (std::array<int64_t, 3>{4, 2, 16}));
  // Not for half of the rows, nor with fewer columns than a load brings.
  EXPECT_EQ(divide(64, 192, {8, 2}), (std::array<int64_t, 3>{2, 4, 4}));
}

} // namespace

TEST(FragmentLoadsTest, LanesOfFmaUnitsLoadOneRow) {
  // Eight columns by stride 4 are in eight banks, by stride 8 in four, by 32 in one; rows do not
  // count, as all lanes have the same.
  EXPECT_EQ(countColumnWavefronts(4, 4, {1, 1}), 1);
  EXPECT_EQ(countColumnWavefronts(8, 4, {1, 1}), 2);
  EXPECT_EQ(countColumnWavefronts(32, 4, {1, 1}), 8);
  EXPECT_EQ(countColumnWavefronts(1 << 20, 4, {1, 1}), 8);
  // Four columns of a load of 16 bytes: a quarter of the lanes at a time.
  EXPECT_EQ(countColumnWavefronts(1, 4, {4, 4}), 4);
}
