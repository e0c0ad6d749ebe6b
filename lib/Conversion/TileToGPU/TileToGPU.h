//===- TileToGPU.h - Parts of the lowering from tile to gpu -----*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_TILETOGPU_H
#define POOLC_LIB_CONVERSION_TILETOGPU_TILETOGPU_H

#include "ThreadMapping.h"

#include "mlir/Transforms/DialectConversion.h"

namespace poolc {

class SharedLayout;

/// Whether the kernel is one whose tiles can be distributed over its threads;
/// emits an error otherwise.
mlir::LogicalResult checkKernel(tile::FuncOp kernel);

/// tile.load and tile.store.
void populateLoadStorePatterns(const mlir::TypeConverter &converter,
                               const ThreadCoordinates &threads, const SharedLayout &shared,
                               mlir::RewritePatternSet &patterns);

/// tile.copy.
void populateCopyPatterns(const mlir::TypeConverter &converter, const ThreadCoordinates &threads,
                          mlir::RewritePatternSet &patterns);

/// tile.make_map, tile.copy_boxes, tile.copy_runs, and the objects that these tell.
void populateBulkCopyPatterns(const mlir::TypeConverter &converter, const SharedLayout &shared,
                              mlir::RewritePatternSet &patterns);

/// tile.round.
void populateRoundPatterns(const mlir::TypeConverter &converter, const SharedLayout &shared,
                           mlir::RewritePatternSet &patterns);

/// tile.add_boxes.
void populateAddBoxesPatterns(const mlir::TypeConverter &converter,
                              const ThreadCoordinates &threads, mlir::RewritePatternSet &patterns);

/// tile.chunk_boxes.
void populateChunkBoxesPatterns(const mlir::TypeConverter &converter,
                                mlir::RewritePatternSet &patterns);

/// Everything that computes on tiles in registers.
void populateValuePatterns(const mlir::TypeConverter &converter, const ThreadCoordinates &threads,
                           mlir::RewritePatternSet &patterns);

/// tile.correlate.
void populateCorrelatePatterns(const mlir::TypeConverter &converter,
                               const ThreadCoordinates &threads, mlir::RewritePatternSet &patterns);

/// tile.window_sum.
void populateWindowPatterns(const mlir::TypeConverter &converter,
                            mlir::RewritePatternSet &patterns);

/// tile.reduce.
void populateReducePatterns(const mlir::TypeConverter &converter, const ThreadCoordinates &threads,
                            const SharedLayout &shared, mlir::RewritePatternSet &patterns);

/// Bytes of shared memory that a reduction needs.
int64_t getReductionBytes(tile::ReduceOp op);

/// tile.dot.
void populateDotPatterns(const mlir::TypeConverter &converter, const ThreadCoordinates &threads,
                         mlir::RewritePatternSet &patterns);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_TILETOGPU_H
