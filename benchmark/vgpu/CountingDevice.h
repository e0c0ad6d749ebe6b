//===- CountingDevice.h - The virtual GPU, with its counts ------*- C++ -*-===//
//
// A device for plans that adds up what the launches executed, on a given number
// of host threads and with the sanitizers asked for.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_BENCHMARK_VGPU_COUNTINGDEVICE_H
#define POOLC_BENCHMARK_VGPU_COUNTINGDEVICE_H

#include "poolc/Runtime/Device.h"

namespace poolc::benchmark {

class CountingDevice final : public Device {
public:
  explicit CountingDevice(unsigned threads, vgpu::Sanitizers sanitizers = {})
      : threads(threads), sanitizers(sanitizers) {}

  /// The sums over all launches so far.
  vgpu::LaunchResult counts;

  std::string description() const override { return device->description(); }
  llvm::Expected<std::unique_ptr<Buffer>> allocate(vgpu::BufferOptions options) override {
    return device->allocate(std::move(options));
  }
  llvm::Expected<std::unique_ptr<Program>> load(llvm::StringRef ptx,
                                                llvm::StringRef name) override {
    return device->load(ptx, name);
  }
  llvm::Expected<vgpu::LaunchResult> launch(Program &program,
                                            const vgpu::LaunchOptions &options) override;
  llvm::Error synchronize() override { return device->synchronize(); }
  const GPU *gpu() const override { return device->gpu(); }
  llvm::Expected<double> time(llvm::function_ref<llvm::Error()> work) override {
    return device->time(work);
  }

private:
  const std::unique_ptr<Device> device = createVirtualDevice(defaultGPU());
  const unsigned threads;
  const vgpu::Sanitizers sanitizers;
};

} // namespace poolc::benchmark

#endif // POOLC_BENCHMARK_VGPU_COUNTINGDEVICE_H
