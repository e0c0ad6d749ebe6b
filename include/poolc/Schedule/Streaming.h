//===- Streaming.h - What is read once and not again ------------*- C++ -*-===//
#ifndef POOLC_SCHEDULE_STREAMING_H
#define POOLC_SCHEDULE_STREAMING_H

#include "poolc/Problem/AvgPool2d.h"
#include "poolc/Problem/Conv1d.h"
#include "poolc/Schedule/Schedule.h"
#include "poolc/Target/GPU.h"

namespace poolc {

/// Whether what a kernel reads of its operands is to be the first that leaves the L2, so that
/// the result stays: where blocks read nothing that others read too, the operands are more
/// than the L2 would keep for another kernel, and the result is much less.
bool readsLeaveFirst(const AvgPool2dProblem &problem, const GPU &gpu);

/// The same of a convolution with few outputs for what it reads, whose weights are next to
/// nothing beside its input.
bool readsLeaveFirst(const Conv1dProblem &problem, const GPU &gpu);

/// Results of other ops are as large as what they read.
template <typename Problem> bool readsLeaveFirst(const Problem &, const GPU &) { return false; }

/// Whether reads had best bring all of each line into the L2: warps read rows in parts of lines,
/// and the next warp or block reads the rest.
bool readsPartsOfLines(const AvgPool2dProblem &problem, const GPU &gpu);

/// Other ops have not been measured.
template <typename Problem> bool readsPartsOfLines(const Problem &, const GPU &) { return false; }

/// Whether nearly all that a kernel moves is its result, and that is far more than the L2 holds.
/// Where nothing that the L2 keeps is read again, it had best make room for what is written.
bool storesStream(const Conv1dProblem &problem, const GPU &gpu);

/// Other ops read as much.
template <typename Problem> bool storesStream(const Problem &, const GPU &) { return false; }

/// About how long a block waits there for what it reads from DRAM, behind what others write. On an
/// H200, blocks of 32 channels x 128 positions, which all read x from there, were predicted to take
/// 60 us and took 66, those of 8 x 512, of which one in four does, 62 and 62.
constexpr double cyclesBehindWrites = 3000;

/// Whether blocks had best copy weights by way of the L1, where the SM's other blocks find them:
/// rows of weights that are few enough to stay there.
bool copiesWeightsByL1(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule);

/// Other ops have none.
template <typename Problem> bool copiesWeightsByL1(const Problem &, const GPU &, const Schedule &) {
  return false;
}

} // namespace poolc

#endif // POOLC_SCHEDULE_STREAMING_H
