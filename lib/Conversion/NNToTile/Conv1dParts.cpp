//===- Conv1dParts.cpp - Sums of nn.conv1d in parts -----------------------===//
//
// Where few outputs of many channels leave SMs without blocks, blocks of their own
// sum parts of the channels (split_k), and a last launch adds the parts, always in
// the same order.
//
//===----------------------------------------------------------------------===//

#include "Conv1dMatrices.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

Value Conv1dMatrixKernel::getStep(Value step, int64_t stepsOfPart) {
  if (schedule.splitK <= 1)
    return step;
  return b.add(step, b.mulAdd(b.getTile('s'), stepsOfPart, 0));
}

/// Neighbours of a row that are stored at once.
int64_t Conv1dMatrixKernel::chooseStoredVector(int64_t columns) {
  // A thread of a tensor core's fragment holds two, or four of more columns, unless its
  // columns are output channels. Of four of f32 that it loads one by one, those that are
  // loaded at once would be farther apart than the pitch of rows is chosen for.
  constexpr int64_t most = 4, threads = 4, rows = 16;
  if (!canUseTensorCores(problem) || (isOfWarpgroups(schedule) && !readsChunks(schedule)))
    return 1;
  if (readsChunks(schedule))
    return window.outputFactor() % 2 == 0 ? 2 : 1;
  if (problem.type == DataType::f32 && 2 * columns < most)
    return window.outputFactor() % 2 == 0 ? 2 : 1;
  auto divide = [&](int64_t warpsM) {
    return blockM % (rows * warpsM) == 0 &&
           blockN * warpsM % (threads * most * schedule.numWarps) == 0;
  };
  if (window.outputFactor() % most == 0)
    for (int64_t warpsM = 1; warpsM <= schedule.numWarps; warpsM *= 2)
      if (divide(warpsM))
        return most;
  return window.outputFactor() % 2 == 0 ? 2 : 1;
}

void Conv1dMatrixKernel::finishPart(Value sum, const StagedRows &rows) {
  int64_t vector = chooseStoredVector(rows.columns.best);
  if (schedule.splitK <= 1)
    return finishMatrices(sum, vector);
  auto store = StoreOp::create(
      b, sum, b.getResult(), ValueRange{b.getTile('s'), image, group, channel, position},
      ArrayRef<int64_t>{-1, -1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1, 1}, vector);
  store.setStaged(sharesSectors());
}

namespace {
class FinishingKernel : public Conv1dMatrixKernel {
public:
  using Conv1dMatrixKernel::Conv1dMatrixKernel;

  void emit() {
    Value parts = b.getPrepared();
    int64_t count = cast<MemRefType>(parts.getType()).getDimSize(0);
    int64_t vector = window.outputFactor() % 2 == 0 ? 2 : 1;
    Value sum;
    for (int64_t part = 0; part != count; ++part) {
      Value loaded = LoadOp::create(b, tileType(blockM, blockN, b.getF32Type()), parts,
                                    ValueRange{b.index(part), image, group, channel, position},
                                    ArrayRef<int64_t>{-1, -1, -1, 0, 1},
                                    ArrayRef<int64_t>{1, 1, 1, 1, 1}, vector);
      sum = sum ? arith::AddFOp::create(b, sum, loaded).getResult() : loaded;
    }
    finishMatrices(sum, vector);
  }
};
} // namespace

static SmallVector<int64_t> getShape(const Conv1dProblem &problem, const Schedule &schedule) {
  return {schedule.splitK, problem.batch, problem.groups, problem.outPerGroup,
          problem.outputSize()};
}

/// Small tiles: all there is to do is to add, and the more SMs do it the better.
static Schedule getFinishing(const Conv1dProblem &, const Schedule &schedule) {
  Schedule finishing = schedule;
  finishing.splitK = 0;
  finishing.blockM = std::min<int64_t>(schedule.blockM, 16);
  finishing.blockN = std::min<int64_t>(schedule.blockN, 32);
  finishing.numWarps = 4;
  finishing.copyWarps = finishing.storeWarps = 0;
  return finishing;
}

static void emitFinishing(const Conv1dProblem &problem, const Schedule &schedule,
                          KernelBuilder &b) {
  FinishingKernel(problem, schedule, b).emit();
}

const Splitting<Conv1dProblem> poolc::conv1dParts = {
    .applies = [](const Schedule &schedule) { return schedule.splitK > 1; },
    .shape = getShape,
    .finishing = getFinishing,
    .emitFinishing = emitFinishing};
