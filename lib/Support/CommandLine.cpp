//===- CommandLine.cpp - Command lines with diagnostics in one form -------===//
//
// LLVM's parser reports some errors to a stream of the caller's choice and
// others straight to standard error. Here all of them are collected and become
// errors in poolc's form.
//
//===----------------------------------------------------------------------===//

#include "poolc/Support/ToolSupport.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <unistd.h>

using namespace poolc;

/// Runs `body` with standard error redirected to a temporary file and returns
/// what was written. Where that cannot be set up, output goes where it always goes.
static std::string captureStandardError(llvm::function_ref<void()> body) {
  std::FILE *file = std::tmpfile();
  int saved = file ? dup(STDERR_FILENO) : -1;
  if (saved < 0 || dup2(fileno(file), STDERR_FILENO) < 0) {
    body();
    return "";
  }
  body();
  llvm::errs().flush();
  dup2(saved, STDERR_FILENO);
  close(saved);

  std::string text;
  std::fseek(file, 0, SEEK_SET);
  for (int c; (c = std::fgetc(file)) != EOF;)
    text.push_back(static_cast<char>(c));
  std::fclose(file);
  return text;
}

/// "prog: Unknown command line argument '--x'.  Try: 'prog --help'" ->
/// "unknown command line argument '--x'".
static std::string inOurForm(llvm::StringRef line, llvm::StringRef program) {
  line.consume_front((program + ": ").str());
  for (llvm::StringRef hint : {"  Try: ", " Try: ", ": See: ", " See: "})
    line = line.take_front(line.find(hint));
  std::string message = line.trim().rtrim("!.").str();
  auto lower = [&](size_t i) {
    if (i < message.size())
      message[i] = llvm::toLower(message[i]);
  };
  lower(0);
  // "for the --x option: Cannot find ...": what is wrong comes second.
  constexpr llvm::StringLiteral option = " option: ";
  if (size_t start = message.find(option); start != std::string::npos)
    lower(start + option.size());
  return message;
}

llvm::Error poolc::parseCommandLine(int argc, const char *const *argv, llvm::StringRef overview,
                                    llvm::ArrayRef<const llvm::cl::OptionCategory *> categories) {
  llvm::cl::HideUnrelatedOptions(categories);
  llvm::cl::SetVersionPrinter(printVersion);

  bool parsed = false;
  std::string output;
  llvm::raw_string_ostream os(output);
  output += captureStandardError(
      [&] { parsed = llvm::cl::ParseCommandLineOptions(argc, argv, overview, &os); });
  if (parsed)
    return llvm::Error::success();

  std::string program = llvm::sys::path::filename(argv[0]).str();
  llvm::SmallVector<std::string> messages;
  for (llvm::StringRef line : llvm::split(output, '\n')) {
    std::string message = inOurForm(line, program);
    bool continues = llvm::StringRef(message).starts_with("did you mean") ||
                     llvm::StringRef(message).starts_with("must specify") ||
                     llvm::StringRef(message).starts_with("can specify");
    if (continues && !messages.empty())
      messages.back() += ", " + message;
    else if (!message.empty())
      messages.push_back(std::move(message));
  }
  if (messages.empty())
    messages.push_back("expected a valid command line, see --help");
  llvm::Error error = llvm::Error::success();
  for (const std::string &message : messages)
    error = llvm::joinErrors(std::move(error), usageError(message));
  return error;
}
