//===- Conv1dGemmDirect.h - Windows and weights from global memory -*- C++ -*-===//
//
// What the verifier of `gemm_direct` schedules, its cost and the lowering share.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_CONV1DGEMMDIRECT_H
#define POOLC_SCHEDULE_CONV1DGEMMDIRECT_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

struct Conv1dGemmDirect {
  /// Registers that a thread is held to, for 16 warps on an SM.
  static constexpr int64_t mostRegisters = 128;

  /// Elements of x and of the weights that a load brings at once: those of 16 bytes, or as many
  /// as windows begin at multiples of.
  static int64_t vectorOfX(const Conv1dProblem &problem);
  static int64_t vectorOfWeights(const Conv1dProblem &problem);

  /// Shared memory for the way of results to y: as little as takes some rows, for the L1 is to
  /// hold what warps find of each other's operands.
  static int64_t sharedBytes(const Schedule &schedule, DataType type);
};

} // namespace poolc

#endif // POOLC_SCHEDULE_CONV1DGEMMDIRECT_H
