//===- AssignLayouts.cpp - Decide which thread holds what -----------------===//

#include "poolc/Schedule/StagedRows.h"
#include "poolc/Target/Fragments.h"
#include "poolc/Transforms/Tile/Layout.h"
#include "poolc/Transforms/Tile/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

namespace poolc {
#define GEN_PASS_DEF_TILEASSIGNLAYOUTS
#include "poolc/Transforms/Tile/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// Tiles that must share a layout, and what decides it.
class LayoutGroups {
public:
  LayoutGroups(FuncOp kernel, bool dealsCopies) : kernel(kernel), dealsCopies(dealsCopies) {}

  LogicalResult collect() {
    return failure(kernel
                       .walk([&](Operation *op) {
                         llvm::for_each(op->getResults(), [&](Value value) { add(value); });
                         return failed(relate(op)) ? WalkResult::interrupt()
                                                   : WalkResult::advance();
                       })
                       .wasInterrupted());
  }

  /// Sets the types of all tiles; returns the number of groups.
  FailureOr<unsigned> assign() {
    unsigned count = 0;
    for (const auto *leader : groups) {
      if (!leader->isLeader())
        continue;
      ++count;
      if (failed(assignGroup(leader->getData())))
        return failure();
    }
    return count;
  }

private:
  static RankedTensorType tileType(Value value) {
    return dyn_cast<RankedTensorType>(value.getType());
  }

  void add(Value value) {
    if (tileType(value))
      groups.insert(value.getAsOpaquePointer());
  }

  void unite(Value a, Value b) {
    if (tileType(a) && tileType(b))
      groups.unionSets(a.getAsOpaquePointer(), b.getAsOpaquePointer());
  }

  void unite(ValueRange a, ValueRange b) {
    for (auto [x, y] : llvm::zip_equal(a, b))
      unite(x, y);
  }

  static LogicalResult checkTypes(Operation *op, TypeRange types) {
    for (Type type : types)
      if (isa<TensorType>(type) && !isTile(type))
        return op->emitOpError("expected tiles of static shape with 1 to ")
               << maxTileElements << " elements and a rank of at least 1, got " << type;
    return success();
  }

  /// Lanes that write 128 bytes at once stay in a row where rows are apart from each other: others
  /// may have the same banks.
  BlockedAttr chooseCopy(CopyOp copy) {
    MemRefType type = copy.getDestination().getType();
    // Groups of skewed rows have conditions of their own, which differ from row to row.
    if (!dealsCopies || copy.getSkewed())
      return chooseBlockedLayout(copy.getContext(), type.getShape(), copy.getVector(),
                                 getNumCopyingWarps(kernel));
    constexpr int64_t bytesAtOnce = 128;
    int64_t bytes = copy.getVector() * type.getElementTypeBitWidth() / 8;
    int64_t together = std::max<int64_t>(1, bytesAtOnce / std::max<int64_t>(1, bytes));
    return chooseCopyLayout(copy.getContext(), type.getShape(), copy.getVector(),
                            getNumCopyingWarps(kernel),
                            memref::isStaticShapeAndContiguousRowMajor(type) ? 1 : together);
  }

