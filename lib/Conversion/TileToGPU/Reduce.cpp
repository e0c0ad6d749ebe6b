//===- Reduce.cpp - Sums along a dimension, over threads ------------------===//
//
// First over the elements of a thread, then over the lanes of a warp, at last
// over warps, always in the same order.
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"
#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// Sums that each thread holds.
static int64_t countSums(ReduceOp op) {
  RankedTensorType type = op.getResult().getType();
  BlockedAttr layout = getLayout(type);
  return layout ? layout.getElementsPerThread(type.getShape()) : 0;
}

/// Warps that hold parts of one sum.
static int64_t countWarps(ReduceOp op) {
  RankedTensorType type = op.getSource().getType();
  BlockedAttr layout = getLayout(type);
  return layout && type.getDimSize(op.getDim()) != 1 ? layout.getWarps()[op.getDim()] : 1;
}

int64_t poolc::getReductionBytes(ReduceOp op) {
  if (countWarps(op) == 1)
    return 0;
  constexpr int64_t warpSize = 32, bytes = 4;
  return countSums(op) * llvm::product_of(getLayout(op.getSource().getType()).getWarps()) *
         warpSize * bytes;
}

namespace {
struct ReducePattern : OpConversionPattern<ReduceOp> {
  ReducePattern(const TypeConverter &converter, MLIRContext *context,
                const ThreadCoordinates &threads, const SharedLayout &shared)
      : OpConversionPattern(converter, context), threads(threads), shared(shared) {}

  LogicalResult matchAndRewrite(ReduceOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getSource().getType();
    if (!getLayout(type))
      return rewriter.notifyMatchFailure(op, "a tile without a layout");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    SmallVector<Value> sums = sumElements(b, op, adaptor.getSource());
    if (type.getDimSize(op.getDim()) != 1) {
      sumLanes(b, op, sums);
      if (countWarps(op) > 1)
        sumWarps(b, op, sums);
    }
    rewriter.replaceOpWithNewOp<vector::FromElementsOp>(
        op, getThreadVector(op.getResult().getType()), sums);
    return success();
  }

private:
  /// One sum for each combination of the other dimensions' elements. Elements
  /// beyond the tile do not count.
  SmallVector<Value> sumElements(ImplicitLocOpBuilder &b, ReduceOp op, Value source) const {
    RankedTensorType type = op.getSource().getType();
    BlockedAttr layout = getLayout(type);
    unsigned dim = op.getDim();
    int64_t size = type.getDimSize(dim);
    SmallVector<SmallVector<Value>> parts(layout.getElementsPerThread(dim, size));
    int64_t position = 0;
    Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0));
    llvm::DenseMap<int64_t, Value> conditions;
    forEachThreadElement(layout, type.getShape(), [&](ArrayRef<int64_t> indices) {
      int64_t i = indices[dim], offset = layout.getElementOffset(dim, i);
      Value element = vector::ExtractOp::create(b, source, position++);
      if (size != 1 && offset + layout.getCoverage(dim) > size) {
        Value &isElement = conditions[offset];
        if (!isElement)
          isElement = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, threads.get(layout)[dim],
                                            arith::ConstantIntOp::create(b, size - offset, 32));
        element = arith::SelectOp::create(b, isElement, element, zero);
      }
      parts[i].push_back(element);
    });
    // In pairs, so that no addition waits for many others.
    while (parts.size() > 1) {
      size_t half = llvm::divideCeil(parts.size(), 2);
      for (size_t i = half; i != parts.size(); ++i)
        for (auto [a, c] : llvm::zip_equal(parts[i - half], parts[i]))
          a = arith::AddFOp::create(b, a, c);
      parts.resize(half);
    }
    return parts.front();
  }

  /// A butterfly, after which all lanes have the sum.
  static void sumLanes(ImplicitLocOpBuilder &b, ReduceOp op, SmallVectorImpl<Value> &sums) {
    BlockedAttr layout = getLayout(op.getSource().getType());
    unsigned dim = op.getDim();
    int64_t distance = layout.getLaneDistance(dim);
    for (int64_t lanes = 1; lanes != layout.getThreadsPerWarp()[dim]; lanes *= 2)
      for (Value &sum : sums) {
        auto shuffle = gpu::ShuffleOp::create(b, sum, static_cast<int32_t>(lanes * distance),
                                              /*width=*/32, gpu::ShuffleMode::XOR);
        sum = arith::AddFOp::create(b, sum, shuffle.getShuffleResult());
      }
  }

  /// Through shared memory, where each thread leaves its sums and finds those
  /// of the same lane in the other warps.
  void sumWarps(ImplicitLocOpBuilder &b, ReduceOp op, SmallVectorImpl<Value> &sums) const {
    constexpr int64_t warpSize = 32;
    BlockedAttr layout = getLayout(op.getSource().getType());
    unsigned dim = op.getDim();
    int64_t warps = layout.getWarps()[dim];
    int64_t distance = llvm::product_of(layout.getWarps().drop_front(dim + 1)) * warpSize;
    int64_t numThreads = llvm::product_of(layout.getWarps()) * warpSize;
    auto constant = [&](int64_t value) { return arith::ConstantIndexOp::create(b, value); };

    Attribute space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
    auto bytesType =
        MemRefType::get({ShapedType::kDynamic}, b.getI8Type(), MemRefLayoutAttrInterface{}, space);
    auto type = MemRefType::get({static_cast<int64_t>(sums.size()) * numThreads}, b.getF32Type(),
                                MemRefLayoutAttrInterface{}, space);
    Value scratch =
        memref::ViewOp::create(b, type, gpu::DynamicSharedMemoryOp::create(b, bytesType),
                               constant(shared.getOffset(op)), ValueRange());
    Value thread = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
    // What an earlier round left here has been read by all.
    gpu::BarrierOp::create(b);
    for (auto [i, sum] : llvm::enumerate(sums))
      memref::StoreOp::create(
          b, sum, scratch, arith::AddIOp::create(b, thread, constant(i * numThreads)).getResult());
    gpu::BarrierOp::create(b);
    // The thread with this lane in the first of the warps along `dim`.
    Value along = arith::RemUIOp::create(b, arith::DivUIOp::create(b, thread, constant(distance)),
                                         constant(warps));
    Value first =
        arith::SubIOp::create(b, thread, arith::MulIOp::create(b, along, constant(distance)));
    for (auto [i, sum] : llvm::enumerate(sums))
      for (int64_t warp = 0; warp != warps; ++warp) {
        Value index = arith::AddIOp::create(b, first, constant(i * numThreads + warp * distance));
        Value part = memref::LoadOp::create(b, scratch, index);
        sum = warp == 0 ? part : arith::AddFOp::create(b, sum, part).getResult();
      }
  }

  const ThreadCoordinates &threads;
  const SharedLayout &shared;
};
} // namespace

void poolc::populateReducePatterns(const TypeConverter &converter, const ThreadCoordinates &threads,
                                   const SharedLayout &shared, RewritePatternSet &patterns) {
  patterns.add<ReducePattern>(converter, patterns.getContext(), threads, shared);
}
