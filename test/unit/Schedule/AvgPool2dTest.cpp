//===- AvgPool2dTest.cpp - What poolings choose and make of it ------------===//

#include "Problems.h"

#include "poolc/Schedule/AvgPool2dColumns.h"
#include "poolc/Schedule/AvgPool2dSlab.h"
#include "poolc/Schedule/Schedule.h"
#include "poolc/Schedule/ScheduleSpace.h"
#include "poolc/Target/GPU.h"

#include "gtest/gtest.h"

using namespace poolc;

static AvgPool2dProblem windowsOf(AvgPool2dProblem problem, int64_t kernel, int64_t stride,
                                  int64_t padding, DataType type) {
  for (Window &axis : problem.axis) {
    axis.kernel = kernel, axis.stride = stride;
    axis.padBefore = axis.padAfter = padding;
  }
  problem.type = type;
  return problem;
}

static Schedule decidedOn(const AvgPool2dProblem &problem, llvm::StringRef gpu) {
  return llvm::cantFail(decideSchedule(problem, *lookupGPU(gpu), Schedule()));
}

TEST(DecidePool, ofEqualTimesBlocksReadLittleAgain) {
  // 23 rows of outputs share 8 of 31 with the block below, 8 rows 8 of 16.
  for (int64_t width : {384, 299, 415}) {
    AvgPool2dProblem problem = windowsOf(poolOf(96, 384, width), 9, 1, 4, DataType::f32);
    Schedule schedule = decidedOn(problem, "rtx4090");
    EXPECT_GE(schedule.blockH, 23) << width << ": " << schedule.str();
  }
}

TEST(DecidePool, stepsAreMadeEqualWhereMemoryIsFast) {
  AvgPool2dProblem problem = windowsOf(poolOf(512, 224, 260), 9, 1, 4, DataType::bf16);
  Schedule wanted = words("algorithm=columns,num_warps=8,vector=2");
  // 23 rows are one block fewer than 21, of which steps of 7 are three.
  EXPECT_EQ(llvm::cantFail(decideSchedule(problem, *lookupGPU("rtx4090"), wanted)).blockH, 23);
}

TEST(DecidePool, strideOfSectorsIsNotReadTapByTap) {
  AvgPool2dProblem problem = windowsOf(poolOf(256, 256, 261), 16, 16, 0, DataType::f16);
  problem.axis[0].kernel = problem.axis[0].stride = 2;
  EXPECT_NE(decidedOn(problem, "h200").algorithm, "direct");
  AvgPool2dProblem large = windowsOf(poolOf(256, 256, 261), 20, 20, 0, DataType::f32);
  EXPECT_NE(decidedOn(large, "h200").algorithm, "direct");
}

TEST(SlabGeometry, phasesOfTinyPlanesKeepWritersAndReadersApart) {
  // Windows of two planes' rows side by side: with each plane's phases in its rows, either those
  // who write them or those who read them would meet.
  for (int64_t size : {4, 7}) {
    AvgPool2dProblem problem = windowsOf(poolOf(1 << 16, size, size), 2, 2, 0, DataType::f16);
    int64_t outputs = problem.outputSize(0);
    Schedule schedule = words("algorithm=slab,block_p=64,num_warps=4,num_stages=1,vector=8");
    schedule.blockH = schedule.blockW = outputs;
    AvgPool2dSlab slab(problem, schedule);
    EXPECT_EQ(slab.phases, 2);
    EXPECT_EQ(slab.conflictsOfSums, 1) << size;
    EXPECT_EQ(slab.conflictsOfTaps, 1) << size;
    // Phases do not overlap.
    EXPECT_GE(slab.phasePitch, 64 * slab.planePitch);
    EXPECT_GE(slab.planePitch, outputs * slab.rowPitch);
    EXPECT_GE(slab.rowPitch, slab.length);
    EXPECT_GE(slab.sumElements, 2 * slab.phasePitch);
  }
}

TEST(ColumnsGeometry, idleLanesMeetNoOthers) {
  // 5 columns are read by 5 of 8 lanes, and 3 x 3 windows by 3 x 3 of 4 x 4.
  AvgPool2dProblem problem = windowsOf(poolOf(1 << 15, 5, 5), 3, 1, 0, DataType::f32);
  AvgPool2dColumns columns(problem, words("algorithm=columns,block_p=64,block_h=3,block_w=3,"
                                          "num_warps=8,num_stages=1,vector=1"));
  EXPECT_EQ(columns.conflictsOfSums, 1);
  EXPECT_EQ(columns.conflictsOfTaps, 1);
  EXPECT_EQ(countBankConflicts({4, 8}, {8, 1}), 1);
  EXPECT_EQ(countBankConflicts({4, 8}, {16, 1}), 2);
  EXPECT_EQ(countBankConflicts({4, 8}, {16, 1}, 1, {2, 5}), 1);
}

TEST(ColumnsGeometry, clearedPaddingDecidesBetweenEqualPitches) {
  // Rows of 112 elements begin in 2 banks, those of 116 in 8, with both sides of the padding
  // between.
  AvgPool2dProblem problem = windowsOf(poolOf(2304, 75, 108), 3, 1, 1, DataType::f32);
  AvgPool2dColumns columns(problem, words("algorithm=columns,block_p=1,block_h=25,block_w=108,"
                                          "num_warps=4,num_stages=1,vector=2"));
  EXPECT_EQ(columns.clearedBefore, 2);
  EXPECT_EQ(columns.clearedBehind, 2);
  EXPECT_EQ(columns.rowPitch, 116);
}
