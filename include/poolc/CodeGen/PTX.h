//===- PTX.h - From kernels in the LLVM dialect to PTX text -----*- C++ -*-===//
//
// Runs LLVM's optimiser and its NVPTX backend in this process. No CUDA toolkit
// is involved.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_CODEGEN_PTX_H
#define POOLC_CODEGEN_PTX_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <optional>
#include <string>

namespace poolc {

/// A version of the PTX language as 10 * major + minor, e.g. 78 for 7.8.
using PTXVersion = unsigned;

/// "7.8" for 78.
std::string formatPTXVersion(PTXVersion version);

struct PTXOptions {
  /// LLVM's name of the processor, e.g. "sm_89".
  std::string chip;
  /// Lowest version that knows the chip.
  PTXVersion minVersion = 0;
  /// The version to emit; absent: the lowest that chip and kernels need, so that
  /// old drivers load it.
  std::optional<PTXVersion> version;
  /// Called with the LLVM IR of the kernels as translated ("translated.ll") and
  /// as optimised ("optimized.ll").
  std::function<llvm::Error(llvm::StringRef name, llvm::StringRef text)> observe;
};

struct PTX {
  std::string text;
  PTXVersion version;
  /// The processor that can run it: the one asked for, or with features of its own, "sm_90a".
  std::string chip;
};

/// Registers what `emitPTX` needs of the dialects in its module's context.
void registerPTXTranslations(mlir::DialectRegistry &registry);

/// Succeeds if the backend can emit `options.version` for the chip; the error
/// states the versions that it can.
llvm::Error checkPTXVersion(const PTXOptions &options);

/// The PTX of all kernels in `module`, whose gpu.module is at the level `llvm`.
/// A module without a gpu.module gives PTX without kernels. What LLVM holds against
/// the kernels comes back as an error; what MLIR does is a diagnostic, and the
/// error only says so. LLVM has fatal errors, too: call this under `runGuarded`.
llvm::Expected<PTX> emitPTX(mlir::ModuleOp module, const PTXOptions &options);

} // namespace poolc

#endif // POOLC_CODEGEN_PTX_H
