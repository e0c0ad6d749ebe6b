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

/// CUlaunchAttribute of a whole number.
struct LaunchAttribute {
  int id, reserved, value;
  char rest[60];
};
constexpr int programmaticStreamSerialization = 6; // of CUlaunchAttributeID

/// CUlaunchConfig.
struct LaunchConfig {
  unsigned grid[3], block[3], sharedBytes;
  void *stream;
  const LaunchAttribute *attributes;
  unsigned numAttributes;
};

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
  /// Null in older drivers.
  int (*launchWith)(const LaunchConfig *config, void *function, void **arguments,
                    void **extra) = nullptr;
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
    find(library, "cuLaunchKernelEx", launchWith);
  }

  /// As launch; the kernel may begin while the one ahead of it runs, for whose end it waits.
  int launchProgrammatic(void *function, unsigned gridX, unsigned gridY, unsigned gridZ,
                         unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,
                         void *stream, void **arguments, void **extra) const {
    if (!launchWith)
      return launch(function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream,
                    arguments, extra);
    LaunchAttribute attribute = {programmaticStreamSerialization, 0, 1, {}};
    LaunchConfig config = {{gridX, gridY, gridZ}, {blockX, blockY, blockZ}, sharedBytes, stream,
                           &attribute, 1};
    return launchWith(&config, function, arguments, extra);
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

/// What headers of programs hold whose sizes only a run knows.
inline constexpr llvm::StringLiteral headerSizeText = R"cpp(
#ifndef POOLC_LAUNCH_SIZE
#define POOLC_LAUNCH_SIZE

#include <cstdint>

namespace poolc_launch {

/// A whole number, given or computed; not valid where 64 bits do not hold it.
/// Quotients are rounded down.
struct Size {
  std::int64_t value = 0;
  bool valid = true;

  Size(std::int64_t value) : value(value) {}

  friend Size operator+(Size a, Size b) {
    Size r = both(a, b);
    r.valid &= !__builtin_add_overflow(a.value, b.value, &r.value);
    return r;
  }
  friend Size operator-(Size a, Size b) {
    Size r = both(a, b);
    r.valid &= !__builtin_sub_overflow(a.value, b.value, &r.value);
    return r;
  }
  friend Size operator*(Size a, Size b) {
    Size r = both(a, b);
    r.valid &= !__builtin_mul_overflow(a.value, b.value, &r.value);
    return r;
  }
  friend Size operator/(Size a, Size b) {
    Size r = both(a, b);
    // Also the one quotient of other numbers that overflows.
    if (!(r.valid &= b.value != 0 && (b.value != -1 || a.value != INT64_MIN)))
      return r;
    r.value = a.value / b.value;
    if (a.value % b.value != 0 && (a.value < 0) != (b.value < 0))
      --r.value;
    return r;
  }
  friend Size operator%(Size a, Size b) {
    return b.value == -1 ? both(a, b) : a - a / b * b;
  }
  friend Size ceildiv(Size a, Size b) {
    return a % b == Size(0) ? a / b : a / b + Size(1);
  }
  friend Size min(Size a, Size b) { return choose(a, b, a.value < b.value ? a.value : b.value); }
  friend Size max(Size a, Size b) { return choose(a, b, a.value > b.value ? a.value : b.value); }
  friend Size operator<(Size a, Size b) { return choose(a, b, a.value < b.value); }
  friend Size operator<=(Size a, Size b) { return choose(a, b, a.value <= b.value); }
  friend Size operator>(Size a, Size b) { return choose(a, b, a.value > b.value); }
  friend Size operator>=(Size a, Size b) { return choose(a, b, a.value >= b.value); }
  friend Size operator==(Size a, Size b) { return choose(a, b, a.value == b.value); }
  friend Size operator!=(Size a, Size b) { return choose(a, b, a.value != b.value); }

  /// Whether it is valid and not zero: what holds.
  explicit operator bool() const { return valid && value != 0; }
  bool isCount() const { return valid && value >= 0; }

private:
  static Size both(Size a, Size b) { return choose(a, b, 0); }
  static Size choose(Size a, Size b, std::int64_t value) {
    Size r(value);
    r.valid = a.valid && b.valid;
    return r;
  }
};

constexpr int errorSizes = 1; // CUDA_ERROR_INVALID_VALUE

} // namespace poolc_launch

#endif // POOLC_LAUNCH_SIZE
)cpp";

} // namespace poolc

#endif // POOLC_LIB_CODEGEN_HEADERDRIVER_H
