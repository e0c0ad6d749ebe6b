//===- Conv1dRows.h - Rows of x and of weights in shared memory -*- C++ -*-===//
//
// The sizes and pitches of the shared memory that `gemm_rows` uses; the verifier
// of schedules, its cost and the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DROWS_H
#define POOLC_SCHEDULE_CONV1DROWS_H

#include "poolc/Schedule/Schedule.h"
#include "poolc/Schedule/StagedRows.h"

namespace poolc {

/// In each step, block_k input channels are staged as they lie in memory: for
/// each of them the positions of x that the tile's taps touch, and for each
/// output channel the weights of all its taps. Everything is copied
/// asynchronously in groups whose addresses are multiples of their size.
struct Conv1dRows {
  Conv1dRows(const Conv1dProblem &problem, const Schedule &schedule);

  StagedRows x;
  /// Steps of the loop over channels, and those of each of the parts that `split_k`
  /// makes of them; the last part may have fewer.
  int64_t steps, stepsOfPart;
  /// Elements that one copy of weights moves, those of a row of them, which are of
  /// block_k channels, and from one staged row to the next.
  int64_t vectorW, rowW, pitchW;
  /// Whether weights are staged as chunks of 16 bytes of channels x output channels,
  /// `pitchW` from one chunk of channels to the next: those of one tap, whose rows are
  /// multiples of that.
  bool chunkedW = false;
  /// Whether threads multiply runs of a row of weights, of all taps of a few channels: four of them
  /// share a row. With few enough taps, those of a step are written out.
  bool hasRunsW = false;
  static constexpr int64_t threadsOfRow = 4;
  static bool multipliesRuns(int64_t kernel);
  /// Whether the channels that the four multiply at once are neighbouring rows of x; else they
  /// are as far apart as in memory.
  bool gathersX = false;
  /// Channels of a step that belong to one of the four, and bytes of its run that one load brings:
  /// 8, of two registers, or 16.
  int64_t channelsOfRun = 1, bytesOfLoadW = 8;
  /// Wavefronts of a load of a fragment of weights, on average.
  double wavefrontsW = 1;

  /// Chunks of a step's channels.
  int64_t chunksW() const { return rowW / vectorW; }

  /// Elements of weights in one stage.
  int64_t elementsW(const Schedule &schedule) const {
    return pitchW * (chunkedW ? chunksW() : schedule.blockM);
  }

  /// Asynchronous copies that each thread makes in one step, rounded up.
  int64_t copiesPerThread(const Schedule &schedule, const GPU &gpu) const;

  /// Shared memory of all stages.
  int64_t sharedBytes(const Schedule &schedule, DataType type) const;

private:
  void arrangeRuns(const Conv1dProblem &problem, const Schedule &schedule);
};

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DROWS_H
