//===- CopyingWarps.cpp - What warps do that only copy --------------------===//

#include "AddBoxes.h"
#include "BulkCopies.h"
#include "MBarriers.h"
#include "RoleSplitter.h"
#include "SharedAccess.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace poolc;

/// What the warp copied to `stage` has landed, and tensor cores may read it.
void RoleSplitter::publish(Value stage, Value condition) {
  NVVM::FenceProxyOp::create(
      b, NVVM::ProxyKind::async_shared,
      NVVM::SharedSpaceAttr::get(b.getContext(), NVVM::SharedSpace::shared_cta));
  emitArrival(b, objectOf(0, stage), condition);
}

void RoleSplitter::copy() {
  // The stage, the parity of its phase, whether anything has been copied, and what stays.
  Value no = arith::ConstantIntOp::create(b, b.getI1Type(), 0);
  State state{i32(0), i32(0), no, no};
  Value number = arith::SubIOp::create(b, thread, i32(threads));
  Value own = arith::IndexCastUIOp::create(b, b.getIndexType(), number);
  OpBuilder::InsertionGuard guard(b);
  bool isBulk = countBulkBytes() != 0;
  if (isBulk) {
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, number, i32(0));
    auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
    b.setInsertionPointToStart(branch.thenBlock());
    acquireMaps(isBulkCopy);
  }
  forEachTile(state, [&](IRMapping &mapping, State &carried) {
    for (Operation &op : old)
      if (isa<gpu::ThreadIdOp>(op))
        mapping.map(op.getResult(0), own);
    copyTile(mapping, carried);
  });
  if (isBulk)
    return;
  NVVM::CpAsyncWaitGroupOp::create(b, 0);
  publish(after(state[0], numStages - 1), state[2]);
}

int64_t RoleSplitter::countBulkBytes(bool ofAllTiles) {
  int64_t bytes = 0;
  loop.walk([&](Operation *op) {
    if (isBulkCopy(op) && (!ofAllTiles || isOfAllTiles(*op)))
      bytes += getBulkBytes(op);
  });
  return bytes;
}

/// What an earlier kernel wrote to maps becomes visible to the copy engine.
bool RoleSplitter::acquireMaps(function_ref<bool(Operation *)> isUser) {
  llvm::SmallSetVector<Value, 1> maps;
  old.walk([&](Operation *op) {
    if (Value map = isUser(op) ? getBulkMap(op) : Value())
      maps.insert(map);
  });
  constexpr int64_t mapBytes = 128;
  for (Value map : maps)
    NVVM::FenceProxyAcquireOp::create(b, NVVM::MemScopeKind::GPU, getPointer(b, map),
                                      i32(mapBytes));
  return !maps.empty();
}

void RoleSplitter::copyTile(IRMapping &mapping, State &state) {
  for (Operation &op : llvm::make_range(old.begin(), loop->getIterator()))
    if (!isa<gpu::ThreadIdOp, gpu::BlockIdOp>(op) && isMemoryEffectFree(&op))
      b.clone(op, mapping);
  auto steps = scf::ForOp::create(b, mapping.lookup(loop.getLowerBound()),
                                  mapping.lookup(loop.getUpperBound()),
                                  mapping.lookup(loop.getStep()), state);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(steps.getBody());
  Value stage = steps.getRegionIterArg(0), parity = steps.getRegionIterArg(1);
  emitPhaseWait(b, objectOf(numStages, stage), arith::XOrIOp::create(b, parity, i32(1)),
                /*canSleep=*/true);
  Value areFilled = steps.getRegionIterArg(3);
  copyStep(mapping, steps.getInductionVar(), stage, areFilled);
  if (countBulkBytes() == 0) {
    NVVM::CpAsyncCommitGroupOp::create(b);
    NVVM::CpAsyncWaitGroupOp::create(b, 1);
    publish(after(stage, numStages - 1), steps.getRegionIterArg(2));
  }
  Value next = after(stage, 1);
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, next, i32(0));
  Value flipped =
      arith::XOrIOp::create(b, parity, arith::ExtUIOp::create(b, b.getI32Type(), isFirst));
  Value yes = arith::ConstantIntOp::create(b, b.getI1Type(), 1);
  if (!hasOwnMemory())
    areFilled = arith::OrIOp::create(b, areFilled, isFirst);
  scf::YieldOp::create(b, ValueRange{next, flipped, yes, areFilled});
  b.setInsertionPointAfter(steps);
  state.assign(steps.getResults().begin(), steps.getResults().end());
  if (hasOwnMemory())
    state[3] = arith::ConstantIntOp::create(b, b.getI1Type(), 1);
  copyAdded(mapping, state);
}

