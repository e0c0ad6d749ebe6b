//===- TileWindowOps.cpp - Sums over windows of a tile --------------------===//

#include "tile/Tile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc::tile;

/// How many windows fit into `size` elements; of groups, one for each.
static int64_t countWindows(int64_t size, int64_t kernel, int64_t stride, int64_t offset,
                            bool inGroups) {
  if (inGroups)
    return size / stride;
  return size < offset + kernel ? 0 : (size - offset - kernel) / stride + 1;
}

void WindowSumOp::build(OpBuilder &builder, OperationState &state, Value source, int64_t dim,
                        int64_t kernel, int64_t stride, int64_t offset,
                        std::optional<int64_t> windows) {
  auto type = cast<RankedTensorType>(source.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[dim] =
      windows.value_or(countWindows(shape[dim], kernel, stride, offset, dim == type.getRank() - 1));
  build(builder, state, RankedTensorType::get(shape, type.getElementType()), source, dim, kernel,
        stride, offset, windows ? builder.getI64IntegerAttr(*windows) : IntegerAttr());
}

LogicalResult WindowSumOp::verify() {
  RankedTensorType from = getSource().getType(), to = getResult().getType();
  int64_t dim = getDim(), kernel = getKernel(), stride = getStride(), offset = getOffset();
  if (!isa<FloatType>(from.getElementType()) || from.getElementType() != to.getElementType())
    return emitOpError("expected source and result of one floating-point type, got ")
           << from.getElementType() << " and " << to.getElementType();
  if (dim < 0 || dim >= from.getRank())
    return emitOpError("expected dim between 0 and ") << from.getRank() - 1 << ", got " << dim;
  int64_t size = from.getDimSize(dim);
  if (kernel < 1 || kernel > size)
    return emitOpError("expected kernel between 1 and ") << size << ", got " << kernel;
  if (stride < 1 || stride > maxTileElements)
    return emitOpError("expected stride between 1 and ") << maxTileElements << ", got " << stride;
  if (offset < 0 || offset > size - kernel)
    return emitOpError("expected offset between 0 and ") << size - kernel << ", got " << offset;
  if (isAlongLast() && offset + kernel > stride)
    return emitOpError("expected windows along the last dimension to lie in groups of stride ")
           << stride << ", got offset " << offset << " and kernel " << kernel;
  if (isAlongLast() && size % stride != 0)
    return emitOpError("expected a multiple of stride ")
           << stride << " in the last dimension of the source, got " << size;
  SmallVector<int64_t> shape(from.getShape());
  shape[dim] = countWindows(size, kernel, stride, offset, isAlongLast());
  if (getWindows() && (*getWindows() < 1 || int64_t(*getWindows()) > shape[dim]))
    return emitOpError("expected windows between 1 and the ")
           << shape[dim] << " that fit, got " << *getWindows();
  shape[dim] = getWindows().value_or(shape[dim]);
  if (to.getShape() != ArrayRef<int64_t>(shape))
    return emitOpError("expected a result of ")
           << RankedTensorType::get(shape, from.getElementType()) << ", got " << to;
  return success();
}

LogicalResult ReduceOp::verify() {
  RankedTensorType from = getSource().getType(), to = getResult().getType();
  int64_t dim = getDim();
  if (!from.getElementType().isF32())
    return emitOpError("expected a tile of f32, got ") << from;
  if (dim < 0 || dim >= from.getRank())
    return emitOpError("expected dim between 0 and ") << from.getRank() - 1 << ", got " << dim;
  SmallVector<int64_t> shape(from.getShape());
  shape[dim] = 1;
  auto expected = RankedTensorType::get(shape, from.getElementType(), from.getEncoding());
  if (to != expected)
    return emitOpError("expected a result of ") << expected << ", got " << to;
  return success();
}

LogicalResult CopySpanOp::verify() {
  MemRefType from = getMemref().getType(), to = getDestination().getType();
  if (from.getRank() != 1 || to.getRank() != 1)
    return emitOpError("expected memrefs of rank 1, got ") << from << " and " << to;
  if (from.getElementType() != to.getElementType())
    return emitOpError("expected memrefs of one element type, got ") << from << " and " << to;
  if (getSpan(to) != to.getDimSize(0))
    return emitOpError("expected a destination of adjacent elements, got ") << to;
  std::optional<int64_t> elementBytes = getElementBytes(from.getElementType());
  int64_t vector = getVector();
  int64_t bytes = vector < 1 || vector > 16 || !elementBytes ? 0 : vector * *elementBytes;
  if (bytes != 4 && bytes != 8 && bytes != 16)
    return emitOpError("expected vector to make 4, 8 or 16 bytes of elements, got ") << vector;
  if (to.getDimSize(0) % vector != 0)
    return emitOpError("expected a multiple of vector ")
           << vector << " as size of the destination, got " << to.getDimSize(0);
  return success();
}

LogicalResult WriteRowsOp::verify() {
  MemRefType from = getSource().getType(), to = getMemref().getType();
  if (from.getRank() != 2 || to.getRank() != 1)
    return emitOpError("expected a source of rank 2 and a memref of rank 1, got ")
           << from << " and " << to;
  if (from.getElementType() != to.getElementType())
    return emitOpError("expected memrefs of one element type, got ") << from << " and " << to;
  std::optional<int64_t> elementBytes = getElementBytes(from.getElementType());
  int64_t vector = getVector();
  if (!elementBytes || vector < 2 || vector > 16 / *elementBytes || !llvm::isPowerOf2_64(vector))
    return emitOpError("expected vector to be a power of two of at least 2 elements and at most "
                       "16 bytes, got ")
           << vector;
  SmallVector<int64_t> strides;
  int64_t offset;
  (void)from.getStridesAndOffset(strides, offset);
  if (strides[1] != 1)
    return emitOpError("expected contiguous rows in the source, got ") << from;
  // In unsigned numbers, wrapping around keeps the remainder.
  if (from.getDimSize(0) != 1 &&
      (uint64_t(strides[0]) - uint64_t(getDistance())) % uint64_t(vector) != 0)
    return emitOpError("expected rows of the source and the memref at distances that leave the "
                       "same remainder by vector ")
           << vector << ", got " << strides[0] << " and " << getDistance();
  return success();
}

LogicalResult ViewOp::verify() {
  MemRefType from = getSource().getType(), to = getResult().getType();
  if (from.getRank() != 1 || getSpan(from) != from.getDimSize(0))
    return emitOpError("expected a source of rank 1 and adjacent elements, got ") << from;
  if (from.getElementType() != to.getElementType())
    return emitOpError("expected memrefs of one element type, got ") << from << " and " << to;
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(to.getStridesAndOffset(strides, offset)) || !ShapedType::isDynamic(offset))
    return emitOpError("expected a result whose layout says offset: ?, got ") << to;
  return success();
}

