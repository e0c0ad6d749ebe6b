//===- Pipeline.cpp - Copies that run ahead of the computation ------------===//
//
//   for i { copy(i) -> s; barrier; compute(s); barrier }        num_stages = 3
//
// becomes, with three buffers s[0..2]:
//
//   copy(0) -> s[0]; commit; copy(1) -> s[1]; commit
//   for i { wait 1; barrier; if i + 2 < n { copy(i + 2) -> s[(i + 2) % 3] }; commit
//           compute(s[i % 3]) }
//
// Products of four warps go on by themselves: of those, the first comes before the copies,
// so that threads copy while it is computed.
//
// What is copied to a part of memory that an iteration has for itself, has that of all iterations
// already, and no stages.
//
// One barrier is enough: after it, every warp's part of buffer i has arrived,
// and no warp still reads the buffer of iteration i - 1, which is filled next.
//
// Where there are as many iterations as buffers, all copies come before the loop.
//
//===----------------------------------------------------------------------===//

#include "poolc/Transforms/Tile/Passes.h"

#include "tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <optional>

namespace poolc {
#define GEN_PASS_DEF_TILEPIPELINE
#include "poolc/Transforms/Tile/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

static constexpr StringLiteral numStagesAttr = "tile.num_stages";

namespace {

/// Rewrites one loop.
class LoopPipeliner {
public:
  LoopPipeliner(scf::ForOp loop, int64_t numStages)
      : loop(loop), numStages(numStages), b(loop.getLoc(), loop) {}

  LogicalResult run();

private:
  LogicalResult analyse();
  bool isOfIteration(Value destination);
  bool goesOnThrough(Operation *user, AllocOp buffer);
  void expandBuffers();
  Value getStage(Value buffers, Value stage, MemRefType type);
  void cloneProducer(Value iteration, Value stage);
  void cloneConsumer(IRMapping &mapping, Operation *first, llvm::function_ref<void()> copyAhead);
  Operation *findOverlapped();
  void clone(Operation &op, IRMapping &mapping);
  Value nextStage(Value stage, int64_t distance);
  bool hasBufferForEach();
  scf::ForOp makeLoop();

  scf::ForOp loop;
  int64_t numStages;
  /// Iterations whose copies come before the loop.
  int64_t ahead = numStages - 1;
  ImplicitLocOpBuilder b;
  /// The loop's operations before the first barrier, and from there to the last.
  SmallVector<Operation *> producer, consumer;
  llvm::SmallSetVector<AllocOp, 4> buffers;
  llvm::DenseMap<Operation *, Value> expanded;
};

} // namespace

/// Where a copy goes, or null for another operation.
static Value getDestination(Operation *op) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<CopyOp, CopyBoxesOp, CopyRunsOp>([](auto copy) { return copy.getDestination(); })
      .Default(Value());
}

LogicalResult LoopPipeliner::analyse() {
  Block::OpListType &ops = loop.getBody()->getOperations();
  auto isBarrier = [](Operation &op) { return isa<BarrierOp>(op); };
  auto copied = llvm::find_if(ops, isBarrier);
  auto computed = std::find_if(ops.rbegin(), ops.rend(), isBarrier);
  if (copied == ops.end() || &*copied == &*computed)
    return loop.emitOpError("expected copies, a barrier, the computation and a barrier in a loop "
                            "with ")
           << numStagesAttr;
  Operation *next = computed->getNextNode();
  if (!next->hasTrait<OpTrait::IsTerminator>())
    return next->emitOpError("expected nothing after the barrier that ends the computation of a "
                             "loop with ")
           << numStagesAttr;
  // The computation may have barriers of its own.
  for (Operation &op : llvm::make_range(ops.begin(), copied))
    producer.push_back(&op);
  for (Operation &op : llvm::make_range(std::next(copied), computed->getIterator()))
    consumer.push_back(&op);
  for (Operation *op : producer) {
    if (Value destination = getDestination(op)) {
      if (auto view = destination.getDefiningOp<ViewOp>())
        destination = view.getSource();
      if (isOfIteration(destination))
        continue;
      auto buffer = destination.getDefiningOp<AllocOp>();
      if (!buffer)
        return op->emitOpError("expected a tile.alloc as the destination in a loop with ")
               << numStagesAttr;
      buffers.insert(buffer);
    } else if (!isMemoryEffectFree(op)) {
      return op->emitOpError("expected only copies before the barrier of a loop with ")
             << numStagesAttr;
    }
  }
  for (AllocOp buffer : buffers)
    for (Operation *user : buffer->getUsers())
      if (!loop->isProperAncestor(user) && !goesOnThrough(user, buffer))
        return user->emitOpError("expected no use of a buffer outside of the loop with ")
               << numStagesAttr;
  return success();
}

