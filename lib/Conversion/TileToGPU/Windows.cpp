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

/// Windows along one dimension: `count` of `kernel` elements each, `stride` apart from `first` on.
struct Windows {
  int64_t first, count, kernel, stride;
};

/// Sums of all windows. What is added is of type T, by `add`: slices, or nothing at all where
/// additions are only counted.
template <typename T> class SlidingSums {
public:
  using Element = function_ref<T(int64_t)>;
  using Add = function_ref<T(const T &, const T &)>;

  SlidingSums(Windows windows, Element element, Add add)
      : windows(windows), element(element), add(add) {}

  /// From sums of powers of two, which windows share: 11 elements are 8 + 2 + 1.
  SmallVector<T> byPowers() {
    SmallVector<T> results;
    for (int64_t i = 0; i != windows.count; ++i)
      results.push_back(sum(windows.first + i * windows.stride, windows.kernel));
    return results;
  }

  /// Of windows that have the end of the first in common: what each has before it are the ends
  /// of one sum, added from there backwards, and what each has after it the starts of another.
  SmallVector<T> bySides() {
    SmallVector<T> results;
    // All windows of a group reach beyond the end of the first, or end there.
    int64_t most = llvm::divideCeilSigned(windows.kernel, windows.stride);
    int64_t groups = llvm::divideCeilSigned(windows.count, most);
    for (int64_t group = 0; group != groups; ++group) {
      int64_t begin = windows.count * group / groups, end = windows.count * (group + 1) / groups;
      addGroup(begin, end - begin, results);
    }
    return results;
  }

private:
  void addGroup(int64_t begin, int64_t count, SmallVectorImpl<T> &results) {
    int64_t first = windows.first + begin * windows.stride, middle = first + windows.kernel;
    // Backwards: the last window's part comes first.
    SmallVector<T> before;
    T sum = element(middle - 1);
    for (int64_t i = middle - 1; i >= first; --i) {
      if (i != middle - 1)
        sum = add(element(i), sum);
      if ((i - first) % windows.stride == 0 && (i - first) / windows.stride < count)
        before.push_back(sum);
    }
    results.push_back(before.pop_back_val());
    int64_t next = middle;
    for (int64_t window = 1; window != count; ++window) {
      for (int64_t end = middle + window * windows.stride; next != end; ++next)
        sum = next == middle ? element(next) : add(sum, element(next));
      results.push_back(add(before.pop_back_val(), sum));
    }
  }

  T sum(int64_t first, int64_t count) {
    int64_t most = llvm::bit_floor(static_cast<uint64_t>(count));
    T result = sumOfPower(first, llvm::Log2_64(most));
    return most == count ? result : add(result, sum(first + most, count - most));
  }

  T sumOfPower(int64_t first, unsigned log2Count) {
    if (log2Count == 0)
      return element(first);
    auto known = sums.find({first, log2Count});
    if (known != sums.end())
      return known->second;
    T result = add(sumOfPower(first, log2Count - 1),
                   sumOfPower(first + (int64_t(1) << (log2Count - 1)), log2Count - 1));
    sums[{first, log2Count}] = result;
    return result;
  }

  Windows windows;
  Element element;
  Add add;
  llvm::DenseMap<std::pair<int64_t, unsigned>, T> sums;
};

/// Whether fewer additions sum the windows by sides than by powers of two. Of as many, the latter
/// depend on each other less.
static bool areFewerBySides(const Windows &windows) {
  struct Nothing {};
  int64_t additions = 0;
  auto element = [](int64_t) { return Nothing(); };
  auto add = [&](Nothing, Nothing) {
    ++additions;
    return Nothing();
  };
  SlidingSums<Nothing>(windows, element, add).byPowers();
  int64_t byPowers = std::exchange(additions, 0);
  SlidingSums<Nothing>(windows, element, add).bySides();
  return additions < byPowers;
}

struct WindowSumPattern : OpConversionPattern<WindowSumOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(WindowSumOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    RankedTensorType from = op.getSource().getType(), to = op.getResult().getType();
    if (!getLayout(from) || !getLayout(to))
      return rewriter.notifyMatchFailure(op, "a tile without a layout");
    SmallVector<Slice> slices = getSlices(b, adaptor.getSource(), from, op.getDim());
    int64_t count = getLayout(to).getElementsPerThread(op.getDim(), to.getDimSize(op.getDim()));
    Windows windows{int64_t(op.getOffset()), count, int64_t(op.getKernel()),
                    int64_t(op.getStride())};
    auto element = [&](int64_t i) { return slices[i]; };
    auto add = [&](const Slice &x, const Slice &y) { return addSlices(b, x, y); };
    SlidingSums<Slice> sums(windows, element, add);
    // From the end backwards, all that is loaded is needed soon: of more than registers hold,
    // ptxas had better load what comes next.
    constexpr int64_t mostHeld = 96;
    bool fit = !op.getWindows() || int64_t(slices.size() * slices.front().size()) <= mostHeld;
    SmallVector<Slice> results = fit && areFewerBySides(windows) ? sums.bySides() : sums.byPowers();

    SmallVector<Value> elements;
    SmallVector<size_t> taken(count, 0);
    forEachThreadElement(getLayout(to), to.getShape(), [&](ArrayRef<int64_t> indices) {
      int64_t i = indices[op.getDim()];
      elements.push_back(results[i][taken[i]++]);
    });
    rewriter.replaceOpWithNewOp<vector::FromElementsOp>(op, getThreadVector(to), elements);
    return success();
  }

private:
  static Slice addSlices(ImplicitLocOpBuilder &b, const Slice &x, const Slice &y) {
    Slice result;
    for (auto [a, c] : llvm::zip_equal(x, y))
      result.push_back(arith::AddFOp::create(b, a, c));
    return result;
  }

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
