//===- ToolSupport.cpp - What all of poolc's programs share ---------------===//

#include "poolc/Support/ToolSupport.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/WithColor.h"

using namespace poolc;

llvm::StringRef poolc::versionString() { return POOLC_VERSION; }

void poolc::printVersion(llvm::raw_ostream &os) {
  os << "poolc " << versionString() << "\nLLVM " << LLVM_VERSION_STRING << "\nbuild type "
     << POOLC_BUILD_TYPE << "\n";
}

/// LLVM's messages begin with a capital; ours do not. Names stay as they are.
static std::string lowerFirst(llvm::StringRef text) {
  std::string result = text.str();
  bool isWord = result.size() > 1 && !llvm::isUpper(result[1]);
  if (isWord)
    result[0] = llvm::toLower(result[0]);
  return result;
}

static llvm::Error fileError(llvm::StringRef action, llvm::StringRef path, std::error_code code) {
  return llvm::createStringError(code, "cannot " + action + " '" + path +
                                           "': " + lowerFirst(code.message()));
}

//===----------------------------------------------------------------------===//
// Diagnostics
//===----------------------------------------------------------------------===//

/// Whether the message begins with "file:line: error:" or "file:line:column: error:".
static bool hasLocation(llvm::StringRef message) {
  llvm::StringRef place = message.take_until([](char c) { return c == '\n'; });
  size_t end = place.find(": error: ");
  if (end == llvm::StringRef::npos)
    return false;
  llvm::StringRef number = place.take_front(end).rsplit(':').second;
  return !number.empty() && llvm::all_of(number, llvm::isDigit);
}

int poolc::reportError(llvm::StringRef tool, llvm::Error error) {
  int exitCode = exitWrongInput;
  llvm::handleAllErrors(std::move(error), [&](const llvm::ErrorInfoBase &info) {
    if (info.isA<UsageError>())
      exitCode = exitWrongUsage;
    std::string message = info.message();
    if (hasLocation(message))
      llvm::errs() << message;
    else
      llvm::WithColor::error(llvm::errs(), tool) << message;
    if (!llvm::StringRef(message).ends_with("\n"))
      llvm::errs() << '\n';
  });
  return exitCode;
}

void poolc::reportRemark(llvm::StringRef tool, const llvm::Twine &message) {
  llvm::WithColor::remark(llvm::errs(), tool) << message << '\n';
}

void poolc::reportWarning(llvm::StringRef tool, const llvm::Twine &message) {
  llvm::WithColor::warning(llvm::errs(), tool) << message << '\n';
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> poolc::readInput(llvm::StringRef path,
                                                                     bool zeroTerminated) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/false,
                                                   /*RequiresNullTerminator=*/zeroTerminated);
  if (!buffer)
    return fileError("read", path, buffer.getError());
  return std::move(*buffer);
}

/// Flushes, and takes the stream's error from it: one that is left there would
/// end the process when the stream is destroyed.
static std::error_code takeError(llvm::raw_fd_ostream &os) {
  os.flush();
  std::error_code code = os.error();
  os.clear_error();
  return code;
}

static llvm::Error writeInPlace(llvm::StringRef path, llvm::raw_fd_ostream &os,
                                llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write) {
  llvm::Error error = write(os);
  std::error_code code = takeError(os);
  if (!error && code)
    return fileError("write", path, code);
  return error;
}

llvm::Error poolc::writeOutput(llvm::StringRef path,
                               llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write) {
  if (path == "-")
    return writeInPlace("-", llvm::outs(), write);

  llvm::SmallString<128> target(path);
  llvm::sys::fs::file_status status;
  if (!llvm::sys::fs::status(path, status) && llvm::sys::fs::exists(status)) {
    if (status.type() != llvm::sys::fs::file_type::regular_file) {
      std::error_code code;
      llvm::raw_fd_ostream os(path, code);
      if (code)
        return fileError("write", path, code);
      return writeInPlace(path, os, write);
    }
    // Replace the file that a link points to, not the link.
    if (std::error_code code = llvm::sys::fs::real_path(path, target))
      return fileError("write", path, code);
  }

  auto mode = llvm::sys::fs::all_read | llvm::sys::fs::all_write;
  auto temporary = llvm::sys::fs::TempFile::create(target + ".tmp-%%%%%%", mode);
  if (!temporary)
    return fileError("write", path, llvm::errorToErrorCode(temporary.takeError()));
  llvm::raw_fd_ostream os(temporary->FD, /*shouldClose=*/false);
  if (llvm::Error error = writeInPlace(path, os, write))
    return llvm::joinErrors(std::move(error), temporary->discard());
  if (llvm::Error error = temporary->keep(target))
    return fileError("write", path, llvm::errorToErrorCode(std::move(error)));
  return llvm::Error::success();
}

llvm::Error poolc::writeOutput(llvm::StringRef path, llvm::StringRef contents) {
  return writeOutput(path, [&](llvm::raw_ostream &os) {
    os << contents;
    return llvm::Error::success();
  });
}

llvm::Error poolc::createDirectories(llvm::StringRef path) {
  if (std::error_code code = llvm::sys::fs::create_directories(path))
    return fileError("create", path, code);
  return llvm::Error::success();
}
