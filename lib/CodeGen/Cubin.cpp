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

namespace {
/// What comes of a run of ptxas: machine code, and what it says about it.
struct Assembled {
  std::string cubin, messages;
};
} // namespace

/// The chip by the name that the PTX has for it: with the features of it alone, "sm_90a",
/// where it uses them.
static std::string architectureOf(llvm::StringRef ptx, llvm::StringRef chip) {
  std::string specific = chip.str() + "a";
  bool isSpecific = ptx.contains("\n.target " + specific);
  return isSpecific ? specific : chip.str();
}

static llvm::Expected<Assembled> assemble(llvm::StringRef ptx, llvm::StringRef chip,
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

  std::string architecture = "-arch=" + architectureOf(ptx, chip);
  llvm::StringRef arguments[] = {ptxas, "-v", architecture, "-O3", input.path, "-o", output.path};
  std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(), messages.path.str(),
                                                messages.path.str()};
  std::string failure;
  int result = llvm::sys::ExecuteAndWait(ptxas, arguments, /*Env=*/std::nullopt, redirects,
                                         /*SecondsToWait=*/0, /*MemoryLimit=*/0, &failure);
  llvm::Expected<std::string> text = messages.read();
  if (!text)
    return text.takeError();
  if (result != 0)
    return llvm::createStringError(
        "'" + ptxas +
        "' refuses the PTX: " + (failure.empty() ? llvm::StringRef(*text).trim().str() : failure));
  llvm::Expected<std::string> cubin = output.read();
  if (!cubin)
    return cubin.takeError();
  return Assembled{std::move(*cubin), std::move(*text)};
}

llvm::Expected<std::string> poolc::assembleCubin(llvm::StringRef ptx, llvm::StringRef chip,
                                                 llvm::StringRef ptxas) {
  llvm::Expected<Assembled> assembled = assemble(ptx, chip, ptxas);
  if (!assembled)
    return assembled.takeError();
  return std::move(assembled->cubin);
}

// Of each kernel ptxas says
//   ptxas info    : Compiling entry function 'k' for 'sm_89'
//   ...
//   ptxas info    : Used 24 registers, used 1 barriers, 368 bytes cmem[0]
llvm::Expected<std::map<std::string, unsigned, std::less<>>>
poolc::findRegisters(llvm::StringRef ptx, llvm::StringRef chip, llvm::StringRef ptxas) {
  llvm::Expected<Assembled> assembled = assemble(ptx, chip, ptxas);
  if (!assembled)
    return assembled.takeError();
  std::map<std::string, unsigned, std::less<>> registers;
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(assembled->messages).split(lines, '\n');
  std::string kernel;
  for (llvm::StringRef line : lines) {
    llvm::StringRef after = line.split("Compiling entry function '").second;
    if (!after.empty())
      kernel = after.split('\'').first.str();
    unsigned count = 0;
    after = line.split("Used ").second;
    if (!after.consumeInteger(10, count) && after.starts_with(" registers"))
      registers[kernel] = count;
  }
  return registers;
}
