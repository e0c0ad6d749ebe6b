//===- SharedMemory.cpp - Where a block's allocations lie -----------------===//

#include "SharedMemory.h"

#include "Box.h"
#include "CopyWarps.h"
#include "MBarriers.h"
#include "StagedStore.h"
#include "TileToGPU.h"

#include "poolc/Schedule/CopyWarps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// A row of all banks, so that no allocation depends on the others' sizes.
static constexpr int64_t bankRowBytes = 128;

SharedLayout::SharedLayout(FuncOp kernel) : numThreads(kernel.getNumWarps() * 32) {
  // Swizzled boxes and rows begin at multiples of eight rows.
  auto isSwizzled = [](Operation *op) {
    auto store = dyn_cast<StoreOp>(op);
    auto copy = dyn_cast<CopyOp>(op);
    bool isBox = isa<CopyBoxesOp>(op) || (store && store.getMap());
    return isBox || (copy && copy.getSwizzled()) ? WalkResult::interrupt() : WalkResult::advance();
  };
  bool hasSwizzled = kernel.walk(isSwizzled).wasInterrupted();
  int64_t allocationAlignment = hasSwizzled ? 8 * bankRowBytes : bankRowBytes;
  auto reserve = [&](Operation *op, int64_t size) {
    offsets[op] = bytes;
    bytes += llvm::alignTo(size, allocationAlignment);
  };
  int64_t reusedBytes = 0, apartBytes = 0;
  kernel.walk([&](Operation *op) {
    if (auto alloc = dyn_cast<AllocOp>(op)) {
      MemRefType type = alloc.getMemref().getType();
      int64_t size = getSpan(type) * type.getElementTypeBitWidth() / 8;
      if (alloc.getReused())
        reusedBytes = std::max<int64_t>(reusedBytes, llvm::alignTo(size, bankRowBytes));
      else
        reserve(op, size);
    } else if (auto reduce = dyn_cast<ReduceOp>(op)) {
      reserve(op, getReductionBytes(reduce));
    } else if (auto store = dyn_cast<StoreOp>(op)) {
      auto size = int64_t(llvm::alignTo(getLeastStagingBytes(store), allocationAlignment));
      int64_t &most = store.getApart() ? apartBytes : reusedBytes;
      most = std::max(most, size);
    } else if (auto dot = dyn_cast<DotOp>(op)) {
      asyncReaders |= dot.isOfWarpgroups();
    }
  });
  bytes = std::max(bytes, reusedBytes);
  storeBytes = bytes;
  if (apartBytes != 0) {
    storeOffset = bytes;
    storeBytes = apartBytes;
    bytes += apartBytes;
  }
  // Where nothing is staged.
  kernel.walk([&](ObjectsOp objects) {
    reserve(objects, objects.getObjects().getType().getNumElements() * mbarrierBytes);
  });
  std::optional<CopyWarps> warps = CopyWarps::of(kernel);
  if (!warps)
    return;
  storingThreads = warps->storing * 32;
  storeOffset = bytes;
  storeBytes = warps->storing != 0 ? bytesOfStoresByWarps : bytesOfStoresBesideCopies;
  kernel.walk([&](StoreOp store) {
    if (store.getMap())
      storeBytes = getBoxBytes(store);
  });
  bytes += storeBytes;
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
    if (auto counted = memref.getDefiningOp<ViewOp>()) {
      view.offset = arith::AddIOp::create(b, view.offset, counted.getOrigin());
      memref = counted.getSource();
      continue;
    }
    if (auto transpose = memref.getDefiningOp<memref::TransposeOp>()) {
      memref = transpose.getIn();
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

Value poolc::emitSkew(ImplicitLocOpBuilder &b, ValueRange skew, Value row, int64_t modulus) {
  // The low bits of sums and products are those of the low bits.
  auto low = [&](Value value) { return arith::IndexCastOp::create(b, b.getI32Type(), value); };
  Value sum = arith::AddIOp::create(b, low(skew[0]), arith::MulIOp::create(b, row, low(skew[1])));
  return arith::AndIOp::create(b, sum, arith::ConstantIntOp::create(b, modulus - 1, 32));
}

namespace {

/// tile.clear: elements go to the threads in turn, those of a row to neighbours.
struct ClearPattern : OpConversionPattern<ClearOp> {
  ClearPattern(const TypeConverter &converter, MLIRContext *context, const SharedLayout &shared)
      : OpConversionPattern(converter, context), threads(shared.getNumThreads()) {}

  LogicalResult matchAndRewrite(ClearOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    MemRefType type = op.getMemref().getType();
    int64_t count = op.getCount(), elements = type.getDimSize(0) * count;
    SharedView view = getSharedView(b, op.getMemref(), rewriter);
    auto i32 = [&](int64_t value) { return arith::ConstantIntOp::create(b, value, 32); };
    auto constant = [&](int64_t value) { return arith::ConstantIndexOp::create(b, value); };
    auto index = [&](Value value) {
      return arith::IndexCastUIOp::create(b, b.getIndexType(), value);
    };

    Value thread = arith::IndexCastOp::create(b, b.getI32Type(),
                                              gpu::ThreadIdOp::create(b, gpu::Dimension::x));
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type.getElementType()));
    for (int64_t start = 0; start < elements; start += threads) {
      OpBuilder::InsertionGuard guard(b);
      Value element = arith::AddIOp::create(b, thread, i32(start));
      Value row = arith::DivUIOp::create(b, element, i32(count));
      Value column = arith::SubIOp::create(b, adaptor.getColumn(), constant(count));
      column =
          arith::AddIOp::create(b, column, index(arith::RemUIOp::create(b, element, i32(count))));
      if (!adaptor.getSkew().empty())
        column =
            arith::AddIOp::create(b, column, index(emitSkew(b, adaptor.getSkew(), row, count)));
      // What is beyond the end of a row may be of another stage, which copies are under way to.
      Value exists =
          arith::CmpIOp::create(b, arith::CmpIPredicate::ult, column, constant(type.getDimSize(1)));
      if (start + threads > elements)
        exists = arith::AndIOp::create(
            b, exists, arith::CmpIOp::create(b, arith::CmpIPredicate::ult, element, i32(elements)));
      b.setInsertionPointToStart(
          scf::IfOp::create(b, exists, /*withElseRegion=*/false).thenBlock());
      Value offset = arith::MulIOp::create(b, column, constant(view.strides[1]));
      offset = arith::AddIOp::create(b, offset,
                                     index(arith::MulIOp::create(b, row, i32(view.strides[0]))));
      memref::StoreOp::create(b, zero, view.flat,
                              arith::AddIOp::create(b, view.offset, offset).getResult());
    }
    rewriter.eraseOp(op);
    return success();
  }

private:
  int64_t threads;
};

/// tile.copy_span: groups go to the threads in turn. The last one is copied as
/// far as the run goes.
struct CopySpanPattern : OpConversionPattern<CopySpanOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(CopySpanOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto func = op->getParentOfType<gpu::GPUFuncOp>();
    int64_t threads = func.getKnownBlockSize()->front(), vector = op.getVector();
    int64_t size = op.getDestination().getType().getDimSize(0);
    SharedView destination = getSharedView(b, op.getDestination(), rewriter);
    // An argument of dynamic shape is flat in the kernel.
    Value source = adaptor.getMemref();
    if (auto view = source.getDefiningOp<ReshapeOp>())
      source = view.getSource();
    auto constant = [&](int64_t value) { return arith::ConstantIndexOp::create(b, value); };

    Value thread = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
    Value length = arith::SubIOp::create(b, adaptor.getEnd(), adaptor.getFirst());
    for (int64_t start = 0; start < size; start += threads * vector) {
      OpBuilder::InsertionGuard guard(b);
      if (int64_t groups = (size - start) / vector; groups < threads) {
        Value isGroup =
            arith::CmpIOp::create(b, arith::CmpIPredicate::ult, thread, constant(groups));
        b.setInsertionPointToStart(
            scf::IfOp::create(b, isGroup, /*withElseRegion=*/false).thenBlock());
      }
      Value element = arith::AddIOp::create(b, arith::MulIOp::create(b, thread, constant(vector)),
                                            constant(start));
      Value rest = arith::SubIOp::create(b, length, element);
      Value count =
          arith::MaxSIOp::create(b, arith::MinSIOp::create(b, rest, constant(vector)), constant(0));
      Value index = arith::AddIOp::create(b, adaptor.getFirst(), element);
      Value target = arith::AddIOp::create(b, destination.offset, element);
      bool isWhole = vector * op.getMemref().getType().getElementTypeBitWidth() == 128;
      nvgpu::DeviceAsyncCopyOp::create(
          b, nvgpu::DeviceAsyncTokenType::get(b.getContext()), destination.flat, target, source,
          index, b.getIndexAttr(vector), count, isWhole ? b.getUnitAttr() : UnitAttr());
    }
    rewriter.eraseOp(op);
    return success();
  }
};

