//===- Box.cpp - Boxes of global memory, thread by thread -----------------===//

#include "Box.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// In 64 bits, as the kernel computes too.
static int64_t wrappingProduct(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
static int64_t wrappingSum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

llvm::MaybeAlign poolc::accessAlignment(MemRefType memref, int64_t elements) {
  return llvm::MaybeAlign(memref.getElementTypeBitWidth() / 8 * elements);
}

BoxEmitter::BoxEmitter(const Box &box, bool once, const ThreadCoordinates &threads,
                       ImplicitLocOpBuilder &b)
    : box(box), once(once), b(b), firstCoordinates(threads.get(box.layout)),
      conditions(box.getType().getRank()), ends(box.shape.size()),
      offsets(box.getType().getRank()) {
  findStrides();
}

void BoxEmitter::findStrides() {
  MemRefType type = box.getType();
  dynamicStrides.resize(type.getRank());
  auto windows = box.memref.getDefiningOp<WindowsOp>();
  if (type.hasStaticShape() && !windows) {
    // Shared memory can have any strides.
    int64_t offset;
    (void)type.getStridesAndOffset(elementStrides, offset);
    return;
  }
  elementStrides.resize(type.getRank());
  uint64_t bound = 1;
  Value stride;
  for (int64_t d = type.getRank(); d-- > 0;) {
    elementStrides[d] = std::min<uint64_t>(bound, std::numeric_limits<int64_t>::max());
    dynamicStrides[d] = stride;
    if (d == 0)
      break;
    if (windows && d - 1 == int64_t(windows.getDim())) {
      bound = windows.getApart();
      continue;
    }
    if (windows && d == int64_t(windows.getDim())) {
      Value length = windows.getLength();
      std::optional<int64_t> known = getConstantIntValue(length);
      auto size = length.getDefiningOp<SizeOp>();
      stride = known ? Value() : length;
      bound = known ? *known : size ? size.getMax() : std::numeric_limits<int64_t>::max();
      continue;
    }
    // What is static so far is a factor of the first dynamic stride.
    if (type.isDynamicDim(d)) {
      Value size = getDynamicSize(box.memref, d);
      if (stride)
        stride = arith::MulIOp::create(b, stride, size);
      else
        stride = bound == 1
                     ? size
                     : arith::MulIOp::create(b, size, arith::ConstantIndexOp::create(b, bound))
                           .getResult();
    } else if (stride) {
      stride =
          arith::MulIOp::create(b, stride, arith::ConstantIndexOp::create(b, type.getDimSize(d)));
    }
    uint64_t size = getSizeBound(box.memref, d).value_or(std::numeric_limits<int64_t>::max());
    bound = llvm::SaturatingMultiply<uint64_t>(bound, size);
  }
}

Value poolc::flattenMemRef(ImplicitLocOpBuilder &b, Value root) {
  while (isa_and_present<memref::CollapseShapeOp, memref::ExpandShapeOp, ReshapeOp, WindowsOp>(
      root.getDefiningOp()))
    root = root.getDefiningOp()->getOperand(0);
  auto rootType = cast<MemRefType>(root.getType());
  auto flatType = MemRefType::get({rootType.getNumElements()}, rootType.getElementType(),
                                  MemRefLayoutAttrInterface{}, rootType.getMemorySpace());
  if (rootType == flatType)
    return root;
  return memref::ReinterpretCastOp::create(b, flatType, root, /*offset=*/0,
                                           ArrayRef<int64_t>{rootType.getNumElements()},
                                           ArrayRef<int64_t>{1});
}

SmallVector<Piece> BoxEmitter::getPieces() {
  SmallVector<Piece> pieces;
  int64_t position = 0;
  forEachThreadElement(box.layout, box.shape, [&](ArrayRef<int64_t> indices) {
    if (indices.back() % box.vector == 0)
      pieces.push_back(getPiece(position, indices));
    ++position;
  });
  return pieces;
}

Value BoxEmitter::getIndex(const Piece &piece) {
  Value index = firstIndex;
  if (piece.dynamicOffset)
    index = arith::AddIOp::create(b, index, piece.dynamicOffset);
  if (piece.offset != 0)
    index = arith::AddIOp::create(b, index, arith::ConstantIndexOp::create(b, piece.offset));
  if (box.skewed)
    index = arith::AndIOp::create(b, index, arith::ConstantIndexOp::create(b, -box.vector));
  return index;
}

void BoxEmitter::prepareIndices(Value origin) {
  firstIndex = emitFirstIndex();
  if (origin)
    firstIndex = arith::AddIOp::create(b, origin, firstIndex);
}

Value BoxEmitter::both(Value a, Value c) {
  if (!a || !c)
    return a ? a : c;
  return arith::AndIOp::create(b, a, c);
}

Value BoxEmitter::sum(Value a, Value c) {
  if (!a || !c)
    return a ? a : c;
  return arith::AddIOp::create(b, a, c);
}

Value BoxEmitter::constant32(int64_t value) { return arith::ConstantIntOp::create(b, value, 32); }

Value BoxEmitter::firstCoordinate(unsigned t) {
  return box.shape[t] == 1 ? nullptr : firstCoordinates[t];
}

int64_t BoxEmitter::step(unsigned d) { return wrappingProduct(box.strides[d], elementStrides[d]); }

Value BoxEmitter::timesStride(Value value, unsigned d) {
  Value stride = dynamicStrides[d];
  if (!stride)
    stride = arith::ConstantIndexOp::create(b, elementStrides[d]);
  return arith::MulIOp::create(b, value, stride);
}

Value BoxEmitter::getDynamicOffset(unsigned d, int64_t i) {
  int64_t elements =
      wrappingProduct(box.layout.getElementOffset(*box.getTileDim(d), i), box.strides[d]);
  if (elements == 0)
    return nullptr;
  return cached(offsets[d], i,
                [&] { return timesStride(arith::ConstantIndexOp::create(b, elements), d); });
}

uint64_t BoxEmitter::getReach() {
  uint64_t reach = 0;
  for (int64_t d = 0; d != box.getType().getRank(); ++d)
    if (std::optional<unsigned> t = box.getTileDim(d)) {
      uint64_t size = std::max(box.layout.getCoverage(*t), box.shape[*t]);
      uint64_t step = llvm::SaturatingMultiply<uint64_t>(box.strides[d], elementStrides[d]);
      reach = llvm::SaturatingMultiplyAdd(size, step, reach);
    }
  return reach;
}

Value BoxEmitter::timesStep32(Value coordinate, unsigned d) {
  auto flags = arith::IntegerOverflowFlags::nsw;
  if (!dynamicStrides[d])
    return step(d) == 1 ? coordinate
                        : arith::MulIOp::create(b, coordinate, constant32(step(d)), flags);
  Value stride = arith::IndexCastOp::create(b, b.getI32Type(), dynamicStrides[d]);
  if (box.strides[d] != 1)
    coordinate = arith::MulIOp::create(b, coordinate, constant32(box.strides[d]), flags);
  return arith::MulIOp::create(b, coordinate, stride, flags);
}

Value BoxEmitter::timesStep(Value coordinate, unsigned d) {
  Value value = toIndex(coordinate);
  int64_t factor = dynamicStrides[d] ? box.strides[d] : step(d);
  if (factor != 1)
    value = arith::MulIOp::create(b, value, arith::ConstantIndexOp::create(b, factor));
  return dynamicStrides[d] ? timesStride(value, d) : value;
}

Value BoxEmitter::emitFirstIndex() {
  bool narrow = getReach() <= std::numeric_limits<int32_t>::max();

  // 64-bit sums may wrap where an element lies far outside of the tensor, and
  // do so harmlessly: it is not accessed, and what is comes out right again.
  Value threadPart, blockPart;
  auto accumulate = [&](Value &sum, Value value) {
    auto flags = value.getType().isIndex() ? arith::IntegerOverflowFlags::none
                                           : arith::IntegerOverflowFlags::nsw;
    sum = sum ? arith::AddIOp::create(b, sum, value, flags).getResult() : value;
  };
  for (int64_t d = 0; d != box.getType().getRank(); ++d) {
    bool isUnit = !dynamicStrides[d] && elementStrides[d] == 1;
    accumulate(blockPart, isUnit ? box.start[d] : timesStride(box.start[d], d));
    std::optional<unsigned> t = box.getTileDim(d);
    Value coordinate = t ? firstCoordinate(*t) : nullptr;
    if (!coordinate)
      continue;
    accumulate(threadPart, narrow ? timesStep32(coordinate, d) : timesStep(coordinate, d));
  }
  if (!blockPart)
    return arith::ConstantIndexOp::create(b, 0);
  if (!threadPart)
    return blockPart;
  if (narrow)
    threadPart = toIndex(threadPart);
  return arith::AddIOp::create(b, blockPart, threadPart);
}

Value BoxEmitter::toIndex(Value value) {
  return arith::IndexCastUIOp::create(b, b.getIndexType(), value);
}

Type BoxEmitter::getCoordinateType() { return b.getIntegerType(box.isNarrow ? 32 : 64); }

Value BoxEmitter::constant(Type integer, int64_t value) {
  APInt low = APInt(64, value, /*isSigned=*/true).sextOrTrunc(integer.getIntOrFloatBitWidth());
  return arith::ConstantOp::create(b, b.getIntegerAttr(integer, low));
}

Value BoxEmitter::skewOf(const Piece &piece, Type integer) {
  Value index = firstIndex;
  if (piece.dynamicOffset)
    index = arith::AddIOp::create(b, index, piece.dynamicOffset);
  index = arith::IndexCastOp::create(b, integer, index);
  return arith::AndIOp::create(b, arith::AddIOp::create(b, index, constant(integer, piece.offset)),
                               constant(integer, box.vector - 1));
}

Value BoxEmitter::getSize(unsigned d, Type integer) {
  if (!box.getType().isDynamicDim(d))
    return arith::ConstantIntOp::create(b, integer, box.getType().getDimSize(d));
  return arith::IndexCastOp::create(b, integer, getDynamicSize(box.memref, d));
}

Value BoxEmitter::getCoordinate(unsigned d, int64_t i) {
  Type integer = getCoordinateType();
  auto flags = box.isNarrow ? arith::IntegerOverflowFlags::nsw : arith::IntegerOverflowFlags::none;
  Value coordinate = arith::IndexCastOp::create(b, integer, box.start[d]);
  if (std::optional<unsigned> t = box.getTileDim(d)) {
    int64_t stride = box.strides[d];
    if (Value first = firstCoordinate(*t)) {
      if (!box.isNarrow)
        first = arith::ExtUIOp::create(b, integer, first);
      if (stride != 1)
        first = arith::MulIOp::create(b, first, constant(integer, stride), flags);
      coordinate = arith::AddIOp::create(b, coordinate, first, flags);
    }
    if (int64_t offset = wrappingProduct(box.layout.getElementOffset(*t, i), stride))
      coordinate = arith::AddIOp::create(b, coordinate, constant(integer, offset), flags);
  }
  return coordinate;
}

std::optional<int64_t> BoxEmitter::getKnownCoordinate(unsigned d, int64_t i) {
  std::optional<unsigned> t = box.getTileDim(d);
  std::optional<int64_t> start = getConstantIntValue(box.start[d]);
  bool isWhole =
      !t || box.shape[*t] == 1 || box.layout.getCoverage(*t) == box.layout.getSizePerThread()[*t];
  if (!start || !isWhole || box.getType().isDynamicDim(d))
    return std::nullopt;
  return *start + (t ? wrappingProduct(box.layout.getElementOffset(*t, i), box.strides[d]) : 0);
}

Piece BoxEmitter::getPiece(int64_t position, ArrayRef<int64_t> indices) {
  int64_t rank = box.getType().getRank();
  Piece piece{position, SmallVector<int64_t, 4>(indices), 0, {}, {}, {}, {}, {}};
  for (int64_t d = 0; d != rank; ++d) {
    std::optional<unsigned> t = box.getTileDim(d);
    if (t && dynamicStrides[d])
      piece.dynamicOffset = sum(piece.dynamicOffset, getDynamicOffset(d, indices[*t]));
    else if (t)
      piece.offset = wrappingSum(
          piece.offset, wrappingProduct(box.layout.getElementOffset(*t, indices[*t]), step(d)));
  }
  for (int64_t d = 0; d != rank; ++d) {
    std::optional<unsigned> t = box.getTileDim(d);
    int64_t i = t ? indices[*t] : 0;
    if (box.skewed && d == rank - 1) {
      insideRow(piece, i);
      continue;
    }
    Value condition = cached(conditions[d], i, [&] { return insideMemRef(d, i); });
    if (d == 0 && box.nestsEnd && getInside(box.memref))
      piece.isBeforeEnd = condition;
    else
      piece.isInside = both(piece.isInside, condition);
  }
  for (auto [t, i] : llvm::enumerate(indices))
    piece.isElement = both(piece.isElement, insideTile(t, i));
  return piece;
}
