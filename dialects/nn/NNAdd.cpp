//===- NNAdd.cpp - Verifier of nn.add, and what it is fused to ------------===//

#include "nn/NN.h"
#include "nn/NNChecks.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::nn;

/// That the operands have one legal type, which is the result's.
static LogicalResult checkOperands(EmitError emitError, RankedTensorType a, RankedTensorType b) {
  if (a != b)
    return emitError() << "expected operands of one type, got " << a << " and " << b;
  int64_t bytes = sizeInBytes(getElementDataType(a));
  for (auto [index, extent] : llvm::enumerate(a.getShape())) {
    if (ShapedType::isDynamic(extent))
      continue;
    if (extent < 1 && index != 0)
      return emitError() << "expected dimensions of at least 1 after the first, got " << extent
                         << " in " << a;
    std::optional<int64_t> product = llvm::checkedMul(bytes, std::max<int64_t>(extent, 1));
    if (!product)
      return emitError() << "expected operands to take fewer than 2^63 bytes, got " << a;
    bytes = *product;
  }
  return success();
}

static AddProblem describe(RankedTensorType type) {
  AddProblem problem;
  problem.type = getElementDataType(type);
  problem.elements = multiplyExtents(type.getShape());
  return problem;
}

LogicalResult AddOp::inferReturnTypes(MLIRContext *, std::optional<Location> location,
                                      Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto emitError = [&] { return emitOptionalOpError(location, getOperationName()); };
  SmallVector<RankedTensorType> operands = getTensorTypes(adaptor.getOperands());
  if (failed(checkOperands(emitError, operands[0], operands[1])))
    return failure();
  types.push_back(operands[0]);
  return success();
}

LogicalResult AddOp::verify() {
  if (failed(checkOperands([&] { return emitOpError(); }, getA().getType(), getB().getType())) ||
      failed(checkResult(*this, getA().getType())))
    return failure();
  return checkDiscardableAttributes(*this);
}

FailureOr<AddProblem> AddOp::getProblem() {
  RankedTensorType type = getA().getType();
  bool isStatic = type.hasStaticShape();
  AddProblem problem =
      describe(isStatic ? type : type.clone(getExpectedShape(*this, type, /*spatialRank=*/1)));
  problem.alignment = getAlignment(*this);
  if (isStatic)
    return problem;
  problem.elementsAreDynamic = true;
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      problem.dynamicFactor *= std::max<int64_t>(size, 1);
  return problem;
}

FailureOr<AddProblem> AddOp::getProblem(ArrayRef<SmallVector<int64_t>> operandShapes) {
  FailureOr<SmallVector<RankedTensorType>> types = refineOperandTypes(*this, operandShapes);
  if (failed(types) ||
      failed(checkOperands([&] { return emitOpError(); }, (*types)[0], (*types)[1])))
    return failure();
  return describe((*types)[0]);
}

bool nn::isFused(Operation *op) { return op->hasAttr(NNDialect::fusedAttr); }

Conv1dOp nn::getFusedConv(AddOp add) {
  auto operand = add->getAttrOfType<IntegerAttr>(NNDialect::fusedAttr);
  if (!operand || operand.getInt() < 0 || operand.getInt() > 1)
    return nullptr;
  auto conv = add->getOperand(operand.getInt()).getDefiningOp<Conv1dOp>();
  return conv && conv->hasOneUse() ? conv : nullptr;
}

AddOp nn::getFusedAdd(Conv1dOp conv) {
  if (!conv->hasOneUse())
    return nullptr;
  auto add = dyn_cast<AddOp>(*conv->user_begin());
  return add && getFusedConv(add) == conv ? add : nullptr;
}

Value nn::getResidual(AddOp add) {
  Conv1dOp conv = getFusedConv(add);
  return add.getA() == conv.getY() ? add.getB() : add.getA();
}
