//===- Job.h - The programs that one configuration is run by ----*- C++ -*-===//
//
// Each configuration is run by poolc's own tools as processes of their own, as a
// user would: a crash or a hang is one failed configuration, and the command
// that reproduces a failure is by construction the one that failed.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_TEST_SWEEP_JOB_H
#define POOLC_TEST_SWEEP_JOB_H

#include "Configuration.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/Program.h"

#include <chrono>

namespace poolc::sweep {

/// Where the programs are, what they run on, and how long each may take.
struct Tools {
  std::string poolc, poolcRun;
  /// Empty: the virtual device of each configuration's target.
  std::string device;
  /// Empty: PTX is not assembled.
  std::string ptxas;
  /// Kernels run under all sanitizers.
  bool sanitize = false;
  std::chrono::seconds timeLimit{300};
};

class Job {
public:
  enum class State { running, passed, failed };

  /// Writes the configuration's files into `directory`, under names that start
  /// with `stem`. Starts nothing yet.
  static llvm::Expected<Job> create(Configuration configuration, llvm::StringRef directory,
                                    llvm::StringRef stem, const Tools &tools);

  /// Sees to it that the next program runs once one has ended.
  State poll();

  const Configuration &configuration() const { return config; }

  /// All commands, in a form that can be pasted into a shell.
  std::string commandText() const;

  /// What the programs printed.
  std::string log() const;

  /// Whether the programs ran out of time, and other things that no log shows.
  llvm::StringRef failure() const { return failureText; }

  /// Deletes the files again.
  void removeFiles() const;

private:
  using Command = llvm::SmallVector<std::string>;

  void start();
  State fail(const llvm::Twine &why);

  Configuration config;
  std::string modulePath, ptxPath, logPath, reportPath;
  /// Whether the first program also reports, and the second one is ptxas.
  bool isAssembled = false;
  llvm::SmallVector<Command, 3> commands;
  size_t current = 0;
  bool isStarted = false;
  llvm::sys::ProcessInfo process;
  std::chrono::seconds timeLimit;
  std::chrono::steady_clock::time_point deadline;
  std::string failureText;
};

} // namespace poolc::sweep

#endif // POOLC_TEST_SWEEP_JOB_H
