//===- Conv1dWarpgroups.h - Products of four warps --------------*- C++ -*-===//
//
// What gemm_wgmma and gemm_chunked have in common: tensor cores that multiply for four warps at
// once (sm_90), with packed weights in shared memory.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_CONV1DWARPGROUPS_H
#define POOLC_LIB_SCHEDULE_CONV1DWARPGROUPS_H

#include "poolc/Problem/Conv1d.h"
#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Schedule/Schedule.h"
#include "poolc/Target/GPU.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace poolc {

struct Conv1dChunked;
struct KernelCost;

namespace warpgroups {

/// Warps that multiply together, and rows of the product that each of them has.
constexpr int64_t warpsPerGroup = 4, rowsPerWarp = 16;

/// Sums of a thread at most: half of its registers, if they are as many as can be.
constexpr int64_t maxElementsPerThread = 128;

/// Copies that a thread makes in a step at most; their addresses and conditions stay in registers
/// over the loop.
constexpr int64_t maxCopiesPerThread = 24;

/// Taps of one step at most; they are written out.
constexpr int64_t maxTapsPerStep = 16;

/// Tiles of gemm_wgmma have multiples of so many output channels.
constexpr int64_t leastM = 16;

/// Whether `gpu` has such products for the types and the precision of `problem`.
llvm::Error checkProducts(const Conv1dProblem &problem, const GPU &gpu);

/// Numbers of taps per step, the most first, each the least of so many steps.
llvm::SmallVector<int64_t> tapsPerStep(const Conv1dProblem &problem);

/// As many warps as a tile wants, if each has its rows of the `size` elements that rows are along,
/// and threads have room for their sums.
int64_t chooseWarps(const GPU &gpu, const Schedule &schedule, int64_t size, int64_t wanted);

/// Tiles of a schedule; 0 if its order is none.
int64_t countBlocks(const Conv1dProblem &problem, const Schedule &schedule);

/// Whether a block may have warps that only copy, and ones that only store: with two groups of four
/// that multiply, in more than one step.
llvm::Error checkCopyWarps(const Conv1dProblem &problem, const Schedule &schedule,
                           const Conv1dPacked &staging);

/// Whether the copy engine may copy boxes of x: of rows whose ends it knows, of stride 1, for warps
/// that only copy.
llvm::Error checkBoxes(const Conv1dProblem &problem, const Schedule &schedule,
                       const Conv1dPacked &staging);

/// The same for gemm_chunked, of which a thread that multiplies too asks for them.
llvm::Error checkBoxesOfChunks(const Conv1dProblem &problem, const Schedule &schedule,
                               const Conv1dChunked &staging);

/// Whether it may store boxes of results, of which each group of four warps has its own.
llvm::Error checkBoxStores(const Conv1dProblem &problem, const Schedule &schedule,
                           const Conv1dPacked &staging);

/// How much longer x in 16 bits takes on its way to tensor cores that multiply it with few output
/// channels, where gemm_rows has weights as few.
double waitForFewChannels(const Conv1dProblem &problem, const GPU &gpu);

/// Whether its tiles may go on over the ends of images, as boxes do of which each is in one.
llvm::Error checkJoins(const Conv1dProblem &problem, const Schedule &schedule,
                       const Conv1dPacked &staging);

/// Whether threads may round weights in shared memory.
llvm::Error checkRounding(const Conv1dProblem &problem, const Schedule &schedule,
                          const Conv1dPacked &staging);

/// Whether there are such schedules.
bool mayHaveBoxes(const Conv1dProblem &problem);

/// The schedules of gemm_wgmma that keep to `wanted` and `check`, in order of preference.
using ScheduleCheck = llvm::function_ref<llvm::Error(const Schedule &)>;
llvm::SmallVector<Schedule> chooseTiles(const Conv1dProblem &problem, const GPU &gpu,
                                        const Schedule &wanted, ScheduleCheck check);

/// Adds the time in which a block multiplies nothing, because its results go to memory and what is
/// added to them comes.
void addEnd(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
            KernelCost &cost);

} // namespace warpgroups
} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DWARPGROUPS_H
