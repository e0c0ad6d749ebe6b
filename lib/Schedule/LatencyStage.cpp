//===- LatencyStage.cpp - Stage 2: memory efficiency and latency hiding ---===//

#include "Stages.h"

#include "poolc/Schedule/Words.h"

#include <algorithm>

using namespace poolc;

namespace {
class LatencyStage : public Stage {
public:
  LatencyStage(const ScheduleSpace &space, const Schedule &schedule, const Schedule &fixed,
               const Evidence &evidence, const LatencyOptions &options)
      : Stage(space, schedule, fixed, evidence), options(options) {}

  StageResult run() {
    if (current.cost.blocks == 0)
      return finish();
    chooseStages();
    chooseBlockK();
    chooseAccessWidth();
    return finish();
  }

private:
  void chooseStages();
  void raiseStages(const std::string &figure);
  void compareStages();
  void chooseBlockK();
  void chooseAccessWidth();

  /// The most that the algorithm takes for a word; 0 where it does not use it.
  int64_t largest(llvm::StringRef word) const;

  const LatencyOptions &options;
};
} // namespace

int64_t LatencyStage::largest(llvm::StringRef word) const {
  for (const AlgorithmInfo &info : space.algorithms())
    if (info.isOf(current.schedule))
      for (const WordRule &rule : info.rules.words)
        if (rule.word == word)
          return rule.max;
  return 0;
}

/// Rule `num_stages`: more stages where many warps wait for memory and the
/// shared memory is there. A profile that does not tell the stalls leaves it to
/// predictions for 1, 2 and 3.
void LatencyStage::chooseStages() {
  int64_t stages = current.schedule.numStages;
  if (stages == 0 || largest("num_stages") <= 1)
    return hold("num_stages", "not raised: algorithm " + current.schedule.algorithm +
                                  " does not stage its operands");
  if (fixed.numStages)
    return hold("num_stages", "kept at " + llvm::Twine(stages) + ", as given");
  if (evidence.isMeasured && !evidence.memoryStalls)
    return compareStages();
  bool isMeasured = evidence.memoryStalls.has_value();
  double stalls = isMeasured ? *evidence.memoryStalls : predictedStalls(current.prediction);
  std::string figure = std::string(isMeasured ? "measured" : "predicted") + " memory stalls of " +
                       formatNumber(stalls) + " %";
  if (stalls <= options.stallAim)
    return hold("num_stages", "kept at " + llvm::Twine(stages) + ": " + figure +
                                  " are within the aim of " + formatNumber(options.stallAim) +
                                  " %");
  raiseStages(figure + " exceed the aim of " + formatNumber(options.stallAim) + " %");
}

void LatencyStage::raiseStages(const std::string &figure) {
  int64_t stages = current.schedule.numStages, most = largest("num_stages");
  std::string refused;
  std::optional<RatedSchedule> best;
  for (int64_t more = stages + 1; more <= most; ++more) {
    Schedule change = current.schedule;
    change.numStages = more;
    if (llvm::Error error = space.verify(change)) {
      refused =
          "num_stages=" + std::to_string(more) + " is refused: " + llvm::toString(std::move(error));
      break;
    }
    RatedSchedule rated = space.rate(change);
    if (!isWorthIt(current, rated, evidence.memoryStalls.has_value())) {
      refused = "num_stages=" + std::to_string(more) + " is predicted at " +
                formatTime(rated.prediction.seconds) + " against " +
                formatTime(current.prediction.seconds);
      continue;
    }
    if (!best || rated.prediction.seconds < best->prediction.seconds * (1 - 0.01))
      best = rated;
  }
  if (best)
    return fire("num_stages", *best, figure);
  if (refused.empty())
    refused = std::to_string(most) + " are the most that the algorithm takes";
  hold("num_stages", "kept at " + llvm::Twine(stages) + " although " + figure + ": " + refused);
}

