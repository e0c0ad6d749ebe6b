//===- SourceFunction.h - The function that a plan came from ----*- C++ -*-===//
#ifndef POOLC_LIB_RUNTIME_SOURCEFUNCTION_H
#define POOLC_LIB_RUNTIME_SOURCEFUNCTION_H

#include "poolc/Reference/Reference.h"
#include "poolc/Support/DataType.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace poolc {

/// A parsed source, with MLIR's diagnostics turned into errors.
class SourceFunction {
public:
  SourceFunction();

  /// Finds the function called `entry`, or the only one where that is empty.
  llvm::Error parse(llvm::StringRef text, llvm::StringRef entry);

  mlir::ValueRange arguments() { return function.getArguments(); }
  mlir::ValueRange results() { return function.getBody().front().getTerminator()->getOperands(); }

  /// Gives the arguments those shapes, where their types allow it, and each value
  /// the one that follows. Errors: an op is not legal on them.
  llvm::Error refineShapes(llvm::ArrayRef<llvm::SmallVector<int64_t>> argumentShapes);

  /// Result `result` of the nn op with index `op`; null where there is none.
  mlir::Value result(int64_t op, int64_t result);

  /// The reference of an nn op on operands of these shapes.
  llvm::Expected<std::shared_ptr<ReferenceOp>>
  makeReference(mlir::Operation *op, llvm::ArrayRef<llvm::SmallVector<int64_t>> operandShapes);

  static bool isTensorOf(mlir::Value value, DataType type, size_t rank);

private:
  /// The first error that MLIR reported since the last call, or `otherwise`.
  llvm::Error takeError(llvm::StringRef otherwise);

  mlir::MLIRContext context;
  std::string firstDiagnostic;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
};

} // namespace poolc

#endif // POOLC_LIB_RUNTIME_SOURCEFUNCTION_H
