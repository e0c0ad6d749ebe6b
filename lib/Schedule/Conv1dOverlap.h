//===- Conv1dOverlap.h - Tiles that store whole sectors ---------*- C++ -*-===//
//
// Where rows of y begin anywhere, a sector in which a row goes from one tile to the next is stored
// in two parts, and DRAM with error correction reads what it has of it. Tiles that have the
// positions of a sector in common (overlap_n) store whole sectors, the first of them also that one.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_CONV1DOVERLAP_H
#define POOLC_LIB_SCHEDULE_CONV1DOVERLAP_H

#include "poolc/Schedule/Algorithm.h"

#include "llvm/ADT/SmallVector.h"

namespace poolc {

struct KernelCost;

namespace overlap {

/// The word's rule: a sector's positions, or none.
WordRule makeRule(const Conv1dProblem &problem);

/// Whether the schedule's tiles may have positions in common, if they have.
llvm::Error check(const Conv1dProblem &problem, const Schedule &schedule);

/// Appends the schedules once more whose tiles would store parts of sectors otherwise, where that
/// takes time.
void append(const Conv1dProblem &problem, const GPU &gpu,
            llvm::function_ref<llvm::Error(const Schedule &)> check,
            llvm::SmallVectorImpl<Schedule> &schedules);

/// Adds what parts of sectors move.
void addParts(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
              KernelCost &cost);

} // namespace overlap
} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DOVERLAP_H
