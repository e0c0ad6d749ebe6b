//===- SharedMemory.cpp - Where a block's allocations lie -----------------===//

#include "SharedMemory.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// A row of all banks, so that no allocation depends on the others' sizes.
static constexpr int64_t allocationAlignment = 128;

SharedLayout::SharedLayout(FuncOp kernel) {
  kernel.walk([&](AllocOp alloc) {
    MemRefType type = alloc.getMemref().getType();
    offsets[alloc] = bytes;
    bytes += llvm::alignTo(getSpan(type) * type.getElementTypeBitWidth() / 8, allocationAlignment);
  });
}

SharedView poolc::getSharedView(ImplicitLocOpBuilder &b, Value memref,
                                ConversionPatternRewriter &rewriter) {
  SharedView view;
  int64_t ignored;
  (void)cast<MemRefType>(memref.getType()).getStridesAndOffset(view.strides, ignored);
  view.offset = arith::ConstantIndexOp::create(b, 0);
  while (true) {
    if (auto cast = memref.getDefiningOp<memref::CastOp>()) {
      memref = cast.getSource();
      continue;
    }
    auto subview = memref.getDefiningOp<memref::SubViewOp>();
    if (!subview)
      break;
    SmallVector<int64_t> strides;
    (void)subview.getSourceType().getStridesAndOffset(strides, ignored);
    for (auto [offset, stride] : llvm::zip_equal(subview.getMixedOffsets(), strides)) {
      Value index =
          isa<Attribute>(offset)
              ? arith::ConstantIndexOp::create(b, *getConstantIntValue(offset)).getResult()
              : cast<Value>(offset);
      Value part = arith::MulIOp::create(b, index, arith::ConstantIndexOp::create(b, stride));
      view.offset = arith::AddIOp::create(b, view.offset, part);
    }
    memref = subview.getSource();
  }
  Value allocation = rewriter.getRemappedValue(memref);
  auto cast = allocation.getDefiningOp<memref::ReinterpretCastOp>();
  view.flat = cast ? cast.getSource() : allocation;
  return view;
}

namespace {

struct AllocPattern : OpConversionPattern<AllocOp> {
  AllocPattern(const TypeConverter &converter, MLIRContext *context, const SharedLayout &shared)
      : OpConversionPattern(converter, context), shared(shared) {}

  LogicalResult matchAndRewrite(AllocOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    MemRefType type = op.getMemref().getType();
    Attribute space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
    auto bytesType =
        MemRefType::get({ShapedType::kDynamic}, b.getI8Type(), MemRefLayoutAttrInterface{}, space);
    auto flatType =
        MemRefType::get({getSpan(type)}, type.getElementType(), MemRefLayoutAttrInterface{}, space);
    Value bytes = gpu::DynamicSharedMemoryOp::create(b, bytesType);
    Value offset = arith::ConstantIndexOp::create(b, shared.getOffset(op));
    Value flat = memref::ViewOp::create(b, flatType, bytes, offset, ValueRange());
    if (flatType == type) {
      rewriter.replaceOp(op, flat);
      return success();
    }
    SmallVector<int64_t> strides;
    int64_t ignored;
    (void)type.getStridesAndOffset(strides, ignored);
    rewriter.replaceOpWithNewOp<memref::ReinterpretCastOp>(op, type, flat, /*offset=*/0,
                                                           type.getShape(), strides);
    return success();
  }

private:
  const SharedLayout &shared;
};

struct BarrierPattern : OpConversionPattern<BarrierOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(BarrierOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<gpu::BarrierOp>(op);
    return success();
  }
};

struct AsyncCommitPattern : OpConversionPattern<AsyncCommitOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(AsyncCommitOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<NVVM::CpAsyncCommitGroupOp>(op);
    return success();
  }
};

struct AsyncWaitPattern : OpConversionPattern<AsyncWaitOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(AsyncWaitOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<NVVM::CpAsyncWaitGroupOp>(op, op.getPending());
    return success();
  }
};

} // namespace

void poolc::populateSharedPatterns(const TypeConverter &converter, const SharedLayout &shared,
                                   RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<AllocPattern>(converter, context, shared);
  patterns.add<AsyncCommitPattern, AsyncWaitPattern, BarrierPattern>(converter, context);
}
