//===- AvgPool2dColumns.h - Sums of columns, then of rows -------*- C++ -*-===//
//
// What algorithm `columns` of pooling makes of a schedule: how much of the input
// a block reads at once, which thread holds what of it, and where the sums of
// columns lie in shared memory. The schedules' rules and the lowering share it.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_AVGPOOL2DCOLUMNS_H
#define POOLC_SCHEDULE_AVGPOOL2DCOLUMNS_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// Planes and rows of outputs whose windows are summed from shared memory together:
/// few enough for the threads' registers. Of block_p and block_h what is left over is a step of its
/// own, smaller than the others.
struct OutputStep {
  /// For windows of so many loads each, so many adjacent ones in a thread, which `meet` the others
  /// in each step or not.
  OutputStep(const Schedule &schedule, int64_t taps, int64_t adjacent = 1, bool meet = false);

  int64_t planes, rows;
  /// Registers that the threads' sums and what is loaded for them take.
  int64_t registers;
  /// Outputs that a thread has a place for, of all steps: some threads' stay idle.
  double repeats;
};

/// A block reads `rows` x `columns` of block_p planes, each thread whole columns
/// of them, sums what each window has of a column, and then the columns of each
/// window: in registers where a thread holds all of them, else through shared
/// memory.
struct AvgPool2dColumns {
  /// `problem` is one with merged rows.
  AvgPool2dColumns(const AvgPool2dProblem &problem, const Schedule &schedule);

  /// Columns read before the first window, so that reads are aligned.
  int64_t lead;
  /// Columns and rows read; rows of all windows of a column of outputs.
  int64_t columns, rows;
  /// Where one tile is as wide as the rows, columns of the padding are not read, but cleared in
  /// shared memory: so many before the `columnsRead` that are, and what is left behind those.
  int64_t columnsBefore, columnsRead;
  /// Adjacent columns of a thread: a power of two, at least the vector.
  int64_t group;
  /// Whether a window's columns are in one thread's group.
  bool inRegisters;
  /// Rows read at once, each `batch` of them before they are added; all of them
  /// where windows share rows.
  int64_t batch;

  /// Before they are shared, sums of `merged` adjacent columns of windows that lie
  /// side by side become one; taps of a row and their stride count those.
  int64_t merged, kernel, stride;
  /// Adjacent taps that a thread reads together, all of its window's: more than 1
  /// where windows are two or four taps side by side.
  int64_t tapVector;
  /// Windows side by side that a thread sums from the `span` columns of all of them, where
  /// they overlap; else 1.
  int64_t adjacent, span;
  /// Whether those sums are stored as they are; else they take the place of the sums of
  /// columns first, to be stored by neighbouring threads.
  bool storesAdjacent;
  /// Whether a thread can hold the columns of all its groups of them.
  bool holdsAllColumns = true;
  OutputStep step;

  /// In shared memory, the columns of a row are dealt out to `phases` (the power
  /// of two in the stride), so that neighbouring windows read neighbouring
  /// words, or words an odd number apart. Elements from one phase, row and
  /// plane to the next.
  int64_t phases, phasePitch, rowPitch, planePitch;
  int64_t sumElements, sharedBytes;
  /// In how many parts a warp's accesses to them are served, as it writes and reads them.
  int64_t conflictsOfSums = 1, conflictsOfTaps = 1;
  /// Columns of a phase's padding that are cleared, before and behind what is read.
  int64_t clearedBefore = 0, clearedBehind = 0;

  /// Whether threads have more windows side by side than one access to shared memory has columns.
  bool sharesMuch() const { return adjacent > 4; }

  /// Whether, of a step of so many planes and rows, each warp has whole rows, both as groups of
  /// adjacent windows and one by one: a row of either fills it, and there are no more warps than
  /// rows. Then warps need not meet between sums that take the place of others and their stores.
  bool warpsHaveRows(const Schedule &schedule, int64_t inPlanes, int64_t inRows) const;

  /// Registers of a thread besides what it reads and sums: addresses, conditions.
  static constexpr int64_t otherRegisters = 40;

  /// Elements of a batch, and groups of adjacent ones, that each thread holds, and
  /// its elements together with sums of earlier batches.
  int64_t batchElements, batchGroups, heldElements;
  /// How a warp's lanes spread over planes and over groups of a row.
  int64_t lanesP, lanesW;

private:
  /// Whether the planes' only windows are an odd number of words apart.
  bool isScattered;

  void leaveOutPadding(const AvgPool2dProblem &problem, const Schedule &schedule);
  void findAdjacent(const AvgPool2dProblem &problem, const Schedule &schedule);
  void findPitches(const Schedule &schedule);
  int64_t countClearingConflicts(const Schedule &schedule, int64_t ofPlane, int64_t ofRow) const;
};

/// Registers that a thread holds at the same time.
int64_t columnsRegisters(const AvgPool2dProblem &problem, const Schedule &schedule,
                         const AvgPool2dColumns &geometry);

/// Whether an SM gets so much of the memory's rate that what else blocks do takes about as long:
/// such GPUs issue an access in every cycle.
bool hasFastMemory(const GPU &gpu);

/// How a warp's lanes spread over a tile, the last dimension first.
llvm::SmallVector<int64_t, 4> spreadLanes(llvm::ArrayRef<int64_t> shape);

/// Words that a warp's threads access at most in one bank at the same time, where thread
/// (i, j, k) of `lanes` (the last fastest) accesses `vector` words (1, 2 or 4) from
/// i * pitches[0] + j * pitches[1] + ... on. Threads outside `shape`, if given, access none.
int64_t countBankConflicts(llvm::ArrayRef<int64_t> lanes, llvm::ArrayRef<int64_t> pitches,
                           int64_t vector = 1, llvm::ArrayRef<int64_t> shape = {});

/// The product of numbers that are not negative, or INT64_MAX.
int64_t saturatingProduct(std::initializer_list<int64_t> factors);

/// Whether sizes, kernel sizes and strides fit 32 bits, so that the numbers of a
/// block do not leave 64.
llvm::Error checkSmallWindows(const AvgPool2dProblem &problem);

} // namespace poolc

#endif // POOLC_SCHEDULE_AVGPOOL2DCOLUMNS_H
