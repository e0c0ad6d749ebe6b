//===- HostSizes.cpp - Sizes that host code computes ----------------------===//

#include "HostSizes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;

/// What every dimension is at most, so that no product of two leaves 64 bits.
static constexpr int64_t maxDim = std::numeric_limits<int32_t>::max();

Size HostSizes::dim(Value memref, unsigned d, StringRef name) {
  auto op = memref::DimOp::create(b, memref, d);
  op->setAttr("nn.name", b.getStringAttr(name));
  return requireAtMost(Size(op, maxDim + 1), maxDim, name);
}

Value HostSizes::asValue(const Size &size) {
  return size.isStatic() ? arith::ConstantIndexOp::create(b, size.max).getResult() : size.value;
}

static int64_t saturatingProduct(int64_t a, int64_t b) {
  return llvm::checkedMul(a, b).value_or(std::numeric_limits<int64_t>::max());
}

Size HostSizes::product(const Size &a, const Size &c) {
  int64_t max = saturatingProduct(a.max, c.max);
  // A factor is only of use for the alignment of accesses. 0 is a multiple of what
  // the other sizes are.
  auto factorOf = [](const Size &size) { return std::max<int64_t>(size.factor, 1); };
  int64_t factor = llvm::checkedMul(factorOf(a), factorOf(c)).value_or(1);
  if (a.isStatic() && c.isStatic()) {
    Size result = max;
    result.factor = factor;
    return result;
  }
  if (a.isStatic())
    return a.max == 1 ? c : product(c, a);
  if (c.isStatic() && c.max == 1)
    return a;
  return Size(arith::MulIOp::create(b, a.value, asValue(c)), max, factor);
}

Size HostSizes::product(ArrayRef<Size> sizes) {
  Size result;
  for (const Size &size : sizes)
    result = product(result, size);
  return result;
}

Size HostSizes::tiles(const Size &size, int64_t block) {
  int64_t max = llvm::divideCeilSigned(size.max, block);
  if (size.isStatic() || block == 1)
    return size.isStatic() ? Size(max) : size;
  return Size(arith::CeilDivSIOp::create(b, size.value, asValue(block)), max);
}

Size HostSizes::wholeTiles(const Size &size, int64_t block) {
  int64_t max = size.max / block;
  if (size.isStatic() || block == 1)
    return size.isStatic() ? Size(max) : size;
  return Size(arith::FloorDivSIOp::create(b, size.value, asValue(block)), max);
}

Size HostSizes::positions(const Window &window, const Size &size) {
  Window largest = window;
  largest.size = size.max;
  int64_t max = largest.outputSize().value_or(0);
  if (size.isStatic())
    return max;
  int64_t offset = window.outputOffset().value_or(0);
  Value sum = size.value;
  if (offset != 0)
    sum = arith::AddIOp::create(b, sum, asValue(offset));
  if (window.stride == 1)
    return Size(sum, max);
  Value stride = asValue(window.stride);
  return Size(window.ceilMode ? arith::CeilDivSIOp::create(b, sum, stride).getResult()
                              : arith::FloorDivSIOp::create(b, sum, stride).getResult(),
              max);
}

//===----------------------------------------------------------------------===//
// Requirements
//===----------------------------------------------------------------------===//

/// `value <= limit`, or with `isLower` `value >= limit`, on an operand of it and a
/// constant: that operand, and the limit for it. Null where there is none.
static std::pair<Value, int64_t> stepBack(Value value, int64_t limit, bool isLower) {
  Operation *op = value.getDefiningOp();
  APInt constant;
  if (!op || op->getNumOperands() != 2 ||
      !matchPattern(op->getOperand(1), m_ConstantInt(&constant)))
    return {};
  int64_t c = constant.getSExtValue();
  std::optional<int64_t> result;
  if (isa<arith::AddIOp>(op))
    result = llvm::checkedSub(limit, c);
  else if (isa<arith::MulIOp>(op) && c > 0)
    result = isLower ? llvm::divideCeilSigned(limit, c) : llvm::divideFloorSigned(limit, c);
  else if (isa<arith::FloorDivSIOp>(op) && c > 0)
    result = llvm::checkedMulAdd(limit, c, isLower ? 0 : c - 1);
  else if (isa<arith::CeilDivSIOp>(op) && c > 0)
    result = isLower ? llvm::checkedMulAdd(limit - 1, c, int64_t{1}) : llvm::checkedMul(limit, c);
  if (!result)
    return {};
  return {op->getOperand(0), *result};
}

void HostSizes::require(arith::CmpIPredicate predicate, Value value, int64_t limit,
                        StringRef what) {
  bool isLower = predicate == arith::CmpIPredicate::sge;
  for (auto back = stepBack(value, limit, isLower); back.first;
       back = stepBack(value, limit, isLower))
    std::tie(value, limit) = back;
  Value holds = arith::CmpIOp::create(b, predicate, value, asValue(limit));
  cf::AssertOp::create(
      b, holds,
      ("expected " + what + (isLower ? " of at least " : " of at most ") + Twine(limit)).str());
}

void HostSizes::requireAtLeast(const Size &size, int64_t least, StringRef what) {
  if (!size.isStatic())
    require(arith::CmpIPredicate::sge, size.value, least, what);
}

Size HostSizes::requireAtMost(const Size &size, int64_t most, StringRef what) {
  if (size.isStatic() || size.max <= most)
    return size;
  require(arith::CmpIPredicate::sle, size.value, most, what);
  return Size(size.value, most, size.factor);
}

void HostSizes::requireEqual(Size &size, const Size &expected, StringRef what) {
  if (!size.isStatic() && size.value != expected.value) {
    Value holds = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, size.value, asValue(expected));
    cf::AssertOp::create(b, holds, ("expected " + what + " to agree").str());
  }
  size = expected;
}
