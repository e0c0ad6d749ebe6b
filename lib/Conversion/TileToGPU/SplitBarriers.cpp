//===- SplitBarriers.cpp - Warps arrive early and wait late ---------------===//
//
//   for i { copies(i + 1); commit; products; loads; products
//           if i + 1 < n { wait; barrier; a' = load(i + 1) }; last products(i) }
//
// becomes, with two mbarrier objects in shared memory,
//
//   for i { products; wait(empty, i - 1); copies(i + 1); commit; products
//           wait; arrive(full); loads; arrive(empty); products
//           if i + 1 < n { wait(full, i); a' = load(i + 1) }; last products(i) }
//
// `full`: what all warps copied for the next iteration has landed. `empty`: all warps have
// read all of this one. Between a warp's arrival and its wait lie products, and so warps
// that are some products apart do not wait for each other. Phases are told apart by their
// parity: no warp is more than one ahead.
//
//===----------------------------------------------------------------------===//

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
#include "llvm/Support/MathExtras.h"

namespace poolc {
#define GEN_PASS_DEF_GPUSPLITBARRIERS
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;

static constexpr int64_t warpSize = 32;

/// Larger blocks are alone on an SM, and their warps wait for copies rather than for each other:
/// arriving costs more there than it gives, in the model.
static constexpr int64_t mostThreads = 8 * warpSize;

namespace {

/// Rewrites one loop.
class BarrierSplitter {
public:
  explicit BarrierSplitter(scf::ForOp loop)
      : loop(loop), body(loop.getBody()), b(loop.getLoc(), loop) {}

  bool matches() { return findPublication() && findBarrier() && findCopies() && findPlaces(); }
  void rewrite();

private:
  bool findPublication();
  bool findBarrier();
  bool findCopies();
  bool findPlaces();
  SmallVector<Operation *> copyOperations();
  bool canMoveCopies();
  void moveCopies();
  void makeObjects();

