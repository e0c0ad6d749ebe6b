//===- CopyWarps.cpp - Warps that only copy -------------------------------===//
//
//   copies(0); copies(1)
//   sum = for i { wait; barrier; products(i); if i + 2 < n { copies(i + 2) }; commit }
//   store(sum)
//
// becomes, for a kernel with warps for copies beside those that its tiles are divided among,
//
//   if is of those {
//     for each tile of the block { for i { wait(empty[s]); copies(i); commit
//                                          wait for the copies before; arrive(full[s - 1]) } }
//   } else {
//     for each tile of the block { sum = for i { wait(full[s]); products(i); arrive(empty[s]) }
//                                  store(sum) }
//   }
//
// Each stage s has two mbarrier objects: `full`, what was copied to it has landed, and `empty`,
// all has been read. Stages go round over the tiles, so the first copies of a tile are under way
// while the results of the one before are stored, and warps that multiply wait for each other
// only in the epilogue.
//
//===----------------------------------------------------------------------===//

#include "CopyWarps.h"
#include "MBarriers.h"
#include "SharedAccess.h"

#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/FormatVariadic.h"

namespace poolc {
#define GEN_PASS_DEF_GPUCOPYWARPS
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;

static constexpr int64_t warpSize = 32;

std::optional<CopyWarps> CopyWarps::of(Operation *kernel) {
  auto numbers = kernel->getAttrOfType<DenseI64ArrayAttr>(attribute);
  if (!numbers || numbers.size() != 4)
    return std::nullopt;
  CopyWarps warps{numbers[0], numbers[1], numbers[2], {}, numbers[3]};
  if (auto tiles = kernel->getAttrOfType<DenseI64ArrayAttr>(tilesAttribute))
    llvm::append_range(warps.tiles, tiles.asArrayRef());
  return warps;
}

void CopyWarps::remove(Operation *kernel) {
  kernel->removeAttr(attribute);
  kernel->removeAttr(tilesAttribute);
}

/// The loop over steps begins with a wait for copies.
static bool isLoopOfSteps(Operation &op) {
  auto loop = dyn_cast<scf::ForOp>(op);
  return loop && isa<NVVM::CpAsyncWaitGroupOp>(loop.getBody()->front());
}

/// What writes to shared memory and then meets at a barrier, clears what has been copied: at one
/// inside, or, where every block clears, at one that follows.
static bool copiesToShared(Operation &op) {
  auto isBarrier = llvm::IsaPred<gpu::BarrierOp>;
  if (!anyInside(op, writesShared) || anyInside(op, isBarrier))
    return false;
  for (Operation *later = op.getNextNode(); later && !isLoopOfSteps(*later);
       later = later->getNextNode())
    if (isBarrier(later))
      return false;
  return true;
}

static bool isOfCopies(Operation &op) {
  return isa<NVVM::CpAsyncCommitGroupOp, NVVM::CpAsyncWaitGroupOp, NVVM::FenceProxyOp>(op) ||
         copiesToShared(op);
}

namespace {

/// Rewrites one kernel.
class RoleSplitter {
public:
  RoleSplitter(gpu::GPUFuncOp func, const CopyWarps &warps)
      : func(func), warps(warps), b(func.getLoc(), func.getContext()),
        threads(func.getKnownBlockSize()->front() - warps.copying * warpSize) {}

  LogicalResult run();

private:
  using State = SmallVector<Value>;

  bool findLoop();
  bool canCopyAlone();
  void makeObjects();
  Value i32(int64_t value) { return arith::ConstantIntOp::create(b, value, 32); }
  Value objectOf(int64_t first, Value stage);
  Value after(Value stage, int64_t distance);
  void limitRegisters(int64_t count, NVVM::SetMaxRegisterAction action);
  void forEachTile(State &state, function_ref<void(IRMapping &, State &)> body);
  void copy();
  void copyTile(IRMapping &mapping, State &state);
  void copyStep(IRMapping &mapping, Value step, Value stage);
  void publish(Value stage, Value condition);
  void multiply();
  void multiplyTile(IRMapping &mapping, State &state);
  void cloneAll(Operation &op, IRMapping &mapping);

