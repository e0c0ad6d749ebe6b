//===- StagedRows.h - Rows of x in shared memory ----------------*- C++ -*-===//
//
// How rows of x are copied asynchronously, in groups of up to 16 bytes wherever
// they begin; the verifier of schedules, costs and lowerings share it.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_STAGEDROWS_H
#define POOLC_SCHEDULE_STAGEDROWS_H

#include "poolc/Problem/Conv1d.h"
#include "poolc/Target/Fragments.h"

namespace poolc {

/// Where rows of x begin in memory, and with that how they are copied.
enum class RowStart {
  /// At multiples of what one copy moves.
  aligned,
  /// Anywhere, but where is known when compiling: they are copied by the aligned
  /// groups that hold them, with a pitch that leaves each row as far from aligned.
  skewed,
  /// Anywhere, and only a run knows where: the same, with a pitch that is a multiple
  /// of a group, where each row lies as much further as it is from aligned.
  varying
};

/// For each channel of a step, the elements of x that the windows of neighbouring
/// outputs touch.
struct StagedRows {
  /// Of `positions` outputs, the first one's number a multiple of 16 / size of an
  /// element, with the taps of `step`. `startsAlike`: every step's first tap lies as
  /// far from a multiple of 16 bytes. `rowsApart`: rows from one thread's to the next's, on
  /// tensor cores; 0 for as many as a register holds. `mayGroup`: a thread can multiply
  /// neighbouring positions, and so load them at once; if not, neighbouring threads have them.
  /// `inSmallCopies`: rows of a known size are copied by the largest groups that no row begins
  /// within, which must be at least 4 bytes: they are aligned then, as is their pitch to 16 bytes.
  StagedRows(const Conv1dProblem &problem, const Window &step, int64_t positions, bool startsAlike,
             int64_t rowsApart = 0, bool mayGroup = true, bool inSmallCopies = false);

  RowStart start;
  /// Elements that one copy moves.
  int64_t vector;
  /// Elements staged ahead of a step's first tap of the first position, so that the
  /// first row begins at a multiple of `vector`; nothing where a run finds them.
  std::optional<int64_t> shift;
  /// What a group of channels of one image adds to that, modulo `vector`, where it
  /// is found in a run.
  int64_t shiftOfGroup = 0;
  /// Elements of a row, and from one row to the next.
  int64_t span, pitch;
  /// The elements of a row that are needed, as far as that is known: the first, and
  /// the end.
  int64_t needed[2];
  /// Whether whole groups of a row's elements are loaded, for several positions or taps.
  bool inGroups = false;
  /// Neighbouring positions that a thread had best multiply.
  NeighbourColumns columns;
  /// Loads of a row for each position and tap, and wavefronts of one, on average; of one also
  /// where a thread has no more positions than it brings.
  double loads = 1, wavefronts = 1, wavefrontsOfFew = 1;
};

/// Positions from one column to the next of those that tensor cores multiply at once. Every
/// other one where elements of 16 bits lie an odd number apart: those are whole words apart, an odd
/// number of them, and fall into different banks.
inline int64_t positionsApart(int64_t elementBytes, int64_t stride) {
  return elementBytes == 2 && stride % 2 != 0 && stride != 1 ? 2 : 1;
}

} // namespace poolc

#endif // POOLC_SCHEDULE_STAGEDROWS_H
