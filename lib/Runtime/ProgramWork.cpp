//===- ProgramWork.cpp - What a program must at least do ------------------===//

#include "poolc/Runtime/ProgramWork.h"

#include "SourceBinding.h"

#include "llvm/ADT/SmallPtrSet.h"

using namespace poolc;

llvm::Expected<ProgramWork> poolc::computeProgramWork(const Plan &plan, const PlanSizes &sizes,
                                                      const GPU *gpu) {
  SourceBinding binding(plan, sizes);
  if (llvm::Error error = binding.bind())
    return error;
  ProgramWork total;
  llvm::SmallPtrSet<mlir::Operation *, 8> seen;
  for (const auto &[value, buffer] : binding.results()) {
    mlir::Operation *op = value.getDefiningOp();
    // A batch of nothing has no work either.
    if (!op || !seen.insert(op).second || binding.sizeOf(buffer).elements == 0)
      continue;
    llvm::Expected<SourceBinding::Computation> computation = binding.computationOf(op);
    if (!computation)
      return computation.takeError();
    Work work = computation->reference->work();
    total.work.readBytes += work.readBytes;
    total.work.writeBytes += work.writeBytes;
    total.work.operations += work.operations;
    if (gpu)
      total.floorSeconds +=
          computeFloor(*gpu, work, computation->reference->peakTFLOPs(*gpu)).seconds();
  }
  return total;
}
