//===- IndexBuilder.h - Arithmetic on indices and conditions ----*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_INDEXBUILDER_H
#define POOLC_LIB_CONVERSION_TILETOGPU_INDEXBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace poolc {

/// Values of type index, and conditions, of which null is one that surely holds.
struct IndexBuilder {
  using Value = mlir::Value;

  mlir::ImplicitLocOpBuilder &b;

  Value index(int64_t value) { return mlir::arith::ConstantIndexOp::create(b, value); }
  Value toIndex(Value a) { return mlir::arith::IndexCastUIOp::create(b, b.getIndexType(), a); }
  Value add(Value a, Value c) { return mlir::arith::AddIOp::create(b, a, c); }
  Value add(Value a, int64_t c) { return add(a, index(c)); }
  Value sub(Value a, Value c) { return mlir::arith::SubIOp::create(b, a, c); }
  Value mul(Value a, Value c) { return mlir::arith::MulIOp::create(b, a, c); }
  Value mul(Value a, int64_t c) { return mul(a, index(c)); }
  Value both(Value a, Value c) {
    if (!a || !c)
      return a ? a : c;
    return mlir::arith::AndIOp::create(b, a, c);
  }
  Value isBelow(Value a, Value c) {
    return mlir::arith::CmpIOp::create(b, mlir::arith::CmpIPredicate::slt, a, c);
  }
  Value isAtLeast(Value a, Value c) {
    return mlir::arith::CmpIOp::create(b, mlir::arith::CmpIPredicate::sge, a, c);
  }
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_INDEXBUILDER_H
