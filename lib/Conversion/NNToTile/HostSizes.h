//===- HostSizes.h - Sizes that host code computes --------------*- C++ -*-===//
//
// Sizes of tensors, numbers of tiles and the conditions that a run must meet, as
// arithmetic of the host function. The launch plan makes expressions over the
// dimensions of it.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_HOSTSIZES_H
#define POOLC_LIB_CONVERSION_NNTOTILE_HOSTSIZES_H

#include "poolc/Problem/Window.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace poolc {

/// A size: a number, or an index that the host function computes.
struct Size {
  Size() : Size(1) {}
  Size(int64_t number) : max(number), factor(number) {}
  Size(mlir::Value value, int64_t max, int64_t factor = 1)
      : value(value), max(max), factor(factor) {}

  bool isStatic() const { return !value; }

  /// Null where it is static.
  mlir::Value value;
  /// What it is at most; itself where it is static.
  int64_t max;
  /// What it is surely a multiple of; itself where it is static and not 0.
  int64_t factor;
};

/// Writes at the end of the host function so far.
class HostSizes {
public:
  HostSizes(mlir::Location loc, mlir::OpBuilder &builder) : b(loc, builder) {}

  /// The size of dimension `d` of the host function's argument, called `name` in
  /// the plan.
  Size dim(mlir::Value memref, unsigned d, llvm::StringRef name);

  mlir::Value asValue(const Size &size);

  /// The product; `max` of it is saturated.
  Size product(const Size &a, const Size &b);
  Size product(llvm::ArrayRef<Size> sizes);

  /// How many blocks of that size cover it.
  Size tiles(const Size &size, int64_t block);

  /// How many blocks of that size it has whole.
  Size wholeTiles(const Size &size, int64_t block);

  /// Positions of the window along an axis of that size. The window is one that
  /// the verifier accepted.
  Size positions(const Window &window, const Size &size);

  /// Has the plan require it, where it is not static. A condition on something
  /// that is computed of one dimension becomes one on the dimension.
  void requireAtLeast(const Size &size, int64_t least, llvm::StringRef what);
  Size requireAtMost(const Size &size, int64_t most, llvm::StringRef what);

  /// Has the plan require that `size` is `expected`: where it is a dimension of
  /// an argument, the plan then has an expression for that, and no dimension.
  /// From then on it is the other one.
  void requireEqual(Size &size, const Size &expected, llvm::StringRef what);

private:
  void require(mlir::arith::CmpIPredicate predicate, mlir::Value value, int64_t limit,
               llvm::StringRef what);

  mlir::ImplicitLocOpBuilder b;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_HOSTSIZES_H
