//===- Recompute.cpp - Indices computed again behind a loop ---------------===//
//
//   i = f(thread); sum = loop { g(thread) }; store(sum, i)
//
// becomes
//
//   sum = loop { g(thread) }; thread' = read again; i' = f(thread'); store(sum, i')
//
// so that registers hold nothing over the loop that a few instructions find again.
//
//===----------------------------------------------------------------------===//

#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace poolc {
#define GEN_PASS_DEF_GPURECOMPUTE
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

using namespace mlir;

/// 32-bit elements that a loop carries from which on registers are short.
static constexpr int64_t manyElements = 32;

static bool carriesMany(scf::ForOp loop) {
  int64_t elements = 0;
  for (Type type : loop.getInitArgs().getTypes())
    if (auto vector = dyn_cast<VectorType>(type))
      elements += vector.getNumElements();
  return elements >= manyElements;
}

/// The special register that a root of index arithmetic reads, or nothing.
static std::string specialRegister(Operation *op) {
  auto of = [](StringRef name, gpu::Dimension dimension) {
    return (name + "." + gpu::stringifyDimension(dimension)).str();
  };
  if (auto thread = dyn_cast<gpu::ThreadIdOp>(op))
    return of("%tid", thread.getDimension());
  if (auto block = dyn_cast<gpu::BlockIdOp>(op))
    return of("%ctaid", block.getDimension());
  return "";
}

namespace {

/// Recomputes behind one loop.
class Recomputer {
public:
  explicit Recomputer(scf::ForOp loop) : loop(loop), b(loop.getLoc(), loop) {
    b.setInsertionPointAfter(loop);
    loop.walk([&](Operation *op) { insideLoop.insert_range(op->getOperands()); });
  }

  /// Returns the number of values that are computed again.
  unsigned run();

private:
  bool isBefore(Value value);
  bool canRecompute(Value value);
  Value recompute(Value value);
  Value readAgain(Operation *root, StringRef name);

  scf::ForOp loop;
  ImplicitLocOpBuilder b;
  /// Used in the loop, so held over it anyway.
  llvm::DenseSet<Value> insideLoop;
  llvm::DenseMap<Value, bool> known;
  IRMapping recomputed;
};

} // namespace

/// An operation's result that the loop comes after.
bool Recomputer::isBefore(Value value) {
  Operation *op = value.getDefiningOp();
  return op && op != loop && op->getBlock() == loop->getBlock() && op->isBeforeInBlock(loop);
}

/// Whether `value` follows, by arithmetic, from what is known behind the loop.
bool Recomputer::canRecompute(Value value) {
  if (!isBefore(value) || insideLoop.contains(value))
    return true;
  if (auto found = known.find(value); found != known.end())
    return found->second;
  Operation *op = value.getDefiningOp();
  bool can =
      op->hasTrait<OpTrait::ConstantLike>() || !specialRegister(op).empty() ||
      (isPure(op) && op->getNumRegions() == 0 &&
       llvm::all_of(op->getOperands(), [&](Value operand) { return canRecompute(operand); }));
  return known[value] = can;
}

/// The register, read so that nothing takes it for the value that was read before.
Value Recomputer::readAgain(Operation *root, StringRef name) {
  auto read = LLVM::InlineAsmOp::create(
      b, TypeRange(b.getI32Type()), ValueRange(), ("mov.u32 $0, " + name + ";").str(), "=r",
      /*has_side_effects=*/true, /*is_align_stack=*/false, LLVM::TailCallKind::None,
      LLVM::AsmDialectAttr(), ArrayAttr());
  return arith::IndexCastUIOp::create(b, root->getResult(0).getType(), read.getResult(0));
}

Value Recomputer::recompute(Value value) {
  if (!isBefore(value) || insideLoop.contains(value))
    return value;
  if (Value again = recomputed.lookupOrNull(value))
    return again;
  Operation *op = value.getDefiningOp();
  if (std::string name = specialRegister(op); !name.empty()) {
    recomputed.map(value, readAgain(op, name));
    return recomputed.lookup(value);
  }
  for (Value operand : op->getOperands())
    recomputed.map(operand, recompute(operand));
  b.clone(*op, recomputed);
  return recomputed.lookup(value);
}

unsigned Recomputer::run() {
  SmallVector<OpOperand *> uses;
  llvm::SmallSetVector<Value, 16> values;
  for (Operation *op = loop->getNextNode(); op; op = op->getNextNode())
    op->walk([&](Operation *inner) {
      for (OpOperand &operand : inner->getOpOperands()) {
        Value value = operand.get();
        if (!isBefore(value) || insideLoop.contains(value) || !canRecompute(value) ||
            value.getDefiningOp()->hasTrait<OpTrait::ConstantLike>())
          continue;
        uses.push_back(&operand);
        values.insert(value);
      }
    });
  for (OpOperand *use : uses)
    use->set(recompute(use->get()));
  return values.size();
}

namespace {
struct GPURecomputePass : poolc::impl::GPURecomputeBase<GPURecomputePass> {
  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation().walk<WalkOrder::PreOrder>([&](scf::ForOp loop) {
      if (!carriesMany(loop))
        return WalkResult::advance();
      loops.push_back(loop);
      return WalkResult::skip();
    });
    for (scf::ForOp loop : loops)
      numValues += Recomputer(loop).run();
  }
};
} // namespace
