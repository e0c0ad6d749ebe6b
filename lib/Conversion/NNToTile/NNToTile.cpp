//===- NNToTile.cpp - Each nn operation becomes a kernel ------------------===//

#include "HostFunction.h"
#include "Lowerings.h"
#include "OpSizes.h"

#include "poolc/Conversion/Passes.h"
#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Schedule/CopyWarps.h"
#include "poolc/Schedule/Streaming.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace poolc {
#define GEN_PASS_DEF_NNTOTILE
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// Turns one function on tensors into a host function and kernels.
class FunctionLowering {
public:
  /// `source` is one that checkHostFunction accepted.
  FunctionLowering(func::FuncOp source, ModuleOp module, const GPU &gpu)
      : source(source), module(module), gpu(gpu), builder(source), host(source, builder),
        symbols(module) {}

  LogicalResult run();

  unsigned getNumKernels() const { return numKernels; }
  unsigned getNumTemporaries() const { return host.numTemporaries; }

private:
  LogicalResult lowerOp(Operation *op);
  /// Lowers `op` to a kernel that computes `last`, the last of the ops that
  /// are fused to it, or itself; `further` are the operands of those.
  template <typename OpT>
  LogicalResult lowerScheduled(OpT op, Operation *last, ValueRange further = {});
  /// What the copy engine copies from or stores to, and the memory of its map.
  struct MappedTensor {
    Value buffer;
    SmallVector<Size> shape;
    Value map;
  };
  template <typename Problem>
  Value prepare(const Preparation<Problem> &preparation, const Problem &problem,
                const Schedule &schedule, ArrayRef<Value> operands,
                ArrayRef<SmallVector<Size>> shapes, ArrayRef<MappedTensor> mapped,
                StringRef kernelName, Location loc);
  Value allocateMap(Value operand, Location loc);
  /// Launches what computes parts of sums from `arguments`, buffers with the shapes
  /// `memrefs`; returns where to.
  template <typename Problem>
  Value sumParts(const Lowering<Problem> &lowering, const Problem &problem,
                 const Schedule &schedule, ArrayRef<Value> arguments,
                 ArrayRef<SmallVector<Size>> memrefs, StringRef kernelName, Location loc);
  void copy(Value from, Value to, Location loc);
  LaunchOp emitKernel(StringRef name, Location loc, ValueRange buffers, int64_t numWarps,
                      const TileGrid &tiles, KernelSizes sizes, HostSizes &hostSizes,
                      llvm::function_ref<void(KernelBuilder &)> emit);

  func::FuncOp source;
  ModuleOp module;
  const GPU &gpu;
  OpBuilder builder;
  HostFunction host;
  SymbolTable symbols;
  unsigned numKernels = 0;
};

} // namespace

/// Memory for the map by which the copy engine finds boxes of `operand`.
Value FunctionLowering::allocateMap(Value operand, Location loc) {
  constexpr int64_t bits = 128 * 8;
  Type element = cast<MemRefType>(operand.getType()).getElementType();
  auto type = MemRefType::get({bits / element.getIntOrFloatBitWidth()}, element);
  return host.allocate(getGlobalMemRef(type), loc);
}