  LogicalResult relate(Operation *op) {
    if (failed(checkTypes(op, op->getResultTypes())))
      return failure();
    for (Region &region : op->getRegions())
      if (failed(checkTypes(op, region.getArgumentTypes())))
        return failure();
    if (auto constant = dyn_cast<arith::ConstantOp>(op))
      if (isa<TensorType>(constant.getType()) && !isa<SplatElementsAttr>(constant.getValue()))
        return op->emitOpError("expected one value for all elements of a tile");
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      unite(loop.getInitArgs(), loop.getRegionIterArgs());
      unite(loop.getInitArgs(), loop.getResults());
      unite(loop.getInitArgs(), loop.getYieldedValues());
      return success();
    }
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      if (branch.getNumResults() == 0)
        return success();
      unite(branch.thenYield().getOperands(), branch.getResults());
      unite(branch.elseYield().getOperands(), branch.getResults());
      return success();
    }
    if (auto copy = dyn_cast<CopyOp>(op)) {
      copy.setLayoutAttr(chooseCopy(copy));
      return success();
    }
    if (auto sums = dyn_cast<WindowSumOp>(op)) {
      if (!sums.isAlongLast())
        unite(sums.getSource(), sums.getResult());
      return success();
    }
    if (OpTrait::hasElementwiseMappableTraits(op) ||
        isa<AddBoxesOp, BroadcastOp, CorrelateOp, DotOp, DotRowsOp, ReduceOp>(op)) {
      SmallVector<Value> tiles;
      for (ValueRange values : {ValueRange(op->getOperands()), ValueRange(op->getResults())})
        llvm::copy_if(values, std::back_inserter(tiles), tileType);
      for (Value tile : tiles)
        unite(tiles.front(), tile);
      return success();
    }
    bool hasTiles =
        llvm::any_of(op->getOperands(), tileType) || llvm::any_of(op->getResults(), tileType) ||
        llvm::any_of(op->getRegions(),
                     [](Region &region) { return llvm::any_of(region.getArguments(), tileType); });
    if (!hasTiles || isa<AnyOp, LoadOp, StoreOp, IotaOp, arith::ConstantOp, scf::YieldOp>(op))
      return success();
    return op->emitOpError("expected an operation that keeps elements in their threads");
  }

  SmallVector<Value> getMembers(const void *tile) {
    SmallVector<Value> tiles;
    auto leader = groups.findLeader(tile);
    for (const void *member : llvm::make_range(leader, groups.member_end()))
      tiles.push_back(Value::getFromOpaquePointer(member));
    return tiles;
  }

  LogicalResult assignGroup(const void *leader) {
    if (auto [entry, isNew] = states.try_emplace(leader, State::inProgress); !isNew)
      return success();
    SmallVector<Value> tiles = getMembers(leader);
    FailureOr<BlockedAttr> layout = deriveLayout(tiles);
    if (succeeded(layout) && !*layout)
      layout = chooseLayout(tiles);
    if (failed(layout))
      return failure();
    for (Value tile : tiles)
      setLayout(tile, *layout);
    states[leader] = State::done;
    return success();
  }

  /// The layout that sums of groups of another tile's elements leave `tiles`,
  /// which is given its own first; null if there are none.
  FailureOr<BlockedAttr> deriveLayout(ArrayRef<Value> tiles) {
    BlockedAttr layout;
    for (Value tile : tiles) {
      auto sums = tile.getDefiningOp<WindowSumOp>();
      if (!sums || !sums.isAlongLast())
        continue;
      const void *source = *groups.findLeader(sums.getSource().getAsOpaquePointer());
      if (failed(assignGroup(source)))
        return failure();
      if (states[source] != State::done)
        return sums.emitOpError("expected a source whose layout does not depend on the result's");
      auto from = cast<BlockedAttr>(tileType(sums.getSource()).getEncoding());
      BlockedAttr derived = from.getGroupLayout(sums.getStride());
      if (!derived)
        return sums.emitOpError("expected stride to divide the ")
               << from.getSizePerThread().back() << " adjacent elements that a thread holds, got "
               << sums.getStride();
      if (layout && layout != derived)
        return sums.emitOpError("expected a result with the layout of what it meets, ")
               << layout << ", got " << derived;
      layout = derived;
    }
    return layout;
  }

  /// How many adjacent elements a thread must hold for the sums of groups of
  /// `tiles`' elements, and for sums of groups of those. `seen` are the tiles on the
  /// way there, which no sums lead back to in kernels that get a layout.
  int64_t countGrouped(ArrayRef<Value> tiles, SmallPtrSet<const void *, 4> seen) {
    if (!seen.insert(*groups.findLeader(tiles.front().getAsOpaquePointer())).second)
      return 1;
    int64_t most = 1;
    for (Value tile : tiles)
      for (Operation *user : tile.getUsers()) {
        auto sums = dyn_cast<WindowSumOp>(user);
        if (!sums || !sums.isAlongLast() || !llvm::isPowerOf2_64(sums.getStride()))
          continue;
        const void *result = *groups.findLeader(sums.getResult().getAsOpaquePointer());
        most = std::max<int64_t>(most, sums.getStride() * countGrouped(getMembers(result), seen));
      }
    return most;
  }

  /// Neighbouring columns of b that a thread had best have: those that its loads bring, or as
  /// many as keep the columns that are loaded at once in different banks.
  static NeighbourColumns countColumns(DotOp dot) {
    if (dot.hasTaps())
      return countWindowColumns(dot.getWindowOperand(), dot.getColumnPhase());
    MemRefType b = dot.getB().getType();
    SmallVector<int64_t> strides;
    int64_t offset, bytes = b.getElementTypeBitWidth() / 8;
    (void)b.getStridesAndOffset(strides, offset);
    if (dot.getColumnPhase()) {
      ColumnGroups groups = dot.getColumnGroups();
      return {groups.columns, columnsOfLoad(groups, strides.back())};
    }
    if (dot.getArithmetic() == Arithmetic::fma || b.getRank() != 2 || strides[0] == 1)
      return {};
    return {dot.getSkew().empty() ? spreadFragmentColumns(strides[0], strides[1], bytes)
                                  : positionsApart(bytes, strides[1])};
  }

  /// Whether groups of a tile's last dimension go to shared memory at once.
  static bool isStaged(Operation *user) {
    auto store = dyn_cast<StoreOp>(user);
    return store && !isGlobalMemRef(store.getMemRefType()) &&
           store.getTile().getType().getRank() == 3 && store.getVector() > 1 &&
           int64_t(store.getVector()) == store.getTile().getType().getShape().back();
  }

  FailureOr<BlockedAttr> chooseLayout(ArrayRef<Value> tiles) {
    SmallVector<int64_t> shape(tileType(tiles.front()).getRank(), 1);
    SmallVector<unsigned> whole;
    int64_t vector = countGrouped(tiles, {});
    bool staged = false, slidesTaps = false;
    DotOp onTensorCores, onFmaUnits, ofWarpgroups;
    DotRowsOp ofRows;
    constexpr int64_t any = std::numeric_limits<int64_t>::max();
    NeighbourColumns columns{any, any};
    for (Value tile : tiles) {
      for (auto [d, size] : llvm::enumerate(tileType(tile).getShape()))
        shape[d] = std::max(shape[d], size);
      if (auto load = tile.getDefiningOp<LoadOp>())
        vector = std::max<int64_t>(vector, load.getVector());
      if (auto correlate = tile.getDefiningOp<CorrelateOp>())
        vector = std::max<int64_t>(vector, correlate.getPositions()), slidesTaps = true;
      if (auto dot = tile.getDefiningOp<DotOp>()) {
        (dot.isOfWarpgroups()                     ? ofWarpgroups
         : dot.getArithmetic() == Arithmetic::fma ? onFmaUnits
                                                  : onTensorCores) = dot;
        NeighbourColumns ofDot = countColumns(dot);
        columns = {std::min(columns.best, ofDot.best), std::min(columns.ofLoad, ofDot.ofLoad)};
      }
      if (auto dot = tile.getDefiningOp<DotRowsOp>())
        ofRows = dot;
      for (Operation *user : tile.getUsers()) {
        staged |= isStaged(user);
        if (auto store = dyn_cast<StoreOp>(user))
          vector = std::max<int64_t>(vector, store.getVector());
        if (auto sums = dyn_cast<WindowSumOp>(user); sums && !sums.isAlongLast())
          whole.push_back(sums.getDim());
      }
    }
    if (slidesTaps && haveAllRows(shape[1], shape[2], vector, kernel.getNumWarps()))
      whole.push_back(1);
    BlockedAttr layout;
    // A thread that has whole columns stores them as it can.
    if (staged && whole.empty()) {
      layout = chooseStagedLayout(kernel.getContext(), shape, kernel.getNumWarps());
    } else if (ofWarpgroups) {
      layout = chooseWarpgroupLayout(ofWarpgroups, kernel.getNumWarps());
      if (!layout)
        return ofWarpgroups.emitOpError("expected groups of four warps and a multiple of 16 ")
               << (ofWarpgroups.readsChunks() ? "rows" : "columns") << " for each warp, got "
               << kernel.getNumWarps() << " warps and a tile of " << shape[0] << " x " << shape[1];
    } else if (ofRows) {
      layout = chooseRowsLayout(kernel.getContext(), shape[0], shape[1], kernel.getNumWarps());
      if (!layout || vector != 1)
        return ofRows.emitOpError("expected 16 columns for each warp, and accesses to single "
                                  "elements, got ")
               << kernel.getNumWarps() << " warps, a tile of " << shape[0] << " x " << shape[1]
               << " and accesses to " << vector;
    } else if (onTensorCores) {
      layout = chooseFragmentLayout(kernel.getContext(), shape[0], shape[1], vector, columns,
                                    kernel.getNumWarps());
      if (!layout && vector == 1 && onTensorCores.canSwapRoles())
        layout = chooseSwappedLayout(kernel.getContext(), shape[0], shape[1], kernel.getNumWarps());
      if (!layout)
        return onTensorCores.emitOpError("expected at least 16 x ")
               << 4 * std::max<int64_t>(2, vector) << " elements for each of "
               << kernel.getNumWarps() << " warps"
               << (onTensorCores.canSwapRoles() ? ", or 8 x 16" : "") << ", got a tile of "
               << shape[0] << " x " << shape[1];
    } else if (onFmaUnits && vector == 1) {
      layout = chooseFmaLayout(kernel.getContext(), shape[0], shape[1], columns.best,
                               kernel.getNumWarps());
    }
    if (!layout)
      layout = chooseBlockedLayout(kernel.getContext(), shape, vector, kernel.getNumWarps(), whole);
    return layout;
  }

  static void setLayout(Value tile, BlockedAttr layout) {
    RankedTensorType type = tileType(tile).cloneWithEncoding(layout);
    tile.setType(type);
    if (auto constant = tile.getDefiningOp<arith::ConstantOp>())
      constant.setValueAttr(cast<SplatElementsAttr>(constant.getValue()).reshape(type));
  }

  enum class State { inProgress, done };

  FuncOp kernel;
  bool dealsCopies;
  llvm::EquivalenceClasses<const void *> groups;
  llvm::DenseMap<const void *, State> states;
};

struct TileAssignLayoutsPass : poolc::impl::TileAssignLayoutsBase<TileAssignLayoutsPass> {
  using TileAssignLayoutsBase::TileAssignLayoutsBase;

  void runOnOperation() override {
    LayoutGroups groups(getOperation(), dealCopies);
    if (failed(groups.collect()))
      return signalPassFailure();
    FailureOr<unsigned> count = groups.assign();
    if (failed(count))
      return signalPassFailure();
    numLayouts += *count;
  }
};

} // namespace
