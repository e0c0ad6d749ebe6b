//===- AvgPool2dColumnsCost.h - What pooling by columns costs ---*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_AVGPOOL2DCOLUMNSCOST_H
#define POOLC_LIB_SCHEDULE_AVGPOOL2DCOLUMNSCOST_H

#include "poolc/Schedule/Algorithm.h"
#include "poolc/Schedule/AvgPool2dColumns.h"

namespace poolc {

/// Bytes of the sectors that a block reads: of a run for each row, unless the rows of a
/// plane, or all of several planes, follow each other.
double columnsReadBytes(const AvgPool2dProblem &problem, const Schedule &schedule,
                        const AvgPool2dColumns &geometry);

/// The cost of a legal schedule of `columns`.
KernelCost estimateColumns(const AvgPool2dProblem &problem, const GPU &gpu,
                           const Schedule &schedule);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_AVGPOOL2DCOLUMNSCOST_H
