//===- Conv1dRows.cpp - Rows of x and of weights in shared memory ---------===//

#include "poolc/Schedule/Conv1dRows.h"

#include "AsyncRows.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

/// Taps up to which their loop is written out.
static constexpr int64_t maxUnrolledTaps = 16;

bool Conv1dRows::multipliesRuns(int64_t kernel) { return kernel > 1 && kernel <= maxUnrolledTaps; }

Conv1dRows::Conv1dRows(const Conv1dProblem &problem, const Schedule &schedule)
    : x(problem, problem.window, schedule.blockN, /*startsAlike=*/true,
        multipliesRuns(problem.window.kernel) ? schedule.blockK / threadsOfRow : 0),
      hasRunsW(multipliesRuns(problem.window.kernel)),
      channelsOfRun(schedule.blockK / threadsOfRow) {
  const Window &window = problem.window;
  int64_t size = sizeInBytes(problem.type);
  vectorW = std::max<int64_t>(1, asyncVector(problem.taps(), problem.type));
  steps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  stepsOfPart = llvm::divideCeilSigned(steps, std::max<int64_t>(1, schedule.splitK));
  rowW = schedule.blockK * std::min<int64_t>(window.kernel, int64_t(1) << 20);

  // Eight threads store at once. Where they have a whole row, it stays together:
  // copies that scatter a line over shared memory are slow (an H200 takes a third longer
  // for a pointwise convolution).
  constexpr int64_t chunksAtOnce = 8;
  if (window.kernel == 1 && problem.inPerGroup % vectorW == 0 &&
      vectorW == largestAsyncVector(problem.type) && chunksW() < chunksAtOnce) {
    // Chunks of a few neighbouring rows fall into different banks. Matrices are eight
    // neighbouring chunks.
    chunkedW = true;
    pitchW = vectorW * (schedule.blockM + std::max<int64_t>(1, chunksAtOnce / chunksW()));
    return;
  }
  if (window.kernel == 1) {
    // Rows of a matrix are loaded by eights: an odd number of 16 bytes apart,
    // they fall into different banks.
    pitchW = llvm::alignTo(rowW, 32 / size) + 16 / size;
    return;
  }
  if (hasRunsW) {
    arrangeRuns(problem, schedule);
    return;
  }
  RowPitch w =
      chooseRowPitch(rowW, {vectorW, 0}, size, [&](int64_t pitch, int64_t row, int64_t column) {
        return row * pitch +
               column * elementsPerRegister(problem.type) * (window.kernel % (1 << 10));
      });
  pitchW = w.pitch;
  wavefrontsW = w.wavefronts;
}

/// A thread's run is `channelsOfRun` channels of all taps: the rows of x that are multiplied at
/// once lie as far apart, unless they are gathered.
void Conv1dRows::arrangeRuns(const Conv1dProblem &problem, const Schedule &schedule) {
  int64_t size = sizeInBytes(problem.type), run = channelsOfRun * problem.window.kernel;
  bytesOfLoadW = run * size % 16 == 0 ? 16 : 8;
  int64_t perLoad = bytesOfLoadW / size;
  RowPitch w = chooseRowPitch(rowW, {std::max(vectorW, perLoad), 0}, size, [&](int64_t pitch) {
    return double(countWavefronts(bytesOfLoadW, [&](int64_t lane) {
      return (lane / threadsOfRow * pitch + lane % threadsOfRow * run) * size;
    }));
  });
  pitchW = w.pitch;
  wavefrontsW = w.wavefronts;
  // Rows of f32 that are skewed meet in the same banks, a few channels apart. Four times as many
  // copies cost less than that.
  if (x.start == RowStart::skewed && asyncVector(problem.window.size, problem.type) > 0) {
    StagedRows small(problem, problem.window, schedule.blockN, /*startsAlike=*/true, channelsOfRun,
                     /*mayGroup=*/true, /*inSmallCopies=*/true);
    if (small.loads * small.wavefronts < x.loads * x.wavefronts)
      x = small;
  }
  if (x.start != RowStart::aligned || problem.inPerGroup % channelsOfRun != 0)
    return;
  StagedRows gathered(problem, problem.window, schedule.blockN, /*startsAlike=*/true,
                      /*rowsApart=*/1, /*mayGroup=*/true,
                      /*inSmallCopies=*/x.vector < largestAsyncVector(problem.type));
  if (gathered.loads * gathered.wavefronts < x.loads * x.wavefronts) {
    x = gathered;
    gathersX = true;
  }
}

int64_t Conv1dRows::copiesPerThread(const Schedule &schedule, const GPU &gpu) const {
  int64_t copies = schedule.blockK * (x.span / x.vector) + schedule.blockM * (rowW / vectorW);
  return llvm::divideCeilSigned(copies, schedule.numWarps * gpu.warpSize);
}

int64_t Conv1dRows::sharedBytes(const Schedule &schedule, DataType type) const {
  return stagedBytes(schedule, type, schedule.blockK * x.pitch, elementsW(schedule));
}
