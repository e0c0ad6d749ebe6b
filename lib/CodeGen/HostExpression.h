//===- HostExpression.h - Integer arithmetic of host code -------*- C++ -*-===//
#ifndef POOLC_LIB_CODEGEN_HOSTEXPRESSION_H
#define POOLC_LIB_CODEGEN_HOSTEXPRESSION_H

#include "poolc/Plan/Expression.h"

#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"

namespace poolc {

/// The expression that computes `value`, an integer or index. What an expression
/// cannot say is an error at the operation.
llvm::FailureOr<Expression> toExpression(mlir::Value value);

} // namespace poolc

#endif // POOLC_LIB_CODEGEN_HOSTEXPRESSION_H
