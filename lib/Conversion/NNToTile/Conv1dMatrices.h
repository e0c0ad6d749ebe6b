//===- Conv1dMatrices.h - Convolution by matrix products --------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_CONV1DMATRICES_H
#define POOLC_LIB_CONVERSION_NNTOTILE_CONV1DMATRICES_H

#include "Conv1dKernel.h"

namespace poolc {

/// What the lowerings share that multiply matrices from shared memory.
class Conv1dMatrixKernel : public Conv1dKernel {
public:
  using Conv1dKernel::Conv1dKernel;

protected:
  /// Shared memory for elements of x's type.
  mlir::Value allocate(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> strides);

  mlir::Value makeView(mlir::Value memref, llvm::ArrayRef<mlir::OpFoldResult> offsets,
                       llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<int64_t> strides,
                       llvm::ArrayRef<int64_t> shape);

  /// How the problem's precision multiplies matrices.
  tile::Arithmetic getArithmetic();

  /// Finishes `sum`, which came from matrices that hold zeros for the padding, as
  /// `finish` does; the block starts again without them where they were wrong.
  void finishMatrices(mlir::Value sum, int64_t vector = 1);

private:
  /// Whether zeros for the padding may have spoilt a sum; null if they cannot.
  mlir::Value needsRepair(mlir::Value sum);
  mlir::Value isAnyNotFinite(mlir::Value sum);
  void startAgainDirectly();
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_CONV1DMATRICES_H
