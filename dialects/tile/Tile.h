//===- Tile.h - The tile dialect --------------------------------*- C++ -*-===//
//
// What one block does, on tiles and without threads; see TileDialect.td.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_DIALECTS_TILE_TILE_H
#define POOLC_DIALECTS_TILE_TILE_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "tile/TileDialect.h.inc"

namespace poolc::tile {

/// The ends of a dimension that an access may overrun; bits of one mask.
enum class Guard : int64_t { none = 0, low = 1, high = 2, both = 3 };

/// Whether `type` is a memref in the GPU's global address space with the
/// identity layout.
bool isGlobalMemRef(mlir::Type type);

/// Whether `type` is a memref of static shape and strides in workgroup memory.
bool isSharedMemRef(mlir::Type type);

/// The memory space of global tensors.
mlir::Attribute getGlobalSpace(mlir::MLIRContext *context);

/// The contiguous global memref with the shape and element type of `type`.
mlir::MemRefType getGlobalMemRef(mlir::ShapedType type);

} // namespace poolc::tile

#include "tile/TileEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "tile/TileAttrs.h.inc"

#define GET_OP_CLASSES
#include "tile/TileOps.h.inc"

#endif // POOLC_DIALECTS_TILE_TILE_H
