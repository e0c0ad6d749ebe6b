//===- FakeCudaDriver.cpp - A CUDA driver without a GPU -------------------===//
//
// The functions of the driver that poolc calls, over host memory. It has one
// kernel, `scale` (y[i] = a * x[i]), which it takes every PTX text to hold that
// has the name, and it is strict about the order and the arguments of calls.
// Environment: FAKE_CUDA_GPUS, the number of GPUs (1); FAKE_CUDA_OLD, fail in
// cuInit as with a driver that is older than the kernel module.
//
//===----------------------------------------------------------------------===//

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

using Result = int;
constexpr Result success = 0, invalidValue = 1, outOfMemory = 2, notInitialized = 3,
                 invalidContext = 201, invalidPtx = 218, systemDriverMismatch = 803, notFound = 500,
                 launchFailed = 719;

static bool isInitialized = false, hasContext = false;
static std::map<uint64_t, size_t> allocations;
static int maxDynamicShared = 48 << 10;
/// What was done since the last look: bytes set, events recorded, launches.
static size_t lastFlush = 0;
static int recorded = 0, launches = 0;

/// CUlaunchAttribute and CUlaunchConfig, as far as launches use them.
struct LaunchAttribute {
  int id, reserved, value;
  char rest[60];
};
struct LaunchConfig {
  unsigned grid[3], block[3], shared;
  void *stream;
  const LaunchAttribute *attributes;
  unsigned numAttributes;
};
static_assert(sizeof(LaunchAttribute) == 72 && sizeof(LaunchConfig) == 56);

static int gpuCount() {
  const char *text = std::getenv("FAKE_CUDA_GPUS");
  return text ? std::atoi(text) : 1;
}

/// Whether the range lies in one allocation.
static bool isAllocated(uint64_t pointer, size_t size) {
  auto it = allocations.upper_bound(pointer);
  if (it == allocations.begin())
    return false;
  --it;
  return pointer + size <= it->first + it->second;
}

