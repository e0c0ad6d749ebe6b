//===- KernelBuilder.h - What an op's lowering writes with ------*- C++ -*-===//
//
// A builder inside the tile.func of one op: the op's operands and result as
// global tensors, the block's place in the grid, and the few idioms that
// lowerings share.
//
// Sizes may be known at run time only (docs/guides/dynamic-sizes.md): tensors
// and tiles of them are then the same to a lowering, and `getSize` gives the
// numbers.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_KERNELBUILDER_H
#define POOLC_LIB_CONVERSION_NNTOTILE_KERNELBUILDER_H

#include "HostSizes.h"

#include "poolc/Schedule/Grid.h"

#include "tile/Tile.h"

#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

#include <algorithm>

namespace poolc {

/// The sizes of what a kernel works on.
struct KernelSizes {
  /// Of the kernel's memrefs, in the order of its arguments.
  llvm::SmallVector<llvm::SmallVector<Size>> memrefs;
  /// How many tiles there are along each axis of the grid.
  llvm::SmallDenseMap<char, Size> tiles;
  /// The axis along which tiles lie in the outermost dimension of operand and
  /// result, where that is dynamic.
  char outermostAxis = 0;
  /// Its extent.
  Size outermostExtent;
};

class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  /// Writes into the (empty) body of `func`, whose arguments are the operands
  /// and then the result, for a launch on `grid`.
  KernelBuilder(mlir::Location loc, tile::FuncOp func, TileGrid grid, KernelSizes sizes,
                HostSizes &host);

  /// Ends the kernel. Returns what the host passes to it after the operands and
  /// the result: sizes, each as an i32 or i64.
  llvm::SmallVector<Size> finish();

  mlir::Value getOperand(unsigned i) { return getTensor(i); }
  mlir::Value getResult() { return getTensor(sizes.memrefs.size() - 1); }

  /// What an earlier launch prepared for this one: the argument before the result.
  mlir::Value getPrepared() { return getTensor(sizes.memrefs.size() - 2); }

  /// The map of the operand that the copy engine copies from: the argument before the temporary,
  /// which is the result of the launch that prepares it.
  mlir::Value getMap(bool isPrepared = false) {
    return getTensor(sizes.memrefs.size() - (isPrepared ? 3 : 2));
  }

  /// Of a prepared kernel, the map that is so many arguments before that.
  mlir::Value getMapBefore(unsigned count) { return getTensor(sizes.memrefs.size() - 3 - count); }

  /// Has each thread take at most that many registers; 0: as many as the assembler likes.
  void limitRegisters(int64_t count) {
    if (count != 0)
      func->setAttr("tile.max_registers", getI64IntegerAttr(count));
  }

  /// More than there are for each thread are no limit that the assembler takes.
  void fitRegisters(int64_t available) {
    if (auto limit = func->getAttrOfType<mlir::IntegerAttr>("tile.max_registers"))
      limitRegisters(std::min(limit.getInt(), available));
  }

  /// Has more warps of each block make all copies, and others all stores, if there are any, with so
  /// many registers for each thread of them and of those that multiply; `blocks` of them take all
  /// tiles in turn.
  void copyApart(int64_t copying, int64_t storing, int64_t registersOfOthers,
                 int64_t registersOfProducts, int64_t blocks) {
    func->setAttr("tile.copy_warps", getDenseI64ArrayAttr({copying, storing, registersOfOthers,
                                                           registersOfProducts, blocks}));
  }

  /// Has what the kernel only reads leave the L2 before anything else.
  void evictReadsFirst() { func->setAttr("tile.evict_first", getUnitAttr()); }

  /// Has reads bring all of their lines into the L2.
  void fetchLines() { func->setAttr("tile.fetch_lines", getUnitAttr()); }

  /// Has copies of weights go by way of the L1.
  void copyWeightsByL1() { weightsByL1 = true; }
  /// A copy of weights that does, if copies of weights do.
  void markWeights(mlir::Operation *copy) {
    if (weightsByL1)
      copy->setAttr("tile.by_l1", getUnitAttr());
  }

  /// Has what the kernel writes leave the L2 soon.
  void streamStores() { func->setAttr("tile.stream_stores", getUnitAttr()); }

  /// Index of this block's tile along the axis of that letter.
  mlir::Value getTile(char letter);

  /// First element of this block's tile along the axis.
  mlir::Value getTileStart(char letter);

  /// Whether the block's tile along a dynamic outermost axis ends where the tensors do or before:
  /// false in the last block only. Null where that is sure, or not known.
  mlir::Value isTileWhole();

