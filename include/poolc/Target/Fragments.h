//===- Fragments.h - How warps load operands of products --------*- C++ -*-===//
//
// What decides whether the loads of a matrix product's operand b from shared memory meet
// the same banks: which columns of it belong to one instruction, and how warps divide a tile.
// Layouts of tiles, costs and pitches of rows share it.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_TARGET_FRAGMENTS_H
#define POOLC_TARGET_FRAGMENTS_H

#include "llvm/ADT/STLFunctionalExtras.h"

#include <algorithm>
#include <cstdint>

namespace poolc {

/// Passes over shared memory for a load of `bytes` aligned ones, 2 to 16, by each lane of a warp;
/// `address` tells where a lane finds its, in bytes.
int64_t countWavefronts(int64_t bytes, llvm::function_ref<int64_t(int64_t lane)> address);

/// How threads load operand b from rows in shared memory.
struct ColumnGroups {
  /// Elements that one load brings at most, and neighbouring columns that a thread had
  /// best have.
  int64_t elements = 1, columns = 1;
};

/// Elements of an aligned group of which a load brings those that are used: the smallest aligned
/// power of two that holds them.
struct UsedPart {
  int64_t first = 0, count = 0;
  void add(int64_t element) {
    int64_t least = count == 0 ? element : std::min(first, element);
    int64_t most = count == 0 ? element : std::max(first + count - 1, element);
    for (count = 1; least / count != most / count;)
      count *= 2;
    first = least / count * count;
  }
};

/// Of FMA units: rows lie `rowStride` elements of `bytes` apart, columns `columnStride`. Where
/// rows move off multiples of a load's size, loads are smaller.
ColumnGroups groupColumns(int64_t rowStride, int64_t columnStride, int64_t bytes);

/// The same of fragments of tensor cores, of which neighbouring threads have rows that are
/// `rowsApart`: 0 for as many as a register holds, every row or of 16 bits every other one. A
/// thread has more columns than a load brings where those that are loaded at once, one of each
/// eighth of them, then meet banks less often.
ColumnGroups groupFragmentColumns(int64_t rowStride, int64_t columnStride, int64_t bytes,
                                  int64_t rowsApart = 0);

/// Columns that one load of `groups` brings.
inline int64_t columnsOfLoad(ColumnGroups groups, int64_t columnStride) {
  return columnStride > 0 && columnStride < groups.elements ? groups.elements / columnStride : 1;
}

/// Neighbouring columns that a thread had best have of such fragments if it loads element by
/// element: the fewest that make a load take the fewest passes.
int64_t spreadFragmentColumns(int64_t rowStride, int64_t columnStride, int64_t bytes,
                              int64_t rowsApart = 0);

/// Passes over shared memory that a load of `groups` takes on average, where a thread has as many
/// columns. `rowsApart`: rows from one thread's to the next's, as above.
double countFragmentWavefronts(int64_t rowStride, int64_t columnStride, int64_t bytes,
                               ColumnGroups groups, int64_t rowsApart = 0);

/// The same of FMA units, of whose lanes eight have columns side by side and all the same row.
double countColumnWavefronts(int64_t columnStride, int64_t bytes, ColumnGroups groups);

/// Neighbouring columns that a thread had best have, and those that one of its loads brings;
/// powers of two.
struct NeighbourColumns {
  int64_t best = 1, ofLoad = 1;
};

/// Whether each thread that slides taps over windows has all `rows` output channels, which then
/// share what it loads: a few, where lanes and warps that lie side by side have `positions`
/// neighbours of `columns` each.
inline bool haveAllRows(int64_t rows, int64_t columns, int64_t positions, int64_t numWarps) {
  constexpr int64_t fewRows = 4, warpSize = 32;
  return rows > 1 && rows <= fewRows && columns >= numWarps * warpSize * positions;
}

/// How the warps of a block divide a tile of m x n sums.
struct FragmentWarps {
  /// Warps along each side, and neighbours along n that a thread holds.
  int64_t m = 0, n = 0, adjacent = 0;
  explicit operator bool() const { return m != 0; }
};

/// The division into fragments of 16 x 8 with which warps load least, where a thread holds at
/// least `least` neighbours (2, or another power of two) and, as far as the tile allows, twice
/// the best number of columns. Nothing where none leaves equal parts.
FragmentWarps divideAmongWarps(int64_t m, int64_t n, int64_t least, NeighbourColumns columns,
                               int64_t numWarps);

} // namespace poolc

#endif // POOLC_TARGET_FRAGMENTS_H
