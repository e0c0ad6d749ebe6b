//===- Streaming.cpp - What is read once and not again --------------------===//

#include "poolc/Schedule/Streaming.h"

#include "poolc/Target/Roofline.h"

#include "llvm/ADT/STLExtras.h"

using namespace poolc;

bool poolc::readsLeaveFirst(const AvgPool2dProblem &problem, const GPU &gpu) {
  bool overlaps =
      llvm::any_of(problem.axis, [](const Window &axis) { return axis.kernel > axis.stride; });
  if (overlaps || problem.hasDynamicAxes())
    return false;
  Work work = computeWork(problem);
  double l2Bytes = double(gpu.l2Bytes);
  // Halves of the L2 may hold the same.
  return double(work.readBytes) > l2Bytes / gpu.l2Partitions &&
         double(work.writeBytes) <= gpu.l2ShareForResults * l2Bytes;
}
