//===- fake_cuda.cpp - A CUDA driver that only says what it is asked ------===//

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

extern "C" {

int cuModuleLoadData(void **module, const void *image) {
  const char *version = std::strstr(static_cast<const char *>(image), ".version");
  std::printf("load %.12s\n", version ? version : "no PTX");
  *module = module;
  return 0;
}

int cuModuleUnload(void *) {
  std::printf("unload\n");
  return 0;
}

int cuModuleGetFunction(void **function, void *, const char *name) {
  // The name stays alive: it is a literal.
  *function = const_cast<char *>(name);
  return 0;
}

int cuFuncSetAttribute(void *function, int attribute, int value) {
  std::printf("attribute %d of %s: %d\n", attribute, static_cast<char *>(function), value);
  return 0;
}

int cuMemsetD8Async(uint64_t address, unsigned char value, size_t bytes, void *) {
  std::printf("set %zu bytes at %#lx to %d\n", bytes, static_cast<unsigned long>(address), value);
  return 0;
}

int cuLaunchKernel(void *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                   unsigned blockY, unsigned blockZ, unsigned sharedBytes, void *stream,
                   void **arguments, void **) {
  std::printf("launch %s <%u %u %u> <%u %u %u> shared %u stream %p:", static_cast<char *>(function),
              gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream);
  // The kernels of the test take two pointers, and @scale three numbers after them.
  std::printf(" %p %p", *static_cast<void **>(arguments[0]), *static_cast<void **>(arguments[1]));
  if (std::strcmp(static_cast<char *>(function), "scale") == 0)
    std::printf(" %ld %g %d", static_cast<long>(*static_cast<int64_t *>(arguments[2])),
                *static_cast<float *>(arguments[3]), *static_cast<int32_t *>(arguments[4]));
  std::printf("\n");
  return 0;
}

#ifndef OLDER_DRIVER
struct LaunchConfig {
  unsigned grid[3], block[3], sharedBytes;
  void *stream;
  const int *attribute;
  unsigned numAttributes;
};

int cuLaunchKernelEx(const LaunchConfig *config, void *function, void **arguments, void **extra) {
  std::printf("%u attribute %d: %d; ", config->numAttributes, config->attribute[0],
              config->attribute[2]);
  const unsigned *grid = config->grid, *block = config->block;
  return cuLaunchKernel(function, grid[0], grid[1], grid[2], block[0], block[1], block[2],
                        config->sharedBytes, config->stream, arguments, extra);
}
#endif
}
