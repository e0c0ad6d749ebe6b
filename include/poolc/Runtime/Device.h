//===- Device.h - Where a plan is executed ----------------------*- C++ -*-===//
//
// What running a plan needs of a device. Two exist: a CUDA GPU through its
// driver, and the virtual GPU.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_RUNTIME_DEVICE_H
#define POOLC_RUNTIME_DEVICE_H

#include "poolc/VirtualGPU/VirtualGPU.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace poolc {

class Device {
public:
  /// Device memory; freed with the object.
  class Buffer {
  public:
    virtual ~Buffer();
    virtual uint64_t address() const = 0;
    virtual uint64_t bytes() const = 0;
    virtual llvm::Error write(uint64_t offset, llvm::ArrayRef<uint8_t> bytes) = 0;
    virtual llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes) const = 0;
    /// Sets flags[i] to whether byte `offset` + i has contents: from the host, a
    /// kernel or its generator. Where that is not known, all have.
    virtual llvm::Error written(uint64_t offset, llvm::MutableArrayRef<uint8_t> flags) const;
  };
  /// Loaded PTX.
  class Program {
  public:
    virtual ~Program();
  };

  virtual ~Device();

  /// For a person, e.g. "virtual RTX 4090 (sm_89)".
  virtual std::string description() const = 0;

  /// `options.contents`, where given, fills the buffer (at once or on demand).
  virtual llvm::Expected<std::unique_ptr<Buffer>> allocate(vgpu::BufferOptions options) = 0;
  virtual llvm::Expected<std::unique_ptr<Program>> load(llvm::StringRef ptx,
                                                        llvm::StringRef name) = 0;
  /// What was executed and found is only known of the virtual GPU.
  virtual llvm::Expected<vgpu::LaunchResult> launch(Program &program,
                                                    const vgpu::LaunchOptions &options) = 0;
  virtual llvm::Error synchronize() = 0;

  /// Whether it can count metrics and run a sample of the blocks.
  virtual bool isVirtual() const { return false; }

  /// The row of the table for this device, or null.
  virtual const GPU *gpu() const = 0;

  /// Seconds that the launches in `work` take by the device's own clock, from a
  /// cold L2 cache on. An error where the device cannot be timed.
  virtual llvm::Expected<double> time(llvm::function_ref<llvm::Error()> work) = 0;
};

/// Device `ordinal` of the CUDA driver, which is loaded at run time. The error
/// says what is missing: the driver library, a GPU, or a newer driver.
llvm::Expected<std::unique_ptr<Device>> createCudaDevice(unsigned ordinal);

std::unique_ptr<Device> createVirtualDevice(const GPU &gpu);

} // namespace poolc

#endif // POOLC_RUNTIME_DEVICE_H
