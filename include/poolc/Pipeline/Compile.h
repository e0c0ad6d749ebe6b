//===- Compile.h - From MLIR text to any level ------------------*- C++ -*-===//
//
// What `poolc` does, as a library: the tools that need PTX or a plan compile
// with the functions here.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_PIPELINE_COMPILE_H
#define POOLC_PIPELINE_COMPILE_H

#include "poolc/CodeGen/PTX.h"
#include "poolc/Pipeline/Level.h"
#include "poolc/Report/Report.h"
#include "poolc/Target/GPU.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <functional>
#include <optional>
#include <string>

namespace mlir {
class PassManager;
} // namespace mlir

namespace poolc {

struct CompileOptions {
  /// The GPU to compile for; null: the one that the module names (`nn.target`),
  /// else the default one.
  const GPU *target = nullptr;
  Level level = Level::ptx;
  /// Words of the schedule that are decided already, e.g. "num_warps=4".
  std::string schedule;
  /// Metrics of the program's kernels, to correct schedules by; remarks tell how.
  std::vector<KernelMetrics> profile;
  /// Called with what was decided about each op, as soon as it is.
  std::function<void(llvm::ArrayRef<OpReport>)> report;
  /// Absent: the lowest that chip and kernels need.
  std::optional<PTXVersion> ptxVersion;
  /// The program that assembles PTX, for the level cubin.
  std::string ptxas;
  /// Called with every level that is passed, e.g. "nn.mlir", and its text.
  std::function<llvm::Error(llvm::StringRef name, llvm::StringRef text)> observe;
  /// Called for the pass manager before it runs, e.g. to print IR.
  std::function<llvm::LogicalResult(mlir::PassManager &)> configure;
};

/// Compiles the MLIR text in `input`, whose identifier is the file's name in
/// messages, to `options.level`. The input may itself be at any level down to
/// llvm. Diagnostics go to `diagnostics` as "file:line:col: error: ..." with the
/// source line; failure means that there was at least one. Never ends the
/// process, whatever the input.
llvm::FailureOr<std::string> compile(llvm::MemoryBufferRef input, const CompileOptions &options,
                                     llvm::raw_ostream &diagnostics);

/// The spaces of schedules of the program's ops, as text. As for `compile`, of
/// whose options the target counts.
llvm::FailureOr<std::string> listSchedules(llvm::MemoryBufferRef input,
                                           const CompileOptions &options,
                                           llvm::raw_ostream &diagnostics);

/// The options of the backend for a GPU of the table.
PTXOptions ptxOptionsFor(const GPU &gpu, std::optional<PTXVersion> version);

} // namespace poolc

#endif // POOLC_PIPELINE_COMPILE_H
