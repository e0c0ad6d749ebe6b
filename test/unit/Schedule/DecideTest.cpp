//===- DecideTest.cpp - What the heuristics choose ------------------------===//

#include "Problems.h"
#include "poolc/Schedule/AvgPool2dColumns.h"
#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Schedule/Grid.h"
#include "poolc/Schedule/ScheduleSpace.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <random>

using namespace poolc;

static std::string decide(const auto &problem, llvm::StringRef wanted = "") {
  llvm::Expected<Schedule> schedule = decideSchedule(problem, defaultGPU(), words(wanted));
  return schedule ? schedule->str() : "error: " + llvm::toString(schedule.takeError());
}

static int64_t blocks(const auto &problem, llvm::StringRef wanted = "") {
  Schedule schedule = llvm::cantFail(decideSchedule(problem, defaultGPU(), words(wanted)));
  return llvm::cantFail(makeTileGrid(problem, schedule)).blocks();
}

/// Without staging, with further words.
static std::string decideDirect(const AvgPool2dProblem &problem, llvm::StringRef wanted = "") {
  return decide(problem,
                ("algorithm=direct" + llvm::Twine(wanted.empty() ? "" : ",") + wanted).str());
}

TEST(DecidePool, startingWorkload) {
  // Three tiles of 64 cover 186 columns with 6 idle lanes; two of 128 with 70.
  EXPECT_EQ(decideDirect(startingPool()),
            "algorithm=direct,block_p=1,block_h=2,block_w=64,num_warps=4,"
            "num_stages=1,vector=1,order=w.h.p");
}

TEST(DecidePool, narrowOutputsFillTheBlockWithRowsAndPlanes) {
  EXPECT_EQ(decideDirect(poolOf(1 << 20, 7, 7)),
            "algorithm=direct,block_p=2,block_h=8,block_w=8,num_warps=4,num_stages=1,vector=1,"
            "order=whp");
  EXPECT_EQ(decideDirect(poolOf(1 << 20, 1, 1)),
            "algorithm=direct,block_p=128,block_h=1,block_w=1,num_warps=4,num_stages=1,vector=1,"
            "order=w.h.p");
}

TEST(DecidePool, smallProblemsGetSmallBlocks) {
  EXPECT_EQ(decideDirect(poolOf(1, 1, 1)),
            "algorithm=direct,block_p=1,block_h=1,block_w=1,num_warps=1,"
            "num_stages=1,vector=1,order=w.h.p");
  EXPECT_GE(blocks(poolOf(16, 32, 32)), 2 * 128);
}

TEST(DecidePool, wantedWordsAreKept) {
  EXPECT_EQ(decideDirect(startingPool(), "block_w=128"),
            "algorithm=direct,block_p=1,block_h=1,block_w=128,num_warps=4,num_stages=1,vector=1,"
            "order=w.h.p");
  EXPECT_EQ(decideDirect(startingPool(), "num_warps=1,order=pwh"),
            "algorithm=direct,block_p=1,block_h=1,block_w=32,num_warps=1,num_stages=1,vector=1,"
            "order=pwh");
  EXPECT_EQ(decideDirect(startingPool(), "block_p=8192"),
            "algorithm=direct,block_p=8192,block_h=1,block_w=1,num_warps=16,num_stages=1,"
            "vector=1,order=w.h.p");
}

TEST(DecidePool, flattensOnlyWhereALimitForcesIt) {
  // 65536 planes are more than grid z holds.
  EXPECT_THAT(decideDirect(poolOf(65535, 256, 256)), testing::HasSubstr("order=w.h.p"));
  EXPECT_THAT(decideDirect(poolOf(65536, 256, 256)), testing::HasSubstr("order=whp"));
  EXPECT_THAT(decideDirect(poolOf(8, 1 << 20, 128)), testing::HasSubstr("order=wh.p"));
}

TEST(DecidePool, noMorePlanesThanMemoryHolds) {
  // 65535 planes of 8 MB are more than any memory: grid z takes them.
  AvgPool2dProblem large = poolOf(256, 1079, 1921);
  large.planesAreDynamic = true;
  EXPECT_THAT(decideDirect(large, "block_p=1"), testing::HasSubstr("order=w.h.p"));
  // 256 * 4096 planes of half as many may come.
  AvgPool2dProblem smaller = poolOf(256, 1079, 960);
  smaller.planesAreDynamic = true;
  EXPECT_THAT(decideDirect(smaller, "block_p=1"), testing::HasSubstr("order=whp"));
}

TEST(DecidePool, enlargesTilesWhereNoOrderFits) {
  AvgPool2dProblem problem = poolOf(int64_t(1) << 19, 1 << 12, 1 << 12);
  Schedule schedule =
      llvm::cantFail(decideSchedule(problem, defaultGPU(), words("algorithm=direct")));
  EXPECT_TRUE(fitsLaunch(llvm::cantFail(makeTileGrid(problem, schedule)), defaultGPU()));
  EXPECT_EQ(schedule.numWarps, 16);
}

TEST(DecidePool, refusesWhatNoTileHelps) {
  EXPECT_EQ(decideDirect(poolOf(int64_t(1) << 46, 1, 1)),
            "error: expected a grid of at most 2147483647 x 65535 x 65535 blocks, got 8589934592 x "
            "1 x 1 with order=whp; larger tiles or another order make it smaller");
}

static AvgPool2dProblem windowsOf(AvgPool2dProblem problem, int64_t kernel, int64_t stride) {
  for (Window &axis : problem.axis)
    axis.kernel = kernel, axis.stride = stride;
  return problem;
}

static Schedule decidedOn(const AvgPool2dProblem &problem, llvm::StringRef gpu) {
  return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule()));
}

TEST(DecidePool, equalPredictionsLeaveWhatReadsLess) {
  // 54 rows of outputs share 10 of 64 with the block below, 22 rows 10 of 32.
  Schedule windows = decidedOn(windowsOf(poolOf(24, 1080, 1920), 11, 1), "rtx4090");
  EXPECT_GE(windows.blockH, 34);
  // Blocks of whole planes share no sectors of odd rows.
  AvgPool2dProblem odd = windowsOf(poolOf(1 << 18, 15, 15), 2, 2);
  odd.type = DataType::f16;
  EXPECT_EQ(decidedOn(odd, "rtx4090").blockH, 7);
}

TEST(DecidePool, blocksOfSharedRowsHaveFewRowsOfOutputs) {
  // One reads half of its rows again, four need more registers.
  AvgPool2dProblem same = windowsOf(poolOf(8192, 112, 112), 3, 2);
  same.type = DataType::f16;
  for (Window &axis : same.axis)
    axis.padAfter = 1;
  Schedule few = decidedOn(same, "h200");
  EXPECT_GE(few.blockH, 2);
  EXPECT_LE(few.blockH, 3);
}

TEST(DecidePool, runsOfPlanesBeginAtSectors) {
  // 450 bytes each: 16 planes are a multiple of 32 bytes.
  AvgPool2dProblem halves = windowsOf(poolOf(1 << 18, 15, 15), 2, 2);
  halves.type = DataType::f16;
  Schedule schedule =
      llvm::cantFail(decideSchedule(halves, *lookupGPU("h200"), words("algorithm=slab,block_h=7")));
  EXPECT_EQ(schedule.blockP % 16, 0) << schedule.blockP;
  // Of 4900 bytes, 4 planes are a multiple of 16 bytes; 8 would be too many.
  AvgPool2dProblem large = windowsOf(poolOf(1 << 14, 35, 35), 3, 1);
  for (Window &axis : large.axis)
    axis.padBefore = axis.padAfter = 1;
  schedule = llvm::cantFail(
      decideSchedule(large, *lookupGPU("h200"), words("algorithm=slab,num_warps=8,block_h=35")));
  EXPECT_TRUE(schedule.blockP <= 3 || schedule.blockP % 4 == 0) << schedule.blockP;
}

TEST(DecidePool, runsToFastMemoryTakeFewWarps) {
  AvgPool2dProblem halves = windowsOf(poolOf(1 << 18, 15, 15), 2, 2);
  halves.type = DataType::f16;
  AvgPool2dProblem overlapping = windowsOf(poolOf(4096, 111, 111), 3, 2);
  overlapping.type = DataType::bf16;
  for (const AvgPool2dProblem &problem : {halves, overlapping}) {
    Schedule schedule = decidedOn(problem, "h200");
    EXPECT_EQ(schedule.algorithm, "slab");
    EXPECT_LE(schedule.numWarps, 4);
    // Where a warp waits for its turn to load, more of them share what they wait for.
    EXPECT_GT(decidedOn(problem, "rtx4090").numWarps, 4);
  }
  // One window of each plane leaves two warps nothing to add.
  AvgPool2dProblem global = windowsOf(poolOf(1 << 20, 7, 7), 7, 7);
  global.type = DataType::f16;
  EXPECT_GT(decidedOn(global, "h200").numWarps, 2);
}

TEST(DecidePool, anyNumberOfPlanesIsScheduledAsTheOneExpected) {
  // Small planes of few and odd numbers of channels, of which blocks take several at once.
  for (int64_t planes : {21, 48, 480, 3000})
    for (int64_t size : {7, 15, 32}) {
      AvgPool2dProblem problem = windowsOf(poolOf(planes, size, size), 3, 2);
      for (const char *algorithm : {"columns", "slab", "direct"}) {
        Schedule wanted = words(("algorithm=" + llvm::Twine(algorithm)).str());
        Schedule schedule = llvm::cantFail(decideSchedule(problem, defaultGPU(), wanted));
        AvgPool2dProblem dynamic = problem;
        dynamic.planesAreDynamic = true;
        Schedule ofAny = llvm::cantFail(decideSchedule(dynamic, defaultGPU(), wanted));
        // Of orders, one is taken that more planes fit.
        ofAny.order = schedule.order;
        EXPECT_EQ(ofAny, schedule) << ofAny.str();
      }
    }
}

TEST(DecidePool, sharedMemoryTakesFromTheL1) {
  // Rows of 13 elements begin anywhere: what the L1 holds of their sectors, without what
  // shared memory takes of it, is less than what is on its way.
  AvgPool2dProblem narrow = windowsOf(poolOf(1 << 17, 13, 13), 3, 2);
  Schedule schedule = decidedOn(narrow, "h200");
  EXPECT_TRUE(schedule.algorithm == "slab" || schedule.blockP <= 16) << schedule.str();
  EXPECT_EQ(decidedOn(narrow, "rtx4090").algorithm, "columns");
}

TEST(DecidePool, loadsAreWideWhereFewAreIssued) {
  AvgPool2dProblem odd = windowsOf(poolOf(256, 1079, 1921), 4, 4);
  EXPECT_EQ(decidedOn(odd, "rtx4090").algorithm, "slab");
  EXPECT_EQ(decidedOn(odd, "h200").algorithm, "columns");
}

TEST(DecidePool, sectorsThatTheL1LosesAreNotReadInHalves) {
  AvgPool2dProblem wide = windowsOf(poolOf(512, 1024, 1024), 32, 32);
  EXPECT_EQ(decidedOn(wide, "h200").algorithm, "slab");
}

TEST(DecidePool, severalBlocksHideWhatEachDoesWithItsRows) {
  // Windows that share many rows: as many threads in smaller blocks, which meet less.
  AvgPool2dProblem ssim = windowsOf(poolOf(24, 1080, 1920), 11, 1);
  EXPECT_LE(decidedOn(ssim, "h200").numWarps, 4);
}

TEST(DecidePool, threadsHoldFewElementsWhereThatReadsNoMore) {
  AvgPool2dProblem halves = windowsOf(poolOf(1 << 15, 28, 28), 2, 2);
  halves.type = DataType::bf16;
  Schedule schedule = decidedOn(halves, "h200");
  EXPECT_LE(AvgPool2dColumns(tiledProblem(halves, schedule), schedule).heldElements, 16)
      << schedule.str();
}

TEST(DecidePool, wholePlanesAreReadFromEndToEnd) {
  // Rows of 14 elements of 16 bits begin at words, planes at pairs of words.
  AvgPool2dProblem global = windowsOf(poolOf(1 << 17, 14, 14), 14, 14);
  global.type = DataType::f16;
  EXPECT_EQ(decidedOn(global, "h200").algorithm, "planes");
}