/// Launches what writes an operand in another order, and the maps of others; returns where to.
template <typename Problem>
Value FunctionLowering::prepare(const Preparation<Problem> &preparation, const Problem &problem,
                                const Schedule &schedule, ArrayRef<Value> operands,
                                ArrayRef<SmallVector<Size>> shapes, ArrayRef<MappedTensor> mapped,
                                StringRef kernelName, Location loc) {
  Value operand = operands[preparation.operand];
  auto type = cast<MemRefType>(operand.getType());
  auto shape = preparation.shape(problem, schedule);
  Value prepared =
      host.allocate(getGlobalMemRef(type.cloneWith(ArrayRef(shape), type.getElementType())), loc);
  SmallVector<Value> arguments{operand};
  TileGrid grid = preparation.grid(problem, schedule);
  std::string name = (kernelName + "_" + preparation.name).str();
  KernelSizes sizes;
  sizes.memrefs.push_back(shapes[preparation.operand]);
  for (const MappedTensor &tensor : mapped) {
    arguments.append({tensor.buffer, tensor.map});
    ArrayRef<int64_t> shapeOfMap = cast<MemRefType>(tensor.map.getType()).getShape();
    sizes.memrefs.push_back(tensor.shape);
    sizes.memrefs.emplace_back(shapeOfMap.begin(), shapeOfMap.end());
  }
  arguments.push_back(prepared);
  sizes.memrefs.emplace_back(shape.begin(), shape.end());
  for (const auto &axes : grid.dims)
    for (const TileGrid::Axis &axis : axes)
      sizes.tiles[axis.letter] = axis.tiles;
  HostSizes hostSizes(loc, builder);
  emitKernel(name, loc, arguments, preparation.numWarps, grid, std::move(sizes), hostSizes,
             [&](KernelBuilder &b) { preparation.emit(problem, schedule, b); });
  return prepared;
}

