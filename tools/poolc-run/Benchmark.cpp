//===- Benchmark.cpp - How fast a run is ----------------------------------===//

#include "Results.h"

#include "poolc/Runtime/Measurement.h"
#include "poolc/Runtime/ProgramWork.h"

#include "llvm/Support/Format.h"

using namespace poolc;
using namespace poolc::run;

static void printTime(llvm::raw_ostream &os, double seconds) {
  if (seconds < 1e-3)
    os << llvm::format("%.4g us", seconds * 1e6);
  else
    os << llvm::format("%.4g ms", seconds * 1e3);
}

/// The time of the launches, by the device's clock or by the model.
static llvm::Expected<double> timeLaunches(llvm::raw_ostream &os, const Device &device,
                                           Execution &execution) {
  if (device.isVirtual()) {
    double seconds = 0;
    for (const vgpu::LaunchMetrics &launch : execution.metrics())
      seconds += launch.time.nanoseconds * 1e-9;
    os << "bench: ";
    printTime(os, seconds);
    os << ", modelled, on " << device.description();
    return seconds;
  }
  llvm::Expected<Measurement> measured = measure([&] { return execution.time(); });
  if (!measured)
    return measured.takeError();
  os << "bench: ";
  printTime(os, measured->seconds);
  os << llvm::format(", noise %.2g %%", measured->noise * 100) << " over " << measured->runs
     << " runs on " << device.description();
  return measured->seconds;
}

llvm::Error run::benchmark(llvm::raw_ostream &os, const Device &device, const Plan &plan,
                           const PlanSizes &sizes, Execution &execution) {
  llvm::Expected<double> seconds = timeLaunches(os, device, execution);
  if (!seconds)
    return seconds.takeError();
  if (plan.source.empty() || *seconds <= 0) {
    os << "\n";
    return llvm::Error::success();
  }

  llvm::Expected<ProgramWork> work = computeProgramWork(plan, sizes, device.gpu());
  if (!work) {
    os << "\n";
    return work.takeError();
  }
  os << llvm::format("; %.4g GB/s, %.4g TFLOP/s",
                     static_cast<double>(work->work.bytes()) / *seconds * 1e-9,
                     work->work.operations / *seconds * 1e-12);
  if (work->floorSeconds > 0)
    os << llvm::format(", %.3g %% of the roof", work->floorSeconds / *seconds * 100);
  os << "\n";
  return llvm::Error::success();
}
