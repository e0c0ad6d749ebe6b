//===- HostDims.h - The dimensions that host code depends on ----*- C++ -*-===//
#ifndef POOLC_LIB_CODEGEN_HOSTDIMS_H
#define POOLC_LIB_CODEGEN_HOSTDIMS_H

#include "poolc/Plan/Plan.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include <map>

namespace poolc {

/// The sizes of a host function's arguments that only a run knows, and what it
/// requires of them:
///
///   %n = memref.dim %x, %c0 {nn.name = "N"}     a dimension of the plan, N
///   cf.assert (%n <= 65535)                     its range
///   cf.assert (memref.dim %y, %c0 == %n)        the shape of y, and no dimension
///   cf.assert (%a * %b <= 65535)                a guard
class HostDims {
public:
  explicit HostDims(mlir::func::FuncOp host) : host(host) {}

  /// Reads the function; errors are at its operations.
  llvm::LogicalResult analyse();

  /// The expression that computes `value`, an integer or index. What an expression
  /// cannot say is an error at the operation.
  llvm::FailureOr<Expression> toExpression(mlir::Value value) const;

  /// The size of a dimension of an argument.
  llvm::FailureOr<Expression> getSize(mlir::BlockArgument argument, unsigned axis) const;

  std::map<std::string, Plan::Dim> dims;
  std::vector<Expression> guards;

private:
  using Key = std::pair<unsigned, int64_t>;

  static std::optional<Key> getKey(mlir::Value value);
  bool dependsOn(mlir::Value value, Key key, llvm::SmallPtrSetImpl<mlir::Value> &seen) const;
  bool tie(mlir::Value size, mlir::Value other);
  llvm::LogicalResult nameDims();
  std::string chooseName(Key key) const;
  llvm::LogicalResult require(mlir::cf::AssertOp assertion);
  bool narrowRange(mlir::Value condition);

  llvm::FailureOr<std::string> spell(mlir::Value value) const;
  llvm::FailureOr<std::string> spellSize(Key key, mlir::Location loc) const;
  llvm::FailureOr<std::string> spellDim(mlir::memref::DimOp dim) const;

  /// A handle, none of whose methods are const.
  mutable mlir::func::FuncOp host;
  /// What sizes are said to be equal to, and the names of the others.
  std::map<Key, mlir::Value> ties;
  std::map<Key, std::string> names;
};

} // namespace poolc

#endif // POOLC_LIB_CODEGEN_HOSTDIMS_H
