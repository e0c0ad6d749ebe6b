//===- Streaming.cpp - What is read once and not again --------------------===//

#include "poolc/Schedule/Streaming.h"

#include "Algorithms.h"

#include "poolc/Schedule/AvgPool2dColumns.h"
#include "poolc/Target/Roofline.h"

#include "llvm/ADT/STLExtras.h"

using namespace poolc;

/// Whether so much is read that another kernel would not find it in the L2, but what is written.
static bool keepsResult(const Work &work, const GPU &gpu) {
  double l2Bytes = double(gpu.l2Bytes);
  // Halves of the L2 may hold the same.
  return double(work.readBytes) > l2Bytes / gpu.l2Partitions &&
         double(work.writeBytes) <= gpu.l2ShareForResults * l2Bytes;
}

bool poolc::readsLeaveFirst(const AvgPool2dProblem &problem, const GPU &gpu) {
  bool overlaps =
      llvm::any_of(problem.axis, [](const Window &axis) { return axis.kernel > axis.stride; });
  return !overlaps && !problem.hasDynamicAxes() && keepsResult(computeWork(problem), gpu);
}

bool poolc::readsLeaveFirst(const Conv1dProblem &problem, const GPU &gpu) {
  if (problem.hasDynamicAxes() || problem.addsResidual)
    return false;
  // All blocks read the weights.
  constexpr double shareOfWeights = 0.01;
  Work work = computeWork(problem);
  double weightBytes =
      double(problem.outChannels()) * double(problem.taps()) * sizeInBytes(problem.type);
  return weightBytes <= shareOfWeights * double(work.readBytes) && keepsResult(work, gpu);
}

/// On an H200, 1 % less time of 67 poolings on average and up to 3 %, of none more than 0.6 % more;
/// where rows are whole lines, none of 30 gained or lost.
bool poolc::readsPartsOfLines(const AvgPool2dProblem &problem, const GPU &gpu) {
  const Window &w = problem.axis[1];
  return hasFastMemory(gpu) &&
         (w.isDynamic || w.size * sizeInBytes(problem.type) % cacheLineBytes != 0);
}

/// On an H200, three taps of 32 channels, 40.5 us instead of 47.8 in f16, 76.8 instead of 78.2 in
/// TF32; four of 32 to 64 in bf16 82 instead of 106; with such weights gemm_rows takes 10.1 instead
/// of 12.4 for three tiles of 192 channels, 14.2 and 9.9 instead of 17.0 and 12.2 for 4 and 2
/// channels. With 256 KB of packed weights, 100 instead of 80. Other GPUs have not been measured.
bool poolc::copiesWeightsByL1(const Conv1dProblem &problem, const GPU &gpu,
                              const Schedule &schedule) {
  constexpr int64_t few = 16 << 10;
  int64_t rowBytes = problem.taps() * sizeInBytes(problem.type);
  return gpu.wgmmaShare > 0 && schedule.algorithm == conv1dGemmRows.name && problem.groups == 1 &&
         problem.window.kernel > 1 && rowBytes <= few / schedule.blockM;
}

/// On an H200 4 to 7 % less time for stems and spectrograms, in all formats of stores; of as many
/// bytes as are read, none or some more. Other GPUs have not been measured.
bool poolc::storesStream(const Conv1dProblem &problem, const GPU &gpu) {
  constexpr double shareOfReads = 0.125, timesL2 = 2;
  if (problem.hasDynamicAxes() || gpu.l2ShareForResults == 0)
    return false;
  // Whole tensors: schedules by the hundred ask this, and to count the sectors in use takes long.
  double x = double(problem.batch) * double(problem.inChannels()) * double(problem.window.size);
  double weights = double(problem.outChannels()) * double(problem.taps());
  double y = double(problem.batch) * double(problem.outChannels()) * double(problem.outputSize());
  double reads = x + weights + (problem.addsResidual ? y : 0.0);
  return reads <= shareOfReads * y &&
         y * double(sizeInBytes(problem.type)) > timesL2 * double(gpu.l2Bytes);
}
