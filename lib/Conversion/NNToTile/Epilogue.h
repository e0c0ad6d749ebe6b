//===- Epilogue.h - What is fused to a convolution's sums -------*- C++ -*-===//
//
// Every algorithm of convolution hands its sums, bias included, to one of these
// functions before they leave the registers, so that what is fused costs no
// memory traffic but the residual's own.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_EPILOGUE_H
#define POOLC_LIB_CONVERSION_NNTOTILE_EPILOGUE_H

#include "KernelBuilder.h"

#include "poolc/Problem/Conv1d.h"

namespace poolc {

/// What is stored, still f32, for a tile of sums (f32, bias included): their
/// activation plus the residual, if the problem has them. `loadResidual` gets
/// the residual, a global tensor of y's shape, and returns its elements at the
/// sums' places, in the element type.
mlir::Value finishSums(const Conv1dProblem &problem, KernelBuilder &b, mlir::Value sums,
                       llvm::function_ref<mlir::Value(mlir::Value residual)> loadResidual);

/// Finishes the sums and stores them, rounded, to a box of y. `view` reshapes a
/// global tensor of y's shape to what the box is of. A staged store may overwrite the kernel's
/// shared memory; its tile has `owned` columns if the others are the next tile's too.
/// `loadResidual`, if there is one, loads the box of the residual, which is given like y. Returns
/// the store.
tile::StoreOp
storeSums(const Conv1dProblem &problem, KernelBuilder &b, mlir::Value sums,
          llvm::function_ref<mlir::Value(mlir::Value)> view, mlir::ValueRange start,
          llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<int64_t> strides, int64_t vector = 1,
          bool staged = false, int64_t owned = 0,
          llvm::function_ref<mlir::Value(mlir::Value residual)> loadResidual = nullptr);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_EPILOGUE_H
