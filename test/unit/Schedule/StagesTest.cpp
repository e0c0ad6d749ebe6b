//===- StagesTest.cpp - The rules of both stages --------------------------===//

#include "poolc/Schedule/Stages.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <functional>

using namespace poolc;
using testing::HasSubstr;

namespace {
/// An op whose costs the test makes up.
class MadeUpSpace : public ScheduleSpace {
public:
  MadeUpSpace() : ScheduleSpace(defaultGPU()) {}

  std::vector<AlgorithmInfo> algorithms() const override {
    AlgorithmInfo info{"made_up", Products::any, "", "", {}};
    info.rules.words = {{"num_stages", 4, 1, true}, {"vector", 4}};
    return {info};
  }
  llvm::Expected<Decision> decide(const Schedule &) const override {
    return llvm::createStringError("not needed");
  }
  llvm::Error verify(const Schedule &schedule) const override {
    if (schedule.numStages * 40 > 99)
      return llvm::createStringError("expected at most 99 KB, got " +
                                     llvm::Twine(schedule.numStages * 40));
    if (schedule.blockN < 32 * schedule.numWarps)
      return llvm::createStringError("expected larger tiles");
    return llvm::Error::success();
  }
  RatedSchedule rate(const Schedule &schedule) const override {
    RatedSchedule rated{schedule, cost(schedule), {}};
    rated.prediction = predict(getGPU(), rated.cost);
    return rated;
  }
  llvm::Expected<TileGrid> grid(const Schedule &) const override { return TileGrid(); }
  Work work() const override { return {}; }
  double peakTFLOPs() const override { return 1; }

  std::function<KernelCost(const Schedule &)> cost;
};

/// Blocks of 256 positions; each takes so many instructions.
Schedule start() {
  Schedule schedule;
  schedule.algorithm = "made_up";
  schedule.blockN = 256;
  schedule.numWarps = 4;
  schedule.numStages = 1;
  schedule.vector = 1;
  schedule.order = "n";
  return schedule;
}

KernelCost costOf(const Schedule &schedule, double positions) {
  KernelCost cost;
  cost.blocks = int64_t(positions / double(schedule.blockN));
  cost.warpsPerBlock = schedule.numWarps;
  cost.dependentTrips = 200 * double(schedule.blockN) / double(schedule.numStages);
  cost.instructions = double(schedule.blockN);
  cost.dramReadBytes = cost.l2ReadBytes = positions;
  return cost;
}
} // namespace

TEST(GridStage, fewBlocksBecomeMore) {
  MadeUpSpace space;
  space.cost = [](const Schedule &schedule) { return costOf(schedule, 64 * 256); };
  StageResult result = arrangeGrid(space, start());
  EXPECT_EQ(result.schedule.blockN, 32);
  ASSERT_EQ(result.outcomes.size(), 1u);
  EXPECT_TRUE(result.outcomes[0].fired);
  EXPECT_THAT(result.outcomes[0].text, HasSubstr("block_n=256 -> 32, num_warps=4 -> 1: predicted"));
  EXPECT_THAT(result.outcomes[0].text, HasSubstr("64 -> 512 blocks"));
}

TEST(GridStage, aSmallerTileMayGetFewerWarps) {
  MadeUpSpace space;
  space.cost = [](const Schedule &schedule) { return costOf(schedule, 64 * 256); };
  Schedule schedule = start();
  schedule.numWarps = 8;
  EXPECT_LT(arrangeGrid(space, schedule).schedule.numWarps, 8);
  Schedule given;
  given.numWarps = 8;
  EXPECT_EQ(arrangeGrid(space, schedule, given).schedule, schedule);
}

TEST(GridStage, givenWordsStay) {
  MadeUpSpace space;
  space.cost = [](const Schedule &schedule) { return costOf(schedule, 64 * 256); };
  Schedule given;
  given.blockN = 256;
  StageResult result = arrangeGrid(space, start(), given);
  EXPECT_EQ(result.schedule, start());
  EXPECT_THAT(result.outcomes[0].text, HasSubstr("no other block size is legal or open"));
}

