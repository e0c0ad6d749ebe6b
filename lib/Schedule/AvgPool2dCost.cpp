//===- AvgPool2dCost.cpp - What costs of poolings begin with --------------===//

#include "AvgPool2dCost.h"

#include "Footprint.h"

#include "poolc/Schedule/AvgPool2dColumns.h"
#include "poolc/Schedule/Grid.h"

#include <algorithm>

using namespace poolc;

double poolc::usedInputBytes(const AvgPool2dProblem &problem) {
  double rows = touchedElements(problem.axis[0], double(problem.outputSize(0)));
  return double(problem.planes) * rows * double(problem.axis[1].size) * sizeInBytes(problem.type);
}

KernelCost poolc::beginCost(const AvgPool2dProblem &problem, const GPU &gpu,
                            const Schedule &schedule) {
  KernelCost cost;
  cost.blocks = llvm::cantFail(makeTileGrid(problem, schedule)).blocks();
  cost.warpsPerBlock = schedule.numWarps;
  cost.isStreaming = hasFastMemory(gpu);
  cost.dramReadBytes = cost.l2ReadBytes = usedInputBytes(problem);
  cost.dramWriteBytes = cost.l2WriteBytes = double(problem.planes) * problem.outputSize(0) *
                                            problem.outputSize(1) * sizeInBytes(problem.type);
  return cost;
}

void poolc::addReads(const AvgPool2dProblem &problem, double l2ReadBytes, double missed,
                     KernelCost &cost) {
  double once = usedInputBytes(problem), again = std::max(0.0, l2ReadBytes - once);
  cost.l2ReadBytes = l2ReadBytes;
  cost.dramReadBytes += missed * again;
  constexpr double forShare = 10;
  if (once > 0)
    cost.avoidable += forShare * again / once;
}

double poolc::avoidableConflicts(const GPU &gpu, double parts) {
  return (gpu.memoryPerCycle < 1 ? 12 : 1) * parts;
}