TEST(ColumnsGeometry, pitchesKeepWritersAndReadersApart) {
  // Planes of 13 x 13: two planes are written and four rows are read at once.
  AvgPool2dProblem problem = windowsOf(poolOf(1 << 17, 13, 13), 3, 2);
  AvgPool2dColumns columns(problem, words("algorithm=columns,block_p=32,block_h=6,block_w=6,"
                                          "num_warps=8,num_stages=1,vector=1"));
  EXPECT_EQ(countBankConflicts({4, 8}, {columns.planePitch, 1}, 1, {32, 7}), 1);
  EXPECT_EQ(countBankConflicts({4, 8}, {columns.rowPitch, 1}, 1, {6, 6}), 1);
  // Single windows of 7 columns, far from each other.
  AvgPool2dProblem single = windowsOf(poolOf(2048, 7, 7), 7, 7);
  AvgPool2dColumns planes(single, words("algorithm=columns,block_p=32,block_h=1,block_w=1,"
                                        "num_warps=4,num_stages=1,vector=1"));
  EXPECT_EQ(countBankConflicts({32}, {planes.planePitch}), 1);
}

TEST(ColumnsGeometry, stepsAreOfRowsThatWarpsTakeEvenly) {
  AvgPool2dProblem problem = windowsOf(poolOf(24, 1081, 1921), 11, 1);
  auto rowsOfStep = [&](llvm::StringRef tile) {
    return AvgPool2dColumns(
               problem, words("algorithm=columns,block_p=1,num_stages=1,vector=1," + tile.str()))
        .step.rows;
  };
  // Four equal steps, not three and a smaller one.
  EXPECT_EQ(rowsOfStep("block_h=28,block_w=240,num_warps=8"), 7);
  // Not two, of which 22 are eleven.
  EXPECT_EQ(rowsOfStep("block_h=22,block_w=240,num_warps=8"), 8);
  // A number that nothing divides.
  EXPECT_EQ(rowsOfStep("block_h=37,block_w=240,num_warps=8"), 8);
}

TEST(DecidePool, warpsThatHaveRowsTakeSomeThatLeaveRoom) {
  // 32 rows are read at once, of single elements as of pairs.
  EXPECT_EQ(decidedOn(windowsOf(poolOf(24, 1081, 1921), 11, 1), "h200").blockH, 22);
  EXPECT_EQ(decidedOn(windowsOf(poolOf(24, 1080, 1920), 11, 1), "h200").blockH, 22);
}

TEST(DecidePool, wholeRowsOfManyColumnsMayBeOfFewThreads) {
  // 157 columns of outputs, of which tiles would share sectors: threads have several pairs.
  AvgPool2dProblem wide = windowsOf(poolOf(64 * 96, 299, 322), 9, 2);
  wide.type = DataType::bf16;
  Schedule schedule = decidedOn(wide, "h200");
  EXPECT_EQ(schedule.blockW, 157);
  EXPECT_EQ(schedule.numWarps, 2);
}

TEST(DecidePool, onlyLoadsOfHalvesAreOneByOne) {
  // Of 9 taps, sums of columns are words: a copied run takes less than columns of odd rows.
  AvgPool2dProblem odd = windowsOf(poolOf(32 * 64, 299, 299), 9, 2);
  odd.type = DataType::bf16;
  for (Window &axis : odd.axis)
    axis.padBefore = axis.padAfter = 4;
  EXPECT_EQ(decidedOn(odd, "h200").algorithm, "slab");
}

TEST(ColumnsGeometry, moreNeighboursOfLongWindowsShareWhatIsLoaded) {
  auto adjacentOf = [](int64_t kernel, int64_t width, int64_t blockW) {
    AvgPool2dProblem problem = windowsOf(poolOf(24, 1081, width), kernel, 1);
    Schedule schedule = words("algorithm=columns,block_p=1,block_h=8,num_stages=1,vector=1,"
                              "num_warps=8,block_w=" +
                              std::to_string(blockW));
    AvgPool2dColumns columns(problem, schedule);
    return std::pair(columns.adjacent, columns.warpsHaveRows(schedule, 1, 8));
  };
  // 20 groups of 12 fill a warp, 8 fill lanes, 10 of 16 do not.
  EXPECT_EQ(adjacentOf(11, 1921, 240), std::pair(int64_t(12), true));
  EXPECT_EQ(adjacentOf(9, 97, 89), std::pair(int64_t(12), false));
  EXPECT_EQ(adjacentOf(11, 1921, 112), std::pair(int64_t(4), true));
  // Short windows share less, and rows of whole groups are stored as they are.
  EXPECT_EQ(adjacentOf(7, 1921, 240), std::pair(int64_t(4), true));
  EXPECT_EQ(adjacentOf(9, 1928, 240), std::pair(int64_t(4), false));
}

TEST(ColumnsGeometry, wideTilesOfLongWindowsAreMoreThanAThreadHolds) {
  // Of 37 columns, four windows have 40; 2907 windows are 12 such groups for each of 64 threads.
  AvgPool2dProblem problem = poolOf(6, 10, 3000);
  problem.axis[0].kernel = problem.axis[0].stride = 5;
  problem.axis[1].kernel = 37, problem.axis[1].stride = 1;
  auto geometryOf = [&](llvm::StringRef tile) {
    return AvgPool2dColumns(problem, words("algorithm=columns,block_p=1,block_h=1,num_stages=1,"
                                           "vector=1," +
                                           tile.str()));
  };
  AvgPool2dColumns wide = geometryOf("block_w=2907,num_warps=2");
  EXPECT_FALSE(wide.holdsAllColumns);
  EXPECT_EQ(wide.step.registers, 2 * 40 + 11 * 4);
  AvgPool2dColumns narrow = geometryOf("block_w=256,num_warps=2");
  EXPECT_TRUE(narrow.holdsAllColumns);
  EXPECT_EQ(narrow.step.registers, 2 * 40);
}

TEST(ColumnsGeometry, conflictsOfVectorsAreThoseOfThreadsServedTogether) {
  EXPECT_EQ(countBankConflicts({32}, {4}, 4), 1);
  EXPECT_EQ(countBankConflicts({32}, {8}, 4), 2);
  EXPECT_EQ(countBankConflicts({32}, {2}, 2), 1);
  EXPECT_EQ(countBankConflicts({32}, {4}), 4);
}

TEST(DecideConv, startingWorkload) {
  EXPECT_EQ(decide(startingConv(), "algorithm=direct"),
            "algorithm=direct,block_m=64,block_n=64,num_warps=4,"
            "num_stages=1,vector=1,order=m.n.gb");
}

TEST(DecideConv, depthwiseTilesArePositionsOnly) {
  EXPECT_EQ(decide(convOf(64, 512, 1, 1 << 16), "algorithm=direct"),
            "algorithm=direct,block_m=1,block_n=4096,num_warps=4,num_stages=1,vector=1,"
            "order=m.n.gb");
}

TEST(DecideConv, shortOutputsMakeTallTiles) {
  EXPECT_EQ(decide(convOf(4096, 1, 1024, 1), "algorithm=direct"),
            "algorithm=direct,block_m=1024,block_n=1,num_warps=4,num_stages=1,vector=1,"
            "order=m.n.gb");
}

TEST(DecideConv, smallProblemsGetSmallBlocks) {
  EXPECT_EQ(decide(convOf(1, 1, 1, 1), "algorithm=direct"),
            "algorithm=direct,block_m=1,block_n=1,num_warps=1,num_stages=1,vector=1,"
            "order=m.n.gb");
  EXPECT_GE(blocks(convOf(1, 1, 128, 1024), "algorithm=direct"), 2 * 128);
}

TEST(DecideConv, wantedWordsAreKept) {
  EXPECT_EQ(decide(startingConv(), "algorithm=direct,block_m=128,block_n=128"),
            "algorithm=direct,block_m=128,block_n=128,num_warps=8,num_stages=1,vector=1,"
            "order=m.n.gb");
  EXPECT_EQ(decide(startingConv(), "algorithm=direct,num_warps=8,order=nmgb"),
            "algorithm=direct,block_m=64,block_n=128,num_warps=8,num_stages=1,vector=1,"
            "order=nmgb");
}

TEST(DecideConv, flattensOnlyWhereALimitForcesIt) {
  EXPECT_THAT(decide(convOf(65535, 1, 64, 64)), testing::HasSubstr("order=m.n.gb"));
  EXPECT_THAT(decide(convOf(65536, 1, 64, 64)), testing::HasSubstr("order=mnb.g"))
      << "grid z holds 65535";
}

/// The starting convolution in another type or precision.
static Conv1dProblem startingConvIn(DataType type, Precision precision) {
  Conv1dProblem problem = startingConv();
  problem.type = type;
  problem.precision = precision;
  return problem;
}

TEST(DecideConv, tensorCoresWhereThePrecisionAllowsThem) {
  EXPECT_EQ(decide(startingConvIn(DataType::f16, Precision::ieee), "algorithm=gemm_slab"),
            "algorithm=gemm_slab,block_m=128,block_n=128,block_k=32,num_warps=16,num_stages=1,"
            "vector=1,order=m.n.gb");
  EXPECT_EQ(decide(startingConvIn(DataType::bf16, Precision::ieee)),
            decide(startingConvIn(DataType::f16, Precision::ieee)));
  for (DataType type : {DataType::f16, DataType::bf16, DataType::f32})
    EXPECT_THAT(
        decide(startingConvIn(type, type == DataType::f32 ? Precision::tf32 : Precision::ieee)),
        testing::StartsWith("algorithm=gemm_"));
  EXPECT_THAT(decide(startingConvIn(DataType::f32, Precision::tf32x3), "products=mma"),
              testing::StartsWith("algorithm=gemm_"));
}

TEST(DecideConv, tilesLeaveLittleOfTheLastOnesUnused) {
  // 301 positions are little more than two tiles of 128.
  Conv1dProblem problem = startingConvIn(DataType::f32, Precision::tf32);
  problem.batch = 64;
  problem.inPerGroup = problem.outPerGroup = 512;
  problem.window = {301, 5, 1};
  problem.window.dilation = 4;
  problem.window.padBefore = problem.window.padAfter = 8;
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_m=64,block_n=160,"));
}

TEST(DecideConv, fourBlocksWaitLessAtBarriersThanTwo) {
  // A causal block of a TCN: four blocks of four warps fit on an SM with two stages each.
  Conv1dProblem problem = convOf(32, 128, 128, 4096, {.kernel = 3, .dilation = 8});
  problem.window.padBefore = 16;
  problem.type = DataType::f32;
  problem.precision = Precision::tf32;
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_m=64,block_n=128,block_k=8,block_t=3,"
                                                  "num_warps=4,num_stages=2"));
}

TEST(DecideConv, fmaUnitsHoldManySums) {
  Conv1dProblem problem = convOf(8, 256, 256, 4096, {.kernel = 3, .pad = 1});
  // Long sums take windows of all taps, which leaves registers for 64 in each thread.
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_m=64,block_n=256,block_k=8,block_t=3,"
                                                  "num_warps=8,num_stages=2"));
  // Of one tap there are 128; but not where that leaves most SMs without a block.
  problem = convOf(8, 256, 256, 4096, {.kernel = 1});
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_m=128,block_n=256,block_k=16,block_t=1,"
                                                  "num_warps=8"));
  problem.batch = 1;
  EXPECT_THAT(decide(problem), testing::Not(testing::HasSubstr("block_m=128,block_n=256")));
}

TEST(DecideConv, fmaUnitsOfFastLoadsHaveManyWarps) {
  // Measured on an H200: 290 us, 327 with 128 sums in each of half as many threads; 2.31 and
  // 2.46 ms.
  for (Conv1dProblem problem :
       {convOf(4, 128, 512, 4096, {.kernel = 11, .stride = 2, .pad = 5}),
        convOf(64, 48, 256, 16000, {.kernel = 15, .stride = 4, .pad = 7})}) {
    Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("h200")));
    EXPECT_EQ(schedule.numWarps, 8) << schedule.str();
    EXPECT_EQ(schedule.blockM * schedule.blockN, 64 * 256) << schedule.str();
  }
  // 3.08 ms, 3.64 with eight taps in a step.
  Conv1dProblem problem = convOf(4, 320, 320, 16000, {.kernel = 11});
  EXPECT_EQ(llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"))).blockT, 4);
}

TEST(DecideConv, ofTilesAsFastThoseThatShareLessOfX) {
  // Where memory is the limit, tiles of 128 positions are predicted as fast; each loads two
  // sectors of every row for one element, of 16 or of 8.
  Conv1dProblem problem =
      convOf(4, 32, 32, 262144, {.kernel = 3, .pad = 1, .precision = Precision::tf32});
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_n=256"));
  problem.type = DataType::f16;
  problem.precision = Precision::ieee;
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_n=512"));
  // Not where that means to load x for more tiles of channels.
  problem.outPerGroup = 128;
  EXPECT_THAT(decide(problem), testing::Not(testing::HasSubstr("block_n=512")));
}

