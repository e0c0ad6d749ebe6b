//===- Conv1dNarrowCost.h - Costs of few channels ---------------*- C++ -*-===//
//
// What the costs of gemm_im2col, gemm_patches and gemm_toeplitz have in common: where
// channels are few, y is what is moved, and a block sums all of them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_CONV1DNARROWCOST_H
#define POOLC_LIB_SCHEDULE_CONV1DNARROWCOST_H

#include "poolc/Schedule/Algorithm.h"

namespace poolc {

/// Counts of what a block does, as far as they do not depend on how it multiplies.
class Conv1dNarrowCost {
protected:
  Conv1dNarrowCost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule)
      : problem(problem), gpu(gpu), schedule(schedule), element(sizeInBytes(problem.type)),
        warps(double(schedule.numWarps)) {}

  /// Blocks of so many bytes of shared memory.
  void countBlocks(int64_t sharedBytes);

  /// Of each tensor, once; of the residual only where one is added.
  double bytesOfX() const;
  double bytesOfWeights() const;
  double bytesOfY() const;
  double bytesOfResidual() const { return problem.addsResidual ? bytesOfY() : 0; }

  /// Stores by way of shared memory, so that rows of the tile are written whole; what hangs over
  /// groups of 16 bytes at both ends one by one.
  void countStagedStores();

  /// Products with sums of 16 x 8 in so many instructions.
  void countProducts(double instructions);

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &schedule;
  double element, warps;
  /// Instructions for the ends of rows of staged stores, for each output of a thread.
  double endsPerOutput = 0;
  KernelCost cost;
};

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DNARROWCOST_H
