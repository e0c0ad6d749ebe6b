//===- Decide.h - Choosing among schedules ----------------------*- C++ -*-===//
//
// Decides and verifies schedules of any op from what its algorithms tell.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_DECIDE_H
#define POOLC_LIB_SCHEDULE_DECIDE_H

#include "Rules.h"

#include "poolc/Schedule/ScheduleSpace.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <limits>
#include <tuple>

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

/// Predictions nearer to each other than this say nothing.
inline constexpr double predictionTolerance = 0.01;

/// Less of avoidable accesses than this does not decide.
inline constexpr double significantlyAvoidable = 1.5;

/// Nor does less of an input that two blocks load.
inline constexpr double significantOverlap = 0.02;

/// So much of it is worth reading that share more of both operands from L2.
inline constexpr double muchOverlap = 0.05, worthOfOverlap = 0.15;

/// Nor does so small a share of the copies.
inline constexpr double significantRequests = 0.3;

/// Whether the second copies the same in larger groups where memory is the limit: of small ones,
/// more have to be on their way for the same rate, and SMs keep only so many.
inline bool savesRequests(const RatedSchedule &first, const RatedSchedule &second) {
  return first.cost.isProductInSteps && second.cost.isProductInSteps &&
         first.prediction.limiter == Limiter::dram && second.prediction.limiter == Limiter::dram &&
         second.cost.loadRequests <= (1 - significantRequests) * first.cost.loadRequests &&
         second.cost.l2ReadBytes <= (1 + significantOverlap) * first.cost.l2ReadBytes &&
         second.cost.overlap <= first.cost.overlap;
}

/// Whether of two as good predictions the second is to be preferred to the first for the accesses
/// that it saves.
inline bool savesAccesses(const KernelCost &first, const KernelCost &second) {
  if (second.avoidable + significantlyAvoidable <= first.avoidable)
    return true;
  // A little more of other operands may be read instead of what two blocks both load.
  double saved = first.overlap - second.overlap;
  return first.isProductInSteps && second.isProductInSteps && second.avoidable <= first.avoidable &&
         second.l2ReadBytes <=
             (1 + (saved >= muchOverlap ? worthOfOverlap : 0)) * first.l2ReadBytes &&
         saved >= significantOverlap;
}

/// More of an input than this is not loaded again for products that take that much less.
inline constexpr double mostOverlap = 0.1, worthOfLessOverlap = 0.05;

/// Whether the second loads little of short windows again where the first loads much, and tensor
/// cores are the limit: what they take is predicted less well than that.
inline bool overlapsLittle(const RatedSchedule &first, const RatedSchedule &second) {
  return first.prediction.limiter == Limiter::tensor && first.cost.avoidableOverlap > mostOverlap &&
         second.cost.isProductInSteps && second.cost.avoidableOverlap <= mostOverlap &&
         second.prediction.seconds <= (1 + worthOfLessOverlap) * first.prediction.seconds;
}

/// Clearly fewer cycles of shared memory are worth a launch.
inline constexpr double clearlyFewer = 0.75;

/// Whether the second takes clearly less of shared memory where DRAM is the limit, and moves no
/// more: elements of 16 bits are loaded two channels at a time, and may meet in banks.
inline bool sparesSharedMemory(const RatedSchedule &first, const RatedSchedule &second) {
  auto takesLess = [&](Limiter limiter) {
    return second.prediction.limit(limiter).seconds <=
           clearlyFewer * first.prediction.limit(limiter).seconds;
  };
  return first.prediction.limiter == Limiter::dram && first.cost.hasLongProducts &&
         second.cost.hasLongProducts && first.cost.matrixType != MatrixType::tf32 &&
         takesLess(Limiter::memory) && takesLess(Limiter::wavefronts) &&
         second.cost.l2ReadBytes <= (1 + significantOverlap) * first.cost.l2ReadBytes &&
         second.cost.loadRequests <= first.cost.loadRequests &&
         second.cost.overlap <= first.cost.overlap;
}

/// About half of the copies are worth that much time of tensor cores.
inline constexpr double aboutHalf = 0.55, worthOfRequests = 0.02;

