//===- Measurement.h - What a launch is to run and to count -----*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_MEASUREMENT_H
#define POOLC_LIB_VIRTUALGPU_METRICS_MEASUREMENT_H

#include "../Block.h"
#include "Meter.h"

namespace poolc::vgpu {

/// Chooses the blocks of a launch and, if that is wanted, counts what they do.
class Measurement {
public:
  /// Sets launch.observe where blocks are to be watched. Both must outlive it. An
  /// error if the metrics or the sample need what cannot be: a block that does not
  /// fit on the GPU.
  static llvm::Expected<Measurement> prepare(LaunchContext &launch, const LaunchOptions &options);

  const BlockSelection &selection() const { return blocks; }
  /// The metrics, if they were asked for, once all blocks have run.
  std::optional<LaunchMetrics> finish();

private:
  Measurement() = default;

  BlockSelection blocks;
  LaunchMetrics metrics;
  /// Blocks hold on to it.
  std::unique_ptr<Meter> meter;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_MEASUREMENT_H
