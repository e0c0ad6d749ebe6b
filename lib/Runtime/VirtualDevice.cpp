//===- VirtualDevice.cpp - Plans on the virtual GPU -----------------------===//

#include "poolc/Runtime/Device.h"

using namespace poolc;

Device::~Device() = default;
Device::Buffer::~Buffer() = default;
Device::Program::~Program() = default;

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
  explicit VirtualDevice(const GPU &gpu) : gpu(gpu) {}

  std::string description() const override {
    const GPU &row = gpu.gpu();
    return ("virtual " + row.fullName + " (" + row.chip + ")").str();
  }

  llvm::Expected<std::unique_ptr<Buffer>> allocate(vgpu::BufferOptions options) override {
    uint64_t bytes = options.bytes;
    llvm::Expected<uint64_t> address = gpu.allocate(std::move(options));
    if (!address)
      return address.takeError();
    return std::make_unique<VirtualBuffer>(gpu, *address, bytes);
  }

  llvm::Expected<std::unique_ptr<Program>> load(llvm::StringRef ptx,
                                                llvm::StringRef name) override {
    llvm::Expected<std::shared_ptr<const vgpu::Module>> module = gpu.load(ptx, name);
    if (!module)
      return module.takeError();
    return std::make_unique<VirtualProgram>(std::move(*module));
  }

  llvm::Error launch(Program &program, const vgpu::LaunchOptions &options) override {
    return gpu.launch(*static_cast<VirtualProgram &>(program).module, options).takeError();
  }

  llvm::Error synchronize() override { return llvm::Error::success(); }

private:
  vgpu::VirtualGPU gpu;
};

} // namespace

std::unique_ptr<Device> poolc::createVirtualDevice(const GPU &gpu) {
  return std::make_unique<VirtualDevice>(gpu);
}
