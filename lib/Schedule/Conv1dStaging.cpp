//===- Conv1dStaging.cpp - What a block stages in shared memory -----------===//

#include "poolc/Schedule/Conv1dStaging.h"

#include "AsyncRows.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

bool poolc::isGemm(const Schedule &schedule) {
  return schedule.algorithm == "gemm_slab" || schedule.algorithm == "gemm_tap";
}

bool poolc::canUseTensorCores(const Conv1dProblem &problem) {
  return problem.type != DataType::f32 || problem.precision != Precision::ieee;
}

bool poolc::isForTwoBlocks(const Conv1dProblem &problem, const Schedule &schedule) {
  constexpr int64_t warpSize = 32, manyWarps = 8;
  // Polynomials of activations take what operands leave; FMA units have more operands in registers,
  // four warps that multiply together have fewer.
  int64_t mostSums = 72;
  if (!canUseTensorCores(problem) || (problem.activation && !problem.activation.isExact()))
    mostSums = 64;
  else if (isOfWarpgroups(schedule))
    mostSums = 80;
  return schedule.numWarps >= manyWarps &&
         schedule.blockM * schedule.blockN <= mostSums * warpSize * schedule.numWarps;
}

Conv1dStaging::Conv1dStaging(const Conv1dProblem &problem, const Schedule &schedule)
    : isSlab(schedule.algorithm == "gemm_slab"), transposed(problem.type != DataType::f32) {
  const Window &window = problem.window;
  int64_t channelSteps = llvm::divideCeilSigned(problem.inPerGroup, schedule.blockK);
  taps = isSlab ? window.kernel : 1;
  steps = isSlab ? channelSteps : channelSteps * window.kernel;
  spanStride = isSlab ? 1 : window.stride;
  span = isSlab ? slabSpan(window, schedule.blockN) : schedule.blockN;
  // Strided loads of neighbours are merged into loads of up to 16 bytes, which
  // reach beyond the last position: what they read there must have been written.
  constexpr int64_t widestLoad = 4;
  if (!transposed && isSlab)
    span = llvm::alignTo(span, widestLoad);

  // Eight rows of 16 bytes, a matrix as the tensor cores load it, fall into
  // different banks if rows are an odd number of 16 bytes apart.
  int64_t padding = 16 / sizeInBytes(problem.type);
  pitchW = schedule.blockK + padding;
  // Elements of TF32 are loaded one by one, four channels by eight positions:
  // without conflict if channels are 8 or 24 words apart, modulo the 32 banks.
  pitchX = transposed ? schedule.blockK + padding : llvm::alignTo(span, 32) + 8;
  elementsX = transposed ? span * pitchX : schedule.blockK * pitchX;
  elementsW = taps * schedule.blockM * pitchW;
}

int64_t Conv1dStaging::elementsPerThread(const Schedule &schedule, const GPU &gpu) const {
  int64_t elements = schedule.blockK * (span + taps * schedule.blockM);
  return llvm::divideCeilSigned(elements, schedule.numWarps * gpu.warpSize);
}

int64_t Conv1dStaging::sharedBytes(const Schedule &schedule, DataType type) const {
  return stagedBytes(schedule, type, elementsX, elementsW);
}
