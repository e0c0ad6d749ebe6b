//===- Diagnose.cpp - What a profile says about an op ---------------------===//

#include "poolc/Profile/Profile.h"

#include "MetricNames.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace poolc;
using llvm::formatv;

namespace {
class Diagnoser {
public:
  Diagnoser(const KernelMetrics &metrics, const Work &work, const GPU &gpu)
      : metrics(metrics), work(work), gpu(gpu), evidence(toEvidence(metrics)),
        writeShare(work.bytes() > 0 ? double(work.writeBytes) / double(work.bytes()) : 0),
        roof(dramRoofPercent(gpu, writeShare)) {}

  Diagnosis run() {
    judgeDram();
    judgeTraffic();
    judgeOccupancy();
    judgeStalls();
    return std::move(result);
  }

private:
  void judgeDram();
  void judgeTraffic();
  void judgeOccupancy();
  void judgeStalls();

  bool isAtRoof() const {
    return evidence.dramThroughput &&
           *evidence.dramThroughput >= roof * GridOptions().dramRoof / 100;
  }
  void find(std::string text) { result.findings.push_back(std::move(text)); }
  void miss(std::string text) { result.missing.push_back(std::move(text)); }

  const KernelMetrics &metrics;
  const Work &work;
  const GPU &gpu;
  Evidence evidence;
  double writeShare, roof;
  Diagnosis result;
};
} // namespace

void Diagnoser::judgeDram() {
  if (!evidence.dramThroughput)
    miss(formatv("{0}: whether DRAM is at its roof, where no grid and no number of stages helps",
                 metric::dramThroughput));
  if (!evidence.smThroughput)
    miss(formatv("{0}: whether the SMs have work enough (aim {1:F0} %)", metric::smThroughput,
                 GridOptions().smAim));
  if (!evidence.dramThroughput)
    return;
  double dram = *evidence.dramThroughput;
  if (!isAtRoof()) {
    find(formatv(
        "DRAM is not at its roof: throughput {0:F2} %, where streaming kernels with {1:F0} % "
        "writes reach {2:F1} %",
        dram, 100 * writeShare, roof));
    if (evidence.smThroughput)
      find(formatv("SM throughput is {0:F2} %, {1} the aim of {2:F0} %", *evidence.smThroughput,
                   *evidence.smThroughput < GridOptions().smAim ? "below" : "at or above",
                   GridOptions().smAim));
    return;
  }
  find(formatv(
      "DRAM is at its roof: throughput {0:F2} %, and streaming kernels with {1:F0} % writes "
      "reach {2:F1} %",
      dram, 100 * writeShare, roof));
  if (evidence.smThroughput && *evidence.smThroughput < GridOptions().smAim)
    find(formatv("the low SM throughput of {0:F2} % is a consequence: the SMs wait for DRAM; "
                 "{1}leave the grid alone",
                 *evidence.smThroughput,
                 metrics.get(metric::gridSize)
                     ? formatv("{0:F0} blocks are enough, ", *metrics.get(metric::gridSize)).str()
                     : ""));
}

void Diagnoser::judgeTraffic() {
  auto read = metrics.get(metric::dramRead), write = metrics.get(metric::dramWrite);
  double compulsory = double(work.bytes());
  if (read && write && compulsory > 0) {
    double ratio = (*read + *write) / compulsory;
    find(formatv("DRAM moves {0:F2} GB, {1:F2} times the compulsory {2:F2} GB",
                 (*read + *write) / 1e9, ratio, compulsory / 1e9));
    if (isAtRoof())
      find(formatv("headroom: at most {0:F2} (100 / {1:F2} %) times the {2:F2} of the excess bytes",
                   100 / *evidence.dramThroughput, *evidence.dramThroughput, std::max(1.0, ratio)));
    return;
  }
  if (isAtRoof())
    find(formatv("headroom: at most {0:F2} (100 / {1:F2} %), unless the kernel moves more than the "
                 "compulsory {2:F2} GB",
                 100 / *evidence.dramThroughput, *evidence.dramThroughput, compulsory / 1e9));
  miss(formatv("{0}, {1}: whether DRAM moves more than the compulsory {2:F2} GB", metric::dramRead,
               metric::dramWrite, compulsory / 1e9));
  if (!metrics.get(metric::duration) && evidence.dramThroughput && *evidence.dramThroughput > 0) {
    double seconds = compulsory / (*evidence.dramThroughput / 100 * gpu.dramActualGBs * 1e9);
    miss(formatv("{0}: tells it too; {1:F2} ms at this DRAM throughput are the compulsory bytes, "
                 "more time is more bytes",
                 metric::duration, seconds * 1e3));
  }
}

void Diagnoser::judgeOccupancy() {
  std::optional<double> active = metrics.get(metric::warpsActive);
  if (!active)
    return;
  double warps = *active / 100 * gpu.maxWarpsPerSM;
  double whole = std::round(warps);
  // Near a power of two, as the warps of a block are one and all live equally long.
  constexpr double nearness = 0.02;
  std::string text =
      formatv("{0:F2} % of {1} warps per SM are active: {2:F1}", *active, gpu.maxWarpsPerSM, warps);
  std::optional<double> blockSize = metrics.get(metric::blockSize);
  if (blockSize && *blockSize >= gpu.warpSize) {
    double blockWarps = *blockSize / gpu.warpSize;
    text += formatv(", {0:F1} blocks of {1:F0} warps", warps / blockWarps, blockWarps);
  } else if (whole >= 1 && whole * gpu.warpSize <= gpu.maxThreadsPerBlock &&
             llvm::isPowerOf2_64(uint64_t(whole)) && std::abs(warps - whole) < nearness * whole) {
    text = formatv("{0:F2} % active warps = {1:F0}/{2} warps per SM: one resident block of {1:F0} "
                   "warps",
                   *active, whole, gpu.maxWarpsPerSM);
  }
  if (warps < gpu.maxWarpsPerSM / 4.0)
    text += isAtRoof() ? "; few, but enough to keep DRAM at its roof"
                       : "; few warps to hide latency with";
  find(std::move(text));
}

void Diagnoser::judgeStalls() {
  if (evidence.memoryStalls) {
    double aim = LatencyOptions().stallAim;
    find(formatv("memory stalls of {0:F1} % are {1} the aim of {2:F0} %", *evidence.memoryStalls,
                 *evidence.memoryStalls > aim ? "above" : "within", aim));
    return;
  }
  miss(formatv(
      "{0} (older: {1}): the rule for num_stages needs it; above {2:F0} % it decides for more "
      "stages, below for leaving them",
      metric::stalls, metric::oldStalls, LatencyOptions().stallAim));
}

Diagnosis poolc::diagnose(const KernelMetrics &metrics, const Work &work, const GPU &gpu) {
  return Diagnoser(metrics, work, gpu).run();
}
