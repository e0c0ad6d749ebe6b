//===- Measurement.cpp - Times until they are certain ---------------------===//

#include "poolc/Runtime/Measurement.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

using namespace poolc;

/// The median and its noise, by order statistics: whatever the distribution,
/// the median of n samples is within 0.98 sqrt(n) ranks with 95 % confidence.
static Measurement summarize(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  auto count = static_cast<double>(samples.size());
  auto at = [&](double rank) {
    return samples[static_cast<size_t>(std::clamp(rank, 0.0, count - 1))];
  };
  Measurement result;
  result.runs = static_cast<unsigned>(samples.size());
  result.seconds = (at((count - 1) / 2) + at(count / 2)) / 2;
  double reach = 0.98 * std::sqrt(count);
  double width = at(std::ceil(count / 2 + reach)) - at(std::floor(count / 2 - reach));
  result.noise = result.seconds > 0 ? width / 2 / result.seconds : 0;
  return result;
}

llvm::Expected<Measurement> poolc::measure(llvm::function_ref<llvm::Expected<double>()> sample,
                                           const MeasurementOptions &options) {
  for (unsigned run = 0; run != options.warmUpRuns; ++run)
    if (llvm::Error error = sample().takeError())
      return error;

  auto start = std::chrono::steady_clock::now();
  std::vector<double> samples;
  Measurement result;
  // Sorting after every run would take longer than short kernels do.
  size_t nextLook = options.minRuns;
  while (samples.size() < options.maxRuns) {
    llvm::Expected<double> seconds = sample();
    if (!seconds)
      return seconds.takeError();
    samples.push_back(*seconds);
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    bool isLate = elapsed.count() > options.timeLimit;
    if (samples.size() < nextLook && !isLate)
      continue;
    result = summarize(samples);
    if (result.noise < options.noise || isLate)
      return result;
    nextLook = samples.size() + samples.size() / 4 + 1;
  }
  return summarize(samples);
}
