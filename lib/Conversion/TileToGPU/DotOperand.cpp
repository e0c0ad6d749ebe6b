//===- DotOperand.cpp - What threads load of a product's operands ---------===//

#include "Dot.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace poolc;

SharedOperand::SharedOperand(ImplicitLocOpBuilder &b, SharedView view, OperandStrides strides,
                             Value threadOuter, Value threadK, Value threadChunk, Value skew)
    : b(b), flat(view.flat), strides(strides),
      perChunk(128 / cast<MemRefType>(flat.getType()).getElementTypeBitWidth()) {
  IntegerBuilder i{b};
  Value thread = i.add(i.mul(threadOuter, strides.outer), i.mul(threadK, strides.k));
  if (threadChunk)
    thread = i.add(thread, i.mul(threadChunk, strides.chunk));
  if (skew)
    thread = i.add(thread, skew);
  // Columns may be counted backwards from the view's origin.
  Value place = strides.outer < 0
                    ? arith::IndexCastOp::create(b, b.getIndexType(), thread).getResult()
                    : arith::IndexCastUIOp::create(b, b.getIndexType(), thread).getResult();
  first = arith::AddIOp::create(b, view.offset, place);
}

int64_t SharedOperand::offset(int64_t outer, int64_t k) const {
  return outer * strides.outer + k / perChunk * strides.chunk + k % perChunk * strides.k;
}

Value SharedOperand::indexAt(int64_t offset) {
  if (offset == 0)
    return first;
  return arith::AddIOp::create(b, first, arith::ConstantIndexOp::create(b, offset));
}

Value SharedOperand::load(int64_t outer, int64_t k) {
  return memref::LoadOp::create(b, flat, index(outer, k));
}

Value SharedOperand::loadVectorAt(int64_t offset, int64_t count) {
  auto type = VectorType::get(count, cast<MemRefType>(flat.getType()).getElementType());
  llvm::MaybeAlign alignment(count * type.getElementTypeBitWidth() / 8);
  return vector::LoadOp::create(b, type, flat, indexAt(offset), /*nontemporal=*/false, alignment);
}

Value SharedOperand::loadVector(int64_t outer, int64_t k, int64_t count) {
  return loadVectorAt(offset(outer, k), count);
}

SmallVector<Value> SharedOperand::loadNeighbours(int64_t outer, int64_t k, int64_t count,
                                                 int64_t phase, int64_t group) {
  // Parts of groups would take as long, by bank conflicts, and not be those that other
  // products load.
  SmallVector<Value> result, loaded;
  int64_t origin = offset(outer, k), inGroup = (origin + phase) & (group - 1), start = -1;
  for (int64_t i = 0; i != count; ++i) {
    int64_t place = inGroup + i * strides.outer;
    if (start != place / group * group) {
      start = place / group * group;
      loaded = loadAdjacent(origin - inGroup + start, group, /*whole=*/true);
    }
    result.push_back(loaded[place - start]);
  }
  return result;
}

SmallVector<Value> SharedOperand::loadAdjacent(int64_t offset, int64_t count, bool whole) {
  if (count == 1)
    return {memref::LoadOp::create(b, flat, indexAt(offset))};
  Value loaded = loadVectorAt(offset, count);
  // LLVM takes none out of what is frozen.
  if (whole)
    loaded = LLVM::FreezeOp::create(b, loaded);
  SmallVector<Value> elements;
  for (int64_t i = 0; i != count; ++i)
    elements.push_back(vector::ExtractOp::create(b, loaded, i));
  return elements;
}

Value SharedOperand::loadMatrices(int64_t outer, int64_t k, int64_t count, bool transpose) {
  Type element = cast<MemRefType>(flat.getType()).getElementType();
  int64_t perRegister = 32 / element.getIntOrFloatBitWidth();
  return nvgpu::LdMatrixOp::create(b, VectorType::get({count, perRegister}, element), flat,
                                   index(outer, k), transpose, count);
}
