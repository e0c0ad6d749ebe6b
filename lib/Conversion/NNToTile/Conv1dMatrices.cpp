//===- Conv1dMatrices.cpp - Convolution by matrix products ----------------===//

#include "Conv1dMatrices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

Value Conv1dMatrixKernel::allocate(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) {
  auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  auto layout = StridedLayoutAttr::get(b.getContext(), 0, strides);
  return AllocOp::create(b, MemRefType::get(shape, element, layout, space));
}

Value Conv1dMatrixKernel::makeView(Value memref, ArrayRef<OpFoldResult> offsets,
                                   ArrayRef<int64_t> sizes, ArrayRef<int64_t> strides,
                                   ArrayRef<int64_t> shape) {
  auto attributes = [&](ArrayRef<int64_t> values) {
    return llvm::map_to_vector(
        values, [&](int64_t value) -> OpFoldResult { return b.getIndexAttr(value); });
  };
  auto type = memref::SubViewOp::inferRankReducedResultType(
      shape, cast<MemRefType>(memref.getType()), offsets, attributes(sizes), attributes(strides));
  return memref::SubViewOp::create(b, type, memref, offsets, attributes(sizes),
                                   attributes(strides));
}

Arithmetic Conv1dMatrixKernel::getArithmetic() {
  if (problem.type != DataType::f32)
    return Arithmetic::mma;
  switch (problem.precision) {
  case Precision::ieee:
    return Arithmetic::fma;
  case Precision::tf32:
    return Arithmetic::mma_tf32;
  case Precision::tf32x3:
    return Arithmetic::mma_tf32x3;
  }
  return Arithmetic::fma;
}

/// The matrices hold zeros for the padding, and zero times an infinite weight
/// is not nothing. Such a product leaves a NaN, in blocks that touch the padding.
Value Conv1dMatrixKernel::repairPadding(Value sum) {
  auto touches = scf::IfOp::create(b, sum.getType(), isInside(inputStart, reachOf(window.kernel)),
                                   /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(touches.thenBlock());
  scf::YieldOp::create(b, sum);
  b.setInsertionPointToStart(touches.elseBlock());
  scf::YieldOp::create(b, repeatIfNotFinite(sum));
  return touches.getResult(0);
}

/// Where a sum of the block is infinite or NaN, the block starts again,
/// directly. In tf32x3, infinities that are right need it too: an infinite
/// operand times the zero rest of another is a NaN.
Value Conv1dMatrixKernel::repeatIfNotFinite(Value sum) {
  auto type = cast<RankedTensorType>(sum.getType());
  Value infinity = b.splat(type, std::numeric_limits<double>::infinity());
  Value isNotFinite =
      arith::CmpFOp::create(b, arith::CmpFPredicate::UGE, math::AbsFOp::create(b, sum), infinity);
  auto repeats = scf::IfOp::create(b, sum.getType(), AnyOp::create(b, isNotFinite),
                                   /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(repeats.thenBlock());
  scf::YieldOp::create(b, sumDirectly());
  b.setInsertionPointToStart(repeats.elseBlock());
  scf::YieldOp::create(b, sum);
  return repeats.getResult(0);
}

Value Conv1dMatrixKernel::repair(Value sum) {
  if (problem.precision == Precision::tf32x3)
    return repeatIfNotFinite(sum);
  return hasPadding() ? repairPadding(sum) : sum;
}
