//===- StagedStore.h - tile.store by way of shared memory -------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_STAGEDSTORE_H
#define POOLC_LIB_CONVERSION_TILETOGPU_STAGEDSTORE_H

#include "SharedMemory.h"
#include "ThreadMapping.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace poolc {

/// What a barrier of a staged store is for: threads write to the buffer behind the first one, read
/// from it behind the second and have read behind the third, which only kernels need whose warps
/// have roles, or behind the next first one.
enum class Staging { begin, full, free };

/// Of a barrier that says so.
std::optional<Staging> getStaging(mlir::Operation &op);

/// Elements that a thread stores at once, if the store is staged.
int64_t getStagedVector(tile::StoreOp op);

/// Elements of a thread that lie side by side and are written to shared memory at once.
int64_t getStagedWidth(tile::StoreOp op);

/// Elements between rows in shared memory: the fewest with the fewest bank conflicts as they are
/// written. Rows begin at multiples of 16 bytes.
int64_t getStagedPitch(tile::StoreOp op);

/// Rows and columns of a box that the copy engine stores, 0 if it stores none.
int64_t getBoxRows(tile::StoreOp op);
int64_t getBoxColumns(tile::StoreOp op);

/// Shared memory for two times the boxes of some rows: while those of one are stored, the others
/// are written.
int64_t getBoxBytes(tile::StoreOp op);

/// Rows of the tile that go through `bytes` of shared memory at a time, the last time maybe fewer;
/// 0 if the store is not staged or that is too little. Where not even a row of each thread fits,
/// those of some threads, if it `mayDivide` them and rows begin anywhere.
int64_t getStagedRows(tile::StoreOp op, int64_t bytes, bool mayDivide);

/// Bytes of shared memory that a kernel has at least for a staged store: what the store says, and
/// where threads would otherwise store elements one by one, room for the fewest rows.
int64_t getLeastStagingBytes(tile::StoreOp op);

/// Stores `tile` as emitStagedStore does, by boxes of the tensor that `map` tells of.
void emitBoxesStore(tile::StoreOp op, mlir::Value tile, mlir::Value flat, mlir::Value map,
                    mlir::ValueRange start, const SharedLayout &shared,
                    const ThreadCoordinates &threads, mlir::ImplicitLocOpBuilder &b);

/// Stores `tile`, the thread's elements, to the tensor whose elements in a row are `flat`, `rows`
/// of the tile at a time.
void emitStagedStore(tile::StoreOp op, mlir::Value tile, mlir::Value flat, mlir::ValueRange start,
                     int64_t rows, const SharedLayout &shared, const ThreadCoordinates &threads,
                     mlir::ImplicitLocOpBuilder &b);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_STAGEDSTORE_H
