//===- Lowerings.h - How each op becomes a kernel ---------------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_LOWERINGS_H
#define POOLC_LIB_CONVERSION_NNTOTILE_LOWERINGS_H

#include "KernelBuilder.h"

#include "nn/NN.h"

namespace poolc {

/// Writes the kernel of an op with that problem and schedule: the block's share
/// of the result, from the operands.
void lowerToTile(const AvgPool2dProblem &problem, const Schedule &schedule, KernelBuilder &b);
void lowerToTile(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_LOWERINGS_H
