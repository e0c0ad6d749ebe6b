//===- Conv1dToTile.cpp - nn.conv1d on tiles ------------------------------===//

#include "Lowerings.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// What the algorithms share: one block's outputs are a tile of channels x
/// positions of one group and image.
class Conv1dKernel {
public:
  Conv1dKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : problem(problem), window(problem.window), schedule(schedule), b(b), blockM(schedule.blockM),
        blockN(schedule.blockN), image(b.getTile('b')), group(b.getTile('g')),
        channel(b.getTileStart('m')), position(b.getTileStart('n')),
        inputStart(b.mulAdd(position, window.stride, -window.padBefore)) {
    x = splitChannels(b.getOperand(0), problem.inPerGroup, window.size);
    w = b.split(b.getOperand(1),
                {problem.groups, problem.outPerGroup, problem.inPerGroup, window.kernel},
                {{0, 1}, {2}, {3}});
    y = splitChannels(b.getResult(), problem.outPerGroup, problem.outputSize());
    element = cast<MemRefType>(x.getType()).getElementType();
  }

  void emit() {
    Value sum = isGemm(schedule) ? sumMatrices() : sumDirectly();
    if (problem.hasBias)
      sum = arith::AddFOp::create(b, sum, b.broadcast(loadBias(), {blockM, blockN}));
    StoreOp::create(b, b.truncate(sum, element), y, ValueRange{image, group, channel, position},
                    ArrayRef<int64_t>{-1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1});
  }

private:
  /// [N,C,L] or [C,L] as [N,groups,channels of a group,L].
  Value splitChannels(Value memref, int64_t perGroup, int64_t length) {
    SmallVector<int64_t> shape{problem.batch, problem.groups, perGroup, length};
    if (cast<MemRefType>(memref.getType()).getRank() == 3)
      return b.split(memref, shape, {{0}, {1, 2}, {3}});
    return b.split(memref, shape, {{0, 1, 2}, {3}});
  }

  static RankedTensorType tileType(int64_t m, int64_t n, Type element) {
    return RankedTensorType::get({m, n}, element);
  }

  Value zeroSum() { return b.splat(tileType(blockM, blockN, b.getF32Type()), 0); }

  bool hasPadding() { return window.padBefore != 0 || window.padAfter != 0; }

  Value loadBias() {
    Value bias = b.split(b.getOperand(2), {problem.groups, problem.outPerGroup}, {{0, 1}});
    return b.extend(LoadOp::create(b, tileType(blockM, 1, element), bias,
                                   ValueRange{group, channel}, ArrayRef<int64_t>{-1, 0},
                                   ArrayRef<int64_t>{1, 1}));
  }

  /// From the first to the last element of x that the tile's positions touch at
  /// their first `taps` taps; saturated.
  int64_t reachOf(int64_t taps) {
    constexpr uint64_t most = std::numeric_limits<int64_t>::max();
    uint64_t positions = llvm::SaturatingMultiply<uint64_t>(blockN - 1, window.stride);
    uint64_t reach = llvm::SaturatingMultiplyAdd<uint64_t>(taps - 1, window.dilation, positions);
    return std::min(reach, most);
  }

