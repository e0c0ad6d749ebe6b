//===- Algorithms.h - The algorithms there are ------------------*- C++ -*-===//
//
// Each is defined in a file of its own and listed in its op's file.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_ALGORITHMS_H
#define POOLC_LIB_SCHEDULE_ALGORITHMS_H

#include "poolc/Schedule/Algorithm.h"

namespace poolc {

extern const Algorithm<AddProblem> addElementwise;

extern const Algorithm<AvgPool2dProblem> avgPool2dColumns;
extern const Algorithm<AvgPool2dProblem> avgPool2dDirect;
extern const Algorithm<AvgPool2dProblem> avgPool2dPlanes;
extern const Algorithm<AvgPool2dProblem> avgPool2dSlab;

extern const Algorithm<Conv1dProblem> conv1dDirect;
extern const Algorithm<Conv1dProblem> conv1dGemmChunked;
extern const Algorithm<Conv1dProblem> conv1dGemmDirect;
extern const Algorithm<Conv1dProblem> conv1dGemmFlat;
extern const Algorithm<Conv1dProblem> conv1dGemmFolded;
extern const Algorithm<Conv1dProblem> conv1dGemmGathered;
extern const Algorithm<Conv1dProblem> conv1dGemmIm2col;
extern const Algorithm<Conv1dProblem> conv1dGemmPacked;
extern const Algorithm<Conv1dProblem> conv1dGemmPatches;
extern const Algorithm<Conv1dProblem> conv1dGemmRows;
extern const Algorithm<Conv1dProblem> conv1dGemmSlab;
extern const Algorithm<Conv1dProblem> conv1dGemmTap;
extern const Algorithm<Conv1dProblem> conv1dGemmToeplitz;
extern const Algorithm<Conv1dProblem> conv1dGemmWgmma;
extern const Algorithm<Conv1dProblem> conv1dWindow;

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_ALGORITHMS_H
