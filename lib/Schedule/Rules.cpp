//===- Rules.cpp - What schedules are held against ------------------------===//

#include "Rules.h"
#include "poolc/Schedule/Words.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

using namespace poolc;
using llvm::Twine;

/// Registers that every thread must be able to have.
static constexpr int64_t leastRegistersPerThread = 128;

int64_t poolc::maxWarpsPerBlock(const GPU &gpu) {
  int64_t threads =
      std::min<int64_t>(gpu.maxThreadsPerBlock, gpu.registersPerSM / leastRegistersPerThread);
  return threads / gpu.warpSize;
}

int64_t poolc::maxTileElements(const AlgorithmRules &rules, const GPU &gpu, int64_t numWarps) {
  int64_t threads = numWarps * gpu.warpSize;
  int64_t registers =
      std::min<int64_t>(gpu.maxRegistersPerThread + 1, gpu.registersPerSM / threads);
  return threads * std::min(rules.maxElementsPerThread, registers / rules.registersPerElement);
}

static llvm::Error checkWord(const AlgorithmRules &rules, const NumberWord &word, int64_t value) {
  const auto *rule = llvm::find_if(rules.words, [&](auto &rule) { return rule.word == word.name; });
  if (rule == rules.words.end())
    return llvm::createStringError("expected no " + word.name + " for algorithm " +
                                   rules.algorithm + ", which does not use it, got " +
                                   Twine(value));
  bool isOfKind = rule->anyNumber ? value % rule->step == 0 : llvm::isPowerOf2_64(value);
  if (value >= rule->min && value <= rule->max && isOfKind)
    return llvm::Error::success();
  if (rule->max == 1)
    return llvm::createStringError("expected " + word.name + " to be 1 for algorithm " +
                                   rules.algorithm + ", got " + Twine(value));
  std::string kind = !rule->anyNumber  ? "a power of two"
                     : rule->step == 1 ? "a number"
                                       : "a multiple of " + std::to_string(rule->step);
  return llvm::createStringError("expected " + word.name + " to be " + kind + " from " +
                                 Twine(rule->min) + " to " + Twine(rule->max) + ", got " +
                                 Twine(value));
}

llvm::Error poolc::checkWords(const AlgorithmRules &rules, const Schedule &schedule) {
  if (!schedule.algorithm.empty() && schedule.algorithm != rules.algorithm)
    return llvm::createStringError("expected algorithm to be " + rules.algorithm + ", got '" +
                                   schedule.algorithm + "'");
  for (const NumberWord &word : numberWords)
    if (int64_t value = schedule.*word.member)
      if (llvm::Error error = checkWord(rules, word, value))
        return error;
  return llvm::Error::success();
}

llvm::Error poolc::checkSharedBytes(const GPU &gpu, int64_t used, const Twine &ending) {
  if (used <= gpu.maxSharedBytesPerBlock)
    return llvm::Error::success();
  return llvm::createStringError("expected at most " + Twine(gpu.maxSharedBytesPerBlock) +
                                 " bytes of shared memory, got " + Twine(used) + ending);
}

llvm::Error poolc::checkRegisters(const GPU &gpu, const Schedule &schedule, int64_t registers,
                                  const Twine &ending) {
  int64_t threads = schedule.numWarps * gpu.warpSize;
  int64_t available = std::min<int64_t>(gpu.maxRegistersPerThread, gpu.registersPerSM / threads);
  if (registers <= available)
    return llvm::Error::success();
  return llvm::createStringError("expected at most " + Twine(available) +
                                 " registers for each of " + Twine(threads) +
                                 " threads, got about " + Twine(registers) + " for " + ending);
}

int64_t poolc::sharedBytesForBlocks(const GPU &gpu, int64_t blocksPerSM) {
  return gpu.sharedBytesPerSM / blocksPerSM - int64_t(gpu.reservedSharedBytesPerBlock);
}

llvm::Error poolc::checkCopiesPerThread(int64_t copies, int64_t most) {
  if (copies <= most)
    return llvm::Error::success();
  return llvm::createStringError("expected at most " + Twine(most) +
                                 " copies by each thread in one step, got " + Twine(copies) +
                                 "; more warps or smaller blocks need less");
}

llvm::Error poolc::checkStaged(const GPU &gpu, int64_t bytes, int64_t copies, int64_t mostCopies) {
  if (llvm::Error error =
          checkSharedBytes(gpu, bytes, "; smaller blocks or fewer stages need less"))
    return error;
  return checkCopiesPerThread(copies, mostCopies);
}

llvm::Error poolc::checkElementsPerWarp(const Schedule &schedule, int64_t least) {
  int64_t tile = schedule.blockM * schedule.blockN;
  if (tile >= least * schedule.numWarps)
    return llvm::Error::success();
  return llvm::createStringError("expected a tile of at least " + Twine(least * schedule.numWarps) +
                                 " elements (" + Twine(least) + " for each of num_warps=" +
                                 Twine(schedule.numWarps) + "), got " + Twine(tile));
}

/// Columns of a fragment, of which four threads hold neighbours.
static int64_t fragmentColumns(const Schedule &schedule) {
  return 4 * std::max<int64_t>(2, schedule.vector);
}

