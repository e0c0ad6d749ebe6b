//===- Level.h - The levels that a program passes ---------------*- C++ -*-===//
#ifndef POOLC_PIPELINE_LEVEL_H
#define POOLC_PIPELINE_LEVEL_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace poolc {

/// In order; `cubin`, `plan` and `header` are other forms of what `ptx` holds.
enum class Level { nn, schedule, tile, gpu, nvvm, llvm, ptx, cubin, plan, header };

/// The name used on command lines: "nn", "schedule", ...
llvm::StringRef toString(Level level);

/// The levels at which the program is an MLIR module, in order.
llvm::ArrayRef<Level> moduleLevels();

/// The level that `module` is at: nn, tile, gpu or nvvm. A module with schedules
/// counts as nn and one at llvm as nvvm: the passes that follow keep what is there.
Level detectLevel(mlir::ModuleOp module);

} // namespace poolc

#endif // POOLC_PIPELINE_LEVEL_H
