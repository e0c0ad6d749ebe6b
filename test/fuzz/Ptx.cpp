//===- Ptx.cpp - Any text as PTX, loaded and run --------------------------===//

#include "poolc/VirtualGPU/VirtualGPU.h"

#include <cstdlib>
#include <cstring>

using namespace poolc;

static std::vector<uint8_t> bytesOf(uint64_t value, size_t count) {
  std::vector<uint8_t> bytes(count);
  std::memcpy(bytes.data(), &value, std::min(count, sizeof(value)));
  return bytes;
}

/// Every kernel ends, with a result or an error, within its instruction limit.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  vgpu::VirtualGPU gpu(defaultGPU());
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  llvm::Expected<std::shared_ptr<const vgpu::Module>> module = gpu.load(text, "input.ptx");
  if (!module) {
    llvm::consumeError(module.takeError());
    return 0;
  }
  vgpu::BufferOptions buffer;
  buffer.name = "buffer";
  buffer.bytes = 4096;
  llvm::Expected<uint64_t> address = gpu.allocate(std::move(buffer));
  if (!address)
    std::abort();
  for (const std::string &kernel : vgpu::kernelNames(**module))
    // The parameters' sizes are not known here: pointers, then words.
    for (size_t bytes : {8, 4})
      for (size_t count = 0; count < 4; ++count) {
        vgpu::LaunchOptions options;
        options.kernel = kernel;
        options.block[0] = 40;
        options.instructionLimit = 2000;
        options.arguments.assign(count, bytesOf(bytes == 8 ? *address : 3, bytes));
        llvm::consumeError(gpu.launch(**module, options).takeError());
      }
  return 0;
}
