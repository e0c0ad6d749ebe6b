//===- CheckKernel.cpp - What can be distributed over threads -------------===//
//
// The rules that the patterns of this conversion rely on, so that IR that
// breaks one gets an error that says so.
//
//===----------------------------------------------------------------------===//

#include "CopyWarps.h"
#include "StagedStore.h"
#include "TileToGPU.h"

#include "poolc/Transforms/Tile/Layout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// Pointers are bare, so sizes must be in the type or said by a view; addresses
/// have 64 bits.
static LogicalResult checkMemRef(Operation *op, MemRefType memref) {
  auto getMemRef = [](auto access) -> Value { return access.getMemref(); };
  Value accessed = llvm::TypeSwitch<Operation *, Value>(op)
                       .Case<LoadOp, StoreOp, CopyOp, CopySpanOp, WriteRowsOp>(getMemRef)
                       .Default(Value());
  // Windows overlap: they are more than there is memory. Products of rows say where these lie.
  if (isa<WindowsOp, DotRowsOp>(op) || (accessed && accessed.getDefiningOp<WindowsOp>()))
    return success();
  if (!memref.hasStaticShape()) {
    if (isa<FuncOp, ReshapeOp>(op))
      return success();
    if (!accessed)
      return op->emitOpError("expected memrefs of static shape, got ") << memref;
    if (!saysSizes(accessed))
      return op->emitOpError("expected a tile.reshape that says the sizes of ") << memref;
  }
  std::optional<int64_t> bytes = getElementBytes(memref.getElementType());
  if (!bytes)
    return op->emitOpError("expected memrefs of numbers of 8, 16, 32 or 64 bits, got ") << memref;
  for (int64_t size : memref.getShape())
    if (!ShapedType::isDynamic(size))
      if (bytes = llvm::checkedMul(*bytes, std::max<int64_t>(size, 1)); !bytes)
        return op->emitOpError("expected memrefs of fewer than 2^63 bytes, got ") << memref;
  return success();
}

/// Of what is of that type: all warps have a part, and not too much of it.
static LogicalResult checkLayout(Operation *op, ShapedType type, BlockedAttr layout,
                                 int64_t numWarps) {
  if (int64_t warps = llvm::product_of(layout.getWarps()); warps != numWarps)
    return op->emitOpError("expected layouts for the kernel's num_warps = ")
           << numWarps << ", got " << warps << " in " << type;
  int64_t elements = layout.getElementsPerThread(type.getShape());
  if (elements > maxElementsPerThread)
    return op->emitOpError("expected tiles with at most ")
           << maxElementsPerThread << " elements for each thread, got " << elements << " in "
           << type << "; more warps hold more";
  return success();
}

static LogicalResult checkSize(Operation *op, TensorType type) {
  if (isTile(type))
    return success();
  return op->emitOpError("expected tiles of static shape with 1 to ")
         << maxTileElements << " elements and a rank of at least 1, got " << type;
}

static LogicalResult checkTile(Operation *op, TensorType type, int64_t numWarps) {
  if (failed(checkSize(op, type)))
    return failure();
  if (!VectorType::isValidElementType(type.getElementType()))
    return op->emitOpError("expected tiles of numbers, got ") << type;
  auto tile = cast<RankedTensorType>(type);
  BlockedAttr layout = getLayout(tile);
  if (!layout)
    return op->emitOpError("expected tiles with a layout, got ")
           << type << "; run tile-assign-layouts first";
  return checkLayout(op, type, layout, numWarps);
}

