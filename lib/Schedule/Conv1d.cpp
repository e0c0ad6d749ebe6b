//===- Conv1d.cpp - Schedules of convolution ------------------------------===//

#include "Algorithms.h"
#include "Decide.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include <algorithm>

using namespace poolc;

using Conv1dAlgorithm = Algorithm<Conv1dProblem>;

template <> llvm::ArrayRef<const Conv1dAlgorithm *> poolc::allAlgorithms<Conv1dProblem>() {
  static constexpr const Conv1dAlgorithm *list[] = {&conv1dGemmRows, &conv1dGemmSlab,
                                                    &conv1dGemmTap, &conv1dDirect};
  return list;
}

/// Tensor cores pay where their fragments are not mostly padding.
static bool prefersGemm(const Conv1dProblem &problem) {
  return canUseTensorCores(problem) && problem.outPerGroup >= 8 && problem.inPerGroup >= 8;
}

/// Those that apply, best guess first.
static llvm::SmallVector<const Conv1dAlgorithm *> guess(const Conv1dProblem &problem,
                                                        const GPU &gpu) {
  auto algorithms = applicableAlgorithms(problem, gpu);
  if (!prefersGemm(problem))
    std::rotate(algorithms.begin(), llvm::find(algorithms, &conv1dDirect), algorithms.end());
  return algorithms;
}

llvm::SmallVector<llvm::StringRef> poolc::algorithmsFor(const Conv1dProblem &problem,
                                                        const GPU &gpu) {
  return llvm::map_to_vector(guess(problem, gpu),
                             [](const Conv1dAlgorithm *algorithm) { return algorithm->name; });
}

llvm::Expected<Schedule> poolc::decideSchedule(const Conv1dProblem &problem, const GPU &gpu,
                                               const Schedule &wanted) {
  return decide<Conv1dProblem>(guess(problem, gpu), problem, gpu, wanted);
}

llvm::Error poolc::verifySchedule(const Conv1dProblem &problem, const GPU &gpu,
                                  const Schedule &schedule) {
  return verify(problem, gpu, schedule);
}
