//===- Conv1dToeplitz.cpp - nn.conv1d by shifted taps ---------------------===//
//
// gemm_toeplitz: for each pair of an output and an input channel, windows of a
// staged row of x, eight positions apart, times the channel's taps, of which
// column j is a view that begins j strides earlier, in zeros.
//
//===----------------------------------------------------------------------===//

#include "Conv1dMatrices.h"

#include "Epilogue.h"

#include "poolc/Schedule/Conv1dToeplitz.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {
class ToeplitzKernel : public Conv1dMatrixKernel {
public:
  ToeplitzKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : Conv1dMatrixKernel(problem, schedule, b), staging(problem, schedule),
        sumType(RankedTensorType::get({staging.rows, phases}, b.getF32Type())) {
    group = b.getTileStart('g');
  }

  void emit() {
    b.limitRegisters(staging.mostRegisters);
    Value spoilt = b.splat(sumType, 0);
    if (!staging.storesDirectly)
      allocateOutputs();
    if (staging.steps == 1) {
      auto [rows, taps] = allocateStage();
      stage(b.index(0), rows, taps, /*async=*/true);
      for (int64_t g = 0; g != schedule.blockG; ++g)
        for (int64_t m = 0; m != blockM; ++m)
          spoilt =
              finishRow(g, m, multiply(b.index(0), rows, taps, g, m, b.splat(sumType, 0)), spoilt);
    } else {
      SmallVector<Value> sums = sumSteps();
      for (int64_t g = 0; g != schedule.blockG; ++g)
        for (int64_t m = 0; m != blockM; ++m)
          spoilt = finishRow(g, m, sums[g * blockM + m], spoilt);
    }
    // A barrier, after which outputs in shared memory are complete.
    Value repairs = isAnyNotFinite(spoilt);
    auto branch = scf::IfOp::create(b, repairs, /*withElseRegion=*/!staging.storesDirectly);
    OpBuilder::InsertionGuard guard(b);
    if (!staging.storesDirectly) {
      b.setInsertionPointToStart(branch.elseBlock());
      writeOutputs();
    }
    b.setInsertionPointToStart(branch.thenBlock());
    auto loop = scf::ForOp::create(b, b.index(0), b.index(schedule.blockG), b.index(1));
    b.setInsertionPointToStart(loop.getBody());
    ToeplitzKernel part = *this;
    part.group = b.add(group, loop.getInductionVar());
    part.startAgainDirectly();
  }

private:
  static constexpr int64_t phases = Conv1dToeplitz::phases;

  std::pair<Value, Value> allocateStage() {
    return {allocate({staging.elementsX}, {1}), allocate({staging.elementsW}, {1})};
  }

  /// Copies a step's channels of x, and their taps with zeros around them; behind it, they are
  /// there.
  void stage(Value step, Value rows, Value taps, bool async) {
    Value input = b.mulAdd(step, schedule.blockK, 0), zero = b.index(0);
    int64_t channels = schedule.blockK, span = staging.span, lengthW = staging.lengthW;
    bool canRunAhead = staging.vectorX * sizeInBytes(problem.type) >= 4;
    Value toRows =
        viewMemory(rows, zero, {schedule.blockG, channels, span}, {channels * span, span, 1});
    auto copy = CopyOp::create(
        b, x, ValueRange{image, group, input, b.mulAdd(inputStart, 1, -staging.shift)}, toRows,
        ArrayRef<int64_t>{-1, 0, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1}, staging.vectorX,
        async && canRunAhead);
    if (staging.isSkewed) {
      copy.setSkewed(true);
      copy.setColumns(ArrayRef<int64_t>{0, (blockN - 1) * window.stride + window.kernel});
    }
    Value toTaps = viewMemory(taps, zero, {schedule.blockG, blockM, channels, lengthW},
                              {blockM * channels * lengthW, channels * lengthW, lengthW, 1});
    Value first = b.index(-staging.zerosAhead - staging.shift);
    CopyOp::create(b, w, ValueRange{group, channel, input, first}, toTaps,
                   ArrayRef<int64_t>{0, 1, 2, 3}, ArrayRef<int64_t>{1, 1, 1, 1}, /*vector=*/1,
                   async && sizeInBytes(problem.type) >= 4);
    if (async) {
      AsyncCommitOp::create(b);
      AsyncWaitOp::create(b, 0);
    }
    BarrierOp::create(b);
    if (staging.isSkewed && window.padBefore != 0)
      clearBefore(input, rows);
  }

