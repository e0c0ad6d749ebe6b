//===- Dot.cpp - Products of matrices in shared memory --------------------===//

#include "Dot.h"
#include "TileToGPU.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
struct DotPattern : OpConversionPattern<DotOp> {
  DotPattern(const TypeConverter &converter, MLIRContext *context, const ThreadCoordinates &threads)
      : OpConversionPattern(converter, context), threads(threads) {}

  LogicalResult matchAndRewrite(DotOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto emit = op.isOfWarpgroups()                     ? emitWarpgroupDot
                : op.getArithmetic() == Arithmetic::fma ? emitFmaDot
                                                        : emitMmaDot;
    rewriter.replaceOp(op, emit(op, adaptor.getAccumulator(), threads, b, rewriter));
    return success();
  }

private:
  const ThreadCoordinates &threads;
};
struct DotRowsPattern : OpConversionPattern<DotRowsOp> {
  DotRowsPattern(const TypeConverter &converter, MLIRContext *context,
                 const ThreadCoordinates &threads)
      : OpConversionPattern(converter, context), threads(threads) {}

  LogicalResult matchAndRewrite(DotRowsOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(
        op, emitDotRows(op, adaptor.getAccumulator(), adaptor.getA(), adaptor.getB(), threads, b));
    return success();
  }

private:
  const ThreadCoordinates &threads;
};
} // namespace

void poolc::populateDotPatterns(const TypeConverter &converter, const ThreadCoordinates &threads,
                                RewritePatternSet &patterns) {
  patterns.add<DotPattern, DotRowsPattern>(converter, patterns.getContext(), threads);
}