/// Operations on tiles must leave each element in its thread, or be those that
/// have a pattern of their own.
static LogicalResult checkOperation(Operation *op) {
  SmallVector<RankedTensorType> tiles;
  for (TypeRange types : {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
    for (Type type : types)
      if (auto tile = dyn_cast<RankedTensorType>(type))
        tiles.push_back(tile);
  if (tiles.empty())
    return success();
  if (OpTrait::hasElementwiseMappableTraits(op)) {
    for (RankedTensorType tile : tiles)
      if (tile.getEncoding() != tiles.front().getEncoding())
        return op->emitOpError("expected tiles of one layout, got ")
               << tiles.front() << " and " << tile;
    return success();
  }
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (!isa<SplatElementsAttr>(constant.getValue()))
      return op->emitOpError("expected one value for all elements of a tile");
    return success();
  }
  if (isa_and_present<TileDialect>(op->getDialect()) ||
      isa<scf::ForOp, scf::IfOp, scf::WhileOp, scf::ConditionOp, scf::YieldOp>(op))
    return success();
  return op->emitOpError("expected an operation that keeps elements in their threads");
}

/// Groups of four warps have boxes of their own, in memory that nothing else uses.
static LogicalResult checkBoxes(StoreOp store) {
  if (!store.getMap())
    return success();
  auto kernel = store->getParentOfType<FuncOp>();
  std::optional<CopyWarps> warps = CopyWarps::of(kernel);
  RankedTensorType type = store.getTile().getType();
  BlockedAttr layout = getLayout(type);
  int64_t numWarps = kernel.getNumWarps(), numColumns = type.getDimSize(1);
  constexpr int64_t warpsPerGroup = 4;
  if (!warps || warps->storing != 0)
    return store.emitOpError("expected a kernel with warps that only copy, and none that only "
                             "store, for a map");
  if (!isWarpgroupLayout(layout, type.getDimSize(0), numColumns, numWarps) ||
      layout.getCoverage(1) != numWarps / warpsPerGroup * getBoxColumns(store))
    return store.emitOpError(
               "expected a layout of which four warps have the columns of a box for a "
               "map, got ")
           << type;
  return success();
}
static LogicalResult checkBoxes(LoadOp) { return success(); }

/// Warps that only copy know which stage is next.
static LogicalResult checkAddBoxes(AddBoxesOp add) {
  auto kernel = add->getParentOfType<FuncOp>();
  RankedTensorType type = add.getTile().getType();
  if (!CopyWarps::of(kernel) || !add.getStage() || !add.getMemory().getDefiningOp<AllocOp>() ||
      add->getBlock() != &kernel.getBody().front())
    return add.emitOpError("expected a stage of an allocation, in a kernel with warps that only "
                           "copy, in no branch or loop; run tile-pipeline first");
  if (!isWarpgroupLayout(getLayout(type), type.getDimSize(0), type.getDimSize(1),
                         kernel.getNumWarps()))
    return add.emitOpError("expected the layout of products of four warps, got ") << type;
  return success();
}

/// Groups of `vector` elements must belong to one thread.
template <typename AccessOp> static LogicalResult checkAccess(AccessOp op, BlockedAttr layout) {
  int64_t vector = op.getVector(), adjacent = layout.getSizePerThread().back();
  if (adjacent % vector != 0)
    return op.emitOpError("expected a layout with a multiple of vector ")
           << vector << " elements for each thread in the last dimension, got " << adjacent;
  return success();
}

/// Either warps that only copy have objects of their own, or the copy says which one it tells.
static LogicalResult checkBulkCopy(Operation *copy, FuncOp kernel, bool tells) {
  bool hasWarps = CopyWarps::of(kernel).has_value();
  if (!hasWarps && !tells)
    return copy->emitOpError("expected a kernel with warps that only copy");
  if (hasWarps && tells)
    return copy->emitOpError("expected no object to tell in a kernel with warps that only copy");
  return success();
}

/// The layout of a copy is held against its destination as that of a tile.
static LogicalResult checkCopy(CopyOp copy, int64_t numWarps) {
  if (!copy.getLayoutAttr())
    return copy.emitOpError("expected a layout; run tile-assign-layouts first");
  // Only those can end within a group.
  if (copy.getSkewed() && !copy.getAsync())
    return copy.emitOpError("expected an asynchronous copy of skewed rows");
  MemRefType destination = copy.getDestination().getType();
  BlockedAttr layout = copy.getLayoutAttr();
  if (destination.getRank() != layout.getRank())
    return copy.emitOpError("expected a layout of rank ")
           << destination.getRank() << ", got " << layout;
  auto tile = RankedTensorType::get(destination.getShape(), destination.getElementType());
  if (failed(checkSize(copy, tile)) || failed(checkLayout(copy, tile, layout, numWarps)))
    return failure();
  return checkAccess(copy, layout);
}

static LogicalResult checkDotRows(DotRowsOp dot) {
  RankedTensorType type = dot.getAccumulator().getType();
  BlockedAttr wanted = chooseRowsLayout(dot.getContext(), type.getDimSize(0), type.getDimSize(1),
                                        dot->getParentOfType<FuncOp>().getNumWarps());
  if (!wanted || wanted.getElementsPerThread(1, type.getDimSize(1)) != 2)
    return dot.emitOpError("expected 16 columns for each warp, got a tile of ")
           << type.getDimSize(0) << " x " << type.getDimSize(1);
  if (getLayout(type) != wanted)
    return dot.emitOpError("expected an accumulator with the layout ")
           << wanted << ", got " << getLayout(type);
  return success();
}

/// The accumulator's threads hold what the instruction gives them, and all of it.
static LogicalResult checkDot(DotOp dot) {
  RankedTensorType type = dot.getAccumulator().getType();
  BlockedAttr layout = getLayout(type);
  for (int64_t d = 0; d != 2; ++d)
    if (type.getDimSize(d) % layout.getCoverage(d) != 0)
      return dot.emitOpError("expected a layout that covers a divisor of ")
             << type.getDimSize(d) << " in dimension " << d << ", got " << layout.getCoverage(d);
  if (dot.getArithmetic() == Arithmetic::fma)
    return success();
  if (dot.isOfWarpgroups()) {
    BlockedAttr wanted = chooseWarpgroupLayout(dot, dot->getParentOfType<FuncOp>().getNumWarps());
    if (!wanted)
      return dot.emitOpError("expected groups of four warps and a multiple of 16 ")
             << (dot.readsChunks() ? "rows" : "columns") << " for each warp, got a tile of "
             << type.getDimSize(0) << " x " << type.getDimSize(1);
    if (layout != wanted)
      return dot.emitOpError("expected an accumulator with the layout ")
             << wanted << ", got " << layout;
    return success();
  }
  ArrayRef<int64_t> size = layout.getSizePerThread();
  bool isFragment = size[0] == 1 && size[1] % 2 == 0 && !layout.getColumnsOfLanes() &&
                    layout.getThreadsPerWarp() == ArrayRef<int64_t>{8, 4} &&
                    layout.getElementsPerThread(0, type.getDimSize(0)) % 2 == 0;
  bool isSwapped = size == ArrayRef<int64_t>{2, 1} && layout.getColumnsOfLanes() &&
                   layout.getThreadsPerWarp() == ArrayRef<int64_t>{4, 8} &&
                   layout.getElementsPerThread(1, type.getDimSize(1)) % 2 == 0;
  if (!isFragment && !(isSwapped && dot.canSwapRoles()))
    return dot.emitOpError("expected an accumulator with the layout of tensor core fragments, "
                           "size_per_thread [1, 2], [1, 4] or [1, 8] and threads_per_warp [8, 4] "
                           "with an even number of rows in each thread, got ")
           << layout;
  return success();
}

/// Each thread has elements of its own, all of them in the tile, for which x is
/// there.
static LogicalResult checkCorrelate(CorrelateOp correlate) {
  RankedTensorType type = correlate.getAccumulator().getType();
  BlockedAttr layout = getLayout(type);
  for (int64_t d = 0; d != 3; ++d)
    if (type.getDimSize(d) % layout.getCoverage(d) != 0)
      return correlate.emitOpError("expected a layout that covers a divisor of ")
             << type.getDimSize(d) << " in dimension " << d << ", got " << layout.getCoverage(d);
  return success();
}

/// Each window lies in one thread.
static LogicalResult checkWindowSum(WindowSumOp sums) {
  RankedTensorType type = sums.getSource().getType();
  BlockedAttr from = getLayout(type), to = getLayout(sums.getResult().getType());
  int64_t dim = sums.getDim();
  if (!sums.isAlongLast()) {
    if (from.getThreadsPerWarp()[dim] * from.getWarps()[dim] != 1 ||
        (!sums.getWindows() && from.getSizePerThread()[dim] != 1))
      return sums.emitOpError("expected a layout with all of dimension ")
             << dim << " in each thread, got " << from;
    if (from != to)
      return sums.emitOpError("expected a result with the layout of the source, ")
             << from << ", got " << to;
    return success();
  }
  BlockedAttr groups = from.getGroupLayout(sums.getStride());
  if (!groups)
    return sums.emitOpError("expected a layout with a multiple of stride ")
           << sums.getStride() << " elements for each thread in the last dimension, got " << from;
  if (groups != to)
    return sums.emitOpError("expected a result with the layout ") << groups << ", got " << to;
  return success();
}

LogicalResult poolc::checkKernel(FuncOp kernel) {
  if (!llvm::hasSingleElement(kernel.getBody()))
    return kernel.emitOpError("expected a body of one block");
  int64_t numWarps = kernel.getNumWarps();
  auto checkTypes = [&](Operation *op, TypeRange types) -> LogicalResult {
    for (Type type : types) {
      if (isGlobalMemRef(type) && failed(checkMemRef(op, cast<MemRefType>(type))))
        return failure();
      if (auto tile = dyn_cast<TensorType>(type); tile && failed(checkTile(op, tile, numWarps)))
        return failure();
    }
    return success();
  };
  return failure(kernel
                     .walk<WalkOrder::PreOrder>([&](Operation *op) -> WalkResult {
                       if (isa<LaunchOp>(op))
                         return op->emitOpError("expected to be outside of kernels");
                       for (Region &region : op->getRegions())
                         for (Block &block : region)
                           if (failed(checkTypes(op, block.getArgumentTypes())))
                             return WalkResult::interrupt();
                       if (failed(checkTypes(op, op->getOperandTypes())) ||
                           failed(checkTypes(op, op->getResultTypes())) ||
                           failed(checkOperation(op)))
                         return WalkResult::interrupt();
                       return llvm::TypeSwitch<Operation *, LogicalResult>(op)
                           .Case<LoadOp, StoreOp>([](auto access) {
                             if (failed(checkBoxes(access)))
                               return failure();
                             return checkAccess(access, getLayout(access.getTile().getType()));
                           })
                           .Case<CopyOp>([&](CopyOp copy) {
                             return checkCopy(copy, getNumCopyingWarps(kernel));
                           })
                           .Case<CopyBoxesOp, CopyRunsOp>([&](auto copy) {
                             return checkBulkCopy(copy, kernel, copy.getObjects() != nullptr);
                           })
                           .Case<AddBoxesOp>([](AddBoxesOp add) { return checkAddBoxes(add); })
                           .Case<CorrelateOp>([](CorrelateOp op) { return checkCorrelate(op); })
                           .Case<DotOp>([](DotOp dot) { return checkDot(dot); })
                           .Case<DotRowsOp>([](DotRowsOp dot) { return checkDotRows(dot); })
                           .Case<WindowSumOp>([](WindowSumOp sums) { return checkWindowSum(sums); })
                           .Default(success());
                     })
                     .wasInterrupted());
}
