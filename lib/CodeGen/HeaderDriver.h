//===- HeaderDriver.h - The fixed part of generated headers -----*- C++ -*-===//
#ifndef POOLC_LIB_CODEGEN_HEADERDRIVER_H
#define POOLC_LIB_CODEGEN_HEADERDRIVER_H

#include "llvm/ADT/StringRef.h"

namespace poolc {

/// What every generated header holds: the functions of the CUDA driver.
inline constexpr llvm::StringLiteral headerDriverText = R"cpp(
#ifndef POOLC_LAUNCH_DRIVER
#define POOLC_LAUNCH_DRIVER

#include <cstddef>
#include <cstdint>

#include <dlfcn.h>

namespace poolc_launch {

/// The functions of the CUDA driver that launching takes, from the library that
/// the process uses anyway. They answer 0 or the driver's error code.
struct Driver {
  int (*loadModule)(void **module, const void *image) = nullptr;
  int (*unloadModule)(void *module) = nullptr;
  int (*getFunction)(void **function, void *module, const char *name) = nullptr;
  int (*setAttribute)(void *function, int attribute, int value) = nullptr;
  int (*setBytes)(std::uint64_t address, unsigned char value, std::size_t bytes,
                  void *stream) = nullptr;
  int (*launch)(void *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                unsigned blockY, unsigned blockZ, unsigned sharedBytes, void *stream,
                void **arguments, void **extra) = nullptr;
  bool complete = false;

  Driver() {
    void *library = dlopen("libcuda.so.1", RTLD_NOW);
    if (!library)
      return;
    complete = find(library, "cuModuleLoadData", loadModule) &&
               find(library, "cuModuleUnload", unloadModule) &&
               find(library, "cuModuleGetFunction", getFunction) &&
               find(library, "cuFuncSetAttribute", setAttribute) &&
               find(library, "cuMemsetD8Async", setBytes) &&
               find(library, "cuLaunchKernel", launch);
  }

  static const Driver &get() {
    static const Driver driver;
    return driver;
  }

private:
  template <typename Function>
  static bool find(void *library, const char *name, Function &function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
  }
};

constexpr int errorNoDriver = 3;          // CUDA_ERROR_NOT_INITIALIZED
constexpr int errorMisaligned = 716;      // CUDA_ERROR_MISALIGNED_ADDRESS
constexpr int maxDynamicSharedBytes = 8;  // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES

inline bool isAligned(const void *pointer, std::uintptr_t alignment) {
  return reinterpret_cast<std::uintptr_t>(pointer) % alignment == 0;
}

} // namespace poolc_launch

#endif // POOLC_LAUNCH_DRIVER
)cpp";

} // namespace poolc

#endif // POOLC_LIB_CODEGEN_HEADERDRIVER_H
