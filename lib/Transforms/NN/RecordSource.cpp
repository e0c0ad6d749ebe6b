//===- RecordSource.cpp - Keep the program as it is now -------------------===//

#include "poolc/Transforms/NN/Passes.h"

#include "nn/NN.h"

#include "mlir/IR/BuiltinOps.h"

namespace poolc {
#define GEN_PASS_DEF_NNRECORDSOURCE
#include "poolc/Transforms/NN/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;

static void recordSource(ModuleOp module) {
  module->removeAttr(nn::NNDialect::sourceAttr);
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, OpPrintingFlags().printGenericOpForm());
  module->setAttr(nn::NNDialect::sourceAttr, StringAttr::get(module.getContext(), text));
}

namespace {
struct NNRecordSourcePass : poolc::impl::NNRecordSourceBase<NNRecordSourcePass> {
  void runOnOperation() override { recordSource(getOperation()); }
};
} // namespace
