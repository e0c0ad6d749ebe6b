//===- ActivationCost.h - Instructions of an activation ---------*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_ACTIVATIONCOST_H
#define POOLC_LIB_SCHEDULE_ACTIVATIONCOST_H

#include "poolc/Problem/Conv1d.h"

namespace poolc {

/// Instructions of a warp for one result of each of its threads.
struct ActivationCost {
  double fma = 0, special = 0;
};

/// What the activation of a sum takes, as nn-to-tile writes it (Epilogue.cpp).
/// One that chooses between its argument and another number is not counted.
ActivationCost activationCost(const Conv1dProblem &problem);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_ACTIVATIONCOST_H
