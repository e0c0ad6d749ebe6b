//===- Conv1dGemmStep.h - What matrix kernels stage at a time ---*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_CONV1DGEMMSTEP_H
#define POOLC_LIB_SCHEDULE_CONV1DGEMMSTEP_H

#include "poolc/Problem/Conv1d.h"
#include "poolc/Schedule/Schedule.h"
#include "poolc/Target/GPU.h"

namespace poolc {

/// Input channels and taps of a step, and stages of its copies.
struct GemmStep {
  int64_t channels, taps, stages;
};

/// Takes `step` for what `wanted` leaves open of a schedule whose tile and warps are chosen, of no
/// more channels than a group has or than `leastChannels`, and chooses the order of its blocks.
void chooseStep(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted,
                const GemmStep &step, int64_t leastChannels, Schedule &schedule);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DGEMMSTEP_H
