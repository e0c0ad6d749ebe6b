//===- TileAttrs.td - Layouts of tiles over threads --------*- tablegen -*-===//
#ifndef TILE_ATTRS_TD
#define TILE_ATTRS_TD

include "TileDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/TensorEncoding.td"

def Tile_BlockedAttr : AttrDef<Tile_Dialect, "Blocked", [
    DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let mnemonic = "blocked";
  let summary = "Which thread of a block holds which elements of a tile";
  let description = [{
    Each thread holds `size_per_thread` adjacent elements, a warp is a grid of
    `threads_per_warp` such groups, a block a grid of `warps` such warps; where
    the tile is larger than that, the pattern repeats. Lanes and warps are
    numbered with the last dimension fastest, lanes with `columns_of_lanes` with
    the first.

    With `size_per_thread = [1, 2]`, `threads_per_warp = [4, 8]`, `warps = [2, 1]`
    the pattern covers 8 x 16 elements; lane 9 of warp 1 holds (5, 2) and (5, 3),
    and in an 8 x 32 tile also (5, 18) and (5, 19).

    With `repeats`, a warp has so many of its grids side by side along the last dimension before
    the next warp begins: with `repeats = 2`, `size_per_thread = [2, 1]`,
    `threads_per_warp = [4, 8]`, `warps = [1, 8]` the pattern covers 8 x 128 elements, of which
    warp 1 has columns 16 to 31.

    A dimension of size 1 is held by every thread (that is what makes a
    broadcast free); in a larger dimension, threads beyond the tile hold nothing.

    The layout of a copy may have `threads`: then the block's threads are one
    grid of that size, whatever their warps, and those beyond it copy nothing.
    With `threads = [3, 34]` the first 102 threads copy three rows of 34 groups
    at a time, where a warp for each row would come back for two groups.

    All sizes but `threads` are powers of two, a warp has 32 lanes, a block at most
    32 warps, and the pattern covers at most 16384 elements along each dimension.
  }];
  let parameters = (ins
    ArrayRefParameter<"int64_t">:$size_per_thread,
    ArrayRefParameter<"int64_t">:$threads_per_warp,
    ArrayRefParameter<"int64_t">:$warps,
    DefaultValuedParameter<"bool", "false">:$columns_of_lanes,
    DefaultValuedParameter<"int64_t", "1">:$repeats,
    OptionalArrayRefParameter<"int64_t">:$threads);
  let builders = [AttrBuilder<(ins "::llvm::ArrayRef<int64_t>":$size_per_thread,
      "::llvm::ArrayRef<int64_t>":$threads_per_warp, "::llvm::ArrayRef<int64_t>":$warps), [{
    return $_get($_ctxt, size_per_thread, threads_per_warp, warps, /*columns_of_lanes=*/false,
                 /*repeats=*/1, ::llvm::ArrayRef<int64_t>());
  }]>, AttrBuilder<(ins "::llvm::ArrayRef<int64_t>":$size_per_thread,
      "::llvm::ArrayRef<int64_t>":$threads_per_warp, "::llvm::ArrayRef<int64_t>":$warps,
      "bool":$columns_of_lanes, CArg<"int64_t", "1">:$repeats), [{
    return $_get($_ctxt, size_per_thread, threads_per_warp, warps, columns_of_lanes, repeats,
                 ::llvm::ArrayRef<int64_t>());
  }]>];
  let assemblyFormat = [{
    `<` (`threads` `=` `[` $threads^ `]` `,` ` `)? (`repeats` `=` $repeats^ `,` ` `)? `size_per_thread` `=` `[` $size_per_thread `]` `,`
        `threads_per_warp` `=` `[` $threads_per_warp `]` `,`
        `warps` `=` `[` $warps `]` (`,` `columns_of_lanes` `=` $columns_of_lanes^)? `>`
  }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    unsigned getRank() const { return getSizePerThread().size(); }

    /// Elements that one repetition of the pattern covers in dimension `d`.
    int64_t getCoverage(unsigned d) const {
      return getSizePerThread()[d] * getThreadsAlong(d) * getRepeats(d);
    }

    /// Grids of a warp in the pattern in dimension `d`.
    int64_t getRepeats(unsigned d) const { return d + 1 == getRank() ? getRepeats() : 1; }

    /// Threads of the pattern in dimension `d`.
    int64_t getThreadsAlong(unsigned d) const {
      return getThreads().empty() ? getThreadsPerWarp()[d] * getWarps()[d] : getThreads()[d];
    }

    /// Whether threads of the block are beyond the pattern: they are there in dimension 0.
    bool leavesThreads() const;

    /// How far apart the numbers of lanes are that are neighbours in dimension `d`.
    int64_t getLaneDistance(unsigned d) const;

    /// How many elements of a tile of that size a thread holds in dimension
    /// `d`: adjacent groups of size_per_thread, for each repetition of the pattern as many as a
    /// warp has grids.
    int64_t getElementsPerThread(unsigned d, int64_t size) const;

    /// Number of elements of a tile of `shape` that one thread holds.
    int64_t getElementsPerThread(::llvm::ArrayRef<int64_t> shape) const;

    /// The layout of what groups of `stride` adjacent elements along the last
    /// dimension become, one for each; null where threads do not hold whole
    /// groups.
    BlockedAttr getGroupLayout(int64_t stride) const;

    /// The tile coordinate in dimension `d` of a thread's `i`-th element there,
    /// relative to the thread's first.
    int64_t getElementOffset(unsigned d, int64_t i) const;
  }];
}

#endif // TILE_ATTRS_TD
