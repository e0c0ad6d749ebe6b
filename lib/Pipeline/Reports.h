//===- Reports.h - Reports of modules ---------------------------*- C++ -*-===//
#ifndef POOLC_LIB_PIPELINE_REPORTS_H
#define POOLC_LIB_PIPELINE_REPORTS_H

#include "poolc/Report/Report.h"

#include "mlir/IR/BuiltinOps.h"

namespace poolc {

/// One report for each nn op of a module whose ops have schedules.
std::vector<OpReport> collectReports(mlir::ModuleOp module);

/// Tells what profiles say about their ops, and what the stages made of that, in
/// remarks on the ops.
void remarkOnProfiles(mlir::ModuleOp module);

/// The spaces of schedules of all nn ops of a module, as text. Emits
/// errors.
llvm::FailureOr<std::string> listSpaces(mlir::ModuleOp module);

} // namespace poolc

#endif // POOLC_LIB_PIPELINE_REPORTS_H
