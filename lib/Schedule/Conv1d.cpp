//===- Conv1d.cpp - Schedules of convolution ------------------------------===//

#include "Algorithms.h"
#include "Decide.h"

using namespace poolc;

using Conv1dAlgorithm = Algorithm<Conv1dProblem>;

template <> llvm::ArrayRef<const Conv1dAlgorithm *> poolc::allAlgorithms<Conv1dProblem>() {
  // Of those that are predicted alike, the first: tensor cores leave more room than FMA units.
  static constexpr const Conv1dAlgorithm *list[] = {
      &conv1dGemmToeplitz, &conv1dWindow,     &conv1dDirect,       &conv1dGemmPacked,
      &conv1dGemmRows,     &conv1dGemmFlat,   &conv1dGemmWgmma,    &conv1dGemmChunked,
      &conv1dGemmFolded,   &conv1dGemmIm2col, &conv1dGemmGathered, &conv1dGemmPatches,
      &conv1dGemmDirect,   &conv1dGemmSlab,   &conv1dGemmTap};
  return list;
}

bool poolc::leavesProductsOpen(const Conv1dProblem &problem) {
  return problem.type == DataType::f32 && problem.precision == Precision::tf32x3;
}

Conv1dProblem poolc::asScheduled(const Conv1dProblem &problem, const Schedule &schedule) {
  Conv1dProblem computed = problem;
  const Conv1dAlgorithm *algorithm = lookupAlgorithm<Conv1dProblem>(schedule.algorithm);
  bool usesFMA = schedule.products == Products::fma || (algorithm && algorithm->usesOnlyFMA);
  if (leavesProductsOpen(problem) && usesFMA)
    computed.precision = Precision::ieee;
  return computed;
}

llvm::SmallVector<llvm::StringRef> poolc::algorithmsFor(const Conv1dProblem &problem,
                                                        const GPU &gpu) {
  return applicableNames(problem, gpu);
}

llvm::Expected<Schedule> poolc::decideSchedule(const Conv1dProblem &problem, const GPU &gpu,
                                               const Schedule &wanted) {
  return decideBest(problem, gpu, wanted);
}

llvm::Error poolc::verifySchedule(const Conv1dProblem &problem, const GPU &gpu,
                                  const Schedule &schedule) {
  return verify(problem, gpu, schedule);
}

std::unique_ptr<ScheduleSpace> poolc::makeScheduleSpace(const Conv1dProblem &problem,
                                                        const GPU &gpu) {
  return std::make_unique<ProblemSpace<Conv1dProblem>>(problem, gpu);
}