extern "C" {

Result cuInit(unsigned flags) {
  if (std::getenv("FAKE_CUDA_OLD"))
    return systemDriverMismatch;
  isInitialized = flags == 0;
  return flags == 0 ? success : invalidValue;
}

Result cuGetErrorString(Result result, const char **text) {
  switch (result) {
  case outOfMemory:
    *text = "out of memory";
    return success;
  case invalidPtx:
    *text = "a PTX JIT compilation failed";
    return success;
  case systemDriverMismatch:
    *text = "system has unsupported display driver / cuda driver combination";
    return success;
  case notFound:
    *text = "named symbol not found";
    return success;
  default:
    *text = nullptr;
    return invalidValue;
  }
}

Result cuDeviceGetCount(int *count) {
  *count = gpuCount();
  return isInitialized ? success : notInitialized;
}

Result cuDeviceGet(int *device, int ordinal) {
  *device = 10 + ordinal;
  return ordinal < gpuCount() ? success : invalidValue;
}

Result cuDeviceGetName(char *name, int size, int device) {
  const char *text = std::getenv("FAKE_CUDA_NAME");
  std::snprintf(name, size, text ? text : "Fake GPU %d", device - 10);
  return success;
}

Result cuDeviceGetAttribute(int *value, int attribute, int) {
  int major = std::getenv("FAKE_CUDA_HOPPER") ? 9 : 8;
  *value = attribute == 75 ? major : attribute == 76 ? 9 : attribute == 38 ? 4 << 20 : 0;
  return success;
}

Result cuDevicePrimaryCtxRetain(void **context, int device) {
  *context = &hasContext;
  return device >= 10 ? success : invalidValue;
}

Result cuDevicePrimaryCtxRelease_v2(int) {
  // Buffers and modules go before their context.
  if (!allocations.empty())
    std::abort();
  return success;
}

Result cuCtxSetCurrent(void *context) {
  hasContext = context == &hasContext;
  return success;
}

Result cuCtxSynchronize() { return hasContext ? success : invalidContext; }

Result cuModuleLoadDataEx(void **module, const void *image, unsigned count, const int *options,
                          void **values) {
  std::string text(static_cast<const char *>(image));
  if (text.find(".entry scale(") != std::string::npos) {
    *module = &allocations;
    return success;
  }
  // CU_JIT_ERROR_LOG_BUFFER and its size.
  if (count == 2 && options[0] == 5 && options[1] == 6)
    std::snprintf(static_cast<char *>(values[0]), reinterpret_cast<size_t>(values[1]),
                  "ptxas application ptx input, line 3; error: no scale\n");
  return invalidPtx;
}

Result cuModuleUnload(void *) { return success; }

Result cuModuleGetFunction(void **function, void *, const char *name) {
  *function = &maxDynamicShared;
  return std::strcmp(name, "scale") == 0 ? success : notFound;
}

Result cuFuncSetAttribute(void *, int attribute, int value) {
  if (attribute != 8 || value > 99 << 10)
    return invalidValue;
  maxDynamicShared = value;
  return success;
}

/// Ten registers, nothing else.
Result cuFuncGetAttribute(int *value, int attribute, void *function) {
  *value = attribute == 4 ? 10 : 0;
  return function == &maxDynamicShared ? success : invalidValue;
}

Result cuMemAlloc_v2(unsigned long long *pointer, size_t size) {
  if (!hasContext)
    return invalidContext;
  void *memory = size == 0 || size > size_t{1} << 30
                     ? nullptr
                     : std::aligned_alloc(256, (size + 255) & ~size_t{255});
  if (!memory)
    return size == 0 ? invalidValue : outOfMemory;
  *pointer = reinterpret_cast<uint64_t>(memory);
  allocations[*pointer] = size;
  return success;
}

Result cuMemFree_v2(unsigned long long pointer) {
  std::free(reinterpret_cast<void *>(pointer));
  return allocations.erase(pointer) ? success : invalidValue;
}

Result cuMemsetD8_v2(unsigned long long pointer, unsigned char value, size_t size) {
  if (!isAllocated(pointer, size))
    return invalidValue;
  std::memset(reinterpret_cast<void *>(pointer), value, size);
  lastFlush = size;
  return success;
}

Result cuMemcpyHtoD_v2(unsigned long long target, const void *source, size_t size) {
  if (!isAllocated(target, size))
    return invalidValue;
  std::memcpy(reinterpret_cast<void *>(target), source, size);
  return success;
}

Result cuMemcpyDtoH_v2(void *target, unsigned long long source, size_t size) {
  if (!isAllocated(source, size))
    return invalidValue;
  std::memcpy(target, reinterpret_cast<void *>(source), size);
  return success;
}

Result cuLaunchKernel(void *, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                      unsigned blockY, unsigned blockZ, unsigned shared, void *stream,
                      void **parameters, void **extra) {
  bool isLegal = gridX && gridY && gridZ && blockX && blockY && blockZ &&
                 blockX * blockY * blockZ <= 1024 && int(shared) <= maxDynamicShared && !extra;
  if (!isLegal)
    return invalidValue;
  auto x = *static_cast<uint64_t *>(parameters[0]), y = *static_cast<uint64_t *>(parameters[1]);
  int32_t n = *static_cast<int32_t *>(parameters[2]);
  float a = *static_cast<float *>(parameters[3]);
  if (!isAllocated(x, n * sizeof a) || !isAllocated(y, n * sizeof a))
    return launchFailed;
  for (int64_t i = 0; i < n && i < int64_t{gridX} * blockX; ++i)
    reinterpret_cast<float *>(y)[i] = a * reinterpret_cast<float *>(x)[i];
  ++launches;
  return success;
}

/// Of a launch that may begin early; says so.
Result cuLaunchKernelEx(const LaunchConfig *config, void *function, void **parameters,
                        void **extra) {
  const unsigned *grid = config->grid, *block = config->block;
  bool isEarly =
      config->numAttributes == 1 && config->attributes->id == 6 && config->attributes->value == 1;
  if (!isEarly)
    return invalidValue;
  std::fprintf(stderr, "programmatic launch of %u blocks\n", grid[0]);
  return cuLaunchKernel(function, grid[0], grid[1], grid[2], block[0], block[1], block[2],
                        config->shared, config->stream, parameters, extra);
}

Result cuEventCreate(void **event, unsigned) {
  static int events[2], next = 0;
  if (next == 2)
    return outOfMemory;
  *event = &events[next++];
  return success;
}

Result cuEventDestroy_v2(void *) { return success; }

Result cuEventRecord(void *, void *) {
  // A cold cache before the first of two: twice the L2 cache was written.
  if (recorded % 2 == 0 && lastFlush < 8 << 20)
    return invalidValue;
  if (recorded % 2 == 0)
    launches = 0;
  lastFlush = 0;
  ++recorded;
  return success;
}

Result cuEventSynchronize(void *) { return success; }

/// A quarter of a microsecond per launch.
Result cuEventElapsedTime(float *milliseconds, void *begin, void *end) {
  *milliseconds = 0.00025f * static_cast<float>(launches);
  return recorded % 2 == 0 && begin != end ? success : invalidValue;
}

} // extern "C"
