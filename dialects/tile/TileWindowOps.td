//===- TileWindowOps.td - Sums over windows of a tile ------*- tablegen -*-===//
//
// Included by TileOps.td, whose classes it uses.
//
//===----------------------------------------------------------------------===//
#ifndef TILE_WINDOW_OPS_TD
#define TILE_WINDOW_OPS_TD

def Tile_WindowSumOp : Tile_Op<"window_sum", [Pure]> {
  let summary = "Sums of windows along one dimension of a tile";
  let description = [{
    Result element `j` along `dim` is the sum of source elements
    `offset + j * stride` to `offset + j * stride + kernel - 1`; all other
    dimensions stay as they are. Windows that overlap share partial sums.

    Nothing moves between threads. Each thread holds all of `dim`, unless that
    is the last dimension: there a thread holds groups of at least `stride`
    adjacent elements, so a window must lie inside its group of `stride`
    elements, `offset + kernel <= stride`, and all of the source belongs to one
    of the groups. With `windows`, each thread holds all of the last dimension
    too, and only so many windows are summed.

    ```mlir
    // 3 windows of 5 rows, 2 rows apart, in each of 128 columns.
    %s = tile.window_sum %t dim 0 kernel 5 stride 2 : tensor<9x128xf32> -> tensor<3x128xf32>
    // Every second column, from the second one.
    %odd = tile.window_sum %s dim 1 kernel 1 stride 2 offset 1 : tensor<3x128xf32> -> tensor<3x64xf32>
    // 4 windows of 7 neighbours in each row of 12, a row in each thread.
    %w = tile.window_sum %r dim 1 kernel 7 stride 1 windows 4 : tensor<64x12xf32> -> tensor<64x4xf32>
    ```
  }];
  let arguments = (ins
    Tile_Tile:$source,
    I64Attr:$dim,
    I64Attr:$kernel,
    I64Attr:$stride,
    DefaultValuedAttr<I64Attr, "0">:$offset,
    OptionalAttr<I64Attr>:$windows);
  let results = (outs Tile_Tile:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$source, "int64_t":$dim, "int64_t":$kernel,
                                 "int64_t":$stride, CArg<"int64_t", "0">:$offset,
                                 CArg<"std::optional<int64_t>", "std::nullopt">:$windows)>];
  let assemblyFormat = [{
    $source `dim` $dim `kernel` $kernel `stride` $stride (`offset` $offset^)? (`windows` $windows^)?
    attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Whether the windows run along the last dimension, each in a thread's group.
    bool isAlongLast() {
      return !getWindows() &&
             static_cast<int64_t>(getDim()) == getSource().getType().getRank() - 1;
    }
  }];
}

