//===- Stages.cpp - What the rules of both stages share -------------------===//

#include "Stages.h"

#include "poolc/Schedule/Words.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>

using namespace poolc;

std::string poolc::formatNumber(double value) { return llvm::formatv("{0:F1}", value); }

std::string poolc::formatTime(double seconds) {
  if (seconds < 1e-3)
    return llvm::formatv("{0:F1} us", seconds * 1e6);
  return llvm::formatv("{0:F2} ms", seconds * 1e3);
}

double poolc::predictedSMThroughput(const Prediction &prediction) {
  double most = 0;
  for (Limiter pipe : {Limiter::issue, Limiter::fma, Limiter::alu, Limiter::special,
                       Limiter::memory, Limiter::tensor, Limiter::wavefronts})
    most = std::max(most, prediction.share(pipe));
  return 100 * most;
}

double poolc::predictedDramThroughput(const GPU &gpu, const RatedSchedule &rated) {
  double bytes = rated.cost.dramReadBytes + rated.cost.dramWriteBytes;
  if (rated.prediction.seconds <= 0)
    return 0;
  return 100 * bytes / rated.prediction.seconds / (gpu.dramActualGBs * 1e9);
}

double poolc::predictedStalls(const Prediction &prediction) {
  double busiest = 0;
  for (const LimitTime &limit : prediction.limits)
    if (limit.limiter != Limiter::latency)
      busiest = std::max(busiest, prediction.share(limit.limiter));
  return 100 * std::max(0.0, 1 - busiest);
}

double poolc::dramRoofPercent(const GPU &gpu, double writeShare) {
  return 100 * reachableDramGBs(gpu, writeShare) / gpu.dramActualGBs;
}

double poolc::roofOf(const GPU &gpu, const RatedSchedule &rated) {
  double bytes = rated.cost.dramReadBytes + rated.cost.dramWriteBytes;
  return dramRoofPercent(gpu, bytes > 0 ? rated.cost.dramWriteBytes / bytes : 0);
}

bool poolc::isAtRoof(const GPU &gpu, const RatedSchedule &rated, double dramPercent,
                     double roofShare) {
  return dramPercent >= roofOf(gpu, rated) * roofShare / 100;
}

llvm::Expected<RatedSchedule> Stage::tryChange(Schedule change) const {
  auto rate = [&]() -> llvm::Expected<RatedSchedule> {
    RatedSchedule rated = space.rate(change);
    if (rated.cost.spilledRegisters > current.cost.spilledRegisters)
      return llvm::createStringError("expected registers enough for all sums of a thread, got " +
                                     llvm::Twine(rated.cost.spilledRegisters) + " too few");
    return rated;
  };
  llvm::Error error = space.verify(change);
  while (error && !fixed.numWarps && change.numWarps > 1) {
    // A smaller tile may be too small for its warps.
    Schedule fewer = change;
    fewer.numWarps /= 2;
    llvm::Error next = space.verify(fewer);
    bool helps = !next;
    llvm::consumeError(std::move(next));
    change.numWarps = fewer.numWarps;
    if (!helps)
      continue;
    llvm::consumeError(std::move(error));
    return rate();
  }
  if (error)
    return std::move(error);
  return rate();
}

bool Stage::isWorthIt(const RatedSchedule &from, const RatedSchedule &change, bool isEvident) {
  double now = from.prediction.seconds, then = change.prediction.seconds;
  return then <= now * (isEvident ? 1 + mostLoss : 1 - leastGain);
}

/// "block_h=8 -> 4, num_warps=4 -> 2"
static std::string describeChange(const Schedule &from, const Schedule &to) {
  std::string text;
  for (const NumberWord &word : numberWords) {
    int64_t before = from.*word.member, after = to.*word.member;
    if (before == after)
      continue;
    text += (text.empty() ? "" : ", ") + word.name.str() + "=" + std::to_string(before) + " -> " +
            std::to_string(after);
  }
  return text;
}

void Stage::fire(llvm::StringRef rule, const RatedSchedule &change, const llvm::Twine &reason) {
  outcomes.push_back({rule, true,
                      describeChange(current.schedule, change.schedule) + ": " + reason.str() +
                          "; predicted " + formatTime(current.prediction.seconds) + " -> " +
                          formatTime(change.prediction.seconds)});
  current = change;
}
