//===- Conv1dFlat.h - Windows and weights as they lie -----------*- C++ -*-===//
//
// The sizes and pitches of the shared memory that `gemm_flat` uses; the verifier of
// schedules, its cost and the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DFLAT_H
#define POOLC_SCHEDULE_CONV1DFLAT_H

#include "poolc/Schedule/Schedule.h"
#include "poolc/Schedule/StagedRows.h"
#include "poolc/Target/WindowOperand.h"

namespace poolc {

/// In each step, block_k input channels are staged as they lie in memory, as gemm_rows stages
/// them: the positions of x that the tile's taps touch, and for each output channel the weights of
/// all taps. They are multiplied in one go, along K as weights lie: taps of channels.
struct Conv1dFlat {
  Conv1dFlat(const Conv1dProblem &problem, const Schedule &schedule);

  /// Products along K of one step at most; they are written out.
  static constexpr int64_t maxDepth = 256;
  /// Whether a step can have so many channels: tensor cores sum all of their taps at once,
  /// four threads have equal parts, and rows of all steps begin alike.
  static bool isDivisible(const Conv1dProblem &problem, int64_t channels);
  /// The fewest channels of a step, a power of two; 0 if it can have none.
  static int64_t leastChannels(const Conv1dProblem &problem);

  StagedRows x;
  /// Steps of the loop over channels, and those of each of the parts that `split_k`
  /// makes of them; the last part may have fewer.
  int64_t steps, stepsOfPart;
  /// Elements that one copy of weights moves, those of a row of them, and from one staged
  /// row to the next.
  int64_t vectorW, rowW, pitchW;
  /// Elements by which rows of a fourth of a step's channels, which one thread has, lie further
  /// from the next ones'; nothing where channels cannot be told apart by fourths.
  std::optional<int64_t> gap;
  /// How threads load windows, and again where a thread has as few neighbouring positions as
  /// can be.
  WindowLoads loads, loadsOfFew;
  /// Loads of a fragment of weights, and wavefronts of one.
  int64_t loadsW;
  double wavefrontsW;

  /// The windows of a step, in rows `pitch` elements apart, with a `gap` after each fourth.
  static WindowOperand windowsOf(const Conv1dProblem &problem, int64_t channels, int64_t pitch,
                                 int64_t gap = 0);

  /// Elements of x in one stage.
  int64_t elementsX(const Schedule &schedule) const {
    return schedule.blockK * x.pitch + 4 * gap.value_or(0);
  }

  /// Asynchronous copies that each thread makes in one step, rounded up.
  int64_t copiesPerThread(const Schedule &schedule, const GPU &gpu) const;

  /// Shared memory of all stages.
  int64_t sharedBytes(const Schedule &schedule, DataType type) const;

private:
  void placeRows(const Conv1dProblem &problem, const Schedule &schedule);
  void placeWeights(const Conv1dProblem &problem, const Schedule &schedule);
};

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DFLAT_H
