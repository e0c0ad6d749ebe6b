//===- LayoutTest.cpp - Layouts against a simulation of all threads -------===//
//
// What BlockedAttr computes is held against its description, thread by thread,
// and so is what chooseBlockedLayout promises.
//
//===----------------------------------------------------------------------===//

#include "poolc/Transforms/Tile/Layout.h"

#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

#include <map>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

using Coordinates = std::vector<int64_t>;

class LayoutTest : public testing::Test {
protected:
  LayoutTest() { context.loadDialect<TileDialect>(); }

  BlockedAttr get(ArrayRef<int64_t> sizePerThread, ArrayRef<int64_t> threadsPerWarp,
                  ArrayRef<int64_t> warps) {
    return BlockedAttr::get(&context, sizePerThread, threadsPerWarp, warps);
  }

  MLIRContext context;
};

/// Coordinates of `number` in a grid, the last dimension fastest.
Coordinates delinearize(int64_t number, ArrayRef<int64_t> sizes) {
  Coordinates result(sizes.size());
  for (size_t d = sizes.size(); d-- > 0;) {
    result[d] = number % sizes[d];
    number /= sizes[d];
  }
  return result;
}

int64_t product(ArrayRef<int64_t> sizes) { return llvm::product_of(sizes, int64_t(1)); }

/// First coordinate of a thread in each dimension, as the attribute's
/// description has it.
Coordinates firstOf(BlockedAttr layout, int64_t thread) {
  Coordinates sizes(layout.getThreadsPerWarp());
  if (layout.getColumnsOfLanes())
    std::reverse(sizes.begin(), sizes.end());
  Coordinates lanes = delinearize(thread % 32, sizes);
  if (layout.getColumnsOfLanes())
    std::reverse(lanes.begin(), lanes.end());
  Coordinates warps = delinearize(thread / 32, layout.getWarps());
  Coordinates first(layout.getRank());
  for (unsigned d = 0; d != layout.getRank(); ++d)
    first[d] = (warps[d] * layout.getRepeats(d) * layout.getThreadsPerWarp()[d] + lanes[d]) *
               layout.getSizePerThread()[d];
  return first;
}

/// The elements of a tile that a thread holds by what the attribute computes,
/// in order; those beyond the tile are left out.
std::vector<Coordinates> heldBy(BlockedAttr layout, ArrayRef<int64_t> shape, int64_t thread) {
  Coordinates first = firstOf(layout, thread), counts;
  for (auto [d, size] : llvm::enumerate(shape))
    counts.push_back(layout.getElementsPerThread(d, size));
  EXPECT_EQ(product(counts), layout.getElementsPerThread(shape));
  std::vector<Coordinates> held;
  for (int64_t n = 0; n != product(counts); ++n) {
    Coordinates element = delinearize(n, counts);
    bool inside = true;
    for (auto [d, size] : llvm::enumerate(shape)) {
      element[d] = size == 1 ? 0 : first[d] + layout.getElementOffset(d, element[d]);
      inside &= element[d] < size;
    }
    if (inside)
      held.push_back(element);
  }
  return held;
}

/// Whether a thread holds a coordinate of a dimension: all do where its size is
/// 1, else those in whose groups it lies once the pattern is repeated.
bool holds(BlockedAttr layout, unsigned d, int64_t size, int64_t first, int64_t coordinate) {
  int64_t inPattern = coordinate % layout.getCoverage(d);
  return size == 1 || (first <= inPattern && inPattern < first + layout.getSizePerThread()[d]);
}

/// Every element is held by exactly the threads of the description, once each.
void expectDescribed(BlockedAttr layout, ArrayRef<int64_t> shape) {
  int64_t threads = 32 * product(layout.getWarps());
  for (int64_t thread = 0; thread != threads; ++thread) {
    std::map<Coordinates, int> times;
    for (const Coordinates &element : heldBy(layout, shape, thread))
      ++times[element];
    Coordinates first = firstOf(layout, thread);
    for (int64_t n = 0; n != product(shape); ++n) {
      Coordinates element = delinearize(n, shape);
      bool expected = true;
      for (auto [d, size] : llvm::enumerate(shape))
        expected &= holds(layout, d, size, first[d], element[d]);
      ASSERT_EQ(times[element], expected ? 1 : 0)
          << "thread " << thread << ", element " << testing::PrintToString(element);
    }
  }
}