TEST(DecideConv, wideTilesOfFourWarpsShareLessOfX) {
  // Of 128 positions of 16 bits, blocks side by side load one sector of eight both: as fast are 256
  // positions of half of the channels, which load more of x, and less of the weights.
  Conv1dProblem problem =
      convOf(8, 128, 1280, 3000, {.kernel = 3, .pad = 1, .type = DataType::bf16});
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_m=32,block_n=256"));
  problem.type = DataType::f32;
  problem.precision = Precision::tf32;
  EXPECT_THAT(decide(problem), testing::Not(testing::HasSubstr("block_m=32,block_n=256")));
}

TEST(DecideConv, blocksLoadLittleOfShortWindowsAgain) {
  // Of 128 positions of three taps, blocks load an eighth of x again, of 192 a twelfth.
  Conv1dProblem problem =
      convOf(8, 80, 384, 3000, {.kernel = 3, .pad = 1, .precision = Precision::tf32});
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_m=64,block_n=192,"));
  // Of taps that reach far, every tile does.
  problem.window.dilation = 8;
  problem.window.padBefore = problem.window.padAfter = 8;
  EXPECT_THAT(decide(problem), testing::Not(testing::HasSubstr("block_n=192,")));
  // 4 tiles of channels that load 1.06 times x each, instead of 1.12: 1590 us modelled, and 1598.
  EXPECT_THAT(
      decide(convOf(8, 256, 256, 8192, {.kernel = 5, .pad = 2, .precision = Precision::tf32x3}),
             "products=mma"),
      testing::HasSubstr("block_n=256,"));
  // What waits for memory then takes more than it is predicted to: 92 us, and 118.
  EXPECT_THAT(decide(convOf(1, 160, 384, 16384,
                            {.kernel = 15, .stride = 3, .pad = 7, .type = DataType::bf16})),
              testing::Not(testing::HasSubstr("split_k")));
  // On an H200 no time is known to be worth it.
  problem.window.dilation = problem.window.padBefore = problem.window.padAfter = 1;
  Schedule onHopper = llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule()));
  EXPECT_NE(onHopper.blockN, 192);
}

TEST(DecideConv, oddRowsOfShortTypesSpareSharedMemory) {
  // Channels of rows as they lie meet in the same banks; where weights are packed, threads have
  // others. Four warps have registers for all five taps in a step.
  Conv1dProblem problem =
      convOf(16, 64, 64, 44101, {.kernel = 5, .pad = 2, .type = DataType::bf16});
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_packed,block_m=64,block_n=256,"
                                                   "block_k=16,block_t=5,num_warps=4"));
  // Aligned rows do not meet.
  problem.window.size = 44096;
  EXPECT_THAT(decide(problem), testing::Not(testing::StartsWith("algorithm=gemm_packed,")));
}

TEST(DecideConv, aboutHalfOfTheCopiesAreWorthSomeTime) {
  // Of 64 positions, operands in two parts leave room for one tap in a step, and x is copied for
  // each; of 96 by twice as many warps, all taps are in one step.
  Conv1dProblem problem = startingConvIn(DataType::f32, Precision::tf32x3);
  EXPECT_THAT(decide(problem, "products=mma"),
              testing::HasSubstr("block_m=128,block_n=96,block_k=8,block_t=3,num_warps=8"));
  // In one part, there is room enough.
  problem.precision = Precision::tf32;
  EXPECT_THAT(decide(problem), testing::Not(testing::HasSubstr("block_n=96,")));
}

TEST(DecideConv, blocksOfOddRowsLoadLittleAgain) {
  // Tiles of one tap begin within sectors where rows do.
  Conv1dProblem problem = convOf(16, 512, 1024, 1999, {.kernel = 1, .type = DataType::bf16});
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_n=256,"));
  problem.window.size = 2000;
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_n=128,"));
  // Two sectors are an eighth of 256 positions of 16 bits.
  problem = convOf(8, 256, 256, 16384, {.kernel = 3, .pad = 1, .type = DataType::bf16});
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_m=32,block_n=512,"));
}

TEST(DecideConv, tapsFarApartLeaveTilesSquare) {
  // Blocks of 64 channels would read x twice, and no tile is wide enough to share any of it.
  Conv1dProblem problem =
      convOf(8, 64, 128, 32000, {.kernel = 2, .dilation = 512, .precision = Precision::tf32});
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_m=128,block_n=128"));
  // Of two taps, rows of weights are copied 8 bytes at a time: packed weights are predicted as
  // fast, with half of the copies.
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_packed,"));
}

TEST(DecideConv, whatIsAddedIsReadOnce) {
  Conv1dProblem problem =
      convOf(4, 32, 32, 262144, {.kernel = 3, .pad = 1, .precision = Precision::tf32});
  for (llvm::StringRef name : {"gemm_slab", "gemm_rows", "gemm_flat", "gemm_packed"}) {
    Schedule wanted;
    wanted.algorithm = name.str();
    auto costOf = [&](bool adds) {
      problem.addsResidual = adds;
      std::unique_ptr<ScheduleSpace> space = makeScheduleSpace(problem, defaultGPU());
      return space->rate(llvm::cantFail(decideSchedule(problem, defaultGPU(), wanted))).cost;
    };
    KernelCost plain = costOf(false), fused = costOf(true);
    EXPECT_EQ(fused.dramReadBytes - plain.dramReadBytes, 4.0 * 32 * 262144 * 4) << name.str();
  }
}

TEST(DecideConv, oneBlockForEachSMHasManyWarps) {
  // 128 tiles of 40 sums for each of 512 threads: as many blocks as an RTX 4090 has SMs.
  Conv1dProblem problem = convOf(16, 256, 512, 2400, {.kernel = 16, .stride = 8});
  problem.window.padBefore = 8;
  problem.precision = Precision::tf32;
  Schedule packed;
  packed.algorithm = "gemm_packed";
  Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("rtx4090"), packed));
  EXPECT_EQ(schedule.numWarps, 16) << schedule.str();
  EXPECT_EQ(schedule.blockM * schedule.blockN, 16 * 32 * 40) << schedule.str();
  // With twice the images, two blocks of fewer warps share an SM.
  problem.batch = 32;
  schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("rtx4090"), packed));
  EXPECT_LE(schedule.numWarps, 8) << schedule.str();
}

TEST(DecideConv, longStridedWindowsTakeWeightsAsTheyLie) {
  Conv1dProblem problem = convOf(16, 256, 512, 2400, {.kernel = 16, .stride = 8});
  problem.window.padBefore = 8;
  problem.precision = Precision::tf32;
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_flat"));
}

/// What precision tf32x3 gets on that GPU.
static Schedule decideSplit(Conv1dProblem problem, llvm::StringRef gpu,
                            llvm::StringRef wanted = "") {
  problem.precision = Precision::tf32x3;
  return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), words(wanted)));
}

// The tensor cores of GeForce cards multiply in TF32 as fast as their FMA units, and three products
// take three times as long.
TEST(DecideConv, theFasterUnitFormsProductsOfSplitOperands) {
  Conv1dProblem deep = convOf(8, 256, 256, 8192, {.kernel = 5, .pad = 2});
  for (const char *gpu : {"rtx4090", "rtx3090", "l40s"})
    EXPECT_EQ(decideSplit(deep, gpu).products, Products::fma) << gpu;
  for (const char *gpu : {"a100", "h100", "h200"})
    EXPECT_EQ(decideSplit(deep, gpu).products, Products::mma) << gpu;
  // By FMA units, what precision ieee has.
  Schedule onFMA = decideSplit(deep, "rtx4090");
  EXPECT_EQ(words("products=fma").completedBy(words(decide(deep))), onFMA);
  // Narrow groups are not for matrices on any GPU.
  EXPECT_THAT(decideSplit(convOf(8, 2, 2, 8192, {.kernel = 3}), "h200").str(),
              testing::StartsWith("algorithm=window,products=fma,"));
}

// Predicted at 41.6 us on FMA units and 42.2 on tensor cores; measured at 61.8 and 54.2.
TEST(DecideConv, theUnitOfLesserPeakHasToBeClearlyFaster) {
  Conv1dProblem problem = convOf(8, 24, 80, 8192, {.kernel = 3, .stride = 2, .pad = 1});
  auto predict = [&](llvm::StringRef wanted) {
    problem.precision = Precision::tf32x3;
    auto space = makeScheduleSpace(problem, *lookupGPU("rtx4090"));
    return llvm::cantFail(space->decide(words(wanted))).rated.front().prediction.seconds;
  };
  EXPECT_LT(predict("products=mma"), predict("products=fma"));
  EXPECT_EQ(decideSplit(problem, "rtx4090").products, Products::fma);
}

TEST(DecideConv, productsAreAsWanted) {
  Conv1dProblem deep = convOf(8, 256, 256, 8192, {.kernel = 5, .pad = 2});
  EXPECT_EQ(decideSplit(deep, "rtx4090", "products=mma").products, Products::mma);
  EXPECT_EQ(decideSplit(deep, "h200", "products=fma").products, Products::fma);
  // Each is taken again as it was decided.
  for (const char *gpu : {"rtx4090", "h200"})
    for (const char *products : {"products=fma", "products=mma"}) {
      Schedule decided = decideSplit(deep, gpu, products);
      EXPECT_EQ(decideSplit(deep, gpu, decided.str()), decided);
    }
  // Other precisions leave nothing open.
  EXPECT_EQ(decide(deep, "products=fma"),
            "error: expected products only for precision tf32x3, got products=fma");
  EXPECT_EQ(decide(poolOf(1, 8, 8), "products=mma"),
            "error: expected products only for precision tf32x3, got products=mma");
  deep.precision = Precision::tf32x3;
  EXPECT_EQ(decide(deep, "algorithm=direct,products=mma"),
            "error: expected products=fma for algorithm direct, which has no others, got "
            "products=mma");
  EXPECT_EQ(decide(deep, "algorithm=gemm_flat,products=fma"),
            "error: algorithm gemm_flat with products=fma does not apply: expected a precision of "
            "tensor cores, got ieee");
}

// Three resident blocks of one warp leave a scheduler without one. Modelled on the RTX 4090: 93 us
// and 121.
TEST(DecideConv, allTensorCoresHaveWarps) {
  Conv1dProblem problem = convOf(
      32, 96, 32, 1500, {.kernel = 11, .stride = 2, .pad = 5, .precision = Precision::tf32x3});
  EXPECT_THAT(decide(problem, "products=mma"),
              testing::StartsWith("algorithm=gemm_rows,products=mma,block_m=16,block_n=32,"));
}

// A step of nine taps keeps tensor cores busy while a few warps load. Modelled on the RTX 4090: 824
// us, and 921 with three taps in a step of more warps.
TEST(DecideConv, longStepsHideWhatTheyLoad) {
  Conv1dProblem problem =
      convOf(64, 512, 192, 4096, {.kernel = 9, .stride = 4, .pad = 4, .type = DataType::bf16});
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_flat,"));
}

TEST(DecideConv, tensorCoresTellTilesApart) {
  // 64 x 256 and 64 x 128 with four taps and three are within a percent of each other.
  Conv1dProblem problem =
      convOf(8, 64, 64, 220500, {.kernel = 7, .dilation = 9, .pad = 27, .type = DataType::f16});
  EXPECT_THAT(decide(problem), testing::HasSubstr("block_m=64,block_n=128"));
}

TEST(DecideConv, pairsOfFiveTapsTakeRegisters) {
  // 64 x 256 with five taps in a step, of 128 registers, spilled on the RTX 4090.
  Conv1dProblem problem =
      convOf(16, 64, 64, 44100, {.kernel = 5, .pad = 2, .type = DataType::bf16});
  Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("rtx4090"), Schedule()));
  EXPECT_TRUE(schedule.blockT < 5 ||
              schedule.blockM * schedule.blockN < 64 * 32 * schedule.numWarps)
      << schedule.str();
}

TEST(DecideConv, fewChannelsAreNotWorthFragments) {
  Conv1dProblem problem = startingConvIn(DataType::f16, Precision::ieee);
  problem.inPerGroup = 1;
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=window"));
  problem.inPerGroup = 64;
  problem.outPerGroup = 4;
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=window"));
  problem.outPerGroup = 32;
  EXPECT_EQ(
      decide(problem, "algorithm=window"),
      "error: algorithm window does not apply: expected at most 16 input or 4 output channels "
      "per group, got 64 and 32");
}

/// 8 x 512 channels x 4096 positions, four taps.
static Conv1dProblem depthwise(DataType type) {
  Conv1dProblem problem = convOf(8, 1, 1, 4096, {.groups = 512, .kernel = 4, .type = type});
  problem.window.padBefore = 3;
  return problem;
}

