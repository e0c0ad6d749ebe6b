//===- Conv1dChunked.cpp - nn.conv1d with chunks of channels --------------===//
//
// gemm_chunked: threads load x element by element, neighbours along L, round it and write it
// to shared memory in chunks of 16 bytes of channels. Every tap of the tile is then columns of
// whole chunks, wherever it begins, and tensor cores read them as they read the weights.
//
//   x of step 0 -> slab 0; load x of step 1
//   for i { wait for the weights of i; barrier; multiply; copy the weights of i + stages - 1;
//           x of step i + 1 -> the other slab; load x of step i + 2 }
//
// So loads have the time of a step, and what a thread does is done while its products go on.
//
// With boxes, the copy engine copies those of later steps to stages of their own, as they lie in
// memory, and the threads read a step's there instead of loading x.
//
// gemm_folded: positions of a stride are channels, so that chunks of them lie side by side in x.
//
//===----------------------------------------------------------------------===//

#include "Conv1dBoxedChunks.h"

#include "poolc/Schedule/Conv1dChunked.h"
#include "poolc/Schedule/Conv1dFolded.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class Conv1dChunkedKernel : public Conv1dBoxedChunks {
public:
  Conv1dChunkedKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : Conv1dBoxedChunks(problem, schedule, b) {
    Value operand = b.getOperand(0);
    bool hasBatch = cast<MemRefType>(operand.getType()).getRank() == 3;
    if (staging.boxes != 0)
      return;
    if (isFolded(schedule)) {
      chunksOfPosition = window.stride / staging.chunk;
      firstStart = b.mulAdd(position, 1, -multiplied.window.padBefore);
      SmallVector<int64_t> shape{problem.batch,          problem.groups,   problem.inPerGroup,
                                 multiplied.window.size, chunksOfPosition, staging.chunk};
      input = hasBatch ? b.split(operand, shape, {{0}, {1, 2}, {3, 4, 5}})
                       : b.split(operand, shape, {{0, 1, 2}, {3, 4, 5}});
      return;
    }
    SmallVector<int64_t> shape{problem.batch, problem.groups, problem.inPerGroup / staging.chunk,
                               staging.chunk, window.size};
    input = hasBatch ? b.split(operand, shape, {{0}, {1, 2, 3}, {4}})
                     : b.split(operand, shape, {{0, 1, 2, 3}, {4}});
  }

  void emit() {
    if (staging.isForTwoBlocks)
      b.limitRegisters(registersOfTwoBlocks);
    else if (staging.isForThreeBlocks)
      b.limitRegisters(Conv1dChunked::registersOfThreeBlocks);
    bytesOfStages = staging.sharedBytes(schedule, problem.type);
    finishPart(sumMatrices(), staging.weights.x);
  }

