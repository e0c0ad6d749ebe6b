//===- NNDialect.cpp - The nn dialect -------------------------------------===//

#include "nn/NN.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Support/DebugStringHelper.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::nn;

#include "nn/NNDialect.cpp.inc"

#include "nn/NNInterfaces.cpp.inc"

void NNDialect::initialize() {
  registerAttributes();
  registerOperations();
}

bool nn::isSupportedTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && !tensor.getEncoding() &&
         isa<Float32Type, Float16Type, BFloat16Type>(tensor.getElementType());
}

DataType nn::getElementDataType(Type tensor) {
  return llvm::TypeSwitch<Type, DataType>(cast<RankedTensorType>(tensor).getElementType())
      .Case<Float16Type>([](auto) { return DataType::f16; })
      .Case<BFloat16Type>([](auto) { return DataType::bf16; })
      .Default([](auto) { return DataType::f32; });
}

FailureOr<const GPU *> nn::getTarget(Operation *module) {
  auto name = module->getAttrOfType<StringAttr>(NNDialect::targetAttr);
  const GPU *gpu = name ? lookupGPU(name) : nullptr;
  if (!gpu)
    return emitError(module->getLoc()) << "expected " << NNDialect::targetAttr
                                       << " on the module, got none; run nn-set-target first";
  return gpu;
}

std::string nn::getKernelName(Operation *op) {
  std::string name = op->getName().stripDialect().str();
  if (auto index = op->getAttrOfType<IntegerAttr>(NNDialect::indexAttr))
    name += "_" + std::to_string(index.getInt());
  return name;
}

/// The size to expect of a dynamic dimension, in the order C, H, W or C, L after
/// N: large enough that the grid is full, which is what a schedule matters for.
static int64_t defaultExpectedSize(int64_t rank, int64_t dim, bool is1d) {
  constexpr int64_t batch = 16, channels = 64, side = 256, length = 1 << 14;
  int64_t spatial = is1d ? 1 : 2;
  if (dim >= rank - spatial)
    return is1d ? length : side;
  return dim == rank - spatial - 1 ? channels : batch;
}

SmallVector<int64_t> nn::getExpectedShape(Operation *op, RankedTensorType x, unsigned spatialRank) {
  if (auto expected = op->getAttrOfType<DenseI64ArrayAttr>(NNDialect::expectedAttr))
    return llvm::to_vector(expected.asArrayRef());
  SmallVector<int64_t> shape(x.getShape());
  int64_t bytes = sizeInBytes(getElementDataType(x));
  for (int64_t size : shape)
    if (!ShapedType::isDynamic(size))
      bytes *= std::max<int64_t>(size, 1);
  for (auto [dim, size] : llvm::enumerate(shape)) {
    if (!ShapedType::isDynamic(size))
      continue;
    size = defaultExpectedSize(x.getRank(), dim, spatialRank == 1);
    // The others may leave no room for more.
    if (bytes > std::numeric_limits<int64_t>::max() / size)
      size = 1;
    bytes *= size;
  }
  return shape;
}

int64_t nn::getAlignment(Operation *op) {
  constexpr int64_t usual = 16;
  int64_t alignment = usual;
  auto function = op->getParentOfType<FunctionOpInterface>();
  if (!function)
    return alignment;
  auto restrict = [&](Attribute attribute) {
    if (auto bytes = dyn_cast_or_null<IntegerAttr>(attribute))
      alignment = std::min(alignment, bytes.getInt());
  };
  // What the function returns is computed where the result is to be.
  auto restrictTo = [&](Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      restrict(function.getArgAttr(argument.getArgNumber(), NNDialect::alignmentAttr));
    else
      for (OpOperand &use : value.getUses())
        if (use.getOwner()->hasTrait<OpTrait::IsTerminator>())
          restrict(function.getResultAttr(use.getOperandNumber(), NNDialect::alignmentAttr));
  };
  llvm::for_each(op->getOperands(), restrictTo);
  llvm::for_each(op->getResults(), restrictTo);
  return alignment;
}

llvm::Error nn::dynamicShapeError(Operation *op) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (auto [index, type] : llvm::enumerate(op->getOperandTypes()))
    if (!cast<RankedTensorType>(type).hasStaticShape())
      stream << (text.empty() ? "'" : ", '") << type << "' for operand " << index;
  return llvm::createStringError("expected operands from which Cin, Cout and K are known, got " +
                                 text);
}

