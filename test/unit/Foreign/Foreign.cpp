//===- Foreign.cpp - Runs CUDA kernels on the virtual GPU ----------------===//

#include "Foreign.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace poolc;
using namespace poolc::vgpu;
using namespace poolc::vgpu::test;

static std::string nvccPath() {
  llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName("nvcc");
  if (!found)
    found = llvm::sys::findProgramByName("nvcc", {"/usr/local/cuda/bin"});
  return found ? *found : "";
}

/// The command that compiles `source` to `ptx`; empty where a program is missing.
static std::vector<std::string> commandFor(llvm::StringRef compiler, const std::string &source,
                                           const std::string &ptx) {
  std::string nvcc = nvccPath(), arch = compiler.take_front(strlen("sm_89")).str();
  if (nvcc.empty())
    return {};
  if (compiler.ends_with("_clang")) {
    std::string clang = POOLC_LLVM_TOOLS "/clang++";
    std::string toolkit = llvm::sys::path::parent_path(llvm::sys::path::parent_path(nvcc)).str();
    if (!llvm::sys::fs::can_execute(clang))
      return {};
    return {clang, "-x", "cuda", "--cuda-device-only", "-S", "-O3", "-std=c++17",
            "--cuda-gpu-arch=" + arch, "--cuda-path=" + toolkit,
            // Newer toolkits than clang knows keep CUB apart.
            "-Wno-unknown-cuda-version", "-I" + toolkit + "/include/cccl", source, "-o", ptx};
  }
  std::vector<std::string> command = {nvcc, "-ptx", "-arch=" + arch, "-std=c++17"};
  // With this density nvcc makes jump tables; by default it never does.
  command.push_back(compiler.ends_with("_debug") ? "-G" : "--jump-table-density=50");
  command.insert(command.end(), {source, "-o", ptx});
  return command;
}

void Foreign::SetUp() {
  if (commandFor(GetParam(), "", "").empty())
    GTEST_SKIP() << "nvcc or clang not found";
  // Without optimisation structures are copied whole, members without a value too.
  if (llvm::StringRef(GetParam()).ends_with("_debug"))
    unwatched.push_back(Sanitizer::init);
}

static bool isUpToDate(llvm::StringRef made, llvm::StringRef source) {
  llvm::sys::fs::file_status madeStatus, sourceStatus;
  return !llvm::sys::fs::status(made, madeStatus) && !llvm::sys::fs::status(source, sourceStatus) &&
         madeStatus.getLastModificationTime() > sourceStatus.getLastModificationTime();
}

/// Returns the compiler's messages; empty on success. The PTX appears under its name
/// when it is complete: another test may be compiling the same file.
static std::string compile(llvm::StringRef compiler, const std::string &source,
                           const std::string &ptxPath) {
  llvm::SmallString<128> ptx, log;
  llvm::sys::fs::createUniqueFile(ptxPath + "-%%%%%%", ptx);
  llvm::sys::fs::createUniqueFile(ptxPath + "-%%%%%%.log", log);
  std::vector<std::string> command = commandFor(compiler, source, ptx.str().str());
  std::vector<llvm::StringRef> arguments(command.begin(), command.end());
  std::optional<llvm::StringRef> redirects[] = {"", log.str(), log.str()};
  std::string problem;
  int status = llvm::sys::ExecuteAndWait(command.front(), arguments, std::nullopt, redirects,
                                         /*SecondsToWait=*/0, /*MemoryLimit=*/0, &problem);
  if (status == 0)
    llvm::sys::fs::rename(ptx, ptxPath);
  else if (auto messages = llvm::MemoryBuffer::getFile(log))
    problem += (*messages)->getBuffer();
  llvm::sys::fs::remove(log);
  if (status != 0 && problem.empty())
    problem = command.front() + " failed without a message";
  return problem;
}

/// The PTX of Kernels/`file`, compiled once per compiler.
static std::string ptxOf(const std::string &file, llvm::StringRef compiler) {
  std::string source = POOLC_FOREIGN_KERNELS "/" + file;
  std::string ptx =
      (POOLC_FOREIGN_PTX "/" + llvm::sys::path::stem(file) + "." + compiler + ".ptx").str();
  if (!isUpToDate(ptx, source)) {
    llvm::sys::fs::create_directories(POOLC_FOREIGN_PTX);
    std::string problem = compile(compiler, source, ptx);
    EXPECT_EQ(problem, "");
    if (!problem.empty())
      return "";
  }
  auto text = llvm::MemoryBuffer::getFile(ptx);
  EXPECT_TRUE(bool(text)) << "cannot read " << ptx;
  return text ? (*text)->getBuffer().str() : "";
}

