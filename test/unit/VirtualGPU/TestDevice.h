//===- TestDevice.h - A virtual GPU for unit tests --------------*- C++ -*-===//
//
// A small GPU, and a device around it whose helpers turn errors into text.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_TEST_UNIT_VIRTUALGPU_TESTDEVICE_H
#define POOLC_TEST_UNIT_VIRTUALGPU_TESTDEVICE_H

#include "poolc/VirtualGPU/VirtualGPU.h"

#include "gtest/gtest.h"

#include <cstring>

namespace poolc::vgpu::test {

inline GPU testGPU() {
  GPU gpu = {};
  gpu.name = "test";
  gpu.fullName = "Test GPU";
  gpu.chip = "sm_90";
  gpu.numSMs = 4;
  gpu.warpSize = 32;
  gpu.maxThreadsPerBlock = 1024;
  gpu.maxThreadsPerSM = 1536;
  gpu.maxWarpsPerSM = 48;
  gpu.maxSharedBytesPerBlock = 99 * 1024;
  gpu.maxGridX = 0x7FFFFFFF;
  gpu.maxGridYZ = 65535;
  return gpu;
}

template <typename T> std::vector<uint8_t> bytesOf(const T &value) {
  std::vector<uint8_t> bytes(sizeof(T));
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

class Device {
public:
  /// The header that every module needs, before `body`.
  static std::string module(const std::string &body) {
    return ".version 8.0\n.target sm_90\n.address_size 64\n" + body;
  }

  template <typename T> uint64_t upload(const std::vector<T> &values, const char *name = "input") {
    uint64_t address = allocate(values.size() * sizeof(T), name);
    EXPECT_FALSE(errorText(
        gpu.write(address, llvm::ArrayRef(reinterpret_cast<const uint8_t *>(values.data()),
                                          values.size() * sizeof(T)))));
    return address;
  }
  uint64_t allocate(uint64_t bytes, const char *name = "output", uint64_t alignment = 256) {
    BufferOptions options;
    options.name = name;
    options.bytes = bytes;
    options.alignment = alignment;
    return allocate(std::move(options));
  }
  uint64_t allocate(BufferOptions options) {
    llvm::Expected<uint64_t> address = gpu.allocate(std::move(options));
    EXPECT_TRUE(bool(address)) << llvm::toString(address.takeError());
    return address ? *address : 0;
  }
  template <typename T> std::vector<T> download(uint64_t address, size_t count) {
    std::vector<T> values(count);
    EXPECT_FALSE(errorText(
        gpu.read(address, llvm::MutableArrayRef(reinterpret_cast<uint8_t *>(values.data()),
                                                count * sizeof(T)))));
    return values;
  }

  /// The error's text; nothing on success.
  static std::optional<std::string> errorText(llvm::Error error) {
    if (!error)
      return std::nullopt;
    return llvm::toString(std::move(error));
  }

  /// Loads and launches; returns the error's text, empty on success.
  std::string run(const std::string &ptx, LaunchOptions options) {
    llvm::Expected<std::shared_ptr<const Module>> module = gpu.load(ptx, "test.ptx");
    if (!module)
      return llvm::toString(module.takeError());
    if (options.kernel.empty() && !kernelNames(**module).empty())
      options.kernel = kernelNames(**module).front();
    llvm::Expected<LaunchResult> result = gpu.launch(**module, options);
    if (!result)
      return llvm::toString(result.takeError());
    last = *result;
    return "";
  }
  /// One block of `threads`, the arguments being addresses.
  std::string run(const std::string &ptx, const std::vector<uint64_t> &arguments,
                  int64_t threads = 32, int64_t blocks = 1, uint64_t seed = 0) {
    LaunchOptions options;
    options.block[0] = threads;
    options.grid[0] = blocks;
    options.seed = seed;
    for (uint64_t argument : arguments)
      options.arguments.push_back(bytesOf(argument));
    return run(ptx, options);
  }

  VirtualGPU gpu{testGPU()};
  LaunchResult last;
};

} // namespace poolc::vgpu::test

#endif // POOLC_TEST_UNIT_VIRTUALGPU_TESTDEVICE_H
