//===- AddBoxes.h - Boxes that are added to sums ----------------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_ADDBOXES_H
#define POOLC_LIB_CONVERSION_TILETOGPU_ADDBOXES_H

#include "mlir/IR/Operation.h"

#include <optional>

namespace poolc {

/// What a barrier or fence of tile.add_boxes is for: boxes are copied to a stage behind the first
/// one, added behind the second, and have been added behind the third.
enum class Adding { begin, full, free };

/// Of one that says so.
std::optional<Adding> getAdding(mlir::Operation &op);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_ADDBOXES_H