TEST(DecideConv, depthwiseAccessesAreSixteenBytes) {
  EXPECT_THAT(decide(depthwise(DataType::f32)),
              testing::AllOf(testing::StartsWith("algorithm=window,block_g=1,block_m=1,block_n="),
                             testing::HasSubstr("vector=4")));
  EXPECT_THAT(decide(depthwise(DataType::bf16), "algorithm=window"),
              testing::HasSubstr("vector=8"));
  Conv1dProblem odd = depthwise(DataType::f32);
  odd.window.padBefore = 2;
  EXPECT_THAT(decide(odd), testing::HasSubstr("algorithm=window")) << "4095 positions";
}

TEST(DecideConv, shortRowsShareABlock) {
  Conv1dProblem problem = depthwise(DataType::f32);
  problem.window.size = 32;
  Schedule schedule = llvm::cantFail(decideSchedule(problem, defaultGPU()));
  EXPECT_EQ(schedule.blockN, 32);
  EXPECT_GT(schedule.blockG, 1);
}

TEST(DecideConv, fewInputsOfManyTapsGetLargeTiles) {
  Conv1dProblem problem;
  problem.type = DataType::f32;
  problem.batch = 256;
  problem.inPerGroup = 12;
  problem.outPerGroup = 64;
  problem.window = {5000, 15, 2, 1, 7, 7};
  EXPECT_THAT(decide(problem),
              testing::StartsWith("algorithm=window,block_g=1,block_m=32,"
                                  "block_n=256,block_k=2,num_warps=4,num_stages=2"))
      << "eight channels of eight positions for each thread, four blocks on an SM";
}

TEST(DecideConv, windowRefusesWhatItCannotHold) {
  EXPECT_THAT(decide(depthwise(DataType::f32), "algorithm=window,block_n=32,block_g=1,num_warps=4"),
              testing::HasSubstr("expected a tile of at least 128 elements (vector=1 for each "
                                 "thread of num_warps=4), got 32"));
  Conv1dProblem far = depthwise(DataType::f32);
  far.window.size = 1 << 20;
  far.window.dilation = 1 << 16;
  // A row for each tap, so that the distance does not matter.
  EXPECT_THAT(decide(far), testing::StartsWith("algorithm=window"));
  far.inPerGroup = 64;
  EXPECT_THAT(decide(far, "algorithm=window,block_k=8,num_stages=2"),
              testing::HasSubstr("expected num_stages=1 for steps of rows that each tap has of its "
                                 "own, got 2"));
  Conv1dProblem wide = depthwise(DataType::f32);
  wide.window.kernel = 1024;
  wide.inPerGroup = 16;
  EXPECT_THAT(decide(wide, "algorithm=window,block_k=16,num_stages=4,block_n=4096,num_warps=16"),
              testing::HasSubstr("bytes of shared memory"));
}

TEST(DecideConv, rowsOfAnySizeAreCopiedInGroups) {
  Conv1dProblem problem = startingConvIn(DataType::f16, Precision::ieee);
  problem.window.size = 4489;
  EXPECT_THAT(decide(problem, "algorithm=gemm_rows"), testing::StartsWith("algorithm=gemm_rows"))
      << "skewed";
  problem.window.padBefore = 1;
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_")) << "and cleared";
  EXPECT_THAT(decide(problem), testing::Not(testing::StartsWith("algorithm=gemm_slab")));
  problem.window.isDynamic = true;
  EXPECT_THAT(decide(problem), testing::Not(testing::StartsWith("algorithm=gemm_slab")));
  problem = startingConv();
  EXPECT_EQ(decide(problem, "algorithm=gemm_rows"),
            "error: algorithm gemm_rows does not apply: expected a precision of tensor cores, got "
            "ieee");
}

TEST(DecideConv, channelsAndTapsAreOneAxisWhereChannelsAreFew) {
  // A Fourier transform over short times.
  Conv1dProblem problem = startingConvIn(DataType::f32, Precision::tf32);
  problem.inPerGroup = 1;
  problem.outPerGroup = 402;
  problem.window = {160000, 400, 160};
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_direct,block_m=136"))
      << "windows far apart, and three tiles of 402 channels, multiples of eight";
  problem.addsResidual = true;
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_patches,block_m=104"))
      << "four, where a residual takes registers";
  problem.addsResidual = false;
  problem.window.size = 160001;
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_direct,block_m=136"))
      << "also where rows begin anywhere";
  EXPECT_EQ(decide(problem, "algorithm=gemm_patches,block_t=32"),
            "error: expected block_t to be a multiple of 8 that divides 400, the kernel_size, got "
            "32");
  problem.window.padBefore = 20;
  EXPECT_EQ(decide(problem, "algorithm=gemm_patches"),
            "error: algorithm gemm_patches does not apply: expected no padding where stride, "
            "padding and the length of x are not multiples of 8 (32 bytes), got 160, 20 and "
            "160001");
  problem.window.padBefore = 0;
  problem.window.isDynamic = true;
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_direct"));
  EXPECT_EQ(decide(problem, "algorithm=gemm_direct,block_m=64,block_n=64,num_warps=2"),
            "error: expected block_m to be a multiple of 8, and block_n to be 16 for each of "
            "num_warps=2, got 64 and 64");
  problem.type = DataType::f16;
  problem.precision = Precision::ieee;
  EXPECT_EQ(decide(problem, "algorithm=gemm_patches"),
            "error: algorithm gemm_patches does not apply: expected stride and the length of x to "
            "be multiples of 4 bytes, got 160 and not known");
  problem = startingConvIn(DataType::f32, Precision::tf32);
  problem.inPerGroup = 1;
  problem.outPerGroup = 402;
  problem.window = {160000, 404, 160};
  EXPECT_EQ(decide(problem, "algorithm=gemm_patches"),
            "error: algorithm gemm_patches does not apply: expected kernel_size to be a multiple "
            "of 8 (32 bytes), got 404");
  problem.window = {160000, 400, 20};
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_im2col"));
  problem.window.stride = 160;
  EXPECT_EQ(decide(problem, "algorithm=gemm_patches,block_t=32"),
            "error: expected block_t to be a multiple of 8 that divides 80, the common factor of "
            "kernel_size, stride, padding and the length of x, got 32");
  problem.precision = Precision::ieee;
  EXPECT_EQ(decide(problem, "algorithm=gemm_patches"),
            "error: algorithm gemm_patches does not apply: expected f16, bf16 or a precision of "
            "tensor cores");
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_im2col"));
  problem.inPerGroup = 65;
  EXPECT_EQ(decide(problem, "algorithm=gemm_im2col"),
            "error: algorithm gemm_im2col does not apply: expected at most 64 input channels per "
            "group, got 65");
}

TEST(DecideConv, channelsAndTapsAreOneAxisOfManyTaps) {
  // Sixteen groups of 48 channels and 128 taps, whose weights would be packed first.
  Conv1dProblem problem =
      convOf(8, 48, 48, 499, {.groups = 16, .kernel = 128, .pad = 64, .type = DataType::f16});
  problem.hasBias = true;
  EXPECT_THAT(decide(problem), testing::HasSubstr("algorithm=gemm_im2col,block_m=48,"));
}

TEST(DecideConv, fastTensorCoresHideLittle) {
  // As measured on an H200: one input channel with an activation, 190 us by im2col and 274 us
  // by packed weights, of whose channels few exist.
  const GPU &gpu = *lookupGPU("h200");
  Conv1dProblem problem =
      convOf(8, 1, 512, 160000, {.kernel = 10, .stride = 5, .precision = Precision::tf32});
  problem.activation.kind = ActivationKind::gelu_tanh;
  EXPECT_EQ(llvm::cantFail(decideSchedule(problem, gpu, {})).algorithm, "gemm_im2col");
  // Thirty-two groups of eight channels: 150 us with 256 positions, 186 us with 64.
  problem =
      convOf(16, 8, 8, 16384, {.groups = 32, .kernel = 3, .pad = 1, .precision = Precision::tf32});
  EXPECT_EQ(llvm::cantFail(decideSchedule(problem, gpu, {})).blockN, 256);
}

TEST(DecideConv, threadsHaveManyPositionsWhereLoadsTakeLong) {
  // Depthwise, 31 taps: on an H200 37 us were measured with 16 positions of a thread, in blocks
  // of one warp or two, and 46 us with 8, in blocks of four.
  Conv1dProblem problem = convOf(32, 1, 1, 1000, {.groups = 512, .kernel = 31, .pad = 15});
  Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), {}));
  EXPECT_EQ(schedule.algorithm, "window");
  EXPECT_EQ(schedule.blockN, 16 * 32 * schedule.numWarps);
  EXPECT_LE(schedule.numWarps, 2);
}

/// 8 x 512 channels x 8000 positions under 9 taps that are `dilation` apart.
static Conv1dProblem dilated(int64_t dilation, DataType type) {
  Conv1dProblem problem =
      convOf(8, 1, 1, 8000, {.groups = 512, .kernel = 9, .pad = 4 * dilation, .type = type});
  problem.window.dilation = dilation;
  return problem;
}

TEST(DecideConv, blocksOfOneRowAreNotShort) {
  // An SM begins a block every 140 cycles or so: 65 us were measured on an H200 for the first,
  // and 159 with blocks of 128 positions.
  const GPU &gpu = *lookupGPU("h200");
  for (const Conv1dProblem &problem : {dilated(8, DataType::f32), dilated(2, DataType::f16)}) {
    Schedule schedule = llvm::cantFail(decideSchedule(problem, gpu, {}));
    EXPECT_EQ(schedule.algorithm, "window");
    EXPECT_GE(schedule.blockG * schedule.blockN, 512);
  }
  Conv1dProblem rounded = dilated(8, DataType::f32);
  rounded.precision = Precision::tf32;
  EXPECT_GE(llvm::cantFail(decideSchedule(rounded, gpu, {})).blockN, 512);
}

TEST(DecideConv, copiesOfRowsThatFillNoWarps) {
  Conv1dProblem problem;
  problem.type = DataType::bf16;
  problem.batch = 1;
  problem.inPerGroup = 64;
  problem.outPerGroup = 5;
  problem.window = {200, 34, 1, 6};
  // Each of 66 rows is 46 copies: two for each lane, the second of which few lanes have.
  EXPECT_EQ(decide(problem, "algorithm=gemm_im2col,block_m=16,block_n=128,block_k=3,block_t=40,"
                            "num_warps=1"),
            "error: expected at most 128 copies of x by each thread, got 132; more warps or "
            "smaller blocks need fewer");
}

TEST(DecideConv, shiftedTapsWhereRowsAreOdd) {
  Conv1dProblem problem = depthwise(DataType::f16);
  problem.window = {1601, 33, 1, 1, 16, 16};
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_toeplitz"));
  problem.addsResidual = true;
  EXPECT_EQ(decide(problem, "algorithm=gemm_toeplitz"),
            "error: algorithm gemm_toeplitz does not apply: expected rows of y of a multiple of 8 "
            "elements to add a residual, got 1601");
  problem.window.isDynamic = true;
  EXPECT_EQ(decide(problem, "algorithm=gemm_toeplitz"),
            "error: algorithm gemm_toeplitz does not apply: expected rows of static length to add "
            "a residual");
  problem.addsResidual = false;
  EXPECT_THAT(decide(problem), testing::StartsWith("algorithm=gemm_toeplitz,block_g=1,block_m=1,"));
  EXPECT_EQ(decide(problem, "algorithm=gemm_toeplitz,block_g=4"),
            "error: expected block_g=1 and block_m=1 where the length of x is not known, got 4 "
            "and 1");
  problem.window.isDynamic = false;
  problem.activation.kind = ActivationKind::gelu_tanh;
  EXPECT_EQ(decide(problem, "algorithm=gemm_toeplitz,block_n=4096,num_warps=4"),
            "error: expected at most 16 sums in each thread, got 32; more warps or smaller blocks "
            "have fewer");
  problem.activation.kind = ActivationKind::none;
  problem.window.dilation = 2;
  EXPECT_EQ(decide(problem, "algorithm=gemm_toeplitz"),
            "error: algorithm gemm_toeplitz does not apply: expected dilation 1, got 2");
  problem = depthwise(DataType::f32);
  EXPECT_EQ(decide(problem, "algorithm=gemm_toeplitz"),
            "error: algorithm gemm_toeplitz does not apply: expected f16, bf16 or precision tf32");
}

TEST(DecideConv, oneTapAtATimeWhereTheSlabDoesNotFit) {
  Conv1dProblem problem = startingConvIn(DataType::f32, Precision::tf32);
  problem.window.dilation = 4096;
  EXPECT_THAT(decide(problem), testing::AllOf(testing::StartsWith("algorithm=gemm_packed"),
                                              testing::HasSubstr("block_t=1,")));
}

