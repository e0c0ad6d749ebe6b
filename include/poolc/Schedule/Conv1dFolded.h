//===- Conv1dFolded.h - A stride's positions as channels --------*- C++ -*-===//
//
// Where the taps are a multiple of the stride, a convolution of stride s is one of stride 1: the s
// positions from a multiple of s on are channels of one position, and as many taps are one tap.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DFOLDED_H
#define POOLC_SCHEDULE_CONV1DFOLDED_H

#include "poolc/Schedule/Schedule.h"

#include "llvm/Support/Error.h"

namespace poolc {

/// Whether positions fold to chunks of 16 bytes of channels, as `gemm_folded` needs them; else
/// the error says why not.
llvm::Error checkFolds(const Conv1dProblem &problem);

/// The convolution of stride 1, of a problem that folds.
Conv1dProblem fold(const Conv1dProblem &problem);

inline bool isFolded(const Schedule &schedule) { return schedule.algorithm == "gemm_folded"; }

/// The problem whose taps and channels the schedule counts.
inline Conv1dProblem multipliedProblem(const Conv1dProblem &problem, const Schedule &schedule) {
  return isFolded(schedule) ? fold(problem) : problem;
}

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DFOLDED_H
