//===- TileSizes.cpp - Sizes that only a run knows ------------------------===//

#include "tile/Tile.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc::tile;

//===----------------------------------------------------------------------===//
// SizeOp
//===----------------------------------------------------------------------===//

LogicalResult SizeOp::verify() {
  if (getValue().getType().isInteger(32) && getMax() > std::numeric_limits<int32_t>::max())
    return emitOpError("expected an i64 for sizes up to ") << getMax() << ", got an i32";
  return success();
}

void SizeOp::inferResultRanges(ArrayRef<ConstantIntRanges>, SetIntRangeFn setRange) {
  unsigned width = IndexType::kInternalStorageBitWidth;
  setRange(getResult(), ConstantIntRanges::fromSigned(APInt(width, 0), APInt(width, getMax())));
}

//===----------------------------------------------------------------------===//
// ReshapeOp
//===----------------------------------------------------------------------===//

LogicalResult ReshapeOp::verify() {
  MemRefType from = getSource().getType(), to = getResult().getType();
  if (from.getElementType() != to.getElementType())
    return emitOpError("expected a result of ")
           << from.getElementType() << ", got " << to.getElementType();
  if (to.getNumDynamicDims() != static_cast<int64_t>(getSizes().size()))
    return emitOpError("expected one size for each of the ")
           << to.getNumDynamicDims() << " dynamic dimensions of the result, got "
           << getSizes().size();
  return success();
}

SmallVector<OpFoldResult> ReshapeOp::getMixedSizes() {
  Builder b(getContext());
  SmallVector<OpFoldResult> sizes;
  auto given = getSizes().begin();
  for (int64_t size : getResult().getType().getShape())
    sizes.push_back(ShapedType::isDynamic(size) ? OpFoldResult(*given++)
                                                : OpFoldResult(b.getIndexAttr(size)));
  return sizes;
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

/// The tile.size behind a dynamic dimension, or null.
static SizeOp getSizeOp(Value memref, unsigned d) {
  auto view = memref.getDefiningOp<ReshapeOp>();
  return view ? cast<Value>(view.getMixedSizes()[d]).getDefiningOp<SizeOp>() : nullptr;
}

std::optional<int64_t> poolc::tile::getSizeBound(Value memref, unsigned d) {
  auto type = cast<MemRefType>(memref.getType());
  if (!type.isDynamicDim(d))
    return type.getDimSize(d);
  SizeOp size = getSizeOp(memref, d);
  return size ? std::optional<int64_t>(size.getMax()) : std::nullopt;
}

int64_t poolc::tile::getSizeFactor(Value memref, unsigned d) {
  auto type = cast<MemRefType>(memref.getType());
  if (!type.isDynamicDim(d))
    return type.getDimSize(d);
  SizeOp size = getSizeOp(memref, d);
  return size ? size.getMultipleOf() : 1;
}