TEST(DecideConv, partsOfSumsFillSMs) {
  Conv1dProblem problem = convOf(1, 1024, 256, 60, {.kernel = 9, .type = DataType::f16});
  EXPECT_THAT(decide(problem), testing::HasSubstr("split_k="));
  problem.batch = 64;
  EXPECT_THAT(decide(problem), testing::Not(testing::HasSubstr("split_k=")));
  problem.batch = 1;
  problem.window.isDynamic = true;
  EXPECT_THAT(decide(problem), testing::Not(testing::HasSubstr("split_k=")));
}

// Modelled on the RTX 4090, 53 us in four parts, whose sums are written and read, and 35 us in one.
TEST(DecideConv, partsOfManySumsTakeLongerThanTheyFillSMs) {
  Conv1dProblem problem = convOf(1, 640, 1024, 1000, {.kernel = 3, .type = DataType::f16});
  EXPECT_THAT(decide(problem), testing::Not(testing::HasSubstr("split_k=")));
}

TEST(DecideConv, chunksOfChannelsForManyTaps) {
  Conv1dProblem problem = convOf(8, 64, 64, 40000, {.type = DataType::f16});
  auto decideOn = [&](llvm::StringRef gpu) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule())).str();
  };
  problem.window.kernel = 7;
  EXPECT_THAT(decideOn("h200"), testing::StartsWith("algorithm=gemm_chunked"));
  EXPECT_THAT(decideOn("a100"), testing::Not(testing::StartsWith("algorithm=gemm_chunked")));
  // Each element of x has too few products.
  problem.window.stride = 4;
  EXPECT_THAT(decideOn("h200"), testing::StartsWith("algorithm=gemm_wgmma"));
  problem.window.stride = 1;
  problem.window.kernel = 3;
  EXPECT_THAT(decideOn("h200"), testing::StartsWith("algorithm=gemm_wgmma"));
}

TEST(DecideConv, productsOfFourWarpsWhereThereAreSome) {
  Conv1dProblem problem = startingConvIn(DataType::f16, Precision::ieee);
  problem.inPerGroup = 512;
  auto decideOn = [&](llvm::StringRef gpu) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule())).str();
  };
  EXPECT_THAT(decideOn("h200"), testing::StartsWith("algorithm=gemm_wgmma"));
  EXPECT_THAT(decideOn("a100"), testing::Not(testing::HasSubstr("wgmma")));
}

/// A convolution of so many channels and positions.
static Conv1dProblem convolution(int64_t batch, int64_t in, int64_t out, int64_t size,
                                 int64_t kernel, int64_t stride) {
  Conv1dProblem problem = startingConvIn(DataType::f32, Precision::tf32);
  problem.batch = batch;
  problem.inPerGroup = in;
  problem.outPerGroup = out;
  problem.window = {};
  problem.window.size = size;
  problem.window.kernel = kernel;
  problem.window.stride = stride;
  problem.window.dilation = 1;
  problem.window.padBefore = kernel - stride;
  return problem;
}

// Rows of many windows far apart do not fit into shared memory.
TEST(DecideConv, windowsFarApartAreFewInATile) {
  Conv1dProblem problem = convolution(64, 6, 32, 8000, 400, 160);
  problem.window.padBefore = 0;
  problem.precision = Precision::ieee;
  Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule()));
  EXPECT_EQ(schedule.algorithm, "gemm_im2col");
  EXPECT_EQ(schedule.blockN, 16);
}

// Few blocks do not wait for a launch that packs weights; of long sums, other warps copy those of
// their only tiles. On an H200, 17.1 us instead of 22.8, 6.8 instead of 9.0.
TEST(DecideConv, fewBlocksCopyWeightsAsTheyLie) {
  Conv1dProblem problem = convolution(1, 1280, 1280, 1500, 1, 1);
  problem.type = DataType::f16;
  problem.precision = Precision::ieee;
  auto decideOnHopper = [&]() {
    Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule()));
    EXPECT_FALSE(Conv1dPacked(problem, schedule).packs) << schedule.str();
    return schedule.str();
  };
  EXPECT_THAT(decideOnHopper(),
              testing::HasSubstr("block_m=128,block_n=128,block_k=64,block_t=1,num_warps=8,"
                                 "copy_warps=4,num_stages=4"));
  problem = convolution(1, 768, 768, 512, 1, 1);
  problem.type = DataType::bf16;
  problem.precision = Precision::ieee;
  EXPECT_THAT(decideOnHopper(), testing::Not(testing::HasSubstr("copy_warps")));
}

// In TF32, threads round such weights where steps are few or weights are many: 8.9 us instead of
// 15.2, 51 instead of 89, but 33 instead of 28 in 32 steps.
TEST(DecideConv, fewStepsRoundWeights) {
  auto decideOnHopper = [](int64_t channels, int64_t positions, int64_t images = 1) {
    Conv1dProblem problem = convolution(images, channels, channels, positions, 1, 1);
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  auto rounds = testing::HasSubstr("round_w=1");
  EXPECT_THAT(decideOnHopper(256, 4096), rounds);
  EXPECT_THAT(decideOnHopper(4096, 256), rounds);
  EXPECT_THAT(decideOnHopper(1024, 1500), testing::Not(rounds));
  EXPECT_THAT(decideOnHopper(256, 4002, 16), testing::Not(rounds)); // Many rounds.
}

// The copy engine copies rows of x that begin and end at multiples of 16 bytes.
TEST(DecideConv, boxesOfAlignedRowsAreCopied) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  Conv1dProblem pointwise = convolution(32, 512, 1024, 4000, 1, 1);
  EXPECT_THAT(decideOnHopper(pointwise),
              testing::HasSubstr("block_m=256,block_n=128,block_k=32,block_t=1,join_n=1,"
                                 "num_warps=8,copy_warps=4,boxes=1,box_stores=1"));
  // Where memory is the limit too.
  EXPECT_THAT(decideOnHopper(convolution(32, 256, 256, 4000, 1, 1)),
              testing::HasSubstr("copy_warps=4,boxes=1,box_stores=1"));
  Conv1dProblem half = pointwise;
  half.type = DataType::f16;
  half.precision = Precision::ieee;
  EXPECT_THAT(decideOnHopper(half), testing::HasSubstr("block_m=128,block_n=256,block_k=64,"));
  EXPECT_THAT(decideOnHopper(half), testing::HasSubstr("copy_warps=2,store_warps=2,boxes=1"));
  auto expectNone = [&](const Conv1dProblem &problem) {
    EXPECT_THAT(decideOnHopper(problem), testing::Not(testing::HasSubstr("boxes")));
  };
  expectNone(convolution(32, 64, 64, 16000, 1, 1)); // Small blocks are faster.
  Conv1dProblem odd = half;
  odd.window.size = 4004;
  expectNone(odd);
  Conv1dProblem padded = pointwise;
  padded.window.padBefore = 1;
  expectNone(padded);
  Conv1dProblem strided = convolution(32, 512, 1024, 4000, 1, 2);
  strided.window.padBefore = 0;
  expectNone(strided);
  Conv1dProblem dynamic = pointwise;
  dynamic.batchIsDynamic = true;
  expectNone(dynamic);
}

// Tiles go on over the ends of images where that saves a round of blocks: 400 us instead of 412, 54
// instead of 77, 41 instead of 80, but 64 instead of 62.
TEST(DecideConv, imagesAreJoinedForFewerRounds) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  auto joins = testing::HasSubstr("join_n=1");
  EXPECT_THAT(decideOnHopper(convolution(32, 512, 1024, 4000, 1, 1)), joins);
  EXPECT_THAT(decideOnHopper(convolution(128, 256, 1024, 160, 1, 1)), joins);
  // Rows of fewer positions than two groups of four warps have.
  EXPECT_THAT(decideOnHopper(convolution(512, 512, 512, 32, 1, 1)),
              testing::HasSubstr("block_n=128,block_k=32,block_t=1,join_n=1"));
  // Two rounds of 160 channels rather than three of 128; 256 rather than 128 of 256 positions.
  EXPECT_THAT(decideOnHopper(convolution(32, 768, 768, 192, 1, 1)),
              testing::HasSubstr("block_m=160,block_n=128,block_k=32,block_t=1,join_n=1"));
  EXPECT_THAT(decideOnHopper(convolution(32, 1024, 1024, 576, 1, 1)),
              testing::HasSubstr("block_m=256,block_n=128"));
  EXPECT_THAT(decideOnHopper(convolution(64, 320, 640, 480, 1, 1)), testing::Not(joins));
  EXPECT_THAT(decideOnHopper(convolution(32, 256, 256, 4000, 1, 1)), testing::Not(joins));
  EXPECT_THAT(decideOnHopper(convolution(32, 512, 1024, 4004, 1, 1)), testing::Not(joins));
  // In 16 bits, where clearly fewer rounds are worth warps that only store: 21 us instead of 31, 66
  // instead of 72, but 48 instead of 47, and 33 instead of 31.
  auto inHalf = [](Conv1dProblem problem) {
    problem.type = DataType::f16;
    problem.precision = Precision::ieee;
    return problem;
  };
  EXPECT_THAT(decideOnHopper(inHalf(convolution(256, 512, 512, 64, 1, 1))), joins);
  EXPECT_THAT(decideOnHopper(inHalf(convolution(32, 1024, 1024, 576, 1, 1))), joins);
  EXPECT_THAT(decideOnHopper(inHalf(convolution(128, 320, 640, 448, 1, 1))), testing::Not(joins));
  EXPECT_THAT(decideOnHopper(inHalf(convolution(64, 768, 768, 192, 1, 1))), testing::Not(joins));
}

// On an H200, 298 us instead of 351, 156 instead of 188, 537 instead of 590, and 50 instead of 64.
TEST(DecideConv, boxesOfSeveralTapsAreAsMeasured) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  auto make = [](int64_t batch, int64_t in, int64_t out, int64_t size, int64_t kernel,
                 int64_t dilation, DataType type) {
    Conv1dProblem problem = convolution(batch, in, out, size, kernel, 1);
    problem.type = type;
    problem.precision = type == DataType::f32 ? Precision::tf32 : Precision::ieee;
    problem.window.dilation = dilation;
    problem.window.padBefore = problem.window.padAfter = (kernel - 1) / 2 * dilation;
    return problem;
  };
  constexpr const char *copied = "copy_warps=4,boxes=1", *stored = "store_warps=2,boxes=1";
  auto expectBoxes = [&](const Conv1dProblem &problem, const char *tile, const char *warps) {
    EXPECT_THAT(decideOnHopper(problem),
                testing::AllOf(testing::HasSubstr(tile), testing::HasSubstr(warps)));
  };
  // None for warps that only copy.
  auto expectNone = [&](const Conv1dProblem &problem) {
    EXPECT_THAT(decideOnHopper(problem),
                testing::Not(
                    testing::AllOf(testing::HasSubstr("gemm_wgmma"), testing::HasSubstr("boxes"))));
  };
  expectBoxes(make(16, 512, 512, 8000, 3, 1, DataType::f16),
              "block_m=256,block_n=128,block_k=32,block_t=3", stored);
  expectBoxes(make(16, 256, 256, 8000, 3, 1, DataType::f32),
              "block_m=256,block_n=128,block_k=16,block_t=3", copied);
  // 425 us instead of 461 with half of the channels.
  expectBoxes(make(64, 320, 128, 8000, 3, 1, DataType::f32),
              "block_m=128,block_n=128,block_k=32,block_t=3", copied);
  expectBoxes(make(8, 768, 384, 1536, 3, 64, DataType::bf16),
              "block_m=192,block_n=128,block_k=64,block_t=1", stored);
  // Warps that store pay in f32 where memory is the limit, 910 us instead of 1012, and four of them
  // where rows of 16 bits begin anywhere, 470 instead of 525.
  Conv1dProblem inner = make(32, 64, 128, 131072, 3, 1, DataType::f32);
  inner.window.padBefore = inner.window.padAfter = 0;
  expectBoxes(inner, "block_m=128,block_n=128,block_k=16,block_t=3", stored);
  EXPECT_THAT(decideOnHopper(inner), testing::ContainsRegex("num_stages=[56],"));
  inner.type = DataType::bf16;
  inner.precision = Precision::ieee;
  expectBoxes(inner, "block_m=128,block_n=128,block_k=32,block_t=3",
              "copy_warps=4,store_warps=4,boxes=1");
  expectBoxes(make(32, 64, 128, 131072, 3, 1, DataType::bf16),
              "block_m=128,block_n=128,block_k=32,block_t=3", "copy_warps=2,store_warps=2,boxes=1");
  // Few output channels: 502 us instead of 374; few input channels: 602 instead of 380.
  expectNone(make(4, 64, 64, 220500, 7, 1, DataType::f32));
  expectNone(make(4, 4, 768, 196608, 15, 1, DataType::bf16));
  expectBoxes(make(16, 80, 80, 65536, 3, 1, DataType::f16), "block_m=80,block_n=128", stored);
  // Many taps of few channels in a step: 291 us instead of 280, 153 instead of 121, 93 instead of
  // 72, 38 instead of 37.
  expectNone(make(16, 96, 96, 32768, 7, 1, DataType::f32));
  expectNone(make(4, 256, 256, 8192, 11, 5, DataType::f32));
  expectNone(make(4, 256, 256, 8192, 11, 5, DataType::f16));
  expectNone(make(1, 96, 768, 16000, 7, 1, DataType::f16));
}

