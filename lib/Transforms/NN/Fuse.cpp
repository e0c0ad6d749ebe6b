//===- Fuse.cpp - Compute sums where their operands are -------------------===//

#include "poolc/Transforms/NN/Passes.h"

#include "nn/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Remarks.h"

namespace poolc {
#define GEN_PASS_DEF_NNFUSE
#include "poolc/Transforms/NN/Passes.h.inc"
} // namespace poolc

using namespace mlir;
using namespace poolc;
using namespace poolc::nn;

/// Why the operand cannot be computed in the launch of the sum; "" if it can.
static StringRef whyNotFused(Value operand) {
  auto conv = operand.getDefiningOp<Conv1dOp>();
  if (!conv)
    return "it is not the result of nn.conv1d";
  if (!conv->hasOneUse())
    return "its convolution has other uses, for which it must be in memory";
  return "";
}

/// The operand that is computed latest: all that it needs is there by then, and
/// what it does not replace has been computed.
static std::optional<unsigned> chooseOperand(AddOp add) {
  std::optional<unsigned> chosen;
  for (OpOperand &operand : add->getOpOperands()) {
    if (!whyNotFused(operand.get()).empty())
      continue;
    if (!chosen ||
        add->getOperand(*chosen).getDefiningOp()->isBeforeInBlock(operand.get().getDefiningOp()))
      chosen = operand.getOperandNumber();
  }
  return chosen;
}

/// nn.add(nn.conv1d(x, w), r) -> the same, marked as one launch. Returns whether
/// it is.
static bool fuse(AddOp add) {
  if (isFused(add))
    return true;
  auto options = remark::RemarkOpts::name("fuse").category("nn-fuse");
  if (std::optional<unsigned> operand = chooseOperand(add)) {
    add->setAttr(NNDialect::fusedAttr, OpBuilder(add).getI64IntegerAttr(*operand));
    remark::passed(add.getLoc(), options)
        << remark::add("{0} is computed in the launch of the nn.conv1d that gives operand {1}",
                       add->getName(), *operand);
    return true;
  }
  remark::missed(add.getLoc(), options)
      << remark::add("{0} gets a launch of its own: operand 0: {1}; operand 1: {2}", add->getName(),
                     whyNotFused(add.getA()), whyNotFused(add.getB()));
  return false;
}

namespace {
struct NNFusePass : poolc::impl::NNFuseBase<NNFusePass> {
  void runOnOperation() override {
    getOperation().walk([&](AddOp add) { ++(fuse(add) ? numFused : numLeft); });
  }
};
} // namespace