/// Whether it is a part of memory that no other iteration has, so that it needs no stages.
bool LoopPipeliner::isOfIteration(Value destination) {
  auto part = destination.getDefiningOp<memref::SubViewOp>();
  return part && part.getSource().getDefiningOp<AllocOp>() && part.getStaticSize(0) == 1 &&
         part.getMixedOffsets().front() == OpFoldResult(loop.getInductionVar());
}

/// Whether it is what adds boxes behind the loop, through its stages.
bool LoopPipeliner::goesOnThrough(Operation *user, AllocOp buffer) {
  auto add = dyn_cast<AddBoxesOp>(user);
  return add && add.getMemory() == buffer.getMemref() && !add.getStage() &&
         add->getBlock() == loop->getBlock() && loop->isBeforeInBlock(add);
}

/// One buffer per stage, each beginning at a multiple of 128 bytes.
void LoopPipeliner::expandBuffers() {
  for (AllocOp buffer : buffers) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(buffer);
    MemRefType type = buffer.getMemref().getType();
    SmallVector<int64_t> strides, shape{numStages};
    int64_t offset;
    (void)type.getStridesAndOffset(strides, offset);
    constexpr int64_t alignmentBits = 128 * 8;
    strides.insert(strides.begin(),
                   llvm::alignTo(getSpan(type), alignmentBits / type.getElementTypeBitWidth()));
    llvm::append_range(shape, type.getShape());
    auto layout = StridedLayoutAttr::get(b.getContext(), 0, strides);
    expanded[buffer] = AllocOp::create(
        b, MemRefType::get(shape, type.getElementType(), layout, type.getMemorySpace()));
  }
}

Value LoopPipeliner::getStage(Value stages, Value stage, MemRefType type) {
  SmallVector<OpFoldResult> offsets(type.getRank() + 1, b.getIndexAttr(0));
  SmallVector<OpFoldResult> sizes{b.getIndexAttr(1)};
  SmallVector<OpFoldResult> strides(type.getRank() + 1, b.getIndexAttr(1));
  offsets.front() = stage;
  for (int64_t size : type.getShape())
    sizes.push_back(b.getIndexAttr(size));
  auto view = memref::SubViewOp::inferRankReducedResultType(
      type.getShape(), cast<MemRefType>(stages.getType()), offsets, sizes, strides);
  return memref::SubViewOp::create(b, view, stages, offsets, sizes, strides);
}

/// Gives a view in a cloned region the type that follows from its source's.
static void inferViewType(Operation *op) {
  if (auto subview = dyn_cast<memref::SubViewOp>(op)) {
    auto type = memref::SubViewOp::inferRankReducedResultType(
        subview.getType().getShape(), subview.getSourceType(), subview.getMixedOffsets(),
        subview.getMixedSizes(), subview.getMixedStrides());
    subview.getResult().setType(type);
  } else if (auto transpose = dyn_cast<memref::TransposeOp>(op)) {
    OpBuilder builder(transpose);
    auto typed = memref::TransposeOp::create(builder, transpose.getLoc(), transpose.getIn(),
                                             transpose.getPermutationAttr());
    transpose.replaceAllUsesWith(typed.getResult());
    transpose.erase();
  }
}

