//===- CudaDevice.cpp - Plans on a CUDA GPU -------------------------------===//

#include "CudaDriver.h"
#include "poolc/Runtime/Device.h"
#include "poolc/Target/Native.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <limits>

using namespace poolc;
using cuda::Driver;

namespace {

class CudaBuffer final : public Device::Buffer {
public:
  CudaBuffer(const Driver &driver, cuda::Context context, cuda::DevicePointer pointer,
             uint64_t size)
      : driver(driver), context(context), pointer(pointer), size(size) {}
  ~CudaBuffer() override {
    if (pointer)
      driver.memoryFree(pointer);
  }

  uint64_t address() const override { return pointer; }
  uint64_t bytes() const override { return size; }

  llvm::Error write(uint64_t offset, llvm::ArrayRef<uint8_t> data) override {
    if (data.empty())
      return llvm::Error::success();
    return driver.check(driver.copyToDevice(pointer + offset, data.data(), data.size()),
                        "copy to the GPU");
  }
  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> data) const override {
    if (data.empty())
      return llvm::Error::success();
    // Checks read on threads of their own, and each has to be told the context.
    if (llvm::Error error = driver.check(driver.contextSetCurrent(context), "copy from the GPU"))
      return error;
    return driver.check(driver.copyToHost(data.data(), pointer + offset, data.size()),
                        "copy from the GPU");
  }

private:
  const Driver &driver;
  cuda::Context context;
  cuda::DevicePointer pointer;
  uint64_t size;
};

struct CudaProgram final : Device::Program {
  CudaProgram(const Driver &driver, cuda::Module module) : driver(driver), module(module) {}
  ~CudaProgram() override { driver.moduleUnload(module); }
  const Driver &driver;
  cuda::Module module;
};

class CudaDevice final : public Device {
public:
  CudaDevice(const Driver &driver, cuda::DeviceOrdinal ordinal)
      : driver(driver), ordinal(ordinal) {}
  ~CudaDevice() override {
    flushed.reset();
    for (cuda::Event event : {begin, end})
      if (event)
        driver.eventDestroy(event);
    if (context)
      driver.primaryContextRelease(ordinal);
  }

  llvm::Error open();
  std::string description() const override { return name; }
  llvm::Expected<std::unique_ptr<Buffer>> allocate(vgpu::BufferOptions options) override;
  llvm::Expected<std::unique_ptr<Program>> load(llvm::StringRef ptx, llvm::StringRef name) override;
  llvm::Expected<vgpu::LaunchResult> launch(Program &program,
                                            const vgpu::LaunchOptions &options) override;
  llvm::Error synchronize() override {
    return driver.check(driver.contextSynchronize(), "run the kernel");
  }
  const GPU *gpu() const override { return lookupModel(model); }
  llvm::Expected<double> time(llvm::function_ref<llvm::Error()> work) override;

private:
  llvm::Error fill(Buffer &buffer, const vgpu::BufferOptions &options);
  llvm::Error coolCache();
  bool launchesProgrammatically() const { return capability >= 90 && driver.launchKernelEx; }

  Driver driver;
  cuda::DeviceOrdinal ordinal;
  cuda::Context context = nullptr;
  std::string model, name;
  /// 10 * major + minor.
  int capability = 0;
  /// Memory that is written to push all else out of the L2 cache.
  std::unique_ptr<Buffer> flushed;
  cuda::Event begin = nullptr, end = nullptr;
};

} // namespace

llvm::Error CudaDevice::open() {
  char text[256] = {};
  int major = 0, minor = 0;
  driver.deviceGetName(text, sizeof text, ordinal);
  driver.deviceGetAttribute(&major, cuda::computeCapabilityMajor, ordinal);
  driver.deviceGetAttribute(&minor, cuda::computeCapabilityMinor, ordinal);
  model = text;
  capability = 10 * major + minor;
  name = llvm::formatv("{0} (sm_{1}{2})", text, major, minor);
  if (llvm::Error error =
          driver.check(driver.primaryContextRetain(&context, ordinal), "open " + name))
    return error;
  return driver.check(driver.contextSetCurrent(context), "open " + name);
}

