//===- Conv1dKernel.cpp - What lowerings of nn.conv1d share ---------------===//

#include "Conv1dKernel.h"

#include "Epilogue.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

Conv1dKernel::Conv1dKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
    : problem(problem), window(problem.window), schedule(schedule), b(b), blockM(schedule.blockM),
      blockN(schedule.blockN), image(b.getTile('b')), group(b.getTile('g')),
      channel(b.getTileStart('m')), position(b.getTileStart('n')),
      inputStart(b.mulAdd(position, window.stride, -window.padBefore)) {
  x = splitChannels(b.getOperand(0), problem.inPerGroup, window.size);
  w = b.split(b.getOperand(1),
              {problem.groups, problem.outPerGroup, problem.inPerGroup, window.kernel},
              {{0, 1}, {2}, {3}});
  element = cast<MemRefType>(x.getType()).getElementType();
}

Conv1dKernel Conv1dKernel::getColumns(Value first, int64_t count) const {
  Conv1dKernel part = *this;
  part.blockN = count;
  part.position = b.add(position, first);
  part.inputStart = b.mulAdd(part.position, window.stride, -window.padBefore);
  return part;
}

Value Conv1dKernel::sumSteps(int64_t steps, Value sum,
                             function_ref<Value(Value step, Value sum)> body) {
  Value all = b.loop(steps, sum, [&](Value step, Value sum) {
    sum = body(step, sum);
    if (steps > 1)
      BarrierOp::create(b);
    return sum;
  });
  if (isPipelined(steps))
    all.getDefiningOp()->setAttr("tile.num_stages", b.getI64IntegerAttr(schedule.numStages));
  return all;
}

Value Conv1dKernel::splitChannels(Value memref, int64_t perGroup, int64_t length) {
  SmallVector<int64_t> shape{problem.batch, problem.groups, perGroup, length};
  if (cast<MemRefType>(memref.getType()).getRank() == 3)
    return b.split(memref, shape, {{0}, {1, 2}, {3}});
  return b.split(memref, shape, {{0, 1, 2}, {3}});
}

Value Conv1dKernel::loadBias() {
  Value bias = b.split(b.getOperand(2), {problem.groups, problem.outPerGroup}, {{0, 1}});
  return b.extend(LoadOp::create(b, tileType(blockM, 1, element), bias, ValueRange{group, channel},
                                 ArrayRef<int64_t>{-1, 0}, ArrayRef<int64_t>{1, 1}));
}

int64_t Conv1dKernel::reachOf(int64_t taps) {
  constexpr uint64_t most = std::numeric_limits<int64_t>::max();
  uint64_t positions = llvm::SaturatingMultiply<uint64_t>(blockN - 1, window.stride);
  uint64_t reach = llvm::SaturatingMultiplyAdd<uint64_t>(taps - 1, window.dilation, positions);
  return std::min(reach, most);
}

/// Their sum might not fit 64 bits; the difference to the size of x does.
Value Conv1dKernel::isInside(Value start, int64_t reach) {
  return arith::AndIOp::create(
      b, arith::CmpIOp::create(b, arith::CmpIPredicate::sge, start, b.index(0)),
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, start, b.getSize(x, 3, -reach)));
}

Value Conv1dKernel::addBias(Value sum) {
  if (!problem.hasBias)
    return sum;
  return arith::AddFOp::create(b, sum, b.broadcast(loadBias(), {blockM, blockN}));
}

void Conv1dKernel::finish(Value sum, int64_t vector, bool staged,
                          function_ref<Value(Value)> loadResidual) {
  store(problem, addBias(sum), vector, staged, loadResidual);
}

void Conv1dKernel::store(const Conv1dProblem &fused, Value sum, int64_t vector, bool staged,
                         function_ref<Value(Value)> loadResidual) {
  auto view = [&](Value memref) {
    return splitChannels(memref, problem.outPerGroup, problem.outputSize());
  };
  StoreOp store = storeSums(fused, b, sum, view, {image, group, channel, position}, {-1, -1, 0, 1},
                            {1, 1, 1, 1}, vector, staged,
                            schedule.overlapN == 0 ? 0 : blockN - schedule.overlapN, loadResidual);
  store.setStaging(staged ? bytesOfStaging : 0);
  store.setApart(staged && storesApart);
  if (staged && schedule.boxStores != 0)
    store.getMapMutable().assign(b.getMapBefore(problem.addsResidual ? 2 : 1));
  store.setJoined(schedule.joinN != 0);
}
