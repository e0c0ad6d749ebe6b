//===- Pipelines.h - The passes that lead from level to level ---*- C++ -*-===//
//
// Built here once for all tools, so that poolc and poolc-opt do the same.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_PIPELINE_PIPELINES_H
#define POOLC_PIPELINE_PIPELINES_H

#include "poolc/Pipeline/Level.h"

#include "mlir/Pass/PassManager.h"

#include <string>

namespace poolc {

struct PipelineOptions {
  /// Name of the GPU to compile for; empty: the module's, else the default one.
  std::string target;
  /// Whether warps arrive at the barriers of pipelined loops before they wait there.
  bool splitBarriers = true;
  /// Whether a warp may copy parts of several rows at once.
  bool dealCopies = true;
  /// Words of the schedule that are decided already.
  std::string schedule;
};

/// Appends the passes that lead to `level`, one of `moduleLevels()`, from the
/// level before it. `passes` is anchored on a module.
void buildPipelineTo(Level level, mlir::OpPassManager &passes, const PipelineOptions &options = {});

/// Makes each step available by name: poolc-to-nvvm leads from gpu to nvvm.
void registerPipelines();

} // namespace poolc

#endif // POOLC_PIPELINE_PIPELINES_H
