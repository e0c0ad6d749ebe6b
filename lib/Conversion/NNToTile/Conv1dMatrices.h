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

  /// The sums where matrices that hold zeros for the padding gave `sum`.
  mlir::Value repair(mlir::Value sum);

private:
  mlir::Value repairPadding(mlir::Value sum);
  mlir::Value repeatIfNotFinite(mlir::Value sum);
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_CONV1DMATRICES_H
