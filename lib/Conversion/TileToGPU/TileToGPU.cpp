//===- TileToGPU.cpp - Distribute tiles over threads ----------------------===//

#include "TileToGPU.h"
#include "BulkCopies.h"
#include "CopyWarps.h"
#include "SharedMemory.h"
#include "StagedStore.h"

#include "poolc/CodeGen/KernelAttributes.h"
#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/TypeSwitch.h"

namespace poolc {
#define GEN_PASS_DEF_TILETOGPU
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

static constexpr StringLiteral wantedModuleName = "kernels";
static constexpr int64_t warpSize = 32;

namespace {

struct ProgramIdPattern : OpConversionPattern<ProgramIdOp> {
  ProgramIdPattern(const TypeConverter &converter, MLIRContext *context,
                   std::optional<ArrayRef<int64_t>> grid)
      : OpConversionPattern(converter, context), grid(grid) {}

  LogicalResult matchAndRewrite(ProgramIdOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto dimension = static_cast<gpu::Dimension>(op.getAxis());
    auto id = gpu::BlockIdOp::create(rewriter, op.getLoc(), dimension);
    if (grid && (*grid)[op.getAxis()] > 0)
      id.setUpperBoundAttr(rewriter.getIndexAttr((*grid)[op.getAxis()]));
    rewriter.replaceOp(op, id.getResult());
    return success();
  }

private:
  std::optional<ArrayRef<int64_t>> grid;
};

struct ReturnPattern : OpConversionPattern<ReturnOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(ReturnOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<gpu::ReturnOp>(op);
    return success();
  }
};

} // namespace

/// Whether `user` might write to `memref`, itself or by another name of it.
static bool mightWrite(Operation *user, Value memref) {
  auto effects = dyn_cast<MemoryEffectOpInterface>(user);
  if (!effects || llvm::any_of(user->getResultTypes(), llvm::IsaPred<BaseMemRefType>))
    return true;
  SmallVector<MemoryEffects::EffectInstance> onMemRef;
  effects.getEffectsOnValue(memref, onMemRef);
  return llvm::any_of(onMemRef, [](const MemoryEffects::EffectInstance &effect) {
    return isa<MemoryEffects::Write>(effect.getEffect());
  });
}

/// What the accesses of a kernel need of the pointer `argument`.
static NamedAttrList getPointerAttributes(FuncOp kernel, BlockArgument argument) {
  bool isWritten = false;
  int64_t alignment = 1;
  SmallVector<Value> aliases{argument};
  while (!aliases.empty()) {
    Value alias = aliases.pop_back_val();
    for (Operation *user : alias.getUsers()) {
      if (isa<ViewLikeOpInterface>(user)) {
        llvm::append_range(aliases, user->getResults());
        continue;
      }
      isWritten |= mightWrite(user, alias);
      if (auto store = dyn_cast<StoreOp>(user); store && store.getStaged())
        alignment = std::max(alignment, getStagedVector(store));
      auto store = dyn_cast<StoreOp>(user);
      if (isa<AddBoxesOp, CopyBoxesOp, CopyRunsOp, MakeMapOp>(user) || (store && store.getMap()))
        alignment = std::max(alignment, getBulkAlignment(user, alias));
      alignment = llvm::TypeSwitch<Operation *, int64_t>(user)
                      .Case<LoadOp, StoreOp, CopyOp, CopySpanOp, WriteRowsOp>([&](auto access) {
                        return std::max<int64_t>(alignment, access.getVector());
                      })
                      .Case<DotRowsOp>([&](DotRowsOp dot) {
                        return std::max(alignment, dot.getVectors()[alias == dot.getA() ? 0 : 1]);
                      })
                      .Default(alignment);
    }
  }
  Builder b(kernel.getContext());
  Type element = cast<MemRefType>(argument.getType()).getElementType();
  NamedAttrList attributes;
  // LLVM takes what nothing else writes for memory that never changes; such loads pass barriers.
  bool passesBarriers =
      !kernel.walk([](WarpBarrierOp) { return WalkResult::interrupt(); }).wasInterrupted();
  if (isWritten || passesBarriers)
    attributes.set(LLVM::LLVMDialect::getNoAliasAttrName(), b.getUnitAttr());
  attributes.set(LLVM::LLVMDialect::getAlignAttrName(),
                 b.getI64IntegerAttr(alignment * *getElementBytes(element)));
  if (!isWritten)
    attributes.set(LLVM::LLVMDialect::getReadonlyAttrName(), b.getUnitAttr());
  return attributes;
}

/// What the pointer to a memref of dynamic shape is to the kernel: a memref in one
/// dimension with as many elements as there can be. Its views know the rest.
static MemRefType getFlatType(MemRefType memref) {
  int64_t bytes = *getElementBytes(memref.getElementType());
  return MemRefType::get({std::numeric_limits<int64_t>::max() / bytes}, memref.getElementType(),
                         MemRefLayoutAttrInterface{}, memref.getMemorySpace());
}

