//===- Sampling.h - Which blocks stand for a grid ---------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_SAMPLING_H
#define POOLC_LIB_VIRTUALGPU_METRICS_SAMPLING_H

#include <cstdint>
#include <vector>

namespace poolc::vgpu {

/// Consecutive blocks in launch order. Those before `first + before` run only so
/// that what they share with the others is known; they are not counted.
struct BlockRun {
  uint64_t first = 0, before = 0, counted = 0;

  uint64_t size() const { return before + counted; }
};

/// The blocks of a grid that are executed, in order.
struct BlockSelection {
  uint64_t gridSize = 0;
  std::vector<BlockRun> runs;

  bool isWhole() const { return runs.size() == 1; }
  /// Blocks that run; those of them that are counted.
  uint64_t size() const;
  uint64_t counted() const;
  /// The block at that place in the order of all that run.
  uint64_t block(uint64_t place) const;
};

/// What of a grid is to be run.
struct SampleRequest {
  uint64_t gridSize = 0;
  /// Blocks along x, if the grid has further axes; else 1. So far apart, blocks
  /// may share data too.
  uint64_t rowSize = 1;
  /// Blocks that fit on the GPU at once.
  uint64_t residentBlocks = 1;
  /// About how many blocks to run; 0 for all.
  uint64_t blocks = 0;
};

/// Three runs, each of a full set of resident blocks at least, each in the middle
/// of its third of the grid; the whole grid where that is no more.
BlockSelection selectBlocks(const SampleRequest &request);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_SAMPLING_H