/// Whether the second makes about half of the copies, and moves no more, where tensor cores are
/// the limit.
inline bool halvesRequests(const RatedSchedule &first, const RatedSchedule &second) {
  return first.prediction.limiter == Limiter::tensor &&
         first.schedule.algorithm == second.schedule.algorithm &&
         first.schedule.vector == second.schedule.vector && first.cost.hasLongProducts &&
         second.cost.loadRequests <= aboutHalf * first.cost.loadRequests &&
         second.cost.l2ReadBytes <= (1 + significantOverlap) * first.cost.l2ReadBytes &&
         second.cost.dramReadBytes + second.cost.dramWriteBytes <=
             (1 + significantOverlap) * (first.cost.dramReadBytes + first.cost.dramWriteBytes) &&
         second.cost.overlap <= first.cost.overlap &&
         second.prediction.seconds <= (1 + worthOfRequests) * first.prediction.seconds;
}

/// Whether it is to be preferred for its products in steps, which need no launch before, whose
/// result goes to DRAM and back.
inline bool savesLaunches(const KernelCost &first, const KernelCost &second) {
  return first.isProductInSteps && second.isProductInSteps && second.launches < first.launches &&
         second.dramReadBytes + second.dramWriteBytes < first.dramReadBytes + first.dramWriteBytes;
}

/// Sorts the fastest first; but of those that are as good as the fastest, the one
/// that came first in the list comes first, or the first that clearly saves accesses or launches,
/// or the tile for which tensor cores take least, or the fastest that loads little of short windows
/// again, or what spares shared memory or copies.
inline void rank(std::vector<RatedSchedule> &rated) {
  double least = std::numeric_limits<double>::infinity();
  for (const RatedSchedule &candidate : rated)
    least = std::min(least, candidate.prediction.seconds);
  auto isAsGood = [&](const RatedSchedule &candidate) {
    return candidate.prediction.seconds <= least * (1 + predictionTolerance);
  };
  auto preferred = llvm::find_if(rated, isAsGood);
  if (preferred == rated.end())
    return;
  // Tiles of one algorithm differ in what is predicted well, where tensor cores are the limit.
  for (auto other = preferred; other != rated.end(); ++other)
    if (other->schedule.algorithm == preferred->schedule.algorithm &&
        other->cost.isProductInSteps && other->prediction.limiter == Limiter::tensor &&
        other->prediction.seconds < preferred->prediction.seconds)
      preferred = other;
  for (auto other = preferred; other != rated.end(); ++other)
    if (isAsGood(*other) && savesLaunches(preferred->cost, other->cost))
      preferred = other;
  for (auto other = preferred; other != rated.end(); ++other)
    if (isAsGood(*other) && savesAccesses(preferred->cost, other->cost) &&
        !savesLaunches(other->cost, preferred->cost))
      preferred = other;
  auto narrow = preferred;
  for (auto other = rated.begin(); other != rated.end(); ++other)
    if (overlapsLittle(*narrow, *other) &&
        (preferred == narrow || other->prediction.seconds < preferred->prediction.seconds))
      preferred = other;
  for (auto other = rated.begin(); other != rated.end(); ++other)
    if (isAsGood(*other) && sparesSharedMemory(*preferred, *other))
      preferred = other;
  auto often = preferred;
  for (auto other = rated.begin(); other != rated.end(); ++other)
    if (halvesRequests(*often, *other) &&
        (preferred == often || other->prediction.seconds < preferred->prediction.seconds))
      preferred = other;
  for (auto other = rated.begin(); other != rated.end(); ++other)
    if (isAsGood(*other) && savesRequests(*preferred, *other))
      preferred = other;
  std::rotate(rated.begin(), preferred, preferred + 1);
  llvm::sort(rated.begin() + 1, rated.end(), [](const RatedSchedule &a, const RatedSchedule &b) {
    return std::tuple(a.prediction.seconds, a.schedule.str()) <
           std::tuple(b.prediction.seconds, b.schedule.str());
  });
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