TEST(GridStage, enoughBlocksStay) {
  MadeUpSpace space;
  space.cost = [](const Schedule &schedule) { return costOf(schedule, 256e6); };
  StageResult result = arrangeGrid(space, start());
  EXPECT_EQ(result.schedule, start());
  EXPECT_THAT(result.outcomes[0].text, HasSubstr("1000000 blocks left alone"));
}

TEST(GridStage, aBusyGPUStays) {
  MadeUpSpace space;
  space.cost = [](const Schedule &schedule) { return costOf(schedule, 64 * 256); };
  Evidence evidence;
  evidence.isMeasured = true;
  evidence.smThroughput = 70;
  EXPECT_EQ(arrangeGrid(space, start(), {}, evidence).schedule, start());
  evidence.smThroughput = 10;
  evidence.dramThroughput = 93;
  StageResult result = arrangeGrid(space, start(), {}, evidence);
  EXPECT_EQ(result.schedule, start());
  EXPECT_EQ(result.outcomes[0].rule, "memory_roof");
  EXPECT_THAT(result.outcomes[0].text,
              HasSubstr("measured DRAM throughput of 93.0 % is 98.7 % of"));
}

TEST(LatencyStage, stagesRiseAsFarAsSharedMemoryGoes) {
  MadeUpSpace space;
  space.cost = [](const Schedule &schedule) { return costOf(schedule, 256e3); };
  StageResult result = hideLatency(space, start());
  EXPECT_EQ(result.schedule.numStages, 2);
  EXPECT_THAT(result.outcomes[0].text, HasSubstr("num_stages=1 -> 2: predicted memory stalls of"));
  Schedule full = start();
  full.numStages = 2;
  result = hideLatency(space, full);
  EXPECT_EQ(result.schedule, full);
  EXPECT_THAT(result.outcomes[0].text,
              HasSubstr("num_stages=3 is refused: expected at most 99 KB, got 120"));
}

TEST(LatencyStage, measuredStallsDecide) {
  MadeUpSpace space;
  space.cost = [](const Schedule &schedule) { return costOf(schedule, 256e3); };
  Evidence evidence;
  evidence.isMeasured = true;
  evidence.memoryStalls = 19.9;
  EXPECT_EQ(hideLatency(space, start(), {}, evidence).schedule.numStages, 1);
  evidence.memoryStalls = 20.1;
  EXPECT_EQ(hideLatency(space, start(), {}, evidence).schedule.numStages, 2);
}

TEST(LatencyStage, slowerStagesAreNotTaken) {
  MadeUpSpace space;
  space.cost = [](const Schedule &schedule) {
    KernelCost cost = costOf(schedule, 256e3);
    cost.dependentTrips = 1e4 * double(schedule.numStages);
    return cost;
  };
  Evidence evidence;
  evidence.isMeasured = true;
  evidence.memoryStalls = 90;
  StageResult result = hideLatency(space, start(), {}, evidence);
  EXPECT_EQ(result.schedule.numStages, 1);
  EXPECT_FALSE(result.outcomes[0].fired);
}

TEST(LatencyStage, withoutTheMetricPredictionsDecide) {
  MadeUpSpace space;
  space.cost = [](const Schedule &schedule) { return costOf(schedule, 256e3); };
  Evidence evidence;
  evidence.isMeasured = true;
  StageResult result = hideLatency(space, start(), {}, evidence);
  EXPECT_EQ(result.schedule.numStages, 2);
  EXPECT_THAT(result.outcomes[0].text,
              HasSubstr("the profile lacks smsp__warp_issue_stalled_long"));
  evidence.dramThroughput = 94;
  EXPECT_EQ(hideLatency(space, start(), {}, evidence).schedule.numStages, 1);
}

TEST(LatencyStage, accessesAreWidenedOnlyOnEvidence) {
  MadeUpSpace space;
  space.cost = [](const Schedule &schedule) { return costOf(schedule, 256e3); };
  Schedule given;
  given.numStages = 1;
  EXPECT_EQ(hideLatency(space, start(), given).schedule.vector, 1);
  Evidence evidence;
  evidence.isMeasured = true;
  evidence.sectorsPerLoad = 4.2;
  EXPECT_EQ(hideLatency(space, start(), given, evidence).schedule.vector, 1);
  evidence.sectorsPerLoad = 16;
  EXPECT_EQ(hideLatency(space, start(), given, evidence).schedule.vector, 2);
}