// Results of several taps in f32, too: on an H200, 57.0 us instead of 58.7.
TEST(DecideConv, boxesOfResultsOfSeveralTapsAreStored) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  Conv1dProblem problem = convolution(32, 128, 128, 4096, 3, 1);
  problem.precision = Precision::tf32;
  problem.window.dilation = 8;
  problem.window.padBefore = 16;
  EXPECT_THAT(decideOnHopper(problem), testing::HasSubstr("copy_warps=4,boxes=1,box_stores=1"));
  problem.addsResidual = true;
  EXPECT_THAT(decideOnHopper(problem), testing::Not(testing::HasSubstr("box_stores")));
}

// Few weights of 16 bits come by way of the L1 as they lie: on an H200, 40 us instead of 45 for 32
// channels, 33 instead of 40 for 64 to 32. Other weights are packed. No more stages than
// steps: 36.5 instead of 40.2 for five taps of stride 2.
TEST(DecideConv, fewWeightsAreCopiedAsTheyLie) {
  auto decide = [](int64_t in, int64_t out, int64_t size, int64_t kernel, int64_t stride) {
    Conv1dProblem problem = convolution(8, in, out, size, kernel, stride);
    problem.type = DataType::f16;
    problem.window.padBefore = problem.window.padAfter = kernel / 2;
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  EXPECT_THAT(decide(32, 32, 131072, 3, 1),
              testing::StartsWith("algorithm=gemm_rows,block_m=32,block_n=256,block_k=16,"
                                  "num_warps=4,num_stages=2"));
  EXPECT_THAT(decide(64, 32, 65536, 3, 1), testing::StartsWith("algorithm=gemm_rows,"));
  EXPECT_THAT(decide(64, 64, 65536, 3, 1),
              testing::Not(testing::StartsWith("algorithm=gemm_rows,")));
  EXPECT_THAT(decide(32, 32, 131072, 5, 2), testing::HasSubstr("num_stages=2"));
  // 52.6 us instead of 67.3, 37.2 instead of 46.4, 64.6 instead of 70.4 and 76.0.
  EXPECT_THAT(decide(32, 32, 131072, 7, 1), testing::StartsWith("algorithm=gemm_rows,"));
  EXPECT_THAT(decide(48, 48, 65536, 3, 1), testing::StartsWith("algorithm=gemm_rows,"));
  EXPECT_THAT(decide(24, 48, 131072, 5, 1), testing::StartsWith("algorithm=gemm_rows,"));
}

// Copies of padded rows begin with a sector, where rows of x do: on an H200, 71 us instead of 77.
TEST(DecideConv, copiedRowsBeginWithSectors) {
  auto shiftOf = [](DataType type, int64_t size, int64_t padding, int64_t outputs = 32) {
    Conv1dProblem problem = convolution(4, 32, outputs, size, 3, 1);
    problem.type = type;
    problem.precision = type == DataType::f32 ? Precision::tf32 : Precision::ieee;
    problem.window.padBefore = padding;
    Schedule schedule;
    schedule.algorithm = "gemm_packed";
    schedule.blockM = 32;
    schedule.blockN = 256;
    schedule.blockK = 16;
    schedule.blockT = 3;
    schedule.numWarps = 4;
    schedule.numStages = 2;
    return Conv1dPacked(problem, schedule).x.shift;
  };
  EXPECT_EQ(shiftOf(DataType::f32, 262144, 1), 7);
  EXPECT_EQ(shiftOf(DataType::f16, 262144, 1), 15);
  EXPECT_EQ(shiftOf(DataType::f32, 262144, 9), 7);
  EXPECT_EQ(shiftOf(DataType::f32, 262144, 0), 0);
  // Single taps that all begin at 16 bytes have boxes that do.
  EXPECT_EQ(shiftOf(DataType::f32, 262144, 4), 0);
  EXPECT_EQ(shiftOf(DataType::f32, 262140, 1), 3);      // Rows end within a sector.
  EXPECT_EQ(shiftOf(DataType::f32, 262144, 1, 256), 3); // Results are nearly all that is moved.
}

// What is added comes as boxes where x does: on an H200, 260 us instead of 324, 106 instead of 127,
// 133 instead of 188 and 181 instead of 211.
TEST(DecideConv, boxesOfWhatIsAddedAreCopied) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  auto make = [](int64_t batch, int64_t in, int64_t out, int64_t size, int64_t kernel,
                 DataType type) {
    Conv1dProblem problem = convolution(batch, in, out, size, kernel, 1);
    problem.type = type;
    problem.precision = type == DataType::f32 ? Precision::tf32 : Precision::ieee;
    problem.window.padBefore = problem.window.padAfter = (kernel - 1) / 2;
    problem.addsResidual = true;
    return problem;
  };
  EXPECT_THAT(decideOnHopper(make(8, 512, 512, 16000, 1, DataType::f32)),
              testing::HasSubstr("copy_warps=4,boxes=1,box_stores=1"));
  EXPECT_THAT(decideOnHopper(make(8, 256, 256, 16384, 3, DataType::bf16)),
              testing::HasSubstr("copy_warps=2,store_warps=2,boxes=1"));
  EXPECT_THAT(decideOnHopper(make(8, 512, 512, 16000, 1, DataType::f16)),
              testing::HasSubstr("copy_warps=2,store_warps=2,boxes=1"));
  EXPECT_THAT(decideOnHopper(make(16, 256, 256, 8000, 3, DataType::f32)),
              testing::HasSubstr("copy_warps=4,boxes=1"));
  // Rows of x begin at multiples of 16 bytes, and of what is added do not.
  Conv1dProblem odd = make(8, 512, 512, 16000, 3, DataType::f32);
  odd.window.padBefore = odd.window.padAfter = 0;
  EXPECT_THAT(decideOnHopper(odd), testing::Not(testing::HasSubstr("copy_warps")));
}

// Stages that go round over the tiles hold what is added, too: all weights come again.
TEST(DecideConv, stagesOfWhatIsAddedKeepNoWeights) {
  Conv1dProblem problem = convolution(8, 64, 128, 16384, 1, 1);
  Schedule schedule;
  schedule.algorithm = "gemm_wgmma";
  schedule.boxes = 1;
  schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), schedule));
  schedule.numStages = 2;
  EXPECT_TRUE(Conv1dPacked(problem, schedule).keepsWeights) << schedule.str();
  problem.addsResidual = true;
  EXPECT_FALSE(Conv1dPacked(problem, schedule).keepsWeights);
}

// Rows of boxes divide a tile, and as many as fit go through what has more room of x and weights.
TEST(DecideConv, boxesOfWhatIsAddedFillStages) {
  auto rowsOf = [](DataType type, int64_t m, int64_t n, int64_t k) {
    Conv1dProblem problem = convolution(8, 512, 512, 16000, 1, 1);
    problem.type = type;
    problem.precision = type == DataType::f32 ? Precision::tf32 : Precision::ieee;
    problem.addsResidual = true;
    Schedule schedule;
    schedule.algorithm = "gemm_wgmma";
    schedule.blockM = m;
    schedule.blockN = n;
    schedule.blockK = k;
    schedule.blockT = 1;
    schedule.boxes = 1;
    Conv1dPacked staging(problem, schedule);
    return std::make_pair(staging.addedRows, staging.addsThroughX);
  };
  EXPECT_EQ(rowsOf(DataType::f32, 256, 128, 32), std::make_pair(int64_t(64), false));
  EXPECT_EQ(rowsOf(DataType::f32, 208, 128, 32), std::make_pair(int64_t(16), false));
  EXPECT_EQ(rowsOf(DataType::f16, 128, 256, 64), std::make_pair(int64_t(64), true));
  EXPECT_EQ(rowsOf(DataType::f32, 64, 128, 8), std::make_pair(int64_t(0), true));
}

// Of many taps, threads put them in chunks, with three blocks on an SM: 230 us instead of 250 on an
// H200 for seven taps of 64 channels in f16, whose rows are multiples of 16 bytes by two, 343
// instead of 373 in TF32, 182 instead of 221 with gemm_wgmma for five taps.
TEST(DecideConv, boxesOfManyTapsArePutInChunks) {
  auto decideOn = [](const Conv1dProblem &problem, llvm::StringRef gpu) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule())).str();
  };
  auto decideOnHopper = [&](const Conv1dProblem &problem) { return decideOn(problem, "h200"); };
  constexpr const char *chunked = "algorithm=gemm_chunked,block_m=64,block_n=256,block_k=16,";
  constexpr const char *together = "algorithm=gemm_chunked,block_m=64,block_n=240,block_k=16,";
  ConvAttributes seven{.kernel = 7, .dilation = 9, .pad = 27, .type = DataType::f16};
  EXPECT_THAT(decideOnHopper(convOf(8, 64, 64, 220500, seven)),
              testing::AllOf(testing::StartsWith(together), testing::HasSubstr("boxes=1")));
  EXPECT_THAT(decideOnHopper(convOf(8, 64, 64, 220496, seven)),
              testing::AllOf(testing::StartsWith(chunked), testing::HasSubstr("boxes=1")));
  EXPECT_THAT(decideOn(convOf(8, 64, 64, 220500, seven), "a100"),
              testing::Not(testing::HasSubstr("boxes")));
  ConvAttributes inTF32 = seven;
  inTF32.type = DataType::f32;
  inTF32.precision = Precision::tf32;
  EXPECT_THAT(decideOnHopper(convOf(8, 64, 64, 220500, inTF32)),
              testing::HasSubstr("block_n=256,block_k=8,block_t=7,num_warps=4,boxes=1"));
  EXPECT_THAT(decideOnHopper(
                  convOf(32, 64, 64, 30000, {.kernel = 5, .pad = 2, .precision = Precision::tf32})),
              testing::HasSubstr("block_n=256,block_k=8,block_t=5,num_warps=4,boxes=1"));
  // More output channels than a tile's, taps of which a step has too many weights, few taps, few
  // steps, and rows that are no such multiple by two: 185 us instead of 176, 72 as before, 594
  // instead of 537, 84 instead of 76, 111 instead of 89.
  for (const Conv1dProblem &problem :
       {convOf(32, 64, 128, 30000, {.kernel = 5, .pad = 2, .type = DataType::bf16}),
        convOf(4, 256, 64, 8192, {.kernel = 11, .dilation = 5, .pad = 25, .type = DataType::f16}),
        convOf(8, 64, 64, 220500, {.kernel = 3, .pad = 1, .type = DataType::bf16}),
        convOf(16, 32, 64, 60000, {.kernel = 7, .pad = 3, .type = DataType::f16}),
        convOf(16, 64, 64, 44101, {.kernel = 5, .pad = 2, .type = DataType::bf16})})
    EXPECT_THAT(decideOnHopper(problem),
                testing::Not(testing::AllOf(testing::HasSubstr("gemm_chunked"),
                                            testing::HasSubstr("boxes"))));
  // Steps of another length than that are the caller's.
  Schedule wanted = words("algorithm=gemm_chunked,num_stages=3");
  EXPECT_THAT(
      llvm::cantFail(decideSchedule(convOf(8, 64, 64, 220496, seven), *lookupGPU("h200"), wanted))
          .str(),
      testing::Not(testing::HasSubstr("boxes")));
}

// Taps that have little of x in common have boxes of their own.
TEST(DecideConv, boxesOfDistantTapsAreOfSingleOnes) {
  Conv1dProblem distant = convolution(8, 768, 384, 1536, 3, 1);
  distant.type = DataType::bf16;
  distant.precision = Precision::ieee;
  distant.window.dilation = distant.window.padBefore = distant.window.padAfter = 64;
  Schedule wanted;
  wanted.algorithm = "gemm_wgmma";
  wanted.boxes = 1;
  EXPECT_THAT(llvm::cantFail(decideSchedule(distant, *lookupGPU("h200"), wanted)).str(),
              testing::HasSubstr("block_k=64,block_t=1,"));
}

