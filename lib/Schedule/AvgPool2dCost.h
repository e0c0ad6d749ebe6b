//===- AvgPool2dCost.h - What costs of poolings begin with ------*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_AVGPOOL2DCOST_H
#define POOLC_LIB_SCHEDULE_AVGPOOL2DCOST_H

#include "poolc/Schedule/Algorithm.h"

namespace poolc {

/// Bytes of the rows that some window touches, each counted once.
double usedInputBytes(const AvgPool2dProblem &problem);

/// The launch of a legal schedule, and the bytes that any kernel moves at least.
KernelCost beginCost(const AvgPool2dProblem &problem, const GPU &gpu, const Schedule &schedule);

/// Adds `l2ReadBytes` to a cost that was begun so: what is read more than once misses the L2 in
/// `missed` of all cases, and is `avoidable`.
void addReads(const AvgPool2dProblem &problem, double l2ReadBytes, double missed, KernelCost &cost);

/// What parts of accesses to shared memory beyond the first count in `KernelCost::avoidable`: where
/// accesses are issued in every cycle, conflicts are hidden longer.
double avoidableConflicts(const GPU &gpu, double parts);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_AVGPOOL2DCOST_H
