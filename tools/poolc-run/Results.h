//===- Results.h - What poolc-run makes of a run's results ------*- C++ -*-===//
#ifndef POOLC_TOOLS_POOLC_RUN_RESULTS_H
#define POOLC_TOOLS_POOLC_RUN_RESULTS_H

#include "Arguments.h"
#include "poolc/Runtime/Execution.h"

#include "llvm/Support/raw_ostream.h"

namespace poolc::run {

/// Writes the result as .npy, converted if that was asked for.
llvm::Error writeResult(const OutputSpec &output, const SizedBuffer &result,
                        const Execution &execution);

/// Prints the result's range, mean and first elements on a line.
llvm::Error printSummary(llvm::raw_ostream &os, const SizedBuffer &result,
                         const Execution &execution);

/// Compares every op with the reference. What passed is said on `os`; for what
/// did not, the error has the first mismatches.
llvm::Error checkResults(llvm::raw_ostream &os, const Plan &plan, const PlanSizes &sizes,
                         const Execution &execution);

/// Prints the lines of the PTX at which warps spend most time, per launch.
void printHotLines(llvm::raw_ostream &os, llvm::StringRef ptx,
                   llvm::ArrayRef<vgpu::LaunchMetrics> launches, uint64_t count);

/// Holds the modelled time and bytes against the least that the plan's ops need; an
/// error is a fault of the model. Without a source nothing is known.
llvm::Error checkModel(const Plan &plan, const PlanSizes &sizes, const Device &device,
                       const Execution &execution);

/// Times the launches, or takes the modelled time of the latest run, and prints the median with its
/// noise and, where the plan has a source, the rates and the share of what the GPU can do.
llvm::Error benchmark(llvm::raw_ostream &os, const Device &device, const Plan &plan,
                      const PlanSizes &sizes, Execution &execution);

} // namespace poolc::run

#endif // POOLC_TOOLS_POOLC_RUN_RESULTS_H
