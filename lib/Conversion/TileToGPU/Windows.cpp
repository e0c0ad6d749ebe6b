//===- Windows.cpp - Sums over windows, thread by thread ------------------===//

#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// A thread's elements along the windows' dimension, as slices: one value for
/// each combination of the other dimensions' elements.
using Slice = SmallVector<Value>;

/// Sums of neighbouring slices. Sums of a power of two of them are kept, since
/// windows that overlap share them: 11 slices are 8 + 2 + 1.
class SlidingSums {
public:
  SlidingSums(ImplicitLocOpBuilder &b, ArrayRef<Slice> slices) : b(b), slices(slices) {}

  Slice sum(int64_t first, int64_t count) {
    int64_t most = llvm::bit_floor(static_cast<uint64_t>(count));
    Slice result = sumOfPower(first, llvm::Log2_64(most));
    return most == count ? result : add(result, sum(first + most, count - most));
  }

private:
  Slice sumOfPower(int64_t first, unsigned log2Count) {
    if (log2Count == 0)
      return slices[first];
    auto known = sums.find({first, log2Count});
    if (known != sums.end())
      return known->second;
    Slice result = add(sumOfPower(first, log2Count - 1),
                       sumOfPower(first + (int64_t(1) << (log2Count - 1)), log2Count - 1));
    sums[{first, log2Count}] = result;
    return result;
  }

  Slice add(const Slice &x, const Slice &y) {
    Slice result;
    for (auto [a, c] : llvm::zip_equal(x, y))
      result.push_back(arith::AddFOp::create(b, a, c));
    return result;
  }

  ImplicitLocOpBuilder &b;
  ArrayRef<Slice> slices;
  llvm::DenseMap<std::pair<int64_t, unsigned>, Slice> sums;
};

struct WindowSumPattern : OpConversionPattern<WindowSumOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(WindowSumOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType from = op.getSource().getType(), to = op.getResult().getType();
    if (!getLayout(from) || !getLayout(to))
      return rewriter.notifyMatchFailure(op, "a tile without a layout");
    SmallVector<Slice> slices = getSlices(b, adaptor.getSource(), from, op.getDim());
    SlidingSums sums(b, slices);
    int64_t windows = getLayout(to).getElementsPerThread(op.getDim(), to.getDimSize(op.getDim()));
    SmallVector<Slice> results;
    for (int64_t i = 0; i != windows; ++i)
      results.push_back(sums.sum(i * op.getStride() + op.getOffset(), op.getKernel()));

    SmallVector<Value> elements;
    SmallVector<size_t> taken(windows, 0);
    forEachThreadElement(getLayout(to), to.getShape(), [&](ArrayRef<int64_t> indices) {
      int64_t i = indices[op.getDim()];
      elements.push_back(results[i][taken[i]++]);
    });
    rewriter.replaceOpWithNewOp<vector::FromElementsOp>(op, getThreadVector(to), elements);
    return success();
  }

private:
  static SmallVector<Slice> getSlices(ImplicitLocOpBuilder &b, Value vector, RankedTensorType type,
                                      unsigned dim) {
    BlockedAttr layout = getLayout(type);
    SmallVector<Slice> slices(layout.getElementsPerThread(dim, type.getDimSize(dim)));
    int64_t position = 0;
    forEachThreadElement(layout, type.getShape(), [&](ArrayRef<int64_t> indices) {
      slices[indices[dim]].push_back(vector::ExtractOp::create(b, vector, position++));
    });
    return slices;
  }
};

} // namespace

void poolc::populateWindowPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<WindowSumPattern>(converter, patterns.getContext());
}
