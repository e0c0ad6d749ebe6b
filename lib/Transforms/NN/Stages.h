//===- Stages.h - What the passes of both stages share ----------*- C++ -*-===//
#ifndef POOLC_LIB_TRANSFORMS_NN_STAGES_H
#define POOLC_LIB_TRANSFORMS_NN_STAGES_H

#include "poolc/Schedule/Stages.h"

#include "nn/NN.h"

#include "mlir/IR/BuiltinOps.h"

namespace poolc {

using RunStage =
    llvm::function_ref<StageResult(const ScheduleSpace &space, const Schedule &schedule,
                                   const Schedule &given, const Evidence &evidence)>;

/// Called with what a stage did to each op.
using SeeResult = llvm::function_ref<void(const StageResult &result)>;

/// Runs a stage on the schedule of each nn op of the module and records what it
/// made of it; remarks of `category` tell the outcomes. Emits errors.
llvm::LogicalResult runStage(mlir::ModuleOp module, llvm::StringRef category, RunStage run,
                             SeeResult see);

} // namespace poolc

#endif // POOLC_LIB_TRANSFORMS_NN_STAGES_H