  gpu::GPUFuncOp func;
  CopyWarps warps;
  ImplicitLocOpBuilder b;
  /// Those that multiply.
  int64_t threads;
  /// What the kernel did, taken out of it.
  Block old;
  scf::ForOp loop;
  int64_t numStages = 0;
  Value thread, objects;
};

} // namespace

/// There is one, and it carries the number of its stage last.
bool RoleSplitter::findLoop() {
  for (Operation &candidate : llvm::make_filter_range(old, isLoopOfSteps)) {
    if (loop)
      return false;
    loop = cast<scf::ForOp>(candidate);
    numStages = cast<NVVM::CpAsyncWaitGroupOp>(loop.getBody()->front()).getN() + 2;
  }
  return loop && loop.getNumRegionIterArgs() > 0 &&
         loop.getRegionIterArgs().back().getType().isInteger(32);
}

/// Copies are in branches without results, and what they need follows without other effects.
bool RoleSplitter::canCopyAlone() {
  unsigned branches = 0;
  for (Operation &op : *loop.getBody()) {
    if (!copiesToShared(op))
      continue;
    auto branch = dyn_cast<scf::IfOp>(op);
    if (!branch || branch.getNumResults() != 0 || branch.elseBlock())
      return false;
    ++branches;
  }
  return branches == 1 && !loop.getBody()->getOps<gpu::BarrierOp>().empty();
}

void RoleSplitter::makeObjects() {
  Value address = addMBarriers(b, func, 2 * numStages);
  // Said to be no constant: it would be put together again in each step.
  objects = LLVM::InlineAsmOp::create(b, TypeRange(b.getI64Type()), address, "mov.b64 $0, $1;",
                                      "=l,l", /*has_side_effects=*/true, /*is_align_stack=*/false,
                                      LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr())
                .getResult(0);
  thread = arith::IndexCastUIOp::create(b, b.getI32Type(),
                                        gpu::ThreadIdOp::create(b, gpu::Dimension::x));
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread, i32(0));
  auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    for (int64_t i = 0; i != 2 * numStages; ++i) {
      Value count = i32(i < numStages ? warps.copying : threads / warpSize);
      Value address =
          arith::AddIOp::create(b, objects, arith::ConstantIntOp::create(b, i * mbarrierBytes, 64));
      NVVM::MBarrierInitOp::create(b, mbarrierAt(b, address), count, /*predicate=*/Value());
    }
  }
  gpu::BarrierOp::create(b);
}

/// Of the objects from `first` on, that of a stage.
Value RoleSplitter::objectOf(int64_t first, Value stage) {
  Value number = arith::AddIOp::create(b, stage, i32(first));
  Value offset = arith::MulIOp::create(b, number, i32(mbarrierBytes));
  return mbarrierAt(
      b, arith::AddIOp::create(b, objects, arith::ExtUIOp::create(b, b.getI64Type(), offset)));
}

/// (stage + distance) % numStages for distance <= numStages.
Value RoleSplitter::after(Value stage, int64_t distance) {
  Value sum = arith::AddIOp::create(b, stage, i32(distance));
  Value wraps = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, sum, i32(numStages));
  return arith::SelectOp::create(b, wraps, arith::SubIOp::create(b, sum, i32(numStages)), sum);
}

void RoleSplitter::limitRegisters(int64_t count, NVVM::SetMaxRegisterAction action) {
  if (count != 0)
    NVVM::SetMaxRegisterOp::create(b, count, action);
}

