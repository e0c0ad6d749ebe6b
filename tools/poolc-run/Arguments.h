//===- Arguments.h - Values of poolc-run's flags ----------------*- C++ -*-===//
//
// The texts of flags, parsed: every error here is a UsageError.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_TOOLS_POOLC_RUN_ARGUMENTS_H
#define POOLC_TOOLS_POOLC_RUN_ARGUMENTS_H

#include "poolc/Runtime/InputSpec.h"
#include "poolc/Runtime/PlanSizes.h"
#include "poolc/Target/GPU.h"
#include "poolc/VirtualGPU/Sanitizer.h"

#include <optional>
#include <string>
#include <vector>

namespace poolc::run {

/// auto, cuda[:N] or virtual[:target].
struct DeviceChoice {
  enum class Kind { automatic, cuda, virtualGPU } kind = Kind::automatic;
  unsigned ordinal = 0;
  /// Null: the plan's target.
  const GPU *target = nullptr;
};

/// [type:]file.npy
struct OutputSpec {
  std::optional<DataType> type;
  std::string path;
};

llvm::Expected<DeviceChoice> parseDevice(llvm::StringRef text);
llvm::Expected<std::vector<InputSpec>> parseInputs(llvm::ArrayRef<std::string> texts);
llvm::Expected<std::vector<OutputSpec>> parseOutputs(llvm::ArrayRef<std::string> texts);
llvm::Expected<Dims> parseDims(llvm::ArrayRef<std::string> texts);
/// Names with commas between.
llvm::Expected<vgpu::Sanitizers> parseSanitizers(llvm::StringRef text);
/// An empty text is 0.
llvm::Expected<uint64_t> parseNumber(llvm::StringRef flag, llvm::StringRef text);

} // namespace poolc::run

#endif // POOLC_TOOLS_POOLC_RUN_ARGUMENTS_H
