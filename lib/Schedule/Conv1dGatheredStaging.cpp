//===- Conv1dGatheredStaging.cpp - What gemm_gathered has in shared memory ===//

#include "poolc/Schedule/Conv1dGathered.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

/// All channels and taps in one step.
static Schedule withAllInOneStep(const Conv1dProblem &problem, Schedule schedule) {
  schedule.blockK = std::max<int64_t>(1, problem.inPerGroup);
  schedule.blockT = llvm::alignTo(problem.window.kernel, 16 / sizeInBytes(problem.type));
  schedule.numStages = schedule.vector = 1;
  return schedule;
}

Conv1dGathered::Conv1dGathered(const Conv1dProblem &problem, const Schedule &schedule)
    : asIm2col(withAllInOneStep(problem, schedule)), rows(problem, asIm2col), chunk(rows.chunk),
      perChannel(asIm2col.blockT / chunk), chunks(rows.chunks),
      tiles(std::clamp<int64_t>(schedule.tilesM, 1,
                                llvm::divideCeilSigned(problem.outPerGroup, schedule.blockM))),
      buffers(std::min<int64_t>(tiles, 2)), channels(asIm2col.blockK), taps(problem.window.kernel),
      elementBytes(sizeInBytes(problem.type)) {
  const Window &window = problem.window;
  bool shares = chunk * window.dilation % window.stride == 0;
  columnsApart = shares ? chunk * window.dilation / window.stride : 0;
  planes = shares ? 1 : perChannel;
  columns = schedule.blockN + (perChannel - 1) * columnsApart;
  weightElements = chunks * chunk * schedule.blockM;
  // All rows of a tile, wherever in a group of 16 bytes they begin, and a pitch that leaves no
  // two of them in the same banks.
  constexpr int64_t beside = 24;
  storeElements = schedule.blockM * (schedule.blockN + beside);
}

int64_t Conv1dGathered::placeOfChunk(int64_t i) const {
  // The chunk that makes their number even meets zeros only.
  i = std::min(i, channels * perChannel - 1);
  int64_t channel = i / perChannel, inChannel = i % perChannel;
  int64_t plane = channel * planes + (planes == 1 ? 0 : inChannel);
  return (plane * columns + inChannel * columnsApart) * chunk;
}

int64_t Conv1dGathered::sharedBytes() const {
  constexpr int64_t alignment = 128;
  int64_t bytes = 0;
  for (int64_t elements :
       {channels * rows.pitchX, planeElements(), buffers * weightElements, storeElements})
    bytes += int64_t(llvm::alignTo(elements * elementBytes, alignment));
  return bytes;
}
