//===- WindowOperandTest.cpp - Windows as operand b of products -----------===//
//
// That four threads have every tap of every channel once, that groups are aligned where they
// are said to be, and how some windows are loaded.
//
//===----------------------------------------------------------------------===//

#include "poolc/Target/WindowOperand.h"

#include "gtest/gtest.h"

#include <map>

using namespace poolc;

namespace {

TEST(WindowOperand, everyTapBelongsToOneThread) {
  for (int64_t channels : {1, 2, 4, 8, 16})
    for (int64_t taps : {2, 3, 4, 5, 8, 12})
      for (int64_t gap : {0, 8}) {
        WindowOperand operand{channels, taps, 1000, 7, 2, 4, channels < 4 ? 0 : gap};
        if (!operand.isDivisible())
          continue;
        std::map<int64_t, int> owners;
        for (int64_t thread = 0; thread != 4; ++thread)
          for (int64_t i = 0; i != operand.perThread(); ++i)
            ++owners[operand.placeOfThread(thread) + operand.placeOf(i)];
        ASSERT_EQ(int64_t(owners.size()), channels * taps);
        int64_t fourth = std::max<int64_t>(1, channels / 4);
        for (int64_t channel = 0; channel != channels; ++channel)
          for (int64_t tap = 0; tap != taps; ++tap)
            EXPECT_EQ(owners[channel * 1000 + channel / fourth * operand.gap + tap * 7], 1);
      }
}

TEST(WindowOperand, partsAreEqualAndWhole) {
  auto isDivisible = [](int64_t channels, int64_t taps, int64_t bytes) {
    return WindowOperand{channels, taps, 64, 1, 1, bytes}.isDivisible();
  };
  EXPECT_TRUE(isDivisible(8, 3, 4));
  EXPECT_FALSE(
      isDivisible(4, 3, 4)); // Three elements for each thread, of which two are multiplied.
  EXPECT_TRUE(isDivisible(1, 16, 4));
  EXPECT_FALSE(isDivisible(1, 6, 4)); // No four equal parts of a channel,
  EXPECT_FALSE(isDivisible(6, 4, 4)); // nor of six.
  EXPECT_TRUE(isDivisible(2, 4, 4));
  EXPECT_FALSE(isDivisible(2, 4, 2)); // Four elements of 16 bits are multiplied at once.
}

// Where a thread's groups begin, whatever its columns are, is a multiple of a group.
TEST(WindowOperand, groupsAreAligned) {
  for (int64_t channels : {1, 4, 16})
    for (int64_t rowStride : {40, 42, 44, 47, 72})
      for (int64_t columnStride : {1, 2, 3, 8})
        for (int64_t columns : {1, 2, 4}) {
          WindowOperand operand{channels, 16, rowStride, 1, columnStride, 2};
          int64_t elements = operand.groupElements(columns);
          for (int64_t lane = 0; lane != 32; ++lane)
            EXPECT_EQ((operand.placeOfThread(lane % 4) + lane / 4 * columns * columnStride) %
                          elements,
                      0);
        }
}

TEST(WindowOperand, loadsAreWideAndWithoutConflicts) {
  // 16 taps, 8 positions apart: a thread's eight taps are two loads of 16 bytes, without which
  // there would be eight loads of two wavefronts.
  WindowLoads wide = planWindowLoads({2, 16, 1032 + 4, 1, 8, 4}, /*phase=*/0);
  EXPECT_EQ(wide.elements, 4);
  EXPECT_EQ(wide.loads, 0.5);
  EXPECT_EQ(wide.wavefronts, 4);
  WindowLoads single = planWindowLoads({2, 16, 1032 + 4, 1, 8, 4}, std::nullopt);
  EXPECT_EQ(single.elements, 1);
  EXPECT_EQ(single.loads, 2);
  EXPECT_GE(single.wavefronts, 2);
  // Neighbouring windows of 3 taps share their elements: six of them instead of twelve.
  WindowLoads shared = planWindowLoads({8, 3, 132, 1, 1, 4}, /*phase=*/0, /*columns=*/4);
  EXPECT_LE(shared.loads * double(shared.elements), 2 * 0.75);
  // Rows of 16 bits are multiples of 16 bytes apart, and those of threads multiples of half of all
  // banks; a gap moves them apart.
  EXPECT_GT(planWindowLoads({16, 3, 136, 1, 1, 2}, 7, 4).cost(),
            planWindowLoads({16, 3, 136, 1, 1, 2, /*gap=*/16}, 7, 4).cost());
}

} // namespace
