//===- Grid.h - The tiles of an op and the grid of its launch ---*- C++ -*-===//
//
// The one place where a schedule's tile sizes and order become tile counts and
// grid dimensions; heuristics, verifier and lowering all use it.
//
// Axes of pooling: w, h (outputs) and p (planes). Axes of convolution: m (output
// channels of one group), n (output positions, of all images where they are
// joined), g (groups) and b (batch). Of a sum: n (elements).
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_GRID_H
#define POOLC_SCHEDULE_GRID_H

#include "poolc/Schedule/Schedule.h"

#include <array>
#include <optional>

namespace poolc {

struct TileGrid {
  /// One axis of the output: `extent` elements in `tiles` tiles of `block`.
  struct Axis {
    char letter;
    int64_t extent, block, tiles;
    /// Where the extent is only known at run time, the one up to which a grid
    /// should be able to grow; `extent` is then the one to expect.
    std::optional<int64_t> wantedExtent = std::nullopt;
    /// Elements for each one that the op's sizes count.
    int64_t perUnit = 1;
  };

  /// The axes behind grid x, y and z, fastest first. A dimension without axes
  /// has one block.
  std::array<llvm::SmallVector<Axis, 4>, 3> dims;

  /// Blocks along x, y and z; a product beyond 64 bits is INT64_MAX.
  std::array<int64_t, 3> grid() const;

  /// All blocks, saturated likewise.
  int64_t blocks() const;

  /// The axis of that letter; there is one for each letter of the op.
  const Axis &axis(char letter) const;
};

/// The problem whose outputs a schedule's tiles divide: for all algorithms but
/// `direct`, one with merged rows.
AvgPool2dProblem tiledProblem(const AvgPool2dProblem &problem, const Schedule &schedule);

/// The grid of a schedule. An error if its order does not name every axis of
/// the op exactly once in one to three groups, or if a tile size is not positive.
llvm::Expected<TileGrid> makeTileGrid(const AddProblem &problem, const Schedule &schedule);
llvm::Expected<TileGrid> makeTileGrid(const AvgPool2dProblem &problem, const Schedule &schedule);
llvm::Expected<TileGrid> makeTileGrid(const Conv1dProblem &problem, const Schedule &schedule);

/// Whether every dimension of the grid is within the GPU's limits.
bool fitsLaunch(const TileGrid &grid, const GPU &gpu);

/// How far the grid of a dynamic shape can grow: the least, over its dynamic axes,
/// of the fraction of the wanted extent that the limits of the GPU allow, at most 1.
double growthRoom(const TileGrid &grid, const GPU &gpu);

} // namespace poolc

#endif // POOLC_SCHEDULE_GRID_H