/// What is added to the sums follows the steps, through the stages that come next.
void RoleSplitter::copyAdded(IRMapping &mapping, State &state) {
  auto behind = llvm::make_range(std::next(loop->getIterator()), old.end());
  auto isAdding = [](Operation &op) { return getAdding(op).has_value(); };
  if (llvm::none_of(behind, isAdding))
    return;
  mapping.map(loop.getResults().back(), state[0]);
  Value object;
  for (Operation &op : behind) {
    std::optional<Adding> adding = getAdding(op);
    if (adding == Adding::begin) {
      emitPhaseWait(b, objectOf(numStages, state[0]), arith::XOrIOp::create(b, state[1], i32(1)),
                    /*canSleep=*/true);
      int64_t bytes = 0;
      for (Operation *next = op.getNextNode(); !isAdding(*next); next = next->getNextNode())
        bytes += isBulkCopy(next) ? getBulkBytes(next) : 0;
      object = objectOf(0, state[0]);
      emitExpectation(b, object, i32(bytes));
    } else if (adding == Adding::full) {
      advance(state[0], state[1]);
    } else if (isBulkCopy(&op)) {
      cloneCopy(op, mapping, object);
    } else if (!isa<gpu::ThreadIdOp, gpu::BlockIdOp>(op) && isMemoryEffectFree(&op) &&
               isKnown(op, mapping)) {
      b.clone(op, mapping);
    }
  }
}

/// Whether what all tiles have in common stays where it is: in memory of no stage, or where the
/// same step of each tile is copied to a stage.
bool RoleSplitter::keepsCopies() {
  if (warps.tiles.empty())
    return false;
  if (hasOwnMemory())
    return true;
  if (llvm::any_of(old, [](Operation &op) { return getAdding(op).has_value(); }))
    return false;
  std::optional<llvm::APInt> steps = loop.getStaticTripCount();
  return steps && !steps->isZero() && numStages % steps->getSExtValue() == 0;
}

/// Whether the copy goes to memory of no stage.
bool RoleSplitter::isOfNoStage(Operation *copy) {
  return !dependsOn(copy, [&](Value value) { return value == loop.getRegionIterArgs().back(); });
}

/// Whether there are such copies.
bool RoleSplitter::hasOwnMemory() {
  return anyInside(*loop, [&](Operation *op) { return isBulkCopy(op) && isOfNoStage(op); });
}

/// Whether the operation uses such a value, or what follows from one.
bool RoleSplitter::dependsOn(Operation *op, function_ref<bool(Value)> isSuch) {
  return llvm::any_of(op->getOperands(), [&](Value operand) {
    Operation *from = operand.getDefiningOp();
    return isSuch(operand) || (from && dependsOn(from, isSuch));
  });
}

/// Whether it is another value for another tile of the block.
bool RoleSplitter::dependsOnTile(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return argument.getOwner() == loop.getBody() && argument != loop.getInductionVar() &&
           argument != loop.getRegionIterArgs().back();
  Operation *op = value.getDefiningOp();
  // Every so many-th tile may be the same along axes that run faster.
  if (auto block = dyn_cast<gpu::BlockIdOp>(op)) {
    auto axis = unsigned(block.getDimension());
    int64_t period = llvm::product_of(ArrayRef(warps.tiles).take_front(axis + 1));
    return warps.tiles[axis] != 1 && warps.blocks % period != 0;
  }
  return op->getNumRegions() != 0 ||
         llvm::any_of(op->getOperands(), [&](Value operand) { return dependsOnTile(operand); });
}

bool RoleSplitter::isOfAllTiles(Operation &op) {
  return !anyInside(op, [&](Operation *inner) {
    return llvm::any_of(inner->getOperands(), [&](Value operand) {
      Operation *parent = operand.getParentBlock()->getParentOp();
      bool isInside = parent && op.isAncestor(parent);
      return !isInside && dependsOnTile(operand);
    });
  });
}

/// `object` is told by a bulk copy.
void RoleSplitter::cloneCopy(Operation &op, IRMapping &mapping, Value object) {
  b.clone(op, mapping)->walk([&](Operation *inner) {
    if (isBulkCopy(inner))
      setBulkObject(inner, object);
  });
}

/// What an iteration of the loop copies ahead, is copied for `step` by the one so many before. What
/// all tiles have in common stays where it is, if a stage is filled with the same again.
void RoleSplitter::copyStep(IRMapping &mapping, Value step, Value stage, Value areFilled) {
  Value ahead = arith::MulIOp::create(b, mapping.lookup(loop.getStep()),
                                      arith::ConstantIndexOp::create(b, numStages - 1));
  mapping.map(loop.getInductionVar(), arith::SubIOp::create(b, step, ahead).getResult());
  mapping.map(loop.getRegionIterArgs().back(), after(stage, 1));
  Value object;
  if (int64_t bytes = countBulkBytes()) {
    object = objectOf(0, stage);
    Value expected = i32(bytes);
    if (int64_t once = keepsCopies() ? countBulkBytes(/*ofAllTiles=*/true) : 0)
      expected = arith::SelectOp::create(b, areFilled, i32(bytes - once), expected);
    emitExpectation(b, object, expected);
  }
  SmallVector<Operation *> ofAllTiles;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (copiesToShared(op)) {
      for (Operation &inner : cast<scf::IfOp>(op).thenBlock()->without_terminator())
        if (anyInside(inner, writesShared) && keepsCopies() && isOfAllTiles(inner))
          ofAllTiles.push_back(&inner);
        else
          cloneCopy(inner, mapping, object);
    } else if (isMemoryEffectFree(&op) && isKnown(op, mapping)) {
      b.clone(op, mapping);
    }
  }
  if (ofAllTiles.empty())
    return;
  Value isFirst =
      arith::XOrIOp::create(b, areFilled, arith::ConstantIntOp::create(b, b.getI1Type(), 1));
  auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  for (Operation *op : ofAllTiles)
    cloneCopy(*op, mapping, object);
}