static bool hasDynamicShape(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && !memref.hasStaticShape();
}

/// An empty kernel with the arguments of `kernel`, memrefs of dynamic shape flat.
static gpu::GPUFuncOp createGPUFunc(OpBuilder &builder, FuncOp kernel) {
  auto arguments = llvm::map_to_vector(kernel.getArgumentTypes(), [](Type type) -> Type {
    return hasDynamicShape(type) ? getFlatType(cast<MemRefType>(type)) : type;
  });
  auto func = gpu::GPUFuncOp::create(builder, kernel.getLoc(), kernel.getName(),
                                     builder.getFunctionType(arguments, {}));
  func->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), builder.getUnitAttr());
  std::optional<CopyWarps> warps = CopyWarps::of(kernel);
  int32_t threads = (kernel.getNumWarps() + (warps ? warps->count() : 0)) * warpSize;
  func.setKnownBlockSizeAttr(builder.getDenseI32ArrayAttr({threads, 1, 1}));
  if (auto registers = kernel->getAttrOfType<IntegerAttr>("tile.max_registers"))
    func->setAttr(NVVM::NVVMDialect::getMaxnregAttrName(),
                  builder.getI32IntegerAttr(registers.getInt()));
  for (StringRef name : {CopyWarps::attribute, CopyWarps::tilesAttribute})
    if (Attribute attribute = kernel->getAttr(name))
      func->setAttr(name, attribute);
  auto isSwizzled = [](CopyOp copy) {
    return copy.getSwizzled() ? WalkResult::interrupt() : WalkResult::advance();
  };
  if (kernel.walk(isSwizzled).wasInterrupted())
    func->setAttr(swizzledSharedAttr, builder.getUnitAttr());
  SmallVector<StringRef> policies;
  if (kernel->hasAttr("tile.evict_first"))
    policies.push_back(evictFirstAttr);
  if (kernel->hasAttr("tile.fetch_lines"))
    policies.push_back(fetchLinesAttr);
  if (kernel->hasAttr("tile.stream_stores"))
    policies.push_back(streamStoresAttr);
  if (!policies.empty())
    func->setAttr("passthrough", builder.getStrArrayAttr(policies));
  for (BlockArgument argument : kernel.getBody().getArguments())
    if (isGlobalMemRef(argument.getType()))
      func.setArgAttrs(argument.getArgNumber(),
                       getPointerAttributes(kernel, argument).getDictionary(kernel.getContext()));
  return func;
}

static LogicalResult convertBody(FuncOp kernel, gpu::GPUFuncOp func, const SharedLayout &shared) {
  ThreadCoordinates threads;
  threads.emit(&kernel.getBody().front());

  Block &entry = func.getBody().front();
  entry.getOperations().splice(entry.end(), kernel.getBody().front().getOperations());
  for (auto [from, to] : llvm::zip_equal(kernel.getBody().getArguments(), entry.getArguments()))
    from.replaceAllUsesWith(to);

  MLIRContext *context = func.getContext();
  TypeConverter converter;
  converter.addConversion([](Type type) { return type; });
  converter.addConversion([](RankedTensorType type) -> Type { return getThreadVector(type); });

  ConversionTarget target(*context);
  target.markUnknownOpDynamicallyLegal([&](Operation *op) { return converter.isLegal(op); });
  target.addIllegalDialect<TileDialect>();
  // Accesses look through views; none is left then.
  target.addLegalOp<ViewOp, ReshapeOp, WindowsOp, SizeOp>();

  RewritePatternSet patterns(context);
  scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns, target);
  populateLoadStorePatterns(converter, threads, shared, patterns);
  populateCopyPatterns(converter, threads, patterns);
  populateBulkCopyPatterns(converter, shared, patterns);
  populateAddBoxesPatterns(converter, threads, patterns);
  populateChunkBoxesPatterns(converter, patterns);
  populateValuePatterns(converter, threads, patterns);
  populateCorrelatePatterns(converter, threads, patterns);
  populateWindowPatterns(converter, patterns);
  populateReducePatterns(converter, threads, shared, patterns);
  populateDotPatterns(converter, threads, patterns);
  populateRoundPatterns(converter, shared, patterns);
  populateSharedPatterns(converter, shared, patterns);
  patterns.add<ReturnPattern>(converter, context);
  patterns.add<ProgramIdPattern>(converter, context, kernel.getGrid());
  if (failed(applyPartialConversion(func, target, std::move(patterns))))
    return failure();
  // Accesses go to flat memory; other shapes of it are dead now.
  IRRewriter rewriter(context);
  func.walk([&](SizeOp size) {
    rewriter.setInsertionPoint(size);
    rewriter.replaceOpWithNewOp<arith::IndexCastUIOp>(size, rewriter.getIndexType(),
                                                      size.getValue());
  });
  (void)runRegionDCE(rewriter, func->getRegions());
  return success();
}

