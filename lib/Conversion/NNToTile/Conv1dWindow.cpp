//===- Conv1dWindow.cpp - nn.conv1d over windows in registers -------------===//

#include "Conv1dKernel.h"
#include "Epilogue.h"

#include "poolc/Schedule/Conv1dWindow.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// One block's outputs: groups x channels of each x positions, of one image.
class WindowKernel : Conv1dKernel {
public:
  WindowKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : Conv1dKernel(problem, schedule, b), staging(problem, schedule),
        shape{schedule.blockG, schedule.blockM, schedule.blockN}, firstGroup(b.getTileStart('g')) {}

  void emit() {
    b.limitRegisters(staging.mostRegisters);
    // A few arrive with x: behind the sums, each block would wait for its own once more.
    constexpr int64_t mostAhead = 4;
    Value bias;
    if (problem.hasBias && shape[0] * shape[1] <= mostAhead)
      bias = loadBias();
    Value sum = sumWindows();
    if (hasPadding())
      sum = repairPadding(sum);
    if (problem.hasBias)
      sum = arith::AddFOp::create(b, sum, b.broadcast(bias ? bias : loadBias(), shape));
    auto asOutput = [&](Value memref) {
      return splitChannels(memref, problem.outPerGroup, problem.outputSize());
    };
    storeSums(problem, b, sum, asOutput, {image, firstGroup, channel, position}, {-1, 0, 1, 2},
              {1, 1, 1, 1}, staging.storeVector, staging.stagesStores);
  }

private:
  RankedTensorType tile(ArrayRef<int64_t> shape, Type element) {
    return RankedTensorType::get(shape, element);
  }

  Value alloc(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) {
    auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
    auto layout = StridedLayoutAttr::get(b.getContext(), 0, strides);
    return AllocOp::create(b, MemRefType::get(shape, element, layout, space));
  }

  Value sumWindows() {
    int64_t rows = schedule.blockK, span = staging.span, kernel = window.kernel;
    Value slab = staging.rowPerTap ? alloc({schedule.blockG, rows, kernel, span},
                                           {rows * kernel * span, kernel * span, span, 1})
                                   : alloc({schedule.blockG, rows, span}, {rows * span, span, 1});
    // Up to whole accesses, so that what follows the taps is zeros.
    int64_t pitch = staging.pitchW;
    Value taps = alloc({schedule.blockG, blockM, rows, pitch},
                       {blockM * rows * pitch, rows * pitch, pitch, 1});
    Value zero = b.splat(tile(shape, b.getF32Type()), 0);
    bool isSingle = staging.steps == 1;
    return sumSteps(staging.steps, zero, [&](Value step, Value sum) {
      stage(step, slab, taps, /*async=*/isSingle);
      if (isSingle) {
        AsyncCommitOp::create(b);
        AsyncWaitOp::create(b, 0);
      }
      BarrierOp::create(b);
      Value used = view(taps, {0, 0, 0, 0}, {schedule.blockG, blockM, rows, kernel},
                        {schedule.blockG, blockM, rows, kernel});
      return CorrelateOp::create(b, slab, used, sum, window.stride,
                                 staging.rowPerTap ? 1 : window.dilation, staging.offset,
                                 staging.sharedVector, schedule.vector,
                                 problem.precision == Precision::tf32);
    });
  }

  /// Copies a step's channels. Asynchronously, where there is no loop whose
  /// pipelining decides that.
  void stage(Value step, Value slab, Value taps, bool async) {
    auto canRunAhead = [&](int64_t vector) {
      return async && vector * sizeInBytes(problem.type) >= 4;
    };
    Value input = b.mulAdd(step, schedule.blockK, 0);
    CopyOp::create(b, w, ValueRange{firstGroup, channel, input, b.index(0)}, taps,
                   ArrayRef<int64_t>{0, 1, 2, 3}, ArrayRef<int64_t>{1, 1, 1, 1},
                   staging.copyVectorW, canRunAhead(staging.copyVectorW));
    Value first = b.mulAdd(position, window.stride, staging.start);
    if (!staging.rowPerTap) {
      CopyOp::create(b, x, ValueRange{image, firstGroup, input, first}, slab,
                     ArrayRef<int64_t>{-1, 0, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1},
                     staging.copyVectorX, canRunAhead(staging.copyVectorX));
      return;
    }
    for (int64_t tap = 0; tap != window.kernel; ++tap) {
      Value start = b.mulAdd(first, 1, tap * window.dilation);
      CopyOp::create(b, x, ValueRange{image, firstGroup, input, start}, rowOfTap(slab, tap),
                     ArrayRef<int64_t>{-1, 0, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1},
                     staging.copyVectorX, canRunAhead(staging.copyVectorX));
    }
  }

