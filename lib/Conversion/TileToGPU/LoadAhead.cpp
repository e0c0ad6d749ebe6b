//===- LoadAhead.cpp - Fragments of the next iteration, loaded early ------===//
//
//   for i { wait; barrier; a = load(i); rest(i); last products(i) }
//
// becomes
//
//   wait; barrier; a = load(0)
//   for i (a) { rest(i); if i + 1 < n { wait; barrier; a' = load(i + 1) }
//               last products(i); yield a' }
//
// so that behind a barrier the tensor cores have something to do at once.
//
//===----------------------------------------------------------------------===//

#include "SharedAccess.h"

#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/SetVector.h"

namespace poolc {
#define GEN_PASS_DEF_GPULOADAHEAD
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;

static bool isOneRegister(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return !vector || vector.getNumElements() * vector.getElementTypeBitWidth() <= 32;
}

namespace {

/// Rewrites one loop.
class LoadRotator {
public:
  explicit LoadRotator(scf::ForOp loop)
      : loop(loop), body(loop.getBody()), b(loop.getLoc(), loop) {}

  bool matches() { return findBarrier() && findLoads() && findLast(); }
  void rewrite();

private:
  using Operations = llvm::SetVector<Operation *>;

  bool findBarrier();
  bool findLoads();
  bool findLast();
  bool collectSlice(Value value, Operations &slice);
  void findDerived();
  bool isOfBody(Value value) { return value.getParentBlock() == body; }
  SmallVector<Value> loadFirst(IRMapping mapping);
  SmallVector<Value> derive(ArrayRef<Value> loaded);
  IRMapping mapToNext(Value next);

  scf::ForOp loop;
  Block *body;
  ImplicitLocOpBuilder b;
  Operation *wait = nullptr, *barrier = nullptr;
  /// The loads in front of the first product, with the arithmetic of their addresses.
  SmallVector<Operation *> loads;
  Operations addresses;
  /// What follows from nothing but the loads, and the values of both that others use.
  Operations derived;
  SmallVector<Value> carried;
  /// Products whose results only the next iteration uses, and what becomes of these.
  Operations last;
};

} // namespace

/// The body begins with a wait for copies and a barrier, its only one. What it stores goes
/// with the copies that it commits next, to a later iteration, and not to its own loads.
bool LoadRotator::findBarrier() {
  bool stores = false;
  for (Operation &op : *body) {
    if (!barrier && isMemoryEffectFree(&op))
      continue;
    if (!wait && isa<NVVM::CpAsyncWaitGroupOp>(op))
      wait = &op;
    else if (wait && !barrier && isa<gpu::BarrierOp>(op))
      barrier = &op;
    else if (!barrier || anyInside(op, llvm::IsaPred<gpu::BarrierOp>))
      return false;
    else if (isa<NVVM::CpAsyncCommitGroupOp>(op))
      stores = false;
    else
      stores |= anyInside(op, isSharedStore);
  }
  std::optional<int64_t> lower = getConstantIntValue(loop.getLowerBound()),
                         upper = getConstantIntValue(loop.getUpperBound());
  return barrier && !stores && lower && upper && *lower < *upper;
}

/// Adds the operations of the body that `value` follows from; they must be free of effects.
bool LoadRotator::collectSlice(Value value, Operations &slice) {
  if (!isOfBody(value))
    return true;
  Operation *op = value.getDefiningOp();
  if (!op)
    return value.getType().isIntOrIndex();
  if (slice.contains(op))
    return true;
  if (!isMemoryEffectFree(op) || op->getNumRegions() != 0)
    return false;
  if (!llvm::all_of(op->getOperands(), [&](Value operand) { return collectSlice(operand, slice); }))
    return false;
  slice.insert(op);
  return true;
}

bool LoadRotator::findLoads() {
  for (Operation &op : *body) {
    if (isProduct(&op))
      break;
    if (!isSharedLoad(&op))
      continue;
    loads.push_back(&op);
    for (Value operand : op.getOperands())
      if (!collectSlice(operand, addresses))
        return false;
  }
  if (loads.empty())
    return false;
  findDerived();
  // In the next iteration, integers are what this one yields.
  Operations yielded;
  for (auto [argument, value] : llvm::zip_equal(loop.getRegionIterArgs(), loop.getYieldedValues()))
    if (argument.getType().isIntOrIndex() && !collectSlice(value, yielded))
      return false;
  return true;
}

void LoadRotator::findDerived() {
  Operations all(loads.begin(), loads.end());
  for (Operation &op : *body) {
    if (all.contains(&op) || isProduct(&op) || !isMemoryEffectFree(&op) ||
        op.getNumRegions() != 0 || op.hasTrait<OpTrait::IsTerminator>())
      continue;
    // What takes more than a register is operands put together for a product.
    if (!llvm::all_of(op.getResultTypes(), isOneRegister))
      continue;
    bool follows = false;
    bool only = llvm::all_of(op.getOperands(), [&](Value operand) {
      if (!isOfBody(operand))
        return true;
      follows = true;
      return operand.getDefiningOp() && all.contains(operand.getDefiningOp());
    });
    if (!only || !follows)
      continue;
    all.insert(&op);
    derived.insert(&op);
  }
  for (Operation *op : all)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) { return !all.contains(user); }))
        carried.push_back(result);
}

