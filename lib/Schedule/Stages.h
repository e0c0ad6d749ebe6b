//===- Stages.h - What the rules of both stages share -----------*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_STAGES_H
#define POOLC_LIB_SCHEDULE_STAGES_H

#include "poolc/Schedule/Stages.h"

namespace poolc {

/// A change must be predicted to save this much where nothing was measured, and
/// may be predicted to cost this much where a measurement speaks for it.
inline constexpr double leastGain = 0.03, mostLoss = 0.05;

/// "12.3"
std::string formatNumber(double value);

/// "12.3 us" or "12.34 ms".
std::string formatTime(double seconds);

/// Whether that share of the DRAM peak, in percent, is as much as streaming
/// kernels with the schedule's share of writes reach.
bool isAtRoof(const GPU &gpu, const RatedSchedule &rated, double dramPercent,
              double roofShare = GridOptions().dramRoof);

/// The roof for the schedule's share of writes, in percent.
double roofOf(const GPU &gpu, const RatedSchedule &rated);

/// One stage at work: the schedule as it is, and what was done.
class Stage {
public:
  Stage(const ScheduleSpace &space, const Schedule &schedule, const Schedule &fixed,
        const Evidence &evidence)
      : space(space), fixed(fixed), evidence(evidence), current(space.rate(schedule)) {}

  StageResult finish() { return {current.schedule, std::move(outcomes)}; }

protected:
  /// `change` completed to a legal schedule (fewer warps for a smaller tile), and
  /// rated; an error where there is none.
  llvm::Expected<RatedSchedule> tryChange(Schedule change) const;

  /// Whether a change of `from` is worth it, given whether a measurement speaks
  /// for it.
  static bool isWorthIt(const RatedSchedule &from, const RatedSchedule &change, bool isEvident);

  void hold(llvm::StringRef rule, const llvm::Twine &text) {
    outcomes.push_back({rule, false, text.str()});
  }
  void fire(llvm::StringRef rule, const RatedSchedule &change, const llvm::Twine &reason);

  const ScheduleSpace &space;
  const Schedule &fixed;
  const Evidence &evidence;
  RatedSchedule current;
  std::vector<RuleOutcome> outcomes;
};

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_STAGES_H
