//===- GridStage.cpp - Stage 1: grid layout and parallelism ---------------===//

#include "Stages.h"

#include "poolc/Schedule/Words.h"

#include <algorithm>

using namespace poolc;

namespace {
class GridStage : public Stage {
public:
  GridStage(const ScheduleSpace &space, const Schedule &schedule, const Schedule &fixed,
            const Evidence &evidence, const GridOptions &options)
      : Stage(space, schedule, fixed, evidence), options(options) {}

  StageResult run() {
    if (current.cost.blocks > 0 && !holdAtMemoryRoof())
      raiseParallelism();
    return finish();
  }

private:
  bool holdAtMemoryRoof();
  void raiseParallelism();
  std::vector<RatedSchedule> otherTiles(const Schedule &schedule) const;

  const GridOptions &options;
};
} // namespace

/// Rule `memory_roof`: where DRAM is busy, low utilisation of the SMs follows
/// from it, and another grid would move the same bytes.
bool GridStage::holdAtMemoryRoof() {
  bool isMeasured = evidence.dramThroughput.has_value();
  double dram =
      isMeasured ? *evidence.dramThroughput : predictedDramThroughput(space.getGPU(), current);
  std::string figure = std::string(isMeasured ? "measured" : "predicted") + " DRAM throughput of " +
                       formatNumber(dram) + " %";
  if (!isAtRoof(space.getGPU(), current, dram, options.dramRoof))
    return false;
  double roof = roofOf(space.getGPU(), current);
  hold("memory_roof", "grid left alone: " + figure + " is " + formatNumber(100 * dram / roof) +
                          " % of its roof of " + formatNumber(roof) + " %");
  return true;
}

/// The schedule with one block size halved or doubled. Batch and channels give their
/// parallelism before positions do.
std::vector<RatedSchedule> GridStage::otherTiles(const Schedule &schedule) const {
  std::vector<RatedSchedule> result;
  for (llvm::StringRef word : {"block_p", "block_m", "block_h", "block_n", "block_w"}) {
    int64_t Schedule::*member = wordMember(word);
    int64_t size = schedule.*member;
    if (size == 0 || fixed.*member != 0)
      continue;
    for (int64_t other : {size / 2, size * 2}) {
      if (other == 0)
        continue;
      Schedule change = schedule;
      change.*member = other;
      llvm::Expected<RatedSchedule> rated = tryChange(change);
      if (rated)
        result.push_back(std::move(*rated));
      else
        llvm::consumeError(rated.takeError());
    }
  }
  return result;
}

/// Among equals the first, which is the one that leaves positions alone.
static const RatedSchedule &fastest(const std::vector<RatedSchedule> &rated) {
  return *std::min_element(rated.begin(), rated.end(), [](auto &a, auto &b) {
    return a.prediction.seconds < b.prediction.seconds * (1 - leastGain);
  });
}

/// Rule `parallelism`: another tile size where the SMs are clearly not busy and
/// the number of blocks has to do with it.
void GridStage::raiseParallelism() {
  bool isMeasured = evidence.smThroughput.has_value();
  double sm = isMeasured ? *evidence.smThroughput : predictedSMThroughput(current.prediction);
  std::string figure = std::string(isMeasured ? "measured" : "predicted") + " SM throughput of " +
                       formatNumber(sm) + " %";
  if (sm >= options.smAim)
    return hold("parallelism", "grid left alone: " + figure + " reaches the aim of " +
                                   formatNumber(options.smAim) + " %");
  std::vector<RatedSchedule> others = otherTiles(current.schedule);
  if (others.empty())
    return hold("parallelism",
                "grid left alone despite a " + figure + ": no other block size is legal or open");
  if (!isWorthIt(current, fastest(others), isMeasured))
    return hold("parallelism", "grid of " + llvm::Twine(current.cost.blocks) +
                                   " blocks left alone despite a " + figure + ": the best of " +
                                   llvm::Twine(others.size()) +
                                   " other block sizes is predicted at " +
                                   formatTime(fastest(others).prediction.seconds) + " against " +
                                   formatTime(current.prediction.seconds));
  // The measurement speaks for the first change; further ones have to gain.
  constexpr int mostChanges = 8;
  RatedSchedule best = fastest(others);
  for (int change = 1; change < mostChanges; ++change) {
    others = otherTiles(best.schedule);
    if (others.empty() || !isWorthIt(best, fastest(others), /*isEvident=*/false))
      break;
    best = fastest(others);
  }
  fire("parallelism", best,
       figure + " is below the aim of " + formatNumber(options.smAim) + " %, " +
           llvm::Twine(current.cost.blocks) + " -> " + llvm::Twine(best.cost.blocks) + " blocks");
}

StageResult poolc::arrangeGrid(const ScheduleSpace &space, const Schedule &schedule,
                               const Schedule &fixed, const Evidence &evidence,
                               const GridOptions &options) {
  return GridStage(space, schedule, fixed, evidence, options).run();
}