static void convertLaunch(LaunchOp launch, FuncOp kernel, StringAttr kernelModule,
                          int64_t sharedBytes) {
  ImplicitLocOpBuilder b(launch.getLoc(), launch);
  Value one = arith::ConstantIndexOp::create(b, 1);
  gpu::KernelDim3 grid{launch.getGridX(), launch.getGridY(), launch.getGridZ()};
  int64_t numWarps = kernel.getNumWarps();
  if (std::optional<CopyWarps> warps = CopyWarps::of(kernel)) {
    numWarps += warps->count();
    if (!warps->tiles.empty())
      grid = {arith::ConstantIndexOp::create(b, warps->blocks), one, one};
  }
  Value threads = arith::ConstantIndexOp::create(b, numWarps * warpSize);
  Value shared = arith::ConstantIntOp::create(b, sharedBytes, 32);
  auto symbol = SymbolRefAttr::get(kernelModule, {launch.getKernelAttr()});
  auto inputs = llvm::map_to_vector(launch.getInputs(), [&](Value input) -> Value {
    if (!hasDynamicShape(input.getType()))
      return input;
    MemRefType flat = getFlatType(cast<MemRefType>(input.getType()));
    return memref::ReinterpretCastOp::create(b, flat, input, /*offset=*/0, flat.getShape(),
                                             ArrayRef<int64_t>{1});
  });
  auto gpuLaunch = gpu::LaunchFuncOp::create(b, symbol, grid, gpu::KernelDim3{threads, one, one},
                                             shared, inputs);
  gpuLaunch->setDiscardableAttrs(launch->getDiscardableAttrDictionary());
  launch.erase();
}

/// Of a kernel whose blocks take several tiles each, how many tiles there are and how many blocks,
/// where its launches say.
static void shareTiles(LaunchOp launch, FuncOp kernel) {
  std::optional<CopyWarps> warps = CopyWarps::of(kernel);
  if (!warps)
    return;
  SmallVector<int64_t> tiles;
  for (Value size : {launch.getGridX(), launch.getGridY(), launch.getGridZ()})
    if (std::optional<int64_t> constant = getConstantIntValue(size))
      tiles.push_back(*constant);
  int64_t all = llvm::product_of(tiles);
  if (tiles.size() != 3 || all <= warps->blocks || all > std::numeric_limits<int32_t>::max())
    return;
  Builder b(launch.getContext());
  kernel->setAttr(CopyWarps::tilesAttribute, b.getDenseI64ArrayAttr(tiles));
}

/// Whether all operations on tiles are in kernels. Nested modules are their own.
static LogicalResult checkOutsideOfKernels(ModuleOp module) {
  return failure(module
                     .walk<WalkOrder::PreOrder>([&](Operation *op) -> WalkResult {
                       if (isa<FuncOp>(op) || (isa<ModuleOp>(op) && op != module))
                         return WalkResult::skip();
                       if (isa_and_present<TileDialect>(op->getDialect()) && !isa<LaunchOp>(op))
                         return op->emitOpError("expected to be inside of a tile.func");
                       return WalkResult::advance();
                     })
                     .wasInterrupted());
}

namespace {
struct TileToGPUPass : poolc::impl::TileToGPUBase<TileToGPUPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(checkOutsideOfKernels(module)))
      return signalPassFailure();
    auto kernels = llvm::to_vector(module.getOps<FuncOp>());
    if (kernels.empty())
      return;
    if (llvm::any_of(kernels, [](FuncOp kernel) { return failed(checkKernel(kernel)); }))
      return signalPassFailure();

    auto forEachLaunch = [&](function_ref<void(LaunchOp, FuncOp)> visit) {
      module.walk([&](LaunchOp launch) {
        auto kernel = SymbolTable::lookupNearestSymbolFrom<FuncOp>(launch, launch.getKernelAttr());
        if (kernel->getParentOp() == module)
          visit(launch, kernel);
      });
    };
    forEachLaunch(shareTiles);
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(), UnitAttr::get(&getContext()));
    SymbolTable symbols(module);
    auto builder = OpBuilder::atBlockEnd(module.getBody());
    auto kernelModule = gpu::GPUModuleOp::create(builder, module.getLoc(), wantedModuleName);
    StringAttr kernelModuleName = symbols.insert(kernelModule);
    builder.setInsertionPointToStart(kernelModule.getBody());
    llvm::StringMap<int64_t> sharedBytes;
    for (FuncOp kernel : kernels) {
      SharedLayout shared(kernel);
      sharedBytes[kernel.getName()] = shared.getBytes();
      if (failed(convertBody(kernel, createGPUFunc(builder, kernel), shared)))
        return signalPassFailure();
    }

    forEachLaunch([&](LaunchOp launch, FuncOp kernel) {
      convertLaunch(launch, kernel, kernelModuleName, sharedBytes.lookup(launch.getKernel()));
    });
    for (FuncOp kernel : kernels)
      kernel.erase();
  }
};
} // namespace