private:
  Value sumMatrices() {
    int64_t taps = schedule.blockT, stage = taps * blockM * schedule.blockK;
    slab = allocate({staging.slabs * staging.slabElements()}, {1});
    weights = allocate({schedule.numStages, taps, staging.chunks, blockM, staging.chunk},
                       {stage, blockM * schedule.blockK, blockM * staging.chunk, staging.chunk, 1});
    // x comes from farther away.
    SmallVector<Value> loaded;
    if (staging.boxes != 0)
      beginBoxes();
    else
      loaded = loadInput(getPlace(b.index(0)));
    for (int64_t ahead = 0; ahead != std::max<int64_t>(1, schedule.numStages - 1); ++ahead) {
      if (ahead < steps)
        copyWeights(getPlace(b.index(ahead)), b.index(ahead));
      AsyncCommitOp::create(b);
    }
    BoxStage first{b.index(0), b.index(0)};
    if (staging.boxes != 0)
      chunkBoxes(getPlace(b.index(0)), first, b.index(0));
    else
      storeInput(loaded, b.index(0));
    if (steps != 1)
      return loop(staging.boxes != 0 ? SmallVector<Value>() : loadInput(getPlace(b.index(1))));
    AsyncWaitOp::create(b, 0);
    BarrierOp::create(b);
    awaitWeights(first);
    return multiplyTaps(getPlace(b.index(0)), b.index(0), b.index(0), zeroSum());
  }

  Value loop(ArrayRef<Value> next) {
    SmallVector<Value> inits{zeroSum(), b.index(0)};
    if (staging.boxes != 0)
      inits.push_back(b.index(0));
    llvm::append_range(inits, next);
    auto loop = scf::ForOp::create(b, b.index(0), b.index(steps), b.index(1), inits);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value number = loop.getInductionVar(), stage = loop.getRegionIterArg(1);
    AsyncWaitOp::create(b, schedule.numStages - 2);
    BarrierOp::create(b);
    Value current = arith::AndIOp::create(b, number, b.index(1));
    if (staging.boxes != 0)
      awaitWeights({stage, loop.getRegionIterArg(2)});
    Value sum = multiplyTaps(getPlace(number), stage, current, loop.getRegionIterArg(0));

    Value filled = nextStage(stage, schedule.numStages - 1);
    ifBelow(b.mulAdd(number, 1, schedule.numStages - 1),
            [&](Value next) { copyWeights(getPlace(next), filled); });
    AsyncCommitOp::create(b);
    Value other = arith::XOrIOp::create(b, current, b.index(1));
    if (staging.boxes != 0) {
      // The boxes of this step have been put in chunks.
      ifBelow(b.mulAdd(number, 1, schedule.numStages),
              [&](Value later) { copyBoxes(getPlace(later), stage); });
      BoxStage next = nextBoxStage({stage, loop.getRegionIterArg(2)});
      ifBelow(b.mulAdd(number, 1, 1),
              [&](Value later) { chunkBoxes(getPlace(later), next, other); });
      scf::YieldOp::create(b, ValueRange{sum, next.stage, next.phase});
      return loop.getResult(0);
    }
    SmallVector<Value> loaded(loop.getRegionIterArgs().drop_front(2));
    ifBelow(b.mulAdd(number, 1, 1), [&](Value) { storeInput(loaded, other); });
    SmallVector<Value> yielded{sum, nextStage(stage, 1)};
    // Beyond the last channels there is nothing to load.
    llvm::append_range(yielded, loadInput(getPlace(b.mulAdd(number, 1, 2))));
    scf::YieldOp::create(b, yielded);
    return loop.getResult(0);
  }

  /// What `body` does for a step, if there is one.
  void ifBelow(Value step, llvm::function_ref<void(Value step)> body) {
    Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, step, b.index(steps));
    auto branch = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    body(step);
  }

  /// (stage + distance) % stages, for a distance of less.
  Value nextStage(Value stage, int64_t distance) {
    Value next = b.mulAdd(stage, 1, distance), count = b.index(schedule.numStages);
    Value wraps = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, next, count);
    return arith::SelectOp::create(b, wraps, arith::SubIOp::create(b, next, count), next);
  }

  /// Until those of a step are there.
  void awaitWeights(const BoxStage &place) {
    if (staging.boxes != 0)
      AwaitOp::create(b, objectsOfWeights, place.stage, place.phase);
  }

  /// A tile for each chunk of a position's: channels x columns x channels of a chunk.
  SmallVector<Value> loadFolded(const Step &step) {
    auto type = RankedTensorType::get(
        {staging.chunks / chunksOfPosition, staging.columns, staging.chunk}, element);
    Value firstChannel =
        b.mulAdd(step.channels, schedule.blockK / (chunksOfPosition * staging.chunk), 0);
    return llvm::map_to_vector(llvm::seq(chunksOfPosition), [&](int64_t chunk) -> Value {
      return LoadOp::create(
          b, type, input,
          ValueRange{image, group, firstChannel, step.start, b.index(chunk), b.index(0)},
          ArrayRef<int64_t>{-1, -1, 0, 1, -1, 2}, ArrayRef<int64_t>{1, 1, 1, 1, 1, 1},
          staging.chunk);
    });
  }

  /// A tile for each phase: chunks x columns x channels of a chunk.
  SmallVector<Value> loadInput(const Step &step) {
    if (isFolded(schedule))
      return loadFolded(step);
    auto type = RankedTensorType::get({staging.chunks, staging.columns, staging.chunk}, element);
    Value firstChunk = b.mulAdd(step.channels, staging.chunks, 0);
    return llvm::map_to_vector(staging.phases, [&](int64_t first) -> Value {
      return LoadOp::create(
          b, type, input,
          ValueRange{image, group, firstChunk, b.index(0), b.mulAdd(step.start, 1, first)},
          ArrayRef<int64_t>{-1, -1, 0, 2, 1}, ArrayRef<int64_t>{1, 1, 1, 1, window.stride});
    });
  }

  void storeInput(ArrayRef<Value> tiles, Value slabNumber) {
    for (auto [phase, tile] : llvm::enumerate(tiles))
      storeChunks(tile, isFolded(schedule)
                            ? viewFolded(slabNumber, int64_t(phase))
                            : viewColumns(slabNumber, b.index(int64_t(phase) * staging.columns),
                                          staging.columns));
  }

  /// All columns of one chunk of each position's.
  Value viewFolded(Value slabNumber, int64_t chunk) {
    int64_t ofChunk = staging.columns * staging.chunk;
    return viewMemory(slab, b.mulAdd(slabNumber, staging.slabElements(), chunk * ofChunk),
                      {staging.chunks / chunksOfPosition, staging.columns, staging.chunk},
                      {chunksOfPosition * ofChunk, staging.chunk, 1});
  }

  /// `count` columns of all chunks of a slab.
  Value viewColumns(Value slabNumber, Value column, int64_t count) {
    Value origin =
        b.add(b.mulAdd(slabNumber, staging.slabElements(), 0), b.mulAdd(column, staging.chunk, 0));
    int64_t ofChunk = int64_t(staging.phases.size()) * staging.columns * staging.chunk;
    return viewMemory(slab, origin, {staging.chunks, count, staging.chunk},
                      {ofChunk, staging.chunk, 1});
  }

  void copyWeights(const Step &step, Value stage) {
    Value zero = b.index(0);
    OpFoldResult none = b.getIndexAttr(0);
    SmallVector<int64_t> shape{schedule.blockT, staging.chunks, blockM, staging.chunk};
    Value target = makeView(weights, {stage, none, none, none, none},
                            {1, shape[0], shape[1], shape[2], shape[3]}, {1, 1, 1, 1, 1}, shape);
    if (staging.boxes != 0) {
      CopyRunsOp::create(b, b.getPrepared(),
                         ValueRange{group, step.number, zero, zero, channel, zero}, target,
                         b.getDenseI64ArrayAttr({-1, -1, 0, 1, 2, 3}), objectsOfWeights, stage);
      return;
    }
    CopyOp::create(b, b.getPrepared(), ValueRange{group, step.number, zero, zero, channel, zero},
                   target, ArrayRef<int64_t>{-1, -1, 0, 1, 2, 3},
                   ArrayRef<int64_t>{1, 1, 1, 1, 1, 1}, staging.chunk, /*async=*/true);
  }

  Value multiplyTaps(const Step &step, Value stage, Value slabNumber, Value sum) {
    // In a step that reaches beyond the last tap, those beyond add nothing.
    int64_t always = multiplied.window.kernel % schedule.blockT;
    if (always == 0)
      always = schedule.blockT;
    for (int64_t tap = 0; tap != schedule.blockT; ++tap) {
      if (tap < always) {
        sum = multiply(step, tap, stage, slabNumber, sum);
        continue;
      }
      Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, step.firstTap,
                                           b.index(multiplied.window.kernel - tap));
      auto branch = scf::IfOp::create(b, sum.getType(), exists, /*addThenBlock=*/true,
                                      /*addElseBlock=*/true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(b, sum);
      b.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(b, multiply(step, tap, stage, slabNumber, sum));
      sum = branch.getResult(0);
    }
    return sum;
  }

  /// sum + w[:, :, tap] * x[:, the tile's positions at that tap of the step].
  Value multiply(const Step &step, int64_t tap, Value stage, Value slabNumber, Value sum) {
    OpFoldResult none = b.getIndexAttr(0);
    SmallVector<int64_t> shape{staging.chunks, blockM, staging.chunk};
    Value a = makeView(weights, {stage, b.getIndexAttr(tap), none, none, none},
                       {1, 1, shape[0], shape[1], shape[2]}, {1, 1, 1, 1, 1}, shape);
    Value c = viewColumns(slabNumber, getColumn(step, tap), blockN);
    auto dot = DotOp::create(b, a, c, sum, getArithmetic(), /*rows_aligned=*/true);
    dot.setChunkAlignment(staging.chunk);
    return dot;
  }

  /// Of the slab, where a tap of a step begins.
  Value getColumn(const Step &step, int64_t tap) {
    if (staging.boxes == 0)
      return b.index(staging.getColumn(tap));
    Value first = rowsTogether() == 1 ? getShift(step, 0) : b.index(staging.chunk);
    return b.mulAdd(first, 1, tap * window.dilation);
  }

  /// Of a folded position.
  int64_t chunksOfPosition = 0;
  /// x in chunks of channels.
  Value input, weights;
};
} // namespace

void poolc::lowerConv1dChunked(const Conv1dProblem &problem, const Schedule &schedule,
                               KernelBuilder &b) {
  Conv1dChunkedKernel(problem, schedule, b).emit();
}
