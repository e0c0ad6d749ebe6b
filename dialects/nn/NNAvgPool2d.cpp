//===- NNAvgPool2d.cpp - Verifier and canonical form of nn.avg_pool2d -----===//

#include "nn/NN.h"
#include "nn/NNChecks.h"

#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::nn;

static constexpr StringRef axisNames[] = {"H", "W"};

/// The op as numbers on an operand of type `x`, whose dynamic extents stay that.
/// The attributes must have the right number of values. `op` may be an adaptor.
template <typename OpT> static AvgPool2dProblem describe(OpT op, RankedTensorType x) {
  AvgPool2dProblem problem;
  problem.type = getElementDataType(x);
  problem.planes = multiplyExtents(x.getShape().drop_back(2));
  for (unsigned a = 0; a != 2; ++a) {
    Window &window = problem.axis[a];
    window.size = x.getShape().take_back(2)[a];
    window.kernel = op.getKernelSize()[a];
    window.stride = op.getStride().value_or(op.getKernelSize())[a];
    window.padBefore = op.getPadding()[a];
    window.padAfter = op.getPadding()[2 + a];
    window.ceilMode = op.getCeilMode();
  }
  problem.countIncludePad = op.getCountIncludePad();
  problem.divisorOverride = op.getDivisorOverride();
  return problem;
}

template <typename OpT> static LogicalResult checkAttributes(EmitError emitError, OpT op) {
  constexpr StringRef sides[] = {"top", "left", "bottom", "right"};
  ArrayRef<int64_t> kernelSize = op.getKernelSize();
  if (failed(checkValues(emitError, "kernel_size", kernelSize, {"height", "width"}, 1)) ||
      failed(checkValues(emitError, "padding", op.getPadding(), sides, 0)))
    return failure();
  if (op.getStride() &&
      failed(checkValues(emitError, "stride", *op.getStride(), {"height", "width"}, 1)))
    return failure();
  for (unsigned side = 0; side != 4; ++side)
    if (op.getPadding()[side] >= kernelSize[side % 2])
      return emitError() << "expected padding less than kernel_size on its axis, got padding "
                         << op.getPadding()[side] << " (" << sides[side] << ") and kernel_size "
                         << kernelSize[side % 2];
  if (!llvm::checkedMul(kernelSize[0], kernelSize[1]))
    return emitError() << "expected fewer than 2^63 positions in a window, got kernel_size ["
                       << kernelSize << "]";
  if (op.getDivisorOverride() == 0)
    return emitError() << "expected divisor_override other than 0, got 0; leave it out to divide "
                          "by the number of window positions";
  return success();
}

/// The result type on an operand of type `x`, or an error.
template <typename OpT>
static FailureOr<RankedTensorType> infer(EmitError emitError, OpT op, RankedTensorType x) {
  if (failed(checkAttributes(emitError, op)) ||
      failed(checkShape(emitError, "x", x, {"N", "C", "H", "W"})))
    return failure();
  AvgPool2dProblem problem = describe(op, x);
  SmallVector<int64_t> shape(x.getShape().drop_back(2));
  for (unsigned a = 0; a != 2; ++a) {
    FailureOr<int64_t> positions = checkPositions(emitError, axisNames[a], problem.axis[a]);
    if (failed(positions))
      return failure();
    shape.push_back(*positions);
  }
  RankedTensorType y = x.clone(shape);
  if (failed(checkShape(emitError, "the result", y, {"N", "C", "H", "W"})))
    return failure();
  return y;
}

LogicalResult AvgPool2dOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto emitError = [&] { return emitOptionalOpError(location, getOperationName()); };
  FailureOr<RankedTensorType> y =
      infer(emitError, adaptor, cast<RankedTensorType>(adaptor.getX().getType()));
  if (failed(y))
    return failure();
  types.push_back(*y);
  return success();
}

