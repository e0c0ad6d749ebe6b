//===- HostFunction.h - The host's side of a function on tensors -*- C++ -*-===//
//
// A function on tensors becomes one on buffers: its arguments, then its results, all
// in global memory. Between them lie temporaries. Each has a name in the plan.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_HOSTFUNCTION_H
#define POOLC_LIB_CONVERSION_NNTOTILE_HOSTFUNCTION_H

#include "HostSizes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringSet.h"

namespace poolc {

/// Whether the function is one that can become a host function; if not, says why.
mlir::LogicalResult checkHostFunction(mlir::func::FuncOp source);

class HostFunction {
public:
  /// Creates the function where `builder` is, and leaves `builder` at its end.
  /// `source` is one that checkHostFunction accepted.
  HostFunction(mlir::func::FuncOp source, mlir::OpBuilder &builder);

  /// The buffer of a tensor of the source that has one by now.
  mlir::Value getBuffer(mlir::Value tensor) const { return buffers.lookup(tensor); }
  void setBuffer(mlir::Value tensor, mlir::Value buffer) { buffers.map(tensor, buffer); }

  /// Where an operation's result goes: to the first result of the function that
  /// is this value, or to a temporary.
  mlir::Value getResultBuffer(mlir::Operation *op);
  /// A temporary.
  mlir::Value allocate(mlir::MemRefType type, mlir::Location loc,
                       mlir::ValueRange dynamicSizes = {});
  /// What the plan calls a buffer.
  mlir::StringAttr getName(mlir::Value buffer);

  /// The sizes of a tensor of the source.
  mlir::SmallVector<Size> &shape(mlir::Value tensor) { return shapes[tensor]; }

  /// The buffers of the function's results.
  llvm::ArrayRef<mlir::Value> getResults() const { return results; }

  /// Has the plan know the sizes of the results, and ends the function.
  void finish();

  unsigned numTemporaries = 0;

private:
  std::string uniqueName(llvm::StringRef wanted);
  void nameBuffers();
  void nameDims();
  void requireResultSizes();

  mlir::func::FuncOp source, host;
  mlir::OpBuilder &builder;
  llvm::StringSet<> names;
  mlir::IRMapping buffers;
  mlir::SmallVector<mlir::Value> results;
  llvm::DenseMap<mlir::Value, mlir::SmallVector<Size>> shapes;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_HOSTFUNCTION_H
