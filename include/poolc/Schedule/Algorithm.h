//===- Algorithm.h - What an op's algorithms tell ---------------*- C++ -*-===//
//
// An algorithm is one way to compute an op. Here it says when it applies, which
// words its schedules have, which schedules are worth comparing and what one
// costs; its kernel is written by a lowering of the same name in
// lib/Conversion/NNToTile. docs/guides/add-an-algorithm.md leads through both.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_ALGORITHM_H
#define POOLC_SCHEDULE_ALGORITHM_H

#include "poolc/Schedule/CostModel.h"
#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// The values an algorithm takes for a word: from `min` to `max`, and unless
/// `anyNumber`, powers of two; else multiples of `step`. An `optional` word may be left out of a
/// complete schedule.
struct WordRule {
  llvm::StringRef word;
  int64_t max;
  int64_t min = 1;
  bool anyNumber = false;
  bool optional = false;
  int64_t step = 1;
};

/// An algorithm's words and limits. A word without a rule is not used by it.
struct AlgorithmRules {
  llvm::StringRef algorithm;
  llvm::SmallVector<WordRule, 8> words;
  /// Most output elements that one thread may hold; 0 where the tile is not
  /// held in registers, and `check` says what fits.
  int64_t maxElementsPerThread = 0;
  /// The words whose product is the tile, for messages.
  llvm::SmallVector<llvm::StringRef, 3> tileWords;
  /// Registers of a thread for each of them: beside the element itself, those that
  /// operands and addresses need meanwhile.
  int64_t registersPerElement = 4;
};

/// All functions are pure. `Problem` is that of an op: AvgPool2dProblem, ...
template <typename Problem> struct Algorithm {
  /// The word after `algorithm=`, and one line on what it does.
  llvm::StringRef name, summary;

  /// Whether there is any schedule of this algorithm for the problem; the error
  /// says why not ("expected ..., got ..."). Null: always.
  llvm::Error (*applies)(const Problem &problem, const GPU &gpu);

  /// The words of its schedules and their ranges.
  AlgorithmRules (*rules)(const Problem &problem, const GPU &gpu);

  /// Complete schedules with the words of `wanted` (which obey the rules, one
  /// by one), best guess first: at least one, at most about ten. Those that do
  /// not pass `check` are left out by the caller, which reports the first one's
  /// error if none is left.
  llvm::SmallVector<Schedule> (*candidates)(const Problem &problem, const GPU &gpu,
                                            const Schedule &wanted);

  /// What holds for a complete schedule beyond the rules of single words and the
  /// limits of the grid; errors state what is used and the limit. Null: nothing.
  llvm::Error (*check)(const Problem &problem, const GPU &gpu, const Schedule &schedule);

  /// What a legal schedule costs. Null: not known, so that the algorithm is
  /// taken only where no other one applies.
  KernelCost (*cost)(const Problem &problem, const GPU &gpu, const Schedule &schedule);

  /// Whether its kernels take sizes of the axes that windows slide over from the
  /// host, where only a run knows them (docs/guides/dynamic-sizes.md); and whether
  /// they take any number of images or planes.
  bool takesDynamicAxes = false, takesDynamicBatch = true;

  /// Bytes, a power of two up to 16, that the tensors' addresses must be multiples
  /// of; 1 where that of the elements suffices.
  int64_t leastAlignment = 16;

  /// Whether FMA units form its products in every precision.
  bool usesOnlyFMA = false;
};

/// The algorithms of an op, in order of preference among equals.
template <typename Problem> llvm::ArrayRef<const Algorithm<Problem> *> allAlgorithms();

/// The algorithm of that name, or null.
template <typename Problem> const Algorithm<Problem> *lookupAlgorithm(llvm::StringRef name) {
  for (const Algorithm<Problem> *algorithm : allAlgorithms<Problem>())
    if (algorithm->name == name)
      return algorithm;
  return nullptr;
}

} // namespace poolc

#endif // POOLC_SCHEDULE_ALGORITHM_H