LogicalResult AvgPool2dOp::verify() {
  FailureOr<RankedTensorType> y = infer([&] { return emitOpError(); }, *this, getX().getType());
  if (failed(y) || failed(checkResult(*this, *y)))
    return failure();
  return checkDiscardableAttributes(*this);
}

FailureOr<AvgPool2dProblem> AvgPool2dOp::getProblem() {
  RankedTensorType x = getX().getType();
  bool isStatic = x.hasStaticShape();
  AvgPool2dProblem problem =
      describe(*this, isStatic ? x : x.clone(getExpectedShape(*this, x, /*spatialRank=*/2)));
  problem.alignment = getAlignment(*this);
  if (isStatic)
    return problem;
  problem.planesAreDynamic = llvm::any_of(x.getShape().drop_back(2), ShapedType::isDynamic);
  for (unsigned a = 0; a != 2; ++a)
    if (ShapedType::isDynamic(x.getShape().take_back(2)[a]))
      problem.axis[a].expectDynamicSize();
  return problem;
}

FailureOr<AvgPool2dProblem> AvgPool2dOp::getProblem(ArrayRef<SmallVector<int64_t>> operandShapes) {
  FailureOr<SmallVector<RankedTensorType>> types = refineOperandTypes(*this, operandShapes);
  if (failed(types) || failed(infer([&] { return emitOpError(); }, *this, types->front())))
    return failure();
  return describe(*this, types->front());
}

/// Whether each window has the same positions without ceil mode, whatever the size.
static bool ceilModeIsIdle(const AvgPool2dProblem &problem) {
  return llvm::all_of(problem.axis, [](Window window) {
    if (window.isDynamic)
      return window.stride == 1;
    std::optional<int64_t> positions = window.outputSize();
    window.ceilMode = false;
    return positions == window.outputSize();
  });
}

/// Whether the op returns what it gets: one element a window, divided by 1.
static bool isIdentity(const AvgPool2dProblem &problem) {
  return problem.uniformDivisor() == 1 && llvm::all_of(problem.axis, [](const Window &window) {
           return window.kernel == 1 && window.stride == 1;
         });
}

/// y = nn.avg_pool2d x, with every attribute that changes nothing left out:
///   stride equal to kernel_size; ceil_mode that adds no window;
///   count_include_pad without padding; divisor_override that is the divisor anyway
/// and no op at all where y is x. An op whose result the function returns stays,
/// so that every result of a function is written by an op of its own.
LogicalResult AvgPool2dOp::canonicalize(AvgPool2dOp op, PatternRewriter &rewriter) {
  FailureOr<AvgPool2dProblem> problem = op.getProblem();
  auto isReturn = [](Operation *user) { return user->hasTrait<OpTrait::IsTerminator>(); };
  if (succeeded(problem) && isIdentity(*problem) && llvm::none_of(op->getUsers(), isReturn)) {
    rewriter.replaceOp(op, op.getX());
    return success();
  }

  bool dropStride = op.getStride() == op.getKernelSize();
  bool dropCeilMode = op.getCeilMode() && succeeded(problem) && ceilModeIsIdle(*problem);
  bool dropCountIncludePad = !op.getCountIncludePad() &&
                             llvm::all_of(op.getPadding(), [](int64_t pad) { return pad == 0; });
  bool dropDivisor = false;
  if (succeeded(problem) && op.getDivisorOverride()) {
    problem->divisorOverride.reset();
    dropDivisor = problem->uniformDivisor() == op.getDivisorOverride();
  }
  if (!dropStride && !dropCeilMode && !dropCountIncludePad && !dropDivisor)
    return rewriter.notifyMatchFailure(op, "every attribute has an effect");
  rewriter.modifyOpInPlace(op, [&] {
    if (dropStride)
      op.removeStrideAttr();
    if (dropCeilMode)
      op.setCeilMode(false);
    if (dropCountIncludePad)
      op.setCountIncludePad(true);
    if (dropDivisor)
      op.removeDivisorOverrideAttr();
  });
  return success();
}
