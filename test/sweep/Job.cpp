//===- Job.cpp - The programs that one configuration is run by ------------===//

#include "Job.h"
#include "Registers.h"
#include "poolc/Support/ToolSupport.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <csignal>

using namespace poolc;
using namespace poolc::sweep;

/// What poolc decides must not spill, nor must any tile of other algorithms; a forced tile
/// of a matrix algorithm may want more registers than a thread can have.
static llvm::SmallVector<std::string>
assemble(const Configuration &config, const std::string &ptxas, const std::string &ptxPath) {
  // Where there are products of four warps, PTX may be for the chip alone that has them.
  llvm::StringRef suffix = config.target->wgmmaShare > 0 ? "a" : "";
  llvm::SmallVector<std::string> command = {
      ptxas, "-v", ("-arch=" + config.target->chip + suffix).str(), ptxPath, "-o", "/dev/null"};
  if (!llvm::StringRef(config.schedule).contains("gemm"))
    command.append({"-warn-spills", "-Werror"});
  return command;
}

llvm::Expected<Job> Job::create(Configuration configuration, llvm::StringRef directory,
                                llvm::StringRef stem, const Tools &tools) {
  Job job;
  job.config = std::move(configuration);
  job.timeLimit = tools.timeLimit;
  llvm::SmallString<128> base(directory);
  llvm::sys::path::append(base, stem);
  job.modulePath = (base + ".mlir").str();
  job.ptxPath = (base + ".ptx").str();
  job.logPath = (base + ".log").str();
  job.reportPath = (base + ".json").str();

  const Configuration &config = job.config;
  // A PTX file carries its plan and source: both ways of running are tested.
  if (config.throughPtx || !tools.ptxas.empty()) {
    Command compile = {tools.poolc, job.modulePath, "-o", job.ptxPath};
    llvm::append_range(compile, config.compileOptions());
    if (!tools.ptxas.empty())
      compile.push_back("--report=json");
    job.commands.push_back(std::move(compile));
    if (!tools.ptxas.empty()) {
      job.commands.push_back(assemble(config, tools.ptxas, job.ptxPath));
      job.isAssembled = true;
    }
  }
  Command run = {tools.poolcRun, config.throughPtx ? job.ptxPath : job.modulePath};
  if (!config.throughPtx)
    llvm::append_range(run, config.compileOptions());
  llvm::append_range(run, config.runOptions(tools.device));
  if (tools.sanitize)
    run.push_back("--sanitize=memory,init,race,sync");
  job.commands.push_back(std::move(run));

  if (llvm::Error error =
          writeOutput(job.modulePath, "// " + job.commandText() + "\n" + config.module))
    return std::move(error);
  // Programs append to it.
  if (llvm::Error error = writeOutput(job.logPath, ""))
    return std::move(error);
  return job;
}

void Job::start() {
  const Command &command = commands[current];
  llvm::SmallVector<llvm::StringRef, 16> arguments(command.begin(), command.end());
  bool isReporting = isAssembled && current == 0;
  std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(),
                                                llvm::StringRef(isReporting ? reportPath : logPath),
                                                llvm::StringRef(logPath)};
  bool failedToStart = false;
  process = llvm::sys::ExecuteNoWait(command[0], arguments, std::nullopt, redirects,
                                     /*MemoryLimit=*/0, &failureText, &failedToStart);
  isStarted = true;
  deadline = std::chrono::steady_clock::now() + timeLimit;
}

Job::State Job::fail(const llvm::Twine &why) {
  failureText = why.str();
  return State::failed;
}

/// Of a file that may not be there.
static std::string contentsOf(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

Job::State Job::poll() {
  if (!isStarted)
    start();
  llvm::StringRef program = llvm::sys::path::filename(commands[current][0]);
  if (process.Pid == llvm::sys::ProcessInfo::InvalidPid)
    return fail(program + " could not be started: " + failureText);

  std::string message;
  llvm::sys::ProcessInfo result =
      llvm::sys::Wait(process, /*SecondsToWait=*/0, &message, nullptr, /*Polling=*/true);
  if (result.Pid == llvm::sys::ProcessInfo::InvalidPid) {
    if (std::chrono::steady_clock::now() < deadline)
      return State::running;
    ::kill(process.Pid, SIGKILL);
    llvm::sys::Wait(process, std::nullopt);
    return fail(program + " still ran after " + llvm::Twine(timeLimit.count()) + " s");
  }
  if (result.ReturnCode < 0)
    return fail(program + " crashed: " + message);
  if (result.ReturnCode > 0)
    return fail(program + " ended with exit code " + llvm::Twine(result.ReturnCode));
  constexpr size_t assembly = 1;
  if (isAssembled && current == assembly)
    if (std::string excess = findExcessOfRegisters(contentsOf(reportPath), log()); !excess.empty())
      return fail(excess);
  if (++current == commands.size())
    return State::passed;
  isStarted = false;
  return State::running;
}

/// The word as a POSIX shell has to be given it.
static std::string quoteForShell(const std::string &word) {
  auto isPlain = [](char c) {
    return llvm::isAlnum(c) || llvm::StringRef("-_=+,./:@%").contains(c);
  };
  if (llvm::all_of(word, isPlain))
    return word;
  std::string quoted = "'";
  for (char c : word)
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string Job::commandText() const {
  std::string text;
  for (const Command &command : commands)
    text += (text.empty() ? "" : " && ") + llvm::join(llvm::map_range(command, quoteForShell), " ");
  return text;
}

std::string Job::log() const { return contentsOf(logPath); }

void Job::removeFiles() const {
  for (const std::string &path : {modulePath, ptxPath, logPath, reportPath})
    (void)llvm::sys::fs::remove(path);
}
