//===- Decide.h - Choosing among schedules ----------------------*- C++ -*-===//
//
// Decides and verifies schedules of any op from what its algorithms tell.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_DECIDE_H
#define POOLC_LIB_SCHEDULE_DECIDE_H

#include "Ranking.h"
#include "Rules.h"
#include "Ways.h"

#include "poolc/Schedule/ScheduleSpace.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <limits>

namespace poolc {

/// One message from the reasons for which algorithms were refused, each with its
/// algorithm's name unless all say the same.
std::string explainRefusal(llvm::ArrayRef<std::pair<std::string, std::string>> refused);

/// Whether a complete schedule of that algorithm is legal.
template <typename Problem>
llvm::Error verifyFor(const Algorithm<Problem> &algorithm, const Problem &problem, const GPU &gpu,
                      const Schedule &schedule) {
  if (llvm::Error error = checkComplete(algorithm.rules(problem, gpu), gpu, schedule))
    return error;
  if (algorithm.check)
    if (llvm::Error error = algorithm.check(problem, gpu, schedule))
      return error;
  llvm::Expected<TileGrid> grid = makeTileGrid(problem, schedule);
  if (!grid)
    return grid.takeError();
  return checkGrid(*grid, gpu, schedule);
}

template <typename Problem>
llvm::Error verify(const Problem &problem, const GPU &gpu, const Schedule &schedule) {
  if (schedule.algorithm.empty())
    return llvm::createStringError("expected a complete schedule, got one without algorithm");
  auto ways = findWays(problem, gpu, schedule.algorithm, productsOf(problem, schedule));
  if (!ways)
    return ways.takeError();
  return verifyFor(*ways->front().algorithm, asScheduled(problem, schedule), gpu, schedule);
}

/// The legal candidates in one way, or the first one's error.
template <typename Problem>
llvm::Expected<llvm::SmallVector<Schedule>> legalCandidates(const Way<Problem> &way,
                                                            const Problem &given, const GPU &gpu,
                                                            const Schedule &words) {
  const Algorithm<Problem> &algorithm = *way.algorithm;
  Schedule wanted = way.of(words);
  const Problem &problem = asScheduled(given, wanted);
  if (llvm::Error error = checkWords(algorithm.rules(problem, gpu), wanted))
    return std::move(error);
  llvm::SmallVector<Schedule> legal;
  llvm::Error first = llvm::Error::success();
  for (Schedule &candidate : algorithm.candidates(problem, gpu, wanted)) {
    candidate.products = wanted.products;
    llvm::Error error = verifyFor(algorithm, problem, gpu, candidate);
    if (!error)
      legal.push_back(std::move(candidate));
    if (first || legal.size())
      llvm::consumeError(std::move(error));
    else
      first = std::move(error);
  }
  if (legal.empty())
    return std::move(first);
  llvm::consumeError(std::move(first));
  return legal;
}

/// The cost of a legal schedule; without one, it would take for ever.
template <typename Problem>
RatedSchedule rateFor(const Problem &problem, const GPU &gpu, const Schedule &schedule) {
  const Algorithm<Problem> &algorithm = *lookupAlgorithm<Problem>(schedule.algorithm);
  RatedSchedule rated{schedule, {}, {}};
  rated.prediction.seconds = std::numeric_limits<double>::infinity();
  if (algorithm.cost) {
    rated.cost = algorithm.cost(asScheduled(problem, schedule), gpu, schedule);
    rated.prediction = predict(gpu, rated.cost);
  }
  return rated;
}

/// Rates the legal candidates in all ways that apply.
template <typename Problem>
llvm::Expected<Decision> decide(const Problem &problem, const GPU &gpu, const Schedule &wanted) {
  auto ways = findWays(problem, gpu, wanted.algorithm, wanted.products);
  if (!ways)
    return ways.takeError();
  Decision decision;
  std::vector<RatedSchedule> others;
  for (const Way<Problem> &way : *ways) {
    auto candidates = legalCandidates(way, problem, gpu, wanted);
    if (!candidates) {
      decision.refused.emplace_back(way.str(), llvm::toString(candidates.takeError()));
      continue;
    }
    std::vector<RatedSchedule> &rated = hasLesserPeak(way, problem, gpu) ? others : decision.rated;
    for (const Schedule &candidate : *candidates)
      rated.push_back(rateFor(problem, gpu, candidate));
  }
  if (decision.rated.empty() && others.empty())
    return llvm::createStringError(explainRefusal(decision.refused));
  rank(decision.rated, std::move(others));
  return decision;
}

/// ScheduleSpace for any problem.
template <typename Problem> class ProblemSpace final : public ScheduleSpace {
public:
  ProblemSpace(const Problem &problem, const GPU &gpu) : ScheduleSpace(gpu), problem(problem) {}

  std::vector<AlgorithmInfo> algorithms() const override {
    std::vector<AlgorithmInfo> infos;
    llvm::SmallVector<llvm::StringRef> names;
    for (const Way<Problem> &way : allWays(problem)) {
      AlgorithmInfo info{way.algorithm->name, way.products, way.algorithm->summary, "", {}};
      if (llvm::Error error = checkApplies(way, problem, gpu))
        info.whyNot = llvm::toString(std::move(error));
      else
        info.rules = way.algorithm->rules(asScheduled(problem, way.of({})), gpu);
      // Whether the algorithm applies in its first way has been said then.
      if (info.whyNot.empty() || !llvm::is_contained(names, info.name))
        infos.push_back(info);
      names.push_back(info.name);
    }
    return infos;
  }
  llvm::Expected<Decision> decide(const Schedule &wanted) const override {
    return poolc::decide(problem, gpu, wanted);
  }
  llvm::Error verify(const Schedule &schedule) const override {
    return poolc::verify(problem, gpu, schedule);
  }
  RatedSchedule rate(const Schedule &schedule) const override {
    return rateFor(problem, gpu, schedule);
  }
  llvm::Expected<TileGrid> grid(const Schedule &schedule) const override {
    return makeTileGrid(problem, schedule);
  }
  Work work() const override { return computeWork(problem); }
  double peakTFLOPs() const override { return poolc::peakTFLOPs(gpu, problem); }

private:
  Problem problem;
};

/// `decideSchedule` of any problem.
template <typename Problem>
llvm::Expected<Schedule> decideBest(const Problem &problem, const GPU &gpu,
                                    const Schedule &wanted) {
  llvm::Expected<Decision> decision = decide(problem, gpu, wanted);
  if (!decision)
    return decision.takeError();
  return decision->schedule();
}

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_DECIDE_H
