//===- KernelBuilder.h - What an op's lowering writes with ------*- C++ -*-===//
//
// A builder inside the tile.func of one op: the op's operands and result as
// global tensors, the block's place in the grid, and the few idioms that
// lowerings share.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_KERNELBUILDER_H
#define POOLC_LIB_CONVERSION_NNTOTILE_KERNELBUILDER_H

#include "poolc/Schedule/Grid.h"

#include "tile/Tile.h"

#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace poolc {

class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  /// Writes into the (empty) body of `func`, whose arguments are the operands
  /// and then the result, for a launch on `grid`.
  KernelBuilder(mlir::Location loc, tile::FuncOp func, TileGrid grid);

  mlir::Value getOperand(unsigned i) { return func.getBody().getArgument(i); }
  mlir::Value getResult() { return func.getBody().getArguments().back(); }

  /// What an earlier launch prepared for this one: the argument before the result.
  mlir::Value getPrepared() { return *std::prev(func.getBody().getArguments().end(), 2); }

  /// Has each thread take at most that many registers.
  void limitRegisters(int64_t count) {
    func->setAttr("tile.max_registers", getI64IntegerAttr(count));
  }

  /// Index of this block's tile along the axis of that letter.
  mlir::Value getTile(char letter);

  /// First element of this block's tile along the axis.
  mlir::Value getTileStart(char letter);

  /// The same elements with fewer dimensions: each group becomes one.
  mlir::Value merge(mlir::Value memref, llvm::ArrayRef<mlir::ReassociationIndices> groups);

  /// The same elements with more dimensions: each group of `shape` was one.
  mlir::Value split(mlir::Value memref, llvm::ArrayRef<int64_t> shape,
                    llvm::ArrayRef<mlir::ReassociationIndices> groups);

  /// The same elements in one dimension.
  mlir::Value flatten(mlir::Value memref);

  mlir::Value index(int64_t value);

  /// a * factor + addend.
  mlir::Value mulAdd(mlir::Value a, int64_t factor, int64_t addend);
  mlir::Value add(mlir::Value a, mlir::Value b);

  /// A tile of one value, of floats or of integers.
  mlir::Value splat(mlir::RankedTensorType type, double value);
  mlir::Value splatInteger(mlir::RankedTensorType type, int64_t value);

  /// A tile of f32 from one of f32, f16 or bf16, and back.
  mlir::Value extend(mlir::Value tile);
  mlir::Value truncate(mlir::Value tile, mlir::Type elementType);

  mlir::Value broadcast(mlir::Value tile, llvm::ArrayRef<int64_t> shape);

  /// A loop over [0, count) that carries one tile; `body` returns its next value.
  mlir::Value loop(int64_t count, mlir::Value init,
                   llvm::function_ref<mlir::Value(mlir::Value index, mlir::Value carried)> body);

private:
  tile::FuncOp func;
  TileGrid grid;
  llvm::SmallDenseMap<char, mlir::Value> tiles;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_KERNELBUILDER_H
