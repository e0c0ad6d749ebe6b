//===- SelectInstructions.cpp - f32 instructions that LLVM does not choose ===//

#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace poolc {
#define GEN_PASS_DEF_GPUSELECTINSTRUCTIONS
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

/// Whether `op` works on f32, and may take subnormals for zeros.
template <class Op> static bool isApproximateF32(Op op) {
  return getElementTypeOrSelf(op.getType()).isF32() &&
         bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::afn);
}

/// Whether all elements of `value` are `expected`.
static bool isSplat(Value value, double expected) {
  APFloat constant(0.0);
  return matchPattern(value, m_ConstantFloat(&constant)) && constant.isExactlyValue(expected);
}

using BuildScalar = function_ref<Value(OpBuilder &, Location, ValueRange)>;

/// Instructions are for scalars: replaces `op` by what `build` makes of each
/// element of `operands`.
static void replaceElements(PatternRewriter &rewriter, Operation *op, ValueRange operands,
                            BuildScalar build) {
  Location loc = op->getLoc();
  auto type = dyn_cast<VectorType>(op->getResult(0).getType());
  if (!type)
    return rewriter.replaceOp(op, build(rewriter, loc, operands));
  SmallVector<SmallVector<Value>> elements;
  for (Value operand : operands)
    elements.push_back(
        SmallVector<Value>(vector::ToElementsOp::create(rewriter, loc, operand).getResults()));
  SmallVector<Value> results;
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    results.push_back(
        build(rewriter, loc, llvm::map_to_vector(elements, [&](auto &of) { return of[i]; })));
  rewriter.replaceOpWithNewOp<vector::FromElementsOp>(op, type, results);
}

static Value callIntrinsic(OpBuilder &b, Location loc, StringRef name, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, loc, b.getF32Type(), b.getStringAttr(name), operands)
      .getResult(0);
}

namespace {

/// a / c: without .ftz, four instructions would scale a large or subnormal c.
struct DivideByReciprocal : OpRewritePattern<arith::DivFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::DivFOp op, PatternRewriter &rewriter) const override {
    if (!isApproximateF32(op))
      return failure();
    bool isReciprocal = isSplat(op.getLhs(), 1);
    replaceElements(
        rewriter, op, op->getOperands(), [&](OpBuilder &b, Location loc, ValueRange of) -> Value {
          Value reciprocal = NVVM::RcpApproxFtzF32Op::create(b, loc, b.getF32Type(), of[1]);
          return isReciprocal ? reciprocal : arith::MulFOp::create(b, loc, of[0], reciprocal);
        });
    return success();
  }
};

/// 2^a: without .ftz, three instructions would scale a so small that the result
/// is subnormal.
struct FlushingExp2 : OpRewritePattern<math::Exp2Op> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::Exp2Op op, PatternRewriter &rewriter) const override {
    if (!isApproximateF32(op))
      return failure();
    replaceElements(rewriter, op, op->getOperands(), [](OpBuilder &b, Location loc, ValueRange of) {
      return callIntrinsic(b, loc, "llvm.nvvm.ex2.approx.ftz.f32", of);
    });
    return success();
  }
};

/// min(max(a * b + c, 0), 1), where a NaN becomes 0: one instruction.
struct SaturatingFma : OpRewritePattern<arith::MinNumFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::MinNumFOp op, PatternRewriter &rewriter) const override {
    auto atLeast = op.getLhs().getDefiningOp<arith::MaxNumFOp>();
    if (!getElementTypeOrSelf(op.getType()).isF32() || !atLeast || !isSplat(op.getRhs(), 1) ||
        !isSplat(atLeast.getRhs(), 0))
      return failure();
    auto sum = atLeast.getLhs().getDefiningOp<math::FmaOp>();
    if (!sum || !sum->hasOneUse())
      return failure();
    replaceElements(rewriter, op, sum->getOperands(),
                    [](OpBuilder &b, Location loc, ValueRange of) {
                      return callIntrinsic(b, loc, "llvm.nvvm.fma.rn.sat.f", of);
                    });
    return success();
  }
};

struct GPUSelectInstructions : poolc::impl::GPUSelectInstructionsBase<GPUSelectInstructions> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<DivideByReciprocal, FlushingExp2, SaturatingFma>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
