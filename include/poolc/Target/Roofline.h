//===- Roofline.h - The least time an op can take ---------------*- C++ -*-===//
//
// Compulsory memory traffic of an op and the time below which no kernel can go
// on a GPU.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_TARGET_ROOFLINE_H
#define POOLC_TARGET_ROOFLINE_H

#include "poolc/Problem/Add.h"
#include "poolc/Problem/AvgPool2d.h"
#include "poolc/Problem/Conv1d.h"
#include "poolc/Target/GPU.h"

namespace poolc {

/// What an op must move and compute, whatever the kernel.
struct Work {
  /// Bytes of the distinct sectors that hold a used input element, each once.
  int64_t readBytes = 0;
  /// Bytes of the output's sectors.
  int64_t writeBytes = 0;
  /// Floating-point operations; a fused multiply-add is two. For pooling the
  /// least possible: each used input is added once, each output scaled once.
  double operations = 0;

  int64_t bytes() const { return readBytes + writeBytes; }
};

/// Tensors are taken to start on a sector. Takes time and memory proportional
/// to the longest axis. The problem must be legal.
Work computeWork(const AddProblem &problem);
Work computeWork(const AvgPool2dProblem &problem);
Work computeWork(const Conv1dProblem &problem);

/// The DRAM rate that streaming kernels reach on `gpu`, in GB/s, when
/// `writeShare` (0 to 1) of the bytes are writes.
double reachableDramGBs(const GPU &gpu, double writeShare);

/// Peak of the unit that does the op's arithmetic, in TFLOP/s; of the faster one where either may
/// do it, as in precision tf32x3: tensor cores with three products for one, or FMA units.
double peakTFLOPs(const GPU &gpu, const AddProblem &problem);
double peakTFLOPs(const GPU &gpu, const AvgPool2dProblem &problem);
double peakTFLOPs(const GPU &gpu, const Conv1dProblem &problem);

/// Whether that unit is the FMA units.
bool isPeakOfFMA(const GPU &gpu, const Conv1dProblem &problem);

/// The larger of memory time and arithmetic time, in seconds.
struct Floor {
  double memorySeconds = 0, computeSeconds = 0;
  double seconds() const { return memorySeconds > computeSeconds ? memorySeconds : computeSeconds; }
};
Floor computeFloor(const GPU &gpu, const Work &work, double peakTFLOPs);

} // namespace poolc

#endif // POOLC_TARGET_ROOFLINE_H
