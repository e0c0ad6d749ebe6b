//===- PlanValidation.h - What must hold between a plan's parts -*- C++ -*-===//
#ifndef POOLC_LIB_PLAN_PLANVALIDATION_H
#define POOLC_LIB_PLAN_PLANVALIDATION_H

#include "poolc/Plan/Plan.h"

namespace poolc {

/// Checks names, indices, and constants against their ranges. Errors name the
/// key by its path.
llvm::Error validate(const Plan &plan);

} // namespace poolc

#endif // POOLC_LIB_PLAN_PLANVALIDATION_H