/// tile.write_rows: groups of all rows go to the threads in turn, in a loop. A
/// row of aligned groups may have one more than a row of elements that starts
/// aligned.
struct WriteRowsPattern : OpConversionPattern<WriteRowsOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(WriteRowsOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto func = op->getParentOfType<gpu::GPUFuncOp>();
    MemRefType type = op.getSource().getType();
    int64_t vector = op.getVector();
    int64_t perRow = llvm::divideCeilSigned(type.getDimSize(1), vector) + 1;
    auto constant = [&](int64_t value) { return arith::ConstantIndexOp::create(b, value); };
    SharedView source = getSharedView(b, op.getSource(), rewriter);
    Value memref = flattenMemRef(b, adaptor.getMemref());
    auto count = arith::MinSIOp::create(b, adaptor.getRows(), constant(type.getDimSize(0)));
    auto loop = scf::ForOp::create(b, gpu::ThreadIdOp::create(b, gpu::Dimension::x),
                                   arith::MulIOp::create(b, count, constant(perRow)),
                                   constant(func.getKnownBlockSize()->front()));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value group = arith::IndexCastUIOp::create(b, b.getI32Type(), loop.getInductionVar());
    Value divisor = arith::ConstantIntOp::create(b, perRow, 32);
    auto toIndex = [&](Value value) -> Value {
      return arith::IndexCastUIOp::create(b, b.getIndexType(), value);
    };
    Value row = toIndex(arith::DivUIOp::create(b, group, divisor));
    Value inRow = toIndex(arith::RemUIOp::create(b, group, divisor));

    Value start = arith::AddIOp::create(b, adaptor.getFirst(),
                                        arith::MulIOp::create(b, row, constant(op.getDistance())));
    Value skew = arith::AndIOp::create(b, start, constant(vector - 1));
    // Where the group begins in its row; the first one possibly before it.
    Value column =
        arith::SubIOp::create(b, arith::MulIOp::create(b, inRow, constant(vector)), skew);
    Value place = arith::AddIOp::create(b, source.offset,
                                        arith::MulIOp::create(b, row, constant(source.strides[0])));
    place = arith::AddIOp::create(b, place, column);
    Value target = arith::AddIOp::create(b, start, column);
    Value rest = arith::SubIOp::create(b, adaptor.getColumns(), column);
    Value isWhole = arith::AndIOp::create(
        b, arith::CmpIOp::create(b, arith::CmpIPredicate::sge, column, constant(0)),
        arith::CmpIOp::create(b, arith::CmpIPredicate::sge, rest, constant(vector)));
    auto branch = scf::IfOp::create(b, isWhole, /*withElseRegion=*/true);
    b.setInsertionPointToStart(branch.thenBlock());
    auto whole = VectorType::get(vector, type.getElementType());
    llvm::MaybeAlign alignment(vector * type.getElementTypeBitWidth() / 8);
    Value elements =
        vector::LoadOp::create(b, whole, source.flat, place, /*nontemporal=*/false, alignment);
    vector::StoreOp::create(b, elements, memref, target, /*nontemporal=*/false, alignment);
    b.setInsertionPointToStart(branch.elseBlock());
    // From the first element of the row to its last, if there are any.
    Value low =
        arith::MaxSIOp::create(b, arith::SubIOp::create(b, constant(0), column), constant(0));
    Value high = arith::MinSIOp::create(b, rest, constant(vector));
    auto each = scf::ForOp::create(b, low, high, constant(1));
    b.setInsertionPointToStart(each.getBody());
    Value i = each.getInductionVar();
    Value element =
        memref::LoadOp::create(b, source.flat, arith::AddIOp::create(b, place, i).getResult());
    memref::StoreOp::create(b, element, memref, arith::AddIOp::create(b, target, i).getResult());
    rewriter.eraseOp(op);
    return success();
  }
};

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

