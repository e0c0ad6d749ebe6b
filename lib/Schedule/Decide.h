//===- Decide.h - Choosing among schedules ----------------------*- C++ -*-===//
//
// Decides and verifies schedules of any op from what its algorithms tell.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_DECIDE_H
#define POOLC_LIB_SCHEDULE_DECIDE_H

#include "Rules.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace poolc {

template <typename Problem>
llvm::Error checkApplies(const Algorithm<Problem> &algorithm, const Problem &problem,
                         const GPU &gpu) {
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
  auto names = llvm::map_range(applicableAlgorithms(problem, gpu),
                               [](const Algorithm<Problem> *known) { return known->name; });
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

/// The fastest legal candidate by the predicted time; schedules without a cost
/// count only if no other has one. `algorithms` is in order of preference.
template <typename Problem>
llvm::Expected<Schedule> decide(llvm::ArrayRef<const Algorithm<Problem> *> algorithms,
                                const Problem &problem, const GPU &gpu, const Schedule &wanted) {
  const Algorithm<Problem> *named = nullptr;
  if (!wanted.algorithm.empty()) {
    auto found = findAlgorithm(problem, gpu, wanted.algorithm);
    if (!found)
      return found.takeError();
    named = *found;
    algorithms = named;
  }
  std::optional<Schedule> best;
  double bestSeconds = std::numeric_limits<double>::infinity();
  llvm::Error first = llvm::Error::success();
  for (const Algorithm<Problem> *algorithm : algorithms) {
    auto candidates = legalCandidates(*algorithm, problem, gpu, wanted);
    if (!candidates) {
      if (first)
        llvm::consumeError(candidates.takeError());
      else
        first = candidates.takeError();
      continue;
    }
    for (Schedule &candidate : *candidates) {
      double seconds = algorithm->cost
                           ? predict(gpu, algorithm->cost(problem, gpu, candidate)).seconds
                           : std::numeric_limits<double>::infinity();
      if (best && seconds >= bestSeconds)
        continue;
      best = std::move(candidate);
      bestSeconds = seconds;
    }
  }
  if (!best)
    return std::move(first);
  llvm::consumeError(std::move(first));
  return *best;
}

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_DECIDE_H
