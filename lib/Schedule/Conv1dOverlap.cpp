//===- Conv1dOverlap.cpp - Tiles that store whole sectors -----------------===//

#include "Conv1dOverlap.h"

#include "Footprint.h"

#include "poolc/Schedule/CostModel.h"
#include "poolc/Schedule/Grid.h"

using namespace poolc;

static int64_t positionsOfSector(const Conv1dProblem &problem) {
  return sectorBytes / sizeInBytes(problem.type);
}

/// Rows of y begin at sectors, or it is not known that they do.
static bool hasWholeRows(const Conv1dProblem &problem) {
  return problem.hasDynamicAxes() || problem.outputSize() % positionsOfSector(problem) == 0;
}

WordRule overlap::makeRule(const Conv1dProblem &problem) {
  int64_t positions = positionsOfSector(problem);
  return {"overlap_n", positions, positions, /*anyNumber=*/false, /*optional=*/true};
}

llvm::Error overlap::check(const Conv1dProblem &problem, const Schedule &schedule) {
  if (schedule.overlapN == 0)
    return llvm::Error::success();
  if (hasWholeRows(problem))
    return llvm::createStringError("expected rows of y of a known size that is no multiple of " +
                                   llvm::Twine(sectorBytes) + " bytes for overlap_n, got " +
                                   llvm::Twine(problem.outputSize()) + " elements");
  // Sums that have to be repaired are stored by themselves, all of a tile's.
  if (problem.window.padBefore != 0 || problem.window.padAfter != 0 ||
      problem.precision == Precision::tf32x3)
    return llvm::createStringError("expected neither padding nor precision tf32x3 for overlap_n");
  if (schedule.splitK > 1)
    return llvm::createStringError("expected no split_k beside overlap_n, got " +
                                   llvm::Twine(schedule.splitK));
  if (schedule.blockN < 2 * schedule.overlapN || schedule.blockN % schedule.overlapN != 0)
    return llvm::createStringError(
        "expected block_n to be a multiple of overlap_n=" + llvm::Twine(schedule.overlapN) +
        ", at least twice it, got " + llvm::Twine(schedule.blockN));
  return llvm::Error::success();
}

void overlap::append(const Conv1dProblem &problem, const GPU &gpu,
                     llvm::function_ref<llvm::Error(const Schedule &)> check,
                     llvm::SmallVectorImpl<Schedule> &schedules) {
  constexpr int64_t leastAlignment = 16;
  if (!gpu.dramHasECC || hasWholeRows(problem) || problem.alignment < leastAlignment)
    return;
  llvm::SmallVector<Schedule> appended;
  for (Schedule schedule : schedules) {
    bool isOnly = schedule.blockN >= problem.outputSize();
    if (schedule.overlapN != 0 || isOnly)
      continue;
    schedule.overlapN = positionsOfSector(problem);
    llvm::Error error = check(schedule);
    if (!error)
      appended.push_back(schedule);
    llvm::consumeError(std::move(error));
  }
  llvm::append_range(schedules, appended);
}

void overlap::addParts(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
                       KernelCost &cost) {
  if (!gpu.dramHasECC || schedule.overlapN != 0 || hasWholeRows(problem))
    return;
  // Of each part the rest is read, 64 bytes at a time, and both parts are written. On an H200,
  // convolutions and copies in tiles of 64 to 512 positions took as long as 65 to 290 bytes more
  // for each such sector, the more the more blocks there were on an SM.
  constexpr double readForPart = 96, writtenForPart = 64;
  llvm::Expected<TileGrid> grid = makeTileGrid(problem, schedule);
  if (!grid)
    return llvm::consumeError(grid.takeError());
  double ends = double(grid->axis('n').tiles - 1) * double(problem.batch * problem.outChannels());
  cost.dramReadBytes += ends * readForPart;
  cost.dramWriteBytes += ends * writtenForPart;
}