/// A NaN in every floating-point type, so that an element which no kernel wrote
/// does not look like a result.
static constexpr unsigned char poison = 0xff;

llvm::Error CudaDevice::fill(Buffer &buffer, const vgpu::BufferOptions &options) {
  if (!options.contents)
    return driver.check(driver.memorySet8(buffer.address(), poison, options.bytes),
                        "fill a buffer of the GPU");
  constexpr uint64_t pieceBytes = uint64_t{16} << 20;
  std::vector<uint8_t> piece(std::min(options.bytes, pieceBytes));
  for (uint64_t offset = 0; offset < options.bytes; offset += piece.size()) {
    uint64_t size = std::min<uint64_t>(piece.size(), options.bytes - offset);
    auto bytes = llvm::MutableArrayRef(piece).take_front(size);
    options.contents(offset, bytes);
    if (llvm::Error error = buffer.write(offset, bytes))
      return error;
  }
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Device::Buffer>> CudaDevice::allocate(vgpu::BufferOptions options) {
  cuda::DevicePointer pointer = 0;
  if (options.bytes == 0)
    return std::make_unique<CudaBuffer>(driver, context, pointer, 0);
  if (llvm::Error error =
          driver.check(driver.memoryAllocate(&pointer, options.bytes),
                       llvm::formatv("allocate {0} bytes for '{1}'", options.bytes, options.name)))
    return error;
  auto buffer = std::make_unique<CudaBuffer>(driver, context, pointer, options.bytes);
  if (llvm::Error error = fill(*buffer, options))
    return error;
  return buffer;
}

llvm::Expected<std::unique_ptr<Device::Program>> CudaDevice::load(llvm::StringRef ptx,
                                                                  llvm::StringRef name) {
  std::string text = ptx.str();
  std::vector<char> log(16384);
  int options[] = {cuda::jitErrorLogBuffer, cuda::jitErrorLogBufferSizeBytes};
  // The driver takes the size in the place of a pointer.
  void *size = reinterpret_cast<void *>(log.size()); // NOLINT(performance-no-int-to-ptr)
  void *values[] = {log.data(), size};
  cuda::Module module = nullptr;
  cuda::Result result = driver.moduleLoadDataEx(&module, text.c_str(), 2, options, values);
  if (llvm::Error error = driver.check(result, "load '" + name + "' on " + this->name)) {
    log.back() = 0;
    llvm::StringRef details = llvm::StringRef(log.data()).trim();
    if (details.empty())
      return error;
    return llvm::createStringError(llvm::toString(std::move(error)) + "\n" + details);
  }
  return std::make_unique<CudaProgram>(driver, module);
}

llvm::Expected<vgpu::LaunchResult> CudaDevice::launch(Program &program,
                                                      const vgpu::LaunchOptions &options) {
  cuda::Function function = nullptr;
  cuda::Module module = static_cast<CudaProgram &>(program).module;
  if (llvm::Error error =
          driver.check(driver.moduleGetFunction(&function, module, options.kernel.c_str()),
                       "find the kernel '" + options.kernel + "'"))
    return error;

  unsigned sizes[6];
  for (unsigned i = 0; i != 6; ++i) {
    int64_t size = i < 3 ? options.grid[i] : options.block[i - 3];
    if (size < 1 || size > std::numeric_limits<int>::max())
      return llvm::createStringError(
          llvm::formatv("cannot launch '{0}': expected grid and block sizes from 1 to 2^31 - 1, "
                        "got {1}",
                        options.kernel, size));
    sizes[i] = static_cast<unsigned>(size);
  }
  if (options.dynamicSharedBytes > std::numeric_limits<int>::max())
    return llvm::createStringError(llvm::formatv("cannot launch '{0}' with {1} bytes of dynamic "
                                                 "shared memory",
                                                 options.kernel, options.dynamicSharedBytes));
  // The driver refuses more than 48 KB unless it was asked for.
  if (options.dynamicSharedBytes != 0)
    if (llvm::Error error =
            driver.check(driver.functionSetAttribute(function, cuda::maxDynamicSharedSizeBytes,
                                                     static_cast<int>(options.dynamicSharedBytes)),
                         llvm::formatv("give '{0}' {1} bytes of dynamic shared memory",
                                       options.kernel, options.dynamicSharedBytes)))
      return error;

  llvm::SmallVector<void *> parameters;
  for (const std::vector<uint8_t> &argument : options.arguments)
    parameters.push_back(const_cast<uint8_t *>(argument.data()));
  auto shared = static_cast<unsigned>(options.dynamicSharedBytes);
  cuda::Result result;
  if (options.programmatic && launchesProgrammatically()) {
    cuda::LaunchAttribute early;
    early.id = cuda::programmaticStreamSerialization, early.value = 1;
    cuda::LaunchConfig config = {{sizes[0], sizes[1], sizes[2]},
                                 {sizes[3], sizes[4], sizes[5]},
                                 shared,
                                 /*stream=*/nullptr,
                                 &early,
                                 /*numAttributes=*/1};
    result = driver.launchKernelEx(&config, function, parameters.data(), /*extra=*/nullptr);
  } else {
    result =
        driver.launchKernel(function, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5],
                            shared, /*stream=*/nullptr, parameters.data(), /*extra=*/nullptr);
  }
  if (llvm::Error error = driver.check(result, "launch '" + options.kernel + "'"))
    return error;
  return vgpu::LaunchResult();
}

