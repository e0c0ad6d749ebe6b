//===- Conv1dGathered.cpp - nn.conv1d over gathered windows ---------------===//
//
// gemm_gathered: rows of x are staged once, and threads put the windows of the tile's positions
// in chunks of 16 bytes of taps. Tiles of output channels follow one after the other:
//
//   x -> rows -> planes of chunks; copy the weights of tile 0, wait for them; barrier
//   for m { copy the weights of m + 1; multiply; store; wait for those weights; barrier }
//
// What stores stage has memory of its own, since planes and weights stay in use.
//
//===----------------------------------------------------------------------===//

#include "Conv1dMatrices.h"
#include "Lowerings.h"

#include "poolc/Schedule/Conv1dGathered.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class Conv1dGatheredKernel : public Conv1dMatrixKernel {
public:
  Conv1dGatheredKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : Conv1dMatrixKernel(problem, schedule, b), staging(problem, schedule),
        firstChannel(channel) {
    bytesOfStaging = staging.storeElements * sizeInBytes(problem.type);
    storesApart = true;
  }

  void emit() {
    int64_t ofTile = staging.weightElements, ofChunk = blockM * staging.chunk;
    planes = allocate({staging.planeElements()}, {1});
    weights = allocate({staging.buffers, staging.chunks, blockM, staging.chunk},
                       {ofTile, ofChunk, staging.chunk, 1});
    Value rows = stageRows();
    AsyncCommitOp::create(b);
    copyWeights(b.index(0));
    AsyncCommitOp::create(b);
    AsyncWaitOp::create(b, 1);
    BarrierOp::create(b);
    gather(rows);
    awaitWeights();
    if (staging.tiles == 1)
      return finishTile(b.index(0));
    // The last block of a group may have fewer.
    Value left = arith::SubIOp::create(b, b.index(problem.outPerGroup), firstChannel);
    Value count = arith::MinSIOp::create(b, b.index(staging.tiles),
                                         arith::CeilDivUIOp::create(b, left, b.index(blockM)));
    auto loop = scf::ForOp::create(b, b.index(0), count, b.index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    copyNext(b.mulAdd(loop.getInductionVar(), 1, 1));
    finishTile(loop.getInductionVar());
    // At the end of the body, so that threads which store the ends of rows meet the others there.
    awaitWeights();
  }

private:
  /// All of x that the tile touches, as it lies.
  Value stageRows() {
    const Conv1dIm2col &from = staging.rows;
    int64_t channels = staging.asIm2col.blockK;
    Value memory = allocate({channels * from.pitchX}, {1}), zero = b.index(0);
    Value rows = viewMemory(memory, zero, {channels, from.span}, {from.pitchX, 1});
    CopyOp::create(b, x, ValueRange{image, group, zero, b.mulAdd(inputStart, 1, -from.shift)}, rows,
                   ArrayRef<int64_t>{-1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1}, from.vectorX,
                   from.vectorX * sizeInBytes(problem.type) >= 4);
    return memory;
  }

  /// Windows of neighbouring positions overlap in the rows.
  void gather(Value rows) {
    const Conv1dIm2col &from = staging.rows;
    int64_t channels = staging.asIm2col.blockK, ofPlane = staging.columns * staging.chunk;
    SmallVector<int64_t> shape{channels, staging.columns, staging.chunk};
    SmallVector<Value> start(shape.size(), b.index(0));
    for (int64_t plane = 0; plane != staging.planes; ++plane) {
      int64_t first = from.shift + plane * staging.chunk * window.dilation;
      Value windows =
          viewMemory(rows, b.index(first), shape, {from.pitchX, window.stride, window.dilation});
      Value tile = LoadOp::create(b, RankedTensorType::get(shape, element), windows, start,
                                  ArrayRef<int64_t>{0, 1, 2}, ArrayRef<int64_t>{1, 1, 1});
      Value view = viewMemory(planes, b.index(plane * ofPlane), shape,
                              {staging.planes * ofPlane, staging.chunk, 1});
      StoreOp::create(b, tile, view, start, ArrayRef<int64_t>{0, 1, 2}, ArrayRef<int64_t>{1, 1, 1},
                      staging.chunk);
      if (!staging.readsBeyondTaps())
        continue;
      Value isInfinite = isAnyNotFinite(b.extend(tile));
      isSpoilt = isSpoilt ? Value(arith::OrIOp::create(b, isSpoilt, isInfinite)) : isInfinite;
    }
  }

  /// To the buffer of that tile of the block's.
  void copyWeights(Value tile) {
    Value zero = b.index(0), from = b.add(firstChannel, b.mulAdd(tile, blockM, 0));
    CopyOp::create(b, b.getPrepared(), ValueRange{group, zero, zero, from, zero},
                   viewWeights(tile, 0, staging.chunks), ArrayRef<int64_t>{-1, -1, 0, 1, 2},
                   ArrayRef<int64_t>{1, 1, 1, 1, 1}, staging.chunk, /*async=*/true);
  }

  Value viewWeights(Value tile, int64_t first, int64_t count) {
    OpFoldResult buffer = b.getIndexAttr(0), zero = b.getIndexAttr(0);
    if (staging.buffers > 1)
      buffer = arith::AndIOp::create(b, tile, b.index(staging.buffers - 1)).getResult();
    return makeView(weights, {buffer, b.getIndexAttr(first), zero, zero},
                    {1, count, blockM, staging.chunk}, {1, 1, 1, 1},
                    {count, blockM, staging.chunk});
  }

  /// Those of the next tile are there, and all have read those of the one before.
  void awaitWeights() {
    AsyncWaitOp::create(b, 0);
    BarrierOp::create(b);
  }

  void finishTile(Value tile) {
    channel = b.add(firstChannel, b.mulAdd(tile, blockM, 0));
    finishMatrices(multiply(tile));
  }

  void copyNext(Value tile) {
    Value next = b.add(firstChannel, b.mulAdd(tile, blockM, 0));
    Value exists = arith::AndIOp::create(
        b, arith::CmpIOp::create(b, arith::CmpIPredicate::slt, tile, b.index(staging.tiles)),
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, next, b.index(problem.outPerGroup)));
    auto branch = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      copyWeights(tile);
    }
    AsyncCommitOp::create(b);
  }

  /// Two chunks at a time, which lie anywhere in the planes.
  Value multiply(Value tile) {
    Value sum = zeroSum();
    for (int64_t i = 0; i != staging.chunks; i += 2) {
      int64_t low = staging.placeOfChunk(i), high = staging.placeOfChunk(i + 1);
      Value windows = viewMemory(planes, b.index(low), {2, blockN, staging.chunk},
                                 {high - low, staging.chunk, 1});
      auto dot = DotOp::create(b, viewWeights(tile, i, 2), windows, sum, getArithmetic(),
                               /*rows_aligned=*/true);
      dot.setChunkAlignment(staging.chunk);
      sum = dot;
    }
    return sum;
  }

  Conv1dGathered staging;
  Value firstChannel, planes, weights;
};
} // namespace

