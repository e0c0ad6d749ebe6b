//===- TileToGPU.h - Parts of the lowering from tile to gpu -----*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_TILETOGPU_H
#define POOLC_LIB_CONVERSION_TILETOGPU_TILETOGPU_H

#include "ThreadMapping.h"

#include "mlir/Transforms/DialectConversion.h"

namespace poolc {

/// tile.load, tile.store and tile.copy.
void populateAccessPatterns(const mlir::TypeConverter &converter, const ThreadCoordinates &threads,
                            mlir::RewritePatternSet &patterns);

/// Everything that computes on tiles in registers.
void populateValuePatterns(const mlir::TypeConverter &converter, const ThreadCoordinates &threads,
                           mlir::RewritePatternSet &patterns);

/// tile.dot.
void populateDotPatterns(const mlir::TypeConverter &converter, const ThreadCoordinates &threads,
                         mlir::RewritePatternSet &patterns);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_TILETOGPU_H
