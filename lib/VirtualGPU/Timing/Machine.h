//===- Machine.h - A GPU's rates in clocks of an SM -------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_MACHINE_H
#define POOLC_LIB_VIRTUALGPU_TIMING_MACHINE_H

#include "OpCost.h"
#include "poolc/Target/GPU.h"

namespace poolc::vgpu {

/// Schedulers of an SM; a warp belongs to the one with its number modulo this.
constexpr unsigned numSchedulers = 4;

/// The table's figures of one GPU at one clock.
class Machine {
public:
  Machine(const GPU &gpu, double clockMHz) : gpu(gpu), clockMHz(clockMHz) {}

  const GPU &gpu;
  const double clockMHz;

  /// Clocks for which one machine instruction keeps its scheduler's share of a pipe.
  double holdOf(Pipe pipe) const;
  double holdOf(const OpCost &cost) const;
  /// Clocks from the issue of the first machine instruction to the result of the last;
  /// not of memory.
  unsigned latencyOf(const OpCost &cost) const;
  /// The share of the tensor pipe's clocks that the profiler counts as active: GeForce
  /// cards throttle sums in f32.
  double tensorActivityOf(const OpCost &cost) const;

  /// Whether a fence of its own comes in front of an arrival at an mbarrier object.
  bool fencesArrivals() const;

  double bytesPerClock(double GBs) const { return GBs * 1e3 / clockMHz; }
  /// DRAM's own part of the latency is a time, the rest is clocks.
  double dramLatency() const {
    return gpu.l2Latency + (double(gpu.dramLatency) - gpu.l2Latency) * clockMHz / gpu.boostMHz;
  }
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_MACHINE_H
