//===- Schedules.cpp - Random legal schedules -----------------------------===//

#include "Schedules.h"

#include "poolc/Schedule/ScheduleSpace.h"
#include "poolc/Schedule/Words.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <memory>
#include <optional>

using namespace poolc;
using namespace poolc::sweep;

/// Attempts before the decided schedule is taken as it is.
static constexpr int maxAttempts = 200;

/// Larger blocks only make the runs longer.
static constexpr int64_t largestDrawn = 512;

/// A value that the rule allows, small ones as likely as large ones.
static int64_t drawNumber(Random &random, const WordRule &rule) {
  if (rule.optional && random.chance(50))
    return 0;
  if (rule.anyNumber)
    return rule.step * random.draw(rule.min / rule.step, rule.max / rule.step);
  int64_t most = std::max(rule.min, std::min(rule.max, largestDrawn));
  return int64_t(1) << random.draw(llvm::Log2_64_Ceil(rule.min), llvm::Log2_64(most));
}

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

/// What is decided for each algorithm that has a schedule for the problem, in each way to form
/// products that it has.
static llvm::SmallVector<Schedule> decideForAllAlgorithms(const ScheduleSpace &space) {
  llvm::SmallVector<Schedule> schedules;
  for (const AlgorithmInfo &info : space.algorithms()) {
    if (!info.whyNot.empty())
      continue;
    Schedule wanted;
    wanted.algorithm = info.name.str();
    wanted.products = info.products;
    llvm::Expected<Decision> decision = space.decide(wanted);
    if (decision)
      schedules.push_back(decision->schedule());
    else
      llvm::consumeError(decision.takeError());
  }
  return schedules;
}

/// Each algorithm that has a schedule for the problem is as likely as the others, unless one
/// is `preferred`; one that applies need not have.
static Schedule decideForRandomAlgorithm(Random &random, const ScheduleSpace &space,
                                         llvm::StringRef preferred) {
  llvm::SmallVector<Schedule> schedules = decideForAllAlgorithms(space);
  auto pickOf = [&](auto isOne, int64_t percent) -> std::optional<Schedule> {
    llvm::SmallVector<Schedule> some;
    llvm::copy_if(schedules, std::back_inserter(some), isOne);
    if (some.empty() || !random.chance(percent))
      return std::nullopt;
    return random.pick(llvm::ArrayRef<Schedule>(some));
  };
  if (auto schedule =
          pickOf([&](const Schedule &schedule) { return schedule.algorithm == preferred; }, 100))
    return *schedule;
  // Few draws have a GPU and a type for these.
  if (auto schedule = pickOf(
          [](const Schedule &schedule) {
            return schedule.algorithm == "gemm_wgmma" || schedule.algorithm == "gemm_chunked";
          },
          80))
    return *schedule;
  return random.pick(llvm::ArrayRef<Schedule>(schedules));
}

static bool isOfWarpsApart(llvm::StringRef word) {
  return word == "copy_warps" || word == "store_warps" || word == "boxes" || word == "box_stores" ||
         word == "join_n";
}

/// The same with boxes that threads which multiply put in chunks.
template <typename Problem>
static Schedule decideWithBoxes(const Problem &problem, const GPU &gpu, Schedule decided) {
  Schedule wanted;
  wanted.algorithm = decided.algorithm;
  wanted.boxes = 1;
  llvm::Expected<Schedule> apart = decideSchedule(problem, gpu, wanted);
  if (apart)
    return std::move(*apart);
  llvm::consumeError(apart.takeError());
  return decided;
}

/// Few draws by words have warps that copy or store beside those that multiply.
template <typename Problem>
static Schedule decideWithWarpsApart(Random &random, const Problem &problem, const GPU &gpu,
                                     Schedule decided) {
  Schedule wanted;
  wanted.algorithm = decided.algorithm;
  wanted.copyWarps = random.chance(50) ? 4 : 2;
  wanted.storeWarps = 4 - wanted.copyWarps;
  // Twice as many others leave room for fewer sums.
  if (wanted.storeWarps == 0 && random.chance(30)) {
    wanted.storeWarps = 4;
    wanted.blockM = 16 * random.draw(1, 8);
  }
  // Tiles for two groups of four warps, however few positions there are.
  wanted.numWarps = 8;
  wanted.blockN = 128;
  // Boxes where they may be, as few problems have.
  wanted.boxes = random.chance(70);
  wanted.boxStores = wanted.boxes != 0 && wanted.storeWarps == 0 && random.chance(70);
  wanted.joinN = wanted.boxStores != 0 && random.chance(70);
  for (int64_t Schedule::*word :
       {&Schedule::joinN, &Schedule::boxStores, &Schedule::boxes, &Schedule::copyWarps}) {
    if (wanted.*word == 0)
      continue;
    llvm::Expected<Schedule> apart = decideSchedule(problem, gpu, wanted);
    if (apart)
      return std::move(*apart);
    llvm::consumeError(apart.takeError());
    wanted.*word = 0;
  }
  return decided;
}

template <typename Problem>
static Schedule drawAround(Random &random, const Problem &problem, const GPU &gpu,
                           llvm::StringRef algorithm) {
  std::unique_ptr<ScheduleSpace> space = makeScheduleSpace(problem, gpu);
  Schedule decided = decideForRandomAlgorithm(random, *space, algorithm);
  std::vector<AlgorithmInfo> infos = space->algorithms();
  AlgorithmRules rules =
      llvm::find_if(infos, [&](const AlgorithmInfo &info) { return info.isOf(decided); })->rules;
  auto hasWord = [&](llvm::StringRef word) {
    return llvm::any_of(rules.words, [&](const WordRule &rule) { return rule.word == word; });
  };
  if (hasWord("boxes") && random.chance(50))
    decided = hasWord("copy_warps") ? decideWithWarpsApart(random, problem, gpu, decided)
                                    : decideWithBoxes(problem, gpu, decided);
  bool isApart = decided.copyWarps != 0 || decided.boxes != 0;
  for (int attempt = 0; attempt < maxAttempts; ++attempt) {
    Schedule drawn = decided;
    for (const WordRule &rule : rules.words)
      if (random.chance(70) && (!isApart || !isOfWarpsApart(rule.word)))
        drawn.*wordMember(rule.word) = drawNumber(random, rule);
    if (random.chance(70))
      drawn.order = shuffleOrder(random, drawn.order);
    llvm::Error error = verifySchedule(problem, gpu, drawn);
    if (!error)
      return drawn;
    llvm::consumeError(std::move(error));
  }
  return decided;
}

Schedule poolc::sweep::drawSchedule(Random &random, const AddProblem &problem, const GPU &gpu,
                                    llvm::StringRef algorithm) {
  return drawAround(random, problem, gpu, algorithm);
}

Schedule poolc::sweep::drawSchedule(Random &random, const AvgPool2dProblem &problem, const GPU &gpu,
                                    llvm::StringRef algorithm) {
  return drawAround(random, problem, gpu, algorithm);
}

Schedule poolc::sweep::drawSchedule(Random &random, const Conv1dProblem &problem, const GPU &gpu,
                                    llvm::StringRef algorithm) {
  return drawAround(random, problem, gpu, algorithm);
}
