//===- SplitExpected.cpp - A body for what is expected of a block ---------===//

#include "poolc/Conversion/GPUToNVVM.h"
#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace poolc {
#define GEN_PASS_DEF_LLVMSPLITEXPECTED
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

static LLVM::ExpectOp findExpected(LLVM::LLVMFuncOp kernel) {
  if (kernel.isExternal())
    return nullptr;
  for (auto expect : kernel.getBody().front().getOps<LLVM::ExpectOp>())
    if (expect.getType().isInteger(1) && matchPattern(expect.getExpected(), m_One()))
      return expect;
  return nullptr;
}

/// Copies `blocks` to the end of their region, with what `mapping` has in the place of values.
static void cloneBlocks(ArrayRef<Block *> blocks, IRMapping &mapping) {
  for (Block *block : blocks) {
    auto *clone = new Block;
    block->getParent()->push_back(clone);
    mapping.map(block, clone);
    for (BlockArgument argument : block->getArguments())
      mapping.map(argument, clone->addArgument(argument.getType(), argument.getLoc()));
  }
  for (Block *block : blocks)
    for (Operation &op : *block)
      mapping.lookup(block)->push_back(op.clone(mapping));
  // A block may come before those that define what it uses.
  for (Block *block : blocks)
    for (Operation &op : *mapping.lookup(block))
      for (OpOperand &operand : op.getOpOperands())
        operand.set(mapping.lookupOrDefault(operand.get()));
}

/// What the condition does not need goes behind it, where each body may do it later, or not at all.
static void sinkOthers(LLVM::ExpectOp expect) {
  llvm::SmallPtrSet<Operation *, 16> needed{expect};
  Operation *end = expect->getNextNode();
  for (Operation *op = expect, *before; op; op = before) {
    before = op->getPrevNode();
    bool isNeeded =
        llvm::any_of(op->getUsers(), [&](Operation *user) { return needed.contains(user); });
    if (needed.contains(op) || isNeeded || !isPure(op)) {
      needed.insert(op);
      continue;
    }
    op->moveBefore(end);
    end = op;
  }
}

static void split(LLVM::ExpectOp expect) {
  Block *entry = expect->getBlock();
  sinkOthers(expect);
  Block *otherwise = entry->splitBlock(std::next(expect->getIterator()));
  auto blocks =
      llvm::map_to_vector(llvm::make_range(otherwise->getIterator(), entry->getParent()->end()),
                          [](Block &block) { return &block; });
  auto b = OpBuilder::atBlockEnd(entry);
  auto makeBool = [&](bool value) -> Value {
    return LLVM::ConstantOp::create(b, expect.getLoc(), b.getBoolAttr(value));
  };
  IRMapping mapping;
  mapping.map(expect.getRes(), makeBool(true));
  cloneBlocks(blocks, mapping);
  expect.getRes().replaceAllUsesWith(makeBool(false));
  LLVM::CondBrOp::create(b, expect.getLoc(), expect.getVal(), mapping.lookup(otherwise), otherwise);
  expect.erase();
}

unsigned poolc::splitExpected(gpu::GPUModuleOp module) {
  unsigned count = 0;
  for (auto kernel : module.getOps<LLVM::LLVMFuncOp>())
    if (LLVM::ExpectOp expect = findExpected(kernel)) {
      split(expect);
      ++count;
    }
  return count;
}

namespace {
struct LLVMSplitExpected : poolc::impl::LLVMSplitExpectedBase<LLVMSplitExpected> {
  void runOnOperation() override { numKernels += poolc::splitExpected(getOperation()); }
};
} // namespace