template <typename Problem>
Value FunctionLowering::sumParts(const Lowering<Problem> &lowering, const Problem &problem,
                                 const Schedule &schedule, ArrayRef<Value> arguments,
                                 ArrayRef<SmallVector<Size>> memrefs, StringRef kernelName,
                                 Location loc) {
  SmallVector<int64_t> shape = lowering.splitting->shape(problem, schedule);
  auto type = MemRefType::get(shape, builder.getF32Type());
  Value parts = host.allocate(getGlobalMemRef(type), loc);
  SmallVector<Value> buffers(arguments);
  buffers.push_back(parts);
  KernelSizes sizes;
  sizes.memrefs.assign(memrefs.begin(), memrefs.end());
  sizes.memrefs.emplace_back(shape.begin(), shape.end());
  TileGrid grid = llvm::cantFail(makeTileGrid(problem, schedule));
  for (const auto &axes : grid.dims)
    for (const TileGrid::Axis &axis : axes)
      sizes.tiles[axis.letter] = axis.tiles;
  HostSizes hostSizes(loc, builder);
  emitKernel(kernelName, loc, buffers, schedule.numWarps, grid, std::move(sizes), hostSizes,
             [&](KernelBuilder &b) { lowering.emit(problem, schedule, b); });
  return parts;
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
  launch->setAttr("nn.result", host.getName(buffers.back()));
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

/// One block for each SM; where they keep weights, as many as take tiles of the same output
/// channels each.
static int64_t countBlocks(const GPU &gpu, const Conv1dProblem &problem, const Schedule &schedule) {
  bool keepsWeights = Conv1dPacked(problem, schedule).keepsWeights;
  return keepsWeights ? llvm::alignDown(gpu.numSMs, countChannelTiles(problem, schedule))
                      : gpu.numSMs;
}
template <typename Problem>
static int64_t countBlocks(const GPU &gpu, const Problem &, const Schedule &) {
  return gpu.numSMs;
}

/// Blocks of which some warps only copy.
template <typename Problem>
static void copyApart(const GPU &gpu, const Problem &problem, const Schedule &schedule,
                      KernelBuilder &b) {
  RoleRegisters registers = divideRegisters(gpu, schedule);
  b.limitRegisters(registers.compiled);
  b.copyApart(schedule.copyWarps, schedule.storeWarps, registers.ofOthers, registers.ofProducts,
              countBlocks(gpu, problem, schedule));
}

template <typename OpT>
LogicalResult FunctionLowering::lowerScheduled(OpT op, Operation *last, ValueRange further) {
  auto scheduled = op->template getAttrOfType<nn::ScheduleAttr>("nn.schedule");
  if (!scheduled)
    return op->emitOpError("expected a schedule (nn.schedule); run nn-select-schedule first");
  Schedule schedule = scheduled.getValue();
  auto interface = cast<nn::ScheduledOpInterface>(op.getOperation());
  if (llvm::Error error = interface.verifySchedule(gpu, schedule))
    return op->emitOpError() << llvm::toString(std::move(error));
  auto problem = asScheduled(*op.getProblem(), schedule);
  auto lowerings = getLowerings(problem);
  const auto *lowering = llvm::find_if(
      lowerings, [&](const auto &lowering) { return lowering.algorithm == schedule.algorithm; });
  if (lowering == lowerings.end())
    return op->emitOpError() << "expected an algorithm that has a lowering to tiles, got "
                             << schedule.algorithm;
  HostSizes hostSizes(op->getLoc(), builder);
  SmallVector<SmallVector<Size>> operandShapes;
  SmallVector<Value> arguments;
  SmallVector<Value> operands(op->getOperands());
  llvm::append_range(operands, further);
  for (Value operand : operands) {
    operandShapes.push_back(host.shape(operand));
    arguments.push_back(host.getBuffer(operand));
  }
  OpSizes sizes = findSizes(problem, operandShapes, hostSizes);
  // What is fused adds tensors of the result's shape.
  for (SmallVector<Size> &shape : llvm::drop_begin(operandShapes, op->getNumOperands()))
    for (auto [size, expected] : llvm::zip_equal(shape, sizes.result))
      hostSizes.requireEqual(size, expected, "the sizes of a residual");
  for (auto [operand, shape] : llvm::zip_equal(operands, operandShapes))
    host.shape(operand) = shape;
  host.shape(last->getResult(0)) = sizes.result;
  std::string name = nn::getKernelName(op);
  KernelSizes kernelSizes;
  kernelSizes.memrefs = operandShapes;
  Value result;
  const auto *preparation = lowering->preparation;
  if (preparation && (!preparation->applies || preparation->applies(problem, schedule))) {
    SmallVector<MappedTensor> mapped;
    auto map = [&](Value buffer, ArrayRef<Size> shape) {
      mapped.push_back({buffer, SmallVector<Size>(shape), allocateMap(buffer, op->getLoc())});
    };
    if (preparation->mapsResult && preparation->mapsResult(problem, schedule)) {
      result = host.getResultBuffer(last);
      map(result, sizes.result);
    }
    if (preparation->mapped)
      for (unsigned operand : preparation->mapped(problem, schedule))
        map(arguments[operand], operandShapes[operand]);
    Value prepared = prepare(*preparation, problem, schedule, arguments, operandShapes, mapped,
                             name, op->getLoc());
    auto pass = [&](Value buffer) {
      arguments.push_back(buffer);
      ArrayRef<int64_t> shape = cast<MemRefType>(buffer.getType()).getShape();
      kernelSizes.memrefs.emplace_back(shape.begin(), shape.end());
    };
    for (const MappedTensor &tensor : mapped)
      pass(tensor.map);
    pass(prepared);
  }
  auto emit = lowering->emit;
  if (const auto *splitting = lowering->splitting; splitting && splitting->applies(schedule)) {
    Value parts =
        sumParts(*lowering, problem, schedule, arguments, kernelSizes.memrefs, name, op->getLoc());
    // What was prepared has served.
    arguments.resize(operands.size());
    kernelSizes.memrefs.resize(operands.size());
    arguments.push_back(parts);
    ArrayRef<int64_t> shape = cast<MemRefType>(parts.getType()).getShape();
    kernelSizes.memrefs.emplace_back(shape.begin(), shape.end());
    schedule = splitting->finishing(problem, schedule);
    emit = splitting->emitFinishing;
    name += "_sum";
  }
  llvm::Expected<TileGrid> tiles = makeTileGrid(problem, schedule);
  if (!tiles)
    return op->emitOpError() << llvm::toString(tiles.takeError());
  if (!result)
    result = host.getResultBuffer(last);
  arguments.push_back(result);

  kernelSizes.memrefs.push_back(sizes.result);
  kernelSizes.outermostAxis = sizes.outermostAxis;
  for (const auto &axes : tiles->dims)
    for (const TileGrid::Axis &axis : axes) {
      if (!axis.wantedExtent) {
        kernelSizes.tiles[axis.letter] = axis.tiles;
        continue;
      }
      // Where the type does not say the extent, another operation may.
      Size extent = hostSizes.product(sizes.extents.lookup(axis.letter), axis.perUnit);
      // Of blocks that divide the extent, no coordinate then leaves 32 bits either. Of planes, more
      // would hardly fit any memory.
      constexpr int64_t most = 1 << 30;
      bool isLimited = axis.letter == 'p' || extent.factor % axis.block == 0;
      if (axis.letter == sizes.outermostAxis && axis.block > 1 && isLimited)
        extent = hostSizes.requireAtMost(extent, llvm::alignDown(uint64_t(most), axis.block),
                                         "a multiple of the sizes");
      kernelSizes.tiles[axis.letter] = hostSizes.tiles(extent, axis.block);
      if (axis.letter == sizes.outermostAxis)
        kernelSizes.outermostExtent = extent;
    }
  LaunchOp launched =
      emitKernel(name, op->getLoc(), arguments, schedule.numWarps, *tiles, std::move(kernelSizes),
                 hostSizes, [&](KernelBuilder &b) {
                   // Another operation may yet find some of what it reads too.
                   if (readsLeaveFirst(problem, gpu) && op->getOperand(0).hasOneUse())
                     b.evictReadsFirst();
                   else if (readsPartsOfLines(problem, gpu))
                     b.fetchLines();
                   if (storesStream(problem, gpu))
                     b.streamStores();
                   if (copiesWeightsByL1(problem, gpu, schedule))
                     b.copyWeightsByL1();
                   if (schedule.copyWarps != 0)
                     copyApart(gpu, problem, schedule, b);
                   emit(problem, schedule, b);
                   b.fitRegisters(std::min<int64_t>(
                       gpu.maxRegistersPerThread,
                       gpu.registersPerSM / (schedule.numWarps * int64_t(gpu.warpSize))));
                 });
  launched->setAttr("nn.op", builder.getStringAttr(op->getName().getStringRef()));
  if (auto computed = last->getAttrOfType<IntegerAttr>("nn.index"))
    launched->setAttr("nn.index", computed);
  host.setBuffer(last->getResult(0), result);
  return success();
}

/// A kernel that copies element by element, for results that no operation writes.
void FunctionLowering::copy(Value from, Value to, Location loc) {
  constexpr int64_t tileSize = 1024, numWarps = 4;
  auto type = cast<MemRefType>(host.getBuffer(from).getType());
  HostSizes hostSizes(loc, builder);
  SmallVector<Size> shape = host.shape(from);
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
  emitKernel("copy", loc, {host.getBuffer(from), to}, numWarps, grid, std::move(sizes), hostSizes,
             emit);
}

LogicalResult FunctionLowering::run() {
  Block &body = source.getBody().front();
  for (Operation &op : body.without_terminator())
    if (failed(lowerOp(&op)))
      return failure();
  Operation *terminator = body.getTerminator();
  for (auto [tensor, result] : llvm::zip(terminator->getOperands(), host.getResults()))
    if (host.getBuffer(tensor) != result)
      copy(tensor, result, terminator->getLoc());
  host.finish();
  source.erase();
  return success();
}

namespace {
struct NNToTilePass : poolc::impl::NNToTileBase<NNToTilePass> {
  void runOnOperation() override {
    auto target = getOperation()->getAttrOfType<StringAttr>(nn::NNDialect::targetAttr);
    const GPU *gpu = target ? lookupGPU(target) : nullptr;
    for (auto func : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      if (failed(checkHostFunction(func)))
        return signalPassFailure();
      FunctionLowering lowering(func, getOperation(), gpu ? *gpu : defaultGPU());
      if (failed(lowering.run()))
        return signalPassFailure();
      numKernels += lowering.getNumKernels();
      numTemporaries += lowering.getNumTemporaries();
    }
  }
};
} // namespace
