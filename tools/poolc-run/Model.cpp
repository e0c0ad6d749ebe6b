//===- Model.cpp - What the virtual GPU's model says of a run -------------===//

#include "Results.h"

#include "poolc/Runtime/ProgramWork.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace poolc;
using namespace poolc::run;

/// The reason for which warps wait most at a line, and its share of all clocks.
static std::pair<vgpu::Stall, double> mainStall(const vgpu::HotLine &line) {
  unsigned worst = 0;
  for (unsigned i = 1; i < vgpu::numStalls; ++i)
    if (line.stalls[i] > line.stalls[worst])
      worst = i;
  return {vgpu::Stall(worst), line.stalls[worst]};
}

static void printRatio(llvm::raw_ostream &os, double part, double whole) {
  if (whole > 0)
    os << llvm::format("%13.2f", part / whole);
  else
    os << llvm::format("%13s", "-");
}

void run::printHotLines(llvm::raw_ostream &os, llvm::StringRef ptx,
                        llvm::ArrayRef<vgpu::LaunchMetrics> launches, uint64_t count) {
  llvm::SmallVector<llvm::StringRef> text;
  ptx.split(text, '\n');
  for (const vgpu::LaunchMetrics &launch : launches) {
    os << "hot lines of " << launch.kernel
       << ", modelled: " << llvm::format("%.4g us, ", launch.time.nanoseconds * 1e-3)
       << launch.time.limiter << "\n";
    os << "  time %   executions  sectors/req conflicts/req  waits for                 line\n";
    for (const vgpu::HotLine &line : llvm::ArrayRef(launch.time.hot).take_front(count)) {
      auto [stall, share] = mainStall(line);
      os << llvm::format("%8.2f %12.0f", line.share(), line.executions);
      printRatio(os, line.sectors, line.sectors > 0 ? line.requests : 0);
      printRatio(os, line.conflicts, line.sectors > 0 ? 0 : line.requests);
      os << "  " << llvm::format("%-18s", toString(stall).str().c_str())
         << llvm::format("%6.2f", share) << llvm::format("%6u", line.line) << "  ";
      if (line.line > 0 && line.line <= text.size())
        os << text[line.line - 1].trim();
      os << "\n";
    }
  }
}

llvm::Error run::checkModel(const Plan &plan, const PlanSizes &sizes, const Device &device,
                            const Execution &execution) {
  if (plan.source.empty() || execution.metrics().empty())
    return llvm::Error::success();
  llvm::Expected<ProgramWork> work = computeProgramWork(plan, sizes, device.gpu());
  if (!work)
    return work.takeError();
  double seconds = 0, bytes = 0;
  for (const vgpu::LaunchMetrics &launch : execution.metrics()) {
    seconds += launch.time.nanoseconds * 1e-9;
    bytes += (launch.dramReadSectors + launch.dramWriteSectors) * double(sectorBytes);
  }
  // A sample's edges are not quite the grid's.
  double slack = execution.isSampled() ? 0.99 : 1;
  if (seconds < work->floorSeconds * slack)
    return llvm::createStringError(
        llvm::formatv("the modelled time of {0:f2} us is below the {1:f2} us that the ops need at "
                      "least: a fault of the model",
                      seconds * 1e6, work->floorSeconds * 1e6));
  auto least = double(work->work.bytes());
  if (least > double(device.gpu()->l2Bytes) && bytes < least * slack)
    return llvm::createStringError(
        llvm::formatv("the modelled {0} bytes of DRAM are less than the {1} that the ops need at "
                      "least: a fault of the model",
                      uint64_t(bytes), uint64_t(least)));
  return llvm::Error::success();
}
