//===- TileBulkOps.td - What the copy engine moves by itself -*- tablegen -*-===//
//
// Included by TileOps.td, whose classes it uses.
//
//===----------------------------------------------------------------------===//
#ifndef TILE_BULK_OPS_TD
#define TILE_BULK_OPS_TD

def Tile_MakeMapOp : Tile_Op<"make_map"> {
  let summary = "Writes the map by which the copy engine finds a tensor's boxes";
  let description = [{
    `map`, 128 bytes of global memory, becomes a tensor map of `memref`, whose rows (along its last
    dimension) are copied in boxes of `rows` x `columns`, with `tile.copy_boxes` of a later kernel.
    Dimensions but the last are multiples of 16 bytes apart. One thread of the grid does this.

    With `swizzled`, rows of a box have 128 bytes, and of the eight groups of 16 bytes of row r, group
    g lies in place g xor (r mod 8).

    ```mlir
    tile.make_map %x to %map rows 64 columns 64 swizzled
      : memref<32x1x512x4000xf16, #gpu.address_space<global>>, memref<64xf16, #gpu.address_space<global>>
    ```
  }];
  let arguments = (ins
    Tile_Global:$memref,
    Arg<Tile_Global, "", [MemWrite]>:$map,
    I64Attr:$rows,
    I64Attr:$columns,
    UnitAttr:$swizzled);
  let assemblyFormat = [{
    $memref `to` $map `rows` $rows `columns` $columns (`swizzled` $swizzled^)? attr-dict
    `:` type($memref) `,` type($map)
  }];
  let hasVerifier = 1;
}