/// From the end: what only the loop's end uses, up to products. With more products than a few,
/// their operands would take registers that the loads need.
bool LoadRotator::findLast() {
  constexpr unsigned mostProducts = 8;
  unsigned products = 0;
  for (Operation &op : llvm::reverse(body->without_terminator())) {
    bool isFree = isMemoryEffectFree(&op) || isProduct(&op);
    if (!isFree || op.getNumRegions() != 0 || op.use_empty())
      continue;
    bool isForEnd = llvm::all_of(op.getUsers(), [&](Operation *user) {
      return user == body->getTerminator() || (last.contains(user) && !isProduct(user));
    });
    if (!isForEnd || derived.contains(&op) || addresses.contains(&op))
      continue;
    // Counters are needed before.
    if (!isa<NVVM::MmaOp>(op) &&
        llvm::all_of(op.getResultTypes(), [](Type type) { return type.isIntOrIndex(); }))
      continue;
    if (isProduct(&op) && products++ == mostProducts)
      break;
    last.insert(&op);
  }
  return products > 0;
}

/// Waits, and loads at addresses of the iteration that `mapping` maps to.
SmallVector<Value> LoadRotator::loadFirst(IRMapping mapping) {
  b.clone(*wait);
  b.clone(*barrier);
  for (Operation *op : addresses)
    b.clone(*op, mapping);
  SmallVector<Value> loaded;
  for (Operation *op : loads)
    loaded.push_back(b.clone(*op, mapping)->getResult(0));
  return loaded;
}

SmallVector<Value> LoadRotator::derive(ArrayRef<Value> loaded) {
  IRMapping mapping;
  for (auto [op, value] : llvm::zip_equal(loads, loaded))
    mapping.map(op->getResult(0), value);
  for (Operation *op : derived)
    b.clone(*op, mapping);
  return llvm::map_to_vector(carried, [&](Value value) { return mapping.lookup(value); });
}

/// From what an iteration computes with to what the next one does, where the loop's
/// variable is then `next`.
IRMapping LoadRotator::mapToNext(Value next) {
  IRMapping mapping;
  Operations yielded;
  SmallVector<std::pair<Value, Value>> arguments;
  for (auto [argument, value] : llvm::zip_equal(loop.getRegionIterArgs(), loop.getYieldedValues()))
    if (argument.getType().isIntOrIndex()) {
      collectSlice(value, yielded);
      arguments.emplace_back(argument, value);
    }
  IRMapping current;
  for (Operation *op : yielded)
    b.clone(*op, current);
  for (auto [argument, value] : arguments)
    mapping.map(argument, current.lookupOrDefault(value));
  mapping.map(loop.getInductionVar(), next);
  return mapping;
}

void LoadRotator::rewrite() {
  IRMapping first;
  first.map(loop.getInductionVar(), loop.getLowerBound());
  first.map(loop.getRegionIterArgs(), loop.getInitArgs());
  SmallVector<Value> inits = derive(loadFirst(first));

  // The products that are left for the end come after the next iteration's loads.
  for (Operation *op : llvm::reverse(last))
    op->moveBefore(body->getTerminator());
  b.setInsertionPoint(last.back());
  Value next = arith::AddIOp::create(b, loop.getInductionVar(), loop.getStep());
  Value hasNext = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, next, loop.getUpperBound());
  SmallVector<Type> types;
  for (Operation *op : loads)
    types.push_back(op->getResult(0).getType());
  auto branch = scf::IfOp::create(b, types, hasNext, /*addThenBlock=*/true, /*addElseBlock=*/true);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, loadFirst(mapToNext(next)));
  b.setInsertionPointToStart(branch.elseBlock());
  auto zeros = llvm::map_to_vector(
      types, [&](Type type) -> Value { return arith::ConstantOp::create(b, b.getZeroAttr(type)); });
  scf::YieldOp::create(b, zeros);
  b.setInsertionPoint(body->getTerminator());
  SmallVector<Value> yielded = derive(llvm::to_vector_of<Value>(branch.getResults()));

  b.setInsertionPoint(loop);
  IRRewriter rewriter(b.getContext());
  rewriter.setInsertionPoint(loop);
  auto rotated = cast<scf::ForOp>(*loop.replaceWithAdditionalYields(
      rewriter, inits, /*replaceInitOperandUsesInLoop=*/false,
      [&](OpBuilder &, Location, ArrayRef<BlockArgument>) { return yielded; }));
  for (auto [value, argument] :
       llvm::zip_equal(carried, rotated.getRegionIterArgs().take_back(carried.size())))
    value.replaceAllUsesExcept(argument, {});
  for (Operation *op : llvm::reverse(derived))
    op->erase();
  for (Operation *op : llvm::reverse(loads))
    op->erase();
  barrier->erase();
  wait->erase();
}

namespace {
struct GPULoadAheadPass : poolc::impl::GPULoadAheadBase<GPULoadAheadPass> {
  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops) {
      LoadRotator rotator(loop);
      if (!rotator.matches())
        continue;
      rotator.rewrite();
      ++numLoops;
    }
  }
};
} // namespace
