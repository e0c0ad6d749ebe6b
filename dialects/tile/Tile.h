//===- Tile.h - The tile dialect --------------------------------*- C++ -*-===//
//
// What one block does, on tiles and without threads; see TileDialect.td.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_DIALECTS_TILE_TILE_H
#define POOLC_DIALECTS_TILE_TILE_H

#include "poolc/Target/Fragments.h"
#include "poolc/Target/WindowOperand.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

#include "tile/TileDialect.h.inc"

namespace poolc::tile {

/// The ends of a dimension that an access may overrun; bits of one mask.
enum class Guard : int64_t { none = 0, low = 1, high = 2, both = 3 };

/// Warps of a block at most: CUDA allows 1024 threads.
constexpr int64_t maxWarps = 32;

/// Elements that a layout covers along one dimension at most, 16 for each of
/// 1024 threads. Coordinates of a thread's elements beyond the tile stay below
/// the tile's size plus this.
constexpr int64_t maxCoverage = 1 << 14;

/// Elements of a tile at most, and of those that one thread holds: more than
/// any GPU has registers for, and few enough to be unrolled.
constexpr int64_t maxTileElements = 1 << 20;
constexpr int64_t maxElementsPerThread = 1 << 10;

/// Whether `type` is a ranked tensor of static shape with 1 to maxTileElements
/// elements and at least one dimension.
bool isTile(mlir::Type type);

/// Bytes of a type that global memory can hold elements of (numbers of 8, 16,
/// 32 or 64 bits), or nothing.
std::optional<int64_t> getElementBytes(mlir::Type type);

/// Whether `type` is a memref in the GPU's global address space with the
/// identity layout.
bool isGlobalMemRef(mlir::Type type);

/// Whether `type` is a memref of static shape and strides in workgroup memory,
/// with numbers of 8, 16, 32 or 64 bits, of which the first and the last lie
/// less than maxTileElements apart.
bool isSharedMemRef(mlir::Type type);

/// Elements from the first to the last of a memref of static shape and strides,
/// as they lie in memory.
int64_t getSpan(mlir::MemRefType type);

/// Whether it is a view of a global tensor that says what its dynamic sizes are.
bool saysSizes(mlir::Value memref);

/// The size of dimension `d`, a dynamic one, of such a view; null where it is none.
mlir::Value getDynamicSize(mlir::Value memref, unsigned d);

/// Whether no access of the block goes beyond the outermost dimension of such a view, if it says
/// so, or null.
mlir::Value getInside(mlir::Value memref);

/// What dimension `d` of a global memref is at most: its size or, where only a run
/// knows that, the bound of it, if the memref is a view that names one.
std::optional<int64_t> getSizeBound(mlir::Value memref, unsigned d);

/// A number that the size of dimension `d` is surely a multiple of.
int64_t getSizeFactor(mlir::Value memref, unsigned d);

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
