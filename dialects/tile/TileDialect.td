//===- TileDialect.td - What one block does, on tiles ------*- tablegen -*-===//
#ifndef TILE_DIALECT_TD
#define TILE_DIALECT_TD

include "mlir/IR/DialectBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::poolc::tile";
  let summary = "What one thread block does, on tiles and without threads";
  let description = [{
    A `tile.func` is a kernel as a person thinks of it: it moves rectangular
    tiles between global memory and registers, computes on them and stores the
    result. There is no thread at this level. A tile in registers is a ranked
    tensor of static shape; elementwise work on it is written with the `arith`
    and `math` dialects, loops with `scf`. Global tensors are memrefs in the
    GPU's global address space.

    Accesses to global memory are boxes: a start coordinate for each dimension
    of the memref, a stride, and the shape of the tile. What lies outside the
    memref reads as zero and is not written, so that padding and tails need no
    code of their own.

    `tile-assign-layouts` decides which thread holds which element and records
    it as the encoding of the tensor types (`#tile.blocked`); `tile-to-gpu`
    obeys it.
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::memref::MemRefDialect"];
}

#endif // TILE_DIALECT_TD
