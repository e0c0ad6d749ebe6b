//===- CheckFunction.cpp - Find the function to compile -------------------===//

#include "poolc/Transforms/NN/Passes.h"

#include "nn/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/STLExtras.h"

namespace poolc {
#define GEN_PASS_DEF_NNCHECKFUNCTION
#include "poolc/Transforms/NN/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;
using func::FuncOp;

static constexpr StringLiteral mainName = "main";

/// The function to compile: the only public one, or main.
static FailureOr<FuncOp> findEntry(ModuleOp module) {
  SmallVector<FuncOp> candidates;
  for (Operation &op : *module.getBody()) {
    auto function = dyn_cast<FuncOp>(op);
    if (!function)
      return op.emitOpError() << "expected only functions in the module";
    if (function.isPublic())
      candidates.push_back(function);
  }
  if (candidates.size() == 1)
    return candidates.front();
  if (candidates.empty())
    return module.emitError() << "expected a public function to compile, got none";
  const auto *found =
      llvm::find_if(candidates, [](FuncOp function) { return function.getName() == mainName; });
  if (found != candidates.end())
    return *found;
  return candidates[1].emitOpError()
         << "expected one public function, or one of them named " << mainName << ", got @"
         << candidates[0].getName() << " and @" << candidates[1].getName();
}

static LogicalResult checkType(FuncOp function, StringRef kind, unsigned index, Type type) {
  if (nn::isSupportedTensor(type))
    return success();
  return function.emitOpError() << "expected " << kind << " " << index
                                << " to be a ranked tensor of f32, f16 or bf16 without encoding, "
                                   "got "
                                << type;
}

static LogicalResult checkSignature(FuncOp function) {
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
    if (failed(checkType(function, "argument", index, type)))
      return failure();
  for (auto [index, type] : llvm::enumerate(function.getResultTypes()))
    if (failed(checkType(function, "result", index, type)))
      return failure();
  if (function.getNumResults() == 0)
    return function.emitOpError() << "expected at least one result, got none";
  return success();
}

static LogicalResult checkBody(FuncOp function) {
  if (!llvm::hasSingleElement(function.getBody()))
    return function.emitOpError() << "expected a body of one block, got "
                                  << function.getBody().getBlocks().size();
  for (Operation &op : function.getBody().front())
    if (!isa_and_present<nn::NNDialect>(op.getDialect()) && !isa<func::ReturnOp>(op))
      return op.emitOpError() << "expected only nn operations and a return in @"
                              << function.getName();
  return success();
}

/// Drops every function but `entry`; returns how many.
static unsigned dropOthers(ModuleOp module, FuncOp entry) {
  unsigned dropped = 0;
  for (FuncOp function : llvm::make_early_inc_range(module.getOps<FuncOp>())) {
    if (function == entry)
      continue;
    if (function.isPublic())
      function.emitWarning() << "@" << function.getName() << " is not compiled, only @"
                             << entry.getName() << " is";
    function.erase();
    ++dropped;
  }
  return dropped;
}

namespace {
struct NNCheckFunctionPass : poolc::impl::NNCheckFunctionBase<NNCheckFunctionPass> {
  void runOnOperation() override {
    FailureOr<FuncOp> entry = findEntry(getOperation());
    if (failed(entry) || failed(checkSignature(*entry)) || failed(checkBody(*entry)))
      return signalPassFailure();
    numDropped += dropOthers(getOperation(), *entry);
  }
};
} // namespace
