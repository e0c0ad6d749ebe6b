//===- Profile.cpp - Measured metrics of kernels --------------------------===//

#include "poolc/Profile/Profile.h"

#include "CSV.h"
#include "MetricNames.h"
#include "poolc/Support/Nesting.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

#include <cmath>

using namespace poolc;
using llvm::StringRef;

std::optional<double> KernelMetrics::get(StringRef metric) const {
  auto entry = values.find(metric);
  if (entry == values.end())
    return std::nullopt;
  return entry->second;
}

static llvm::Error checkProfile(llvm::ArrayRef<KernelMetrics> profile) {
  for (const KernelMetrics &kernel : profile)
    for (const auto &[name, value] : kernel.values)
      if (!std::isfinite(value) || value < 0)
        return llvm::createStringError("expected " + name + " of kernel '" + kernel.kernel +
                                       "' to be a number of at least 0, got " +
                                       std::to_string(value));
  if (profile.empty())
    return llvm::createStringError("expected the metrics of at least one kernel, got none");
  return llvm::Error::success();
}

static llvm::Expected<std::vector<KernelMetrics>> parseJSON(StringRef text) {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (!value)
    return value.takeError();
  const llvm::json::Object *kernels = value->getAsObject();
  if (!kernels)
    return llvm::createStringError("expected a JSON object with an object for each kernel");
  std::vector<KernelMetrics> profile;
  for (const auto &[name, entry] : *kernels) {
    const llvm::json::Object *metrics = entry.getAsObject();
    if (!metrics)
      return llvm::createStringError("expected an object of metrics for kernel '" + name.str() +
                                     "'");
    KernelMetrics kernel;
    kernel.kernel = name.str();
    for (const auto &[metric, number] : *metrics)
      if (std::optional<double> figure = number.getAsNumber())
        kernel.values[metric.str()] = *figure;
    profile.push_back(std::move(kernel));
  }
  llvm::sort(profile, [](auto &a, auto &b) { return a.kernel < b.kernel; });
  return profile;
}

llvm::Expected<std::vector<KernelMetrics>> poolc::parseProfile(StringRef text) {
  if (findNestingBeyond(text, maxNesting))
    return llvm::createStringError("expected at most " + llvm::Twine(maxNesting) +
                                   " brackets inside each other");
  auto profile = text.ltrim().starts_with("{") ? parseJSON(text) : parseProfileCSV(text);
  if (!profile)
    return profile.takeError();
  if (llvm::Error error = checkProfile(*profile))
    return std::move(error);
  return profile;
}

/// Letters and digits, in lower case.
static std::string sound(StringRef name) {
  std::string result;
  for (char c : name)
    if (llvm::isAlnum(c))
      result.push_back(llvm::toLower(c));
  return result;
}

const KernelMetrics *poolc::findKernel(llvm::ArrayRef<KernelMetrics> profile, StringRef kernel,
                                       StringRef op) {
  for (const KernelMetrics &entry : profile)
    if (entry.kernel == kernel)
      return &entry;
  const KernelMetrics *found = nullptr;
  for (const KernelMetrics &entry : profile) {
    if (!StringRef(sound(entry.kernel)).contains(sound(op)))
      continue;
    if (found)
      return nullptr;
    found = &entry;
  }
  return found;
}

Evidence poolc::toEvidence(const KernelMetrics &metrics) {
  Evidence evidence;
  evidence.isMeasured = true;
  evidence.smThroughput = metrics.get(metric::smThroughput);
  evidence.dramThroughput = metrics.get(metric::dramThroughput);
  evidence.memoryStalls = metrics.get(metric::stalls);
  if (!evidence.memoryStalls)
    evidence.memoryStalls = metrics.get(metric::oldStalls);
  auto requests = metrics.get(metric::loadRequests), sectors = metrics.get(metric::loadSectors);
  if (requests && sectors && *requests > 0)
    evidence.sectorsPerLoad = *sectors / *requests;
  return evidence;
}
