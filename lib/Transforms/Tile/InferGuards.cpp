//===- InferGuards.cpp - Drop guards that are not needed ------------------===//

#include "poolc/Transforms/Tile/Passes.h"

#include "tile/Tile.h"

#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"
#include "mlir/Analysis/DataFlow/Utils.h"
#include "mlir/Analysis/DataFlowFramework.h"
#include "llvm/Support/CheckedArithmetic.h"

namespace poolc {
#define GEN_PASS_DEF_TILEINFERGUARDS
#include "poolc/Transforms/Tile/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// Inclusive range of what a coordinate can be.
struct CoordinateRange {
  int64_t min, max;
};

/// Counts what one access lost.
struct Dropped {
  unsigned guards = 0;
  bool narrowed = false;
};

} // namespace

static std::optional<CoordinateRange> getRange(DataFlowSolver &solver, Value value) {
  const auto *lattice = solver.lookupState<dataflow::IntegerValueRangeLattice>(value);
  if (!lattice || lattice->getValue().isUninitialized())
    return std::nullopt;
  const ConstantIntRanges &range = lattice->getValue().getValue();
  return CoordinateRange{range.smin().getSExtValue(), range.smax().getSExtValue()};
}

/// `box` has the shape of what the box becomes.
template <typename AccessOp>
static Dropped inferGuards(AccessOp op, ShapedType box, DataFlowSolver &solver) {
  constexpr int64_t limit = std::numeric_limits<int32_t>::max();
  MemRefType memref = op.getMemRefType();
  SmallVector<int64_t> guards;
  Dropped dropped;
  bool isNarrow = true;
  for (int64_t d = 0; d != memref.getRank(); ++d) {
    int64_t guard = op.isGuarded(d, Guard::low) * static_cast<int64_t>(Guard::low) |
                    op.isGuarded(d, Guard::high) * static_cast<int64_t>(Guard::high);
    std::optional<CoordinateRange> start = getRange(solver, op.getStart()[d]);
    std::optional<unsigned> t = op.getTileDim(d);
    int64_t stride = op.getStrides()[d];
    int64_t size = t ? box.getDimSize(*t) : 1;
    bool staysSmall = start && start->min >= -limit && start->max <= limit &&
                      stride <= limit / (size + maxCoverage) &&
                      start->max + (size + maxCoverage) * stride <= limit &&
                      getSizeBound(op.getMemref(), d).value_or(limit + 1) <= limit;
    isNarrow &= staysSmall;
    auto drop = [&](Guard end) {
      dropped.guards += (guard & static_cast<int64_t>(end)) != 0;
      guard &= ~static_cast<int64_t>(end);
    };
    // Nothing where it does not fit 64 bits: the coordinate wraps around and
    // may be any, negative ones included.
    std::optional<int64_t> last =
        start ? llvm::checkedMulAdd(size - 1, stride, start->max) : std::nullopt;
    if (last && start->min >= 0)
      drop(Guard::low);
    if (last && !memref.isDynamicDim(d) && *last < memref.getDimSize(d))
      drop(Guard::high);
    guards.push_back(guard);
  }
  op.setGuards(guards);
  if (isNarrow && op.getCoordinateBits() != 32) {
    op.setCoordinateBits(32);
    dropped.narrowed = true;
  }
  return dropped;
}

namespace {
struct TileInferGuardsPass : poolc::impl::TileInferGuardsBase<TileInferGuardsPass> {
  void runOnOperation() override {
    DataFlowSolver solver;
    dataflow::loadBaselineAnalyses(solver);
    solver.load<dataflow::IntegerRangeAnalysis>();
    if (failed(solver.initializeAndRun(getOperation()))) {
      getOperation().emitOpError("integer range analysis failed");
      return signalPassFailure();
    }
    auto count = [&](Dropped dropped) {
      numDropped += dropped.guards;
      numNarrowed += dropped.narrowed;
    };
    getOperation().walk([&](LoadOp op) { count(inferGuards(op, op.getTile().getType(), solver)); });
    getOperation().walk(
        [&](StoreOp op) { count(inferGuards(op, op.getTile().getType(), solver)); });
    getOperation().walk(
        [&](CopyOp op) { count(inferGuards(op, op.getDestination().getType(), solver)); });
  }
};
} // namespace
