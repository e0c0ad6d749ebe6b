//===- Cubin.cpp - Machine code from PTX ----------------------------------===//

#include "poolc/CodeGen/Cubin.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace poolc;

namespace {
/// A file that is removed again.
struct TemporaryFile {
  llvm::SmallString<128> path;
  llvm::FileRemover remover;

  llvm::Error create(llvm::StringRef extension) {
    if (std::error_code code = llvm::sys::fs::createTemporaryFile("poolc", extension, path))
      return llvm::createStringError(code, "cannot create a temporary file: " + code.message());
    remover.setFile(path);
    return llvm::Error::success();
  }

  llvm::Expected<std::string> read() const {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    if (!buffer)
      return llvm::createStringError(buffer.getError(), "cannot read '" + path.str() + "'");
    return (*buffer)->getBuffer().str();
  }
};
} // namespace

llvm::Expected<std::string> poolc::assembleCubin(llvm::StringRef ptx, llvm::StringRef chip,
                                                 llvm::StringRef ptxas) {
  TemporaryFile input, output, messages;
  if (llvm::Error error = input.create("ptx"))
    return error;
  if (llvm::Error error = output.create("cubin"))
    return error;
  if (llvm::Error error = messages.create("txt"))
    return error;
  {
    std::error_code code;
    llvm::raw_fd_ostream os(input.path, code);
    os << ptx;
    os.close();
    if (code || os.has_error()) {
      os.clear_error();
      return llvm::createStringError("cannot write '" + input.path.str() + "'");
    }
  }

  std::string architecture = ("-arch=" + chip).str();
  llvm::StringRef arguments[] = {ptxas, architecture, "-O3", input.path, "-o", output.path};
  std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(), messages.path.str(),
                                                messages.path.str()};
  std::string failure;
  int result = llvm::sys::ExecuteAndWait(ptxas, arguments, /*Env=*/std::nullopt, redirects,
                                         /*SecondsToWait=*/0, /*MemoryLimit=*/0, &failure);
  if (result == 0)
    return output.read();
  if (failure.empty()) {
    llvm::Expected<std::string> text = messages.read();
    if (!text)
      return text.takeError();
    failure = llvm::StringRef(*text).trim().str();
  }
  return llvm::createStringError("'" + ptxas + "' refuses the PTX: " + failure);
}
