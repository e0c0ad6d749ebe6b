//===- NN.h - The nn dialect ------------------------------------*- C++ -*-===//
//
// Layers on tensors: what to compute. An op says what it means as plain numbers
// (getProblem, see include/poolc/Problem) and has no second definition of it.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_NN_NN_H
#define POOLC_NN_NN_H

#include "poolc/Problem/Add.h"
#include "poolc/Problem/AvgPool2d.h"
#include "poolc/Problem/Conv1d.h"
#include "poolc/Reference/Reference.h"
#include "poolc/Schedule/ScheduleSpace.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace poolc {
/// Lets a schedule be a parameter of a uniqued attribute.
llvm::hash_code hash_value(const Schedule &schedule);
} // namespace poolc

namespace poolc::nn {

/// Ranked, f32, f16 or bf16, no encoding.
bool isSupportedTensor(mlir::Type type);

/// The element type of a supported tensor.
DataType getElementDataType(mlir::Type tensor);

/// The GPU that the module's nn.target names; an error on the module if it has none.
llvm::FailureOr<const GPU *> getTarget(mlir::Operation *module);

/// The shape to decide a schedule for where that of `x`, the op's first operand,
/// is dynamic: the op's nn.expected or, without one, a default. The last
/// `spatialRank` dimensions are those that windows slide over.
llvm::SmallVector<int64_t> getExpectedShape(mlir::Operation *op, mlir::RankedTensorType x,
                                            unsigned spatialRank);

/// Bytes, up to 16, that the addresses of the op's operands and result are surely
/// multiples of, as nn.alignment says.
int64_t getAlignment(mlir::Operation *op);

/// The error of an op whose dynamic shapes hide what a kernel must be made for.
llvm::Error dynamicShapeError(mlir::Operation *op);

/// What the kernel of an nn op is called: "avg_pool2d_0" for the op with nn.index 0.
std::string getKernelName(mlir::Operation *op);

} // namespace poolc::nn

#include "nn/NNDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "nn/NNAttrs.h.inc"

#include "nn/NNInterfaces.h.inc"

namespace poolc::nn {
/// Parses ieee, tf32 or tf32x3.
mlir::ParseResult parsePrecisionWord(mlir::AsmParser &parser, PrecisionAttr &precision);

/// The activation that a #nn.activation or #nn.leaky_relu says; null: none.
Activation getActivation(mlir::Attribute attr);
} // namespace poolc::nn

#define GET_OP_CLASSES
#include "nn/NNOps.h.inc"

namespace poolc::nn {
/// Whether the sum is computed in the launch of one of its operands.
bool isFused(mlir::Operation *op);

/// The convolution that computes the fused sum; null where `add` is not fused.
Conv1dOp getFusedConv(AddOp add);

/// The fused sum that the convolution computes; null where there is none.
AddOp getFusedAdd(Conv1dOp conv);

/// What a fused sum adds to the convolution.
mlir::Value getResidual(AddOp add);
} // namespace poolc::nn

#endif // POOLC_NN_NN_H
