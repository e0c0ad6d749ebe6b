//===- Conv1dPacked.h - Weights packed step by step -------------*- C++ -*-===//
//
// The sizes of what `gemm_packed` stages in shared memory, and of the packed
// weights; the verifier of schedules, its cost and the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DPACKED_H
#define POOLC_SCHEDULE_CONV1DPACKED_H

#include "poolc/Schedule/Schedule.h"
#include "poolc/Schedule/StagedRows.h"

namespace poolc {

/// In each step, block_k input channels of block_t taps are staged: for each
/// channel the positions of x that the tile touches at those taps, and for each
/// tap and output channel the weights of those channels.
/// Weights come from a temporary that holds them in this order, one step after
/// the other.
struct Conv1dPacked {
  Conv1dPacked(const Conv1dProblem &problem, const Schedule &schedule);

  /// Those that the positions touch at the taps of one step.
  StagedRows x;
  /// Channels of a step from one to the next of a chunk of the weights: neighbours, or as many
  /// apart as there are chunks. Rows of x that are skewed by as much can be far enough apart for
  /// fragments to be loaded without conflicts. Of swizzled rows of TF32, every second one.
  int64_t channelsApart = 1;
  /// Positions of a box of x that the copy engine copies, with the channels of a step; 0: none.
  int64_t boxColumns = 0;
  /// Whether the taps of a step share a box, of all positions that they touch: threads load
  /// what is multiplied from anywhere in it. It begins as rows of x do, at the last multiple of 16
  /// bytes: the copy engine knows no others. Single taps that all begin at one have boxes of
  /// their own, swizzled so that tensor cores can read those of 16 bits by themselves.
  bool sharesBoxes = false;
  /// Where the copy engine copies what is added to the sums too: rows of its boxes, and whether
  /// they go through the stages of x, or else of the weights. 0: none.
  int64_t addedRows = 0;
  bool addsThroughX = false;
  /// Rows of x that are a multiple of 16 bytes together, of which boxes for gemm_chunked are:
  /// channels that are so many apart have their boxes in common, and chunks.
  int64_t rowsTogether = 1;
  /// Whether weights are copied once for all tiles of a block, which are all of the same output
  /// channels, by warps that only copy. As boxes, those of all steps have memory of their own, if
  /// there are no more steps than stages; else stages go round over the tiles, and each gets the
  /// same step of every tile.
  bool keepsWeights = false;
  /// Elements of weights that one asynchronous copy moves.
  int64_t vectorW;
  /// Steps of the loop: those over taps, which run faster, and over channels.
  int64_t tapSteps, channelSteps;
  int64_t steps() const { return tapSteps * channelSteps; }
  /// Steps of each of the parts that `split_k` makes of them; the last part may have
  /// fewer.
  int64_t stepsOfPart;
  /// Output channels of a group in the packed weights: those of whole tiles.
  int64_t packedChannels;

  /// Whether weights of one tap may be copied as they lie, 128 bytes of each row in a step,
  /// swizzled as tensor cores read them, and whether a first launch packs them: else nothing waits
  /// for one.
  bool mayLie = false, packs = true;

  /// Whether the channels of a step are in chunks of 16 bytes, for tensor cores;
  /// else output channels lie side by side, for FMA units.
  bool chunked;

  /// Taps that every step has; the last step may have no others.
  int64_t tapsOfAllSteps;

  /// Whether FMA units multiply those taps of a channel before the next one, with what a thread
  /// loads of x once for all of them; else all channels of a tap.
  bool multipliesWindows;

  /// What a block of the first launch packs at a time: the taps of a row of weights are
  /// neighbours in memory, but packed each by itself.
  struct Packing {
    /// Steps over taps, and blocks for a tile of output channels: each of a step over
    /// channels and of all its chunks, or of one chunk where taps are staged.
    int64_t tapSteps = 1, tapParts = 1, parts = 1;
    /// Whether whole runs of taps are staged in shared memory, how many elements are copied
    /// there at once, and the distance of runs there.
    bool isStaged = false;
    int64_t vector = 1, pitch = 1;
  };
  Packing packing;

  /// groups x steps x taps of a step x chunks of vectorW input channels of a step
  /// x output channels x channels of a chunk; or, not chunked, groups x steps x
  /// taps of a step x input channels of a step x output channels.
  llvm::SmallVector<int64_t> packedShape(const Conv1dProblem &problem,
                                         const Schedule &schedule) const;

  /// The first channel of a step's `i`-th chunk.
  int64_t firstChannel(int64_t i) const {
    return i / channelsApart * channelsApart * vectorW + i % channelsApart;
  }

  /// Elements of x that a stage holds.
  int64_t stagedElements(const Schedule &schedule) const;

  /// Asynchronous copies that each thread makes in one step, rounded up.
  int64_t copiesPerThread(const Schedule &schedule, const GPU &gpu) const;

  /// Shared memory of all stages.
  int64_t sharedBytes(const Schedule &schedule, DataType type) const;

  /// Positions that the taps of a step touch, and those before them in the same 16 bytes.
  static int64_t columnsOfChunks(const Conv1dProblem &problem, const Schedule &schedule);

private:
  bool mayKeepWeights(const Conv1dProblem &problem, const Schedule &schedule) const;
  void chooseBoxesOfChunks(const Conv1dProblem &problem, const Schedule &schedule);
  void chooseBoxes(const Conv1dProblem &problem, const Schedule &schedule);
  void chooseAddedBoxes(const Conv1dProblem &problem, const Schedule &schedule);
  void choosePacking(const Conv1dProblem &problem, const Schedule &schedule);
};

/// Tiles of output channels, those of all groups, if they are the axis that runs fastest: then
/// every so many-th tile is of the same ones. 0 if they are not.
int64_t countChannelTiles(const Conv1dProblem &problem, const Schedule &schedule);

/// Rows of x that are a multiple of 16 bytes together.
int64_t rowsOfBoxes(const Conv1dProblem &problem);

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DPACKED_H
