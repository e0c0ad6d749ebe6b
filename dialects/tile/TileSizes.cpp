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

/// What holds for every way to count a tensor's elements.
template <typename CountOp> static LogicalResult verifyCounted(CountOp op) {
  MemRefType from = op.getSource().getType(), to = op.getResult().getType();
  if (from.getElementType() != to.getElementType())
    return op.emitOpError("expected a result of ")
           << from.getElementType() << ", got " << to.getElementType();
  if (to.getNumDynamicDims() != op.getSizes().size())
    return op.emitOpError("expected one size for each of the ")
           << to.getNumDynamicDims() << " dynamic dimensions of the result, got "
           << op.getSizes().size();
  return success();
}

LogicalResult ReshapeOp::verify() {
  if (failed(verifyCounted(*this)))
    return failure();
  MemRefType to = getResult().getType();
  if (getInside() && (to.getRank() == 0 || !to.isDynamicDim(0)))
    return emitOpError("expected inside only for a dynamic outermost dimension, got ") << to;
  return success();
}

//===----------------------------------------------------------------------===//
// WindowsOp
//===----------------------------------------------------------------------===//

LogicalResult WindowsOp::verify() {
  if (failed(verifyCounted(*this)))
    return failure();
  MemRefType to = getResult().getType();
  int64_t dim = getDim();
  if (dim >= to.getRank())
    return emitOpError("expected dim to be a dimension of the result, of rank ")
           << to.getRank() << ", got " << dim;
  for (int64_t d = dim + 1; d < to.getRank(); ++d)
    if (to.isDynamicDim(d))
      return emitOpError("expected windows of static shape, got ") << to;
  return success();
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

bool poolc::tile::saysSizes(Value memref) {
  return isa_and_present<ReshapeOp, WindowsOp>(memref.getDefiningOp());
}

Value poolc::tile::getDynamicSize(Value memref, unsigned d) {
  ValueRange sizes;
  if (auto view = memref.getDefiningOp<ReshapeOp>())
    sizes = view.getSizes();
  else if (auto windows = memref.getDefiningOp<WindowsOp>())
    sizes = windows.getSizes();
  auto type = cast<MemRefType>(memref.getType());
  return sizes.empty() ? Value() : sizes[type.getDynamicDimIndex(d)];
}

Value poolc::tile::getInside(Value memref) {
  auto view = memref.getDefiningOp<ReshapeOp>();
  return view ? view.getInside() : Value();
}

/// The tile.size behind a dynamic dimension, or null.
static SizeOp getSizeOp(Value memref, unsigned d) {
  Value size = getDynamicSize(memref, d);
  return size ? size.getDefiningOp<SizeOp>() : nullptr;
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
