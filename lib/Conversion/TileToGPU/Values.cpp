//===- Values.cpp - Computing on tiles, thread by thread ------------------===//

#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// Any elementwise operation computes the same on a thread's vector.
struct ElementwisePattern : ConversionPattern {
  ElementwisePattern(const TypeConverter &converter, MLIRContext *context)
      : ConversionPattern(converter, MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op, ArrayRef<Value> operands,
                                ConversionPatternRewriter &rewriter) const override {
    if (!OpTrait::hasElementwiseMappableTraits(op))
      return rewriter.notifyMatchFailure(op, "not elementwise");
    SmallVector<Type> types;
    if (failed(getTypeConverter()->convertTypes(op->getResultTypes(), types)))
      return rewriter.notifyMatchFailure(op, "a tile without a layout");
    OperationState state(op->getLoc(), op->getName(), operands, types, op->getAttrs());
    rewriter.replaceOp(op, rewriter.create(state));
    return success();
  }
};

struct ConstantPattern : OpConversionPattern<arith::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(arith::ConstantOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto splat = dyn_cast<SplatElementsAttr>(op.getValue());
    auto type = dyn_cast_if_present<VectorType>(getTypeConverter()->convertType(op.getType()));
    if (!splat || !type)
      return rewriter.notifyMatchFailure(op, "not one value for all elements");
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(
        op, DenseElementsAttr::get(type, splat.getSplatValue<Attribute>()));
    return success();
  }
};

/// The source's elements, each repeated along the dimensions that grow. A
/// dimension of size 1 is held by every thread, so nothing moves between them.
struct BroadcastPattern : OpConversionPattern<BroadcastOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(BroadcastOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType from = op.getSource().getType(), to = op.getResult().getType();
    BlockedAttr layout = getLayout(to);
    if (!layout || layout != getLayout(from))
      return rewriter.notifyMatchFailure(op, "source and result have different layouts");
    SmallVector<int64_t> positions;
    forEachThreadElement(layout, to.getShape(), [&](ArrayRef<int64_t> indices) {
      SmallVector<int64_t> source(indices);
      for (int64_t d = 0; d != from.getRank(); ++d)
        if (from.getDimSize(d) == 1)
          source[d] = 0;
      positions.push_back(getThreadElementPosition(layout, from.getShape(), source));
    });
    rewriter.replaceOpWithNewOp<vector::ShuffleOp>(op, adaptor.getSource(), adaptor.getSource(),
                                                   positions);
    return success();
  }
};

struct IotaPattern : OpConversionPattern<IotaOp> {
  IotaPattern(const TypeConverter &converter, MLIRContext *context,
              const ThreadCoordinates &threads)
      : OpConversionPattern(converter, context), threads(threads) {}

  LogicalResult matchAndRewrite(IotaOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType tile = op.getResult().getType();
    BlockedAttr layout = getLayout(tile);
    if (!layout)
      return rewriter.notifyMatchFailure(op, "a tile without a layout");
    auto type = cast<IntegerType>(tile.getElementType());
    unsigned dim = op.getDim();
    // Truncated to the type, like the sums.
    auto constant = [&](uint64_t value) {
      APInt integer = APInt(64, value).sextOrTrunc(type.getWidth());
      return arith::ConstantOp::create(b, b.getIntegerAttr(type, integer));
    };
    Value first = arith::IndexCastOp::create(b, type, adaptor.getBase());
    if (tile.getDimSize(dim) != 1) {
      Value coordinate = threads.get(layout)[dim];
      if (type.getWidth() > 32)
        coordinate = arith::ExtUIOp::create(b, type, coordinate);
      else if (type.getWidth() < 32)
        coordinate = arith::TruncIOp::create(b, type, coordinate);
      first = arith::AddIOp::create(b, first,
                                    arith::MulIOp::create(b, coordinate, constant(op.getStep())));
    }
    SmallVector<Value> elements;
    forEachThreadElement(layout, tile.getShape(), [&](ArrayRef<int64_t> indices) {
      uint64_t offset = layout.getElementOffset(dim, indices[dim]) * uint64_t(op.getStep());
      elements.push_back(
          offset == 0 ? first : arith::AddIOp::create(b, first, constant(offset)).getResult());
    });
    rewriter.replaceOpWithNewOp<vector::FromElementsOp>(op, getThreadVector(tile), elements);
    return success();
  }

private:
  const ThreadCoordinates &threads;
};

/// First over the thread's elements, then over the block.
struct AnyPattern : OpConversionPattern<AnyOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(AnyOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value own = vector::ReductionOp::create(b, vector::CombiningKind::OR, adaptor.getCondition());
    Type i32 = b.getI32Type();
    Value any = NVVM::BarrierOp::create(
                    b, TypeRange{i32}, /*barrierId=*/Value(), /*numberOfThreads=*/Value(),
                    NVVM::BarrierReductionAttr::get(b.getContext(), NVVM::BarrierReduction::OR),
                    arith::ExtUIOp::create(b, i32, own))
                    .getRes();
    rewriter.replaceOpWithNewOp<arith::CmpIOp>(op, arith::CmpIPredicate::ne, any,
                                               arith::ConstantIntOp::create(b, 0, 32));
    return success();
  }
};

} // namespace

void poolc::populateValuePatterns(const TypeConverter &converter, const ThreadCoordinates &threads,
                                  RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<AnyPattern, BroadcastPattern, ConstantPattern, ElementwisePattern>(converter,
                                                                                  context);
  patterns.add<IotaPattern>(converter, context, threads);
}
