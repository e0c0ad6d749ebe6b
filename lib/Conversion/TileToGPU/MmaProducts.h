//===- MmaProducts.h - mma.sync and its operands ----------------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_MMAPRODUCTS_H
#define POOLC_LIB_CONVERSION_TILETOGPU_MMAPRODUCTS_H

#include "tile/Tile.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace poolc {

/// The registers of an operand or of sums.
using Fragment = llvm::SmallVector<mlir::Value, 4>;

/// Products of fragments by mma.sync m16n8, in the precision of a tile.dot.
class MmaProducts {
public:
  MmaProducts(mlir::ImplicitLocOpBuilder &b, tile::Arithmetic arithmetic, mlir::Type element)
      : b(b), arithmetic(arithmetic), element(element) {}

  /// The fragments that are multiplied: one, or for tf32x3 the rounded part and the rest.
  llvm::SmallVector<Fragment> split(const Fragment &loaded);

  /// Adds the products of two split fragments to the four of `sums` at `positions`.
  void multiplyAdd(llvm::ArrayRef<Fragment> as, llvm::ArrayRef<Fragment> bs,
                   llvm::MutableArrayRef<mlir::Value> sums, llvm::ArrayRef<int64_t> positions);

  /// Has sums stay in their registers: else LLVM gives those of each product others, and a loop
  /// that adds to the same sums several times seems to need them several times.
  void keepRegisters() { keepsRegisters = true; }

private:
  void multiplyAdd(const Fragment &fa, const Fragment &fb, Fragment &sums);
  void multiplyInPlace(const Fragment &fa, const Fragment &fb, Fragment &sums);
  mlir::Value roundToTF32(mlir::Value value);

  mlir::ImplicitLocOpBuilder &b;
  tile::Arithmetic arithmetic;
  mlir::Type element;
  bool keepsRegisters = false;
  /// Windows of neighbours share elements.
  llvm::DenseMap<mlir::Value, mlir::Value> rounded;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_MMAPRODUCTS_H
