//===- Conv1dGemmStep.cpp - What matrix kernels stage at a time -----------===//

#include "Conv1dGemmStep.h"

#include "Conv1dOrders.h"
#include "Rules.h"

#include <algorithm>

using namespace poolc;

void poolc::chooseStep(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted,
                       const GemmStep &step, int64_t leastChannels, Schedule &schedule) {
  constexpr int64_t mostChannels = 64;
  if (!wanted.blockK)
    schedule.blockK =
        std::max(leastChannels,
                 std::min(step.channels, powerOfTwoCovering(problem.inPerGroup, mostChannels)));
  if (!wanted.blockT)
    schedule.blockT = step.taps;
  if (!wanted.numStages)
    schedule.numStages = step.stages;
  chooseConv1dOrder(problem, gpu, schedule);
}
