//===- NumberOps.cpp - Number the nn operations of a function -------------===//

#include "poolc/Transforms/NN/Passes.h"

#include "nn/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace poolc {
#define GEN_PASS_DEF_NNNUMBEROPS
#include "poolc/Transforms/NN/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;

static IntegerAttr getIndex(Operation *op) {
  return op->getAttrOfType<IntegerAttr>(nn::NNDialect::indexAttr);
}

/// That each op has a number of its own.
static LogicalResult checkNumbers(ArrayRef<Operation *> ops) {
  llvm::DenseMap<int64_t, Operation *> numbered;
  for (Operation *op : ops) {
    IntegerAttr index = getIndex(op);
    if (!index)
      return op->emitOpError() << "expected " << nn::NNDialect::indexAttr
                               << " on all nn operations of the function or on none, got one "
                                  "without it";
    auto [entry, isNew] = numbered.try_emplace(index.getInt(), op);
    if (!isNew) {
      InFlightDiagnostic error = op->emitOpError()
                                 << "expected a different " << nn::NNDialect::indexAttr
                                 << " on each operation, got another " << index.getInt();
      error.attachNote(entry->second->getLoc()) << "the first one is here";
      return error;
    }
  }
  return success();
}

/// Numbers the ops of the function, unless they are. Returns how many it numbered.
static FailureOr<unsigned> numberOps(func::FuncOp function) {
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) {
    if (isa_and_present<nn::NNDialect>(op->getDialect()))
      ops.push_back(op);
  });
  if (llvm::any_of(ops, getIndex)) {
    if (failed(checkNumbers(ops)))
      return failure();
    return 0;
  }
  Builder builder(function.getContext());
  for (auto [index, op] : llvm::enumerate(ops))
    op->setAttr(nn::NNDialect::indexAttr, builder.getI64IntegerAttr(index));
  return ops.size();
}

namespace {
struct NNNumberOpsPass : poolc::impl::NNNumberOpsBase<NNNumberOpsPass> {
  void runOnOperation() override {
    FailureOr<unsigned> numbered = numberOps(getOperation());
    if (failed(numbered))
      return signalPassFailure();
    numNumbered += *numbered;
  }
};
} // namespace