namespace {

/// One kernel with its buffers, to be launched again and again.
class Launcher {
public:
  Launcher(const std::string &kernel, Shape shape) {
    options.kernel = kernel;
    options.grid[0] = shape.blocks;
    options.grid[1] = shape.blocksY;
    options.block[0] = shape.threads;
    options.block[1] = shape.threadsY;
    options.dynamicSharedBytes = shape.dynamicSharedBytes;
    options.instructionLimit = 1 << 24;
  }

  llvm::Error load(llvm::StringRef ptx, const std::string &name) {
    return gpu.load(ptx, name).moveInto(module);
  }

  void addValue(const std::vector<uint8_t> &bytes) { options.arguments.push_back(bytes); }

  llvm::Error addBuffer(uint64_t bytes, const std::vector<uint8_t> *contents) {
    BufferOptions buffer;
    buffer.name = "buffer " + std::to_string(addresses.size());
    buffer.bytes = bytes;
    uint64_t address = 0;
    if (llvm::Error error = gpu.allocate(std::move(buffer)).moveInto(address))
      return error;
    addresses.push_back(address);
    auto *start = reinterpret_cast<const uint8_t *>(&address);
    addValue({start, start + sizeof(address)});
    return contents ? gpu.write(address, *contents) : llvm::Error::success();
  }

  llvm::Error launch(uint64_t seed, Sanitizers sanitizers) {
    options.seed = seed;
    options.sanitizers = sanitizers;
    llvm::Expected<LaunchResult> result = gpu.launch(*module, options);
    if (!result)
      return result.takeError();
    for (const Report &report : result->reports)
      ADD_FAILURE() << options.kernel << ": " << report.text;
    return llvm::Error::success();
  }

  llvm::Error read(std::vector<std::vector<uint8_t>> &buffers) const {
    for (auto [address, bytes] : llvm::zip_equal(addresses, buffers))
      if (llvm::Error error = gpu.read(address, bytes))
        return error;
    return llvm::Error::success();
  }

private:
  VirtualGPU gpu{*lookupGPU("h200")};
  std::shared_ptr<const Module> module;
  LaunchOptions options;
  std::vector<uint64_t> addresses;
};

} // namespace

std::vector<std::vector<uint8_t>> Foreign::launch(const std::string &file,
                                                  const std::string &kernel, Shape shape,
                                                  const std::vector<Bytes> &arguments) {
  std::vector<std::vector<uint8_t>> results;
  for (const Bytes &argument : arguments)
    if (argument.isBuffer)
      results.emplace_back(argument.bytes.size());
  std::string ptx = ptxOf(file, GetParam());

  Sanitizers watched;
  for (Sanitizer sanitizer : allSanitizers)
    if (!llvm::is_contained(unwatched, sanitizer))
      watched.insert(sanitizer);

  auto attempt = [&](uint64_t seed) -> llvm::Error {
    Launcher launcher(kernel, shape);
    if (llvm::Error error = launcher.load(ptx, file + "'s PTX"))
      return error;
    for (const Bytes &argument : arguments) {
      if (!argument.isBuffer)
        launcher.addValue(argument.bytes);
      else if (llvm::Error error = launcher.addBuffer(
                   argument.bytes.size(), argument.isInitialized ? &argument.bytes : nullptr))
        return error;
    }
    // The first launch is watched; the others run as users' do.
    if (llvm::Error error = launcher.launch(seed, seed == 0 ? watched : Sanitizers()))
      return error;
    return launcher.read(results);
  };
  for (uint64_t seed = 0; seed < 3; ++seed) {
    std::vector<std::vector<uint8_t>> previous = results;
    if (llvm::Error error = attempt(seed)) {
      ADD_FAILURE() << kernel << ": " << llvm::toString(std::move(error));
      return results;
    }
    if (seed > 0 && order == Order::mustNotMatter)
      EXPECT_EQ(previous, results)
          << kernel << " depends on the order of warps (seed " << seed << ")";
  }
  return results;
}