static LogicalResult verifyIndex(Operation *op, Attribute value) {
  auto index = dyn_cast<IntegerAttr>(value);
  if (!index || !index.getType().isSignlessInteger(64) || index.getInt() < 0)
    return op->emitOpError() << "expected " << NNDialect::indexAttr
                             << " to be an i64 of at least 0, got " << value;
  return success();
}

static LogicalResult verifyTarget(Operation *op, Attribute value) {
  auto name = dyn_cast<StringAttr>(value);
  if (name && isa<ModuleOp>(op) && lookupGPU(name))
    return success();
  if (!isa<ModuleOp>(op))
    return op->emitOpError() << "expected " << NNDialect::targetAttr << " on a module";
  auto names = llvm::map_range(allGPUs(), [](const GPU &gpu) { return gpu.name; });
  return op->emitOpError() << "expected " << NNDialect::targetAttr << " to name one of "
                           << llvm::join(names, ", ") << ", got " << value;
}

static LogicalResult verifyProfile(Operation *op, Attribute value) {
  auto metrics = dyn_cast<DictionaryAttr>(value);
  if (!metrics || !llvm::all_of(metrics, [](NamedAttribute metric) {
        auto number = dyn_cast<FloatAttr>(metric.getValue());
        return number && number.getType().isF64();
      }))
    return op->emitOpError() << "expected " << NNDialect::profileAttr
                             << " to be a dictionary of f64, got " << value;
  return success();
}

static LogicalResult verifyFused(Operation *op, Attribute value) {
  auto add = dyn_cast<AddOp>(op);
  auto operand = dyn_cast<IntegerAttr>(value);
  if (!add || !operand || !operand.getType().isSignlessInteger(64) || operand.getInt() < 0 ||
      operand.getInt() > 1)
    return op->emitOpError() << "expected " << NNDialect::fusedAttr
                             << " to be the i64 0 or 1, on nn.add, got " << value;
  if (!getFusedConv(add))
    return op->emitOpError() << "expected operand " << operand.getInt()
                             << ", which is fused, to be the result of an nn.conv1d without "
                                "another use";
  return success();
}

/// nn.expected: a shape that the first operand, x, may have, not empty where it is
/// dynamic.
static LogicalResult verifyExpected(Operation *op, Attribute value) {
  auto shape = dyn_cast<DenseI64ArrayAttr>(value);
  auto x = op->getNumOperands() > 0 ? dyn_cast<RankedTensorType>(op->getOperand(0).getType())
                                    : RankedTensorType();
  auto isExpected = [](auto sizes) {
    auto [known, expected] = sizes;
    return known == expected || expected >= 1;
  };
  if (shape && x && succeeded(verifyCompatibleShape(x.getShape(), shape.asArrayRef())) &&
      llvm::all_of(llvm::zip_equal(x.getShape(), shape.asArrayRef()), isExpected))
    return success();
  return op->emitOpError() << "expected " << NNDialect::expectedAttr
                           << " to be the shape of a first operand "
                           << (x ? debugString(x) : "that is a tensor") << ", got " << value;
}

LogicalResult NNDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  Attribute value = attribute.getValue();
  if (attribute.getName() == fusedAttr)
    return verifyFused(op, value);
  if (attribute.getName() == indexAttr)
    return verifyIndex(op, value);
  if (attribute.getName() == targetAttr)
    return verifyTarget(op, value);
  if (attribute.getName() == expectedAttr)
    return verifyExpected(op, value);
  if (attribute.getName() == profileAttr)
    return verifyProfile(op, value);
  bool isSchedule = attribute.getName() == scheduleAttr || attribute.getName() == givenScheduleAttr;
  if (isSchedule && !isa<ScheduleAttr>(value))
    return op->emitOpError() << "expected " << attribute.getName().getValue()
                             << " to be a #nn.schedule, got " << value;
  std::array<StringRef, 4> texts = {nameAttr, opAttr, resultAttr, sourceAttr};
  if (llvm::is_contained(texts, attribute.getName()) && !isa<StringAttr>(value))
    return op->emitOpError() << "expected " << attribute.getName() << " to be a string, got "
                             << value;
  if (!isSchedule && !llvm::is_contained(texts, attribute.getName()))
    return op->emitOpError() << "expected one of the attributes " << indexAttr << ", "
                             << scheduleAttr << ", " << givenScheduleAttr << ", " << profileAttr
                             << ", " << targetAttr << ", " << fusedAttr << ", " << expectedAttr
                             << ", " << llvm::join(texts, ", ") << " of the dialect nn, got "
                             << attribute.getName();
  return success();
}

