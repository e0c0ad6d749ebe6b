//===- Kernel.h - The PTX that poolc-run runs, and its plan -----*- C++ -*-===//
#ifndef POOLC_TOOLS_POOLC_RUN_KERNEL_H
#define POOLC_TOOLS_POOLC_RUN_KERNEL_H

#include "poolc/Plan/Plan.h"
#include "poolc/Target/GPU.h"

#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace poolc::run {

struct KernelRequest {
  std::string inputPath;
  /// For PTX without a plan of its own, or in its place.
  std::string planPath;
  /// For MLIR: the GPU asked for, and the one to compile for else.
  const GPU *target = nullptr;
  const GPU *fallbackTarget = nullptr;
  std::string schedule;
};

struct Kernel {
  /// For messages.
  std::string name;
  std::string ptx;
  Plan plan;
};

/// Reads PTX, or compiles MLIR to it; which of them the input is, its contents
/// say. Nothing is returned where the compiler has already reported what is
/// wrong.
llvm::Expected<std::optional<Kernel>> loadKernel(const KernelRequest &request);

} // namespace poolc::run

#endif // POOLC_TOOLS_POOLC_RUN_KERNEL_H