void LatencyStage::compareStages() {
  constexpr llvm::StringLiteral missing =
      "the profile lacks smsp__warp_issue_stalled_long_scoreboard_per_warp_active.pct";
  int64_t stages = current.schedule.numStages;
  if (evidence.dramThroughput && isAtRoof(space.getGPU(), current, *evidence.dramThroughput))
    return hold("num_stages", "kept at " + llvm::Twine(stages) + ": " + missing +
                                  ", which decides, and DRAM is at its roof with " +
                                  formatNumber(*evidence.dramThroughput) + " %");
  std::string compared;
  RatedSchedule best = current;
  for (int64_t other : {1, 2, 3}) {
    Schedule change = current.schedule;
    change.numStages = other;
    llvm::Error error = space.verify(change);
    bool isLegal = !error;
    llvm::consumeError(std::move(error));
    if (!isLegal)
      continue;
    RatedSchedule rated = space.rate(change);
    compared += (compared.empty() ? "" : ", ") + std::to_string(other) + ": " +
                formatTime(rated.prediction.seconds);
    if (rated.prediction.seconds < best.prediction.seconds * (1 - leastGain))
      best = rated;
  }
  std::string figure = (missing + ", which decides; predicted for 1 to 3: " + compared).str();
  if (best.schedule.numStages != stages)
    return fire("num_stages", best, figure);
  hold("num_stages", "kept at " + llvm::Twine(stages) + ": " + figure);
}

/// Rule `block_k`: a larger one stages longer runs and synchronises less often,
/// but takes registers and shared memory.
void LatencyStage::chooseBlockK() {
  int64_t blockK = current.schedule.blockK;
  if (blockK == 0)
    return;
  if (fixed.blockK)
    return hold("block_k", "kept at " + llvm::Twine(blockK) + ", as given");
  Schedule change = current.schedule;
  change.blockK *= 2;
  if (llvm::Error error = space.verify(change))
    return hold("block_k", "kept at " + llvm::Twine(blockK) + ": " + llvm::Twine(2 * blockK) +
                               " is refused: " + llvm::toString(std::move(error)));
  RatedSchedule rated = space.rate(change);
  if (!isWorthIt(current, rated, /*isEvident=*/false))
    return hold("block_k", "kept at " + llvm::Twine(blockK) + ": " + llvm::Twine(2 * blockK) +
                               " takes " + llvm::Twine(rated.cost.registersPerThread) +
                               " registers against " +
                               llvm::Twine(current.cost.registersPerThread) +
                               " and is predicted at " + formatTime(rated.prediction.seconds) +
                               " against " + formatTime(current.prediction.seconds));
  fire("block_k", rated, "longer runs from memory");
}

/// Rule `access_width`: how memory is accessed changes only where metrics show
/// that it is bad.
void LatencyStage::chooseAccessWidth() {
  int64_t vector = current.schedule.vector;
  if (vector == 0 || largest("vector") <= 1)
    return;
  if (fixed.vector)
    return hold("access_width", "vector kept at " + llvm::Twine(vector) + ", as given");
  if (!evidence.sectorsPerLoad)
    return hold("access_width",
                "vector kept at " + llvm::Twine(vector) + ": no metrics of sectors per load");
  // Neighbouring lanes with elements of four bytes touch four sectors.
  double ideal = 4.0 * double(vector);
  double sectors = *evidence.sectorsPerLoad;
  std::string figure = formatNumber(sectors) + " sectors per load";
  if (sectors <= 1.5 * ideal)
    return hold("access_width", "vector kept at " + llvm::Twine(vector) + ": measured " + figure +
                                    " are near the " + formatNumber(ideal) +
                                    " of neighbouring lanes");
  Schedule change = current.schedule;
  change.vector *= 2;
  llvm::Expected<RatedSchedule> rated = tryChange(change);
  if (!rated)
    return hold("access_width", "vector kept at " + llvm::Twine(vector) + " despite " + figure +
                                    ": " + llvm::toString(rated.takeError()));
  if (!isWorthIt(current, *rated, /*isEvident=*/true))
    return hold("access_width", "vector kept at " + llvm::Twine(vector) + " despite " + figure +
                                    ": a wider one is predicted at " +
                                    formatTime(rated->prediction.seconds) + " against " +
                                    formatTime(current.prediction.seconds));
  fire("access_width", *rated, "measured " + figure);
}

StageResult poolc::hideLatency(const ScheduleSpace &space, const Schedule &schedule,
                               const Schedule &fixed, const Evidence &evidence,
                               const LatencyOptions &options) {
  return LatencyStage(space, schedule, fixed, evidence, options).run();
}
