//===- HostFunction.cpp - The host's side of a function on tensors --------===//

#include "HostFunction.h"

#include "nn/NN.h"
#include "tile/Tile.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// Bytes of a tensor whose dynamic sizes are 1, or nothing where that leaves 63
/// bits.
static std::optional<int64_t> getSizeInBytes(RankedTensorType tensor) {
  std::optional<int64_t> bytes = tensor.getElementTypeBitWidth() / 8;
  for (int64_t size : tensor.getShape())
    if (bytes && !ShapedType::isDynamic(size))
      bytes = llvm::checkedMul(*bytes, std::max<int64_t>(size, 1));
  return bytes;
}

LogicalResult poolc::checkHostFunction(func::FuncOp source) {
  if (!llvm::hasSingleElement(source.getBody()))
    return source.emitOpError("expected a body of one block");
  Operation *terminator = source.getBody().front().getTerminator();
  if (!isa<func::ReturnOp>(terminator))
    return terminator->emitOpError("expected func.return at the end of the function");
  for (TypeRange types : {TypeRange(source.getArgumentTypes()), TypeRange(source.getResultTypes())})
    for (Type type : types) {
      if (!nn::isSupportedTensor(type))
        return source.emitOpError("expected arguments and results to be ranked tensors of f32, "
                                  "f16 or bf16 without encoding, got ")
               << type;
      if (!getSizeInBytes(cast<RankedTensorType>(type)))
        return source.emitOpError("expected arguments and results of fewer than 2^63 bytes, got ")
               << type;
    }
  return success();
}

HostFunction::HostFunction(func::FuncOp source, OpBuilder &builder)
    : source(source), builder(builder) {
  SmallVector<Type> types;
  for (Type type : source.getArgumentTypes())
    types.push_back(getGlobalMemRef(cast<ShapedType>(type)));
  for (Type type : source.getResultTypes())
    types.push_back(getGlobalMemRef(cast<ShapedType>(type)));
  host = func::FuncOp::create(builder, source.getLoc(), source.getName(),
                              builder.getFunctionType(types, {}));
  host.setVisibility(source.getVisibility());
  nameBuffers();
  Block *entry = host.addEntryBlock();
  for (auto [tensor, buffer] : llvm::zip(source.getArguments(), entry->getArguments()))
    buffers.map(tensor, buffer);
  llvm::append_range(results, entry->getArguments().drop_front(source.getNumArguments()));
  builder.setInsertionPointToEnd(entry);
  nameDims();
}

/// Names that the user gave come first; others make way for them.
void HostFunction::nameBuffers() {
  unsigned numInputs = source.getNumArguments(), numResults = source.getNumResults();
  SmallVector<StringAttr> given;
  for (unsigned i = 0; i != numInputs; ++i)
    given.push_back(source.getArgAttrOfType<StringAttr>(i, "nn.name"));
  for (unsigned i = 0; i != numResults; ++i)
    given.push_back(source.getResultAttrOfType<StringAttr>(i, "nn.name"));
  for (StringAttr name : given)
    if (name)
      names.insert(name);
  for (unsigned i = 0; i != given.size(); ++i) {
    bool isInput = i < numInputs;
    std::string name;
    if (given[i])
      name = given[i].str();
    else if (isInput)
      name = uniqueName(("arg" + Twine(i)).str());
    else
      name = uniqueName(numResults == 1 ? "y" : ("y" + Twine(i - numInputs)).str());
    host.setArgAttr(i, "nn.name", builder.getStringAttr(name));
    host.setArgAttr(i, "nn.role", builder.getStringAttr(isInput ? "input" : "output"));
  }
}

std::string HostFunction::uniqueName(StringRef wanted) {
  std::string name = wanted.str();
  for (unsigned i = 0; !names.insert(name).second; ++i)
    name = (wanted + Twine(i)).str();
  return name;
}

/// What dimension `d` of an argument is called, by the operation that it is for.
static StringRef getDimName(Value tensor, unsigned d) {
  static constexpr StringRef pooling[] = {"N", "C", "H", "W"}, others[] = {"N", "C", "L"};
  bool isPooled =
      llvm::any_of(tensor.getUsers(), [](Operation *user) { return isa<nn::AvgPool2dOp>(user); });
  ArrayRef<StringRef> axes = isPooled ? ArrayRef(pooling) : ArrayRef(others);
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  return rank <= static_cast<int64_t>(axes.size()) ? axes.take_back(rank)[d] : "D";
}

/// Finds the sizes of all arguments.
void HostFunction::nameDims() {
  HostSizes hostSizes(source.getLoc(), builder);
  llvm::StringSet<> taken;
  for (Value argument : source.getArguments()) {
    auto type = cast<RankedTensorType>(argument.getType());
    for (auto [d, size] : llvm::enumerate(type.getShape())) {
      if (!ShapedType::isDynamic(size)) {
        shapes[argument].push_back(size);
        continue;
      }
      StringRef wanted = getDimName(argument, d);
      std::string name = wanted.str();
      for (unsigned i = 2; !taken.insert(name).second; ++i)
        name = (wanted + Twine(i)).str();
      shapes[argument].push_back(hostSizes.dim(buffers.lookup(argument), d, name));
    }
  }
}

Value HostFunction::getResultBuffer(Operation *op) {
  Operation *terminator = source.getBody().front().getTerminator();
  for (OpOperand &operand : terminator->getOpOperands())
    if (operand.get() == op->getResult(0))
      return results[operand.getOperandNumber()];
  SmallVector<Value> dynamicSizes;
  auto type = cast<ShapedType>(op->getResult(0).getType());
  for (auto [d, size] : llvm::enumerate(shapes[op->getResult(0)]))
    if (type.isDynamicDim(d))
      dynamicSizes.push_back(HostSizes(op->getLoc(), builder).asValue(size));
  return allocate(getGlobalMemRef(type), op->getLoc(), dynamicSizes);
}

Value HostFunction::allocate(MemRefType type, Location loc, ValueRange dynamicSizes) {
  ++numTemporaries;
  // Sizes that are constants are part of the type: canonicalization would put them there too, and
  // lose the name.
  SmallVector<OpFoldResult> sizes = getMixedValues(type.getShape(), dynamicSizes, builder);
  (void)foldDynamicIndexList(sizes);
  auto alloc =
      memref::AllocOp::create(builder, loc, sizes, type.getElementType(), type.getMemorySpace());
  alloc->setAttr("nn.name", builder.getStringAttr(uniqueName("t")));
  if (alloc.getType() == type)
    return alloc;
  return memref::CastOp::create(builder, loc, type, alloc);
}

StringAttr HostFunction::getName(Value buffer) {
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    return host.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "nn.name");
  if (auto cast = buffer.getDefiningOp<memref::CastOp>())
    buffer = cast.getSource();
  return buffer.getDefiningOp()->getAttrOfType<StringAttr>("nn.name");
}

/// Has the plan know the sizes of the results.
void HostFunction::requireResultSizes() {
  Operation *terminator = source.getBody().front().getTerminator();
  for (auto [tensor, result] : llvm::zip(terminator->getOperands(), results)) {
    HostSizes hostSizes(terminator->getLoc(), builder);
    for (auto [d, size] : llvm::enumerate(shapes[tensor])) {
      if (!cast<MemRefType>(result.getType()).isDynamicDim(d))
        continue;
      Size ofResult(memref::DimOp::create(builder, terminator->getLoc(), result, d), size.max);
      hostSizes.requireEqual(ofResult, size, "the sizes of results");
    }
  }
}

void HostFunction::finish() {
  requireResultSizes();
  func::ReturnOp::create(builder, source.getLoc());
}
