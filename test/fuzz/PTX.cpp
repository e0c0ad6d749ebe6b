//===- PTX.cpp - Any text as PTX, decoded and run -------------------------===//
//
// Loads the text, decodes every kernel and runs it on small buffers: whatever
// it says, the outcome is a result or an error, soon.
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include "poolc/VirtualGPU/VirtualGPU.h"

#include <algorithm>

using namespace poolc;
using namespace poolc::vgpu;

static constexpr uint64_t bufferBytes = 1 << 14;

/// Pointers for the parameters that can hold one, a small number for the others.
static std::vector<std::vector<uint8_t>> argumentsFor(const Program &program, uint64_t buffer) {
  std::vector<std::vector<uint8_t>> arguments;
  for (const ParameterSlot &parameter : program.parameters) {
    std::vector<uint8_t> &bytes = arguments.emplace_back(parameter.bytes);
    uint64_t value = bytes.size() >= 8 ? buffer : 5;
    // A parameter may have no bytes at all.
    std::copy_n(reinterpret_cast<const uint8_t *>(&value), std::min(bytes.size(), sizeof(value)),
                bytes.begin());
  }
  return arguments;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  VirtualGPU gpu(*lookupGPU("h200"));
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  llvm::Expected<std::shared_ptr<const Module>> module = gpu.load(text, "fuzz.ptx");
  if (!module) {
    llvm::consumeError(module.takeError());
    return 0;
  }
  BufferOptions options;
  options.bytes = bufferBytes;
  uint64_t buffer = llvm::cantFail(gpu.allocate(options));
  for (const std::string &name : kernelNames(**module)) {
    llvm::Expected<const Program *> program = (*module)->program(name);
    if (!program) {
      llvm::consumeError(program.takeError());
      continue;
    }
    LaunchOptions launch;
    launch.kernel = name;
    launch.threads = 1;
    launch.grid[0] = 2;
    // The last warp is not full.
    launch.block[0] = 40;
    for (size_t i = 0; i < (*program)->requiredBlock.size() && i < 3; ++i)
      launch.block[i] = int64_t((*program)->requiredBlock[i]);
    launch.dynamicSharedBytes = 2048;
    launch.instructionLimit = 5000;
    launch.arguments = argumentsFor(**program, buffer);
    llvm::consumeError(gpu.launch(**module, launch).takeError());
    launch.sanitizers = Sanitizers::all();
    llvm::consumeError(gpu.launch(**module, launch).takeError());
    // The model of the caches takes longer to set up than all else.
    if (size % 16 != 0)
      continue;
    launch.sanitizers = {};
    launch.metrics = true;
    llvm::consumeError(gpu.launch(**module, launch).takeError());
  }
  return 0;
}
