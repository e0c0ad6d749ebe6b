//===- NNToTile.cpp - Each nn operation becomes a kernel ------------------===//

#include "Lowerings.h"

#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/CheckedArithmetic.h"

namespace poolc {
#define GEN_PASS_DEF_NNTOTILE
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// Bytes of a tensor of static shape, or nothing where that leaves 63 bits.
std::optional<int64_t> getSizeInBytes(RankedTensorType tensor) {
  std::optional<int64_t> bytes = tensor.getElementTypeBitWidth() / 8;
  for (int64_t size : tensor.getShape())
    if (bytes)
      bytes = llvm::checkedMul(*bytes, std::max<int64_t>(size, 1));
  return bytes;
}

/// Turns one function on tensors into a host function and kernels.
class FunctionLowering {
public:
  FunctionLowering(func::FuncOp source, ModuleOp module, const GPU &gpu)
      : source(source), module(module), gpu(gpu), builder(source), symbols(module) {}

  LogicalResult run();

  unsigned numKernels = 0, numTemporaries = 0;

private:
  LogicalResult check();
  std::string uniqueName(StringRef wanted);
  void createHost();
  void addRole(unsigned argument, StringRef name, StringRef role);
  Value getResultBuffer(Operation *op);
  LogicalResult lowerOp(Operation *op);
  /// Lowers `op` to a kernel that computes `last`, the last of the ops that
  /// are fused to it, or itself; `further` are the operands of those.
  template <typename OpT>
  LogicalResult lowerScheduled(OpT op, Operation *last, ValueRange further = {});
  template <typename Problem>
  Value prepare(const Preparation<Problem> &preparation, const Problem &problem,
                const Schedule &schedule, Value operand, StringRef kernelName, Location loc);
  Value allocate(MemRefType type, Location loc);
  void copy(Value from, Value to, Location loc);
  FuncOp createKernel(StringRef name, Location loc, ValueRange buffers, int64_t numWarps,
                      std::array<int64_t, 3> grid);
  LaunchOp launch(FuncOp kernel, ValueRange buffers, std::array<int64_t, 3> grid);
  StringAttr getName(Value buffer);

  func::FuncOp source;
  ModuleOp module;
  const GPU &gpu;
  OpBuilder builder;
  SymbolTable symbols;
  func::FuncOp host;
  llvm::StringSet<> names;
  /// The buffer of each tensor, and of each result of the function.
  IRMapping buffers;
  SmallVector<Value> results;
};

} // namespace

/// Whether the function is one that can become a host function.
LogicalResult FunctionLowering::check() {
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
      auto tensor = cast<RankedTensorType>(type);
      if (!tensor.hasStaticShape())
        return source.emitOpError("expected arguments and results of static shape, got ") << type;
      if (!getSizeInBytes(tensor))
        return source.emitOpError("expected arguments and results of fewer than 2^63 bytes, got ")
               << type;
    }
  return success();
}

std::string FunctionLowering::uniqueName(StringRef wanted) {
  std::string name = wanted.str();
  for (unsigned i = 0; !names.insert(name).second; ++i)
    name = (wanted + Twine(i)).str();
  return name;
}

void FunctionLowering::addRole(unsigned argument, StringRef name, StringRef role) {
  host.setArgAttr(argument, "nn.name", builder.getStringAttr(name));
  host.setArgAttr(argument, "nn.role", builder.getStringAttr(role));
}

/// The host function: inputs, then outputs, all in global memory.
void FunctionLowering::createHost() {
  SmallVector<Type> types;
  for (Type type : source.getArgumentTypes())
    types.push_back(getGlobalMemRef(cast<ShapedType>(type)));
  for (Type type : source.getResultTypes())
    types.push_back(getGlobalMemRef(cast<ShapedType>(type)));
  host = func::FuncOp::create(builder, source.getLoc(), source.getName(),
                              builder.getFunctionType(types, {}));
  host.setVisibility(source.getVisibility());
  Block *entry = host.addEntryBlock();

  // Names that the user gave come first; others make way for them.
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
    addRole(i, name, isInput ? "input" : "output");
  }
  for (auto [tensor, buffer] : llvm::zip(source.getArguments(), entry->getArguments()))
    buffers.map(tensor, buffer);
  llvm::append_range(results, entry->getArguments().drop_front(numInputs));
  builder.setInsertionPointToEnd(entry);
}

