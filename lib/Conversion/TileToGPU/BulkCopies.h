//===- BulkCopies.h - Copies that one thread asks for -----------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_BULKCOPIES_H
#define POOLC_LIB_CONVERSION_TILETOGPU_BULKCOPIES_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace poolc {

/// Whether the copy engine copies to shared memory. What is to be told when it has is null until
/// warps have roles.
bool isBulkCopy(mlir::Operation *op);

/// Bytes that it copies.
int64_t getBulkBytes(mlir::Operation *op);

/// Has `object`, an mbarrier object, be told of what it copied.
void setBulkObject(mlir::Operation *op, mlir::Value object);

/// Has the copy engine copy the box of the tensor that `map` tells of and that begins at `start`,
/// so many bytes, to `place`, an address in shared memory.
void emitBoxCopy(mlir::ImplicitLocOpBuilder &b, mlir::Value map, mlir::ValueRange start,
                 mlir::Value place, int64_t bytes);

/// Has the copy engine store the box of the tensor that `map` tells of and that begins at `start`,
/// from shared memory.
void emitBoxStore(mlir::ImplicitLocOpBuilder &b, mlir::Value map, mlir::ValueRange start,
                  mlir::Value from);

/// Where a box of joined rows of that size begins: the image and the position in its row, where
/// `start` has the first image and a position that counts on over the images from there.
llvm::SmallVector<mlir::Value> placeInRow(mlir::ImplicitLocOpBuilder &b, mlir::ValueRange start,
                                          int64_t row);

/// Waits until what the thread has had stored has been read from shared memory, but for so many of
/// the last groups that it committed.
void waitForBoxStores(mlir::ImplicitLocOpBuilder &b, int64_t pending);

/// Whether the copy engine stores a box.
bool isBoxStore(mlir::Operation *op);

/// The kernel's argument with the map by which it copies or stores, or null.
mlir::Value getBulkMap(mlir::Operation *op);

/// The address in memory of a memref's first element, as a pointer.
mlir::Value getPointer(mlir::ImplicitLocOpBuilder &b, mlir::Value memref, unsigned space = 0);

/// Elements that `memref` is aligned to because `user` is about bulk copies.
int64_t getBulkAlignment(mlir::Operation *user, mlir::Value memref);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_BULKCOPIES_H
