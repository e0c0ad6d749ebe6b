//===- Text.cpp - Reports for people --------------------------------------===//

#include "poolc/Report/Report.h"
#include "poolc/Schedule/Words.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace poolc;
using llvm::formatv;

static std::string formatTime(double seconds) {
  if (std::isinf(seconds))
    return "unknown";
  if (seconds < 1e-3)
    return formatv("{0:F1} us", seconds * 1e6);
  return formatv("{0:F2} ms", seconds * 1e3);
}

static std::string formatBytes(double bytes) {
  if (bytes < 1e4)
    return formatv("{0:F0} bytes", bytes);
  if (bytes < 1e6)
    return formatv("{0:F1} KB", bytes / 1e3);
  if (bytes < 1e9)
    return formatv("{0:F1} MB", bytes / 1e6);
  return formatv("{0:F2} GB", bytes / 1e9);
}

/// How many other schedules a report names.
static constexpr size_t maxRejected = 6;

namespace {
/// Lines with a title on the left, the way the whole report looks.
class Printer {
public:
  Printer(llvm::raw_ostream &os, const OpReport &report)
      : os(os), report(report), gpu(*report.gpu), cost(report.chosen.cost),
        predicted(report.chosen.prediction) {}

  void print() {
    os << report.kernel << ": " << report.op << " at " << report.location << ", on " << gpu.fullName
       << "\n\n";
    printSchedule();
    if (cost.blocks > 0) {
      printOccupancy();
      printTime();
      printBytes();
      printLimits();
    }
    printProducts();
    printReasons();
    printStages();
    printDiagnosis();
    os << '\n';
  }

private:
  void line(llvm::StringRef title, const llvm::Twine &text) {
    os << llvm::left_justify(title.empty() ? "" : ("  " + title).str(), 16) << text << '\n';
  }

  void printSchedule();
  void printOccupancy();
  void printTime();
  void printBytes();
  void printLimits();
  void printProducts();
  void printReasons();
  void printStages();
  void printDiagnosis();

  llvm::raw_ostream &os;
  const OpReport &report;
  const GPU &gpu;
  const KernelCost &cost;
  const Prediction &predicted;
};
} // namespace

void Printer::printSchedule() {
  const Schedule &schedule = report.chosen.schedule;
  line("schedule", schedule.str());
  for (const AlgorithmInfo &info : report.algorithms)
    if (info.isOf(schedule)) {
      line("", schedule.algorithm + ": " + info.summary);
      break;
    }
  std::array<int64_t, 3> size = report.grid.grid();
  line("launch", formatv("grid {0} x {1} x {2} = {3} blocks of {4} threads", size[0], size[1],
                         size[2], report.grid.blocks(), schedule.numWarps * gpu.warpSize));
  for (auto [dim, name] : llvm::zip(report.grid.dims, llvm::StringRef("xyz")))
    for (const TileGrid::Axis &axis : dim)
      line("", formatv("  {0}: axis {1}, {2} in {3} tiles of {4}", name, axis.letter, axis.extent,
                       axis.tiles, axis.block));
}

void Printer::printOccupancy() {
  const Occupancy &occupancy = predicted.occupancy;
  line("occupancy",
       formatv("{0} blocks = {1} of {2} warps per SM ({3:F0} %), limited by {4}; {5:F2} waves",
               occupancy.blocksPerSM, occupancy.warpsPerSM, gpu.maxWarpsPerSM,
               100 * occupancy.fraction, toString(occupancy.limit), predicted.waves));
  line("", formatv("per block {0} registers per thread (predicted), {1} of shared memory",
                   cost.registersPerThread, formatBytes(double(cost.sharedBytesPerBlock))));
}

void Printer::printTime() {
  line("time", formatv("{0} predicted, limited by {1}", formatTime(predicted.seconds),
                       toString(predicted.limiter)));
  double floor = report.floor.seconds();
  line("",
       formatv("{0:F2} x the floor of {1} (memory {2}, arithmetic {3})", predicted.seconds / floor,
               formatTime(floor), formatTime(report.floor.memorySeconds),
               formatTime(report.floor.computeSeconds)));
  double intensity = report.work.operations / double(report.work.bytes());
  double writeShare = double(report.work.writeBytes) / double(report.work.bytes());
  double ridge = report.peakTFLOPs * 1e3 / reachableDramGBs(gpu, writeShare);
  line("roofline",
       formatv("{0:F2} FLOP per compulsory byte, ridge at {1:F1}: {2}; {3:F0} GB/s, {4:F2} TFLOP/s",
               intensity, ridge, intensity < ridge ? "bound by memory" : "bound by arithmetic",
               double(report.work.bytes()) / predicted.seconds / 1e9,
               report.work.operations / predicted.seconds / 1e12));
}

void Printer::printBytes() {
  double read = double(report.work.readBytes), written = double(report.work.writeBytes);
  line("bytes", formatv("compulsory {0}: {1} read, {2} written", formatBytes(read + written),
                        formatBytes(read), formatBytes(written)));
  auto level = [&](llvm::StringRef name, double r, double w) {
    line("", formatv("{0,-9} {1,10}, {2:F2} x compulsory", name, formatBytes(r + w),
                     (r + w) / (read + written)));
  };
  level("DRAM", cost.dramReadBytes, cost.dramWriteBytes);
  level("L2", cost.l2ReadBytes, cost.l2WriteBytes);
  if (cost.bytesInFlight > 0)
    line("", formatv("in flight {0} per SM; {1} keep DRAM busy",
                     formatBytes(predicted.bytesInFlightPerSM),
                     formatBytes(predicted.bytesInFlightNeeded)));
}

