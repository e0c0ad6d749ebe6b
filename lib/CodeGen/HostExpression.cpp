//===- HostExpression.cpp - Integer arithmetic of host code ---------------===//

#include "HostDims.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace poolc;

/// Characters of an expression at most: one that is used twice is written twice.
static constexpr size_t maxTextLength = 1 << 16;

/// How an operation on two integers is written: as an operator between them, or
/// as a function. Sizes are never negative, so that signed and unsigned forms,
/// and division that truncates and that rounds down, mean the same.
static StringRef spellingOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<arith::AddIOp>([](auto) { return "+"; })
      .Case<arith::SubIOp>([](auto) { return "-"; })
      .Case<arith::MulIOp>([](auto) { return "*"; })
      .Case<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp>([](auto) { return "/"; })
      .Case<arith::RemSIOp, arith::RemUIOp>([](auto) { return "%"; })
      .Case<arith::CeilDivSIOp, arith::CeilDivUIOp>([](auto) { return "ceildiv"; })
      .Case<arith::MinSIOp, arith::MinUIOp>([](auto) { return "min"; })
      .Case<arith::MaxSIOp, arith::MaxUIOp>([](auto) { return "max"; })
      .Case<arith::CmpIOp>([](arith::CmpIOp compare) -> StringRef {
        switch (compare.getPredicate()) {
        case arith::CmpIPredicate::eq:
          return "==";
        case arith::CmpIPredicate::ne:
          return "!=";
        case arith::CmpIPredicate::slt:
        case arith::CmpIPredicate::ult:
          return "<";
        case arith::CmpIPredicate::sle:
        case arith::CmpIPredicate::ule:
          return "<=";
        case arith::CmpIPredicate::sgt:
        case arith::CmpIPredicate::ugt:
          return ">";
        case arith::CmpIPredicate::sge:
        case arith::CmpIPredicate::uge:
          return ">=";
        }
        return "";
      })
      .Default([](auto) { return ""; });
}

FailureOr<std::string> HostDims::spell(Value value) const {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return std::to_string(constant.getSExtValue());
  Operation *op = value.getDefiningOp();
  if (!op)
    return emitError(value.getLoc())
           << "expected a number that host code computes, got an argument of type "
           << value.getType();
  if (auto dim = dyn_cast<memref::DimOp>(op))
    return spellDim(dim);
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp, arith::ExtUIOp,
          arith::TruncIOp>(op))
    return spell(op->getOperand(0));

  StringRef spelling = spellingOf(op);
  if (spelling.empty())
    return op->emitOpError("cannot be part of a launch plan; expected integer arithmetic");
  FailureOr<std::string> lhs = spell(op->getOperand(0));
  FailureOr<std::string> rhs = failed(lhs) ? lhs : spell(op->getOperand(1));
  if (failed(rhs))
    return failure();
  if (lhs->size() + rhs->size() > maxTextLength)
    return op->emitOpError("cannot be part of a launch plan; expected an expression of at most ")
           << maxTextLength << " characters";
  if (llvm::isAlpha(spelling.front()))
    return (spelling + "(" + *lhs + ", " + *rhs + ")").str();
  return ("(" + *lhs + " " + spelling + " " + *rhs + ")").str();
}
