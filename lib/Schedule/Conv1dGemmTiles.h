//===- Conv1dGemmTiles.h - Tiles of gemm_rows and gemm_packed ---*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_CONV1DGEMMTILES_H
#define POOLC_LIB_SCHEDULE_CONV1DGEMMTILES_H

#include "poolc/Problem/Conv1d.h"
#include "poolc/Schedule/Schedule.h"
#include "poolc/Target/GPU.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace poolc {

/// Sums that a thread holds at most; with more, few registers are left for
/// operands.
inline constexpr int64_t maxElementsPerThread = 128;

/// Taps of one step at most; they are written out.
inline constexpr int64_t maxTapsPerStep = 16;

/// The sums of one instruction of the tensor cores, and what FMA units are given alike.
inline constexpr int64_t fragmentM = 16, fragmentN = 8;

/// Whether a tile divides into equal parts of whole fragments for the warps, of which a
/// power of two lie side by side.
bool dividesAmongWarps(const Schedule &schedule);

/// Schedules that are worth comparing, best guess first: tiles, each with the taps, channels and
/// stages that fit best. `check`: whether one is legal; `sharedBytes`: what a block stages.
llvm::SmallVector<Schedule> proposeTiles(const Conv1dProblem &problem, const GPU &gpu,
                                         const Schedule &wanted,
                                         llvm::function_ref<llvm::Error(const Schedule &)> check,
                                         llvm::function_ref<int64_t(const Schedule &)> sharedBytes);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DGEMMTILES_H
