//===- CountingDevice.cpp - The virtual GPU, with its counts --------------===//

#include "CountingDevice.h"

using namespace poolc;
using namespace poolc::benchmark;

namespace {

struct CountingBuffer final : Device::Buffer {
  CountingBuffer(vgpu::VirtualGPU &machine, uint64_t start, uint64_t size)
      : machine(machine), start(start), size(size) {}
  ~CountingBuffer() override { machine.free(start); }

  uint64_t address() const override { return start; }
  uint64_t bytes() const override { return size; }
  llvm::Error write(uint64_t offset, llvm::ArrayRef<uint8_t> data) override {
    return machine.write(start + offset, data);
  }
  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> data) const override {
    return machine.read(start + offset, data);
  }

  vgpu::VirtualGPU &machine;
  const uint64_t start, size;
};

struct CountingProgram final : Device::Program {
  explicit CountingProgram(std::shared_ptr<const vgpu::Module> module)
      : module(std::move(module)) {}
  std::shared_ptr<const vgpu::Module> module;
};

} // namespace

llvm::Expected<std::unique_ptr<Device::Buffer>>
CountingDevice::allocate(vgpu::BufferOptions options) {
  uint64_t bytes = options.bytes;
  llvm::Expected<uint64_t> address = machine.allocate(std::move(options));
  if (!address)
    return address.takeError();
  return std::make_unique<CountingBuffer>(machine, *address, bytes);
}

llvm::Expected<std::unique_ptr<Device::Program>> CountingDevice::load(llvm::StringRef ptx,
                                                                      llvm::StringRef name) {
  llvm::Expected<std::shared_ptr<const vgpu::Module>> module = machine.load(ptx, name);
  if (!module)
    return module.takeError();
  return std::make_unique<CountingProgram>(std::move(*module));
}

llvm::Expected<vgpu::LaunchResult> CountingDevice::launch(Program &program,
                                                          const vgpu::LaunchOptions &options) {
  vgpu::LaunchOptions limited = options;
  limited.threads = threads;
  limited.sanitizers = sanitizers;
  llvm::Expected<vgpu::LaunchResult> result =
      machine.launch(*static_cast<CountingProgram &>(program).module, limited);
  if (!result)
    return result.takeError();
  if (!result->reports.empty())
    return llvm::createStringError(result->reports.front().text);
  counts.blocks += result->blocks;
  counts.warpInstructions += result->warpInstructions;
  counts.threadInstructions += result->threadInstructions;
  return result;
}

llvm::Expected<double> CountingDevice::time(llvm::function_ref<llvm::Error()>) {
  return llvm::createStringError("the benchmark times the virtual GPU itself");
}
