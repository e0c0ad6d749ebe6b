//===- TileOps.td - Operations on tiles --------------------*- tablegen -*-===//
#ifndef TILE_OPS_TD
#define TILE_OPS_TD

include "TileAttrs.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferIntRangeInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/ViewLikeInterface.td"

class Tile_Op<string mnemonic, list<Trait> traits = []> : Op<Tile_Dialect, mnemonic, traits>;

def Tile_Tile : Type<CPred<"::poolc::tile::isTile($_self)">,
                     "tile (ranked tensor of static shape, with 1 to 2^20 elements and a rank of at "
                     "least 1)", "::mlir::RankedTensorType">;
def Tile_Shared : Type<CPred<"::poolc::tile::isSharedMemRef($_self)">,
                       "memref of static shape in workgroup memory, with at least one "
                       "and fewer than 2^20 elements of 8, 16, 32 or 64 bits", "::mlir::MemRefType">;
def Tile_Global : Type<CPred<"::poolc::tile::isGlobalMemRef($_self)">,
                       "memref in the global address space", "::mlir::MemRefType">;
def Tile_Memory : Type<Or<[Tile_Global.predicate, Tile_Shared.predicate]>,
                       "memref in the global address space, or one of static shape in "
                       "workgroup memory, with at least one and fewer than 2^20 elements of 8, "
                       "16, 32 or 64 bits",
                       "::mlir::MemRefType">;

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

def Tile_FuncOp : Tile_Op<"func", [
    AffineScope, AutomaticAllocationScope, FunctionOpInterface, IsolatedFromAbove,
    HasParent<"::mlir::ModuleOp">]> {
  let summary = "Kernel, executed by each block of a grid";
  let description = [{
    The body is executed once per block, by `num_warps` warps together (a power
    of two up to 32). Arguments are global memrefs or numbers.
    `grid` gives the number of blocks along x, y and z where it is known at
    compile time, or what it is at most where the host computes it; the range of
    `tile.program_id` follows from it.

    An argument may be a memref of dynamic shape. It comes as a bare pointer, and
    its accesses go through a `tile.reshape` that says what its sizes are.
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    TypeAttrOf<FunctionType>:$function_type,
    I64Attr:$num_warps,
    OptionalAttr<DenseI64ArrayAttr>:$grid,
    OptionalAttr<DictArrayAttr>:$arg_attrs,
    OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region AnyRegion:$body);
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::FunctionType":$type,
                                 "int64_t":$num_warps, "::llvm::ArrayRef<int64_t>":$grid)>];
  let skipDefaultBuilders = 1;
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
}

def Tile_ReturnOp : Tile_Op<"return", [Pure, Terminator, HasParent<"FuncOp">, ReturnLike]> {
  let summary = "Ends a kernel";
  let assemblyFormat = "attr-dict";
}

def Tile_LaunchOp : Tile_Op<"launch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Runs a kernel on a grid of blocks, from the host";
  let arguments = (ins
    FlatSymbolRefAttr:$kernel,
    Index:$grid_x, Index:$grid_y, Index:$grid_z,
    Variadic<AnyType>:$inputs);
  let assemblyFormat = [{
    $kernel `grid` `(` $grid_x `,` $grid_y `,` $grid_z `)` `args` `(` $inputs `)`
    attr-dict (`:` type($inputs)^)?
  }];
}

def Tile_ProgramIdOp : Tile_Op<"program_id", [
    Pure, DeclareOpInterfaceMethods<InferIntRangeInterface, ["inferResultRanges"]>]> {
  let summary = "Index of this block along one axis of the grid";
  let arguments = (ins ConfinedAttr<I64Attr, [IntMinValue<0>, IntMaxValue<2>]>:$axis);
  let results = (outs Index:$result);
  let assemblyFormat = "$axis attr-dict";
}

//===----------------------------------------------------------------------===//
// Sizes that only a run knows
//===----------------------------------------------------------------------===//