  /// The size of dimension `d` of an operand, of the result, or of what merge and
  /// split made of them, plus `addend`: a constant, or an argument of the kernel.
  mlir::Value getSize(mlir::Value memref, unsigned d, int64_t addend = 0);

  /// The same elements with fewer dimensions: each group becomes one.
  mlir::Value merge(mlir::Value memref, llvm::ArrayRef<mlir::ReassociationIndices> groups);

  /// The same elements with more dimensions: each group of `shape` was one. Where
  /// a group has one dimension, its size stays what it is, also if that is dynamic.
  mlir::Value split(mlir::Value memref, llvm::ArrayRef<int64_t> shape,
                    llvm::ArrayRef<mlir::ReassociationIndices> groups);

  /// The same elements in one dimension.
  mlir::Value flatten(mlir::Value memref);

  /// Rows along the last dimension of `memref` as windows, `apart` elements after each other: as
  /// many in each as dimension `d` of `counted` has, each of the shape `window`.
  mlir::Value windows(mlir::Value memref, mlir::Value counted, unsigned d, int64_t apart,
                      llvm::ArrayRef<int64_t> window);

  mlir::Value index(int64_t value);

  /// a * factor + addend.
  mlir::Value mulAdd(mlir::Value a, int64_t factor, int64_t addend);
  mlir::Value add(mlir::Value a, mlir::Value b);

  /// A tile of one value, of floats or of integers.
  mlir::Value splat(mlir::RankedTensorType type, double value);
  mlir::Value splatInteger(mlir::RankedTensorType type, int64_t value);

  /// A tile of integers that are all `value`, an index, truncated to their type.
  mlir::Value splatIndex(mlir::RankedTensorType type, mlir::Value value);

  /// A tile of integers that are all the size of a dimension (see getSize), plus
  /// `addend`.
  mlir::Value splatSize(mlir::RankedTensorType type, mlir::Value memref, unsigned d,
                        int64_t addend = 0);

  /// A tile of f32 from one of f32, f16 or bf16, and back.
  mlir::Value extend(mlir::Value tile);
  mlir::Value truncate(mlir::Value tile, mlir::Type elementType);

  /// A tile of f32 rounded to TF32 as cvt.rna does, to nearest with ties away from zero.
  mlir::Value roundToTF32(mlir::Value tile);

  mlir::Value broadcast(mlir::Value tile, llvm::ArrayRef<int64_t> shape);

  /// A loop over [0, count) that carries one tile; `body` returns its next value.
  mlir::Value loop(int64_t count, mlir::Value init,
                   llvm::function_ref<mlir::Value(mlir::Value index, mlir::Value carried)> body);

  /// Has no compiler unroll the loop that computes `value`, if one does: ptxas would load what so
  /// many iterations need at once that it runs out of registers. Returns `value`.
  mlir::Value keepRolled(mlir::Value value);

private:
  void findTiles();
  mlir::Value getTensor(unsigned argument);
  mlir::Value getArgument(const Size &wanted);
  mlir::Value view(mlir::Value memref, llvm::ArrayRef<Size> shape);
  /// The type of a view of `memref` with that shape, and its dynamic sizes.
  std::pair<mlir::MemRefType, llvm::SmallVector<mlir::Value>>
  describeView(mlir::Value memref, llvm::ArrayRef<Size> shape);
  /// The sizes of a memref that stands for a tensor.
  llvm::SmallVector<Size> getShape(mlir::Value memref);
  /// Whether that is the size, a dynamic one, of the axis along which tiles lie outermost.
  bool isOutermost(const Size &size);
  /// That axis, and the dimension of the grid that it is in.
  std::optional<std::pair<unsigned, TileGrid::Axis>> getOutermostAxis();
  /// What no coordinate along an outermost dimension of that size reaches, if it
  /// takes no guard to know that: where blocks along it surely end where it does.
  std::optional<int64_t> getOutermostBound(const Size &size);
  void dropUnused();

  tile::FuncOp func;
  bool weightsByL1 = false;
  TileGrid grid;
  KernelSizes sizes;
  HostSizes &host;
  llvm::SmallDenseMap<char, mlir::Value> tiles;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Size>> shapes;
  llvm::SmallDenseMap<unsigned, mlir::Value> tensors;
  mlir::Value wholeTile;
  /// The size arguments: what the host passes, and what the kernel has of it.
  llvm::SmallVector<std::pair<Size, mlir::Value>> sizeArguments;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_KERNELBUILDER_H
