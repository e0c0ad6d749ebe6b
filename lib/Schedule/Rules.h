//===- Rules.h - What schedules are held against ----------------*- C++ -*-===//
//
// The checks that algorithms have in common, as rules over the words of a
// schedule, and the steps that heuristics share.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_RULES_H
#define POOLC_LIB_SCHEDULE_RULES_H

#include "poolc/Schedule/Algorithm.h"
#include "poolc/Schedule/Grid.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace poolc {

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

/// Whether a block may use that much shared memory. `ending` closes the message:
/// what it is for, or what needs less.
llvm::Error checkSharedBytes(const GPU &gpu, int64_t used, const llvm::Twine &ending);

/// Whether each thread of a block may take so many registers. `ending` says what for.
llvm::Error checkRegisters(const GPU &gpu, const Schedule &schedule, int64_t registers,
                           const llvm::Twine &ending);

/// Bytes of shared memory that each of so many blocks can have that are on an SM together.
int64_t sharedBytesForBlocks(const GPU &gpu, int64_t blocksPerSM);

/// Whether each thread makes at most `most` copies in one step.
llvm::Error checkCopiesPerThread(int64_t copies, int64_t most);

/// Both, for what is staged in so many bytes of shared memory.
llvm::Error checkStaged(const GPU &gpu, int64_t bytes, int64_t copies, int64_t mostCopies);

/// Whether each warp has `least` elements of the tile block_m x block_n.
llvm::Error checkElementsPerWarp(const Schedule &schedule, int64_t least);

/// Whether each warp has whole fragments of tensor cores, 16 rows x 4 threads of a pair
/// or `vector` neighbours, of the tile block_m x block_n.
llvm::Error checkFragments(const Schedule &schedule);

/// How many warps lie along m where each has such fragments, so that they load the fewest
/// operands; 0 where none can.
int64_t countWarpsAlongM(const Schedule &schedule);

/// Output elements of one tile.
int64_t tileElements(const AlgorithmRules &rules, const Schedule &schedule);

/// Halves or doubles a block size of `schedule` that `wanted` leaves open, unless
/// it is already as small as `least` or covers `extent`. Returns whether it did.
bool halve(Schedule &schedule, const Schedule &wanted, int64_t Schedule::*block, int64_t least);
bool twice(Schedule &schedule, const Schedule &wanted, int64_t Schedule::*block, int64_t extent);

/// Sets the order of `schedule`, unless it has one, to the first of
/// `candidates` whose grid the GPU can launch, of a dynamic shape to the first of
/// those that leave it the most room to grow; failing all, to the last.
/// Returns whether the launch fits.
bool chooseOrder(llvm::ArrayRef<llvm::StringRef> candidates, const GPU &gpu, Schedule &schedule,
                 llvm::function_ref<llvm::Expected<TileGrid>(const Schedule &)> makeGrid);

template <typename Problem>
bool chooseOrder(const Problem &problem, llvm::ArrayRef<llvm::StringRef> candidates, const GPU &gpu,
                 Schedule &schedule) {
  return chooseOrder(candidates, gpu, schedule,
                     [&](const Schedule &schedule) { return makeTileGrid(problem, schedule); });
}

/// The smallest power of two that is at least `extent`, at most `limit` (a
/// power of two itself); 1 for an empty extent.
int64_t powerOfTwoCovering(int64_t extent, int64_t limit);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_RULES_H
