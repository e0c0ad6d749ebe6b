//===- Profile.h - Measured metrics of kernels ------------------*- C++ -*-===//
//
// What Nsight Compute, or poolc-run --metrics, measured of kernels, and what it
// says about them. No IR.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_PROFILE_PROFILE_H
#define POOLC_PROFILE_PROFILE_H

#include "poolc/Schedule/Stages.h"
#include "poolc/Target/Roofline.h"

#include "llvm/Support/Error.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace poolc {

/// The metrics of one launch by their Nsight Compute names: percentages, bytes,
/// nanoseconds, counts.
struct KernelMetrics {
  /// The kernel's name, without a signature; "name#2" for its second launch.
  std::string kernel;
  std::map<std::string, double, std::less<>> values;

  std::optional<double> get(llvm::StringRef metric) const;
};

/// Reads a profile: JSON with an object per kernel, as poolc-run --metrics writes
/// it, or CSV of Nsight Compute, with a column per metric (--page raw) or a line
/// per metric. Errors say what was expected and in which line.
llvm::Expected<std::vector<KernelMetrics>> parseProfile(llvm::StringRef text);

/// The metrics of an op's kernel: of that name; else of the only kernel whose
/// name sounds like the op's ("avgpool2d_kernel" for "avg_pool2d"); else null.
const KernelMetrics *findKernel(llvm::ArrayRef<KernelMetrics> profile, llvm::StringRef kernel,
                                llvm::StringRef op);

/// The figures that the stages go by.
Evidence toEvidence(const KernelMetrics &metrics);

/// What a profile says about an op, in sentences.
struct Diagnosis {
  /// What was seen and what follows, the most important first.
  std::vector<std::string> findings;
  /// Metrics that were not measured, each with what it would decide.
  std::vector<std::string> missing;
};

/// `work` is what the op must at least move and compute.
Diagnosis diagnose(const KernelMetrics &metrics, const Work &work, const GPU &gpu);

} // namespace poolc

#endif // POOLC_PROFILE_PROFILE_H
