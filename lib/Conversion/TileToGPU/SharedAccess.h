//===- SharedAccess.h - What kernels do to shared memory --------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_SHAREDACCESS_H
#define POOLC_LIB_CONVERSION_TILETOGPU_SHAREDACCESS_H

#include "mlir/IR/Operation.h"

namespace poolc {

/// Loads from shared memory into registers.
bool isSharedLoad(mlir::Operation *op);

/// Writes to shared memory, by stores or by asynchronous copies.
bool writesShared(mlir::Operation *op);

/// Writes to shared memory other than by asynchronous copies, which nothing loads that has
/// not waited for them.
bool isSharedStore(mlir::Operation *op);

/// A product of tensor cores, or of as many FMA instructions as there are elements.
bool isProduct(mlir::Operation *op);

/// Whether `matches` holds for the operation or any inside it.
template <typename Predicate> bool anyInside(mlir::Operation &op, Predicate matches) {
  return op
      .walk([&](mlir::Operation *inner) {
        return matches(inner) ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
      })
      .wasInterrupted();
}

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_SHAREDACCESS_H
