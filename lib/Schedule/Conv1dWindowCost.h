//===- Conv1dWindowCost.h - What windows in registers cost ------*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_CONV1DWINDOWCOST_H
#define POOLC_LIB_SCHEDULE_CONV1DWINDOWCOST_H

#include "poolc/Schedule/Algorithm.h"

namespace poolc {

/// Whether rows of x are multiples of so large a power of two of bytes that an H200 reads several
/// of them at once more slowly than one after the other.
bool hasRowsFarApart(const Conv1dProblem &problem);

/// The cost of a legal schedule of `window`.
KernelCost estimateWindow(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DWINDOWCOST_H
