//===- NNChecks.h - Rules that several nn ops share -------------*- C++ -*-===//
//
// Each check emits one error that names the attribute or operand, the rule and
// the value. Extents may be dynamic; such a one passes.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_NN_NNCHECKS_H
#define POOLC_NN_NNCHECKS_H

#include "poolc/Problem/Window.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"

namespace poolc::nn {

using EmitError = llvm::function_ref<mlir::InFlightDiagnostic()>;

/// "op expected" errors at an optional location; without one they go nowhere.
mlir::InFlightDiagnostic emitOptionalOpError(std::optional<mlir::Location> location,
                                             llvm::StringRef opName);

/// That the attribute has one value for each of `meanings`, all >= `least`.
llvm::LogicalResult checkValues(EmitError emitError, llvm::StringRef attribute,
                                llvm::ArrayRef<int64_t> values,
                                llvm::ArrayRef<llvm::StringRef> meanings, int64_t least);

llvm::LogicalResult checkAtLeast(EmitError emitError, llvm::StringRef attribute, int64_t value,
                                 int64_t least);

/// That the tensor has one dimension for each of `axes`, all >= 1 but for one
/// named N (>= 0), and takes fewer than 2^63 bytes. An axis named N may be absent.
llvm::LogicalResult checkShape(EmitError emitError, llvm::StringRef operand,
                               mlir::RankedTensorType type, llvm::ArrayRef<llvm::StringRef> axes);

/// The product of extents of a checked shape; dynamic if one of them is.
int64_t multiplyExtents(llvm::ArrayRef<int64_t> extents);

/// Number of positions of the window along `axis`, at least 1; dynamic if the
/// window's size or kernel is.
llvm::FailureOr<int64_t> checkPositions(EmitError emitError, llvm::StringRef axis,
                                        const Window &window);

/// That the op's discardable attributes belong to a dialect: others are
/// misspelt attributes of the op.
llvm::LogicalResult checkDiscardableAttributes(mlir::Operation *op);

/// That the op's only result has the type.
llvm::LogicalResult checkResult(mlir::Operation *op, mlir::Type expected);

/// The operand types of the op with these shapes in their place; an error on
/// the op where one contradicts the operand's type.
llvm::FailureOr<llvm::SmallVector<mlir::RankedTensorType>>
refineOperandTypes(mlir::Operation *op, llvm::ArrayRef<llvm::SmallVector<int64_t>> operandShapes);

/// The ranked tensor types of the values, all of which must be supported.
llvm::SmallVector<mlir::RankedTensorType> getTensorTypes(mlir::ValueRange values);

} // namespace poolc::nn

#endif // POOLC_NN_NNCHECKS_H
