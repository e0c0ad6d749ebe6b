//===- Conv1dNarrowCost.cpp - Costs of few channels -----------------------===//

#include "Conv1dNarrowCost.h"

#include "Conv1dGemmCost.h"

#include "poolc/Schedule/Grid.h"

using namespace poolc;

void Conv1dNarrowCost::countBlocks(int64_t sharedBytes) {
  cost.blocks = llvm::cantFail(makeTileGrid(problem, schedule)).blocks();
  cost.warpsPerBlock = schedule.numWarps;
  cost.sharedBytesPerBlock = sharedBytes;
}

double Conv1dNarrowCost::bytesOfX() const {
  return double(problem.batch) * problem.inChannels() * problem.window.size * element;
}

double Conv1dNarrowCost::bytesOfWeights() const {
  return double(problem.outChannels()) * problem.taps() * element;
}

double Conv1dNarrowCost::bytesOfY() const {
  return double(problem.batch) * problem.outChannels() * problem.outputSize() * element;
}

void Conv1dNarrowCost::countStagedStores() {
  int64_t rowBytes = problem.window.outputFactor() * int64_t(element);
  double ends = rowBytes % sectorBytes == 0 ? 0 : rowBytes % 16 == 0 ? 1 : 16 / element;
  // Tiles that have a sector in common have no ends but those of rows.
  if (schedule.overlapN != 0)
    ends = 0;
  double run = double(schedule.blockN) * element;
  cost.dramWriteBytes = bytesOfY();
  cost.l2WriteBytes = bytesOfY() * (1 + ends * sectorBytes / run);
  // Threads of a warp whose groups are whole wait for those that have an end.
  constexpr double perRow = 1024;
  endsPerOutput = ends > 1 ? perRow / double(schedule.blockN) : 0;
}

void Conv1dNarrowCost::countProducts(double instructions) {
  constexpr double rows = 16, columns = 8, bytes = 32;
  cost.matrixMultiplyAdds = instructions * rows * columns * (bytes / element);
  cost.matrixType = matrixTypeOf(problem);
}