/// Clones `op`; a view of a buffer takes the strides and offset of its stage.
void LoopPipeliner::clone(Operation &op, IRMapping &mapping) {
  auto transpose = dyn_cast<memref::TransposeOp>(op);
  if (transpose && mapping.contains(transpose.getIn())) {
    mapping.map(transpose.getResult(),
                memref::TransposeOp::create(b, mapping.lookup(transpose.getIn()),
                                            transpose.getPermutationAttr())
                    .getResult());
    return;
  }
  auto subview = dyn_cast<memref::SubViewOp>(op);
  if (!subview || !mapping.contains(subview.getSource())) {
    Operation *copy = b.clone(op, mapping);
    for (Region &region : copy->getRegions())
      region.walk([](Operation *inner) { inferViewType(inner); });
    return;
  }
  Value source = mapping.lookup(subview.getSource());
  auto remap = [&](ArrayRef<OpFoldResult> values) {
    return llvm::map_to_vector(values, [&](OpFoldResult value) -> OpFoldResult {
      auto dynamic = dyn_cast<Value>(value);
      return dynamic ? OpFoldResult(mapping.lookupOrDefault(dynamic)) : value;
    });
  };
  auto offsets = remap(subview.getMixedOffsets()), sizes = remap(subview.getMixedSizes()),
       strides = remap(subview.getMixedStrides());
  auto type = memref::SubViewOp::inferRankReducedResultType(
      subview.getType().getShape(), cast<MemRefType>(source.getType()), offsets, sizes, strides);
  mapping.map(subview.getResult(),
              memref::SubViewOp::create(b, type, source, offsets, sizes, strides).getResult());
}

/// The copies of an iteration, into the buffers of a stage.
void LoopPipeliner::cloneProducer(Value iteration, Value stage) {
  IRMapping mapping;
  mapping.map(loop.getInductionVar(), iteration);
  for (AllocOp buffer : buffers)
    mapping.map(buffer.getMemref(),
                getStage(expanded[buffer], stage, buffer.getMemref().getType()));
  for (Operation *op : producer) {
    Operation *copy = b.clone(*op, mapping);
    auto copyOp = dyn_cast<CopyOp>(copy);
    if (!copyOp)
      continue;
    int64_t bytes = copyOp.getVector() * copyOp.getMemRefType().getElementTypeBitWidth() / 8;
    copyOp.setAsync(bytes == 4 || bytes == 8 || bytes == 16);
  }
}

/// The computation of an iteration, with what copies for another one after `first`.
void LoopPipeliner::cloneConsumer(IRMapping &mapping, Operation *first,
                                  llvm::function_ref<void()> copyAhead) {
  // Addresses that the copies computed may be used by the computation too.
  for (Operation *op : producer)
    if (!getDestination(op))
      b.clone(*op, mapping);
  for (Operation *op : consumer) {
    clone(*op, mapping);
    if (op == first)
      copyAhead();
  }
}

/// The first operation of the computation that goes on by itself, or null.
Operation *LoopPipeliner::findOverlapped() {
  auto *found = llvm::find_if(consumer, [](Operation *op) {
    auto dot = dyn_cast<DotOp>(op);
    return dot && dot.isOfWarpgroups();
  });
  return found == consumer.end() ? nullptr : *found;
}

/// (stage + distance) % numStages for distance <= numStages, in 32 bits: a register.
Value LoopPipeliner::nextStage(Value stage, int64_t distance) {
  Value next = arith::AddIOp::create(b, stage, arith::ConstantIntOp::create(b, distance, 32));
  Value count = arith::ConstantIntOp::create(b, numStages, 32);
  Value wraps = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, next, count);
  return arith::SelectOp::create(b, wraps, arith::SubIOp::create(b, next, count), next);
}

/// Whether there are as many iterations as buffers. Warps that copy go round over several tiles.
bool LoopPipeliner::hasBufferForEach() {
  std::optional<APInt> iterations = loop.getStaticTripCount();
  return iterations && *iterations == uint64_t(numStages) &&
         !loop->getParentOfType<FuncOp>()->hasAttr("tile.copy_warps");
}

