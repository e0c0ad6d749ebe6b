//===- CopyWarps.h - Warps that only copy -----------------------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_COPYWARPS_H
#define POOLC_LIB_CONVERSION_TILETOGPU_COPYWARPS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinAttributes.h"

#include <optional>

namespace poolc {

/// What a kernel says of its warps that only copy and of those that only store, the last ones of a
/// block.
struct CopyWarps {
  int64_t copying = 0, storing = 0;
  /// Registers of each thread after the roles are known; 0: as many as before.
  int64_t registersOfOthers = 0, registersOfProducts = 0;
  /// Tiles along x, y and z, of which each of so many blocks takes every `blocks`th; empty: a
  /// block has one, its own.
  llvm::SmallVector<int64_t, 3> tiles;
  int64_t blocks = 0;

  /// All of them.
  int64_t count() const { return copying + storing; }

  static constexpr llvm::StringLiteral attribute = "tile.copy_warps";
  static constexpr llvm::StringLiteral tilesAttribute = "tile.tiles";

  static std::optional<CopyWarps> of(mlir::Operation *kernel);
  static void remove(mlir::Operation *kernel);
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_COPYWARPS_H
