//===- Ranking.cpp - Which of several schedules is the best ---------------===//
//
// Predictions are not exact: of schedules that are predicted alike, what is known for sure
// of their accesses and launches decides.
//
//===----------------------------------------------------------------------===//

#include "Ranking.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <limits>
#include <tuple>

using namespace poolc;

/// Predictions nearer to each other than this say nothing.
static constexpr double predictionTolerance = 0.01;

/// Less of avoidable accesses than this does not decide.
static constexpr double significantlyAvoidable = 1.5;

/// Nor does less of an input that two blocks load.
static constexpr double significantOverlap = 0.02;

/// So much of it is worth reading that share more of both operands from L2.
static constexpr double muchOverlap = 0.05, worthOfOverlap = 0.15;

/// Nor does so small a share of the copies.
static constexpr double significantRequests = 0.3;

/// Whether the second copies the same in larger groups where memory is the limit: of small ones,
/// more have to be on their way for the same rate, and SMs keep only so many.
static bool savesRequests(const RatedSchedule &first, const RatedSchedule &second) {
  return first.cost.isProductInSteps && second.cost.isProductInSteps &&
         first.prediction.limiter == Limiter::dram && second.prediction.limiter == Limiter::dram &&
         second.cost.loadRequests <= (1 - significantRequests) * first.cost.loadRequests &&
         second.cost.l2ReadBytes <= (1 + significantOverlap) * first.cost.l2ReadBytes &&
         second.cost.overlap <= first.cost.overlap;
}

/// Whether of two as good predictions the second is to be preferred to the first for the accesses
/// that it saves.
static bool savesAccesses(const KernelCost &first, const KernelCost &second) {
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
static constexpr double mostOverlap = 0.1, worthOfLessOverlap = 0.055;

/// Whether the second loads little of short windows again where the first loads much, and tensor
/// cores are the limit, and stay it: what they take is predicted less well than that.
static bool overlapsLittle(const RatedSchedule &first, const RatedSchedule &second) {
  return first.prediction.limiter == Limiter::tensor &&
         second.prediction.limiter == Limiter::tensor &&
         first.cost.avoidableOverlap > mostOverlap && second.cost.isProductInSteps &&
         second.cost.avoidableOverlap <= mostOverlap &&
         second.prediction.seconds <= (1 + worthOfLessOverlap) * first.prediction.seconds;
}

/// Clearly fewer cycles of shared memory are worth a launch.
static constexpr double clearlyFewer = 0.75;

/// Whether the second takes clearly less of shared memory where DRAM is the limit, and moves no
/// more: elements of 16 bits are loaded two channels at a time, and may meet in banks.
static bool sparesSharedMemory(const RatedSchedule &first, const RatedSchedule &second) {
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
static constexpr double aboutHalf = 0.55, worthOfRequests = 0.02;

/// Whether the second makes about half of the copies, and moves no more, where tensor cores are
/// the limit.
static bool halvesRequests(const RatedSchedule &first, const RatedSchedule &second) {
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
static bool savesLaunches(const KernelCost &first, const KernelCost &second) {
  return first.isProductInSteps && second.isProductInSteps && second.launches < first.launches &&
         second.dramReadBytes + second.dramWriteBytes < first.dramReadBytes + first.dramWriteBytes;
}

static double leastSeconds(const std::vector<RatedSchedule> &rated) {
  double least = std::numeric_limits<double>::infinity();
  for (const RatedSchedule &candidate : rated)
    least = std::min(least, candidate.prediction.seconds);
  return least;
}

/// Moves the best one to the front.
static void preferBest(std::vector<RatedSchedule> &rated) {
  double least = leastSeconds(rated);
  auto isAsGood = [&](const RatedSchedule &candidate) {
    return candidate.prediction.seconds <= least * (1 + predictionTolerance);
  };
  auto preferred = llvm::find_if(rated, isAsGood);
  if (preferred == rated.end())
    return;
  // The fastest of those that the rule prefers to what is preferred so far.
  auto preferFastest = [&](auto isBetter) {
    const RatedSchedule &first = *preferred;
    auto fastest = rated.end();
    for (auto other = rated.begin(); other != rated.end(); ++other)
      if (isBetter(first, *other) &&
          (fastest == rated.end() || other->prediction.seconds < fastest->prediction.seconds))
        fastest = other;
    if (fastest != rated.end())
      preferred = fastest;
  };
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
  preferFastest(overlapsLittle);
  for (auto other = rated.begin(); other != rated.end(); ++other)
    if (isAsGood(*other) && sparesSharedMemory(*preferred, *other))
      preferred = other;
  preferFastest(halvesRequests);
  for (auto other = rated.begin(); other != rated.end(); ++other)
    if (isAsGood(*other) && savesRequests(*preferred, *other))
      preferred = other;
  std::rotate(rated.begin(), preferred, preferred + 1);
}

/// Predictions for one unit and another err each in its own way.
static constexpr double worthOfLesserPeak = 0.1;

void poolc::rank(std::vector<RatedSchedule> &rated, std::vector<RatedSchedule> others) {
  if (rated.empty() || leastSeconds(others) < (1 - worthOfLesserPeak) * leastSeconds(rated))
    std::swap(rated, others);
  preferBest(rated);
  llvm::append_range(rated, std::move(others));
  if (rated.empty())
    return;
  llvm::sort(rated.begin() + 1, rated.end(), [](const RatedSchedule &a, const RatedSchedule &b) {
    return std::tuple(a.prediction.seconds, a.schedule.str()) <
           std::tuple(b.prediction.seconds, b.schedule.str());
  });
}
