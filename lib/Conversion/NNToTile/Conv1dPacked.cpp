//===- Conv1dPacked.cpp - nn.conv1d with packed weights -------------------===//
//
// gemm_packed: a first launch writes the weights in the order in which blocks
// stage them, padded with zeros to whole tiles. Then every copy moves up to 16
// bytes whatever the number of taps, and tensor cores load a's matrices from
// rows of input channels.
//
//===----------------------------------------------------------------------===//

#include "Conv1dMatrices.h"

#include "poolc/Schedule/Conv1dPacked.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class Conv1dPackedKernel : public Conv1dMatrixKernel {
public:
  Conv1dPackedKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : Conv1dMatrixKernel(problem, schedule, b), staging(problem, schedule) {}

  void emit() {
    leaveRoomForTwoBlocks();
    bytesOfStages = staging.sharedBytes(schedule, problem.type);
    finishPart(sumMatrices(), staging.x);
  }

private:
  Value sumMatrices() {
    if (schedule.boxes != 0)
      return sumBoxes();
    // Views of chunks are of memory without a shape.
    bool isFlat = staging.channelsApart != 1 || onFmaUnits();
    Value slab = isFlat ? allocate({schedule.blockK * staging.x.pitch}, {1})
                        : allocate({schedule.blockK, staging.x.span}, {staging.x.pitch, 1});
    Value weights = allocateWeights(), source = staging.packs ? b.getPrepared() : splitWeights();

    return sumSteps(staging.stepsOfPart, [&](Value step, Value sum) {
      auto [channels, firstTap, start] = placeStep(step);
      RowPlace place = placeRows(staging.x, start);
      Value rows = isFlat ? viewMemory(slab, b.index(0), {schedule.blockK, staging.x.span},
                                       {staging.x.pitch, 1})
                          : slab;
      copyRows(staging.x, place, channels, rows, !isPipelined(staging.stepsOfPart),
               countUnused(firstTap));
      copyWeights(step, source, weights);
      finishCopies(staging.x, place, rows, !isPipelined(staging.stepsOfPart));
      if (schedule.roundW != 0) {
        RoundOp::create(b, weights);
        BarrierOp::create(b);
      }
      return multiplyTaps(slab, weights, firstTap, place, sum);
    });
  }

  /// The same of boxes of x that the copy engine copies, as it does the weights.
  Value sumBoxes() {
    int64_t columns = staging.boxColumns, rows = schedule.blockK;
    int64_t boxes = staging.sharesBoxes ? 1 : blockN / columns;
    Value slab = allocate({boxes, rows, columns}, {rows * columns, columns, 1});
    bool keepsWeights = staging.keepsWeights;
    Value weightsOfAll = keepsWeights ? allocateWeightsOfAllSteps() : Value();
    Value weights = keepsWeights ? Value() : allocateWeights(), map = b.getMap(/*isPrepared=*/true),
          packed = b.getPrepared(), zero = b.index(0);
    rowsOfAdded = staging.addedRows;
    if (rowsOfAdded != 0)
      memoryOfAdded = staging.addsThroughX ? slab : weights;
    return sumSteps(staging.stepsOfPart, [&](Value step, Value sum) -> Value {
      auto [channels, firstTap, start] = placeStep(step);
      RowPlace place = placeRows(staging.x, start);
      CopyBoxesOp::create(b, map, ValueRange{image, group, channels, getBegin(place)}, slab,
                          schedule.joinN != 0 ? window.size : 0);
      if (keepsWeights)
        weights = viewWeightsOfStep(weightsOfAll, step);
      CopyRunsOp::create(b, packed, ValueRange{group, step, zero, zero, channel, zero}, weights,
                         ArrayRef<int64_t>{-1, -1, 0, 1, 2, 3});
      BarrierOp::create(b);
      if (!staging.sharesBoxes) {
        auto dot = DotOp::create(b, viewWeights(weights, /*tap=*/0, /*taps=*/1), slab, sum,
                                 getArithmetic(), /*rows_aligned=*/true);
        dot.setSwizzled(true);
        return dot;
      }
      OpFoldResult origin = b.getIndexAttr(0);
      Value box =
          makeView(slab, {origin, origin, origin}, {1, rows, columns}, {1, 1, 1}, {rows, columns});
      return multiplyTaps(box, weights, firstTap, place, sum);
    });
  }

  /// Those of a step.
  Value allocateWeights() {
    int64_t taps = schedule.blockT, chunk = staging.vectorW, chunks = schedule.blockK / chunk;
    int64_t ofTap = blockM * schedule.blockK;
    if (!staging.chunked)
      return allocate({taps, schedule.blockK, blockM}, {ofTap, blockM, 1});
    if (!staging.packs)
      return allocate({taps, blockM, chunks, chunk}, {ofTap, schedule.blockK, chunk, 1});
    return allocate({taps, chunks, blockM, chunk}, {ofTap, blockM * chunk, chunk, 1});
  }

  /// The weights of a tap as they lie, in chunks of channels.
  Value splitWeights() {
    int64_t chunk = staging.vectorW;
    return b.split(b.merge(b.getOperand(1), {{0}, {1, 2}}),
                   {problem.groups, problem.outPerGroup, problem.inPerGroup / chunk, chunk},
                   {{0, 1}, {2, 3}});
  }

  void copyWeights(Value step, Value source, Value weights) {
    bool async = !isPipelined(staging.stepsOfPart);
    int64_t chunk = staging.vectorW;
    Value zero = b.index(0);
    auto copy = [&](ArrayRef<Value> start, ArrayRef<int64_t> dims) {
      SmallVector<int64_t> strides(dims.size(), 1);
      return CopyOp::create(b, source, start, weights, dims, strides, chunk, async);
    };
    if (!staging.packs)
      copy({group, channel, b.mulAdd(step, schedule.blockK / chunk, 0), zero}, {-1, 1, 2, 3})
          .setSwizzled(true);
    else if (staging.chunked)
      copy({group, step, zero, zero, channel, zero}, {-1, -1, 0, 1, 2, 3});
    else
      copy({group, step, zero, zero, channel}, {-1, -1, 0, 1, 2});
  }

  /// Those of all steps, which blocks copy once.
  Value allocateWeightsOfAllSteps() {
    int64_t taps = schedule.blockT, chunk = staging.vectorW, ofTap = blockM * schedule.blockK;
    return allocate({staging.steps(), taps, schedule.blockK / chunk, blockM, chunk},
                    {taps * ofTap, ofTap, blockM * chunk, chunk, 1});
  }

  Value viewWeightsOfStep(Value weights, Value step) {
    ArrayRef<int64_t> ofStep = cast<MemRefType>(weights.getType()).getShape().drop_front();
    SmallVector<OpFoldResult> offsets(ofStep.size() + 1, b.getIndexAttr(0));
    SmallVector<int64_t> sizes{1}, strides(ofStep.size() + 1, 1);
    llvm::append_range(sizes, ofStep);
    offsets.front() = step;
    return makeView(weights, offsets, sizes, strides, ofStep);
  }

  /// What a step begins with: its first channel, its first tap, and the position of x that the
  /// tile's first has at that tap.
  struct StepPlace {
    Value channels, tap, start;
  };
  StepPlace placeStep(Value step) {
    if (staging.tapSteps == 1)
      return {b.mulAdd(step, schedule.blockK, 0), b.index(0), inputStart};
    Value tapSteps = b.index(staging.tapSteps);
    Value channels = arith::DivUIOp::create(b, step, tapSteps);
    Value tap = b.mulAdd(arith::RemUIOp::create(b, step, tapSteps), schedule.blockT, 0);
    return {b.mulAdd(channels, schedule.blockK, 0), tap,
            b.add(inputStart, b.mulAdd(tap, window.dilation, 0))};
  }

  /// Elements of a step's rows that only taps beyond the last one would touch, or null.
  Value countUnused(Value firstTap) {
    int64_t beyond = staging.tapSteps * schedule.blockT - window.kernel;
    if (beyond == 0)
      return nullptr;
    Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, firstTap,
                                         b.index((staging.tapSteps - 1) * schedule.blockT));
    return arith::SelectOp::create(b, isLast, b.index(beyond * window.dilation), b.index(0));
  }

  Value multiplyTaps(Value slab, Value weights, Value firstTap, const RowPlace &place, Value sum) {
    // In a step that reaches beyond the last tap, those beyond add nothing.
    int64_t always = staging.tapsOfAllSteps;
    int64_t together = staging.multipliesWindows ? always : 1;
    auto multiplyRange = [&](int64_t begin, int64_t end) {
      for (int64_t tap = begin; tap != end; tap += together)
        sum = multiply(slab, weights, tap, together, place, sum);
    };
    // A tap that there always is comes last, so that its products can be computed while
    // those of the next step are loaded.
    multiplyRange(0, always - together);
    for (int64_t tap = always; tap != schedule.blockT; ++tap)
      sum = multiplyIfExists(slab, weights, firstTap, tap, place, sum);
    multiplyRange(always - together, always);
    return sum;
  }

  Value multiplyIfExists(Value slab, Value weights, Value firstTap, int64_t tap,
                         const RowPlace &place, Value sum) {
    Value exists =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, firstTap, b.index(window.kernel - tap));
    auto branch = scf::IfOp::create(b, sum.getType(), exists, /*addThenBlock=*/true,
                                    /*addElseBlock=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, sum);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, multiply(slab, weights, tap, /*taps=*/1, place, sum));
    return branch.getResult(0);
  }

  bool onFmaUnits() { return getArithmetic() == Arithmetic::fma; }

  /// sum + w[:, :, tap] * x[:, the tile's positions at that tap of the step], for `taps` taps from
  /// `tap` on; of more than one, threads use what they load of x for all.
  Value multiply(Value slab, Value weights, int64_t tap, int64_t taps, const RowPlace &place,
                 Value sum) {
    OpFoldResult first = getColumn(place, tap * window.dilation);
    Value a = viewWeights(weights, tap, taps), c = viewPositions(slab, first, taps);
    auto dot = DotOp::create(b, a, c, sum, getArithmetic(), /*rows_aligned=*/true, place.skew);
    if (dot.getArithmetic() == Arithmetic::wgmma && isAligned(first, place))
      dot.setChunkAlignment(staging.vectorW);
    dot.setSwizzledA(!staging.packs);
    promiseColumns(dot, staging.x, first);
    return dot;
  }

  /// The tile's positions from a column on, at `taps` taps.
  Value viewPositions(Value slab, OpFoldResult first, int64_t taps) {
    OpFoldResult zero = b.getIndexAttr(0);
    if (onFmaUnits())
      return viewMemory(slab, getValueOrCreateConstantIndexOp(b, b.getLoc(), first),
                        {schedule.blockK, taps, blockN},
                        {staging.x.pitch, window.dilation, window.stride});
    if (staging.channelsApart != 1)
      return viewChunks(slab, first);
    SmallVector<int64_t> shape{schedule.blockK, blockN};
    return makeView(slab, {zero, first}, shape, {1, window.stride}, shape);
  }

  /// The positions from a column on: chunks of channels that are as far apart as the weights'.
  Value viewChunks(Value slab, OpFoldResult column) {
    int64_t apart = staging.channelsApart;
    Value origin = getValueOrCreateConstantIndexOp(b, b.getLoc(), column);
    return viewMemory(slab, origin, {apart, blockN, staging.vectorW},
                      {staging.x.pitch, window.stride, apart * staging.x.pitch});
  }

  /// Whether rows of x begin at multiples of 16 bytes where a tap's do, in that column.
  bool isAligned(OpFoldResult first, const RowPlace &place) {
    auto column = dyn_cast<Attribute>(first);
    int64_t pitch = staging.boxColumns != 0 ? staging.boxColumns : staging.x.pitch;
    return column && cast<IntegerAttr>(column).getInt() % staging.vectorW == 0 &&
           window.stride == 1 && pitch % staging.vectorW == 0 && place.skew.empty();
  }

  /// Those of a tap in chunks of channels or as blockM x blockK with strides, or of `taps` taps as
  /// blockM x blockK x taps.
  Value viewWeights(Value weights, int64_t tap, int64_t taps) {
    OpFoldResult zero = b.getIndexAttr(0), first = b.getIndexAttr(tap);
    int64_t chunk = staging.vectorW, chunks = schedule.blockK / chunk;
    if (!staging.packs)
      return swap(makeView(weights, {first, zero, zero, zero}, {1, blockM, chunks, chunk},
                           {1, 1, 1, 1}, {blockM, chunks, chunk}),
                  {1, 0, 2});
    if (staging.chunked)
      return makeView(weights, {first, zero, zero, zero}, {1, chunks, blockM, chunk}, {1, 1, 1, 1},
                      {chunks, blockM, chunk});
    SmallVector<int64_t> shape{schedule.blockK, blockM};
    SmallVector<unsigned> order{1, 0};
    if (onFmaUnits()) {
      shape.insert(shape.begin(), taps);
      order = {2, 1, 0};
    }
    Value view =
        makeView(weights, {first, zero, zero}, {taps, schedule.blockK, blockM}, {1, 1, 1}, shape);
    return swap(view, order);
  }

  Value swap(Value view, ArrayRef<unsigned> order) {
    auto swapped = AffineMap::getPermutationMap(order, b.getContext());
    return memref::TransposeOp::create(b, view, AffineMapAttr::get(swapped));
  }

  Conv1dPacked staging;
};
} // namespace

void poolc::lowerConv1dPacked(const Conv1dProblem &problem, const Schedule &schedule,
                              KernelBuilder &b) {
  Conv1dPackedKernel(problem, schedule, b).emit();
}