  /// Whether all of x from `start` up to `reach` elements further is inside.
  /// Their sum might not fit 64 bits; the difference to the size of x does.
  Value isInside(Value start, int64_t reach) {
    return arith::AndIOp::create(
        b, arith::CmpIOp::create(b, arith::CmpIPredicate::sge, start, b.index(0)),
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, start, b.index(window.size - reach)));
  }

  //===--------------------------------------------------------------------===//
  // direct: operands straight from global memory
  //===--------------------------------------------------------------------===//

  /// For each input channel and tap, a column of weights times a row of x.
  Value sumDirectly() {
    return b.loop(problem.inPerGroup, zeroSum(), [&](Value input, Value sum) {
      return b.loop(window.kernel, sum,
                    [&](Value tap, Value sum) { return addTap(input, tap, sum); });
    });
  }

  /// sum + w[:, input, tap] * x[input, the tile's positions at that tap].
  Value addTap(Value input, Value tap, Value sum) {
    Value start = b.add(inputStart, b.mulAdd(tap, window.dilation, 0));
    Value column = asOperand(
        LoadOp::create(b, tileType(blockM, 1, element), w, ValueRange{group, channel, input, tap},
                       ArrayRef<int64_t>{-1, 0, -1, -1}, ArrayRef<int64_t>{1, 1, 1, 1}));
    Value row = asOperand(LoadOp::create(
        b, tileType(1, blockN, element), x, ValueRange{image, group, input, start},
        ArrayRef<int64_t>{-1, -1, -1, 1}, ArrayRef<int64_t>{1, 1, 1, window.stride}));
    SmallVector<int64_t> shape{blockM, blockN};
    Value added = math::FmaOp::create(b, b.broadcast(column, shape), b.broadcast(row, shape), sum);
    return hasPadding() ? keepInside(start, added, sum) : added;
  }

  /// The value that is multiplied: f32, rounded to TF32 where that is the
  /// precision. (tf32x3 is only a way to come close to f32.)
  Value asOperand(Value tile) {
    tile = b.extend(tile);
    if (problem.precision != Precision::tf32)
      return tile;
    auto type = cast<RankedTensorType>(tile.getType());
    auto integers = cast<RankedTensorType>(type.cloneWith(std::nullopt, b.getI32Type()));
    constexpr int64_t halfUnit = 0x1000, unitMask = -0x2000;
    Value bits = arith::BitcastOp::create(b, integers, tile);
    Value up = arith::AddIOp::create(b, bits, b.splatInteger(integers, halfUnit));
    Value cut = arith::AndIOp::create(b, up, b.splatInteger(integers, unitMask));
    Value rounded = arith::BitcastOp::create(b, type, cut);
    // A NaN with all bits set would become a zero.
    Value isNaN = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, tile, tile);
    return arith::SelectOp::create(b, isNaN, tile, rounded);
  }

  /// `added` where the tap lies inside x, `sum` where it lies in the padding:
  /// there even an infinite weight adds nothing. Blocks that do not touch the
  /// padding skip the choice.
  Value keepInside(Value start, Value added, Value sum) {
    auto branch = scf::IfOp::create(b, sum.getType(), isInside(start, reachOf(1)),
                                    /*addThenBlock=*/true, /*addElseBlock=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, added);
    b.setInsertionPointToStart(branch.elseBlock());
    RankedTensorType integers = tileType(1, blockN, b.getI64Type());
    Value coordinates = IotaOp::create(b, integers, start, 1, window.stride);
    // As unsigned numbers, negative coordinates are beyond every size.
    Value isTap = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, coordinates,
                                        b.splatInteger(integers, window.size));
    Value chosen = arith::SelectOp::create(b, b.broadcast(isTap, {blockM, blockN}), added, sum);
    scf::YieldOp::create(b, chosen);
    return branch.getResult(0);
  }

  //===--------------------------------------------------------------------===//
  // gemm_slab, gemm_tap: matrices from shared memory
  //===--------------------------------------------------------------------===//

  Value sumMatrices() {
    Conv1dStaging staging(problem, schedule);
    auto makeAlloc = [&](ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) -> Value {
      auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
      auto layout = StridedLayoutAttr::get(b.getContext(), 0, strides);
      return AllocOp::create(b, MemRefType::get(shape, element, layout, space));
    };
    SmallVector<int64_t> stridesX{staging.pitchX, 1};
    if (staging.transposed)
      std::swap(stridesX[0], stridesX[1]);
    Value slab = makeAlloc({schedule.blockK, staging.span}, stridesX);
    Value weights = makeAlloc({staging.taps, blockM, schedule.blockK},
                              {blockM * staging.pitchW, staging.pitchW, 1});

    Value sum = b.loop(staging.steps, zeroSum(), [&](Value step, Value sum) {
      stage(staging, step, slab, weights);
      BarrierOp::create(b);
      sum = b.loop(staging.taps, sum, [&](Value tap, Value sum) {
        return multiply(staging, slab, weights, tap, sum);
      });
      BarrierOp::create(b);
      return sum;
    });
    // A single step is no loop, and there is nothing to run ahead of.
    if (staging.steps > 1 && schedule.numStages > 1)
      sum.getDefiningOp()->setAttr("tile.num_stages", b.getI64IntegerAttr(schedule.numStages));
    if (problem.precision == Precision::tf32x3)
      return repeatIfNotFinite(sum);
    return hasPadding() ? repairPadding(sum) : sum;
  }

  /// Copies what `step` needs: in gemm_slab, the step counts groups of
  /// channels; in gemm_tap, taps fastest.
  void stage(const Conv1dStaging &staging, Value step, Value slab, Value weights) {
    Value tap = b.index(0), channels = step, start = inputStart;
    if (!staging.isSlab && window.kernel != 1) {
      Value kernel = b.index(window.kernel);
      tap = arith::RemUIOp::create(b, step, kernel);
      channels = arith::DivUIOp::create(b, step, kernel);
      start = b.add(start, b.mulAdd(tap, window.dilation, 0));
    }
    Value input = b.mulAdd(channels, schedule.blockK, 0);
    CopyOp::create(b, w, ValueRange{group, channel, input, tap}, weights,
                   ArrayRef<int64_t>{-1, 1, 2, 0}, ArrayRef<int64_t>{1, 1, 1, 1}, /*vector=*/1,
                   /*async=*/false);
    CopyOp::create(b, x, ValueRange{image, group, input, start}, slab,
                   ArrayRef<int64_t>{-1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, staging.spanStride},
                   /*vector=*/1, /*async=*/false);
  }

  /// sum + w[:, :, tap] * x[:, the tile's positions at that tap].
  Value multiply(const Conv1dStaging &staging, Value slab, Value weights, Value tap, Value sum) {
    auto constant = [&](int64_t value) -> OpFoldResult { return b.getIndexAttr(value); };
    Value first = b.mulAdd(tap, window.dilation, 0);
    int64_t step = staging.isSlab ? window.stride : 1;
    Value a = makeView(weights, {tap, constant(0), constant(0)}, {1, blockM, schedule.blockK},
                       {1, 1, 1}, {blockM, schedule.blockK});
    Value c = makeView(slab, {constant(0), first}, {schedule.blockK, blockN}, {1, step},
                       {schedule.blockK, blockN});
    return DotOp::create(b, a, c, sum, getArithmetic(), /*rows_aligned=*/true);
  }

  Value makeView(Value memref, ArrayRef<OpFoldResult> offsets, ArrayRef<int64_t> sizes,
                 ArrayRef<int64_t> strides, ArrayRef<int64_t> shape) {
    auto attributes = [&](ArrayRef<int64_t> values) {
      return llvm::map_to_vector(
          values, [&](int64_t value) -> OpFoldResult { return b.getIndexAttr(value); });
    };
    auto type = memref::SubViewOp::inferRankReducedResultType(
        shape, cast<MemRefType>(memref.getType()), offsets, attributes(sizes), attributes(strides));
    return memref::SubViewOp::create(b, type, memref, offsets, attributes(sizes),
                                     attributes(strides));
  }

  Arithmetic getArithmetic() {
    if (problem.type != DataType::f32)
      return Arithmetic::mma;
    switch (problem.precision) {
    case Precision::ieee:
      return Arithmetic::fma;
    case Precision::tf32:
      return Arithmetic::mma_tf32;
    case Precision::tf32x3:
      return Arithmetic::mma_tf32x3;
    }
    return Arithmetic::fma;
  }

  /// The matrices hold zeros for the padding, and zero times an infinite weight
  /// is not nothing. Such a product leaves a NaN, in blocks that touch the padding.
  Value repairPadding(Value sum) {
    auto touches = scf::IfOp::create(b, sum.getType(), isInside(inputStart, reachOf(window.kernel)),
                                     /*addThenBlock=*/true, /*addElseBlock=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(touches.thenBlock());
    scf::YieldOp::create(b, sum);
    b.setInsertionPointToStart(touches.elseBlock());
    scf::YieldOp::create(b, repeatIfNotFinite(sum));
    return touches.getResult(0);
  }

  /// Where a sum of the block is infinite or NaN, the block starts again,
  /// directly. In tf32x3, infinities that are right need it too: an infinite
  /// operand times the zero rest of another is a NaN.
  Value repeatIfNotFinite(Value sum) {
    auto type = cast<RankedTensorType>(sum.getType());
    Value infinity = b.splat(type, std::numeric_limits<double>::infinity());
    Value isNotFinite =
        arith::CmpFOp::create(b, arith::CmpFPredicate::UGE, math::AbsFOp::create(b, sum), infinity);
    auto repeats = scf::IfOp::create(b, sum.getType(), AnyOp::create(b, isNotFinite),
                                     /*addThenBlock=*/true, /*addElseBlock=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(repeats.thenBlock());
    scf::YieldOp::create(b, sumDirectly());
    b.setInsertionPointToStart(repeats.elseBlock());
    scf::YieldOp::create(b, sum);
    return repeats.getResult(0);
  }

  const Conv1dProblem &problem;
  const Window &window;
  const Schedule &schedule;
  KernelBuilder &b;
  int64_t blockM, blockN;
  Value image, group, channel, position, inputStart;
  Value x, w, y;
  Type element;
};

} // namespace

void poolc::lowerToTile(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b) {
  Conv1dKernel(problem, schedule, b).emit();
}
