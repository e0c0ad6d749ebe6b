//===- AvgPool2dColumns.cpp - nn.avg_pool2d by columns, then rows ---------===//
//
//   t = load rows of all windows            [planes, rows, columns]
//   s = window_sum t along the rows         [planes, outputs of H, columns]
//   store s to shared; barrier
//   y = sum over kw of load shared at kw, one stride apart
//
//===----------------------------------------------------------------------===//

#include "AvgPool2dKernel.h"

#include "poolc/Schedule/AvgPool2dColumns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// 16 bytes of f32.
static constexpr int64_t sharedVector = 4;

/// Elements of a batch at most of which ptxas may load several at once.
static constexpr int64_t mostElementsAhead = 64;

namespace {
class ColumnsKernel : public AvgPool2dKernel {
public:
  ColumnsKernel(const AvgPool2dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : AvgPool2dKernel(problem, schedule, b), geometry(this->problem, schedule) {}

  void emit() {
    // Without a limit, ptxas spills a register or two of many offsets, elements or columns, rather
    // than take more than it likes, and of rows that are summed together, or one batch after the
    // other, it loads some after it waited for others.
    constexpr int64_t manyElements = 48;
    if (problem.hasDynamicAxes() || !geometry.holdsAllColumns || loadsAllRows() ||
        geometry.batch != geometry.rows || geometry.heldElements > manyElements)
      b.limitRegisters(columnsRegisters(problem, schedule, geometry) + registersAhead());
    clearsPadding = geometry.columnsRead != geometry.columns;
    if (!geometry.inRegisters)
      shared = makeShared();
    emitBlock(geometry.rows, geometry.columnsRead, geometry.lead - geometry.columnsBefore,
              [&] { emitBody(); });
  }

private:
  void emitBody() {
    Value columns = sumColumns();
    const Window &w = problem.axis[1];
    if (geometry.inRegisters) {
      Value sums = WindowSumOp::create(b, columns, /*dim=*/2, w.kernel, w.stride, geometry.lead);
      return finish(sums, storeVector(geometry.group / w.stride));
    }
    shareColumns(columns);
    BarrierOp::create(b);
    if (geometry.adjacent > 1)
      return finishAdjacent();
    forEachStep(geometry.step, [&](Value plane, Value row) { finish(sumRows(plane, row)); });
  }

  /// Windows side by side are sums of one thread. Where a row's results are no whole
  /// groups, they take the place of its sums of columns, and each thread stores one.
  void finishAdjacent() {
    int64_t adjacent = geometry.adjacent;
    if (geometry.storesAdjacent) {
      forEachStep(geometry.step, [&](Value plane, Value row) {
        finishGroups(sumAdjacent(plane, row), storeVector(adjacent));
      });
      return;
    }
    Value zero = b.index(0);
    int64_t groups = llvm::divideCeilSigned(schedule.blockW, adjacent);
    Value inGroups = makeView(sums, {schedule.blockP, schedule.blockH, groups, adjacent},
                              {geometry.planePitch, geometry.rowPitch, adjacent, 1});
    Value inRows = makeView(sums, {schedule.blockP, schedule.blockH, groups * adjacent},
                            {geometry.planePitch, geometry.rowPitch, 1});
    forEachStep(geometry.step, [&](Value plane, Value row) {
      Value windows = sumAdjacent(plane, row);
      meetForRows();
      StoreOp::create(b, windows, inGroups, ValueRange{plane, row, zero, zero},
                      ArrayRef<int64_t>{0, 1, 2, 3}, ArrayRef<int64_t>{1, 1, 1, 1}, sharedVector);
      meetForRows();
      finish(LoadOp::create(b, tileType(shape, b.getF32Type()), inRows,
                            ValueRange{plane, row, zero}, ArrayRef<int64_t>{0, 1, 2},
                            ArrayRef<int64_t>{1, 1, 1}));
    });
  }

  /// Between sums of windows, which take the place of sums of columns, and threads that store them:
  /// only the threads of a warp where that has whole rows of both.
  void meetForRows() {
    if (geometry.warpsHaveRows(schedule, shape[0], shape[1]))
      WarpBarrierOp::create(b);
    else
      BarrierOp::create(b);
  }

  /// The sums of windows from `row` of `plane` on: [planes, rows, groups, adjacent ones].
  Value sumAdjacent(Value plane, Value row) {
    const Window &w = problem.axis[1];
    int64_t groups = llvm::divideCeilSigned(shape[2], geometry.adjacent), span = geometry.span;
    Value columns =
        makeView(sums, {schedule.blockP, schedule.blockH, groups, span},
                 {geometry.planePitch, geometry.rowPitch, geometry.adjacent * w.stride, 1});
    Value zero = b.index(0);
    auto load =
        LoadOp::create(b, tileType({shape[0], shape[1], groups, span}, b.getF32Type()), columns,
                       ValueRange{plane, row, zero, zero}, ArrayRef<int64_t>{0, 1, 2, 3},
                       ArrayRef<int64_t>{1, 1, 1, 1}, sharedVector);
    return WindowSumOp::create(b, load, /*dim=*/3, w.kernel, w.stride, geometry.lead,
                               geometry.adjacent);
  }

  Value makeSums(int64_t elements) {
    auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
    return AllocOp::create(
        b, MemRefType::get({elements}, b.getF32Type(), MemRefLayoutAttrInterface{}, space));
  }

  Value makeView(Value memref, ArrayRef<int64_t> sizes, ArrayRef<int64_t> strides,
                 int64_t origin = 0) {
    auto type = cast<MemRefType>(memref.getType());
    auto layout = StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, strides);
    return ViewOp::create(
        b, MemRefType::get(sizes, type.getElementType(), layout, type.getMemorySpace()), memref,
        b.index(origin));
  }

