//===- AvgPool2dSlab.cpp - nn.avg_pool2d from a copied run ----------------===//
//
//   copy_span x[first to end] to slab; wait; barrier
//   t = load slab's rows                    [planes, rows, columns / phases, phases]
//   s = window_sum t along the rows
//   store s to shared, phase by phase; barrier
//   y = sum over kw of load shared at kw, one stride apart
//
//===----------------------------------------------------------------------===//

#include "AvgPool2dKernel.h"

#include "poolc/Schedule/AvgPool2dSlab.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class SlabKernel : public AvgPool2dKernel {
public:
  SlabKernel(const AvgPool2dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : AvgPool2dKernel(problem, schedule, b), geometry(this->problem, schedule),
        height(this->problem.axis[0].size), width(this->problem.axis[1].size) {}

  void emit() {
    // Without a limit, ptxas may spill a register or two rather than take more
    // than it likes.
    b.limitRegisters(geometry.registers);
    copyRun();
    if (geometry.sumsRowsFirst)
      return sumRowsFirst();
    Value sums = makeShared(geometry.sumElements, b.getF32Type());
    storeColumns(sums);
    BarrierOp::create(b);
    forEachStep(geometry.step, [&](Value plane, Value row) { finish(sumRows(sums, plane, row)); });
  }

private:
  Value makeShared(int64_t elements, Type type) {
    auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
    return AllocOp::create(b,
                           MemRefType::get({elements}, type, MemRefLayoutAttrInterface{}, space));
  }

  Value makeView(Value memref, Value origin, ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) {
    auto type = cast<MemRefType>(memref.getType());
    auto layout = StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, strides);
    auto viewType = MemRefType::get(shape, type.getElementType(), layout, type.getMemorySpace());
    return ViewOp::create(b, viewType, memref, origin);
  }

  bool isOnePlane() { return shape[0] == 1; }

  /// What a block has whose planes are all there, or what is left for the last one.
  Value endPlanes(Value whole, Value left) {
    if (Value isWhole = b.isTileWhole())
      return arith::SelectOp::create(b, isWhole, whole, left);
    return arith::MinSIOp::create(b, left, whole);
  }

  /// Fills `slab`: from the first row in the plane that a window has to the last,
  /// or from plane to plane.
  void copyRun() {
    Value firstRow = b.index(0), end;
    if (isOnePlane()) {
      Value start = windowStart(0);
      firstRow = problem.axis[0].padBefore == 0
                     ? start
                     : arith::MaxSIOp::create(b, start, b.index(0)).getResult();
      Value endRow =
          arith::MinSIOp::create(b, b.add(start, b.index(geometry.rows)), b.index(height));
      end = b.mulAdd(b.add(b.mulAdd(plane, height, 0), endRow), width, 0);
    } else {
      Value endPlane = b.add(plane, b.index(shape[0]));
      if (!planesEndWithBlocks())
        endPlane = endPlanes(endPlane, b.getSize(x, 0));
      end = b.mulAdd(endPlane, height * width, 0);
    }
    Value first = b.mulAdd(b.add(b.mulAdd(plane, height, 0), firstRow), width, 0);
    misalignment = arith::RemUIOp::create(b, first, b.index(schedule.vector));
    Value aligned = arith::SubIOp::create(b, first, misalignment);
    Value flat = b.merge(x, {{0, 1, 2}});
    memory = makeShared(geometry.slabElements, element);
    CopySpanOp::create(b, flat, aligned, end, memory, schedule.vector);
    AsyncCommitOp::create(b);
    AsyncWaitOp::create(b, 0);
    BarrierOp::create(b);
    row = isOnePlane() ? Value(arith::SubIOp::create(b, windowStart(0), firstRow)) : windowStart(0);
  }

  /// Rows of the slab that need a guard. Rows beyond the plane's end are zero there, or guarded
  /// where another plane follows.
  int64_t guardRows() {
    auto end = static_cast<int64_t>(problem.axis[0].padBefore != 0 ? Guard::low : Guard::none);
    // What lies beyond the copied rows no window needs, or it is in the padding.
    if (geometry.rows > geometry.copiedRows)
      end |= static_cast<int64_t>(Guard::high);
    return end;
  }

  /// The windows' means, in two parts of columns, to shared memory, and from there to y as one run.
  void sumRowsFirst() {
    ResultRun run = makeRun();
    // Rows that a plane has not would be the next plane's.
    int64_t rows = run.length / (shape[0] * shape[2]);
    Value zero = b.index(0);
    Value results =
        makeView(run.memory, run.skew, {shape[0], rows, shape[2]}, {rows * shape[2], shape[2], 1});
    forEachWrittenOut(1, geometry.headColumns, [&](int64_t column) {
      forEachWrittenOut(0, geometry.rowsTogether, [&](int64_t row) {
        StoreOp::create(b, makeResult(sumWindows(row)), results,
                        ValueRange{zero, b.index(row), b.index(column)}, ArrayRef<int64_t>{0, 1, 2},
                        ArrayRef<int64_t>{1, 1, 1});
      });
    });
    BarrierOp::create(b);
    WriteRowsOp::create(b, makeView(run.memory, run.skew, {1, run.length}, {run.length, 1}),
                        b.flatten(b.getResult()), run.first, b.index(1), run.count, run.length,
                        problem.maxVector());
  }

  /// The block's results, at most `length` of them, as a run in y: `count` from element `first`
  /// on, which is `skew` past a multiple of 16 bytes, as in `memory`.
  struct ResultRun {
    int64_t length;
    Value first, count, skew, memory;
  };

  ResultRun makeRun() {
    int64_t outputRows = problem.outputSize(0), width = shape[2], vector = problem.maxVector();
    ResultRun run;
    run.first = b.mulAdd(b.add(b.mulAdd(plane, outputRows, 0), outputs[0]), width, 0);
    if (isOnePlane()) {
      run.length = shape[1] * width;
      Value left = arith::SubIOp::create(b, b.index(outputRows), outputs[0]);
      run.count = b.mulAdd(arith::MinSIOp::create(b, left, b.index(shape[1])), width, 0);
    } else {
      run.length = shape[0] * outputRows * width;
      Value count = b.index(shape[0]);
      if (!planesEndWithBlocks())
        count = endPlanes(count, arith::SubIOp::create(b, b.getSize(x, 0), plane));
      run.count = b.mulAdd(count, outputRows * width, 0);
    }
    run.skew = arith::RemUIOp::create(b, run.first, b.index(vector));
    run.memory = makeShared(geometry.resultElements, element);
    return run;
  }

  /// The sums of windows from row `first` of the tile on: of what each has of its rows first, tap
  /// by tap, then of those.
  Value sumWindows(int64_t first) {
    const Window &h = problem.axis[0], &w = problem.axis[1];
    int64_t viewRows = isOnePlane() ? geometry.copiedRows : height;
    Value view =
        makeView(memory, misalignment, {shape[0], viewRows, width}, {height * width, width, 1});
    Value start = windowStart(1), zero = b.index(0), sum;
    Value firstRow = b.add(row, b.index(first * h.stride));
    int64_t rows = (shape[1] - 1) * h.stride + h.kernel;
    for (int64_t kw = 0; kw != w.kernel; ++kw) {
      auto load = LoadOp::create(b, tileType({shape[0], rows, shape[2]}, element), view,
                                 ValueRange{zero, firstRow, b.add(start, b.index(kw))},
                                 ArrayRef<int64_t>{0, 1, 2}, ArrayRef<int64_t>{1, 1, w.stride});
      if (isOnePlane()) {
        int64_t columns = static_cast<int64_t>(Guard::none);
        if (kw < w.padBefore)
          columns |= static_cast<int64_t>(Guard::low);
        if ((problem.outputSize(1) - 1) * w.stride + kw - w.padBefore >= width)
          columns |= static_cast<int64_t>(Guard::high);
        load.setGuards(SmallVector<int64_t>{0, guardRows(), columns});
      }
      Value tap = b.extend(load);
      sum = sum ? arith::AddFOp::create(b, sum, tap).getResult() : tap;
    }
    return WindowSumOp::create(b, sum, /*dim=*/1, h.kernel, h.stride);
  }

  /// What the windows have of each column.
  void storeColumns(Value sums) {
    const Window &h = problem.axis[0];
    Value zero = b.index(0);
    int64_t viewRows = isOnePlane() ? geometry.copiedRows : height;
    Value slab =
        makeView(memory, misalignment, {shape[0], viewRows, geometry.length, geometry.phases},
                 {height * width, width, geometry.phases, 1});
    SmallVector<int64_t> loaded{shape[0], geometry.rows, geometry.length, geometry.phases};
    auto load =
        LoadOp::create(b, tileType(loaded, element), slab, ValueRange{zero, row, zero, zero},
                       ArrayRef<int64_t>{0, 1, 2, 3}, ArrayRef<int64_t>{1, 1, 1, 1});
    if (isOnePlane())
      load.setGuards(SmallVector<int64_t>{0, guardRows(), 0, 0});
    Value columns = WindowSumOp::create(b, b.extend(load), /*dim=*/1, h.kernel, h.stride);
    Value target = makeView(sums, zero, {shape[0], shape[1], geometry.length, geometry.phases},
                            {geometry.planePitch, geometry.rowPitch, 1, geometry.phasePitch});
    StoreOp::create(b, columns, target, ValueRange{zero, zero, zero, zero},
                    ArrayRef<int64_t>{0, 1, 2, 3}, ArrayRef<int64_t>{1, 1, 1, 1});
  }

  Value sumRows(Value sums, Value plane, Value row) {
    const Window &w = problem.axis[1];
    int64_t phases = geometry.phases;
    SmallVector<Value> views;
    for (int64_t phase = 0; phase != std::min(phases, geometry.columns); ++phase) {
      int64_t length = llvm::divideCeilSigned(geometry.columns - phase, phases);
      views.push_back(makeView(sums, b.index(phase * geometry.phasePitch),
                               {schedule.blockP, schedule.blockH, length},
                               {geometry.planePitch, geometry.rowPitch, 1}));
    }
    return sumTaps(w.kernel, phases, -w.padBefore, [&](int64_t phase, Value column) -> Value {
      if (phase >= geometry.columns)
        return nullptr;
      return LoadOp::create(b, tileType(shape, b.getF32Type()), views[phase],
                            ValueRange{plane, row, column}, ArrayRef<int64_t>{0, 1, 2},
                            ArrayRef<int64_t>{1, 1, w.stride / phases});
    });
  }

  AvgPool2dSlab geometry;
  int64_t height, width;
  /// What was copied, where in it the first row begins, and the row of the first window,
  /// negative in the padding.
  Value memory, misalignment, row;
};
} // namespace

void poolc::lowerAvgPool2dSlab(const AvgPool2dProblem &problem, const Schedule &schedule,
                               KernelBuilder &b) {
  SlabKernel(problem, schedule, b).emit();
}