def Tile_ReduceOp : Tile_Op<"reduce", [Pure]> {
  let summary = "Sum of all elements along one dimension of a tile";
  let description = [{
    The result has size 1 there, and so every thread has it. Partial sums of
    lanes meet by shuffles; those of warps through shared memory, which makes
    the operation a barrier for the block then: every warp must get here. The
    order of the additions is the same in every run.

    ```mlir
    %s = tile.reduce %t dim 1 : tensor<4x3136xf32> -> tensor<4x1xf32>
    ```
  }];
  let arguments = (ins Tile_Tile:$source, I64Attr:$dim);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$source `dim` $dim attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_DotRowsOp : Tile_Op<"dot_rows", [AllTypesMatch<["accumulator", "result"]>]> {
  let summary = "Products of rows in global memory with each other, added to a tile";
  let description = [{
    `result[m, n] = accumulator[m, n] + sum over k of a[m, k] * b[n, k]` on tensor cores, where
    row `i` of an operand are the `depth` elements of its memory, however that is shaped, from
    `origin + min(i, count - 1) * pitch` on: rows beyond the last one are the last one. `sure` of
    them are there in any case. Rows begin at multiples of `vector` elements in memory, of at
    least 4 bytes. `pitches`, `sure` and `vectors` are those of a and of b.

    Nothing goes through shared memory: threads load what their fragments consist of, ahead of
    the products, and find in the L1 what other warps have loaded. A warp has 16 columns of the
    tile and all of its rows, so that each element of b is loaded and rounded by one warp only.
    `arithmetic` is `mma`, `mma_tf32` or `mma_tf32x3`, as for `tile.dot`; M is a multiple of 8, N has
    16 columns for each warp, a row has a multiple of 64 bytes.

    ```mlir
    // 136 filters of 400 taps times 64 windows of them, 160 elements apart.
    %s = tile.dot_rows mma_tf32 %w[%filter of %filters], %x[%first of %windows], %zero
           depth 400 pitches [400, 160] sure [130, 38] vectors [4, 4]
           : memref<402x1x400xf32, #gpu.address_space<global>>,
             memref<32x1x160000xf32, #gpu.address_space<global>>, tensor<136x64xf32>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Global, "", [MemRead]>:$a, Index:$origin_a, Index:$count_a,
    Arg<Tile_Global, "", [MemRead]>:$b, Index:$origin_b, Index:$count_b,
    Tile_Tile:$accumulator,
    Tile_ArithmeticAttr:$arithmetic,
    I64Attr:$depth,
    DenseI64ArrayAttr:$pitches,
    DenseI64ArrayAttr:$sure,
    DenseI64ArrayAttr:$vectors);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = [{
    $arithmetic $a `[` $origin_a `of` $count_a `]` `,` $b `[` $origin_b `of` $count_b `]` `,`
    $accumulator `depth` $depth `pitches` custom<Integers>($pitches) `sure` custom<Integers>($sure)
    `vectors` custom<Integers>($vectors) attr-dict `:` type($a) `,` type($b) `,` type($accumulator)
  }];
  let hasVerifier = 1;
}

def Tile_CopySpanOp : Tile_Op<"copy_span"> {
  let summary = "Begins to copy a run of elements to shared memory, zero beyond its end";
  let description = [{
    Element `j` of the destination becomes element `first + j` of the memref, or
    zero from element `end` on. `first` must be a multiple of `vector`, 4, 8 or
    16 bytes, and the memref aligned to them; nothing at or beyond `end` is
    read.

    The copy is asynchronous, as that of `tile.copy`: it is done once a
    `tile.async_wait` has waited for its group, and a `tile.barrier` has
    followed. Neighbouring threads copy neighbouring groups.

    ```mlir
    tile.copy_span %x[%first to %end] to %s vector 4
        : memref<8192xf32, #gpu.address_space<global>> to memref<1024xf32, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Global, "", [MemRead]>:$memref,
    Index:$first, Index:$end,
    Arg<Tile_Shared, "", [MemWrite]>:$destination,
    I64Attr:$vector);
  let assemblyFormat = [{
    $memref `[` $first `to` $end `]` `to` $destination `vector` $vector
    attr-dict `:` type($memref) `to` type($destination)
  }];
  let hasVerifier = 1;
}

def Tile_WriteRowsOp : Tile_Op<"write_rows"> {
  let summary = "Writes rows of shared memory to rows of a tensor that begin anywhere";
  let description = [{
    Element (r, c) of the source, for r below `rows` and c below `columns`, is
    written to element `first + r * distance + c` of the memref. Neighbouring
    threads write neighbouring aligned groups of `vector` elements, each by one
    access; only what hangs over the ends of a row is written one by one.

    Rows of the source must be as far from aligned as those they go to: the first
    one's address by what remains of `first`, and its strides are congruent.

    ```mlir
    // 4 rows of up to 61 elements, 61 elements apart, from element %first on, which
    // is %skew past a multiple of 8.
    %rows = tile.view %s[%skew] : memref<256xf16, #gpu.address_space<workgroup>>
              to memref<4x61xf16, strided<[61, 1], offset: ?>, #gpu.address_space<workgroup>>
    tile.write_rows %rows to %y[%first] rows %r columns %c distance 61 vector 8
        : memref<4x61xf16, strided<[61, 1], offset: ?>, #gpu.address_space<workgroup>>
       to memref<8192xf16, #gpu.address_space<global>>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Shared, "", [MemRead]>:$source,
    Arg<Tile_Global, "", [MemWrite]>:$memref,
    Index:$first, Index:$rows, Index:$columns,
    I64Attr:$distance,
    I64Attr:$vector);
  let assemblyFormat = [{
    $source `to` $memref `[` $first `]` `rows` $rows `columns` $columns `distance` $distance
    `vector` $vector attr-dict `:` type($source) `to` type($memref)
  }];
  let hasVerifier = 1;
}

def Tile_ViewOp : Tile_Op<"view", [Pure]> {
  let summary = "Elements of shared memory counted in another way";
  let description = [{
    Element `i` of the result is element `origin` plus the sum of `i * strides`
    of the source, whatever the source's size: only what is accessed must lie
    inside of it.

    ```mlir
    // 5 rows of 35 elements, the first at %origin.
    %v = tile.view %s[%origin] : memref<180xf32, #gpu.address_space<workgroup>>
           to memref<5x35xf32, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins Tile_Shared:$source, Index:$origin);
  let results = (outs Tile_Shared:$result);
  let assemblyFormat = "$source `[` $origin `]` attr-dict `:` type($source) `to` type($result)";
  let hasVerifier = 1;
}

#endif // TILE_WINDOW_OPS_TD
