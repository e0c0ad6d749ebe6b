//===- CopyingWarps.cpp - What warps do that only copy --------------------===//

#include "MBarriers.h"
#include "RoleSplitter.h"

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
  // The stage, the parity of its phase, and whether anything has been copied.
  State state{i32(0), i32(0), arith::ConstantIntOp::create(b, b.getI1Type(), 0)};
  Value own = arith::IndexCastUIOp::create(b, b.getIndexType(),
                                           arith::SubIOp::create(b, thread, i32(threads)));
  forEachTile(state, [&](IRMapping &mapping, State &carried) {
    for (Operation &op : old)
      if (isa<gpu::ThreadIdOp>(op))
        mapping.map(op.getResult(0), own);
    copyTile(mapping, carried);
  });
  NVVM::CpAsyncWaitGroupOp::create(b, 0);
  publish(after(state[0], numStages - 1), state[2]);
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
  copyStep(mapping, steps.getInductionVar(), stage);
  NVVM::CpAsyncCommitGroupOp::create(b);
  NVVM::CpAsyncWaitGroupOp::create(b, 1);
  publish(after(stage, numStages - 1), steps.getRegionIterArg(2));
  Value next = after(stage, 1);
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, next, i32(0));
  Value flipped =
      arith::XOrIOp::create(b, parity, arith::ExtUIOp::create(b, b.getI32Type(), isFirst));
  scf::YieldOp::create(
      b, ValueRange{next, flipped, arith::ConstantIntOp::create(b, b.getI1Type(), 1)});
  b.setInsertionPointAfter(steps);
  state.assign(steps.getResults().begin(), steps.getResults().end());
}

/// What an iteration of the loop copies ahead, is copied for `step` by the one so many before.
void RoleSplitter::copyStep(IRMapping &mapping, Value step, Value stage) {
  Value ahead = arith::MulIOp::create(b, mapping.lookup(loop.getStep()),
                                      arith::ConstantIndexOp::create(b, numStages - 1));
  mapping.map(loop.getInductionVar(), arith::SubIOp::create(b, step, ahead).getResult());
  mapping.map(loop.getRegionIterArgs().back(), after(stage, 1));
  auto isKnown = [&](Operation &op) {
    bool known = true;
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        Operation *parent = operand.getParentBlock()->getParentOp();
        known &= mapping.contains(operand) || op.isAncestor(parent) || parent == func;
      }
    });
    return known;
  };
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (copiesToShared(op)) {
      for (Operation &inner : cast<scf::IfOp>(op).thenBlock()->without_terminator())
        b.clone(inner, mapping);
    } else if (isMemoryEffectFree(&op) && isKnown(op)) {
      b.clone(op, mapping);
    }
  }
}
