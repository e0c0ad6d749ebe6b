//===- ToolSupport.h - What all of poolc's programs share -------*- C++ -*-===//
//
// Command lines, exit codes, diagnostics, and files that are written whole or
// not at all. For main programs: no other library includes this.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SUPPORT_TOOLSUPPORT_H
#define POOLC_SUPPORT_TOOLSUPPORT_H

#include "poolc/Support/UsageError.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>

namespace poolc {

/// What a program returns to its caller.
enum ExitCode : int {
  exitSuccess = 0,
  /// The input is wrong, or a check failed.
  exitWrongInput = 1,
  /// The command line is wrong.
  exitWrongUsage = 2,
};

/// Parses the command line into the registered options. `--help` shows the
/// options of `categories` and the general ones; it and `--version` end the
/// process. What is wrong with the command line comes back as UsageError, for
/// options of every kind.
llvm::Error parseCommandLine(int argc, const char *const *argv, llvm::StringRef overview,
                             llvm::ArrayRef<const llvm::cl::OptionCategory *> categories);

/// "poolc 0.1.0", LLVM's version and the build type, a line each.
void printVersion(llvm::raw_ostream &os);

/// The project's version, e.g. "0.1.0".
llvm::StringRef versionString();

/// Prints each error on standard error, as "tool: error: message" or, where the
/// message starts with its own "file:line: error:", as it is. Returns the exit
/// code: exitWrongUsage if one is a UsageError, else exitWrongInput.
[[nodiscard]] int reportError(llvm::StringRef tool, llvm::Error error);

/// Prints "tool: remark: message" (or warning) on standard error.
void reportRemark(llvm::StringRef tool, const llvm::Twine &message);
void reportWarning(llvm::StringRef tool, const llvm::Twine &message);

/// The contents of a file, or of standard input for "-". Parsers of text want a
/// zero after the end; without it a large file is mapped and not copied.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> readInput(llvm::StringRef path,
                                                              bool zeroTerminated = true);

/// Lets `write` fill the file (standard output for "-"). A regular file appears
/// under its name only when everything was written without an error; a device
/// or pipe is written directly.
llvm::Error writeOutput(llvm::StringRef path,
                        llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write);
llvm::Error writeOutput(llvm::StringRef path, llvm::StringRef contents);

/// Makes the directory and those above it, unless it is there.
llvm::Error createDirectories(llvm::StringRef path);

} // namespace poolc

#endif // POOLC_SUPPORT_TOOLSUPPORT_H
