//===- NNToTile.cpp - Each nn operation becomes a kernel ------------------===//

#include "Lowerings.h"
#include "OpSizes.h"

#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
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

/// Bytes of a tensor whose dynamic sizes are 1, or nothing where that leaves 63
/// bits.
std::optional<int64_t> getSizeInBytes(RankedTensorType tensor) {
  std::optional<int64_t> bytes = tensor.getElementTypeBitWidth() / 8;
  for (int64_t size : tensor.getShape())
    if (bytes && !ShapedType::isDynamic(size))
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
  void nameDims();
  void requireResultSizes();
  Value getResultBuffer(Operation *op);
  LogicalResult lowerOp(Operation *op);
  /// Lowers `op` to a kernel that computes `last`, the last of the ops that
  /// are fused to it, or itself; `further` are the operands of those.
  template <typename OpT>
  LogicalResult lowerScheduled(OpT op, Operation *last, ValueRange further = {});
  template <typename Problem>
  Value prepare(const Preparation<Problem> &preparation, const Problem &problem,
                const Schedule &schedule, Value operand, ArrayRef<Size> operandShape,
                StringRef kernelName, Location loc);
  Value allocate(MemRefType type, Location loc, ValueRange dynamicSizes = {});
  void copy(Value from, Value to, Location loc);
  LaunchOp emitKernel(StringRef name, Location loc, ValueRange buffers, int64_t numWarps,
                      const TileGrid &tiles, KernelSizes sizes, HostSizes &hostSizes,
                      llvm::function_ref<void(KernelBuilder &)> emit);
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
  /// The sizes of each tensor.
  llvm::DenseMap<Value, SmallVector<Size>> shapes;
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
      if (!getSizeInBytes(cast<RankedTensorType>(type)))
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
  nameDims();
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
void FunctionLowering::nameDims() {
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

/// Where an operation's result goes: to the first result of the function that
/// is this value, or to a temporary.
Value FunctionLowering::getResultBuffer(Operation *op) {
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

/// A temporary.
Value FunctionLowering::allocate(MemRefType type, Location loc, ValueRange dynamicSizes) {
  ++numTemporaries;
  auto alloc = memref::AllocOp::create(builder, loc, type, dynamicSizes);
  alloc->setAttr("nn.name", builder.getStringAttr(uniqueName("t")));
  return alloc;
}

/// Launches what writes `operand` in another order; returns where to.
template <typename Problem>
Value FunctionLowering::prepare(const Preparation<Problem> &preparation, const Problem &problem,
                                const Schedule &schedule, Value operand,
                                ArrayRef<Size> operandShape, StringRef kernelName, Location loc) {
  auto type = cast<MemRefType>(operand.getType());
  auto shape = preparation.shape(problem, schedule);
  Value prepared =
      allocate(getGlobalMemRef(type.cloneWith(ArrayRef(shape), type.getElementType())), loc);
  SmallVector<Value> arguments{operand, prepared};
  TileGrid grid = preparation.grid(problem, schedule);
  std::string name = (kernelName + "_" + preparation.name).str();
  KernelSizes sizes;
  sizes.memrefs.emplace_back(operandShape.begin(), operandShape.end());
  sizes.memrefs.emplace_back(shape.begin(), shape.end());
  for (const auto &axes : grid.dims)
    for (const TileGrid::Axis &axis : axes)
      sizes.tiles[axis.letter] = axis.tiles;
  HostSizes hostSizes(loc, builder);
  emitKernel(name, loc, arguments, preparation.numWarps, grid, std::move(sizes), hostSizes,
             [&](KernelBuilder &b) { preparation.emit(problem, schedule, b); });
  return prepared;
}

StringAttr FunctionLowering::getName(Value buffer) {
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    return host.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "nn.name");
  return buffer.getDefiningOp()->getAttrOfType<StringAttr>("nn.name");
}

/// What each dimension of a grid is at most.
static std::array<int64_t, 3> getGridBounds(ArrayRef<Size> grid) {
  return {grid[0].max, grid[1].max, grid[2].max};
}

/// A kernel on these buffers and its launch. The buffers' sizes and the numbers of
/// tiles are in `sizes`.
LaunchOp FunctionLowering::emitKernel(StringRef name, Location loc, ValueRange buffers,
                                      int64_t numWarps, const TileGrid &tiles, KernelSizes sizes,
                                      HostSizes &hostSizes,
                                      llvm::function_ref<void(KernelBuilder &)> emit) {
  const int64_t limits[] = {gpu.maxGridX, gpu.maxGridYZ, gpu.maxGridYZ};
  SmallVector<Size> grid;
  for (auto [axes, limit] : llvm::zip(tiles.dims, limits)) {
    Size blocks = hostSizes.product(llvm::map_to_vector(
        axes, [&](const TileGrid::Axis &axis) { return sizes.tiles.lookup(axis.letter); }));
    grid.push_back(hostSizes.requireAtMost(blocks, limit, "a grid"));
  }

  auto kernels = OpBuilder::atBlockEnd(module.getBody());
  auto type = builder.getFunctionType(buffers.getTypes(), {});
  auto kernel = FuncOp::create(kernels, loc, name, type, numWarps, getGridBounds(grid));
  symbols.insert(kernel);
  ++numKernels;
  KernelBuilder kernelBuilder(loc, kernel, tiles, std::move(sizes), hostSizes);
  emit(kernelBuilder);

  ImplicitLocOpBuilder b(loc, builder);
  SmallVector<Value> arguments(buffers);
  for (auto [size, type] : llvm::zip_equal(kernelBuilder.finish(),
                                           kernel.getArgumentTypes().drop_front(buffers.size())))
    arguments.push_back(arith::IndexCastOp::create(b, type, size.value));
  auto launch = LaunchOp::create(b, FlatSymbolRefAttr::get(kernel.getSymNameAttr()),
                                 hostSizes.asValue(grid[0]), hostSizes.asValue(grid[1]),
                                 hostSizes.asValue(grid[2]), arguments);
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

  HostSizes hostSizes(op->getLoc(), builder);
  SmallVector<SmallVector<Size>> operandShapes;
  SmallVector<Value> arguments;
  SmallVector<Value> operands(op->getOperands());
  llvm::append_range(operands, further);
  for (Value operand : operands) {
    operandShapes.push_back(shapes[operand]);
    arguments.push_back(buffers.lookup(operand));
  }
  OpSizes sizes = findSizes(*problem, operandShapes, hostSizes);
  // What is fused adds tensors of the result's shape.
  for (SmallVector<Size> &shape : llvm::drop_begin(operandShapes, op->getNumOperands()))
    for (auto [size, expected] : llvm::zip_equal(shape, sizes.result))
      hostSizes.requireEqual(size, expected, "the sizes of a residual");
  for (auto [operand, shape] : llvm::zip_equal(operands, operandShapes))
    shapes[operand] = shape;
  shapes[last->getResult(0)] = sizes.result;
  std::string name = nn::getKernelName(op);
  KernelSizes kernelSizes;
  kernelSizes.memrefs = operandShapes;
  if (const auto *preparation = lowering->preparation) {
    Value prepared = prepare(*preparation, *problem, schedule, arguments[preparation->operand],
                             operandShapes[preparation->operand], name, op->getLoc());
    arguments.push_back(prepared);
    ArrayRef<int64_t> shape = cast<MemRefType>(prepared.getType()).getShape();
    kernelSizes.memrefs.emplace_back(shape.begin(), shape.end());
  }
  Value result = getResultBuffer(last);
  arguments.push_back(result);

  kernelSizes.memrefs.push_back(sizes.result);
  kernelSizes.outermostAxis = sizes.outermostAxis;
  for (const auto &axes : tiles->dims)
    for (const TileGrid::Axis &axis : axes) {
      auto extent = sizes.extents.find(axis.letter);
      kernelSizes.tiles[axis.letter] = extent == sizes.extents.end() || extent->second.isStatic()
                                           ? Size(axis.tiles)
                                           : hostSizes.tiles(extent->second, axis.block);
    }
  LaunchOp launched =
      emitKernel(name, op->getLoc(), arguments, schedule.numWarps, *tiles, std::move(kernelSizes),
                 hostSizes, [&](KernelBuilder &b) { lowering->emit(*problem, schedule, b); });
  launched->setAttr("nn.op", builder.getStringAttr(op->getName().getStringRef()));
  if (auto computed = last->getAttrOfType<IntegerAttr>("nn.index"))
    launched->setAttr("nn.index", computed);
  buffers.map(last->getResult(0), result);
  return success();
}

/// A kernel that copies element by element, for results that no operation writes.
void FunctionLowering::copy(Value from, Value to, Location loc) {
  constexpr int64_t tileSize = 1024, numWarps = 4;
  auto type = cast<MemRefType>(buffers.lookup(from).getType());
  HostSizes hostSizes(loc, builder);
  SmallVector<Size> shape = shapes[from];
  Size elements = hostSizes.product(shape);
  TileGrid grid;
  grid.dims[0].push_back({'e', elements.max, tileSize, 0});
  KernelSizes sizes;
  sizes.memrefs = {shape, shape};
  sizes.tiles['e'] = hostSizes.tiles(elements, tileSize);
  auto emit = [&](KernelBuilder &b) {
    auto tile = RankedTensorType::get(tileSize, type.getElementType());
    Value start = b.getTileStart('e');
    constexpr int64_t dims[] = {0}, strides[] = {1};
    Value loaded = LoadOp::create(b, tile, b.flatten(b.getOperand(0)), start, dims, strides);
    StoreOp::create(b, loaded, b.flatten(b.getResult()), start, dims, strides);
  };
  emitKernel("copy", loc, {buffers.lookup(from), to}, numWarps, grid, std::move(sizes), hostSizes,
             emit);
}

/// Has the plan know the sizes of the results.
void FunctionLowering::requireResultSizes() {
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
      copy(tensor, result, body.getTerminator()->getLoc());
  requireResultSizes();
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
