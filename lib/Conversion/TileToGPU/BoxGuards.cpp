//===- BoxGuards.cpp - Which elements of a box there are ------------------===//

#include "Box.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

Value BoxEmitter::insideMemRef(unsigned d, int64_t i) {
  bool low = box.isGuarded(d, Guard::low), high = box.isGuarded(d, Guard::high);
  if (box.columns && d == box.getType().getRank() - 1)
    return insideColumns(d, i);
  if (!low && !high)
    return nullptr;
  if (std::optional<int64_t> known = getKnownCoordinate(d, i)) {
    bool isInside = (!low || *known >= 0) && (!high || *known < box.getType().getDimSize(d));
    return isInside ? Value() : arith::ConstantIntOp::create(b, 0, /*width=*/1).getResult();
  }
  Value coordinate = getCoordinate(d, i);
  // As unsigned numbers, negative coordinates are beyond every size.
  if (high) {
    auto predicate = low ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt;
    Value holds = arith::CmpIOp::create(b, predicate, coordinate, getSize(d, coordinate.getType()));
    Value inside = d == 0 ? getInside(box.memref) : Value();
    return inside ? arith::OrIOp::create(b, inside, holds).getResult() : holds;
  }
  return arith::CmpIOp::create(b, arith::CmpIPredicate::sge, coordinate,
                               constant(coordinate.getType(), 0));
}

Value BoxEmitter::insideColumns(unsigned d, int64_t i) {
  constexpr int64_t keyOfEnd = -1; // No element's.
  Value coordinate = getCoordinate(d, i);
  Value end = cached(conditions[d], keyOfEnd, [&] { return getRowEnd(); });
  if (!box.isGuarded(d, Guard::low))
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, coordinate, end);
  // The end may lie before the row, too.
  end = arith::MaxSIOp::create(b, end, constant(end.getType(), 0));
  return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, coordinate, end);
}

Value BoxEmitter::getRowBegin() {
  unsigned d = box.getType().getRank() - 1;
  Value begin = box.isGuarded(d, Guard::low) ? constant(getCoordinateType(), 0) : nullptr;
  if (!box.columns || (*box.columns)[0] == 0)
    return begin;
  Value start = arith::IndexCastOp::create(b, getCoordinateType(), box.start[d]);
  start = arith::AddIOp::create(b, start, constant(start.getType(), (*box.columns)[0]));
  return begin ? arith::MaxSIOp::create(b, begin, start).getResult() : start;
}

Value BoxEmitter::getRowEnd() {
  unsigned d = box.getType().getRank() - 1;
  Value end = box.isGuarded(d, Guard::high) ? getSize(d, getCoordinateType()) : nullptr;
  if (!box.columns)
    return end;
  Value start = arith::IndexCastOp::create(b, getCoordinateType(), box.start[d]);
  start = arith::AddIOp::create(b, start, constant(start.getType(), (*box.columns)[1]));
  if (box.endShift)
    start = arith::AddIOp::create(b, start,
                                  arith::IndexCastOp::create(b, getCoordinateType(), box.endShift));
  return end ? arith::MinSIOp::create(b, end, start).getResult() : start;
}

void BoxEmitter::insideRow(Piece &piece, int64_t i) {
  unsigned d = box.getType().getRank() - 1;
  auto emitOnce = [&](int64_t key, Value (BoxEmitter::*emit)()) {
    return cached(conditions[d], key, [&] { return (this->*emit)(); });
  };
  Value begin = emitOnce(0, &BoxEmitter::getRowBegin), end = emitOnce(1, &BoxEmitter::getRowEnd);
  if (!begin && !end)
    return;
  // Each row has its own distance from the group that begins before it.
  Type integer = getCoordinateType();
  auto flags = box.isNarrow ? arith::IntegerOverflowFlags::nsw : arith::IntegerOverflowFlags::none;
  Value first = arith::SubIOp::create(b, getCoordinate(d, i), skewOf(piece, integer), flags);
  Value vector = constant(integer, box.vector);
  // A group that only begins before the row holds the row's first elements.
  if (begin)
    piece.isInside =
        both(piece.isInside, arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, first,
                                                   arith::SubIOp::create(b, begin, vector)));
  if (!end)
    return;
  Value rest = arith::MinSIOp::create(b, arith::SubIOp::create(b, end, first), vector);
  rest = arith::MaxSIOp::create(b, rest, constant(integer, 0));
  piece.count = arith::IndexCastUIOp::create(b, b.getIndexType(), rest);
}

Value BoxEmitter::insideTile(unsigned t, int64_t i) {
  int64_t size = box.shape[t], coverage = box.layout.getCoverage(t);
  bool leavesThreads = t == 0 && box.layout.leavesThreads();
  if (!leavesThreads && (size % coverage == 0 || (size == 1 && !once)))
    return nullptr;
  int64_t rest = size - box.layout.getElementOffset(t, i);
  if (!leavesThreads && coverage <= rest)
    return nullptr;
  // The same for all repetitions but the last.
  int64_t end = std::min(coverage, rest);
  return cached(ends[t], end, [&]() -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, firstCoordinates[t],
                                 constant32(end));
  });
}
