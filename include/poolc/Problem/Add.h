//===- Add.h - What an elementwise sum computes -----------------*- C++ -*-===//
//
// The meaning of nn.add as plain numbers; see AvgPool2d.h for why.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_PROBLEM_ADD_H
#define POOLC_PROBLEM_ADD_H

#include "poolc/Support/DataType.h"

namespace poolc {

/// a [elements] + b [elements] -> y [elements], rounded once.
struct AddProblem {
  DataType type = DataType::f32;
  int64_t elements = 1;
};

} // namespace poolc

#endif // POOLC_PROBLEM_ADD_H