/// Where an operation's result goes: to the first result of the function that
/// is this value, or to a temporary.
Value FunctionLowering::getResultBuffer(Operation *op) {
  Operation *terminator = source.getBody().front().getTerminator();
  for (OpOperand &operand : terminator->getOpOperands())
    if (operand.get() == op->getResult(0))
      return results[operand.getOperandNumber()];
  return allocate(getGlobalMemRef(cast<ShapedType>(op->getResult(0).getType())), op->getLoc());
}

/// A temporary.
Value FunctionLowering::allocate(MemRefType type, Location loc) {
  ++numTemporaries;
  auto alloc = memref::AllocOp::create(builder, loc, type);
  alloc->setAttr("nn.name", builder.getStringAttr(uniqueName("t")));
  return alloc;
}

/// Launches what writes `operand` in another order; returns where to.
template <typename Problem>
Value FunctionLowering::prepare(const Preparation<Problem> &preparation, const Problem &problem,
                                const Schedule &schedule, Value operand, StringRef kernelName,
                                Location loc) {
  auto type = cast<MemRefType>(operand.getType());
  auto shape = preparation.shape(problem, schedule);
  Value prepared =
      allocate(getGlobalMemRef(type.cloneWith(ArrayRef(shape), type.getElementType())), loc);
  SmallVector<Value> arguments{operand, prepared};
  TileGrid grid = preparation.grid(problem, schedule);
  std::string name = (kernelName + "_" + preparation.name).str();
  FuncOp kernel = createKernel(name, loc, arguments, preparation.numWarps, grid.grid());
  KernelBuilder b(loc, kernel, grid);
  preparation.emit(problem, schedule, b);
  ReturnOp::create(b);
  launch(kernel, arguments, grid.grid());
  return prepared;
}

StringAttr FunctionLowering::getName(Value buffer) {
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    return host.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "nn.name");
  return buffer.getDefiningOp()->getAttrOfType<StringAttr>("nn.name");
}

FuncOp FunctionLowering::createKernel(StringRef name, Location loc, ValueRange buffers,
                                      int64_t numWarps, std::array<int64_t, 3> grid) {
  auto kernels = OpBuilder::atBlockEnd(module.getBody());
  auto type = builder.getFunctionType(buffers.getTypes(), {});
  auto kernel = FuncOp::create(kernels, loc, name, type, numWarps, grid);
  symbols.insert(kernel);
  ++numKernels;
  return kernel;
}

LaunchOp FunctionLowering::launch(FuncOp kernel, ValueRange buffers, std::array<int64_t, 3> grid) {
  ImplicitLocOpBuilder b(kernel.getLoc(), builder);
  SmallVector<Value> sizes;
  for (int64_t size : grid)
    sizes.push_back(arith::ConstantIndexOp::create(b, size));
  auto launch = LaunchOp::create(b, FlatSymbolRefAttr::get(kernel.getSymNameAttr()), sizes[0],
                                 sizes[1], sizes[2], buffers);
  launch->setAttr("nn.result", getName(buffers.back()));
  return launch;
}

LogicalResult FunctionLowering::lowerOp(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](nn::Conv1dOp conv) {
        // A convolution that adds is lowered where all that it adds is there.
        return nn::getFusedAdd(conv) ? success() : lowerScheduled(conv, conv);
      })
      .Case([&](nn::AddOp add) {
        nn::Conv1dOp conv = nn::getFusedConv(add);
        return conv ? lowerScheduled(conv, add, nn::getResidual(add)) : lowerScheduled(add, add);
      })
      .Case([&](nn::AvgPool2dOp pool) { return lowerScheduled(pool, pool); })
      .Default([](Operation *op) {
        return op->emitOpError("expected an operation that has a lowering to tiles");
      });
}