/// Calls `body` for the tiles of the block, with where the kernel's values of threads and blocks
/// are found. What `state` holds goes from tile to tile.
void RoleSplitter::forEachTile(State &state, function_ref<void(IRMapping &, State &)> body) {
  auto mapIds = [&](IRMapping &mapping, function_ref<Value(gpu::BlockIdOp)> blockId) {
    for (Operation &op : old)
      if (auto block = dyn_cast<gpu::BlockIdOp>(op))
        mapping.map(block.getResult(), blockId(block));
  };
  if (warps.tiles.empty()) {
    IRMapping mapping;
    mapIds(mapping, [&](gpu::BlockIdOp block) { return b.clone(*block)->getResult(0); });
    return body(mapping, state);
  }
  Value first = gpu::BlockIdOp::create(b, gpu::Dimension::x);
  Value all = arith::ConstantIndexOp::create(b, llvm::product_of(warps.tiles));
  auto tiles =
      scf::ForOp::create(b, first, all, arith::ConstantIndexOp::create(b, warps.blocks), state);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(tiles.getBody());
  IRMapping mapping;
  Value tile = arith::IndexCastUIOp::create(b, b.getI32Type(), tiles.getInductionVar());
  mapIds(mapping, [&](gpu::BlockIdOp block) -> Value {
    auto axis = unsigned(block.getDimension());
    Value id = tile;
    for (unsigned faster = 0; faster != axis; ++faster)
      id = arith::DivUIOp::create(b, id, i32(warps.tiles[faster]));
    if (axis != 2)
      id = arith::RemUIOp::create(b, id, i32(warps.tiles[axis]));
    return arith::IndexCastUIOp::create(b, b.getIndexType(), id);
  });
  State carried(tiles.getRegionIterArgs());
  body(mapping, carried);
  scf::YieldOp::create(b, carried);
  llvm::copy(tiles.getResults(), state.begin());
}

//===----------------------------------------------------------------------===//
// Warps that copy
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Warps that multiply
//===----------------------------------------------------------------------===//

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
  State state{i32(0), i32(0)};
  forEachTile(state, [&](IRMapping &mapping, State &carried) {
    Value own = arith::IndexCastUIOp::create(b, b.getIndexType(), thread);
    for (Operation &op : old)
      if (isa<gpu::ThreadIdOp>(op))
        mapping.map(op.getResult(0), own);
    multiplyTile(mapping, carried);
  });
}

void RoleSplitter::multiplyTile(IRMapping &mapping, State &state) {
  for (Operation &op : llvm::make_range(old.begin(), loop->getIterator()))
    if (!isa<gpu::ThreadIdOp, gpu::BlockIdOp>(op) && !isOfCopies(op))
      cloneAll(op, mapping);
  SmallVector<Value> inits;
  for (Value init : loop.getInitArgs().drop_back())
    inits.push_back(mapping.lookup(init));
  llvm::append_range(inits, state);
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
  for (Operation &op : llvm::make_range(std::next(loop->getIterator()), old.end()))
    if (!isa<gpu::ThreadIdOp, gpu::BlockIdOp>(op))
      cloneAll(op, mapping);
  state.assign({steps.getResults().drop_back().back(), steps.getResults().back()});
}

LogicalResult RoleSplitter::run() {
  Block &entry = func.getBody().front();
  old.getOperations().splice(old.end(), entry.getOperations(), entry.begin(),
                             std::prev(entry.end()));
  if (!findLoop() || !canCopyAlone()) {
    entry.getOperations().splice(entry.begin(), old.getOperations());
    return func.emitOpError("expected one loop that waits, meets at a barrier and copies under "
                            "one condition, in a kernel with warps for copies");
  }
  b.setInsertionPointToStart(&entry);
  makeObjects();
  Value isCopying = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, thread, i32(threads));
  auto roles = scf::IfOp::create(b, isCopying, /*withElseRegion=*/true);
  b.setInsertionPointToStart(roles.thenBlock());
  limitRegisters(warps.registersOfCopies, NVVM::SetMaxRegisterAction::decrease);
  copy();
  b.setInsertionPointToStart(roles.elseBlock());
  limitRegisters(warps.registersOfProducts, NVVM::SetMaxRegisterAction::increase);
  multiply();
  while (!old.empty())
    old.back().erase();
  return success();
}

namespace {
struct GPUCopyWarpsPass : poolc::impl::GPUCopyWarpsBase<GPUCopyWarpsPass> {
  void runOnOperation() override {
    std::optional<CopyWarps> warps = CopyWarps::of(getOperation());
    if (!warps)
      return;
    if (failed(RoleSplitter(getOperation(), *warps).run()))
      return signalPassFailure();
    CopyWarps::remove(getOperation());
    ++numKernels;
  }
};
} // namespace
