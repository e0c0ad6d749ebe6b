//===- SharedMemory.h - Where a block's allocations lie ---------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_SHAREDMEMORY_H
#define POOLC_LIB_CONVERSION_TILETOGPU_SHAREDMEMORY_H

#include "tile/Tile.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/DialectConversion.h"

namespace poolc {

/// The allocations of a kernel and what its reductions need, one after the other
/// in dynamic shared memory.
class SharedLayout {
public:
  explicit SharedLayout(tile::FuncOp kernel);

  int64_t getOffset(mlir::Operation *op) const { return offsets.lookup(op); }
  int64_t getBytes() const { return bytes; }
  /// Where stores stage rows, and how many bytes they may: the memory of all allocations, or their
  /// own where the block copies for its next tile meanwhile.
  int64_t getStoreOffset() const { return storeOffset; }
  int64_t getStoreBytes() const { return storeBytes; }
  /// Of the threads among which tiles are divided.
  int64_t getNumThreads() const { return numThreads; }
  /// Of the threads that only store, 0 if all do.
  int64_t getStoringThreads() const { return storingThreads; }
  /// Whether tensor cores read shared memory by themselves, as nobody but them does.
  bool hasAsyncReaders() const { return asyncReaders; }

private:
  llvm::DenseMap<mlir::Operation *, int64_t> offsets;
  int64_t bytes = 0, storeOffset = 0, storeBytes = 0, numThreads, storingThreads = 0;
  bool asyncReaders = false;
};

/// A view of shared memory as its allocation's elements in a row: the element
/// with indices i lies at offset + sum of i * strides.
struct SharedView {
  mlir::Value flat;
  mlir::Value offset;
  llvm::SmallVector<int64_t> strides;
};

/// The view behind `memref`, a tile.alloc or subviews and
/// transpositions of one.
SharedView getSharedView(mlir::ImplicitLocOpBuilder &b, mlir::Value memref,
                         mlir::ConversionPatternRewriter &rewriter);

/// How many elements further than its strides say row `row` of shared memory lies:
/// (origin + row * step) mod `modulus`, a power of two, for a `skew` of origin and
/// step. `row` and the result are i32.
mlir::Value emitSkew(mlir::ImplicitLocOpBuilder &b, mlir::ValueRange skew, mlir::Value row,
                     int64_t modulus);

/// tile.alloc, tile.barrier, tile.clear, and the ends of asynchronous copies.
void populateSharedPatterns(const mlir::TypeConverter &converter, const SharedLayout &shared,
                            mlir::RewritePatternSet &patterns);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_SHAREDMEMORY_H