  /// Of elements beyond a multiple of a group where the block's row of a channel of x begins: a
  /// number of which the low bits count.
  Value placeOfRow(int64_t g, Value input) {
    Value ofGroup = b.add(b.mulAdd(image, problem.groups, g), group);
    Value row = b.add(b.mulAdd(ofGroup, problem.inPerGroup, 0), input);
    return b.add(arith::MulIOp::create(b, row, b.getSize(x, 3)), inputStart);
  }

  /// Where rows begin in the padding, skewed copies bring what lies in memory before them.
  void clearBefore(Value input, Value rows) {
    Value begins = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, inputStart, b.index(0));
    auto branch = scf::IfOp::create(b, begins, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    int64_t channels = schedule.blockK, span = staging.span;
    Value column = arith::SubIOp::create(b, b.index(0), inputStart);
    for (int64_t g = 0; g != schedule.blockG; ++g) {
      Value ofGroup = viewMemory(rows, b.index(g * channels * span), {channels, span}, {span, 1});
      ClearOp::create(b, ofGroup, column, staging.vectorX,
                      ValueRange{placeOfRow(g, input), b.getSize(x, 3)});
    }
    BarrierOp::create(b);
  }

  /// The sums of all outputs, group by group, over steps of input channels.
  SmallVector<Value> sumSteps() {
    auto [rows, taps] = allocateStage();
    SmallVector<Value> zeros(schedule.blockG * blockM, b.splat(sumType, 0));
    auto loop = scf::ForOp::create(b, b.index(0), b.index(staging.steps), b.index(1), zeros);
    if (isPipelined(staging.steps))
      loop->setAttr("tile.num_stages", b.getI64IntegerAttr(schedule.numStages));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    // Copies of a loop in stages are made to run ahead.
    stage(loop.getInductionVar(), rows, taps,
          /*async=*/staging.isSkewed && !isPipelined(staging.steps));
    Value input = b.mulAdd(loop.getInductionVar(), schedule.blockK, 0);
    SmallVector<Value> sums;
    for (int64_t g = 0; g != schedule.blockG; ++g)
      for (int64_t m = 0; m != blockM; ++m)
        sums.push_back(multiply(input, rows, taps, g, m, loop.getRegionIterArg(g * blockM + m)));
    BarrierOp::create(b);
    scf::YieldOp::create(b, sums);
    return llvm::to_vector_of<Value>(loop.getResults());
  }

  /// sum + the windows of the step's channels of group `g`, the first of which is `input`, times
  /// the taps of its output `m`.
  Value multiply(Value input, Value rows, Value taps, int64_t g, int64_t m, Value sum) {
    int64_t chunk = staging.chunk, stride = window.stride;
    int64_t channels = std::min(schedule.blockK, problem.inPerGroup);
    for (int64_t c = 0; c != channels; ++c) {
      Value firstX = b.index((g * schedule.blockK + c) * staging.span);
      Value windows = viewMemory(rows, firstX, {staging.rows, staging.depth}, {phases * stride, 1});
      int64_t row = (g * blockM + m) * schedule.blockK + c;
      Value firstTap = b.index(row * staging.lengthW + staging.zerosAhead);
      if (staging.isSkewed) {
        Value place = placeOfRow(g, b.mulAdd(input, 1, c));
        Value skew = arith::AndIOp::create(b, place, b.index(staging.vectorX - 1));
        firstTap = arith::SubIOp::create(b, firstTap, skew);
      }
      Value matrix =
          viewMemory(taps, firstTap, {staging.depth / chunk, phases, chunk}, {chunk, -stride, 1});
      sum = DotOp::create(b, windows, matrix, sum, getArithmetic(), /*rows_aligned=*/true);
    }
    return sum;
  }

