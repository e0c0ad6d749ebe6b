//===- Rules.h - What schedules are held against ----------------*- C++ -*-===//
//
// The checks that algorithms have in common, as rules over the words of a
// schedule, and the steps that heuristics share.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_RULES_H
#define POOLC_LIB_SCHEDULE_RULES_H

#include "poolc/Schedule/Grid.h"
#include "poolc/Schedule/Schedule.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace poolc {

/// The values an algorithm takes for a word: from `min` to `max`, and unless
/// `anyNumber`, powers of two.
struct WordRule {
  llvm::StringRef word;
  int64_t max;
  int64_t min = 1;
  bool anyNumber = false;
};

/// An algorithm's words and limits. A word without a rule is not used by it.
struct AlgorithmRules {
  llvm::StringRef algorithm;
  llvm::SmallVector<WordRule, 8> words;
  /// Most output elements that one thread may hold.
  int64_t maxElementsPerThread;
  /// The words whose product is the tile, for messages.
  llvm::SmallVector<llvm::StringRef, 3> tileWords;
};

/// The most warps of a block that leave each thread the 128 registers that it
/// may need where loops are unrolled and their loads moved ahead.
int64_t maxWarpsPerBlock(const GPU &gpu);

/// The most output elements that the threads of `numWarps` warps may hold
/// together: the algorithm's limit, or fewer where the registers do not suffice.
int64_t maxTileElements(const AlgorithmRules &rules, const GPU &gpu, int64_t numWarps);

/// Whether the words that are set obey the rules.
llvm::Error checkWords(const AlgorithmRules &rules, const Schedule &schedule);

/// Whether all words are set and obey the rules, alone and together.
llvm::Error checkComplete(const AlgorithmRules &rules, const GPU &gpu, const Schedule &schedule);

/// Whether the grid is within the GPU's limits.
llvm::Error checkGrid(const TileGrid &grid, const GPU &gpu, const Schedule &schedule);

/// Output elements of one tile.
int64_t tileElements(const AlgorithmRules &rules, const Schedule &schedule);

/// Halves or doubles a block size of `schedule` that `wanted` leaves open, unless
/// it is already as small as `least` or covers `extent`. Returns whether it did.
bool halve(Schedule &schedule, const Schedule &wanted, int64_t Schedule::*block, int64_t least);
bool twice(Schedule &schedule, const Schedule &wanted, int64_t Schedule::*block, int64_t extent);

/// Sets the order of `schedule`, unless it has one, to the first of
/// `candidates` whose grid the GPU can launch; failing all, to the last.
/// Returns whether the launch fits.
bool chooseOrder(llvm::ArrayRef<llvm::StringRef> candidates, const GPU &gpu, Schedule &schedule,
                 llvm::function_ref<llvm::Expected<TileGrid>(const Schedule &)> makeGrid);

/// The smallest power of two that is at least `extent`, at most `limit` (a
/// power of two itself); 1 for an empty extent.
int64_t powerOfTwoCovering(int64_t extent, int64_t limit);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_RULES_H