template <typename OpT>
LogicalResult FunctionLowering::lowerScheduled(OpT op, Operation *last, ValueRange further) {
  auto scheduled = op->template getAttrOfType<nn::ScheduleAttr>("nn.schedule");
  if (!scheduled)
    return op->emitOpError("expected a schedule (nn.schedule); run nn-select-schedule first");
  const Schedule &schedule = scheduled.getValue();
  auto interface = cast<nn::ScheduledOpInterface>(op.getOperation());
  if (llvm::Error error = interface.verifySchedule(gpu, schedule))
    return op->emitOpError() << llvm::toString(std::move(error));
  auto problem = op.getProblem();
  auto lowerings = getLowerings(*problem);
  const auto *lowering = llvm::find_if(
      lowerings, [&](const auto &lowering) { return lowering.algorithm == schedule.algorithm; });
  if (lowering == lowerings.end())
    return op->emitOpError() << "expected an algorithm that has a lowering to tiles, got "
                             << schedule.algorithm;
  llvm::Expected<TileGrid> tiles = makeTileGrid(*problem, schedule);
  if (!tiles)
    return op->emitOpError() << llvm::toString(tiles.takeError());

  SmallVector<Value> arguments;
  for (Value operand :
       llvm::concat<const Value>(llvm::to_vector(op->getOperands()), llvm::to_vector(further)))
    arguments.push_back(buffers.lookup(operand));
  std::string name = nn::getKernelName(op);
  auto index = op->template getAttrOfType<IntegerAttr>("nn.index");
  if (const auto *preparation = lowering->preparation)
    arguments.push_back(prepare(*preparation, *problem, schedule, arguments[preparation->operand],
                                name, op->getLoc()));
  Value result = getResultBuffer(last);
  arguments.push_back(result);

  FuncOp kernel = createKernel(name, op->getLoc(), arguments, schedule.numWarps, tiles->grid());
  KernelBuilder b(op->getLoc(), kernel, *tiles);
  lowering->emit(*problem, schedule, b);
  ReturnOp::create(b);
  LaunchOp launched = launch(kernel, arguments, tiles->grid());
  launched->setAttr("nn.op", builder.getStringAttr(op->getName().getStringRef()));
  if (auto computed = last->getAttrOfType<IntegerAttr>("nn.index"))
    launched->setAttr("nn.index", computed);
  buffers.map(last->getResult(0), result);
  return success();
}

/// A kernel that copies element by element, for results that no operation writes.
void FunctionLowering::copy(Value from, Value to, Location loc) {
  constexpr int64_t tileSize = 1024, numWarps = 4;
  auto type = cast<MemRefType>(from.getType());
  int64_t elements = type.getNumElements();
  TileGrid grid;
  grid.dims[0].push_back({'e', elements, tileSize, llvm::divideCeilSigned(elements, tileSize)});
  SmallVector<Value> arguments{from, to};
  FuncOp kernel = createKernel("copy", loc, arguments, numWarps, grid.grid());
  KernelBuilder b(loc, kernel, grid);
  auto tile = RankedTensorType::get(tileSize, type.getElementType());
  Value start = b.getTileStart('e');
  constexpr int64_t dims[] = {0}, strides[] = {1};
  Value loaded = LoadOp::create(b, tile, b.flatten(b.getOperand(0)), start, dims, strides);
  StoreOp::create(b, loaded, b.flatten(b.getResult()), start, dims, strides);
  ReturnOp::create(b);
  launch(kernel, arguments, grid.grid());
}

LogicalResult FunctionLowering::run() {
  if (failed(check()))
    return failure();
  createHost();
  Block &body = source.getBody().front();
  for (Operation &op : body.without_terminator())
    if (failed(lowerOp(&op)))
      return failure();
  for (auto [tensor, result] : llvm::zip(body.getTerminator()->getOperands(), results))
    if (buffers.lookup(tensor) != result)
      copy(buffers.lookup(tensor), result, body.getTerminator()->getLoc());
  func::ReturnOp::create(builder, source.getLoc());
  source.erase();
  return success();
}

namespace {
struct NNToTilePass : poolc::impl::NNToTileBase<NNToTilePass> {
  void runOnOperation() override {
    auto target = getOperation()->getAttrOfType<StringAttr>(nn::NNDialect::targetAttr);
    const GPU *gpu = target ? lookupGPU(target) : nullptr;
    for (auto func : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      FunctionLowering lowering(func, getOperation(), gpu ? *gpu : defaultGPU());
      if (failed(lowering.run()))
        return signalPassFailure();
      numKernels += lowering.numKernels;
      numTemporaries += lowering.numTemporaries;
    }
  }
};
} // namespace
