//===- Schedules.h - Random legal schedules ---------------------*- C++ -*-===//
#ifndef POOLC_TEST_SWEEP_SCHEDULES_H
#define POOLC_TEST_SWEEP_SCHEDULES_H

#include "Random.h"
#include "poolc/Schedule/Schedule.h"

namespace poolc::sweep {

/// A schedule that the target can launch, drawn around the one that would be
/// decided for one of the problem's algorithms: for `algorithm` where it has a schedule.
Schedule drawSchedule(Random &random, const AddProblem &problem, const GPU &gpu,
                      llvm::StringRef algorithm);
Schedule drawSchedule(Random &random, const AvgPool2dProblem &problem, const GPU &gpu,
                      llvm::StringRef algorithm);
Schedule drawSchedule(Random &random, const Conv1dProblem &problem, const GPU &gpu,
                      llvm::StringRef algorithm);

} // namespace poolc::sweep

#endif // POOLC_TEST_SWEEP_SCHEDULES_H
