//===- poolc-sweep.cpp - Random configurations through the whole chain ----===//
//
// Draws legal functions, schedules, targets and inputs, compiles them, runs them
// on the virtual GPU and checks the results.
//
//===----------------------------------------------------------------------===//

#include "Configuration.h"
#include "Job.h"
#include "poolc/Support/ToolSupport.h"
#include "poolc/Target/Native.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

#include <map>
#include <thread>

using namespace poolc;
using namespace poolc::sweep;
namespace cl = llvm::cl;

static cl::OptionCategory category("Sweep options");
static cl::opt<uint64_t> count("count", cl::desc("Configurations to run"), cl::init(100),
                               cl::cat(category));
static cl::opt<uint64_t> seedOption("seed", cl::desc("Draw the same ones again (default: others)"),
                                    cl::cat(category));
static cl::opt<uint64_t> onlyOption("only", cl::desc("Run just the one with this index"),
                                    cl::value_desc("index"), cl::cat(category));
static cl::opt<OpChoice>
    opOption("op", cl::desc("Draw only this operation"), cl::cat(category), cl::init(OpChoice::any),
             cl::values(clEnumValN(OpChoice::any, "any", "both (default)"),
                        clEnumValN(OpChoice::avgPool2d, "avg_pool2d", "nn.avg_pool2d"),
                        clEnumValN(OpChoice::conv1d, "conv1d", "nn.conv1d")));
static cl::opt<std::string> targetOption("target", cl::desc("Draw only for this GPU"),
                                         cl::cat(category));
static cl::opt<std::string>
    algorithmOption("algorithm",
                    cl::desc("Draw only functions of which this one computes a part, by a "
                             "forced schedule"),
                    cl::cat(category));
static cl::opt<unsigned> jobs("jobs", cl::desc("Configurations at a time (default: 2)"),
                              cl::init(2), cl::cat(category));
static cl::opt<std::string> directory("directory",
                                      cl::desc("Where files go (default: poolc-sweep)"),
                                      cl::init("poolc-sweep"), cl::cat(category));
static cl::opt<std::string> device("device",
                                   cl::desc("As for poolc-run (default: virtual, as the target)"),
                                   cl::cat(category));
static cl::opt<bool>
    usePtxas("ptxas",
             cl::desc("Assemble each PTX file, if ptxas is found; spills fail, and "
                      "poolings of more registers than predicted"),
             cl::cat(category));
static cl::opt<bool> sanitize("sanitize",
                              cl::desc("Run kernels under all sanitizers of the virtual GPU"),
                              cl::cat(category));
static cl::opt<unsigned> timeLimit("time-limit", cl::desc("Seconds per program (default: 300)"),
                                   cl::init(300), cl::cat(category));
static cl::opt<bool> printOnly("print", cl::desc("Print the functions instead of running them"),
                               cl::cat(category));