  scf::ForOp loop;
  Block *body;
  ImplicitLocOpBuilder b;
  /// The barrier in front of the loop's first loads.
  Operation *publication = nullptr;
  /// Of the iteration's end.
  scf::IfOp next;
  NVVM::CpAsyncWaitGroupOp wait;
  Operation *barrier = nullptr;
  /// What begins to write to shared memory in an iteration, and what closes the group.
  Operation *copies = nullptr, *commit = nullptr;
  /// Behind these, the warp's copies have landed, and everything has been read.
  Operation *landed = nullptr, *read = nullptr;
  /// Behind this, an iteration begins to copy; null: at its start.
  Operation *begin = nullptr;
  Value full, empty;
};

} // namespace

/// The objects begin to count before a barrier that comes before the loop, and in a kernel
/// only once.
bool BarrierSplitter::findPublication() {
  auto func = dyn_cast<gpu::GPUFuncOp>(loop->getParentOp());
  if (!func || !func.getKnownBlockSize())
    return false;
  int64_t threads = func.getKnownBlockSize()->front();
  if (threads % warpSize != 0 || threads > mostThreads)
    return false;
  for (Operation *op = loop->getPrevNode(); op && !publication; op = op->getPrevNode())
    if (isa<gpu::BarrierOp>(op))
      publication = op;
  return publication;
}

/// The loop's only barrier is in a branch near its end, behind a wait, in front of loads.
bool BarrierSplitter::findBarrier() {
  unsigned barriers = 0;
  body->walk([&](gpu::BarrierOp) { ++barriers; });
  if (barriers != 1)
    return false;
  for (scf::IfOp branch : body->getOps<scf::IfOp>())
    for (auto first : branch.thenBlock()->getOps<NVVM::CpAsyncWaitGroupOp>())
      if (isa<gpu::BarrierOp>(first->getNextNode())) {
        next = branch;
        wait = first;
        barrier = first->getNextNode();
      }
  return barrier;
}

/// Copies come first, in one group.
bool BarrierSplitter::findCopies() {
  for (Operation &op : *body) {
    if (isa<NVVM::CpAsyncCommitGroupOp>(op)) {
      if (commit)
        return false;
      commit = &op;
    } else if (anyInside(op, writesShared)) {
      if (commit)
        return false;
      copies = copies ? copies : &op;
    } else if (!commit && (anyInside(op, isSharedLoad) || anyInside(op, isProduct))) {
      return false;
    }
  }
  return copies && commit && commit->isBeforeInBlock(next);
}

/// Two stages: an iteration copies for the next one. With a quarter of its products in front of
/// the copies, warps have time to read the last stage, and during another third of them copies
/// land. Of 16-bit operands, whose fragments take more instructions, the copies stay first, and
/// have a half of the products' time: in the model they land too late otherwise. More stages:
/// what the iteration before began has landed when products begin.
bool BarrierSplitter::findPlaces() {
  unsigned all = 0, before = 0;
  bool isTF32 = false;
  body->walk([&](NVVM::MmaOp product) {
    ++all;
    isTF32 |= product.getMultiplicandAPtxType() == NVVM::MMATypes::tf32;
  });
  bool isShort = wait.getN() == 0;
  unsigned toBegin = llvm::divideCeil(all, 4), toLand = 1;
  if (isShort)
    toLand = isTF32 ? llvm::divideCeil(7 * all, 12) : llvm::divideCeil(all, 2);
  for (Operation &op : llvm::make_range(commit->getIterator(), next->getIterator())) {
    op.walk([&](NVVM::MmaOp) { ++before; });
    if (isShort && isTF32 && !begin && before >= toBegin)
      begin = &op;
    if (!landed && before >= toLand)
      landed = &op;
    if (anyInside(op, isSharedLoad))
      read = &op;
  }
  // A warp that arrived in a phase of `empty` before it had seen the end of the last one
  // would wait for the one after.
  if (begin && (!read || !begin->isBeforeInBlock(read) || !canMoveCopies()))
    begin = nullptr;
  bool readsLater = llvm::any_of(llvm::make_range(std::next(next->getIterator()), body->end()),
                                 [](Operation &op) { return anyInside(op, isSharedLoad); });
  return all > 0 && landed && read && !readsLater;
}

SmallVector<Operation *> BarrierSplitter::copyOperations() {
  SmallVector<Operation *> operations;
  for (Operation &op : llvm::make_range(copies->getIterator(), std::next(commit->getIterator())))
    if (!isMemoryEffectFree(&op))
      operations.push_back(&op);
  return operations;
}

/// What they load into registers may be needed by arithmetic that stays.
bool BarrierSplitter::canMoveCopies() {
  return llvm::all_of(copyOperations(), [](Operation *op) { return op->use_empty(); });
}

/// From where they are to behind the first products.
void BarrierSplitter::moveCopies() {
  for (Operation *op : copyOperations()) {
    op->moveAfter(begin);
    begin = op;
  }
}

/// In shared memory of their own. Each counts a thread of every warp.
void BarrierSplitter::makeObjects() {
  auto func = loop->getParentOfType<gpu::GPUFuncOp>();
  b.setInsertionPoint(publication);
  Value address = addMBarriers(b, func, 2);
  full = mbarrierAt(b, address);
  empty = mbarrierAt(
      b, arith::AddIOp::create(b, address, arith::ConstantIntOp::create(b, mbarrierBytes, 64)));
  int64_t warps = func.getKnownBlockSize()->front() / warpSize;
  Value thread = arith::IndexCastUIOp::create(b, b.getI32Type(),
                                              gpu::ThreadIdOp::create(b, gpu::Dimension::x));
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread,
                                        arith::ConstantIntOp::create(b, 0, 32));
  auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value count = arith::ConstantIntOp::create(b, warps, 32);
  NVVM::MBarrierInitOp::create(b, full, count, /*predicate=*/Value());
  NVVM::MBarrierInitOp::create(b, empty, count, /*predicate=*/Value());
}

void BarrierSplitter::rewrite() {
  makeObjects();
  b.setInsertionPoint(loop);
  Value zero = arith::ConstantIntOp::create(b, 0, 32), one = arith::ConstantIntOp::create(b, 1, 32);
  IRRewriter rewriter(b.getContext());
  rewriter.setInsertionPoint(loop);
  loop = cast<scf::ForOp>(*loop.replaceWithAdditionalYields(
      rewriter, zero, /*replaceInitOperandUsesInLoop=*/false,
      [&](OpBuilder &builder, Location loc, ArrayRef<BlockArgument> arguments) {
        return SmallVector<Value>{arith::XOrIOp::create(builder, loc, arguments.back(), one)};
      }));
  Value parity = loop.getRegionIterArgs().back();
  b.setInsertionPointAfter(landed);
  b.clone(*wait);
  emitArrival(b, full);
  if (begin)
    moveCopies();
  // The phase before the first one counts as complete, so the first copies do not wait.
  b.setInsertionPoint(copies);
  emitPhaseWait(b, empty, arith::XOrIOp::create(b, parity, one), /*canSleep=*/false);
  b.setInsertionPointAfter(read);
  emitArrival(b, empty);
  b.setInsertionPoint(barrier);
  emitPhaseWait(b, full, parity, /*canSleep=*/false);
  barrier->erase();
  wait->erase();
}

namespace {
struct GPUSplitBarriersPass : poolc::impl::GPUSplitBarriersBase<GPUSplitBarriersPass> {
  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops) {
      BarrierSplitter splitter(loop);
      if (!splitter.matches())
        continue;
      splitter.rewrite();
      ++numLoops;
    }
  }
};
} // namespace
