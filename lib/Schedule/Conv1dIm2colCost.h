//===- Conv1dIm2colCost.h - What gemm_im2col costs --------------*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_CONV1DIM2COLCOST_H
#define POOLC_LIB_SCHEDULE_CONV1DIM2COLCOST_H

#include "poolc/Schedule/Algorithm.h"

namespace poolc {

/// The cost of a legal schedule of `gemm_im2col`.
KernelCost estimateIm2col(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DIM2COLCOST_H