scf::ForOp LoopPipeliner::makeLoop() {
  SmallVector<Value> inits(loop.getInitArgs());
  inits.push_back(arith::ConstantIntOp::create(b, 0, 32));
  auto pipelined =
      scf::ForOp::create(b, loop.getLowerBound(), loop.getUpperBound(), loop.getStep(), inits);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(pipelined.getBody());
  Value iteration = pipelined.getInductionVar();
  Value stage = pipelined.getRegionIterArgs().back();
  auto toIndex = [&](Value number) -> Value {
    return arith::IndexCastUIOp::create(b, b.getIndexType(), number);
  };

  AsyncWaitOp::create(b, ahead - 1);
  BarrierOp::create(b);
  auto copyAhead = [&] {
    if (ahead == numStages)
      return AsyncCommitOp::create(b), void();
    Value distance =
        arith::MulIOp::create(b, loop.getStep(), arith::ConstantIndexOp::create(b, ahead));
    Value next = arith::AddIOp::create(b, iteration, distance);
    Value hasNext = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, next, loop.getUpperBound());
    Value nextBuffer = nextStage(stage, ahead);
    auto branch = scf::IfOp::create(b, hasNext, /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard inBranch(b);
      b.setInsertionPointToStart(branch.thenBlock());
      cloneProducer(next, toIndex(nextBuffer));
    }
    AsyncCommitOp::create(b);
  };
  Operation *overlapped = findOverlapped();
  if (!overlapped)
    copyAhead();

  IRMapping mapping;
  mapping.map(loop.getInductionVar(), iteration);
  mapping.map(loop.getRegionIterArgs(), pipelined.getRegionIterArgs().drop_back());
  Value current = toIndex(stage);
  for (AllocOp buffer : buffers)
    mapping.map(buffer.getMemref(),
                getStage(expanded[buffer], current, buffer.getMemref().getType()));
  cloneConsumer(mapping, overlapped, copyAhead);
  SmallVector<Value> yielded;
  for (Value value : loop.getYieldedValues())
    yielded.push_back(mapping.lookupOrDefault(value));
  yielded.push_back(nextStage(stage, 1));
  scf::YieldOp::create(b, yielded);
  return pipelined;
}

LogicalResult LoopPipeliner::run() {
  if (failed(analyse()))
    return failure();
  expandBuffers();
  if (hasBufferForEach())
    ahead = numStages;
  for (int64_t i = 0; i != ahead; ++i) {
    Value distance = arith::MulIOp::create(b, loop.getStep(), arith::ConstantIndexOp::create(b, i));
    Value iteration = arith::AddIOp::create(b, loop.getLowerBound(), distance);
    Value exists =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, iteration, loop.getUpperBound());
    auto branch = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard inBranch(b);
      b.setInsertionPointToStart(branch.thenBlock());
      cloneProducer(iteration, arith::ConstantIndexOp::create(b, i));
    }
    AsyncCommitOp::create(b);
  }
  scf::ForOp pipelined = makeLoop();
  loop.replaceAllUsesWith(pipelined.getResults().drop_back());
  loop.erase();
  for (AllocOp buffer : buffers) {
    for (Operation *user : llvm::make_early_inc_range(buffer->getUsers())) {
      auto add = cast<AddBoxesOp>(user);
      add.getMemoryMutable().assign(expanded[buffer]);
      add.getStageMutable().assign(pipelined.getResults().back());
    }
    buffer.erase();
  }
  return success();
}

namespace {
struct TilePipelinePass : poolc::impl::TilePipelineBase<TilePipelinePass> {
  void runOnOperation() override {
    SmallVector<std::pair<scf::ForOp, int64_t>> loops;
    WalkResult found = getOperation().walk([&](scf::ForOp loop) {
      Attribute attribute = loop->getAttr(numStagesAttr);
      if (!attribute)
        return WalkResult::advance();
      auto numStages = dyn_cast<IntegerAttr>(attribute);
      if (!numStages || numStages.getInt() < 1) {
        loop.emitOpError("expected ") << numStagesAttr << " to be a number >= 1, got " << attribute;
        return WalkResult::interrupt();
      }
      loops.push_back({loop, numStages.getInt()});
      return WalkResult::advance();
    });
    if (found.wasInterrupted())
      return signalPassFailure();
    for (auto [loop, numStages] : loops) {
      loop->removeAttr(numStagesAttr);
      if (numStages == 1)
        continue;
      if (failed(LoopPipeliner(loop, numStages).run()))
        return signalPassFailure();
      ++numPipelined;
    }
  }
};
} // namespace
