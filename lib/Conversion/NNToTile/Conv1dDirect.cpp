//===- Conv1dDirect.cpp - nn.conv1d without staging -----------------------===//

#include "Conv1dKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// For each input channel and tap, a column of weights times a row of x.
Value Conv1dKernel::sumDirectly(bool rolled) {
  auto loop = [&](int64_t count, Value sum, function_ref<Value(Value, Value)> body) {
    sum = b.loop(count, sum, body);
    return rolled ? b.keepRolled(sum) : sum;
  };
  return loop(problem.inPerGroup, zeroSum(), [&](Value input, Value sum) {
    return loop(window.kernel, sum, [&](Value tap, Value sum) { return addTap(input, tap, sum); });
  });
}

/// sum + w[:, input, tap] * x[input, the tile's positions at that tap].
Value Conv1dKernel::addTap(Value input, Value tap, Value sum) {
  Value start = b.add(inputStart, b.mulAdd(tap, window.dilation, 0));
  Value column = asOperand(
      LoadOp::create(b, tileType(blockM, 1, element), w, ValueRange{group, channel, input, tap},
                     ArrayRef<int64_t>{-1, 0, -1, -1}, ArrayRef<int64_t>{1, 1, 1, 1}));
  Value row = asOperand(
      LoadOp::create(b, tileType(1, blockN, element), x, ValueRange{image, group, input, start},
                     ArrayRef<int64_t>{-1, -1, -1, 1}, ArrayRef<int64_t>{1, 1, 1, window.stride}));
  SmallVector<int64_t> shape{blockM, blockN};
  Value added = math::FmaOp::create(b, b.broadcast(column, shape), b.broadcast(row, shape), sum);
  return hasPadding() ? keepInside(start, added, sum) : added;
}

Value Conv1dKernel::asOperand(Value tile) {
  tile = b.extend(tile);
  return problem.precision == Precision::tf32 ? b.roundToTF32(tile) : tile;
}

/// `added` where the tap lies inside x, `sum` where it lies in the padding:
/// there even an infinite weight adds nothing. Blocks that do not touch the
/// padding skip the choice.
Value Conv1dKernel::keepInside(Value start, Value added, Value sum) {
  auto branch = scf::IfOp::create(b, sum.getType(), isInside(start, reachOf(1)),
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, added);
  b.setInsertionPointToStart(branch.elseBlock());
  RankedTensorType integers = tileType(1, blockN, b.getI64Type());
  Value coordinates = IotaOp::create(b, integers, start, 1, window.stride);
  // As unsigned numbers, negative coordinates are beyond every size.
  Value isTap =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, coordinates, b.splatSize(integers, x, 3));
  Value chosen = arith::SelectOp::create(b, b.broadcast(isTap, {blockM, blockN}), added, sum);
  scf::YieldOp::create(b, chosen);
  return branch.getResult(0);
}

void poolc::lowerConv1dDirect(const Conv1dProblem &problem, const Schedule &schedule,
                              KernelBuilder &b) {
  // Without a limit, ptxas spills a register or two of many rather than take more
  // than 80.
  constexpr int64_t manySums = 32, warpSize = 32, warpsWithAll = 8, all = 255, half = 128;
  if (schedule.blockM * schedule.blockN > manySums * warpSize * schedule.numWarps)
    b.limitRegisters(schedule.numWarps <= warpsWithAll ? all : half);
  Conv1dKernel kernel(problem, schedule, b);
  kernel.finish(kernel.sumDirectly());
}
