//===- Conv1dStaging.h - What a block stages in shared memory ---*- C++ -*-===//
//
// The sizes and pitches of the shared memory that the matrix algorithms of
// convolution use; the verifier of schedules and the lowering share them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DSTAGING_H
#define POOLC_SCHEDULE_CONV1DSTAGING_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// In each step, `gemm_slab` stages block_k input channels: one slab of x that
/// holds all taps of the tile's positions, and all taps of the weights.
/// `gemm_tap` stages block_k input channels of one tap.
struct Conv1dStaging {
  Conv1dStaging(const Conv1dProblem &problem, const Schedule &schedule);

  bool isSlab;
  /// 16-bit x is staged with its channels contiguous, so that matrices of
  /// channels x positions can be loaded for any stride and tap.
  bool transposed;
  /// Taps staged at once, and steps of the loop over channels (and taps).
  int64_t taps, steps;
  /// Positions of x staged for one channel, and their distance in elements.
  int64_t span, spanStride;
  /// Elements from one row of the staged x, or weights of one output channel
  /// and tap, to the next.
  int64_t pitchX, pitchW;
  /// Elements of x and of the weights in one stage.
  int64_t elementsX, elementsW;

  /// Elements of one stage that each thread copies, rounded up.
  int64_t elementsPerThread(const Schedule &schedule, const GPU &gpu) const;

  /// Shared memory of all stages.
  int64_t sharedBytes(const Schedule &schedule, DataType type) const;
};

/// Whether the algorithm multiplies matrices from shared memory.
bool isGemm(const Schedule &schedule);

/// Whether tensor cores read x too from shared memory by themselves, in chunks of channels or taps.
inline bool readsChunks(const Schedule &schedule) {
  return schedule.algorithm == "gemm_chunked" || schedule.algorithm == "gemm_folded" ||
         schedule.algorithm == "gemm_gathered";
}

/// Whether four warps multiply together, which only some GPUs can.
inline bool isOfWarpgroups(const Schedule &schedule) {
  return schedule.algorithm == "gemm_wgmma" || readsChunks(schedule);
}

/// Whether matrices can be multiplied on tensor cores: f16, bf16, and f32 in
/// tf32 precisions.
bool canUseTensorCores(const Conv1dProblem &problem);

/// Whether a kernel of matrix products is compiled for `registersOfTwoBlocks`, so that two blocks
/// of 256 threads fit on an SM: one of eight warps or more whose sums leave registers for
/// operands.
bool isForTwoBlocks(const Conv1dProblem &problem, const Schedule &schedule);

constexpr int64_t registersOfTwoBlocks = 128;

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DSTAGING_H
