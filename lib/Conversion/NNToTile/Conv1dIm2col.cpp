//===- Conv1dIm2col.cpp - nn.conv1d over channels and taps in one ---------===//
//
// gemm_im2col: rows of x are staged once, as they lie in memory or stride by
// stride; the matrix of windows is a view of them in which K counts chunks of
// neighbouring taps. A first launch packs the weights in the same order.
//
//===----------------------------------------------------------------------===//

#include "Conv1dMatrices.h"

#include "poolc/Schedule/Conv1dIm2col.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class Conv1dIm2colKernel : public Conv1dMatrixKernel {
public:
  Conv1dIm2colKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : Conv1dMatrixKernel(problem, schedule, b), staging(problem, schedule) {}

  void emit() {
    b.limitRegisters(staging.mostRegisters);
    finishMatrices(sumMatrices(), schedule.vector);
  }

private:
  Value sumMatrices() {
    Value rows = stageRows();
    Value weights = allocateWeights();
    bool isSingle = staging.steps() == 1;
    // The copies of a loop that runs ahead wait for those of the rows as well.
    if (!isSingle)
      AsyncCommitOp::create(b);
    if (!isSingle && !isPipelined(staging.steps()))
      AsyncWaitOp::create(b, 0);
    return sumSteps(staging.steps(), [&](Value step, Value sum) {
      copyWeights(step, weights, /*async=*/isSingle);
      if (isSingle) {
        AsyncCommitOp::create(b);
        AsyncWaitOp::create(b, 0);
      }
      BarrierOp::create(b);
      return multiplyStep(rows, weights, step, sum);
    });
  }

  Value allocateWeights() {
    int64_t chunk = staging.chunk, chunks = staging.chunks;
    if (chunk == 1)
      return allocate({chunks, blockM}, {blockM, 1});
    if (!staging.packs)
      return allocate({blockM, chunks, chunk}, {staging.pitchW, chunk, 1});
    return allocate({chunks, blockM, chunk}, {blockM * chunk, chunk, 1});
  }

  void copyWeights(Value step, Value weights, bool async) {
    Value zero = b.index(0);
    if (!staging.packs)
      return copyRowsOfWeights(step, weights, async);
    constexpr int64_t fmaVector = 4;
    if (staging.chunk == 1)
      CopyOp::create(b, b.getPrepared(), ValueRange{group, step, zero, channel}, weights,
                     ArrayRef<int64_t>{-1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1}, fmaVector,
                     async);
    else
      CopyOp::create(b, b.getPrepared(), ValueRange{group, step, zero, channel, zero}, weights,
                     ArrayRef<int64_t>{-1, -1, 0, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1, 1},
                     staging.chunk, async);
  }

  /// Those of a step are one run of the row of each output channel.
  void copyRowsOfWeights(Value step, Value weights, bool async) {
    int64_t chunk = staging.chunk, chunks = window.kernel / chunk;
    Value rows = b.split(b.getOperand(1),
                         {problem.groups, problem.outPerGroup, problem.inPerGroup, chunks, chunk},
                         {{0, 1}, {2}, {3, 4}});
    Value channels = step, first = b.index(0);
    if (staging.tapSteps != 1) {
      Value tapSteps = b.index(staging.tapSteps);
      channels = arith::DivUIOp::create(b, step, tapSteps);
      first = b.mulAdd(arith::RemUIOp::create(b, step, tapSteps), staging.chunks, 0);
    }
    if (schedule.blockK == 1) {
      CopyOp::create(b, rows, ValueRange{group, channel, channels, first, b.index(0)}, weights,
                     ArrayRef<int64_t>{-1, 0, -1, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1, 1}, chunk,
                     async);
      return;
    }
    rows = b.merge(rows, {{0}, {1}, {2, 3}, {4}});
    CopyOp::create(
        b, rows, ValueRange{group, channel, b.mulAdd(channels, staging.chunks, 0), b.index(0)},
        weights, ArrayRef<int64_t>{-1, 0, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1}, chunk, async);
  }

  /// All of x that the tile touches.
  Value stageRows() {
    int64_t channels = staging.channelSteps * schedule.blockK;
    Value zero = b.index(0);
    bool async = staging.vectorX * sizeInBytes(problem.type) >= 4;
    Value memory = allocate({staging.elementsX}, {1});
    if (staging.period == 0) {
      Value rows = viewMemory(memory, zero, {channels, staging.span}, {staging.pitchX, 1});
      CopyOp::create(b, x, ValueRange{image, group, zero, b.mulAdd(inputStart, 1, -staging.shift)},
                     rows, ArrayRef<int64_t>{-1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1},
                     staging.vectorX, async);
      return memory;
    }
    // A position begins a whole number of pieces after the first one.
    int64_t period = staging.period;
    Value pieces = b.split(
        x, {problem.batch, problem.groups, problem.inPerGroup, window.size / period, period},
        {{0}, {1}, {2}, {3, 4}});
    Value first = b.mulAdd(position, 1, -(window.padBefore + staging.shift) / period);
    Value rows = viewMemory(memory, zero, {channels, staging.span, period},
                            {staging.pitchX, staging.positionPitch, 1});
    CopyOp::create(b, pieces, ValueRange{image, group, zero, first, zero}, rows,
                   ArrayRef<int64_t>{-1, -1, 0, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1, 1},
                   staging.vectorX, async);
    return memory;
  }

  /// The step's channels and taps; in a last step of fewer taps, those.
  Value multiplyStep(Value rows, Value weights, Value step, Value sum) {
    Value origin = b.index(staging.placeOfTap(0, window.dilation));
    Value channels = step;
    int64_t all = schedule.blockT, rest = window.kernel - (staging.tapSteps - 1) * all;
    if (staging.tapSteps == 1) {
      origin = b.add(origin, b.mulAdd(channels, schedule.blockK * staging.pitchX, 0));
      return multiplyTaps(rows, weights, origin, rest, sum);
    }
    Value tapSteps = b.index(staging.tapSteps);
    channels = arith::DivUIOp::create(b, step, tapSteps);
    Value tapStep = arith::RemUIOp::create(b, step, tapSteps);
    origin =
        b.add(placeOfTapStep(tapStep), b.mulAdd(channels, schedule.blockK * staging.pitchX, 0));
    if (rest == all)
      return multiplyTaps(rows, weights, origin, all, sum);
    Value isLast =
        arith::CmpIOp::create(b, arith::CmpIPredicate::eq, tapStep, b.index(staging.tapSteps - 1));
    auto branch = scf::IfOp::create(b, sum.getType(), isLast, /*addThenBlock=*/true,
                                    /*addElseBlock=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, multiplyTaps(rows, weights, origin, rest, sum));
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, multiplyTaps(rows, weights, origin, all, sum));
    return branch.getResult(0);
  }

  /// Conv1dIm2col::placeOfTap of the first tap of a step.
  Value placeOfTapStep(Value tapStep) {
    if (staging.period == 0)
      return b.mulAdd(tapStep, schedule.blockT * window.dilation, staging.shift);
    Value place = b.mulAdd(tapStep, schedule.blockT, staging.shift);
    Value period = b.index(staging.period);
    return b.add(b.mulAdd(arith::DivUIOp::create(b, place, period), staging.positionPitch, 0),
                 arith::RemUIOp::create(b, place, period));
  }

  /// Adds the products of `taps` taps of each channel of a step, two chunks at a
  /// time; its first tap lies at `origin`.
  Value multiplyTaps(Value rows, Value weights, Value origin, int64_t taps, Value sum) {
    if (staging.chunk == 1)
      return multiplyOnFmaUnits(rows, weights, origin, sum);
    int64_t chunk = staging.chunk, perChannel = schedule.blockT / chunk;
    struct Chunk {
      int64_t place, size;
    };
    SmallVector<Chunk> chunks;
    for (int64_t i = 0; i != staging.chunks; ++i) {
      int64_t of = i / perChannel, first = i % perChannel * chunk;
      int64_t size = of < schedule.blockK ? std::clamp<int64_t>(taps - first, 0, chunk) : 0;
      int64_t place = size == 0 ? 0
                                : of * staging.pitchX + staging.placeOfTap(first, window.dilation) -
                                      staging.placeOfTap(0, window.dilation);
      chunks.push_back({place, size});
    }
    for (int64_t i = 0; i < staging.chunks; i += 2) {
      Chunk low = chunks[i], high = chunks[i + 1];
      if (low.size == 0 && high.size == 0)
        continue;
      // Where nothing is multiplied, nothing is loaded from outside either.
      if (low.size == 0)
        low.place = high.place;
      if (high.size == 0)
        high.place = low.place;
      sum = multiply(rows, weights, i, b.mulAdd(origin, 1, low.place), high.place - low.place,
                     {low.size, high.size}, sum);
    }
    return sum;
  }

  /// The same, channel by channel: columns of weights times rows of windows.
  Value multiplyOnFmaUnits(Value rows, Value weights, Value origin, Value sum) {
    auto swapped = AffineMap::getPermutationMap(ArrayRef<unsigned>{1, 0}, b.getContext());
    int64_t taps = schedule.blockT;
    // More are not written out.
    constexpr int64_t mostTaps = 16;
    for (int64_t c = 0; c != schedule.blockK; ++c)
      for (int64_t tap = 0; tap < taps; tap += mostTaps) {
        int64_t count = std::min(mostTaps, taps - tap);
        Value columns = makeView(weights, {b.getIndexAttr(c * taps + tap), b.getIndexAttr(0)},
                                 {count, blockM}, {1, 1}, {count, blockM});
        Value a = memref::TransposeOp::create(b, columns, AffineMapAttr::get(swapped));
        Value place = b.mulAdd(origin, 1, c * staging.pitchX + tap * window.dilation);
        Value windows =
            viewMemory(rows, place, {count, blockN}, {window.dilation, staging.positionPitch});
        sum = DotOp::create(b, a, windows, sum, getArithmetic(), /*rows_aligned=*/true);
      }
    return sum;
  }

  /// Chunks `first` and the next of the weights times those of the windows at
  /// `origin`, `distance` elements apart.
  Value multiply(Value rows, Value weights, int64_t first, Value origin, int64_t distance,
                 ArrayRef<int64_t> sizes, Value sum) {
    int64_t chunk = staging.chunk;
    Value a = viewWeights(weights, first);
    Value windows = viewMemory(rows, origin, {2, blockN, chunk},
                               {distance, staging.positionPitch, window.dilation});
    auto dot = DotOp::create(b, a, windows, sum, getArithmetic(), /*rows_aligned=*/true);
    dot.setChunkAlignment(staging.chunkAlignment);
    if (llvm::any_of(sizes, [&](int64_t size) { return size != chunk; }))
      dot.setChunkSizes(sizes);
    return dot;
  }

  /// Chunks `first` and the next, outermost as tile.dot takes them.
  Value viewWeights(Value weights, int64_t first) {
    OpFoldResult zero = b.getIndexAttr(0), chunks = b.getIndexAttr(first);
    int64_t chunk = staging.chunk;
    if (staging.packs)
      return makeView(weights, {chunks, zero, zero}, {2, blockM, chunk}, {1, 1, 1},
                      {2, blockM, chunk});
    Value view =
        makeView(weights, {zero, chunks, zero}, {blockM, 2, chunk}, {1, 1, 1}, {blockM, 2, chunk});
    auto outermost = AffineMap::getPermutationMap(ArrayRef<unsigned>{1, 0, 2}, b.getContext());
    return memref::TransposeOp::create(b, view, AffineMapAttr::get(outermost));
  }

  Conv1dIm2col staging;
};
} // namespace

