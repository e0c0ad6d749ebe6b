//===- Conv1dOrders.h - Grid mappings of convolution ------------*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_CONV1DORDERS_H
#define POOLC_LIB_SCHEDULE_CONV1DORDERS_H

#include "poolc/Problem/Conv1d.h"
#include "poolc/Schedule/Schedule.h"
#include "poolc/Target/GPU.h"

namespace poolc {

/// Writes the mapping of tiles to the grid to `schedule`, unless it has one. Blocks that run next
/// to each other read the same inputs; where x is next to nothing beside y, they write
/// neighbouring parts of rows of y instead. False where no grid can be launched.
bool chooseConv1dOrder(const Conv1dProblem &problem, const GPU &gpu, Schedule &schedule);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DORDERS_H