void Printer::printLimits() {
  llvm::SmallVector<LimitTime, 10> limits(predicted.limits);
  llvm::sort(limits, [](auto &a, auto &b) { return a.seconds > b.seconds; });
  llvm::StringRef title = "limits";
  for (const LimitTime &limit : limits) {
    double share = predicted.share(limit.limiter);
    // The others do not matter to anybody.
    if (share < 0.01)
      break;
    line(title, formatv("{0,-34} {1,10}  {2,3:F0} %", toString(limit.limiter),
                        formatTime(limit.seconds), 100 * share));
    title = "";
  }
}

/// What the choice between units was, where there was one.
void Printer::printProducts() {
  if (report.chosen.schedule.products == Products::any)
    return;
  auto describe = [&](Products products, llvm::StringRef unit) -> std::string {
    double seconds = report.fastestWith(products);
    return formatv("{0} ({1}) {2}", toString(products), unit,
                   std::isinf(seconds) ? "not compared" : formatTime(seconds));
  };
  line("products", formatv("{0}; predicted: {1}, {2}", toString(report.chosen.schedule.products),
                           describe(Products::fma, "FMA units"),
                           describe(Products::mma, "tensor cores, three for each")));
}

void Printer::printReasons() {
  const Decision &decision = report.decision;
  if (report.given != Schedule())
    line("given", report.given.str());
  if (decision.rated.empty())
    return line("why", "the schedule was there already");
  line("why", formatv("fastest predicted of {0} legal candidate{1}, to within 1 %",
                      decision.rated.size(), decision.rated.size() == 1 ? "" : "s"));
  const RatedSchedule &best = decision.rated.front();
  line("", formatv("{0,10}         {1}", formatTime(best.prediction.seconds), best.schedule.str()));
  llvm::StringRef title = "rejected";
  for (const RatedSchedule &other :
       llvm::ArrayRef(decision.rated).drop_front().take_front(maxRejected)) {
    line(title, formatv("{0,10} {1,6:F2}x {2}: {3}", formatTime(other.prediction.seconds),
                        other.prediction.seconds / best.prediction.seconds, other.schedule.str(),
                        toString(other.prediction.limiter)));
    title = "";
  }
  if (decision.rated.size() > maxRejected + 1)
    line("", formatv("and {0} slower ones", decision.rated.size() - maxRejected - 1));
  title = "impossible";
  for (const AlgorithmInfo &info : report.algorithms) {
    if (info.whyNot.empty())
      continue;
    line(title, info.name + ": " + info.whyNot);
    title = "";
  }
  for (const auto &[algorithm, reason] : decision.refused) {
    line(title, algorithm + ": " + reason);
    title = "";
  }
}

void Printer::printStages() {
  for (auto [title, stage] :
       {std::pair{"grid stage", &report.gridStage}, {"latency stage", &report.latencyStage}}) {
    llvm::StringRef left = title;
    for (const RuleOutcome &outcome : stage->outcomes) {
      line(left, outcome.rule + (outcome.fired ? ": changed " : ": ") + outcome.text);
      left = "";
    }
  }
}

void Printer::printDiagnosis() {
  if (!report.diagnosis)
    return;
  llvm::StringRef title = "profile";
  for (const std::string &finding : report.diagnosis->findings) {
    line(title, finding);
    title = "";
  }
  title = "missing";
  for (const std::string &metric : report.diagnosis->missing) {
    line(title, metric);
    title = "";
  }
}

void poolc::printReport(llvm::raw_ostream &os, const OpReport &report) {
  Printer(os, report).print();
}

/// "1, 2, 4 ... 256" or "1 to 4".
static std::string describeRange(const WordRule &rule) {
  if (rule.min == rule.max)
    return std::to_string(rule.min);
  if (rule.anyNumber)
    return formatv(rule.step == 1 ? "{0} to {1}" : "multiple of {2} from {0} to {1}", rule.min,
                   rule.max, rule.step);
  return formatv("power of two from {0} to {1}", rule.min, rule.max);
}

void poolc::printSpace(llvm::raw_ostream &os, llvm::StringRef op, llvm::StringRef location,
                       const ScheduleSpace &space, const Schedule &given) {
  os << op << " at " << location << ", on " << space.getGPU().fullName << "\n\n";
  for (const AlgorithmInfo &info : space.algorithms()) {
    os << "  algorithm=" << info.name;
    if (info.products != Products::any)
      os << ",products=" << toString(info.products);
    os << ": " << info.summary << '\n';
    if (!info.whyNot.empty()) {
      os << "    does not apply: " << info.whyNot << "\n\n";
      continue;
    }
    for (const WordRule &rule : info.rules.words)
      os << "    " << llvm::left_justify(rule.word, 12) << describeRange(rule) << '\n';
    Schedule wanted = given;
    wanted.algorithm = info.name.str();
    wanted.products = info.products;
    llvm::Expected<Decision> decision = space.decide(wanted);
    if (!decision) {
      os << "    no schedule: " << llvm::toString(decision.takeError()) << "\n\n";
      continue;
    }
    std::string axes;
    TileGrid grid = llvm::cantFail(space.grid(decision->schedule()));
    for (const auto &dim : grid.dims)
      for (const TileGrid::Axis &axis : dim)
        axes += axis.letter;
    os << "    " << llvm::left_justify("order", 12) << "the axes '" << axes
       << "' in one to three groups separated by dots, x first\n";
    os << "    decided: " << decision->schedule().str() << "; predicted "
       << formatTime(decision->rated.front().prediction.seconds) << "\n\n";
  }
}