// What was faster on an H200: by 13 % than 128 x 128, by 5 % than sums in one part, by 10 % or
// more than weights that lie as they are.
TEST(DecideConv, tilesOfFourWarpsAreAsMeasured) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  EXPECT_THAT(
      decideOnHopper(convolution(8, 1280, 1280, 3000, 3, 2)),
      testing::HasSubstr("block_m=256,block_n=128,block_k=8,block_t=3,num_warps=8,copy_warps=4"));
  // Other warps store results of 16 bits, where a step is long.
  Conv1dProblem pointwise = convolution(32, 512, 1024, 4000, 1, 1);
  constexpr const char *storing = "copy_warps=2,store_warps=2";
  EXPECT_THAT(decideOnHopper(pointwise), testing::Not(testing::HasSubstr(storing)));
  pointwise.type = DataType::f16;
  pointwise.precision = Precision::ieee;
  EXPECT_THAT(decideOnHopper(pointwise), testing::HasSubstr(storing));
  pointwise.window.size = 3999; // In steps of 32.
  EXPECT_THAT(decideOnHopper(pointwise), testing::Not(testing::HasSubstr(storing)));
  Conv1dProblem foldsNot = convolution(16, 256, 512, 2400, 16, 8);
  foldsNot.window.padBefore = foldsNot.window.padAfter = 4;
  EXPECT_THAT(decideOnHopper(foldsNot), testing::HasSubstr("block_t=8,split_k=4"));
  EXPECT_THAT(decideOnHopper(convolution(4, 32, 32, 262144, 3, 1)),
              testing::Not(testing::HasSubstr("gemm_rows")));
  EXPECT_THAT(decideOnHopper(convolution(16, 64, 64, 160000, 1, 2)),
              testing::StartsWith("algorithm=gemm_wgmma"));
}

// Two blocks of 160 x 128, 53 us on an H200, 64 in 128 x 128; here rows have no boxes.
TEST(DecideConv, moreChannelsWhereAResidualIsAdded) {
  Conv1dProblem problem = convolution(1, 1024, 640, 16004, 1, 1);
  problem.type = DataType::bf16;
  problem.precision = Precision::ieee;
  problem.activation.kind = ActivationKind::relu;
  problem.addsResidual = true;
  EXPECT_EQ(llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).blockM, 160);
}

// Equal tiles of the output channels there are: 80 of 80 and 160 of 320, where powers of two would
// multiply a fifth to a third for nothing.
TEST(DecideConv, tilesOfFourWarpsDivideOddChannels) {
  auto decideOnHopper = [](int64_t channels) {
    return llvm::cantFail(
        decideSchedule(convolution(32, 512, channels, 8000, 3, 2), *lookupGPU("h200"), Schedule()));
  };
  for (int64_t channels : {80, 160, 192, 320})
    EXPECT_EQ(channels % decideOnHopper(channels).blockM, 0) << channels;
}

// Measured on an H200: 62 us in 288 blocks, 68 in two parts of 192 blocks with larger tiles; 237 us
// where other warps store, 255 without, of rows that are copied once for all taps.
TEST(DecideConv, blocksOfFourWarpsForLongSums) {
  auto decideOnHopper = [](Conv1dProblem problem, DataType type) {
    problem.type = type;
    problem.precision = Precision::ieee;
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  Conv1dProblem dilated = convolution(8, 768, 384, 1536, 3, 1);
  dilated.window.dilation = dilated.window.padBefore = dilated.window.padAfter = 64;
  EXPECT_THAT(decideOnHopper(dilated, DataType::bf16), testing::Not(testing::HasSubstr("split_k")));
  Conv1dProblem many = convolution(32, 320, 128, 16000, 3, 1);
  many.window.dilation = many.window.padBefore = many.window.padAfter = 9;
  EXPECT_THAT(decideOnHopper(many, DataType::f16), testing::HasSubstr("store_warps=2"));
  // Memory takes a tenth longer than products: 904 us, 1001 without.
  Conv1dProblem balanced = convolution(64, 160, 80, 44100, 4, 1);
  balanced.window.padBefore = balanced.window.padAfter = 1;
  EXPECT_THAT(decideOnHopper(balanced, DataType::bf16), testing::HasSubstr("store_warps=2"));
}

// Where each stage gets the same step of every tile, its weights are copied once: on an H200, 1070
// us instead of 1122 in f32, where memory is the limit, and 596 instead of 640 in bf16. As boxes,
// those of no more steps than stages, also of several tiles of channels that are every so many-th
// tile.
TEST(DecideConv, stagesKeepTheWeightsOfFewSteps) {
  Conv1dProblem problem = convolution(32, 64, 128, 131072, 3, 1);
  problem.window.padBefore = 0;
  Schedule kept = words("algorithm=gemm_wgmma,block_m=128,block_n=256,block_k=16,block_t=3,"
                        "overlap_n=8,num_warps=8,copy_warps=4,num_stages=4,order=m.n.gb");

  auto keeps = [](const Conv1dProblem &problem, const Schedule &schedule) {
    return Conv1dPacked(problem, schedule).keepsWeights;
  };
  EXPECT_TRUE(keeps(problem, kept));
  Schedule boxes = kept;
  boxes.blockN = 128;
  boxes.boxes = 1;
  for (int64_t stages : {4, 5, 8}) {
    boxes.numStages = stages;
    EXPECT_TRUE(keeps(problem, boxes));
  }
  boxes.numStages = 3;
  EXPECT_FALSE(keeps(problem, boxes));
  boxes.numStages = 4;
  Conv1dProblem four = problem;
  four.groups = 4;
  EXPECT_FALSE(keeps(four, boxes));
  for (llvm::StringRef order : {"mg.n.b", "gm.n.b"}) {
    boxes.order = order.str();
    EXPECT_TRUE(keeps(four, boxes));
  }
  boxes.order = "gn.m.b";
  EXPECT_FALSE(keeps(four, boxes));
  Schedule other = kept;
  other.numStages = 3;
  EXPECT_FALSE(keeps(problem, other));
  other = kept;
  other.copyWarps = 0;
  EXPECT_FALSE(keeps(problem, other));
  Conv1dProblem severalTiles = problem;
  severalTiles.outPerGroup = 256;
  EXPECT_FALSE(keeps(severalTiles, kept));
  Conv1dProblem groups = problem;
  groups.groups = 2;
  EXPECT_FALSE(keeps(groups, kept));
  Conv1dProblem dynamic = problem;
  dynamic.batchIsDynamic = true;
  EXPECT_FALSE(keeps(dynamic, kept));
}

// Rows of 131070 elements begin anywhere in a sector: where DRAM reads what is stored in part,
// tiles have sectors in common; where it does not, or rows are whole sectors or padded, they have
// not.
TEST(DecideConv, tilesStoreWholeSectors) {
  auto overlapOn = [](const Conv1dProblem &problem, llvm::StringRef gpu) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule())).overlapN;
  };
  Conv1dProblem problem = convolution(32, 64, 128, 131072, 3, 1);
  problem.window.padBefore = 0;
  EXPECT_EQ(overlapOn(problem, "h200"), 8);
  EXPECT_EQ(overlapOn(problem, "rtx4090"), 0);
  Conv1dProblem halves = problem;
  halves.type = DataType::bf16;
  halves.precision = Precision::ieee;
  EXPECT_EQ(overlapOn(halves, "h200"), 16);
  problem.window.size += 2;
  EXPECT_EQ(overlapOn(problem, "h200"), 0);
  problem.window.size -= 1;
  problem.window.padBefore = problem.window.padAfter = 1;
  EXPECT_EQ(overlapOn(problem, "h200"), 0);
}

// On an H200, in f16 83 us with packed weights and 88 without, in TF32 139 without.
TEST(DecideConv, groupsOfShortTypesHavePackedWeights) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  Conv1dProblem problem = convolution(16, 8, 8, 16384, 3, 1);
  problem.groups = 32;
  problem.window.padBefore = problem.window.padAfter = 1;
  EXPECT_THAT(decideOnHopper(problem), testing::StartsWith("algorithm=gemm_rows,"));
  problem.type = DataType::f16;
  problem.precision = Precision::ieee;
  EXPECT_THAT(decideOnHopper(problem), testing::StartsWith("algorithm=gemm_packed,"));
}

// On an H200, 87 us; 90 to 177 with other tiles and shorter steps, 137 with gemm_wgmma.
TEST(DecideConv, positionsOfAStrideAsChannels) {
  Conv1dProblem problem = convolution(16, 256, 512, 2400, 16, 8);
  problem.window.padBefore = 8;
  auto decideOn = [&](llvm::StringRef gpu) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule())).str();
  };
  EXPECT_THAT(decideOn("h200"),
              testing::StartsWith("algorithm=gemm_folded,block_m=128,block_n=152,block_k=64,"));
  EXPECT_THAT(decideOn("rtx4090"), testing::StartsWith("algorithm=gemm_flat"));
  problem.window.padBefore = 4;
  EXPECT_THAT(decideOn("h200"), testing::StartsWith("algorithm=gemm_wgmma"));
}

// Three taps of many channels, 117 us (130 in tiles of 128 x 128) and 152 with gemm_wgmma on an
// H200, whose loads twelve times as far apart would be twice as many: 85 us and 63 for such a layer
// in bf16.
TEST(DecideConv, chunksOfChannelsWhereProductsHideTheirLoads) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  Conv1dProblem problem = convolution(64, 512, 512, 301, 3, 1);
  problem.window.dilation = problem.window.padBefore = problem.window.padAfter = 4;
  EXPECT_THAT(decideOnHopper(problem),
              testing::StartsWith("algorithm=gemm_chunked,block_m=64,block_n=152"));
  problem.window.dilation = problem.window.padBefore = problem.window.padAfter = 48;
  EXPECT_THAT(decideOnHopper(problem), testing::StartsWith("algorithm=gemm_wgmma"));
}

// Four blocks of four warps on an SM: 114 us instead of 121 on an H200 for 32 channels and a
// residual, 80 instead of 84 for 64 channels in bf16; of 128 channels, larger tiles read less.
TEST(DecideConv, smallBlocksOfFourWarpsWhereMemoryIsTheLimit) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  Conv1dProblem problem = convolution(4, 32, 32, 262144, 3, 1);
  problem.addsResidual = true;
  EXPECT_THAT(decideOnHopper(problem), testing::HasSubstr("block_m=32,block_n=256,block_k=16,"
                                                          "block_t=3,num_warps=4,num_stages=2"));
  problem = convolution(8, 32, 64, 240000, 4, 2);
  problem.type = DataType::bf16;
  problem.precision = Precision::ieee;
  EXPECT_THAT(decideOnHopper(problem), testing::HasSubstr("block_m=64,block_n=128,block_k=32,"
                                                          "block_t=4,num_warps=4,num_stages=1"));
  problem.outPerGroup = 128;
  EXPECT_THAT(decideOnHopper(problem), testing::HasSubstr("num_warps=8"));
}

// Blocks of two groups, on an H200 69 us instead of 70; with silu, of four: 71 instead of 84.
TEST(DecideConv, blocksOfFewGroupsOnHopper) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  Conv1dProblem problem =
      convOf(8, 1, 1, 4096, {.groups = 2048, .kernel = 4, .type = DataType::bf16});
  problem.window.padBefore = 3;
  EXPECT_THAT(decideOnHopper(problem), testing::HasSubstr("gemm_toeplitz,block_g=2,"));
}

// On an H200: long rows of 33 taps 45 us instead of 57; steps of 64 channels for two outputs 76 us
// in two stages and 82 in three.
TEST(DecideConv, stepsAreAsMeasuredOnHopper) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  EXPECT_THAT(decideOnHopper(convOf(
                  64, 1, 1, 1601, {.groups = 256, .kernel = 33, .pad = 16, .type = DataType::f16})),
              testing::HasSubstr("block_n=2048,block_k=1,num_warps=4"));
  EXPECT_THAT(
      decideOnHopper(convOf(4, 64, 2, 441000, {.kernel = 7, .pad = 3, .type = DataType::f16})),
      testing::AllOf(testing::StartsWith("algorithm=gemm_toeplitz,"),
                     testing::HasSubstr("num_stages=2,")));
}

