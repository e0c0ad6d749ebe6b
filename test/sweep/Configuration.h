//===- Configuration.h - One random run through the chain -------*- C++ -*-===//
#ifndef POOLC_TEST_SWEEP_CONFIGURATION_H
#define POOLC_TEST_SWEEP_CONFIGURATION_H

#include "poolc/Target/GPU.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace poolc::sweep {

/// Which operations a sweep draws.
enum class OpChoice { any, avgPool2d, conv1d };

/// What a sweep keeps to.
struct Choices {
  OpChoice op = OpChoice::any;
  /// Null for random ones.
  const GPU *target = nullptr;
  /// An algorithm that each configuration forces somewhere; empty for any and none.
  std::string algorithm;
};

/// What is compiled and run, and with which inputs.
struct Configuration {
  /// The nn module, one public function `main`.
  std::string module;
  const GPU *target = nullptr;
  /// As for --schedule; may be empty.
  std::string schedule;
  /// As for --input, one per argument.
  std::vector<std::string> inputs;
  /// As for --dim, unless the inputs have shapes.
  std::vector<std::string> dims;
  /// Whether a PTX file is compiled and then run, or the module at once.
  bool throughPtx = false;
  /// Order of warps and blocks.
  uint64_t runSeed = 0;
  /// What it covers, as pairs of kind and value ("op", "nn.conv1d").
  std::vector<std::pair<std::string, std::string>> coverage;

  /// Options of poolc, and of poolc-run where it compiles.
  llvm::SmallVector<std::string> compileOptions() const;
  /// Further options of poolc-run, on `device` (as for --device) or, if that is
  /// empty, on the virtual one of the target.
  llvm::SmallVector<std::string> runOptions(llvm::StringRef device = "") const;
};

/// Draws the configuration of that seed; equal arguments, equal result. None where the
/// algorithm applies to nothing among many draws.
std::optional<Configuration> drawConfiguration(uint64_t seed, const Choices &choices);

} // namespace poolc::sweep

#endif // POOLC_TEST_SWEEP_CONFIGURATION_H
