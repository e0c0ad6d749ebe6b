//===- ReferenceCheck.h - Holds a run against its source --------*- C++ -*-===//
//
// Every op of the function that a plan came from is evaluated in double on the
// inputs that it really got in a run, and compared with what it really gave.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_RUNTIME_REFERENCECHECK_H
#define POOLC_RUNTIME_REFERENCECHECK_H

#include "poolc/Runtime/Comparison.h"
#include "poolc/Runtime/Execution.h"

namespace poolc {

/// What became of one op.
struct OpCheck {
  /// Name of the op, e.g. "nn.conv1d", and "file:line:col" where it is known.
  std::string op, location;
  /// Name of the buffer with its result.
  std::string buffer;
  DataType type = DataType::f32;
  Shape shape;
  Comparison comparison;

  bool passes() const { return comparison.mismatches == 0; }
};

/// Checks a run that is over: every op with a buffer of its own; ops without one
/// are evaluated inside their consumers. A source that cannot be read or does
/// not fit the plan is an error, and so is one that leaves nothing to check.
llvm::Expected<std::vector<OpCheck>> checkAgainstReference(const Plan &plan, const PlanSizes &sizes,
                                                           const Execution &execution);

} // namespace poolc

#endif // POOLC_RUNTIME_REFERENCECHECK_H