void poolc::lowerConv1dIm2col(const Conv1dProblem &problem, const Schedule &schedule,
                              KernelBuilder &b) {
  Conv1dIm2colKernel(problem, schedule, b).emit();
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// A block packs one chunk of one step for a tile of output channels.
static TileGrid packingGrid(const Conv1dProblem &problem, const Schedule &schedule) {
  Conv1dIm2col staging(problem, schedule);
  TileGrid grid;
  int64_t tiles = staging.packedChannels / schedule.blockM,
          chunks = staging.steps() * staging.chunks;
  grid.dims[0] = {{'m', staging.packedChannels, schedule.blockM, tiles},
                  {'s', chunks, 1, chunks},
                  {'g', problem.groups, 1, problem.groups}};
  return grid;
}

static void emitPacking(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b) {
  Conv1dIm2col staging(problem, schedule);
  Value w =
      b.split(b.getOperand(0),
              {problem.groups, problem.outPerGroup, problem.inPerGroup, problem.window.kernel},
              {{0, 1}, {2}, {3}});
  Value group = b.getTile('g'), channel = b.getTileStart('m'), index = b.getTile('s');
  auto split = [&](Value value, int64_t by) {
    Value divisor = b.index(by);
    return std::pair<Value, Value>(arith::DivUIOp::create(b, value, divisor),
                                   arith::RemUIOp::create(b, value, divisor));
  };
  auto [step, i] = split(index, staging.chunks);
  auto [channels, tapStep] = split(step, staging.tapSteps);
  auto [of, chunk] = split(i, schedule.blockT / staging.chunk);
  Value first = b.add(b.mulAdd(tapStep, schedule.blockT, 0), b.mulAdd(chunk, staging.chunk, 0));
  Value input = b.add(b.mulAdd(channels, schedule.blockK, 0), of);
  // The chunk that makes their number even belongs to no channel.
  if (staging.chunks * staging.chunk != schedule.blockK * schedule.blockT) {
    Value isChannel =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, of, b.index(schedule.blockK));
    input = arith::SelectOp::create(b, isChannel, input, b.index(problem.inPerGroup));
  }
  auto tile = RankedTensorType::get({schedule.blockM, staging.chunk},
                                    cast<MemRefType>(w.getType()).getElementType());
  Value loaded = LoadOp::create(b, tile, w, ValueRange{group, channel, input, first},
                                ArrayRef<int64_t>{-1, 0, -1, 1}, ArrayRef<int64_t>{1, 1, 1, 1});
  if (staging.chunk == 1) {
    StoreOp::create(b, loaded, b.getResult(), ValueRange{group, step, i, channel},
                    ArrayRef<int64_t>{-1, -1, -1, 0}, ArrayRef<int64_t>{1, 1, 1, 1});
    return;
  }
  StoreOp::create(b, loaded, b.getResult(), ValueRange{group, step, i, channel, b.index(0)},
                  ArrayRef<int64_t>{-1, -1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1, 1});
}

const Preparation<Conv1dProblem> poolc::conv1dIm2colWeights = {
    .name = "weights",
    .operand = 1,
    .numWarps = 1,
    .shape =
        [](const Conv1dProblem &problem, const Schedule &schedule) {
          return Conv1dIm2col(problem, schedule).packedShape(problem, schedule);
        },
    .grid = packingGrid,
    .emit = emitPacking,
    .applies = [](const Conv1dProblem &problem,
                  const Schedule &schedule) { return Conv1dIm2col(problem, schedule).packs; }};
