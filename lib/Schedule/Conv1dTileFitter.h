//===- Conv1dTileFitter.h - Steps of tiles, and whether they fit -*- C++ -*-==//
#ifndef POOLC_LIB_SCHEDULE_CONV1DTILEFITTER_H
#define POOLC_LIB_SCHEDULE_CONV1DTILEFITTER_H

#include "Conv1dGemmStep.h"
#include "Conv1dGemmTiles.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <limits>

namespace poolc {

/// Gives tiles of gemm_rows, gemm_flat and gemm_packed the taps, channels and stages that fit best,
/// and collects the schedules. `check`: whether one is legal; `sharedBytes`: what a block stages.
class TileFitter {
public:
  TileFitter(const Conv1dProblem &problem, const GPU &gpu, const Schedule &wanted,
             llvm::function_ref<llvm::Error(const Schedule &)> check,
             llvm::function_ref<int64_t(const Schedule &)> sharedBytes);

protected:
  /// For tensor cores, and where FMA units need a load for each operand, half of the sums: two
  /// blocks of 256 threads then fit on an SM.
  static constexpr int64_t fewSums = maxElementsPerThread / 2;

  /// Blocks of FMA units have as many warps, as long as each thread has some sums: what one of them
  /// loads and waits for, the others hide.
  static constexpr int64_t leastWarpsOfFma = 4, fewSumsOfFma = 32;

  /// With more taps than these in blocks that are compiled for few registers, ptxas moves loads so
  /// far ahead that it spills.
  static constexpr int64_t maxTapsOfManyWarps = 5;

  /// Without a number of warps: as few as can hold its sums.
  struct Tile {
    int64_t m, n, warps = 0;
  };

  /// Collects a schedule of the tile: for the first of `occupancies` (blocks on an SM) for which
  /// one fits, that with the most taps (`mostTaps` at most), channels and stages.
  void add(const Tile &tile, llvm::ArrayRef<int64_t> occupancies = {2, 1},
           int64_t mostTaps = std::numeric_limits<int64_t>::max());

  /// The schedule of a tile with that step.
  Schedule complete(const Tile &tile, GemmStep step) const;

  /// Numbers of taps per step, the most first, each the least of so many steps. Of FMA units,
  /// those come first with which x is loaded in groups, if need be a few more, of which the last
  /// step has less.
  llvm::SmallVector<int64_t> tapsPerStep() const;

  /// Whether tensor cores take long for a product.
  bool hasLongProducts() const;

  /// As few as can hold a tile's sums.
  int64_t countWarps(const Tile &tile) const;

  /// The fewest channels of a step.
  int64_t leastBlockK() const;

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &wanted;
  llvm::function_ref<llvm::Error(const Schedule &)> check;
  bool isPacked, isFlat;
  /// Whether each thread had best have as many sums as it can.
  bool hasManySums;
  llvm::SmallVector<Schedule> result;

  /// Collects the schedule if it is legal and fits.
  bool tryStep(const Tile &tile, GemmStep step, int64_t blocksPerSM);

  /// Whether the products of a step, which FMA units have written out, are few enough for
  /// instructions to be found in the SM's cache.
  bool isShortCode(const Tile &tile, int64_t channels, int64_t taps) const;

private:
  /// Whether FMA units use the same loads for neighbouring columns, with so many taps in a step.
  bool loadsNeighbours(int64_t taps) const;

  /// Bytes of a step's products along K, with so many times the fewest channels.
  int64_t depthBytes(int64_t channels, int64_t taps) const;

  /// Taps of a step that are written out.
  int64_t unrolledTaps(const GemmStep &step) const;

  /// Written out taps at most where two blocks are to fit on an SM.
  int64_t maxTaps(const Schedule &schedule) const;

  llvm::function_ref<int64_t(const Schedule &)> sharedBytes;
};

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DTILEFITTER_H