LogicalResult DotRowsOp::verify() {
  Type a = cast<MemRefType>(getA().getType()).getElementType(),
       b = cast<MemRefType>(getB().getType()).getElementType();
  RankedTensorType sum = getAccumulator().getType();
  Arithmetic arithmetic = getArithmetic();
  bool isOf32Bits = arithmetic == Arithmetic::mma_tf32 || arithmetic == Arithmetic::mma_tf32x3;
  if (arithmetic != Arithmetic::mma && !isOf32Bits)
    return emitOpError("expected mma, mma_tf32 or mma_tf32x3, got ")
           << stringifyArithmetic(arithmetic);
  if (a != b || (isOf32Bits ? !isa<Float32Type>(a) : !isa<Float16Type, BFloat16Type>(a)))
    return emitOpError("expected operands of ")
           << (isOf32Bits ? "f32" : "one type, f16 or bf16,") << " for "
           << stringifyArithmetic(arithmetic) << ", got " << a << " and " << b;
  if (sum.getRank() != 2 || !isa<Float32Type>(sum.getElementType()))
    return emitOpError("expected an accumulator of rank 2 of f32, got ") << sum;
  if (sum.getDimSize(0) % 8 != 0 || sum.getDimSize(1) % 16 != 0)
    return emitOpError("expected M and N to be multiples of 8 and 16, got ")
           << sum.getDimSize(0) << " and " << sum.getDimSize(1);
  constexpr int64_t bytesOfStep = 64, mostBytes = 16, leastBytes = 4;
  int64_t bytes = a.getIntOrFloatBitWidth() / 8, depth = getDepth();
  if (depth <= 0 || depth * bytes % bytesOfStep != 0)
    return emitOpError("expected depth to be a multiple of ")
           << bytesOfStep / bytes << " (64 bytes), got " << depth;
  if (getPitches().size() != 2 || getSure().size() != 2 || getVectors().size() != 2)
    return emitOpError("expected pitches, sure and vectors of both operands");
  for (auto [pitch, vector] : llvm::zip_equal(getPitches(), getVectors())) {
    if (!llvm::isPowerOf2_64(vector) || vector * bytes < leastBytes || vector * bytes > mostBytes)
      return emitOpError("expected vectors to be powers of two of 4 to 16 bytes, got ") << vector;
    if (pitch <= 0 || pitch % vector != 0)
      return emitOpError("expected pitches to be multiples of vectors, got ")
             << pitch << " and " << vector;
  }
  return success();
}
