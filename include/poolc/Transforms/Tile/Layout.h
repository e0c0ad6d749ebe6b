//===- Layout.h - Choosing a layout for a tile ------------------*- C++ -*-===//
#ifndef POOLC_TRANSFORMS_TILE_LAYOUT_H
#define POOLC_TRANSFORMS_TILE_LAYOUT_H

#include "tile/Tile.h"

namespace poolc {

/// Those among which the elements of a copy are divided: `num_warps`, or those that only copy.
int64_t getNumCopyingWarps(tile::FuncOp kernel);

/// The layout of a tile of `shape` over `numWarps` warps (a power of two), in
/// which a thread holds groups of `vector` (a power of two) elements along the
/// last dimension. Lanes fill the last dimensions first, so that neighbours in
/// a warp are neighbours in memory; warps fill the first dimensions first. What
/// the tile does not need goes to the last dimension, where it idles. Each
/// thread holds all of the dimensions in `whole`, but not of every one.
tile::BlockedAttr chooseBlockedLayout(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> shape,
                                      int64_t vector, int64_t numWarps,
                                      llvm::ArrayRef<unsigned> whole = {});

/// The layout of a copy of a box of `shape`: the same, or a grid of threads that copies it in fewer
/// instructions, with fewer of them in a thread. Rows of 34 groups are two instructions for a warp,
/// of which one moves two groups. `lanesTogether` write to shared memory at once: they stay in a
/// row, for other rows may have the same banks. With 1, rows lie side by side; then a quarter fewer
/// instructions are enough, with as many in a thread.
tile::BlockedAttr chooseCopyLayout(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> shape,
                                   int64_t vector, int64_t numWarps, int64_t lanesTogether);

/// The layout of an m x n accumulator on tensor cores: that of mma.sync's
/// fragments, with the warps arranged so that they load least; a thread holds
/// groups of `vector` neighbours along n, or of the fragment's two; of more, as far as
/// n allows, where it had best have `columns` neighbouring columns of operand b. Null
/// where there are less than 16 rows and 4 such groups for a warp or a remainder.
tile::BlockedAttr chooseFragmentLayout(mlir::MLIRContext *context, int64_t m, int64_t n,
                                       int64_t vector, NeighbourColumns columns, int64_t numWarps);

/// The same where n takes the part of m: a thread holds pairs of neighbours along m. Null where
/// there are less than 8 x 16 for a warp or a remainder.
tile::BlockedAttr chooseSwappedLayout(mlir::MLIRContext *context, int64_t m, int64_t n,
                                      int64_t numWarps);

/// The same with all of m in each warp, for products of rows (tile.dot_rows). Null where the warps
/// do not divide n evenly.
tile::BlockedAttr chooseRowsLayout(mlir::MLIRContext *context, int64_t m, int64_t n,
                                   int64_t numWarps);

/// The layout of an m x n accumulator of four warps' products (wgmma), which have
/// their 64 rows along n: a thread holds pairs of neighbours along m. The sixteen rows of a warp
/// are `adjacent`, as tensor cores read them from memory, or eight and eight others. Null where the
/// warps are no groups of four, or do not divide n evenly.
tile::BlockedAttr chooseWarpgroupLayout(mlir::MLIRContext *context, int64_t m, int64_t n,
                                        int64_t numWarps, bool adjacent);

/// The layout of the accumulator of `dot`, a product of four warps; null where there is none.
tile::BlockedAttr chooseWarpgroupLayout(tile::DotOp dot, int64_t numWarps);

/// Whether it is one of those with 64 rows along n.
bool isWarpgroupLayout(tile::BlockedAttr layout, int64_t m, int64_t n, int64_t numWarps);

/// The same where both operands are read from shared memory: 64 rows are along m, and a thread
/// holds pairs of neighbours along both. Null where the warps do not divide m evenly.
tile::BlockedAttr chooseChunkedLayout(mlir::MLIRContext *context, int64_t m, int64_t n,
                                      int64_t numWarps);

/// The layout of a rank 3 tile on its way to chunks of shared memory: a thread holds whole groups
/// of the last dimension, the lanes of a warp are along the one before, as neighbours in memory
/// are, and warps are where they leave each thread the least.
tile::BlockedAttr chooseStagedLayout(mlir::MLIRContext *context, llvm::ArrayRef<int64_t> shape,
                                     int64_t numWarps);

/// The layout in which FMA units add up a tile of m x n with the fewest loads:
/// each thread has groups of four rows, which are one load where operand a has
/// them side by side, and of `columns` neighbours, as far as n allows, which are one of
/// operand b. Null if the tile is too small or does not divide evenly.
tile::BlockedAttr chooseFmaLayout(mlir::MLIRContext *context, int64_t m, int64_t n, int64_t columns,
                                  int64_t numWarps);

} // namespace poolc

#endif // POOLC_TRANSFORMS_TILE_LAYOUT_H
