//===- VirtualDevice.cpp - Plans on the virtual GPU -----------------------===//

#include "poolc/Runtime/Device.h"

#include "llvm/ADT/STLExtras.h"

using namespace poolc;

Device::~Device() = default;
Device::Buffer::~Buffer() = default;
Device::Program::~Program() = default;

llvm::Error Device::Buffer::written(uint64_t, llvm::MutableArrayRef<uint8_t> flags) const {
  llvm::fill(flags, 1);
  return llvm::Error::success();
}

namespace {

class VirtualBuffer final : public Device::Buffer {
public:
  VirtualBuffer(vgpu::VirtualGPU &gpu, uint64_t start, uint64_t size)
      : gpu(gpu), start(start), size(size) {}
  ~VirtualBuffer() override { gpu.free(start); }

  uint64_t address() const override { return start; }
  uint64_t bytes() const override { return size; }

  llvm::Error write(uint64_t offset, llvm::ArrayRef<uint8_t> data) override {
    return gpu.write(start + offset, data);
  }
  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> data) const override {
    return gpu.read(start + offset, data);
  }
  llvm::Error written(uint64_t offset, llvm::MutableArrayRef<uint8_t> flags) const override {
    return gpu.written(start + offset, flags);
  }

private:
  vgpu::VirtualGPU &gpu;
  uint64_t start, size;
};

struct VirtualProgram final : Device::Program {
  explicit VirtualProgram(std::shared_ptr<const vgpu::Module> module) : module(std::move(module)) {}
  std::shared_ptr<const vgpu::Module> module;
};

class VirtualDevice final : public Device {
public:
  explicit VirtualDevice(const GPU &row) : machine(row) {}

  std::string description() const override {
    const GPU &row = machine.gpu();
    return ("virtual " + row.fullName + " (" + row.chip + ")").str();
  }

  llvm::Expected<std::unique_ptr<Buffer>> allocate(vgpu::BufferOptions options) override {
    uint64_t bytes = options.bytes;
    llvm::Expected<uint64_t> address = machine.allocate(std::move(options));
    if (!address)
      return address.takeError();
    return std::make_unique<VirtualBuffer>(machine, *address, bytes);
  }

  llvm::Expected<std::unique_ptr<Program>> load(llvm::StringRef ptx,
                                                llvm::StringRef name) override {
    llvm::Expected<std::shared_ptr<const vgpu::Module>> module = machine.load(ptx, name);
    if (!module)
      return module.takeError();
    return std::make_unique<VirtualProgram>(std::move(*module));
  }

  llvm::Expected<vgpu::LaunchResult> launch(Program &program,
                                            const vgpu::LaunchOptions &options) override {
    return machine.launch(*static_cast<VirtualProgram &>(program).module, options);
  }

  llvm::Error synchronize() override { return llvm::Error::success(); }

  bool isVirtual() const override { return true; }
  const GPU *gpu() const override { return &machine.gpu(); }

  llvm::Expected<double> time(llvm::function_ref<llvm::Error()>) override {
    return llvm::createStringError("expected a CUDA GPU to time, got the " + description());
  }

private:
  vgpu::VirtualGPU machine;
};

} // namespace

std::unique_ptr<Device> poolc::createVirtualDevice(const GPU &gpu) {
  return std::make_unique<VirtualDevice>(gpu);
}
