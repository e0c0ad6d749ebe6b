//===- LaunchPlan.h - The plan that host code amounts to --------*- C++ -*-===//
#ifndef POOLC_CODEGEN_LAUNCHPLAN_H
#define POOLC_CODEGEN_LAUNCHPLAN_H

#include "poolc/Plan/Plan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace poolc {

/// The function of `module` that launches its kernels: the only one with a body
/// outside the gpu.module. Null if there is none, failure if there are several.
llvm::FailureOr<mlir::func::FuncOp> findHostFunction(mlir::ModuleOp module);

/// The plan that does what `host` does: its arguments, its allocations, its
/// launches, and which buffer holds the result of which nn op (`nn.index`,
/// `nn.result` of a launch). Host code may hold integer arithmetic, memref.alloc
/// and gpu.launch_func; anything else is an error at the operation. Launches whose
/// grid is empty are marked as never to be done.
///
/// Fills all but what depends on the target and version: poolc, target, chip and
/// ptxVersion.
llvm::FailureOr<Plan> buildLaunchPlan(mlir::func::FuncOp host);

/// "input.mlir:2:8", of the first place in the text that `location` leads back to.
std::string spellLocation(mlir::Location location);

} // namespace poolc

#endif // POOLC_CODEGEN_LAUNCHPLAN_H
