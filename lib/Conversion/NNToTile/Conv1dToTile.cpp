//===- Conv1dToTile.cpp - nn.conv1d on tiles ------------------------------===//

#include "Lowerings.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// `direct`: one block's outputs are a tile of channels x positions of one
/// group and image. For each input channel and tap, a column of weights times a
/// row of x is added, both read straight from global memory.
class DirectConv1dKernel {
public:
  DirectConv1dKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : problem(problem), window(problem.window), b(b), blockM(schedule.blockM),
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
    Value sum = b.splat(tileType(blockM, blockN, b.getF32Type()), 0);
    sum = b.loop(problem.inPerGroup, sum, [&](Value input, Value sum) {
      return b.loop(window.kernel, sum,
                    [&](Value tap, Value sum) { return addTap(input, tap, sum); });
    });
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

  Value loadBias() {
    Value bias = b.split(b.getOperand(2), {problem.groups, problem.outPerGroup}, {{0, 1}});
    return b.extend(LoadOp::create(b, tileType(blockM, 1, element), bias,
                                   ValueRange{group, channel}, ArrayRef<int64_t>{-1, 0},
                                   ArrayRef<int64_t>{1, 1}));
  }

  /// sum + w[:, input, tap] * x[input, the tile's positions at that tap].
  Value addTap(Value input, Value tap, Value sum) {
    Value start = b.add(inputStart, b.mulAdd(tap, window.dilation, 0));
    Value column = b.extend(
        LoadOp::create(b, tileType(blockM, 1, element), w, ValueRange{group, channel, input, tap},
                       ArrayRef<int64_t>{-1, 0, -1, -1}, ArrayRef<int64_t>{1, 1, 1, 1}));
    Value row = b.extend(LoadOp::create(
        b, tileType(1, blockN, element), x, ValueRange{image, group, input, start},
        ArrayRef<int64_t>{-1, -1, -1, 1}, ArrayRef<int64_t>{1, 1, 1, window.stride}));
    SmallVector<int64_t> shape{blockM, blockN};
    Value added = math::FmaOp::create(b, b.broadcast(column, shape), b.broadcast(row, shape), sum);
    if (window.padBefore == 0 && window.padAfter == 0)
      return added;
    return keepInside(start, added, sum);
  }

  /// `added` where the tap lies inside x, `sum` where it lies in the padding:
  /// there even an infinite weight adds nothing. Blocks that do not touch the
  /// padding skip the choice.
  Value keepInside(Value start, Value added, Value sum) {
    // The tile's last position is this far from its first. The sum of both
    // might not fit 64 bits, the difference to the size of x does.
    int64_t reach;
    if (llvm::MulOverflow(blockN - 1, window.stride, reach))
      reach = std::numeric_limits<int64_t>::max();
    Value inside = arith::AndIOp::create(
        b, arith::CmpIOp::create(b, arith::CmpIPredicate::sge, start, b.index(0)),
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, start, b.index(window.size - reach)));
    auto branch = scf::IfOp::create(b, sum.getType(), inside, /*addThenBlock=*/true,
                                    /*addElseBlock=*/true);
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

  const Conv1dProblem &problem;
  const Window &window;
  KernelBuilder &b;
  int64_t blockM, blockN;
  Value image, group, channel, position, inputStart;
  Value x, w, y;
  Type element;
};

} // namespace

void poolc::lowerToTile(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b) {
  DirectConv1dKernel(problem, schedule, b).emit();
}
