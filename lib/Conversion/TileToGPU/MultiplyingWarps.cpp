//===- MultiplyingWarps.cpp - What warps do beside those that copy --------===//

#include "AddBoxes.h"
#include "BulkCopies.h"
#include "MBarriers.h"
#include "RoleSplitter.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace poolc;

static bool isOfCopies(Operation &op) {
  return isa<NVVM::CpAsyncCommitGroupOp, NVVM::CpAsyncWaitGroupOp, NVVM::FenceProxyOp>(op) ||
         copiesToShared(op);
}

/// With barriers of these warps alone.
void RoleSplitter::cloneAll(Operation &op, IRMapping &mapping) {
  constexpr int64_t number = 1; // 0 is of the whole block.
  Operation *clone = b.clone(op, mapping);
  clone->walk([&](Operation *inner) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(inner);
    if (isa<gpu::BarrierOp>(inner)) {
      NVVM::BarrierOp::create(b, TypeRange(), i32(number), i32(threads),
                              NVVM::BarrierReductionAttr(), Value());
      inner->erase();
    } else if (auto barrier = dyn_cast<NVVM::BarrierOp>(inner); barrier && barrier.getRes()) {
      // NVVM's operation reduces at barrier 0 only.
      std::string text = llvm::formatv("{{\n.reg .pred own, any;\nsetp.ne.u32 own, $1, 0;\n"
                                       "bar.red.or.pred any, {0}, {1}, own;\n"
                                       "selp.u32 $0, 1, 0, any;\n}",
                                       number, threads);
      auto any = LLVM::InlineAsmOp::create(
          b, TypeRange(b.getI32Type()), barrier.getReductionPredicate(), text, "=r,r,~{memory}",
          /*has_side_effects=*/true, /*is_align_stack=*/false, LLVM::TailCallKind::None,
          LLVM::AsmDialectAttr(), ArrayAttr());
      barrier.getRes().replaceAllUsesWith(any.getResult(0));
      if (inner == clone)
        mapping.map(op.getResult(0), any.getResult(0));
      barrier.erase();
    }
  });
}

void RoleSplitter::multiply() {
  bool storesBoxes = acquireMaps(isBoxStore);
  // The stage, the parity of its phase, and that of the phase in which what is staged is read.
  State state{i32(0), i32(0), i32(1)};
  forEachTile(state, [&](IRMapping &mapping, State &carried) {
    Value own = arith::IndexCastUIOp::create(b, b.getIndexType(), thread);
    for (Operation &op : old)
      if (isa<gpu::ThreadIdOp>(op))
        mapping.map(op.getResult(0), own);
    multiplyTile(mapping, carried);
  });
  // Shared memory is the block's until then.
  if (storesBoxes)
    waitForBoxStores(b, /*pending=*/0);
}

void RoleSplitter::multiplyTile(IRMapping &mapping, State &state) {
  for (Operation &op : llvm::make_range(old.begin(), loop->getIterator()))
    if (!isa<gpu::ThreadIdOp, gpu::BlockIdOp>(op) && !isOfCopies(op))
      cloneAll(op, mapping);
  SmallVector<Value> inits;
  for (Value init : loop.getInitArgs().drop_back())
    inits.push_back(mapping.lookup(init));
  llvm::append_range(inits, ArrayRef(state).take_front(2));
  auto steps = scf::ForOp::create(b, mapping.lookup(loop.getLowerBound()),
                                  mapping.lookup(loop.getUpperBound()),
                                  mapping.lookup(loop.getStep()), inits);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(steps.getBody());
    mapping.map(loop.getInductionVar(), steps.getInductionVar());
    mapping.map(loop.getRegionIterArgs(), steps.getRegionIterArgs().drop_back());
    Value stage = mapping.lookup(loop.getRegionIterArgs().back());
    Value parity = steps.getRegionIterArgs().back();
    Operation *first = *loop.getBody()->getOps<gpu::BarrierOp>().begin();
    for (Operation &op : loop.getBody()->without_terminator()) {
      if (&op == first)
        emitPhaseWait(b, objectOf(0, stage), parity, /*canSleep=*/true);
      else if (!isOfCopies(op))
        cloneAll(op, mapping);
    }
    emitArrival(b, objectOf(numStages, stage));
    SmallVector<Value> yielded;
    for (Value value : loop.getYieldedValues())
      yielded.push_back(mapping.lookup(value));
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, yielded.back(), i32(0));
    yielded.push_back(
        arith::XOrIOp::create(b, parity, arith::ExtUIOp::create(b, b.getI32Type(), isFirst)));
    scf::YieldOp::create(b, yielded);
  }
  mapping.map(loop.getResults(), steps.getResults().drop_back());
  state = {steps.getResults().drop_back().back(), steps.getResults().back(), state.back()};
  finishTile(mapping, state);
}

/// All that follows the steps, but what other warps do that copy what is added, or that store, if
/// there are any: the parity is of the phase in which these read what is staged, the one before or
/// the one to come.
void RoleSplitter::finishTile(IRMapping &mapping, State &state) {
  Value &parity = state.back();
  std::optional<Staging> last;
  auto waitUntilStored = [&] {
    emitPhaseWait(b, objectOfStaging(/*isFull=*/false), parity, /*canSleep=*/true);
  };
  for (Operation &op : llvm::make_range(std::next(loop->getIterator()), old.end())) {
    if (std::optional<Adding> adding = getAdding(op)) {
      if (adding == Adding::full)
        emitPhaseWait(b, objectOf(0, state[0]), state[1], /*canSleep=*/true);
      if (adding != Adding::free)
        continue;
      emitArrival(b, objectOf(numStages, state[0]));
      advance(state[0], state[1]);
      continue;
    }
    if (isBulkCopy(&op))
      continue;
    if (std::optional<Staging> staging = getStaging(op)) {
      last = staging;
      if (last == Staging::begin)
        waitUntilStored();
      if (last != Staging::full)
        continue;
      emitArrival(b, objectOfStaging(/*isFull=*/true));
      parity = arith::XOrIOp::create(b, parity, i32(1));
      continue;
    }
    bool isPure = isMemoryEffectFree(&op);
    if (isa<gpu::ThreadIdOp, gpu::BlockIdOp>(op) || (last == Staging::full && !isPure))
      continue;
    cloneAll(op, mapping);
    // What is stored again is what was stored before.
    if (last != Staging::free || isPure)
      continue;
    OpBuilder::InsertionGuard guard(b);
    Operation &clone = *std::prev(b.getInsertionPoint());
    if (auto branch = dyn_cast<scf::IfOp>(clone); branch && !branch.elseBlock())
      b.setInsertionPointToStart(branch.thenBlock());
    else
      b.setInsertionPoint(&clone);
    waitUntilStored();
  }
}
