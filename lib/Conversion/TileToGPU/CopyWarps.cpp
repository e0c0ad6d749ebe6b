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

#include "BulkCopies.h"
#include "MBarriers.h"
#include "RoleSplitter.h"
#include "SharedAccess.h"

#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace poolc {
#define GEN_PASS_DEF_GPUCOPYWARPS
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;

std::optional<CopyWarps> CopyWarps::of(Operation *kernel) {
  auto numbers = kernel->getAttrOfType<DenseI64ArrayAttr>(attribute);
  if (!numbers || numbers.size() != 5)
    return std::nullopt;
  CopyWarps warps{numbers[0], numbers[1], numbers[2], numbers[3], {}, numbers[4]};
  if (auto tiles = kernel->getAttrOfType<DenseI64ArrayAttr>(tilesAttribute))
    llvm::append_range(warps.tiles, tiles.asArrayRef());
  return warps;
}

void CopyWarps::remove(Operation *kernel) {
  kernel->removeAttr(attribute);
  kernel->removeAttr(tilesAttribute);
}

bool poolc::isLoopOfSteps(Operation &op) {
  auto loop = dyn_cast<scf::ForOp>(op);
  return loop && isa<NVVM::CpAsyncWaitGroupOp>(loop.getBody()->front());
}

bool poolc::copiesToShared(Operation &op) {
  auto isBarrier = llvm::IsaPred<gpu::BarrierOp>;
  if (!anyInside(op, writesShared) || anyInside(op, isBarrier))
    return false;
  for (Operation *later = op.getNextNode(); later && !isLoopOfSteps(*later);
       later = later->getNextNode())
    if (isBarrier(later))
      return false;
  return true;
}

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

/// Nobody waits until what goes to memory of no stage has been read, so all tiles have it in
/// common.
bool RoleSplitter::keepsOwnMemory() {
  return warps.tiles.empty() || !anyInside(*loop, [&](Operation *op) {
           return isBulkCopy(op) && isOfNoStage(op) && !isOfAllTiles(*op);
         });
}

void RoleSplitter::makeObjects() {
  int64_t count = 2 * numStages + (warps.storing != 0 ? 2 : 0);
  Value address = addMBarriers(b, func, count);
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
    for (int64_t i = 0; i != count; ++i) {
      int64_t copiers = countBulkBytes() != 0 ? 1 : warps.copying;
      int64_t fillers = i < 2 * numStages ? copiers : threads / warpSize;
      int64_t readers = i < 2 * numStages ? threads / warpSize : warps.storing;
      bool tellsFull = i < numStages || i == 2 * numStages;
      Value arriving = i32(tellsFull ? fillers : readers);
      Value address =
          arith::AddIOp::create(b, objects, arith::ConstantIntOp::create(b, i * mbarrierBytes, 64));
      NVVM::MBarrierInitOp::create(b, mbarrierAt(b, address), arriving, /*predicate=*/Value());
    }
  }
  gpu::BarrierOp::create(b);
}

Value RoleSplitter::objectOf(int64_t first, Value stage) {
  Value number = arith::AddIOp::create(b, stage, i32(first));
  Value offset = arith::MulIOp::create(b, number, i32(mbarrierBytes));
  return mbarrierAt(
      b, arith::AddIOp::create(b, objects, arith::ExtUIOp::create(b, b.getI64Type(), offset)));
}

Value RoleSplitter::after(Value stage, int64_t distance) {
  Value sum = arith::AddIOp::create(b, stage, i32(distance));
  Value wraps = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, sum, i32(numStages));
  return arith::SelectOp::create(b, wraps, arith::SubIOp::create(b, sum, i32(numStages)), sum);
}

void RoleSplitter::advance(Value &stage, Value &parity) {
  stage = after(stage, 1);
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, stage, i32(0));
  parity = arith::XOrIOp::create(b, parity, arith::ExtUIOp::create(b, b.getI32Type(), isFirst));
}

bool RoleSplitter::isKnown(Operation &op, const IRMapping &mapping) {
  bool known = true;
  op.walk([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      // None: of what was taken out of the kernel.
      Operation *parent = operand.getParentBlock()->getParentOp();
      known &= mapping.contains(operand) || (parent && (op.isAncestor(parent) || parent == func));
    }
  });
  return known;
}

void RoleSplitter::limitRegisters(int64_t count, NVVM::SetMaxRegisterAction action) {
  if (count != 0)
    NVVM::SetMaxRegisterOp::create(b, count, action);
}

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

/// Those that do not multiply copy, or some of them store.
bool RoleSplitter::splitOthers() {
  if (warps.storing == 0) {
    copy();
    return true;
  }
  Value isStoring = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, thread,
                                          i32(threads + warps.copying * warpSize));
  auto roles = scf::IfOp::create(b, isStoring, /*withElseRegion=*/true);
  b.setInsertionPointToStart(roles.elseBlock());
  copy();
  b.setInsertionPointToStart(roles.thenBlock());
  return store();
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
  if (!keepsOwnMemory()) {
    entry.getOperations().splice(entry.begin(), old.getOperations());
    return func.emitOpError("expected what is copied to memory of no stage to be the same for all "
                            "tiles of a block, in a kernel with warps for copies");
  }
  b.setInsertionPointToStart(&entry);
  makeObjects();
  Value isCopying = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, thread, i32(threads));
  auto roles = scf::IfOp::create(b, isCopying, /*withElseRegion=*/true);
  b.setInsertionPointToStart(roles.thenBlock());
  limitRegisters(warps.registersOfOthers, NVVM::SetMaxRegisterAction::decrease);
  bool isSplit = splitOthers();
  b.setInsertionPointToStart(roles.elseBlock());
  limitRegisters(warps.registersOfProducts, NVVM::SetMaxRegisterAction::increase);
  multiply();
  while (!old.empty())
    old.back().erase();
  if (!isSplit)
    return func.emitOpError(
        "expected results that are stored in any case, by the number of the thread "
        "alone, in a kernel with warps that store");
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