/// The seed of one configuration: neighbouring indices have unrelated ones.
static uint64_t seedOf(uint64_t seed, uint64_t index) {
  uint64_t mixed = seed + (index + 1) * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

static llvm::Expected<Configuration> draw(uint64_t seed, uint64_t index, const Choices &choices) {
  if (std::optional<Configuration> drawn = drawConfiguration(seedOf(seed, index), choices))
    return std::move(*drawn);
  return usageError(
      "expected --algorithm to be one that applies to something that is drawn, got '" +
      choices.algorithm + "'");
}

namespace {
/// Runs the configurations and keeps the score.
class Sweep {
public:
  Sweep(uint64_t seed, Choices choices, Tools tools)
      : seed(seed), choices(std::move(choices)), tools(std::move(tools)) {}

  llvm::Error run() {
    uint64_t next = onlyOption.getNumOccurrences() ? onlyOption.getValue() : 0;
    uint64_t end = onlyOption.getNumOccurrences() ? next + 1 : count.getValue();
    while (next < end || !running.empty()) {
      while (next < end && running.size() < jobs)
        if (llvm::Error error = startJob(next++))
          return error;
      llvm::erase_if(running, [&](Running &job) { return finish(job); });
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return llvm::Error::success();
  }

  void printSummary() const {
    llvm::outs() << "\ncoverage, in number of draws:\n";
    for (const auto &[kind, values] : coverage) {
      llvm::outs() << "  " << kind << ": ";
      llvm::ListSeparator separator;
      for (const auto &[value, draws] : values)
        llvm::outs() << separator << value << " " << draws;
      llvm::outs() << "\n";
    }
    llvm::outs() << llvm::formatv("\nseed {0}: {1} configurations passed, {2} failed\n", seed,
                                  passed, failed);
  }

  bool hasFailures() const { return failed != 0; }

private:
  struct Running {
    uint64_t index;
    Job job;
  };

  llvm::Error startJob(uint64_t index) {
    llvm::Expected<Configuration> configuration = draw(seed, index, choices);
    if (!configuration)
      return configuration.takeError();
    llvm::Expected<Job> job = Job::create(std::move(*configuration), directory,
                                          llvm::formatv("{0}-{1}", seed, index).str(), tools);
    if (!job)
      return job.takeError();
    for (const auto &[kind, value] : job->configuration().coverage)
      ++coverage[kind][value];
    running.push_back({index, std::move(*job)});
    return llvm::Error::success();
  }

  /// Whether the job is over; what a failed one left behind is kept.
  bool finish(Running &running) {
    switch (running.job.poll()) {
    case Job::State::running:
      return false;
    case Job::State::passed:
      ++passed;
      running.job.removeFiles();
      return true;
    case Job::State::failed:
      ++failed;
      printFailure(running);
      return true;
    }
    return true;
  }

  void printFailure(const Running &running) const {
    const Job &job = running.job;
    llvm::outs() << llvm::formatv("\nFAILED: configuration {0} of seed {1}: {2}\n", running.index,
                                  seed, job.failure())
                 << job.configuration().module << job.log() << "reproduce: " << job.commandText()
                 << "\n";
    llvm::outs().flush();
  }

  uint64_t seed;
  Choices choices;
  Tools tools;
  std::vector<Running> running;
  uint64_t passed = 0, failed = 0;
  std::map<std::string, std::map<std::string, uint64_t>> coverage;
};
} // namespace

/// The tools that stand beside this program.
static Tools findTools(const char *argv0) {
  std::string self = llvm::sys::fs::getMainExecutable(argv0, reinterpret_cast<void *>(findTools));
  llvm::StringRef bin = llvm::sys::path::parent_path(self);
  auto beside = [&](llvm::StringRef name) {
    llvm::SmallString<128> path(bin);
    llvm::sys::path::append(path, name);
    return path.str().str();
  };
  Tools tools;
  tools.poolc = beside("poolc");
  tools.poolcRun = beside("poolc-run");
  tools.device = device;
  tools.sanitize = sanitize;
  tools.timeLimit = std::chrono::seconds(timeLimit.getValue());
  if (usePtxas) {
    llvm::ErrorOr<std::string> ptxas = llvm::sys::findProgramByName("ptxas");
    if (ptxas)
      tools.ptxas = *ptxas;
    else
      reportRemark("poolc-sweep", "no ptxas found: the PTX is not assembled");
  }
  return tools;
}

static llvm::Error printConfigurations(uint64_t seed, const Choices &choices) {
  for (uint64_t index = 0; index < count; ++index) {
    llvm::Expected<Configuration> drawn = draw(seed, index, choices);
    if (!drawn)
      return drawn.takeError();
    llvm::outs() << drawn->module << "// -----\n";
  }
  return llvm::Error::success();
}

static llvm::Error run(int argc, char **argv, bool &hasFailures) {
  if (llvm::Error error = parseCommandLine(
          argc, argv, "Runs random legal configurations and checks the results", {&category}))
    return error;
  if (jobs == 0)
    return usageError("expected --jobs to be at least 1, got 0");
  uint64_t seed = seedOption.getNumOccurrences() ? seedOption.getValue()
                                                 : llvm::sys::Process::GetRandomNumber();
  Choices choices{opOption, nullptr, algorithmOption};
  if (targetOption.getNumOccurrences()) {
    choices.target = lookupGPU(targetOption);
    if (!choices.target)
      return usageError("expected --target to be one of " + gpuNames() + ", got '" + targetOption +
                        "'");
  }
  if (printOnly)
    return printConfigurations(seed, choices);
  if (llvm::Error error = createDirectories(directory))
    return error;
  llvm::outs() << "seed " << seed << "\n";
  llvm::outs().flush();

  Sweep sweep(seed, std::move(choices), findTools(argv[0]));
  if (llvm::Error error = sweep.run())
    return error;
  sweep.printSummary();
  hasFailures = sweep.hasFailures();
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  bool hasFailures = false;
  if (llvm::Error error = run(argc, argv, hasFailures))
    return reportError("poolc-sweep", std::move(error));
  return hasFailures ? exitWrongInput : exitSuccess;
}
