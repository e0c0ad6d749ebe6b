//===- TileOps.td - Operations on tiles --------------------*- tablegen -*-===//
#ifndef TILE_OPS_TD
#define TILE_OPS_TD

include "TileAttrs.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferIntRangeInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

class Tile_Op<string mnemonic, list<Trait> traits = []> : Op<Tile_Dialect, mnemonic, traits>;

def Tile_Tile : Type<And<[AnyStaticShapeTensor.predicate, CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">]>,
                     "tile (ranked tensor of static shape)", "::mlir::RankedTensorType">;
def Tile_Global : Type<CPred<"::poolc::tile::isGlobalMemRef($_self)">,
                       "memref in the global address space", "::mlir::MemRefType">;

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

def Tile_FuncOp : Tile_Op<"func", [
    AffineScope, AutomaticAllocationScope, FunctionOpInterface, IsolatedFromAbove,
    HasParent<"::mlir::ModuleOp">]> {
  let summary = "Kernel, executed by each block of a grid";
  let description = [{
    The body is executed once per block, by `num_warps` warps together.
    `grid` gives the number of blocks along x, y and z where it is known at
    compile time; the range of `tile.program_id` follows from it.
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
    attr-dict `:` type($inputs)
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
    the memref and of the tile included, is known to fit 32 signed bits.

    `vector` is how many adjacent elements along the last dimension one access
    moves; the address of each such group must be a multiple of its size.
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
  let summary = "Reads a box of a global tensor into a tile, zero outside";
  let description = "Result element `j` is the element of the memref at `start + j * stride`, or zero." # accessDescription # [{
    ```mlir
    // Taps (kh, kw) of 4 x 128 windows with stride 2 in plane %p.
    %v = tile.load %x[%p, %ih, %iw] dims [0, 1, 2] strides [1, 2, 2] guards [none, both, both]
           : memref<1024x56x56xf32, #gpu.address_space<global>> -> tensor<1x4x128xf32>
    ```
  }];
  let arguments = (ins
    Arg<Tile_Global, "", [MemRead]>:$memref,
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

def Tile_StoreOp : Tile_AccessOp<"store"> {
  let summary = "Writes a tile to a box of a global tensor, clipped to it";
  let description = "Tile element `j` goes to the memref's element at `start + j * stride` if there is one." # accessDescription;
  let arguments = (ins
    Tile_Tile:$tile,
    Arg<Tile_Global, "", [MemWrite]>:$memref,
    Variadic<Index>:$start,
    DenseI64ArrayAttr:$dims,
    DenseI64ArrayAttr:$strides,
    OptionalAttr<DenseI64ArrayAttr>:$guards,
    DefaultValuedAttr<I64Attr, "64">:$coordinate_bits,
    DefaultValuedAttr<I64Attr, "1">:$vector);
  let builders = [OpBuilder<(ins "::mlir::Value":$tile, "::mlir::Value":$memref,
      "::mlir::ValueRange":$start, "::llvm::ArrayRef<int64_t>":$dims,
      "::llvm::ArrayRef<int64_t>":$strides, CArg<"int64_t", "1">:$vector), [{
    build($_builder, $_state, tile, memref, start, $_builder.getDenseI64ArrayAttr(dims),
          $_builder.getDenseI64ArrayAttr(strides), /*guards=*/nullptr, /*coordinate_bits=*/64,
          vector);
  }]>];
  let assemblyFormat = [{
    $tile `,` $memref `[` $start `]` `dims` custom<Integers>($dims) `strides` custom<Integers>($strides)
    (`guards` custom<Guards>($guards)^)? (`coordinate_bits` $coordinate_bits^)? (`vector` $vector^)?
    attr-dict `:` type($tile) `,` type($memref)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = accessMethods;
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

#endif // TILE_OPS_TD
