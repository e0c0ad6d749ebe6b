//===- Decide.h - Choosing among schedules ----------------------*- C++ -*-===//
//
// Decides and verifies schedules of any op from what its algorithms tell.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_DECIDE_H
#define POOLC_LIB_SCHEDULE_DECIDE_H

#include "Ranking.h"
#include "Rules.h"

#include "poolc/Schedule/ScheduleSpace.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <limits>

namespace poolc {

/// One message from the reasons for which algorithms were refused, each with its
/// algorithm's name unless all say the same.
std::string explainRefusal(llvm::ArrayRef<std::pair<std::string, std::string>> refused);

template <typename Problem>
llvm::Error checkApplies(const Algorithm<Problem> &algorithm, const Problem &problem,
                         const GPU &gpu) {
  if (problem.hasDynamicBatch() && !algorithm.takesDynamicBatch)
    return llvm::createStringError("expected a static number of images and planes, got a dynamic "
                                   "one");
  if (problem.hasDynamicAxes() && !algorithm.takesDynamicAxes)
    return llvm::createStringError(
        "expected static sizes along the axes of the window, got dynamic "
        "ones");
  if (problem.alignment < algorithm.leastAlignment)
    return llvm::createStringError("expected tensors at multiples of " +
                                   llvm::Twine(algorithm.leastAlignment) + " bytes, got " +
                                   llvm::Twine(problem.alignment));
  return algorithm.applies ? algorithm.applies(problem, gpu) : llvm::Error::success();
}

/// The algorithms that apply to the problem, in the order of the list.
template <typename Problem>
llvm::SmallVector<const Algorithm<Problem> *> applicableAlgorithms(const Problem &problem,
                                                                   const GPU &gpu) {
  llvm::SmallVector<const Algorithm<Problem> *> result;
  for (const Algorithm<Problem> *algorithm : allAlgorithms<Problem>()) {
    llvm::Error error = checkApplies(*algorithm, problem, gpu);
    if (!error)
      result.push_back(algorithm);
    llvm::consumeError(std::move(error));
  }
  return result;
}

/// The algorithm of that name if it applies to the problem.
template <typename Problem>
llvm::Expected<const Algorithm<Problem> *> findAlgorithm(const Problem &problem, const GPU &gpu,
                                                         llvm::StringRef name) {
  const Algorithm<Problem> *algorithm = lookupAlgorithm<Problem>(name);
  if (algorithm) {
    if (llvm::Error error = checkApplies(*algorithm, problem, gpu))
      return llvm::createStringError("algorithm " + name +
                                     " does not apply: " + llvm::toString(std::move(error)));
    return algorithm;
  }
  auto applicable = applicableAlgorithms(problem, gpu);
  auto names =
      llvm::map_range(applicable, [](const Algorithm<Problem> *known) { return known->name; });
  return llvm::createStringError("expected algorithm to be one of " + llvm::join(names, ", ") +
                                 ", got '" + name + "'");
}

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
  auto algorithm = findAlgorithm(problem, gpu, schedule.algorithm);
  if (!algorithm)
    return algorithm.takeError();
  return verifyFor(**algorithm, problem, gpu, schedule);
}

/// The legal candidates of one algorithm, or the first one's error.
template <typename Problem>
llvm::Expected<llvm::SmallVector<Schedule>> legalCandidates(const Algorithm<Problem> &algorithm,
                                                            const Problem &problem, const GPU &gpu,
                                                            Schedule wanted) {
  wanted.algorithm = algorithm.name.str();
  if (llvm::Error error = checkWords(algorithm.rules(problem, gpu), wanted))
    return std::move(error);
  llvm::SmallVector<Schedule> legal;
  llvm::Error first = llvm::Error::success();
  for (Schedule &candidate : algorithm.candidates(problem, gpu, wanted)) {
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
RatedSchedule rateFor(const Algorithm<Problem> &algorithm, const Problem &problem, const GPU &gpu,
                      const Schedule &schedule) {
  RatedSchedule rated{schedule, {}, {}};
  rated.prediction.seconds = std::numeric_limits<double>::infinity();
  if (algorithm.cost) {
    rated.cost = algorithm.cost(problem, gpu, schedule);
    rated.prediction = predict(gpu, rated.cost);
  }
  return rated;
}

/// Rates the legal candidates of all algorithms that apply.
template <typename Problem>
llvm::Expected<Decision> decide(const Problem &problem, const GPU &gpu, const Schedule &wanted) {
  auto algorithms = applicableAlgorithms(problem, gpu);
  if (!wanted.algorithm.empty()) {
    auto found = findAlgorithm(problem, gpu, wanted.algorithm);
    if (!found)
      return found.takeError();
    algorithms = {*found};
  }
  Decision decision;
  for (const Algorithm<Problem> *algorithm : algorithms) {
    auto candidates = legalCandidates(*algorithm, problem, gpu, wanted);
    if (!candidates) {
      decision.refused.emplace_back(algorithm->name, llvm::toString(candidates.takeError()));
      continue;
    }
    for (const Schedule &candidate : *candidates)
      decision.rated.push_back(rateFor(*algorithm, problem, gpu, candidate));
  }
  if (decision.rated.empty())
    return llvm::createStringError(explainRefusal(decision.refused));
  rank(decision.rated);
  return decision;
}

/// ScheduleSpace for any problem.
template <typename Problem> class ProblemSpace final : public ScheduleSpace {
public:
  ProblemSpace(const Problem &problem, const GPU &gpu) : ScheduleSpace(gpu), problem(problem) {}

  std::vector<AlgorithmInfo> algorithms() const override {
    std::vector<AlgorithmInfo> infos;
    for (const Algorithm<Problem> *algorithm : allAlgorithms<Problem>()) {
      AlgorithmInfo info{algorithm->name, algorithm->summary, "", {}};
      if (llvm::Error error = checkApplies(*algorithm, problem, gpu))
        info.whyNot = llvm::toString(std::move(error));
      else
        info.rules = algorithm->rules(problem, gpu);
      infos.push_back(std::move(info));
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
    return rateFor(*lookupAlgorithm<Problem>(schedule.algorithm), problem, gpu, schedule);
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

template <typename Problem>
llvm::SmallVector<llvm::StringRef> applicableNames(const Problem &problem, const GPU &gpu) {
  return llvm::map_to_vector(applicableAlgorithms(problem, gpu),
                             [](const Algorithm<Problem> *algorithm) { return algorithm->name; });
}

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_DECIDE_H