struct WarpBarrierPattern : OpConversionPattern<WarpBarrierOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(WarpBarrierOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    constexpr int32_t allLanes = -1;
    Value lanes =
        arith::ConstantOp::create(rewriter, op.getLoc(), rewriter.getI32IntegerAttr(allLanes));
    rewriter.replaceOpWithNewOp<NVVM::SyncWarpOp>(op, lanes);
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

/// What was copied by threads becomes visible to tensor cores by a fence of the thread
/// that copied.
struct AsyncWaitPattern : OpConversionPattern<AsyncWaitOp> {
  AsyncWaitPattern(const TypeConverter &converter, MLIRContext *context, const SharedLayout &shared)
      : OpConversionPattern(converter, context), shared(shared) {}

  LogicalResult matchAndRewrite(AsyncWaitOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (shared.hasAsyncReaders()) {
      rewriter.setInsertionPointAfter(op);
      NVVM::FenceProxyOp::create(
          rewriter, op.getLoc(), NVVM::ProxyKind::async_shared,
          NVVM::SharedSpaceAttr::get(rewriter.getContext(), NVVM::SharedSpace::shared_cta));
      rewriter.setInsertionPoint(op);
    }
    rewriter.replaceOpWithNewOp<NVVM::CpAsyncWaitGroupOp>(op, op.getPending());
    return success();
  }

private:
  const SharedLayout &shared;
};

} // namespace

void poolc::populateSharedPatterns(const TypeConverter &converter, const SharedLayout &shared,
                                   RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<AllocPattern, AsyncWaitPattern, ClearPattern>(converter, context, shared);
  patterns.add<AsyncCommitPattern, BarrierPattern, CopySpanPattern, WarpBarrierPattern,
               WriteRowsPattern>(converter, context);
}