/// Of the threads that are first in every dimension of size 1, exactly one
/// holds each element: who stores is unique, and nothing is forgotten.
void expectOneWriter(BlockedAttr layout, ArrayRef<int64_t> shape) {
  std::map<Coordinates, int> writers;
  for (int64_t thread = 0; thread != 32 * product(layout.getWarps()); ++thread) {
    Coordinates first = firstOf(layout, thread);
    bool writes = true;
    for (auto [d, size] : llvm::enumerate(shape))
      writes &= size != 1 || first[d] == 0;
    if (writes)
      for (const Coordinates &element : heldBy(layout, shape, thread))
        ++writers[element];
  }
  ASSERT_EQ(int64_t(writers.size()), product(shape));
  for (const auto &[element, count] : writers)
    ASSERT_EQ(count, 1) << testing::PrintToString(element);
}

TEST_F(LayoutTest, IsTheExampleOfItsDescription) {
  BlockedAttr layout = get({1, 2}, {4, 8}, {2, 1});
  EXPECT_EQ(layout.getCoverage(0), 8);
  EXPECT_EQ(layout.getCoverage(1), 16);
  EXPECT_EQ(heldBy(layout, {8, 16}, 32 + 9), (std::vector<Coordinates>{{5, 2}, {5, 3}}));
  EXPECT_EQ(heldBy(layout, {8, 32}, 32 + 9),
            (std::vector<Coordinates>{{5, 2}, {5, 3}, {5, 18}, {5, 19}}));
}

TEST_F(LayoutTest, EveryElementIsHeldByTheThreadsOfTheDescription) {
  const std::vector<int64_t> shapes[] = {{1, 1},  {1, 64}, {8, 16}, {5, 3},
                                         {16, 1}, {9, 40}, {8, 15}, {2, 128}};
  for (BlockedAttr layout : {get({1, 1}, {4, 8}, {1, 1}), get({1, 2}, {4, 8}, {2, 1}),
                             get({2, 4}, {32, 1}, {1, 2}), get({4, 1}, {1, 32}, {2, 2})})
    for (ArrayRef<int64_t> shape : shapes) {
      SCOPED_TRACE(testing::PrintToString(shape.vec()));
      expectDescribed(layout, shape);
      expectOneWriter(layout, shape);
    }
  expectDescribed(get({2}, {32}, {4}), {1000});
  expectDescribed(get({1, 1, 2}, {2, 4, 4}, {2, 1, 2}), {3, 7, 20});
}

TEST_F(LayoutTest, OneElementOfADimensionOfSizeOne) {
  BlockedAttr layout = get({2, 4}, {4, 8}, {1, 1});
  EXPECT_EQ(layout.getElementsPerThread(0, 1), 1);
  EXPECT_EQ(layout.getElementsPerThread(0, 2), 2);
  EXPECT_EQ(layout.getElementsPerThread(1, 33), 8);
  EXPECT_EQ(layout.getElementsPerThread({1, 1}), 1);
}

TEST_F(LayoutTest, ChosenLayoutsHoldTheTile) {
  const std::vector<int64_t> shapes[] = {
      {1},       {2},        {33},        {1024},      {1, 1},      {1, 32},   {32, 1},
      {4, 4},    {3, 5},     {64, 128},   {7, 1000},   {1, 1, 1},   {1, 4, 8}, {16, 1, 3},
      {5, 6, 7}, {2, 8, 32}, {128, 1, 1}, {1, 1, 512}, {2, 2, 2, 2}};
  for (ArrayRef<int64_t> shape : shapes)
    for (int64_t vector : {1, 2, 4, 8})
      for (int64_t warps : {1, 2, 4, 8, 32}) {
        if (shape.back() % vector != 0)
          continue;
        SCOPED_TRACE(testing::PrintToString(shape.vec()) + ", vector " + std::to_string(vector) +
                     ", warps " + std::to_string(warps));
        BlockedAttr layout = chooseBlockedLayout(&context, shape, vector, warps);
        ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) { return success(); });
        EXPECT_TRUE(succeeded(BlockedAttr::verify(
            [&] { return emitError(UnknownLoc::get(&context)); }, layout.getSizePerThread(),
            layout.getThreadsPerWarp(), layout.getWarps(), layout.getColumnsOfLanes(),
            layout.getRepeats(), layout.getThreads())));
        EXPECT_EQ(layout.getRank(), shape.size());
        EXPECT_EQ(product(layout.getWarps()), warps);
        EXPECT_EQ(layout.getSizePerThread().back(), vector);
        expectOneWriter(layout, shape);
      }
}