  /// slab[:, :, tap, :].
  Value rowOfTap(Value slab, int64_t tap) {
    int64_t groups = schedule.blockG, rows = schedule.blockK, span = staging.span;
    return view(slab, {0, 0, tap, 0}, {groups, rows, 1, span}, {groups, rows, span});
  }

  /// Part of an allocation, as a memref of `shape`.
  Value view(Value memref, ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
             ArrayRef<int64_t> shape) {
    auto constants = [&](ArrayRef<int64_t> values) {
      return llvm::map_to_vector(
          values, [&](int64_t value) -> OpFoldResult { return b.getIndexAttr(value); });
    };
    SmallVector<OpFoldResult> from = constants(offsets), size = constants(sizes),
                              strides(offsets.size(), b.getIndexAttr(1));
    auto type = memref::SubViewOp::inferRankReducedResultType(
        shape, cast<MemRefType>(memref.getType()), from, size, strides);
    return memref::SubViewOp::create(b, type, memref, from, size, strides);
  }

  Value loadBias() {
    Value bias = b.split(b.getOperand(2), {problem.groups, problem.outPerGroup}, {{0, 1}});
    return b.extend(LoadOp::create(b, tile({shape[0], shape[1], 1}, element), bias,
                                   ValueRange{firstGroup, channel}, ArrayRef<int64_t>{0, 1},
                                   ArrayRef<int64_t>{1, 1}));
  }

  /// The rows hold zeros for the padding, and zero times an infinite weight is
  /// not nothing. Blocks that touch the padding look whether a sum is infinite
  /// or NaN, and then start again tap by tap.
  Value repairPadding(Value sum) {
    auto touches = scf::IfOp::create(b, sum.getType(), isInside(inputStart, reachOf(window.kernel)),
                                     /*addThenBlock=*/true, /*addElseBlock=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(touches.thenBlock());
    scf::YieldOp::create(b, sum);
    b.setInsertionPointToStart(touches.elseBlock());
    Value infinity =
        b.splat(cast<RankedTensorType>(sum.getType()), std::numeric_limits<double>::infinity());
    Value isNotFinite =
        arith::CmpFOp::create(b, arith::CmpFPredicate::UGE, math::AbsFOp::create(b, sum), infinity);
    auto repeats = scf::IfOp::create(b, sum.getType(), AnyOp::create(b, isNotFinite),
                                     /*addThenBlock=*/true, /*addElseBlock=*/true);
    scf::YieldOp::create(b, repeats.getResult(0));
    b.setInsertionPointToStart(repeats.thenBlock());
    scf::YieldOp::create(b, sumTapByTap());
    b.setInsertionPointToStart(repeats.elseBlock());
    scf::YieldOp::create(b, sum);
    return touches.getResult(0);
  }

  Value sumTapByTap() {
    Value zero = b.splat(tile(shape, b.getF32Type()), 0);
    return b.keepRolled(b.loop(problem.inPerGroup, zero, [&](Value input, Value sum) {
      return b.keepRolled(b.loop(
          window.kernel, sum, [&](Value tap, Value sum) { return addTapInside(input, tap, sum); }));
    }));
  }

  /// Adds one tap where it lies inside of x.
  Value addTapInside(Value input, Value tap, Value sum) {
    Value start = b.add(inputStart, b.mulAdd(tap, window.dilation, 0));
    Value column = asOperand(LoadOp::create(
        b, tile({shape[0], shape[1], 1}, element), w, ValueRange{firstGroup, channel, input, tap},
        ArrayRef<int64_t>{0, 1, -1, -1}, ArrayRef<int64_t>{1, 1, 1, 1}));
    Value row = asOperand(LoadOp::create(
        b, tile({shape[0], 1, shape[2]}, element), x, ValueRange{image, firstGroup, input, start},
        ArrayRef<int64_t>{-1, 0, -1, 2}, ArrayRef<int64_t>{1, 1, 1, window.stride}));
    Value added = math::FmaOp::create(b, b.broadcast(column, shape), b.broadcast(row, shape), sum);
    RankedTensorType integers = tile({1, 1, shape[2]}, b.getI64Type());
    Value coordinates = IotaOp::create(b, integers, start, 2, window.stride);
    // As unsigned numbers, negative coordinates are beyond every size.
    Value isTap = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, coordinates,
                                        b.splatSize(integers, x, 3));
    return arith::SelectOp::create(b, b.broadcast(isTap, shape), added, sum);
  }

  Conv1dWindow staging;
  SmallVector<int64_t> shape;
  Value firstGroup;
};

} // namespace

void poolc::lowerConv1dWindow(const Conv1dProblem &problem, const Schedule &schedule,
                              KernelBuilder &b) {
  WindowKernel(problem, schedule, b).emit();
}