int64_t poolc::countWarpsAlongM(const Schedule &schedule) {
  int64_t best = 0;
  double fewest = 0;
  for (int64_t m = 1; m <= schedule.numWarps; m *= 2) {
    int64_t n = schedule.numWarps / m;
    if (schedule.blockM % (16 * m) != 0 || schedule.blockN % (fragmentColumns(schedule) * n) != 0)
      continue;
    double loads = double(schedule.blockM) / double(m) + double(schedule.blockN) / double(n);
    if (best == 0 || loads < fewest) {
      best = m;
      fewest = loads;
    }
  }
  return best;
}

llvm::Error poolc::checkFragments(const Schedule &schedule) {
  if (schedule.blockM % 16 != 0)
    return llvm::createStringError("expected block_m to be a multiple of 16, got " +
                                   llvm::Twine(schedule.blockM));
  if (countWarpsAlongM(schedule) != 0)
    return llvm::Error::success();
  return llvm::createStringError(
      "expected a tile of which each of num_warps=" + llvm::Twine(schedule.numWarps) +
      " has a multiple of 16 x " + llvm::Twine(fragmentColumns(schedule)) + ", got " +
      llvm::Twine(schedule.blockM) + " x " + llvm::Twine(schedule.blockN));
}

int64_t poolc::tileElements(const AlgorithmRules &rules, const Schedule &schedule) {
  int64_t elements = 1;
  for (llvm::StringRef word : rules.tileWords)
    elements *= schedule.*wordMember(word);
  return elements;
}

/// "block_h=2 * block_w=64"
static std::string tileText(const AlgorithmRules &rules, const Schedule &schedule) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::ListSeparator separator(" * ");
  for (llvm::StringRef word : rules.tileWords)
    os << separator << word << '=' << schedule.*wordMember(word);
  return text;
}

llvm::Error poolc::checkComplete(const AlgorithmRules &rules, const GPU &gpu,
                                 const Schedule &schedule) {
  if (schedule.algorithm.empty())
    return llvm::createStringError("expected a complete schedule, got one without algorithm");
  for (const WordRule &rule : rules.words)
    if (!rule.optional && schedule.*wordMember(rule.word) == 0)
      return llvm::createStringError("expected a complete schedule, got one without " + rule.word);
  if (llvm::Error error = checkWords(rules, schedule))
    return error;

  if (rules.maxElementsPerThread == 0)
    return llvm::Error::success();
  int64_t threads = schedule.numWarps * gpu.warpSize;
  int64_t limit = maxTileElements(rules, gpu, schedule.numWarps);
  int64_t elements = tileElements(rules, schedule);
  if (elements > limit)
    return llvm::createStringError("expected a tile of at most " + Twine(limit) +
                                   " elements for num_warps=" + Twine(schedule.numWarps) + " (" +
                                   Twine(limit / threads) + " for each of " + Twine(threads) +
                                   " threads), got " + Twine(elements) + " (" +
                                   tileText(rules, schedule) + ")");
  return llvm::Error::success();
}

llvm::Error poolc::checkGrid(const TileGrid &grid, const GPU &gpu, const Schedule &schedule) {
  if (fitsLaunch(grid, gpu))
    return llvm::Error::success();
  std::array<int64_t, 3> size = grid.grid();
  return llvm::createStringError("expected a grid of at most " + Twine(gpu.maxGridX) + " x " +
                                 Twine(gpu.maxGridYZ) + " x " + Twine(gpu.maxGridYZ) +
                                 " blocks, got " + Twine(size[0]) + " x " + Twine(size[1]) + " x " +
                                 Twine(size[2]) + " with order=" + schedule.order +
                                 "; larger tiles or another order make it smaller");
}

bool poolc::halve(Schedule &schedule, const Schedule &wanted, int64_t Schedule::*block,
                  int64_t least) {
  if (wanted.*block || schedule.*block <= least)
    return false;
  schedule.*block /= 2;
  return true;
}

bool poolc::twice(Schedule &schedule, const Schedule &wanted, int64_t Schedule::*block,
                  int64_t extent) {
  if (wanted.*block || schedule.*block >= extent)
    return false;
  schedule.*block *= 2;
  return true;
}

bool poolc::chooseOrder(llvm::ArrayRef<llvm::StringRef> candidates, const GPU &gpu,
                        Schedule &schedule,
                        llvm::function_ref<llvm::Expected<TileGrid>(const Schedule &)> makeGrid) {
  llvm::SmallVector<llvm::StringRef> orders(candidates);
  std::string wanted = schedule.order;
  if (!wanted.empty())
    orders = {wanted};
  std::string best;
  double bestRoom = 0;
  for (llvm::StringRef order : orders) {
    schedule.order = order.str();
    llvm::Expected<TileGrid> grid = makeGrid(schedule);
    if (!grid)
      llvm::consumeError(grid.takeError());
    else if (double room = growthRoom(*grid, gpu); room > bestRoom && fitsLaunch(*grid, gpu)) {
      best = schedule.order;
      bestRoom = room;
    }
  }
  if (best.empty())
    return false;
  schedule.order = best;
  return true;
}

int64_t poolc::powerOfTwoCovering(int64_t extent, int64_t limit) {
  if (extent >= limit)
    return limit;
  return extent <= 1 ? 1 : llvm::PowerOf2Ceil(extent);
}
