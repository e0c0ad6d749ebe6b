//===- AvgPool2dSlab.h - Pooling from a copied run of memory ----*- C++ -*-===//
//
// What algorithm `slab` of pooling makes of a schedule; its rules and its
// lowering share it.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_AVGPOOL2DSLAB_H
#define POOLC_SCHEDULE_AVGPOOL2DSLAB_H

#include "poolc/Schedule/AvgPool2dColumns.h"

namespace poolc {

/// A block copies the rows of its windows, whole rows of one plane or all rows
/// of several, which are one run of memory, to shared memory. Then each thread
/// sums what the windows have of whole columns, and of those sums what each
/// window has.
struct AvgPool2dSlab {
  /// `problem` is one with merged rows.
  AvgPool2dSlab(const AvgPool2dProblem &problem, const Schedule &schedule);

  /// Rows of the block's windows in one plane, and those of them that are copied
  /// at most; columns that windows use.
  int64_t rows, copiedRows, columns;
  /// Elements of shared memory for the run: as long as it can be, from the
  /// multiple of the vector before it, and one more group of `phases`.
  int64_t slabElements;
  /// The columns are dealt out to `phases`, the power of two in the stride, so
  /// that neighbouring windows read neighbouring words, or words an odd number
  /// apart; `length` columns each. Elements from one row, plane and phase (with all planes) of
  /// sums to the next, and of all of them.
  int64_t phases, length, rowPitch, planePitch, phasePitch, sumElements;
  /// In how many parts a warp's accesses to the sums are served, as it writes and reads them.
  int64_t conflictsOfSums = 1, conflictsOfTaps = 1;
  int64_t sharedBytes;
  /// Lanes are powers of two, and rows of 35 or 17 windows leave almost half of them idle. Whether
  /// the first `headColumns` columns of windows are computed first, and those that are left after
  /// them, by fewer warps: `rowWarps` in all. Then threads sum what windows have of rows straight
  /// from the run, tap by tap, and then those sums, `rowsTogether` rows of windows at a time and
  /// `tapRows` rows of taps in all. Rows stored in two parts would write the sectors at their ends
  /// twice, so results go to memory as the one run that they are, by way of `resultElements` of
  /// shared memory.
  bool sumsRowsFirst;
  int64_t headColumns = 0, rowWarps = 0, rowsTogether = 0, tapRows = 0, resultElements = 0;
  OutputStep step;
  /// Elements that each thread reads at once, and registers that it takes at most.
  int64_t elementsPerThread, registers;

private:
  void findPitches(const AvgPool2dProblem &problem, const Schedule &schedule);
  void decideRowsFirst(const AvgPool2dProblem &problem, const Schedule &schedule);
};

} // namespace poolc

#endif // POOLC_SCHEDULE_AVGPOOL2DSLAB_H