  /// How many outputs, up to those that a thread has side by side, are surely
  /// aligned.
  int64_t storeVector(int64_t adjacent) {
    if (problem.axis[1].isDynamic)
      return 1;
    int64_t vector = std::min(adjacent, problem.maxVector());
    while (problem.outputSize(1) % vector != 0 || schedule.blockW % vector != 0)
      vector /= 2;
    return vector;
  }

  /// What the windows have of each column.
  Value sumColumns() {
    const Window &h = problem.axis[0];
    if (geometry.batch == geometry.rows)
      return WindowSumOp::create(b, loadRows(b.index(0), geometry.rows), /*dim=*/1, h.kernel,
                                 h.stride);
    auto addBatch = [&](Value first, int64_t rows, Value sum) -> Value {
      Value part = WindowSumOp::create(b, loadRows(first, rows), /*dim=*/1, rows, /*stride=*/1);
      return sum ? arith::AddFOp::create(b, sum, part).getResult() : part;
    };
    int64_t rest = geometry.rows % geometry.batch, batches = geometry.rows / geometry.batch;
    Value zero = b.splat(tileType({shape[0], 1, geometry.columnsRead}, b.getF32Type()), 0);
    Value sum = rest ? addBatch(b.index(0), rest, nullptr) : zero;
    Value all = b.loop(batches, sum, [&](Value i, Value sum) {
      return addBatch(b.mulAdd(i, geometry.batch, rest), geometry.batch, sum);
    });
    // Where a single row is as many elements as a thread is to have at once, others would not fit
    // beside it.
    return geometry.batchElements > mostElementsAhead ? b.keepRolled(all) : all;
  }

  /// Whether windows share rows, and all of them are on their way before the first addition.
  bool loadsAllRows() {
    return problem.axis[0].kernel > problem.axis[0].stride && geometry.batch == geometry.rows;
  }

  /// Of a few batches, which are no loop, ptxas loads one ahead of two others, and would rather
  /// spill than let it wait.
  int64_t registersAhead() {
    constexpr int64_t few = 3;
    int64_t batches = geometry.rows / geometry.batch;
    return batches > 1 && batches <= few ? geometry.batchElements : 0;
  }

  /// `rows` rows of the block's windows from the `first` on.
  Value loadRows(Value first, int64_t rows) {
    Value row = b.add(windowStart(0), first);
    Value column = b.add(windowStart(1), b.index(geometry.columnsBefore - geometry.lead));
    auto load = LoadOp::create(b, tileType({shape[0], rows, geometry.columnsRead}, element), x,
                               ValueRange{plane, row, column}, ArrayRef<int64_t>{0, 1, 2},
                               ArrayRef<int64_t>{1, 1, 1}, schedule.vector);
    setGuards(load);
    // All of what is summed at once; reads that leave the L2 first (Streaming.h) have no windows
    // that overlap.
    if (loadsAllRows())
      WarpBarrierOp::create(b);
    return b.extend(load);
  }