void poolc::lowerConv1dGathered(const Conv1dProblem &problem, const Schedule &schedule,
                                KernelBuilder &b) {
  Conv1dGatheredKernel(problem, schedule, b).emit();
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// A block packs one chunk for a tile of output channels.
static TileGrid packingGrid(const Conv1dProblem &problem, const Schedule &schedule) {
  Conv1dGathered staging(problem, schedule);
  int64_t channels = staging.rows.packedChannels;
  TileGrid grid;
  grid.dims[0] = {{'m', channels, schedule.blockM, channels / schedule.blockM},
                  {'s', staging.chunks, 1, staging.chunks},
                  {'g', problem.groups, 1, problem.groups}};
  return grid;
}

/// Tensor cores have rows g and g + 8 of 16 where a thread's are to be neighbours.
static constexpr int64_t rowsTogether = 16, pairs = rowsTogether / 2;

static void emitPacking(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b) {
  Conv1dGathered staging(problem, schedule);
  int64_t chunk = staging.chunk, tiles = staging.rows.packedChannels / rowsTogether;
  Value w = b.split(b.getOperand(0),
                    {problem.groups, problem.outPerGroup / rowsTogether, pairs, 2,
                     problem.inPerGroup, problem.window.kernel},
                    {{0, 1, 2, 3}, {4}, {5}});
  Value packed = b.split(b.getResult(), {problem.groups, 1, staging.chunks, tiles, 2, pairs, chunk},
                         {{0}, {1}, {2}, {3, 4, 5}, {6}});
  Value group = b.getTile('g'), i = b.getTile('s'), zero = b.index(0);
  Value first = arith::DivUIOp::create(b, b.getTileStart('m'), b.index(rowsTogether));
  // The chunk that makes their number even is of a channel beyond the last.
  Value perChannel = b.index(staging.perChannel);
  Value input = arith::DivUIOp::create(b, i, perChannel);
  Value tap = b.mulAdd(arith::RemUIOp::create(b, i, perChannel), chunk, 0);
  auto tile = RankedTensorType::get({schedule.blockM / rowsTogether, pairs, 2, chunk},
                                    cast<MemRefType>(w.getType()).getElementType());
  Value loaded =
      LoadOp::create(b, tile, w, ValueRange{group, first, zero, zero, input, tap},
                     ArrayRef<int64_t>{-1, 0, 1, 2, -1, 3}, ArrayRef<int64_t>{1, 1, 1, 1, 1, 1});
  StoreOp::create(b, loaded, packed, ValueRange{group, zero, i, first, zero, zero, zero},
                  ArrayRef<int64_t>{-1, -1, -1, 0, 2, 1, 3},
                  ArrayRef<int64_t>{1, 1, 1, 1, 1, 1, 1});
}

const Preparation<Conv1dProblem> poolc::conv1dGatheredWeights = {
    .name = "weights",
    .operand = 1,
    .numWarps = 1,
    .shape = [](const Conv1dProblem &problem, const Schedule &schedule) -> SmallVector<int64_t> {
      Conv1dGathered staging(problem, schedule);
      return {problem.groups, 1, staging.chunks, staging.rows.packedChannels, staging.chunk};
    },
    .grid = packingGrid,
    .emit = emitPacking};