TEST_F(LayoutTest, NeighboursInAWarpAreNeighboursInMemory) {
  BlockedAttr layout = chooseBlockedLayout(&context, {8, 64}, 2, 2);
  for (int64_t lane = 0; lane != 32; ++lane)
    EXPECT_EQ(firstOf(layout, lane), (Coordinates{0, 2 * lane}));
  EXPECT_EQ(firstOf(layout, 32), (Coordinates{1, 0}));
}

TEST_F(LayoutTest, LanesOfWarpgroupsGoDownColumns) {
  BlockedAttr layout = chooseWarpgroupLayout(&context, 16, 128, 4, /*adjacent=*/false);
  // Four lanes have pairs of rows, then comes the next column; as wgmma's sums lie.
  EXPECT_EQ(firstOf(layout, 3), (Coordinates{6, 0}));
  EXPECT_EQ(firstOf(layout, 4), (Coordinates{0, 1}));
  EXPECT_EQ(firstOf(layout, 32 + 5), (Coordinates{2, 9}));
  EXPECT_EQ(layout.getLaneDistance(0), 1);
  EXPECT_EQ(layout.getLaneDistance(1), 4);
  expectOneWriter(layout, {16, 128});
  EXPECT_EQ(chooseWarpgroupLayout(&context, 16, 128, 2, /*adjacent=*/false), nullptr);
  EXPECT_EQ(chooseWarpgroupLayout(&context, 16, 64, 8, /*adjacent=*/false), nullptr);
  EXPECT_EQ(chooseWarpgroupLayout(&context, 12, 64, 4, /*adjacent=*/false), nullptr);
}

TEST_F(LayoutTest, RowsOfAWarpMayBeAdjacent) {
  // Columns 16 to 31 are of warp 1, a thread has two that are eight apart.
  BlockedAttr layout = chooseWarpgroupLayout(&context, 16, 256, 8, /*adjacent=*/true);
  EXPECT_EQ(firstOf(layout, 32 + 5), (Coordinates{2, 17}));
  EXPECT_EQ(layout.getCoverage(1), 128);
  EXPECT_EQ(layout.getElementsPerThread(1, 256), 4);
  std::vector<int64_t> offsets;
  for (int64_t i = 0; i != 4; ++i)
    offsets.push_back(layout.getElementOffset(1, i));
  EXPECT_EQ(offsets, (std::vector<int64_t>{0, 8, 128, 136}));
  expectOneWriter(layout, {16, 256});
  EXPECT_TRUE(isWarpgroupLayout(layout, 16, 256, 8));
  EXPECT_FALSE(isWarpgroupLayout(layout, 16, 256, 4));
}

TEST_F(LayoutTest, ProductsOfChunksHaveNeighboursAlongBoth) {
  BlockedAttr layout = chooseChunkedLayout(&context, 128, 32, 8);
  EXPECT_EQ(firstOf(layout, 3), (Coordinates{0, 6}));
  EXPECT_EQ(firstOf(layout, 4), (Coordinates{2, 0}));
  EXPECT_EQ(firstOf(layout, 5 * 32 + 4), (Coordinates{82, 0}));
  expectOneWriter(layout, {128, 32});
  EXPECT_EQ(chooseChunkedLayout(&context, 128, 32, 2), nullptr);
  EXPECT_EQ(chooseChunkedLayout(&context, 64, 32, 8), nullptr);
  EXPECT_EQ(chooseChunkedLayout(&context, 64, 12, 4), nullptr);
}

TEST_F(LayoutTest, WarpsAreWhereTheyLeaveLeastToStage) {
  // Five turns of 32 columns for each warp's chunk; side by side, eight chunks of one turn.
  BlockedAttr layout = chooseStagedLayout(&context, {8, 130, 4}, 8);
  EXPECT_EQ(firstOf(layout, 5), (Coordinates{0, 5, 0}));
  EXPECT_EQ(firstOf(layout, 32 + 5), (Coordinates{1, 5, 0}));
  EXPECT_EQ(layout.getElementsPerThread({8, 130, 4}), 20);
  expectOneWriter(layout, {8, 130, 4});
  layout = chooseStagedLayout(&context, {2, 128, 8}, 4);
  EXPECT_EQ(firstOf(layout, 3 * 32), (Coordinates{1, 32, 0}));
  EXPECT_EQ(layout.getElementsPerThread({2, 128, 8}), 16);
}

TEST_F(LayoutTest, WhatTheTileDoesNotNeedIdlesInTheLastDimension) {
  BlockedAttr layout = chooseBlockedLayout(&context, {2, 4}, 1, 8);
  EXPECT_EQ(layout, get({1, 1}, {2, 16}, {1, 8}));
}

} // namespace
