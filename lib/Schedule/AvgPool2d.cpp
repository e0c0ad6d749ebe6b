//===- AvgPool2d.cpp - Schedules of average pooling -----------------------===//

#include "Algorithms.h"
#include "Decide.h"

using namespace poolc;

using AvgPool2dAlgorithm = Algorithm<AvgPool2dProblem>;

template <> llvm::ArrayRef<const AvgPool2dAlgorithm *> poolc::allAlgorithms<AvgPool2dProblem>() {
  static constexpr const AvgPool2dAlgorithm *list[] = {&avgPool2dPlanes, &avgPool2dColumns,
                                                       &avgPool2dSlab, &avgPool2dDirect};
  return list;
}

llvm::SmallVector<llvm::StringRef> poolc::algorithmsFor(const AvgPool2dProblem &problem,
                                                        const GPU &gpu) {
  return applicableNames(problem, gpu);
}

llvm::Expected<Schedule> poolc::decideSchedule(const AvgPool2dProblem &problem, const GPU &gpu,
                                               const Schedule &wanted) {
  return decideBest(problem, gpu, wanted);
}

llvm::Error poolc::verifySchedule(const AvgPool2dProblem &problem, const GPU &gpu,
                                  const Schedule &schedule) {
  return verify(problem, gpu, schedule);
}

std::unique_ptr<ScheduleSpace> poolc::makeScheduleSpace(const AvgPool2dProblem &problem,
                                                        const GPU &gpu) {
  return std::make_unique<ProblemSpace<AvgPool2dProblem>>(problem, gpu);
}
