//===- OpSizes.h - The sizes of an op's result ------------------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_OPSIZES_H
#define POOLC_LIB_CONVERSION_NNTOTILE_OPSIZES_H

#include "HostSizes.h"

#include "poolc/Problem/Add.h"
#include "poolc/Problem/AvgPool2d.h"
#include "poolc/Problem/Conv1d.h"

#include "llvm/ADT/SmallVector.h"

namespace poolc {

/// What a launch of an op needs to know of its operands' sizes.
struct OpSizes {
  llvm::SmallVector<Size> result;
  /// Elements along the axes of the tile grid (see Grid.h) that can be dynamic.
  llvm::SmallDenseMap<char, Size> extents;
  /// The axis of the tile grid along the outermost dimension.
  char outermostAxis;
};

/// Computes them on the host from the shapes of the operands, and has the plan
/// require what makes these legal. What is then known of sizes goes into
/// `operandShapes`.
OpSizes findSizes(const AddProblem &problem,
                  llvm::MutableArrayRef<llvm::SmallVector<Size>> operandShapes, HostSizes &host);
OpSizes findSizes(const AvgPool2dProblem &problem,
                  llvm::MutableArrayRef<llvm::SmallVector<Size>> operandShapes, HostSizes &host);
OpSizes findSizes(const Conv1dProblem &problem,
                  llvm::MutableArrayRef<llvm::SmallVector<Size>> operandShapes, HostSizes &host);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_OPSIZES_H