  /// Where the sums of columns go: [planes, outputs of H, phases, columns].
  Value makeShared() {
    SmallVector<int64_t> sizes{shape[0], shape[1], geometry.phases,
                               geometry.columns / geometry.merged / geometry.phases};
    SmallVector<int64_t> strides{geometry.planePitch, geometry.rowPitch, geometry.phasePitch, 1};
    if (geometry.adjacent > 1 || clearsPadding) {
      sums = makeSums(geometry.sumElements);
      return makeView(sums, sizes, strides);
    }
    auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
    auto layout = StridedLayoutAttr::get(b.getContext(), 0, strides);
    return AllocOp::create(b, MemRefType::get(sizes, b.getF32Type(), layout, space));
  }

  void shareColumns(Value columns) {
    int64_t phases = geometry.phases, merged = geometry.merged;
    if (merged != 1)
      columns = WindowSumOp::create(b, columns, /*dim=*/2, merged, merged);
    Value zero = b.index(0);
    int64_t vector = std::min<int64_t>(4, geometry.group / merged / phases);
    for (int64_t phase = 0; phase != phases; ++phase) {
      Value part = columns;
      if (phases != 1)
        part = WindowSumOp::create(b, columns, /*dim=*/2, /*kernel=*/1, phases, phase);
      StoreOp::create(b, part, shared,
                      ValueRange{zero, zero, b.index(phase), b.index(geometry.clearedBefore)},
                      ArrayRef<int64_t>{0, 1, -1, 2}, ArrayRef<int64_t>{1, 1, 1, 1}, vector);
      clearPadding(phase, vector);
    }
  }

  /// Both sides of a phase at once if they are alike, which takes as many conditions as one.
  void clearPadding(int64_t phase, int64_t vector) {
    int64_t first = phase * geometry.phasePitch;
    int64_t end = geometry.clearedBefore + geometry.columnsRead / geometry.phases;
    auto clear = [&](int64_t column, int64_t sides, int64_t count) {
      if (count == 0)
        return;
      Value target = makeView(sums, {shape[0], shape[1], sides, count},
                              {geometry.planePitch, geometry.rowPitch, end, 1}, first + column);
      Value zeros = b.splat(tileType({shape[0], shape[1], sides, count}, b.getF32Type()), 0);
      StoreOp::create(b, zeros, target, SmallVector<Value>(4, b.index(0)),
                      ArrayRef<int64_t>{0, 1, 2, 3}, ArrayRef<int64_t>{1, 1, 1, 1}, vector);
    };
    if (geometry.clearedBefore == geometry.clearedBehind)
      return clear(0, /*sides=*/2, geometry.clearedBefore);
    clear(0, /*sides=*/1, geometry.clearedBefore);
    clear(end, /*sides=*/1, geometry.clearedBehind);
  }

  /// The sums of the columns of each window from `row` of `plane` on, one thread for
  /// each.
  Value sumRows(Value plane, Value row) {
    int64_t phases = geometry.phases;
    Value zero = b.index(0);
    auto load = [&](int64_t outputs, Value phase, Value column, int64_t stride, int64_t vector) {
      return LoadOp::create(b, tileType({shape[0], shape[1], outputs}, b.getF32Type()), shared,
                            ValueRange{plane, row, phase, column}, ArrayRef<int64_t>{0, 1, -1, 2},
                            ArrayRef<int64_t>{1, 1, 1, stride}, vector);
    };
    if (int64_t taps = geometry.tapVector; taps > 1)
      return WindowSumOp::create(b, load(shape[2] * taps, zero, zero, /*stride=*/1, taps),
                                 /*dim=*/2, taps, taps);
    return sumTaps(geometry.kernel, phases, geometry.lead,
                   [&](int64_t phase, Value column) -> Value {
                     return load(shape[2], b.index(phase), column, geometry.stride / phases,
                                 /*vector=*/1);
                   });
  }

  AvgPool2dColumns geometry;
  Value shared;
  /// The same as elements in a row, where that is needed.
  Value sums;
};
} // namespace

void poolc::lowerAvgPool2dColumns(const AvgPool2dProblem &problem, const Schedule &schedule,
                                  KernelBuilder &b) {
  ColumnsKernel(problem, schedule, b).emit();
}
