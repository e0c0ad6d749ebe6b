//===- AvgPool2dDirect.h - Pooling without staging --------------*- C++ -*-===//
#ifndef POOLC_SCHEDULE_AVGPOOL2DDIRECT_H
#define POOLC_SCHEDULE_AVGPOOL2DDIRECT_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// Registers that a thread of algorithm `direct` of pooling takes at most.
int64_t directRegisters(const AvgPool2dProblem &problem, const Schedule &schedule);

} // namespace poolc

#endif // POOLC_SCHEDULE_AVGPOOL2DDIRECT_H
