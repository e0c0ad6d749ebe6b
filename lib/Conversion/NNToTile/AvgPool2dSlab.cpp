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
        endPlane = arith::MinSIOp::create(b, endPlane, b.getSize(x, 0));
      end = b.mulAdd(endPlane, height * width, 0);
    }
    Value first = b.mulAdd(b.add(b.mulAdd(plane, height, 0), firstRow), width, 0);
    Value misalignment = arith::RemUIOp::create(b, first, b.index(schedule.vector));
    Value aligned = arith::SubIOp::create(b, first, misalignment);
    Value flat = b.merge(x, {{0, 1, 2}});
    Value memory = makeShared(geometry.slabElements, element);
    CopySpanOp::create(b, flat, aligned, end, memory, schedule.vector);
    AsyncCommitOp::create(b);
    AsyncWaitOp::create(b, 0);
    BarrierOp::create(b);
    int64_t viewRows = isOnePlane() ? geometry.copiedRows : height;
    slab = makeView(memory, misalignment, {shape[0], viewRows, geometry.length, geometry.phases},
                    {height * width, width, geometry.phases, 1});
    row = isOnePlane() ? Value(arith::SubIOp::create(b, windowStart(0), firstRow)) : windowStart(0);
  }

  /// What the windows have of each column. Rows beyond the plane's end are zero
  /// in the slab, or guarded where another plane follows.
  void storeColumns(Value sums) {
    const Window &h = problem.axis[0];
    Value zero = b.index(0);
    SmallVector<int64_t> loaded{shape[0], geometry.rows, geometry.length, geometry.phases};
    auto load =
        LoadOp::create(b, tileType(loaded, element), slab, ValueRange{zero, row, zero, zero},
                       ArrayRef<int64_t>{0, 1, 2, 3}, ArrayRef<int64_t>{1, 1, 1, 1});
    if (isOnePlane()) {
      auto end = static_cast<int64_t>(h.padBefore != 0 ? Guard::low : Guard::none);
      // What lies beyond the copied rows no window needs, or it is in the padding.
      if (geometry.rows > geometry.copiedRows)
        end |= static_cast<int64_t>(Guard::high);
      load.setGuards(SmallVector<int64_t>{0, end, 0, 0});
    }
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
  /// The copied rows, and the row there of the first window, negative in the
  /// padding.
  Value slab, row;
};
} // namespace

void poolc::lowerAvgPool2dSlab(const AvgPool2dProblem &problem, const Schedule &schedule,
                               KernelBuilder &b) {
  SlabKernel(problem, schedule, b).emit();
}
