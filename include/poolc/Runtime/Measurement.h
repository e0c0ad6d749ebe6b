//===- Measurement.h - Times until they are certain -------------*- C++ -*-===//
#ifndef POOLC_RUNTIME_MEASUREMENT_H
#define POOLC_RUNTIME_MEASUREMENT_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

namespace poolc {

struct MeasurementOptions {
  /// Stop as soon as the noise is below this.
  double noise = 0.005;
  /// Stop after so much time, in seconds, noise or not.
  double timeLimit = 10;
  unsigned warmUpRuns = 3;
  unsigned minRuns = 20, maxRuns = 100000;
};

struct Measurement {
  /// The median.
  double seconds = 0;
  /// Half the width of the median's 95 % confidence interval, as a fraction of it.
  double noise = 0;
  unsigned runs = 0;
};

/// Takes samples, in seconds, until their median is certain.
llvm::Expected<Measurement> measure(llvm::function_ref<llvm::Expected<double>()> sample,
                                    const MeasurementOptions &options = {});

} // namespace poolc

#endif // POOLC_RUNTIME_MEASUREMENT_H
