//===- CudaDriver.h - The part of the CUDA driver API in use ----*- C++ -*-===//
//
// Own declarations of the driver's types and of the functions that poolc calls,
// so that neither the toolkit nor the driver is needed to build. The library is
// opened when a CUDA device is asked for.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_RUNTIME_CUDADRIVER_H
#define POOLC_LIB_RUNTIME_CUDADRIVER_H

#include "llvm/Support/Error.h"

#include <cstddef>
#include <cstdint>

namespace poolc::cuda {

/// CUresult, CUdevice, CUdeviceptr and the handles, as the ABI passes them.
using Result = int;
using DeviceOrdinal = int;
using DevicePointer = unsigned long long;
using Context = struct ContextHandle *;
using Module = struct ModuleHandle *;
using Function = struct FunctionHandle *;
using Stream = struct StreamHandle *;
using Event = struct EventHandle *;

constexpr Result success = 0;

/// CUjit_option.
constexpr int jitErrorLogBuffer = 5;
constexpr int jitErrorLogBufferSizeBytes = 6;
/// CUfunction_attribute.
constexpr int maxDynamicSharedSizeBytes = 8;
/// CUdevice_attribute.
constexpr int computeCapabilityMajor = 75;
constexpr int computeCapabilityMinor = 76;
constexpr int l2CacheBytes = 38;

/// CUlaunchAttribute, with a value that is a number.
struct LaunchAttribute {
  int id = 0;
  int reserved = 0;
  int value = 0;
  char rest[60] = {};
};
/// CUlaunchAttributeID.
constexpr int programmaticStreamSerialization = 6;

/// CUlaunchConfig.
struct LaunchConfig {
  unsigned grid[3], block[3];
  unsigned dynamicSharedBytes;
  Stream stream;
  const LaunchAttribute *attributes;
  unsigned numAttributes;
};

/// Name of the exported symbol, return type and parameters of each function.
#define POOLC_CUDA_FUNCTIONS(X)                                                                    \
  X(init, "cuInit", (unsigned))                                                                    \
  X(getErrorString, "cuGetErrorString", (Result, const char **))                                   \
  X(deviceGetCount, "cuDeviceGetCount", (int *))                                                   \
  X(deviceGet, "cuDeviceGet", (DeviceOrdinal *, int))                                              \
  X(deviceGetName, "cuDeviceGetName", (char *, int, DeviceOrdinal))                                \
  X(deviceGetAttribute, "cuDeviceGetAttribute", (int *, int, DeviceOrdinal))                       \
  X(primaryContextRetain, "cuDevicePrimaryCtxRetain", (Context *, DeviceOrdinal))                  \
  X(primaryContextRelease, "cuDevicePrimaryCtxRelease_v2", (DeviceOrdinal))                        \
  X(contextSetCurrent, "cuCtxSetCurrent", (Context))                                               \
  X(contextSynchronize, "cuCtxSynchronize", ())                                                    \
  X(moduleLoadDataEx, "cuModuleLoadDataEx",                                                        \
    (Module *, const void *, unsigned, const int *, void **))                                      \
  X(moduleUnload, "cuModuleUnload", (Module))                                                      \
  X(moduleGetFunction, "cuModuleGetFunction", (Function *, Module, const char *))                  \
  X(functionSetAttribute, "cuFuncSetAttribute", (Function, int, int))                              \
  X(memoryAllocate, "cuMemAlloc_v2", (DevicePointer *, size_t))                                    \
  X(memoryFree, "cuMemFree_v2", (DevicePointer))                                                   \
  X(memorySet8, "cuMemsetD8_v2", (DevicePointer, unsigned char, size_t))                           \
  X(copyToDevice, "cuMemcpyHtoD_v2", (DevicePointer, const void *, size_t))                        \
  X(copyToHost, "cuMemcpyDtoH_v2", (void *, DevicePointer, size_t))                                \
  X(launchKernel, "cuLaunchKernel",                                                                \
    (Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream,       \
     void **, void **))                                                                            \
  X(eventCreate, "cuEventCreate", (Event *, unsigned))                                             \
  X(eventDestroy, "cuEventDestroy_v2", (Event))                                                    \
  X(eventRecord, "cuEventRecord", (Event, Stream))                                                 \
  X(eventSynchronize, "cuEventSynchronize", (Event))                                               \
  X(eventElapsedTime, "cuEventElapsedTime", (float *, Event, Event))

/// Those that drivers for older GPUs need not have; null where they do not.
#define POOLC_CUDA_LATER_FUNCTIONS(X)                                                              \
  X(launchKernelEx, "cuLaunchKernelEx", (const LaunchConfig *, Function, void **, void **))

/// The driver's functions, called like `driver.memoryFree(pointer)`.
struct Driver {
// NOLINTNEXTLINE(bugprone-macro-parentheses): the arguments form a declaration.
#define POOLC_CUDA_MEMBER(name, symbol, parameters) Result(*name) parameters = nullptr;
  POOLC_CUDA_FUNCTIONS(POOLC_CUDA_MEMBER)
  POOLC_CUDA_LATER_FUNCTIONS(POOLC_CUDA_MEMBER)
#undef POOLC_CUDA_MEMBER

  /// Opens libcuda.so.1, which then stays loaded until the process ends, and
  /// initialises it. Errors say what is missing.
  static llvm::Expected<Driver> open();

  /// "cannot `action`: what the driver says", if `result` is an error.
  llvm::Error check(Result result, const llvm::Twine &action) const;
};

} // namespace poolc::cuda

#endif // POOLC_LIB_RUNTIME_CUDADRIVER_H