static bool isIdentifier(StringRef text) {
  return !text.empty() && !llvm::isDigit(text.front()) &&
         llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

/// nn.name, or null, of the first `arguments` and then the first `results` of a
/// function.
static SmallVector<Attribute> collectNames(FunctionOpInterface function, unsigned arguments,
                                           unsigned results) {
  SmallVector<Attribute> names;
  for (unsigned i : llvm::seq(arguments))
    names.push_back(function.getArgAttr(i, NNDialect::nameAttr));
  for (unsigned i : llvm::seq(results))
    names.push_back(function.getResultAttr(i, NNDialect::nameAttr));
  return names;
}

/// Verifies nn.name of an argument or result (`where`); `before` is that of
/// those that come before it.
static LogicalResult verifyName(Operation *op, const std::string &where, NamedAttribute attribute,
                                ArrayRef<Attribute> before) {
  auto name = dyn_cast<StringAttr>(attribute.getValue());
  if (!name || !isIdentifier(name))
    return op->emitOpError() << "expected " << NNDialect::nameAttr << " of " << where
                             << " to be a string of letters, digits and _ that starts with no "
                                "digit, got "
                             << attribute.getValue();
  if (llvm::is_contained(before, attribute.getValue()))
    return op->emitOpError() << "expected a different " << NNDialect::nameAttr
                             << " on each argument and result, got another " << name << " on "
                             << where;
  return success();
}

static LogicalResult verifyRole(Operation *op, unsigned argument, Attribute value) {
  auto role = dyn_cast<StringAttr>(value);
  if (!role || (role != "input" && role != "output"))
    return op->emitOpError() << "expected " << NNDialect::roleAttr << " of argument " << argument
                             << " to be \"input\" or \"output\", got " << value;
  return success();
}

/// Verifies nn.alignment of an argument or result (`where`) of that type.
static LogicalResult verifyAlignment(Operation *op, const std::string &where, Type type,
                                     Attribute value) {
  auto bytes = dyn_cast<IntegerAttr>(value);
  constexpr int64_t most = 256;
  int64_t least = isSupportedTensor(type) ? sizeInBytes(getElementDataType(type)) : 1;
  if (bytes && bytes.getType().isSignlessInteger(64) && llvm::isPowerOf2_64(bytes.getInt()) &&
      bytes.getInt() >= least && bytes.getInt() <= most)
    return success();
  return op->emitOpError() << "expected " << NNDialect::alignmentAttr << " of " << where
                           << " to be an i64 that is a power of two from " << least << " to "
                           << most << ", got " << value;
}

LogicalResult NNDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned argument,
                                                  NamedAttribute attribute) {
  if (attribute.getName() == roleAttr)
    return verifyRole(op, argument, attribute.getValue());
  if (attribute.getName() == nameAttr)
    return verifyName(op, "argument " + std::to_string(argument), attribute,
                      collectNames(cast<FunctionOpInterface>(op), argument, 0));
  if (attribute.getName() == alignmentAttr)
    return verifyAlignment(op, "argument " + std::to_string(argument),
                           cast<FunctionOpInterface>(op).getArgumentTypes()[argument],
                           attribute.getValue());
  return op->emitOpError() << "expected " << nameAttr << ", " << alignmentAttr << " or " << roleAttr
                           << " on argument " << argument << ", got " << attribute.getName();
}

LogicalResult NNDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned result,
                                                     NamedAttribute attribute) {
  auto function = cast<FunctionOpInterface>(op);
  if (attribute.getName() == nameAttr)
    return verifyName(op, "result " + std::to_string(result), attribute,
                      collectNames(function, function.getNumArguments(), result));
  if (attribute.getName() == alignmentAttr)
    return verifyAlignment(op, "result " + std::to_string(result),
                           function.getResultTypes()[result], attribute.getValue());
  return op->emitOpError() << "expected " << nameAttr << " or " << alignmentAttr << " on result "
                           << result << ", got " << attribute.getName();
}
