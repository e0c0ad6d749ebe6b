//===- Schedules.cpp - Random legal schedules -----------------------------===//

#include "Schedules.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>

using namespace poolc;
using namespace poolc::sweep;

/// Attempts before the decided schedule is taken as it is.
static constexpr int maxAttempts = 200;

/// The words that hold a number which may be any of several powers of two.
static constexpr int64_t Schedule::*numbers[] = {
    &Schedule::blockP,   &Schedule::blockH,    &Schedule::blockW,
    &Schedule::blockM,   &Schedule::blockN,    &Schedule::blockK,
    &Schedule::numWarps, &Schedule::numStages, &Schedule::vector};

/// The letters of `order` in another sequence and in other groups.
static std::string shuffleOrder(Random &random, llvm::StringRef order) {
  std::string letters;
  for (char c : order)
    if (c != '.')
      letters.push_back(c);
  for (size_t i = letters.size(); i > 1; --i)
    std::swap(letters[i - 1], letters[random.draw(0, int64_t(i) - 1)]);

  std::string result;
  int groups = 1;
  for (char letter : letters) {
    if (!result.empty() && groups < 3 && random.chance(60)) {
      result.push_back('.');
      ++groups;
    }
    result.push_back(letter);
  }
  return result;
}

/// An algorithm need not have a schedule for every problem; the decided one has.
template <typename Problem>
static Schedule decideForRandomAlgorithm(Random &random, const Problem &problem, const GPU &gpu) {
  llvm::SmallVector<llvm::StringRef> algorithms = algorithmsFor(problem);
  Schedule wanted;
  wanted.algorithm = random.pick(llvm::ArrayRef<llvm::StringRef>(algorithms)).str();
  llvm::Expected<Schedule> decided = decideSchedule(problem, gpu, wanted);
  if (decided)
    return *decided;
  llvm::consumeError(decided.takeError());
  return llvm::cantFail(decideSchedule(problem, gpu));
}

template <typename Problem>
static Schedule drawAround(Random &random, const Problem &problem, const GPU &gpu) {
  Schedule decided = decideForRandomAlgorithm(random, problem, gpu);
  for (int attempt = 0; attempt < maxAttempts; ++attempt) {
    Schedule drawn = decided;
    for (int64_t Schedule::*number : numbers)
      if (drawn.*number != 0 && random.chance(70))
        drawn.*number = int64_t(1) << random.draw(0, 9);
    if (random.chance(70))
      drawn.order = shuffleOrder(random, drawn.order);
    llvm::Error error = verifySchedule(problem, gpu, drawn);
    if (!error)
      return drawn;
    llvm::consumeError(std::move(error));
  }
  return decided;
}

Schedule poolc::sweep::drawSchedule(Random &random, const AvgPool2dProblem &problem,
                                    const GPU &gpu) {
  return drawAround(random, problem, gpu);
}

Schedule poolc::sweep::drawSchedule(Random &random, const Conv1dProblem &problem, const GPU &gpu) {
  return drawAround(random, problem, gpu);
}