def Tile_CopyBoxesOp : Tile_Op<"copy_boxes", [AttrSizedOperandSegments]> {
  let summary = "Copies neighbouring boxes of a mapped tensor to shared memory";
  let description = [{
    The copy engine copies boxes that begin at `start`, each after the one before along the tensor's
    last dimension, zero outside of the tensor. That may be before the tensor or beyond it, but along
    the last dimension at a multiple of 16 bytes: the engine has no instruction for others. The
    destination is boxes x rows x columns, contiguous, as `tile.make_map` said.

    With `joined`, the size of the last dimension, a multiple of a box's columns, positions along it
    count on from one place of the first dimension (an image) to the next, less than 2^31 of them: each
    box, at such a multiple too, is in the image where it lies by that count.

    In a kernel with warps that only copy, one of their threads asks for it. In others, the block's
    first thread does, and the copy tells an object (`tile.objects`), which `tile.await` waits for.
    Nothing reads what was at the destination any more.

    ```mlir
    tile.copy_boxes %map[%n, %g, %c, %l] to %slab
      : memref<64xf16, #gpu.address_space<global>> to memref<2x64x64xf16, #gpu.address_space<workgroup>>
    tile.copy_boxes %map[%n, %g, %c, %l] to %stage tells %objects[%i] : memref<3xi64, #gpu.address_space<workgroup>>
      : memref<64xf16, #gpu.address_space<global>> to memref<2x16x168xf16, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Global, "", [MemRead]>:$map,
    Variadic<Index>:$start,
    Arg<Tile_Shared, "", [MemWrite]>:$destination,
    DefaultValuedAttr<I64Attr, "0">:$joined,
    Arg<Optional<Tile_Shared>, "", [MemWrite]>:$objects,
    Optional<Index>:$object);
  let builders = [OpBuilder<(ins "::mlir::Value":$map, "::mlir::ValueRange":$start,
      "::mlir::Value":$destination, CArg<"int64_t", "0">:$joined), [{
    build($_builder, $_state, map, start, destination, joined, /*objects=*/nullptr,
          /*object=*/nullptr);
  }]>];
  let assemblyFormat = [{
    $map `[` $start `]` `to` $destination (`joined` $joined^)?
    (`tells` $objects^ `[` $object `]` `:` type($objects))? attr-dict
    `:` type($map) `to` type($destination)
  }];
  let hasVerifier = 1;
}

def Tile_CopyRunsOp : Tile_Op<"copy_runs", [AttrSizedOperandSegments]> {
  let summary = "Copies runs of neighbouring elements to shared memory";
  let description = [{
    As an unguarded `tile.copy` with strides of 1: the copy engine copies what lies side by side in
    both as one run, a multiple of 16 bytes that begins at one. Dimension `d` of the memref is
    `dims[d]` of the destination, in the same order, or has one place (-1).

    Which thread asks for it, and what it tells, is as for `tile.copy_boxes`.

    ```mlir
    tile.copy_runs %w[%step, %c0, %m, %c0] to %s dims [-1, 0, 1, 2]
      : memref<8x8x1024x8xf16, #gpu.address_space<global>>
        to memref<8x256x8xf16, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Global, "", [MemRead]>:$memref,
    Variadic<Index>:$start,
    Arg<Tile_Shared, "", [MemWrite]>:$destination,
    DenseI64ArrayAttr:$dims,
    Arg<Optional<Tile_Shared>, "", [MemWrite]>:$objects,
    Optional<Index>:$object);
  let builders = [OpBuilder<(ins "::mlir::Value":$memref, "::mlir::ValueRange":$start,
      "::mlir::Value":$destination, "::llvm::ArrayRef<int64_t>":$dims), [{
    build($_builder, $_state, memref, start, destination, dims, /*objects=*/nullptr,
          /*object=*/nullptr);
  }]>];
  let assemblyFormat = [{
    $memref `[` $start `]` `to` $destination `dims` custom<Integers>($dims)
    (`tells` $objects^ `[` $object `]` `:` type($objects))? attr-dict
    `:` type($memref) `to` type($destination)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Of each dimension of the destination, how far its elements are apart in the memref.
    ::llvm::SmallVector<int64_t> getSourceStrides();
    /// Dimensions of the destination that are one run: so many of the last ones.
    unsigned getDimsOfRun();
  }];
}

def Tile_AddBoxesOp : Tile_Op<"add_boxes", [AllTypesMatch<["tile", "result"]>,
    AttrSizedOperandSegments]> {
  let summary = "Adds boxes of a mapped tensor to a tile";
  let description = [{
    To each element of a tile of f32 is added the one of the tensor of `map` that is as far from
    `start`, zero outside of it. The last two dimensions of the tensor are the tile's. Boxes of `rows`
    x 128 bytes, swizzled as `tile.make_map` said, go through `memory`, as many rows of the tile at a
    time as fit.

    That is what a loop of steps with copies of the copy engine copies to; nothing that is there is
    needed any more. Once copies run ahead (`tile-pipeline`) it is the buffers of all stages, and `stage`
    the one behind the last step's: stage after stage holds some rows. So they arrive while steps
    before them are computed, and those of the next tile while they are added.

    ```mlir
    %t = tile.add_boxes %sum, %map[%n, %g, %m, %l] through %w rows 64
      : tensor<256x128xf32>, memref<32xf32, #gpu.address_space<global>>,
        memref<1x8x256x4xf32, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins
    Tile_Tile:$tile,
    Arg<Tile_Global, "", [MemRead]>:$map,
    Variadic<Index>:$start,
    Arg<Tile_Shared, "", [MemRead, MemWrite]>:$memory,
    Optional<I32>:$stage,
    I64Attr:$rows);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = [{
    $tile `,` $map `[` $start `]` `through` $memory (`stage` $stage^)? `rows` $rows attr-dict
    `:` type($tile) `,` type($map) `,` type($memory)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Columns of a box.
    int64_t getColumns();
    /// Rows of the tile that a stage holds, a multiple of those of a box.
    int64_t getRowsOfStage();
  }];
}

def Tile_ObjectsOp : Tile_Op<"objects", [MemoryEffects<[MemAlloc]>, HasParent<"FuncOp">]> {
  let summary = "Objects that bulk copies tell when they are done";
  let description = [{
    Each is in its phase 0, which ends when so many copies as `arrivals` says have told it and all
    of their bytes are there; then phase 1 begins. `maps` are those by which the copies are made: what
    an earlier kernel wrote there becomes visible to the copy engine.

    ```mlir
    %objects = tile.objects arrivals 1 maps(%map : memref<64xf16, #gpu.address_space<global>>)
             : memref<3xi64, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins
    ConfinedAttr<I64Attr, [IntPositive]>:$arrivals,
    Arg<Variadic<Tile_Global>, "", [MemRead]>:$maps);
  let results = (outs Res<Tile_Shared, "", [MemAlloc]>:$objects);
  let assemblyFormat = [{
    `arrivals` $arrivals (`maps` `(` $maps^ `:` type($maps) `)`)? attr-dict `:` type($objects)
  }];
  let hasVerifier = 1;
}

def Tile_AwaitOp : Tile_Op<"await"> {
  let summary = "Waits until a phase of an object has ended";
  let description = [{
    What the copies of that phase brought may then be read. `phase` is the number of the phase or as far
    from it as a multiple of 2: it is the present one or the one before.

    ```mlir
    tile.await %objects[%i] phase %p : memref<3xi64, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Shared, "", [MemRead, MemWrite]>:$objects,
    Index:$object,
    Index:$phase);
  let assemblyFormat = "$objects `[` $object `]` `phase` $phase attr-dict `:` type($objects)";
  let hasVerifier = 1;
}

def Tile_ChunkBoxesOp : Tile_Op<"chunk_boxes", [AttrSizedOperandSegments]> {
  let summary = "Puts what boxes have of a position side by side, in chunks of 16 bytes";
  let description = [{
    From swizzled boxes of 64 columns of 16 bits (`tile.copy_boxes`), boxes x rows x 64, to chunks x
    columns x 8: the 8 elements of a chunk are those of 8 neighbouring rows in one column, and columns go
    on from box to box. They are a multiple of 32, the last ones of the last box. With `first` and
    `end`, columns before the one and from the other on are zero.

    ```mlir
    tile.chunk_boxes %boxes to %chunks inside %first, %end
      : memref<5x16x64xf16, #gpu.address_space<workgroup>>
        to memref<2x320x8xf16, strided<[2624, 8, 1], offset: ?>, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Shared, "", [MemRead]>:$boxes,
    Arg<Tile_Shared, "", [MemWrite]>:$chunks,
    Optional<Index>:$first,
    Optional<Index>:$end);
  let assemblyFormat = [{
    $boxes `to` $chunks (`inside` $first^ `,` $end)? attr-dict `:` type($boxes) `to` type($chunks)
  }];
  let hasVerifier = 1;
}

#endif // TILE_BULK_OPS_TD
