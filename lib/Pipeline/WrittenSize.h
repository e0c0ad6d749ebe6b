//===- WrittenSize.h - How long a module is when written out ----*- C++ -*-===//
#ifndef POOLC_LIB_PIPELINE_WRITTENSIZE_H
#define POOLC_LIB_PIPELINE_WRITTENSIZE_H

#include "mlir/IR/BuiltinOps.h"

namespace poolc {

/// Succeeds if the attributes and types of `module` can be printed in reasonable
/// time. Each may stand for many in the text: with aliases, a few lines make an
/// attribute that has 2^64 parts when it is written out.
llvm::LogicalResult checkWrittenSize(mlir::ModuleOp module);

} // namespace poolc

#endif // POOLC_LIB_PIPELINE_WRITTENSIZE_H
