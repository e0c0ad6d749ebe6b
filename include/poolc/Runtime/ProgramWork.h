//===- ProgramWork.h - What a program must at least do ----------*- C++ -*-===//
#ifndef POOLC_RUNTIME_PROGRAMWORK_H
#define POOLC_RUNTIME_PROGRAMWORK_H

#include "poolc/Runtime/PlanSizes.h"
#include "poolc/Target/Roofline.h"

namespace poolc {

/// Sums over the ops of a plan's source whose results are in buffers.
struct ProgramWork {
  Work work;
  /// The least time on the GPU, op after op; 0 without one.
  double floorSeconds = 0;
};

/// Errors: the source cannot be read, or does not fit the plan.
llvm::Expected<ProgramWork> computeProgramWork(const Plan &plan, const PlanSizes &sizes,
                                               const GPU *gpu);

} // namespace poolc

#endif // POOLC_RUNTIME_PROGRAMWORK_H