TEST(DecideConv, blocksOfFmaUnitsHaveWarpsAndRegisters) {
  // Numbers of channels that no power of two divides well: one warp with all sums of 32 channels
  // would wait for what it loads, and of every other position more is loaded than registers hold.
  struct {
    Conv1dProblem problem;
    int64_t mostSums;
  } cases[] = {{convOf(16, 1024, 80, 16384, {.kernel = 3, .stride = 2, .pad = 1}), 96},
               {convOf(32, 32, 384, 1000, {.kernel = 3, .stride = 2, .pad = 1}), 96},
               {convOf(4, 640, 160, 65536, {.kernel = 5, .pad = 2}), 128},
               {convOf(1, 384, 384, 4096, {.kernel = 1}), 128}};
  for (auto &[problem, mostSums] : cases) {
    problem.precision = Precision::ieee;
    Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("rtx4090")));
    EXPECT_EQ(schedule.algorithm, "gemm_packed");
    EXPECT_GE(schedule.numWarps, 4) << schedule.str();
    EXPECT_LE(schedule.blockM * schedule.blockN, mostSums * schedule.numWarps * 32)
        << schedule.str();
  }
}

// Of nine taps, four in a step load x in groups; all would be more code than an SM's cache holds.
// Measured on an H200: 674 us and 1478.
TEST(DecideConv, stepsOfFmaUnitsAreShortCode) {
  for (const char *target : {"rtx4090", "h200"}) {
    Conv1dProblem problem = convOf(32, 192, 128, 2048, {.kernel = 9, .pad = 4});
    problem.precision = Precision::ieee;
    Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU(target)));
    EXPECT_EQ(schedule.blockT, 4) << schedule.str();
    // Of few sums and elements that are loaded one by one, less: 918 us and 1403.
    problem = convOf(16, 512, 32, 5999, {.kernel = 11, .dilation = 2, .pad = 10});
    problem.precision = Precision::ieee;
    schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU(target)));
    int64_t sums = schedule.blockM * schedule.blockN / (32 * schedule.numWarps);
    EXPECT_LE(sums * schedule.blockT * schedule.blockK, 2560) << schedule.str();
  }
}

// Eight warps would have 20 rows and 2 columns each of 80 x 128, which take 7 loads for 40
// products.
TEST(DecideConv, warpsOfFmaUnitsDivideTilesWell) {
  for (const char *target : {"rtx4090", "h200"}) {
    Conv1dProblem problem = convOf(64, 80, 320, 3000, {.kernel = 7, .stride = 3, .pad = 3});
    problem.precision = Precision::ieee;
    Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU(target)));
    double most = 0;
    for (int64_t warpsM = 1; warpsM <= schedule.numWarps; warpsM *= 2) {
      int64_t warpsN = schedule.numWarps / warpsM;
      if (schedule.blockM % (16 * warpsM) != 0 || schedule.blockN % (8 * warpsN) != 0)
        continue;
      double rows = double(schedule.blockM) / double(4 * warpsM);
      double columns = double(schedule.blockN) / double(8 * warpsN);
      most = std::max(most, rows * columns / (rows / 4 + columns));
    }
    EXPECT_GE(most, 7) << schedule.str();
  }
}

// Rows of y that begin anywhere: on an H200 177 us with staged stores, 205 with such of elements.
TEST(DecideConv, unalignedRowsAreStaged) {
  auto decideOnHopper = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("h200"), Schedule())).str();
  };
  Conv1dProblem problem = convOf(8, 1, 512, 160000, {.kernel = 10, .stride = 5});
  EXPECT_THAT(decideOnHopper(problem), testing::StartsWith("algorithm=gemm_im2col"));
  problem.window.size = 160005; // 32000 outputs.
  EXPECT_THAT(decideOnHopper(problem), testing::StartsWith("algorithm=window"));
}

// 127 us instead of 145 on an H200. Not where the L2 holds y, where one tile has all channels or
// where x is not next to nothing: pointwise layers take 10 % more time by rows.
TEST(DecideConv, largeResultsOfFewInputsAreWrittenByRows) {
  auto orderOn = [](llvm::StringRef gpu, const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule())).order;
  };
  Conv1dProblem stem = convOf(8, 1, 512, 160000, {.kernel = 10, .stride = 5});
  EXPECT_EQ(orderOn("h200", stem), "n.m.gb");
  EXPECT_EQ(orderOn("rtx4090", stem), "m.n.gb");
  EXPECT_EQ(orderOn("h200", convOf(1, 1, 512, 160000, {.kernel = 10, .stride = 5})), "m.n.gb");
  EXPECT_EQ(orderOn("h200", convOf(8, 1, 8, 1920000, {.kernel = 7})), "m.n.gb");
  EXPECT_EQ(orderOn("h200", convolution(32, 512, 1024, 4000, 1, 1)), "m.n.gb");
  // 20 MB of x that all tiles of channels would read anew.
  EXPECT_EQ(orderOn("h200", convOf(1, 1, 512, 5000000, {.kernel = 10})), "m.n.gb");
}

// On an H200, 62 us instead of 66 in tiles of 32 channels x 128 positions, which all read x from
// DRAM; and 67.5 instead of 70.7 for small blocks, which do not all write at the same time.
TEST(DecideConv, resultsOfFewInputsAreWrittenInSmallTiles) {
  auto decideOn = [](llvm::StringRef gpu, const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule())).str();
  };
  Conv1dProblem stem =
      convOf(8, 1, 32, 240000, {.kernel = 7, .pad = 3, .precision = Precision::tf32});
  EXPECT_THAT(decideOn("h200", stem), testing::HasSubstr("block_m=8,block_n=512,"));
  EXPECT_THAT(decideOn("rtx4090", stem), testing::HasSubstr("block_m=32,"));
  Conv1dProblem embedding =
      convOf(256, 7, 512, 512, {.kernel = 3, .pad = 1, .precision = Precision::tf32});
  EXPECT_THAT(decideOn("h200", embedding), testing::HasSubstr("block_m=64,block_n=128,"));
  embedding.batch = 16; // Of which the L2 holds the result.
  EXPECT_THAT(decideOn("h200", embedding), testing::HasSubstr("block_m=128,"));
}

// Of rows a power of two apart, on an H200 37.4 us instead of 38.7 in blocks of eight warps.
TEST(DecideConv, oneOutputOfFarRowsHasSmallBlocks) {
  auto decideOn = [](llvm::StringRef gpu, int64_t positions) {
    Conv1dProblem problem = convOf(4, 32, 1, positions, {.kernel = 7, .pad = 3});
    return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule())).str();
  };
  auto isSmall = testing::HasSubstr("block_n=2048,block_k=1,num_warps=4,num_stages=2,");
  EXPECT_THAT(decideOn("h200", 262144), isSmall);
  EXPECT_THAT(decideOn("h200", 240000), testing::Not(isSmall));
  EXPECT_THAT(decideOn("rtx4090", 262144), testing::Not(isSmall));
}

// On an H200 334 us for twelve tiles of channels whose windows are gathered once, 377 without; for
// a single tile 78 and 73.
TEST(DecideConv, windowsOfManyChannelsAreGathered) {
  auto decideOn = [](llvm::StringRef gpu, const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule())).str();
  };
  Conv1dProblem stem = convOf(4, 4, 768, 196608, {.kernel = 15, .pad = 7, .type = DataType::bf16});
  EXPECT_THAT(decideOn("h200", stem),
              testing::StartsWith("algorithm=gemm_gathered,block_m=64,block_n=128,tiles_m=12,"));
  EXPECT_THAT(decideOn("rtx4090", stem), testing::StartsWith("algorithm=gemm_im2col,"));
  Conv1dProblem single = convOf(4, 2, 64, 441000, {.kernel = 7, .pad = 3, .type = DataType::bf16});
  EXPECT_THAT(decideOn("h200", single), testing::StartsWith("algorithm=gemm_im2col,"));
}

// Within 1 % of the fastest, what needs no launch that packs weights; more than that decides.
TEST(DecideConv, weightsAreReadAsTheyLieWhereThatIsAsFast) {
  auto decideOnAda = [](const Conv1dProblem &problem) {
    return llvm::cantFail(decideSchedule(problem, *lookupGPU("rtx4090"), Schedule())).str();
  };
  EXPECT_THAT(decideOnAda(convolution(8, 1280, 1280, 3000, 3, 2)),
              testing::StartsWith("algorithm=gemm_rows,"));
  EXPECT_THAT(decideOnAda(convolution(32, 512, 1024, 4000, 1, 1)),
              testing::StartsWith("algorithm=gemm_rows,"));
  EXPECT_THAT(decideOnAda(convolution(4, 256, 256, 8192, 11, 1)),
              testing::StartsWith("algorithm=gemm_packed,"));
}

// Modelled: two warps on an SM take 41 us, eight take 23.
TEST(DecideConv, fewOutputsOfFewBlocksHaveWarpsToHideTheirLoads) {
  Conv1dProblem problem =
      convOf(1, 128, 4, 32768, {.kernel = 7, .pad = 3, .precision = Precision::tf32});
  Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("rtx4090"), Schedule()));
  int64_t blocks = llvm::cantFail(makeTileGrid(problem, schedule)).blocks();
  EXPECT_GE(blocks * schedule.numWarps, 4 * 128) << schedule.str();
}

// Modelled: one warp on each SM takes 46 us, four take 30.
TEST(DecideConv, fewSumsOfFmaUnitsAreSpreadOverWarps) {
  Conv1dProblem problem = convOf(8, 320, 32, 1500, {.kernel = 3, .stride = 3});
  Schedule schedule = llvm::cantFail(decideSchedule(problem, *lookupGPU("rtx4090"), Schedule()));
  int64_t blocks = llvm::cantFail(makeTileGrid(problem, schedule)).blocks();
  EXPECT_GE(blocks * schedule.numWarps, 2 * 128) << schedule.str();
}

// Modelled: gemm_slab, whose loads of two bytes are behind branches, takes 60 us, others 27.
TEST(DecideConv, elementsBehindBranchesAreNoWayToStage) {
  Conv1dProblem problem =
      convOf(4, 320, 32, 8000, {.kernel = 3, .dilation = 9, .type = DataType::bf16});
  EXPECT_THAT(decide(problem), testing::Not(testing::StartsWith("algorithm=gemm_slab")));
}

TEST(DecideConv, blockKAsksForMatrices) {
  EXPECT_THAT(decide(startingConv(), "block_k=8"), testing::StartsWith("algorithm=gemm_packed"));
}

TEST(Decide, emptyBatchHasAGridWithoutBlocks) {
  EXPECT_EQ(blocks(poolOf(0, 32, 32)), 0);
  EXPECT_EQ(blocks(convOf(0, 2, 64, 1000)), 0);
}

TEST(Decide, wrongWordsAreErrors) {
  EXPECT_THAT(
      decide(startingPool(), "algorithm=magic"),
      testing::MatchesRegex("error: expected algorithm to be one of .*direct, got 'magic'"));
  EXPECT_EQ(decide(startingPool(), "algorithm=direct,block_w=96"),
            "error: expected block_w to be a power of two from 1 to 8192, got 96");
  EXPECT_EQ(decide(startingConv(), "order=w.h.p"),
            "error: expected order to name each of the axes 'mngb' once, in one to three groups "
            "separated by dots, got 'w.h.p'");
}

/// Sizes from one to beyond every limit, small ones as likely as large ones.
static int64_t drawSize(std::mt19937_64 &random, unsigned maxBits) {
  unsigned bits = random() % (maxBits + 1);
  return 1 + int64_t(random() % (uint64_t(1) << bits));
}

TEST(DecideAdd, accessesOfSixteenBytesWhereTheyDivideTheTensors) {
  EXPECT_THAT(decide(AddProblem{DataType::f32, 1 << 20}), testing::HasSubstr("vector=4"));
  EXPECT_THAT(decide(AddProblem{DataType::f16, 1 << 20}), testing::HasSubstr("vector=8"));
  EXPECT_THAT(decide(AddProblem{DataType::f32, 1001 * 2}), testing::HasSubstr("vector=2"));
  EXPECT_EQ(decide(AddProblem{DataType::f32, 1 << 20}, "block_n=2"),
            "error: expected block_n to be at least vector=4, got 2");
  EXPECT_EQ(decide(AddProblem{DataType::f32, 7}, "vector=4"),
            "error: expected vector to be 1 for algorithm elementwise, got 4");
}

TEST(Decide, alwaysDecidesWhatItVerifies) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 4000; ++round) {
    const GPU &gpu = allGPUs()[random() % allGPUs().size()];
    AvgPool2dProblem pool =
        poolOf(drawSize(random, 14), drawSize(random, 14), drawSize(random, 14));
    EXPECT_EQ(message(decideSchedule(pool, gpu)), "");
    Conv1dProblem conv = convOf(drawSize(random, 16), drawSize(random, 12), drawSize(random, 12),
                                drawSize(random, 20));
    EXPECT_EQ(message(decideSchedule(conv, gpu)), "");
    EXPECT_EQ(message(decideSchedule(AddProblem{DataType::bf16, drawSize(random, 40)}, gpu)), "");
  }
}