llvm::Error CudaDevice::coolCache() {
  if (!flushed) {
    int l2Bytes = 0;
    driver.deviceGetAttribute(&l2Bytes, cuda::l2CacheBytes, ordinal);
    vgpu::BufferOptions options;
    options.name = "cache flush";
    options.bytes = 2 * static_cast<uint64_t>(std::max(l2Bytes, 1 << 20));
    if (llvm::Error error = allocate(std::move(options)).moveInto(flushed))
      return error;
  }
  return driver.check(driver.memorySet8(flushed->address(), 0, flushed->bytes()),
                      "flush the L2 cache");
}

llvm::Expected<double> CudaDevice::time(llvm::function_ref<llvm::Error()> work) {
  for (cuda::Event *event : {&begin, &end})
    if (!*event)
      if (llvm::Error error = driver.check(driver.eventCreate(event, 0), "create an event"))
        return error;
  if (llvm::Error error = coolCache())
    return error;
  // Writing the cache takes the GPU longer than it takes the host to launch, so
  // that the time between the events is the kernels' alone.
  if (llvm::Error error = driver.check(driver.eventRecord(begin, nullptr), "record an event"))
    return error;
  if (llvm::Error error = work())
    return error;
  if (llvm::Error error = driver.check(driver.eventRecord(end, nullptr), "record an event"))
    return error;
  if (llvm::Error error = driver.check(driver.eventSynchronize(end), "run the kernel"))
    return error;
  float milliseconds = 0;
  if (llvm::Error error =
          driver.check(driver.eventElapsedTime(&milliseconds, begin, end), "read the time"))
    return error;
  return milliseconds * 1e-3;
}

llvm::Expected<std::unique_ptr<Device>> poolc::createCudaDevice(unsigned ordinal) {
  llvm::Expected<Driver> driver = Driver::open();
  if (!driver)
    return driver.takeError();
  int count = 0;
  if (llvm::Error error = driver->check(driver->deviceGetCount(&count), "count the GPUs"))
    return error;
  if (count == 0)
    return llvm::createStringError("no CUDA GPU found on this machine");
  if (ordinal >= static_cast<unsigned>(count))
    return llvm::createStringError(llvm::formatv(
        "expected the number of one of {0} CUDA GPUs, counted from 0, got {1}", count, ordinal));
  cuda::DeviceOrdinal device = 0;
  if (llvm::Error error =
          driver->check(driver->deviceGet(&device, static_cast<int>(ordinal)), "open the GPU"))
    return error;
  auto result = std::make_unique<CudaDevice>(*driver, device);
  if (llvm::Error error = result->open())
    return error;
  return result;
}
