//===- NNConv1d.cpp - Verifier and canonical form of nn.conv1d ------------===//

#include "nn/NN.h"
#include "nn/NNChecks.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::nn;

namespace {
/// The operands' types; bias is null where there is none.
struct OperandTypes {
  RankedTensorType x, w, bias;

  explicit OperandTypes(ArrayRef<RankedTensorType> types)
      : x(types[0]), w(types[1]), bias(types.size() > 2 ? types[2] : RankedTensorType()) {}

  // The extents that the op relates to one another; each may be dynamic.
  int64_t inChannels() const { return x.getShape().take_back(2)[0]; }
  int64_t inPerGroup(int64_t groups) const {
    bool isHidden = w.isDynamicDim(1) && !ShapedType::isDynamic(inChannels());
    return isHidden ? inChannels() / groups : w.getDimSize(1);
  }
  int64_t outChannels() const {
    return bias && w.isDynamicDim(0) ? bias.getDimSize(0) : w.getDimSize(0);
  }
};
} // namespace

/// The op as numbers on checked operands, whose dynamic extents stay that. The
/// attributes must be legal. `op` may be an adaptor.
template <typename OpT> static Conv1dProblem describe(OpT op, const OperandTypes &types) {
  auto perGroup = [&](int64_t channels) {
    return ShapedType::isDynamic(channels) ? channels : channels / op.getGroups();
  };
  Conv1dProblem problem;
  problem.type = getElementDataType(types.x);
  problem.precision = op.getPrecision();
  problem.batch = multiplyExtents(types.x.getShape().drop_back(2));
  problem.groups = op.getGroups();
  problem.inPerGroup = types.inPerGroup(op.getGroups());
  problem.outPerGroup = perGroup(types.outChannels());
  problem.hasBias = bool(types.bias);
  problem.activation = getActivation(op.getActivationAttr());
  Window &window = problem.window;
  window.size = types.x.getShape().back();
  window.kernel = types.w.getShape().back();
  window.stride = op.getStride();
  window.dilation = op.getDilation();
  window.padBefore = op.getPadding()[0];
  window.padAfter = op.getPadding()[1];
  return problem;
}

template <typename OpT> static LogicalResult checkAttributes(EmitError emitError, OpT op) {
  return failure(failed(checkAtLeast(emitError, "stride", op.getStride(), 1)) ||
                 failed(checkAtLeast(emitError, "dilation", op.getDilation(), 1)) ||
                 failed(checkAtLeast(emitError, "groups", op.getGroups(), 1)) ||
                 failed(checkValues(emitError, "padding", op.getPadding(), {"left", "right"}, 0)));
}

/// That the operands have legal shapes, each for itself, and one element type
/// that the precision takes.
static LogicalResult checkOperands(EmitError emitError, Precision precision,
                                   const OperandTypes &types) {
  if (failed(checkShape(emitError, "x", types.x, {"N", "Cin", "L"})) ||
      failed(checkShape(emitError, "w", types.w, {"Cout", "Cin/groups", "K"})) ||
      (types.bias && failed(checkShape(emitError, "bias", types.bias, {"Cout"}))))
    return failure();

  Type elementType = types.x.getElementType();
  auto checkType = [&](StringRef operand, RankedTensorType type) -> LogicalResult {
    if (type && type.getElementType() != elementType)
      return emitError() << "expected one element type, got " << elementType << " for x and "
                         << type.getElementType() << " for " << operand;
    return success();
  };
  if (failed(checkType("w", types.w)) || failed(checkType("bias", types.bias)))
    return failure();
  if (precision != Precision::ieee && !elementType.isF32())
    return emitError() << "expected precision ieee on " << elementType << " operands, got "
                       << toString(precision) << ", which rounds f32";
  return success();
}

