//===- Conv1dPatches.cpp - nn.conv1d over windows as rows -----------------===//
//
// gemm_patches: rows of x and of the weights are counted in pieces of a step's
// taps, of which a position's windows begin a whole number apart; where rows of x
// are no whole pieces, each window in pieces of its own.
//
//===----------------------------------------------------------------------===//

#include "poolc/Schedule/Conv1dPatches.h"

#include "Conv1dMatrices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class Conv1dPatchesKernel : public Conv1dMatrixKernel {
public:
  Conv1dPatchesKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : Conv1dMatrixKernel(problem, schedule, b), staging(problem, schedule) {}

  void emit() {
    b.limitRegisters(staging.mostRegisters);
    finishMatrices(sumMatrices(), schedule.vector);
  }

private:
  Value sumMatrices() {
    int64_t chunk = staging.chunk, chunks = staging.chunks;
    Value weights = allocate({blockM, chunks, chunk}, {staging.pitch, chunk, 1});
    Value patches = allocate({blockN, chunks, chunk}, {staging.pitch, chunk, 1});
    Value piecesW = inPieces(b.getOperand(1), problem.outPerGroup, window.kernel);
    Value rowsX = staging.isInPieces ? piecesOfX() : windowsOfX();
    bool runsAhead = isPipelined(staging.steps());
    return sumSteps(staging.steps(), [&](Value step, Value sum) {
      copyStep(step, piecesW, rowsX, weights, patches, /*async=*/!runsAhead);
      if (!runsAhead) {
        AsyncCommitOp::create(b);
        AsyncWaitOp::create(b, 0);
      }
      BarrierOp::create(b);
      for (int64_t i = 0; i < chunks; i += 2)
        sum = multiply(weights, patches, i, sum);
      return sum;
    });
  }

  /// [groups, rows of a group, channels, pieces, chunks, chunk] of the weights.
  Value inPieces(Value w, int64_t rows, int64_t length) {
    return b.split(w,
                   {problem.groups, rows, problem.inPerGroup, length / schedule.blockT,
                    staging.chunks, staging.chunk},
                   {{0, 1}, {2}, {3, 4, 5}});
  }

  /// [images, groups, channels, pieces, chunks, chunk] of x.
  Value piecesOfX() {
    return b.split(x,
                   {problem.batch, problem.groups, problem.inPerGroup,
                    window.size / schedule.blockT, staging.chunks, staging.chunk},
                   {{0}, {1}, {2}, {3, 4, 5}});
  }

  /// [images, groups, channels, positions, steps of a window, chunks, chunk] of x.
  Value windowsOfX() {
    Value y = splitChannels(b.getResult(), problem.outPerGroup, problem.outputSize());
    return b.windows(x, y, 3, window.stride, {staging.tapSteps, staging.chunks, staging.chunk});
  }

  void copyStep(Value step, Value piecesW, Value rowsX, Value weights, Value patches, bool async) {
    Value zero = b.index(0), input = zero, piece = step;
    if (staging.channelSteps != 1) {
      Value tapSteps = b.index(staging.tapSteps);
      input = arith::DivUIOp::create(b, step, tapSteps);
      piece = arith::RemUIOp::create(b, step, tapSteps);
    }
    CopyOp::create(b, piecesW, ValueRange{group, channel, input, piece, zero, zero}, weights,
                   ArrayRef<int64_t>{-1, 0, -1, -1, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1, 1, 1},
                   staging.chunk, async);
    if (!staging.isInPieces) {
      CopyOp::create(b, rowsX, ValueRange{image, group, input, position, piece, zero, zero},
                     patches, ArrayRef<int64_t>{-1, -1, -1, 0, -1, 1, 2},
                     ArrayRef<int64_t>{1, 1, 1, 1, 1, 1, 1}, staging.vectorX, async);
      return;
    }
    int64_t apart = window.stride / schedule.blockT;
    Value first = b.add(b.mulAdd(position, apart, -window.padBefore / schedule.blockT), piece);
    CopyOp::create(b, rowsX, ValueRange{image, group, input, first, zero, zero}, patches,
                   ArrayRef<int64_t>{-1, -1, -1, 0, 1, 2}, ArrayRef<int64_t>{1, 1, 1, apart, 1, 1},
                   staging.chunk, async);
  }

  /// Chunks `first` and the next of `rows` rows, outermost as tile.dot takes them.
  Value viewChunks(Value memory, int64_t rows, int64_t first) {
    OpFoldResult zero = b.getIndexAttr(0);
    int64_t chunk = staging.chunk;
    Value view = makeView(memory, {zero, b.getIndexAttr(first), zero}, {rows, 2, chunk}, {1, 1, 1},
                          {rows, 2, chunk});
    auto outermost = AffineMap::getPermutationMap(ArrayRef<unsigned>{1, 0, 2}, b.getContext());
    return memref::TransposeOp::create(b, view, AffineMapAttr::get(outermost));
  }

  Value multiply(Value weights, Value patches, int64_t first, Value sum) {
    Value a = viewChunks(weights, blockM, first), c = viewChunks(patches, blockN, first);
    auto dot = DotOp::create(b, a, c, sum, getArithmetic(), /*rows_aligned=*/true);
    dot.setChunkAlignment(staging.chunk);
    return dot;
  }

  Conv1dPatches staging;
};
} // namespace

void poolc::lowerConv1dPatches(const Conv1dProblem &problem, const Schedule &schedule,
                               KernelBuilder &b) {
  Conv1dPatchesKernel(problem, schedule, b).emit();
}
