//===- NNChecks.cpp - Rules that several nn ops share ---------------------===//

#include "nn/NNChecks.h"

#include "nn/NN.h"

#include "mlir/IR/TypeUtilities.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::nn;

InFlightDiagnostic nn::emitOptionalOpError(std::optional<Location> location, StringRef opName) {
  if (!location)
    return InFlightDiagnostic();
  return mlir::emitError(*location) << "'" << opName << "' op ";
}

LogicalResult nn::checkAtLeast(EmitError emitError, StringRef attribute, int64_t value,
                               int64_t least) {
  if (value < least)
    return emitError() << "expected " << attribute << " of at least " << least << ", got " << value;
  return success();
}

LogicalResult nn::checkValues(EmitError emitError, StringRef attribute, ArrayRef<int64_t> values,
                              ArrayRef<StringRef> meanings, int64_t least) {
  if (values.size() != meanings.size())
    return emitError() << "expected " << meanings.size() << " values of " << attribute << " ("
                       << llvm::join(meanings, ", ") << "), got " << values.size();
  for (auto [value, meaning] : llvm::zip_equal(values, meanings))
    if (value < least)
      return emitError() << "expected " << attribute << " of at least " << least << ", got "
                         << value << " (" << meaning << ")";
  return success();
}

/// "[N,C,H,W] or [C,H,W]".
static std::string describeAxes(ArrayRef<StringRef> axes) {
  std::string text = "[" + llvm::join(axes, ",") + "]";
  if (axes.front() == "N")
    text += " or [" + llvm::join(axes.drop_front(), ",") + "]";
  return text;
}

LogicalResult nn::checkShape(EmitError emitError, StringRef operand, RankedTensorType type,
                             ArrayRef<StringRef> axes) {
  bool unbatched = axes.front() == "N" && type.getRank() + 1 == int64_t(axes.size());
  if (!unbatched && type.getRank() != int64_t(axes.size()))
    return emitError() << "expected " << operand << " of shape " << describeAxes(axes) << ", got "
                       << type;

  int64_t bytes = sizeInBytes(getElementDataType(type));
  for (auto [axis, extent] : llvm::zip_equal(axes.take_back(type.getRank()), type.getShape())) {
    if (ShapedType::isDynamic(extent))
      continue;
    if (extent < 1 && axis != "N")
      return emitError() << "expected dimension " << axis << " of " << operand
                         << " to be at least 1, got " << extent << " in " << type;
    std::optional<int64_t> product = llvm::checkedMul(bytes, std::max<int64_t>(extent, 1));
    if (!product)
      return emitError() << "expected " << operand << " to take fewer than 2^63 bytes, got "
                         << type;
    bytes = *product;
  }
  return success();
}

int64_t nn::multiplyExtents(ArrayRef<int64_t> extents) {
  return ShapedType::isDynamicShape(extents) ? ShapedType::kDynamic
                                             : ShapedType::getNumElements(extents);
}

/// That some size of those that a plan allows has a position, and that the last
/// one of the largest ends before 2^63.
static LogicalResult checkDynamicSize(EmitError emitError, StringRef axis, Window window) {
  std::optional<int64_t> least = window.minSize();
  if (!least || *least > maxDynamicSize)
    return emitError() << "expected a window that fits in at most " << maxDynamicSize
                       << " elements of the dynamic " << axis << ", got " << window.kernel
                       << " taps with dilation " << window.dilation << " and padding "
                       << window.padBefore << " + " << window.padAfter;
  window.size = maxDynamicSize;
  return failure(failed(checkPositions(emitError, axis, window)));
}

FailureOr<int64_t> nn::checkPositions(EmitError emitError, StringRef axis, const Window &window) {
  if (ShapedType::isDynamic(window.kernel))
    return ShapedType::kDynamic;
  if (ShapedType::isDynamic(window.size)) {
    if (failed(checkDynamicSize(emitError, axis, window)))
      return failure();
    return ShapedType::kDynamic;
  }

  std::optional<int64_t> span = window.span();
  std::optional<int64_t> positions = window.outputSize();
  if (positions && *positions < 1)
    return emitError() << "expected the window to fit in the padded " << axis << ", got "
                       << window.kernel << " taps with dilation " << window.dilation
                       << ", which span " << *span << ", over " << window.padBefore << " + "
                       << window.size << " + " << window.padAfter << " elements";
  // The lowerings and the reference compute where the last window ends.
  if (!positions || !llvm::checkedMulAdd(*positions - 1, window.stride, *span))
    return emitError() << "expected the last window along " << axis << " to end before 2^63, got "
                       << window.kernel << " taps with dilation " << window.dilation
                       << " and stride " << window.stride << " over " << window.padBefore << " + "
                       << window.size << " + " << window.padAfter << " elements";
  return *positions;
}

LogicalResult nn::checkDiscardableAttributes(Operation *op) {
  for (NamedAttribute attribute : op->getDiscardableAttrs())
    if (!attribute.getNameDialect() && !attribute.getName().getValue().contains('.'))
      return op->emitOpError() << "expected one of the attributes "
                               << llvm::join(op->getRegisteredInfo()->getAttributeNames(), ", ")
                               << " or one with a dialect's prefix, got " << attribute.getName();
  return success();
}

LogicalResult nn::checkResult(Operation *op, Type expected) {
  Type actual = op->getResult(0).getType();
  if (actual != expected)
    return op->emitOpError() << "expected result type " << expected << ", got " << actual;
  return success();
}

SmallVector<RankedTensorType> nn::getTensorTypes(ValueRange values) {
  return llvm::map_to_vector(values.getTypes(), llvm::CastTo<RankedTensorType>);
}

FailureOr<SmallVector<RankedTensorType>>
nn::refineOperandTypes(Operation *op, ArrayRef<SmallVector<int64_t>> operandShapes) {
  if (operandShapes.size() != op->getNumOperands())
    return op->emitOpError() << "expected shapes of " << op->getNumOperands() << " operands, got "
                             << operandShapes.size();
  SmallVector<RankedTensorType> refined;
  for (auto [index, type, shape] :
       llvm::enumerate(getTensorTypes(op->getOperands()), operandShapes)) {
    bool known = llvm::all_of(shape, [](int64_t extent) { return extent >= 0; });
    if (!known || failed(verifyCompatibleShape(type.getShape(), shape)))
      return op->emitOpError() << "expected operand " << index << " of type " << type
                               << ", got shape [" << shape << "]";
    refined.push_back(type.clone(shape));
  }
  return refined;
}