/// That the channels of x, w and bias agree as far as they are known.
static LogicalResult checkChannels(EmitError emitError, int64_t groups, const OperandTypes &types) {
  auto checkDivisible = [&](StringRef name, int64_t channels) -> LogicalResult {
    if (!ShapedType::isDynamic(channels) && channels % groups != 0)
      return emitError() << "expected " << name << " to be divisible by groups, got " << channels
                         << " and " << groups;
    return success();
  };
  if (failed(checkDivisible("Cin", types.inChannels())) ||
      failed(checkDivisible("Cout", types.outChannels())))
    return failure();

  int64_t in = types.inChannels(), inPerGroup = types.w.getDimSize(1);
  if (!ShapedType::isDynamic(inPerGroup)) {
    if (!ShapedType::isDynamic(in) && inPerGroup != in / groups)
      return emitError() << "expected dimension 1 of w to be Cin/groups, " << in << "/" << groups
                         << " = " << in / groups << ", got " << inPerGroup << " in " << types.w;
    if (!llvm::checkedMul(inPerGroup, groups))
      return emitError() << "expected fewer than 2^63 channels, got groups " << groups << " of "
                         << inPerGroup << " in " << types.w;
  }
  if (types.bias && !types.w.isDynamicDim(0) && !types.bias.isDynamicDim(0) &&
      types.bias.getDimSize(0) != types.w.getDimSize(0))
    return emitError() << "expected bias of Cout = " << types.w.getDimSize(0) << " elements, got "
                       << types.bias;
  return success();
}

/// The result type on operands of these types, or an error.
template <typename OpT>
static FailureOr<RankedTensorType> infer(EmitError emitError, OpT op,
                                         ArrayRef<RankedTensorType> operands) {
  OperandTypes types(operands);
  if (failed(checkAttributes(emitError, op)) ||
      failed(checkOperands(emitError, op.getPrecision(), types)) ||
      failed(checkChannels(emitError, op.getGroups(), types)))
    return failure();
  Conv1dProblem problem = describe(op, types);
  FailureOr<int64_t> positions = checkPositions(emitError, "L", problem.window);
  if (failed(positions))
    return failure();
  SmallVector<int64_t> shape(types.x.getShape().drop_back(2));
  shape.append({types.outChannels(), *positions});
  RankedTensorType y = types.x.clone(shape);
  if (failed(checkShape(emitError, "the result", y, {"N", "Cout", "M"})))
    return failure();
  return y;
}

LogicalResult Conv1dOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto emitError = [&] { return emitOptionalOpError(location, getOperationName()); };
  FailureOr<RankedTensorType> y = infer(emitError, adaptor, getTensorTypes(adaptor.getOperands()));
  if (failed(y))
    return failure();
  types.push_back(*y);
  return success();
}

LogicalResult Conv1dOp::verify() {
  FailureOr<RankedTensorType> y =
      infer([&] { return emitOpError(); }, *this, getTensorTypes(getOperands()));
  if (failed(y) || failed(checkResult(*this, *y)))
    return failure();
  return checkDiscardableAttributes(*this);
}

FailureOr<Conv1dProblem> Conv1dOp::getProblem() {
  RankedTensorType x = getX().getType();
  Conv1dProblem problem = describe(*this, OperandTypes(getTensorTypes(getOperands())));
  for (int64_t size : {problem.inPerGroup, problem.outPerGroup, problem.window.kernel})
    if (ShapedType::isDynamic(size))
      return failure();
  SmallVector<int64_t> expected = getExpectedShape(*this, x, /*spatialRank=*/1);
  problem.batchIsDynamic = ShapedType::isDynamic(problem.batch);
  if (problem.batchIsDynamic)
    problem.batch = expected.front();
  if (ShapedType::isDynamic(problem.window.size)) {
    problem.window.size = expected.back();
    problem.window.expectDynamicSize();
  }
  problem.alignment = getAlignment(*this);
  if (AddOp add = getFusedAdd(*this)) {
    problem.addsResidual = true;
    problem.alignment = std::min(problem.alignment, getAlignment(add));
  }
  return problem;
}

FailureOr<Conv1dProblem> Conv1dOp::getProblem(ArrayRef<SmallVector<int64_t>> operandShapes) {
  FailureOr<SmallVector<RankedTensorType>> types = refineOperandTypes(*this, operandShapes);
  if (failed(types) || failed(infer([&] { return emitOpError(); }, *this, *types)))
    return failure();
  return describe(*this, OperandTypes(*types));
}

/// nn.conv1d ... dilation = d, of one tap -> nn.conv1d ...
LogicalResult Conv1dOp::canonicalize(Conv1dOp op, PatternRewriter &rewriter) {
  if (op.getDilation() == 1 || op.getW().getType().getShape().back() != 1)
    return rewriter.notifyMatchFailure(op, "every attribute has an effect");
  rewriter.modifyOpInPlace(op, [&] { op.setDilation(1); });
  return success();
}