  /// Stores the sums of output `m` of group `g`, or keeps them in shared memory.
  /// Zeros of the matrix spoil them where x or a weight is infinite; then the sum
  /// of `spoilt` and zero times them, which is returned, is a NaN.
  Value finishRow(int64_t g, int64_t m, Value sum, Value spoilt) {
    spoilt = math::FmaOp::create(b, sum, b.splat(sumType, 0), spoilt);
    Value ofGroup = b.add(group, b.index(g)), ofChannel = b.add(channel, b.index(m));
    if (problem.hasBias) {
      Value bias = b.split(b.getOperand(2), {problem.groups, problem.outPerGroup}, {{0, 1}});
      Value loaded =
          LoadOp::create(b, tileType(1, 1, element), bias, ValueRange{ofGroup, ofChannel},
                         ArrayRef<int64_t>{-1, -1}, ArrayRef<int64_t>{1, 1});
      sum = arith::AddFOp::create(b, sum, b.broadcast(b.extend(loaded), sumType.getShape()));
    }
    if (staging.storesDirectly) {
      auto byEights = [&](Value memref) {
        int64_t length = problem.outputSize();
        return b.split(
            splitChannels(memref, problem.outPerGroup, length),
            {problem.batch, problem.groups, problem.outPerGroup, length / phases, phases},
            {{0}, {1}, {2}, {3, 4}});
      };
      Value row = arith::DivUIOp::create(b, position, b.index(phases));
      storeSums(problem, b, sum, byEights, {image, ofGroup, ofChannel, row, b.index(0)},
                {-1, -1, -1, 0, 1}, {1, 1, 1, 1, 1}, staging.storeVector);
      return spoilt;
    }
    Value finished = finishSums(problem, b, sum, [](Value) { return Value(); });
    Value place = b.mulAdd(skew, 1, (g * blockM + m) * staging.pitchY);
    Value row = viewMemory(outputs, place, {staging.rows, phases}, {phases, 1});
    Value zero = b.index(0);
    StoreOp::create(b, b.truncate(finished, element), row, ValueRange{zero, zero},
                    ArrayRef<int64_t>{0, 1}, ArrayRef<int64_t>{1, 1});
    return spoilt;
  }

  /// Of rows of y.
  Value getLength() {
    return b.getSize(splitChannels(b.getResult(), problem.outPerGroup, problem.outputSize()), 3);
  }

  /// Shared memory for the outputs, rows of which lie as far past a multiple of
  /// 16 bytes as where they are stored.
  void allocateOutputs() {
    y = b.flatten(b.getResult());
    outputs = allocate({staging.elementsY}, {1});
    Value ofChannels = b.add(b.mulAdd(image, problem.outChannels(), 0),
                             b.add(b.mulAdd(group, problem.outPerGroup, 0), channel));
    firstOutput = b.add(arith::MulIOp::create(b, ofChannels, getLength()), position);
    skew = arith::AndIOp::create(b, firstOutput, b.index(staging.storeVector - 1));
  }

  /// Stores the outputs that are in shared memory.
  void writeOutputs() {
    int64_t channels = schedule.blockG * blockM;
    Value rows = viewMemory(outputs, skew, {channels, schedule.blockN}, {staging.pitchY, 1});
    Value left = schedule.blockG == 1
                     ? arith::SubIOp::create(b, b.index(problem.outPerGroup), channel)
                     : arith::SubIOp::create(b, b.index(problem.outChannels()),
                                             b.mulAdd(group, problem.outPerGroup, 0));
    Value columns = arith::MinSIOp::create(b, arith::SubIOp::create(b, getLength(), position),
                                           b.index(schedule.blockN));
    // Where only a run knows the length, there is one row.
    WriteRowsOp::create(b, rows, y, firstOutput, left, columns, problem.outputSize(),
                        staging.storeVector);
  }

  Conv1dToeplitz staging;
  RankedTensorType sumType;
  /// All of y, where outputs are kept, the element of y that the first one goes
  /// to, and how far that is past a multiple of a store.
  Value y, outputs, firstOutput, skew;
};
} // namespace

void poolc::lowerConv1dToeplitz(const Conv1dProblem &problem, const Schedule &schedule,
                                KernelBuilder &b) {
  ToeplitzKernel(problem, schedule, b).emit();
}