def Tile_SizeOp : Tile_Op<"size", [
    Pure, DeclareOpInterfaceMethods<InferIntRangeInterface, ["inferResultRanges"]>]> {
  let summary = "A size that the host passes to the kernel";
  let description = [{
    `value` as an index. The host makes sure, before the launch, that it is at
    least 0, at most `max` and a multiple of `multiple_of`; the ranges of
    coordinates and the alignment of rows follow from it.

    ```mlir
    %width = tile.size %arg2 max 134217727 : i32
    ```
  }];
  let arguments = (ins AnyTypeOf<[I32, I64]>:$value, ConfinedAttr<I64Attr, [IntNonNegative]>:$max,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntPositive]>, "1">:$multiple_of);
  let results = (outs Index:$result);
  let assemblyFormat = [{
    $value `max` $max (`multiple_of` $multiple_of^)? attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

def Tile_ReshapeOp : Tile_Op<"reshape", [
    Pure, AttrSizedOperandSegments, ViewLikeOpInterface]> {
  let summary = "A contiguous global tensor, counted in another shape";
  let description = [{
    The elements of `source` in a shape that has as many. `sizes` has a size for
    each dynamic dimension of the result. A static size of the outermost
    dimension may be an upper bound, where no access goes beyond the real one: no
    address depends on it. Where it is dynamic, `inside` may say whether no access
    of this block goes beyond it: then guards of it hold.

    ```mlir
    // N x C x H x W as planes x H x W; each block stays in one plane.
    %planes = tile.reshape %x sizes[%height, %width]
            : memref<?x64x?x?xf32, #gpu.address_space<global>>
           to memref<65535x?x?xf32, #gpu.address_space<global>>
    // Blocks of several planes, of which the last one may have fewer.
    %all = tile.reshape %x sizes[%count] inside %isWhole
         : memref<?x3x14x14xf32, #gpu.address_space<global>>
        to memref<?x14x14xf32, #gpu.address_space<global>>
    ```
  }];
  let arguments = (ins Tile_Global:$source, Variadic<Index>:$sizes, Optional<I1>:$inside);
  let results = (outs Tile_Global:$result);
  let assemblyFormat = [{
    $source `sizes` `[` $sizes `]` (`inside` $inside^)? attr-dict `:` type($source) `to` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::Value getViewSource() { return getSource(); }
  }];
}

def Tile_WindowsOp : Tile_Op<"windows", [
    Pure, ViewLikeOpInterface]> {
  let summary = "Rows of a contiguous global tensor, counted as windows that may overlap";
  let description = [{
    `source` as rows of `length` elements. In the result, dimension `dim` counts
    the windows of a row, which begin `apart` elements after each other; the
    dimensions before it count rows, and those behind it the elements of a window,
    which are neighbours. Only accesses know where that is: the type says how
    elements are counted, no more. `sizes` and a static size of the outermost
    dimension are as in `tile.reshape`.

    ```mlir
    // 32 rows as windows of 400 elements, 25 times 16 of them, that begin 160 apart.
    %windows = tile.windows %x length %length dim 1 apart 160 sizes[%count]
             : memref<32x1x?xf32, #gpu.address_space<global>>
            to memref<32x?x25x16xf32, #gpu.address_space<global>>
    ```
  }];
  let arguments = (ins Tile_Global:$source, Index:$length, Variadic<Index>:$sizes,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$dim,
                       ConfinedAttr<I64Attr, [IntPositive]>:$apart);
  let results = (outs Tile_Global:$result);
  let assemblyFormat = [{
    $source `length` $length `dim` $dim `apart` $apart `sizes` `[` $sizes `]` attr-dict
    `:` type($source) `to` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::Value getViewSource() { return getSource(); }
  }];
}

//===----------------------------------------------------------------------===//
// Global memory
//===----------------------------------------------------------------------===//

class Tile_AccessOp<string mnemonic, list<Trait> traits = []> : Tile_Op<mnemonic, traits> {
  string accessDescription = [{

    `start` holds one coordinate per dimension of the memref. `dims` names, for
    each of them, the dimension of the tile that runs along it, or -1 for none;
    tile dimensions that are not named have size 1. Along a dimension that is
    named, tile element `j` lies at coordinate `start + j * stride`.

    `guards` says which ends of each memref dimension the box can overrun:
    `none`, `low`, `high` or `both`. Elements beyond a guarded end are outside;
    overrunning an unguarded end is undefined. Absent: all are guarded.
    `tile-infer-guards` removes the guards that the ranges of the coordinates
    make needless.

    `coordinate_bits` is 32 where every coordinate of the box, those outside of
    the memref and of the tile included, is known to fit 32 signed bits. With
    64, coordinates that do not fit 64 bits wrap around.

    `vector` is how many adjacent elements one access moves, at most 16 bytes:
    the last dimension of the tile must then run along the last one of the
    memref with stride 1, whose elements are adjacent, and the address of each
    such group be a multiple of its size. No group may lie across a guarded end.
  }];
  code accessMethods = [{
    /// The tile dimension that runs along memref dimension `d`, or nothing.
    ::std::optional<unsigned> getTileDim(unsigned d) {
      int64_t dim = getDims()[d];
      return dim < 0 ? ::std::nullopt : ::std::optional<unsigned>(dim);
    }
    bool isGuarded(unsigned d, Guard end) {
      return !getGuards() || ((*getGuards())[d] & static_cast<int64_t>(end));
    }
    ::mlir::MemRefType getMemRefType() {
      return ::llvm::cast<::mlir::MemRefType>(getMemref().getType());
    }
  }];
}

def Tile_LoadOp : Tile_AccessOp<"load"> {
  let summary = "Reads a box of a tensor in global or shared memory into a tile, zero outside";
  let description = "Result element `j` is the element of the memref at `start + j * stride`, or zero." # accessDescription # [{
    ```mlir
    // Taps (kh, kw) of 4 x 128 windows with stride 2 in plane %p.
    %v = tile.load %x[%p, %ih, %iw] dims [0, 1, 2] strides [1, 2, 2] guards [none, both, both]
           : memref<1024x56x56xf32, #gpu.address_space<global>> -> tensor<1x4x128xf32>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Memory, "", [MemRead]>:$memref,
    Variadic<Index>:$start,
    DenseI64ArrayAttr:$dims,
    DenseI64ArrayAttr:$strides,
    OptionalAttr<DenseI64ArrayAttr>:$guards,
    DefaultValuedAttr<I64Attr, "64">:$coordinate_bits,
    DefaultValuedAttr<I64Attr, "1">:$vector);
  let results = (outs Tile_Tile:$tile);
  let builders = [OpBuilder<(ins "::mlir::Type":$tile, "::mlir::Value":$memref,
      "::mlir::ValueRange":$start, "::llvm::ArrayRef<int64_t>":$dims,
      "::llvm::ArrayRef<int64_t>":$strides, CArg<"int64_t", "1">:$vector), [{
    build($_builder, $_state, tile, memref, start, $_builder.getDenseI64ArrayAttr(dims),
          $_builder.getDenseI64ArrayAttr(strides), /*guards=*/nullptr,
          /*coordinate_bits=*/64, vector);
  }]>];
  let assemblyFormat = [{
    $memref `[` $start `]` `dims` custom<Integers>($dims) `strides` custom<Integers>($strides)
    (`guards` custom<Guards>($guards)^)? (`coordinate_bits` $coordinate_bits^)? (`vector` $vector^)?
    attr-dict `:` type($memref) `->` type($tile)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = accessMethods;
}

def Tile_StoreOp : Tile_AccessOp<"store", [AttrSizedOperandSegments]> {
  let summary = "Writes a tile to a box of a tensor in global or shared memory, clipped to it";
  let description = "Tile element `j` goes to the memref's element at `start + j * stride` if there is one." # accessDescription # [{

    A store that is `staged` goes by way of the shared memory that the kernel has
    allocated, some rows at a time, if those fit: nothing that is there is needed any
    more. Then each thread stores 16 bytes of a row at once, and elements one by one
    only where rows end, whatever `vector` says. So rows may begin anywhere, and the
    destination is aligned to 16 bytes. It is for a tile of rows: only the last dimension and one
    other have sizes other than 1. With `staging`, there are at least so many bytes of shared memory,
    and where rows of the destination begin anywhere, room for a few of them. `apart`, it has such memory
    of its own, and all that is elsewhere stays as it is.

    Of a tile whose first columns are its `owned` ones, the others are also the first of the next
    tile, which begins behind the owned ones. Both have room for the sector (32 bytes of the
    destination) in which a row goes from one tile to the next; the first of them stores all of it.

    With a `map` of the memref (`tile.make_map`, swizzled), in a kernel with warps that only copy, the
    copy engine stores boxes: each four warps write some rows of theirs at a time, the rows of a box
    in the map, and one of their threads has them stored while the next ones are written. If they are
    `joined`, positions along the last dimension count on from one place of the first dimension to the
    next, as in `tile.copy_boxes`.
  }];
  let arguments = (ins
    Tile_Tile:$tile,
    Arg<Tile_Memory, "", [MemWrite]>:$memref,
    Variadic<Index>:$start,
    DenseI64ArrayAttr:$dims,
    DenseI64ArrayAttr:$strides,
    OptionalAttr<DenseI64ArrayAttr>:$guards,
    DefaultValuedAttr<I64Attr, "64">:$coordinate_bits,
    DefaultValuedAttr<I64Attr, "1">:$vector,
    UnitAttr:$staged,
    DefaultValuedAttr<I64Attr, "0">:$staging,
    UnitAttr:$apart,
    DefaultValuedAttr<I64Attr, "0">:$owned,
    Arg<Optional<Tile_Global>, "", [MemRead]>:$map,
    UnitAttr:$joined);
  let builders = [OpBuilder<(ins "::mlir::Value":$tile, "::mlir::Value":$memref,
      "::mlir::ValueRange":$start, "::llvm::ArrayRef<int64_t>":$dims,
      "::llvm::ArrayRef<int64_t>":$strides, CArg<"int64_t", "1">:$vector), [{
    build($_builder, $_state, tile, memref, start, $_builder.getDenseI64ArrayAttr(dims),
          $_builder.getDenseI64ArrayAttr(strides), /*guards=*/nullptr, /*coordinate_bits=*/64,
          vector, /*staged=*/false, /*staging=*/0, /*apart=*/false, /*owned=*/0, /*map=*/nullptr,
          /*joined=*/false);
  }]>];
  let assemblyFormat = [{
    $tile `,` $memref `[` $start `]` `dims` custom<Integers>($dims) `strides` custom<Integers>($strides)
    (`guards` custom<Guards>($guards)^)? (`coordinate_bits` $coordinate_bits^)? (`vector` $vector^)?
    (`staged` $staged^)? (`staging` $staging^)? (`apart` $apart^)? (`owned` $owned^)?
    (`map` $map^ `:` type($map))? (`joined` $joined^)? attr-dict `:` type($tile) `,` type($memref)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = accessMethods # [{
    /// Of a tile of rows, the dimension that counts them.
    unsigned getRowDim();
  }];
}

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

def Tile_AllocOp : Tile_Op<"alloc", [MemoryEffects<[MemAlloc]>, HasParent<"FuncOp">]> {
  let summary = "Shared memory of the block";
  let description = [{
    The memref's shape is what the kernel counts in; its strides say where the
    elements lie, so that a pitch or a transposition needs no code of its own.

    With `reused` it is the memory of all other allocations: nothing that is there is needed when
    something is written here, nor the other way round.
  }];
  let arguments = (ins UnitAttr:$reused);
  let results = (outs Res<Tile_Shared, "", [MemAlloc]>:$memref);
  let builders = [OpBuilder<(ins "::mlir::MemRefType":$memref), [{
    build($_builder, $_state, memref, /*reused=*/false);
  }]>];
  let assemblyFormat = "(`reused` $reused^)? attr-dict `:` type($memref)";
}

def Tile_CopyOp : Tile_AccessOp<"copy", [AttrSizedOperandSegments]> {
  let summary = "Copies a box of a global tensor to shared memory, zero outside";
  let description = "Element `j` of the destination becomes the element of the memref at `start + j * stride`, or zero." # accessDescription # [{
    With `async` the copy is only begun: it is done once a `tile.async_wait`
    has waited for the group that the next `tile.async_commit` closes, and a
    `tile.barrier` has followed. Elements, or groups of `vector` elements, must
    then have 4, 8 or 16 bytes.

    With `skewed`, rows of the memref (along its last dimension) may begin
    anywhere; only the memref's address is a multiple of `vector`. Each row is
    then copied in the aligned groups that hold it, to the same places relative
    to it in the destination, in one of two ways:

    - strides of the destination congruent to the memref's, modulo `vector`, and
      a box whose first element lies at a multiple of it: rows of the destination
      are as far from aligned as those of the memref, and keep their strides;
    - strides of the destination that are multiples of `vector`: each row lies as
      many elements further as its first element in the memref is past a
      multiple of `vector`. `tile.dot` takes this as its `skew`.

    Up to `vector - 1` elements before the box are written too; where the box
    begins before the row, these and as many before the row are neighbours in
    memory instead of zeros, until a `tile.clear`.

    With `columns` of first and end, only these of the box are needed. Of skewed
    rows, groups that end before the first and elements from the end on are not
    read, as if they were outside; of others, whose first is 0, groups from the
    end on. The end lies `end_shift` elements further, where that is given.

    With `swizzled`, rows of the destination have 128 bytes, as its last two dimensions of eight
    groups of `vector` elements, and begin at a multiple of 1024 bytes. Of the groups of row r, group
    g lies in the place g xor (r mod 8), as `tile.dot` takes a with `swizzled_a`.

    `layout`, set by `tile-assign-layouts`, says which thread copies what.
  }];
  let arguments = (ins
    Arg<Tile_Global, "", [MemRead]>:$memref,
    Variadic<Index>:$start,
    Arg<Tile_Shared, "", [MemWrite]>:$destination,
    DenseI64ArrayAttr:$dims,
    DenseI64ArrayAttr:$strides,
    OptionalAttr<DenseI64ArrayAttr>:$guards,
    DefaultValuedAttr<I64Attr, "64">:$coordinate_bits,
    DefaultValuedAttr<I64Attr, "1">:$vector,
    UnitAttr:$async,
    UnitAttr:$skewed,
    UnitAttr:$swizzled,
    OptionalAttr<DenseI64ArrayAttr>:$columns,
    Optional<Index>:$end_shift,
    OptionalAttr<Tile_BlockedAttr>:$layout);
  let builders = [OpBuilder<(ins "::mlir::Value":$memref, "::mlir::ValueRange":$start,
      "::mlir::Value":$destination, "::llvm::ArrayRef<int64_t>":$dims,
      "::llvm::ArrayRef<int64_t>":$strides, "int64_t":$vector, "bool":$async), [{
    build($_builder, $_state, memref, start, destination, $_builder.getDenseI64ArrayAttr(dims),
          $_builder.getDenseI64ArrayAttr(strides), /*guards=*/nullptr, /*coordinate_bits=*/64,
          vector, async, /*skewed=*/false, /*swizzled=*/false, /*columns=*/nullptr, /*end_shift=*/nullptr,
          /*layout=*/nullptr);
  }]>];
  let assemblyFormat = [{
    (`async` $async^)? $memref `[` $start `]` `to` $destination
    `dims` custom<Integers>($dims) `strides` custom<Integers>($strides)
    (`guards` custom<Guards>($guards)^)? (`coordinate_bits` $coordinate_bits^)? (`vector` $vector^)?
    (`skewed` $skewed^)? (`swizzled` $swizzled^)? (`columns` custom<Integers>($columns)^)? (`end_shift` $end_shift^)?
    (`layout` $layout^)? attr-dict `:` type($memref) `to` type($destination)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = accessMethods;
}

def Tile_ClearOp : Tile_Op<"clear"> {
  let summary = "Zeroes what lies just before a column in each row of shared memory";
  let description = [{
    In each row of the memref, elements `column - count` to `column - 1` become
    zeros: what a skewed `tile.copy` leaves there of the row before. With `skew`
    of origin and step, those of row `r` lie `(origin + r * step) mod count`
    elements further. What is then no element of that row stays as it is.

    ```mlir
    tile.clear %s before %padding count 4 : memref<8x136xf32, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Shared, "", [MemWrite]>:$memref,
    Index:$column,
    ConfinedAttr<I64Attr, [IntPositive]>:$count,
    Variadic<Index>:$skew);
  let assemblyFormat = [{
    $memref `before` $column `count` $count (`skew` `[` $skew^ `]`)? attr-dict `:` type($memref)
  }];
  let hasVerifier = 1;
}

def Tile_RoundOp : Tile_Op<"round"> {
  let summary = "Rounds shared memory to TF32";
  let description = [{
    Each element of the memref, all of which lie side by side from a multiple of 16 bytes on, becomes
    the nearest number of TF32, of two the one with the larger magnitude: what tensor cores read by
    themselves they would cut off. What was copied there has arrived, by a `tile.barrier` before;
    one behind makes it known to products of four warps, too.

    ```mlir
    tile.round %w : memref<128x8x4xf32, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins Arg<Tile_Shared, "", [MemRead, MemWrite]>:$memref);
  let assemblyFormat = "$memref attr-dict `:` type($memref)";
  let hasVerifier = 1;
}

def Tile_AsyncCommitOp : Tile_Op<"async_commit"> {
  let summary = "Closes a group of asynchronous copies";
  let assemblyFormat = "attr-dict";
}

def Tile_AsyncWaitOp : Tile_Op<"async_wait"> {
  let summary = "Waits until all but the last `pending` groups are done";
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$pending);
  let assemblyFormat = "$pending attr-dict";
}

def Tile_BarrierOp : Tile_Op<"barrier"> {
  let summary = "Waits for all warps; what they wrote to shared memory is visible after it";
  let assemblyFormat = "attr-dict";
}

def Tile_WarpBarrierOp : Tile_Op<"warp_barrier"> {
  let summary = "Has the threads of each warp meet, all loads from memory before it on their way";
  let description = [{
    Of many loads, ptxas would keep some back until sums of others have left registers free, and
    threads then wait for memory once more. No load passes a barrier, so all are together:

    ```mlir
    %rows = tile.load %x[%p, %ih, %iw] dims [0, 1, 2] strides [1, 1, 1]
          : memref<24x1080x1920xf32, #gpu.address_space<global>> -> tensor<1x32x250xf32>
    tile.warp_barrier
    %sums = tile.window_sum %rows dim 1 kernel 11 stride 1 : tensor<1x32x250xf32> -> tensor<1x22x250xf32>
    ```

    Loads of a kernel that has one are not those of memory that never changes (`ld.global.nc`),
    which might pass.
  }];
  let assemblyFormat = "attr-dict";
}

def Tile_Arithmetic : I32EnumAttr<"Arithmetic", "how the products of a dot are formed", [
    I32EnumAttrCase<"fma", 0>, I32EnumAttrCase<"mma", 1>,
    I32EnumAttrCase<"mma_tf32", 2>, I32EnumAttrCase<"mma_tf32x3", 3>,
    I32EnumAttrCase<"wgmma", 4>, I32EnumAttrCase<"wgmma_tf32", 5>]> {
  let cppNamespace = "::poolc::tile";
  let genSpecializedAttr = 0;
}
def Tile_ArithmeticAttr : EnumAttr<Tile_Dialect, Tile_Arithmetic, "arithmetic">;

def Tile_DotOp : Tile_Op<"dot", [AllTypesMatch<["accumulator", "result"]>]> {
  let summary = "Product of two matrices in shared memory, added to a tile";
  let description = [{
    `result = accumulator + a * b`, where a is M x K and b is K x N, both with
    any strides. On tensor cores, a may also be K/c x M x c, in chunks of those c
    elements along K that have 16 bytes together: the rows of 16 bytes that one
    matrix load reads then lie side by side, in different banks. So may b, as
    K/c x N x c with any strides: each chunk may lie somewhere else, and what N
    and a chunk count may overlap. `arithmetic` is one of

    - `fma`: f32 operands, fused multiply-add;
    - `mma`: f16 or bf16 operands on tensor cores;
    - `mma_tf32`: f32 operands, both rounded to TF32 (to nearest, ties away);
    - `mma_tf32x3`: f32 operands, each split in two TF32 parts, of whose products
      three are added;
    - `wgmma`, `wgmma_tf32`: as `mma` and `mma_tf32`, but computed by four warps
      together while they go on. a must be in chunks whose rows are contiguous;
      in `wgmma_tf32` it must have been rounded to TF32 already.

    Where b is in chunks too, contiguous ones in contiguous columns, products of four warps read
    both operands by themselves. Then b must have been rounded as well, and rows of a are
    interleaved: of sixteen, row 2g + h lies in place 8h + g, so that threads have neighbours.

    For products of four warps, b may also be what `tile.copy_boxes` left: with `swizzled` it is
    N/c x K x c, of c columns in 128 bytes each. In `wgmma_tf32`, of eight elements along K those of
    a are the even ones of b, then the odd ones.

    With `swizzled_a`, rows of a have 128 bytes in eight chunks, as a swizzled `tile.copy` left them:
    a is 8 x M x c, of which rows are contiguous and the chunks of a row, too.

    `rows_aligned` promises that rows of a and columns of b which are
    contiguous along K begin at multiples of 16 bytes, so that they can be
    loaded as matrices; for `fma`, columns of a that are contiguous along M.
    For b in chunks, `chunk_alignment` promises instead that each chunk of a
    column begins at a multiple of that many elements and is contiguous; and of
    chunk `i` only the first `chunk_sizes[i]` elements are used, the others count
    as zeros: what a has there must be finite. For `wgmma`, whose b is in no chunks,
    `chunk_alignment` promises that its rows are contiguous and begin at multiples of that many
    elements: where these are 16 bytes, they are loaded as matrices.

    ```mlir
    // Windows of 7 taps in one row, 5 positions apart: column n, tap k is element
    // 5 n + k.
    %b = tile.view %row[%c0] : memref<96xf32, #gpu.address_space<workgroup>>
           to memref<2x16x4xf32, strided<[4, 5, 1], offset: ?>, #gpu.address_space<workgroup>>
    %s = tile.dot mma_tf32 %a, %b, %zero rows_aligned chunk_sizes [4, 3]
           : memref<2x16x4xf32, #gpu.address_space<workgroup>>,
             memref<2x16x4xf32, strided<[4, 5, 1], offset: ?>, #gpu.address_space<workgroup>>,
             tensor<16x16xf32>
    ```

    With `skew` of origin and step, row `k` of b lies `(origin + k * step) mod c`
    elements further than its strides say, as a skewed `tile.copy` left it; c
    elements have 16 bytes.

    M and N are multiples of 16 and 8. Where both operands are in whole chunks that are contiguous
    and aligned, they may also be multiples of 8 and 16: columns of b then take the part that rows
    of a have else.

    On tensor cores, b may also be 4 x C x T x N with any strides, and a M x K with K = 4 C T,
    contiguous rows, and `rows_aligned`: K is counted in that order, as the weights of T taps for
    each of 4 C channels lie in memory. Each of the four threads that share a row of a multiplies
    a run of C T neighbours of it, which it loads 8 or 16 bytes at a time. With `windows`, b is
    C x T x N, and K = C T: a thread has a fourth of the channels, or where there are 1 or 2, its
    part of a channel's taps. With `skew`, `k` above is the channel's number.

    ```mlir
    // Windows of 16 taps, 8 positions apart, in rows of two channels.
    %b = tile.view %rows[%c0] : memref<168xf32, #gpu.address_space<workgroup>>
           to memref<2x16x8xf32, strided<[84, 1, 8], offset: ?>, #gpu.address_space<workgroup>>
    %s = tile.dot mma_tf32 %a, %b, %zero rows_aligned column_phase 0 windows
           : memref<16x32xf32, strided<[36, 1]>, #gpu.address_space<workgroup>>,
             memref<2x16x8xf32, strided<[84, 1, 8], offset: ?>, #gpu.address_space<workgroup>>,
             tensor<16x8xf32>
    ```

    On FMA units, b may also be K x T x N with any strides, and a M x K x T: what a thread loads of
    row k of b it multiplies at all T taps.

    ```mlir
    // Windows of 3 taps in rows of 8 channels.
    %b = tile.view %rows[%c3] : memref<320xf32, #gpu.address_space<workgroup>>
           to memref<8x3x32xf32, strided<[40, 1, 1], offset: ?>, #gpu.address_space<workgroup>>
    %s = tile.dot fma %a, %b, %zero rows_aligned column_phase 3
           : memref<16x8x3xf32, strided<[1, 16, 128]>, #gpu.address_space<workgroup>>,
             memref<8x3x32xf32, strided<[40, 1, 1], offset: ?>, #gpu.address_space<workgroup>>,
             tensor<16x32xf32>
    ```

    `column_phase` promises that b's first element lies that many elements beyond a
    multiple of 16 bytes, and that whole groups of 16 bytes may be loaded which hold
    an element of b: then neighbouring columns are loaded at once.
  }];
  let arguments = (ins
    Arg<Tile_Shared, "", [MemRead]>:$a,
    Arg<Tile_Shared, "", [MemRead]>:$b,
    Tile_Tile:$accumulator,
    Tile_ArithmeticAttr:$arithmetic,
    UnitAttr:$rows_aligned,
    DefaultValuedAttr<I64Attr, "1">:$chunk_alignment,
    OptionalAttr<DenseI64ArrayAttr>:$chunk_sizes,
    OptionalAttr<I64Attr>:$column_phase,
    UnitAttr:$windows,
    UnitAttr:$swizzled,
    UnitAttr:$swizzled_a,
    Variadic<Index>:$skew);
  let builders = [OpBuilder<(ins "::mlir::Value":$a, "::mlir::Value":$b,
      "::mlir::Value":$accumulator, "Arithmetic":$arithmetic, "bool":$rows_aligned,
      CArg<"::mlir::ValueRange", "{}">:$skew), [{
    build($_builder, $_state, accumulator.getType(), a, b, accumulator, arithmetic, rows_aligned,
          /*chunk_alignment=*/1, /*chunk_sizes=*/nullptr, /*column_phase=*/nullptr,
          /*windows=*/false, /*swizzled=*/false, /*swizzled_a=*/false, skew);
  }]>];
  let results = (outs Tile_Tile:$result);
  let extraClassDeclaration = [{
    /// Whether four warps compute it together.
    bool isOfWarpgroups() {
      return getArithmetic() == Arithmetic::wgmma || getArithmetic() == Arithmetic::wgmma_tf32;
    }
    /// Whether b's columns may be the rows of the instructions of tensor cores, and a's rows
    /// their columns.
    bool canSwapRoles();
    /// Whether b's rows are counted by channels and taps.
    bool hasTaps() { return getWindows() || getB().getType().getRank() == 4; }
    /// Whether they read b by themselves too.
    bool readsChunks() {
      return isOfWarpgroups() && !getSwizzled() && getB().getType().getRank() == 3;
    }
    /// How threads load b: element by element without `column_phase`.
    ColumnGroups getColumnGroups();
    /// What b with taps is.
    WindowOperand getWindowOperand();
  }];
  let assemblyFormat = [{
    $arithmetic $a `,` $b `,` $accumulator (`rows_aligned` $rows_aligned^)?
    (`chunk_alignment` $chunk_alignment^)? (`chunk_sizes` custom<Integers>($chunk_sizes)^)?
    (`column_phase` $column_phase^)? (`windows` $windows^)? (`swizzled` $swizzled^)?
    (`swizzled_a` $swizzled_a^)? (`skew` `[` $skew^ `]`)? attr-dict `:` type($a) `,` type($b) `,` type($accumulator)
  }];
  let hasVerifier = 1;
}

def Tile_CorrelateOp : Tile_Op<"correlate", [AllTypesMatch<["accumulator", "result"]>]> {
  let summary = "Rows in shared memory correlated with taps, added to a tile";
  let description = [{
    `result[g, m, n] = accumulator[g, m, n] + sum over c and k of
    taps[g, m, c, k] * x[g, c, offset + n * stride + k * dilation]`, where x is
    G x C x S, taps are G x M x C x K and the tile is G x M x N of f32. Where x is
    G x C x K x S, each tap has a row of its own, and the operand is
    `x[g, c, k, offset + n * stride]`: `dilation` is 1.

    Operands of 16 bits are extended; with `round_tf32`, operands of f32 are
    rounded to TF32 (to nearest, ties away). Products and sums are f32 fused
    multiply-adds.

    `vector` promises that rows of x and of taps begin at multiples of that many
    elements in memory, and that what follows them up to a multiple of it may be
    read: a thread reads the window of its neighbouring elements once, in accesses
    of up to `vector` elements, and keeps it in registers for all taps and rows m.
    `positions` is how many neighbouring elements a thread is to have at least.

    ```mlir
    // Three taps over 128 positions of one channel, whose first is x[1].
    %s = tile.correlate %x, %taps, %zero stride 1 dilation 1 offset 1 vector 4
           : memref<1x1x132xf32, #gpu.address_space<workgroup>>,
             memref<1x1x1x3xf32, strided<[4, 4, 4, 1]>, #gpu.address_space<workgroup>>,
             tensor<1x1x128xf32>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Shared, "", [MemRead]>:$x,
    Arg<Tile_Shared, "", [MemRead]>:$taps,
    Tile_Tile:$accumulator,
    I64Attr:$stride,
    I64Attr:$dilation,
    I64Attr:$offset,
    DefaultValuedAttr<I64Attr, "1">:$vector,
    DefaultValuedAttr<I64Attr, "1">:$positions,
    UnitAttr:$round_tf32);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = [{
    $x `,` $taps `,` $accumulator `stride` $stride `dilation` $dilation `offset` $offset
    (`vector` $vector^)? (`positions` $positions^)? (`round_tf32` $round_tf32^)?
    attr-dict `:` type($x) `,` type($taps) `,` type($accumulator)
  }];
  let hasVerifier = 1;
}

def Tile_AnyOp : Tile_Op<"any"> {
  let summary = "Whether a condition holds for any element of a tile, in any thread";
  let description = "A barrier for the block as well: every warp must get here.";
  let arguments = (ins Tile_Tile:$condition);
  let results = (outs I1:$result);
  let assemblyFormat = "$condition attr-dict `:` type($condition)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

def Tile_BroadcastOp : Tile_Op<"broadcast", [Pure]> {
  let summary = "Repeats a tile along its dimensions of size 1";
  let arguments = (ins Tile_Tile:$source);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_IotaOp : Tile_Op<"iota", [Pure]> {
  let summary = "Tile of evenly spaced integers along one dimension";
  let description = [{
    Element `j` along `dim` is `base + j * step`, in the result's element type;
    `base` is truncated to it. All other dimensions have size 1.
  }];
  let arguments = (ins Index:$base, I64Attr:$dim, I64Attr:$step);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = "$base `dim` $dim `step` $step attr-dict `:` type($result)";
  let hasVerifier = 1;
}

include "TileBulkOps.td"
include "TileWindowOps.td"

#endif // TILE_OPS_TD
