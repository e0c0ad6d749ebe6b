//===- GridTest.cpp - Tile counts and grids -------------------------------===//

#include "poolc/Schedule/Grid.h"
#include "Problems.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace poolc;
using testing::ElementsAre;

static TileGrid gridOf(const auto &problem, llvm::StringRef text) {
  return llvm::cantFail(makeTileGrid(problem, words(text)));
}

TEST(TileGrid, countsTilesOfEveryAxis) {
  TileGrid grid =
      gridOf(poolOf(10, 7, 100), "algorithm=direct,block_p=4,block_h=2,block_w=32,order=w.h.p");
  EXPECT_THAT(grid.grid(), ElementsAre(4, 4, 3));
  EXPECT_EQ(grid.blocks(), 48);
  EXPECT_EQ(grid.axis('w').extent, 100);
  EXPECT_EQ(grid.axis('w').block, 32);
  EXPECT_EQ(grid.axis('p').tiles, 3);
}

TEST(TileGrid, orderArrangesAxes) {
  llvm::StringRef tile = "algorithm=direct,block_p=1,block_h=1,block_w=1,order=";
  AvgPool2dProblem problem = poolOf(2, 3, 5);
  EXPECT_THAT(gridOf(problem, (tile + "w.h.p").str()).grid(), ElementsAre(5, 3, 2));
  EXPECT_THAT(gridOf(problem, (tile + "p.wh").str()).grid(), ElementsAre(2, 15, 1));
  EXPECT_THAT(gridOf(problem, (tile + "hpw").str()).grid(), ElementsAre(30, 1, 1));
  TileGrid grid = gridOf(problem, (tile + "hpw").str());
  ASSERT_EQ(grid.dims[0].size(), 3u);
  EXPECT_EQ(grid.dims[0][0].letter, 'h');
  EXPECT_EQ(grid.dims[0][2].letter, 'w');
  EXPECT_TRUE(grid.dims[1].empty());
}

TEST(TileGrid, convolutionHasFourAxes) {
  TileGrid grid = gridOf(convOf(3, 4, 10, 100), "block_m=8,block_n=64,order=m.n.gb");
  EXPECT_THAT(grid.grid(), ElementsAre(2, 2, 12));
  EXPECT_EQ(grid.axis('g').block, 1);
}

// Tiles go on over the ends of images.
TEST(TileGrid, joinedImagesAreOneRow) {
  TileGrid grid = gridOf(convOf(3, 4, 10, 96), "block_m=8,block_n=64,join_n=1,order=m.n.gb");
  EXPECT_THAT(grid.grid(), ElementsAre(2, 5, 4));
  EXPECT_EQ(grid.axis('n').extent, 288);
  EXPECT_EQ(grid.axis('b').tiles, 1);
}

// A block computes three tiles of eight channels; the last one of a group has the rest.
TEST(TileGrid, tilesOfChannelsInTurnAreOneBlock) {
  TileGrid grid = gridOf(convOf(3, 4, 100, 100), "block_m=8,block_n=64,tiles_m=3,order=m.n.gb");
  EXPECT_THAT(grid.grid(), ElementsAre(5, 2, 12));
  EXPECT_EQ(grid.axis('m').block, 24);
}

TEST(TileGrid, emptyBatchHasNoBlocks) {
  EXPECT_EQ(gridOf(convOf(0, 4, 10, 100), "block_m=8,block_n=64,order=m.n.gb").blocks(), 0);
  // However long the other axes are.
  int64_t large = int64_t(1) << 40;
  TileGrid grid = gridOf(convOf(0, large, 1, large), "block_m=1,block_n=1,order=mngb");
  EXPECT_THAT(grid.grid(), ElementsAre(0, 1, 1));
  EXPECT_EQ(gridOf(convOf(0, large, 1, large), "block_m=1,block_n=1,order=n.g.mb").blocks(), 0);
}

TEST(TileGrid, largeProductsSaturate) {
  int64_t large = int64_t(1) << 40;
  AvgPool2dProblem problem = poolOf(large, 1, large);
  TileGrid grid = gridOf(problem, "block_p=1,block_h=1,block_w=1,order=whp");
  EXPECT_EQ(grid.grid()[0], INT64_MAX);
  EXPECT_EQ(gridOf(problem, "block_p=1,block_h=1,block_w=1,order=w.h.p").blocks(), INT64_MAX);
  EXPECT_FALSE(fitsLaunch(grid, defaultGPU()));
}

TEST(TileGrid, orderMustNameEveryAxisOnce) {
  AvgPool2dProblem problem = poolOf(2, 3, 5);
  for (const char *order :
       {"w.h", "w.h.h", "w.h.q", "w.h.ph", "w.h.pp", "whpw", "wh..p", "w.h.p.", ""}) {
    Schedule schedule = words("block_p=1,block_h=1,block_w=1");
    schedule.order = order;
    EXPECT_EQ(message(makeTileGrid(problem, schedule)),
              std::string("expected order to name each of the axes 'whp' once, in one to three "
                          "groups separated by dots, got '") +
                  order + "'");
  }
  EXPECT_EQ(message(makeTileGrid(convOf(1, 1, 1, 1), words("block_m=1,block_n=1,order=mnb"))),
            "expected order to name each of the axes 'mngb' once, in one to three groups "
            "separated by dots, got 'mnb'");
}

TEST(TileGrid, tileSizesMustBePositive) {
  EXPECT_EQ(message(makeTileGrid(poolOf(1, 1, 1), words("block_p=1,block_w=1,order=whp"))),
            "expected block_h to be at least 1, got 0");
}

TEST(TileGrid, launchLimits) {
  const GPU &gpu = defaultGPU();
  llvm::StringRef tile = "algorithm=direct,block_p=1,block_h=1,block_w=1,order=w.h.p";
  EXPECT_TRUE(fitsLaunch(gridOf(poolOf(65535, 65535, 2147483647), tile), gpu));
  EXPECT_FALSE(fitsLaunch(gridOf(poolOf(65536, 1, 1), tile), gpu));
  EXPECT_FALSE(fitsLaunch(gridOf(poolOf(1, 65536, 1), tile), gpu));
  EXPECT_FALSE(fitsLaunch(gridOf(poolOf(1, 1, 2147483648), tile), gpu));
}
