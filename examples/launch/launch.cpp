//===- launch.cpp - Launches a kernel of poolc from one's own program -----===//
//
// Needs nothing of poolc and no CUDA toolkit, only the driver:
//
//   poolc examples/avg_pool2d.mlir -o kernel.ptx
//   c++ -std=c++17 examples/launch/launch.cpp -o launch -ldl
//   ./launch kernel.ptx
//
// What to launch, how large and with which arguments is in the plan at the top of
// kernel.ptx; `poolc examples/avg_pool2d.mlir --emit=plan -o -` prints it alone.
//
//===----------------------------------------------------------------------===//

#include <dlfcn.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// From the plan of examples/avg_pool2d.mlir.
static const char *kernelName = "avg_pool2d_0";
static const unsigned grid[3] = {1, 46, 64};
static const unsigned block[3] = {256, 1, 1};
static const unsigned sharedBytes = 4096;
static const int planes = 8 * 16, inputSize = 512, outputSize = 46, window = 11;

static void check(int result, const char *what) {
  if (result == 0)
    return;
  std::fprintf(stderr, "launch: error: %s failed with CUDA error %d\n", what, result);
  std::exit(1);
}

/// The driver's functions, so that this builds without cuda.h.
struct Driver {
  int (*init)(unsigned);
  int (*deviceGet)(int *, int);
  int (*retainContext)(void **, int);
  int (*setContext)(void *);
  int (*loadModule)(void **, const void *);
  int (*getFunction)(void **, void *, const char *);
  int (*allocate)(uint64_t *, size_t);
  int (*copyToDevice)(uint64_t, const void *, size_t);
  int (*copyToHost)(void *, uint64_t, size_t);
  int (*launch)(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                void *, void **, void **);
  int (*synchronize)();

  Driver() {
    void *library = dlopen("libcuda.so.1", RTLD_NOW);
    if (!library) {
      std::fprintf(stderr, "launch: error: no CUDA driver (libcuda.so.1) on this machine\n");
      std::exit(1);
    }
    load(library, "cuInit", init);
    load(library, "cuDeviceGet", deviceGet);
    load(library, "cuDevicePrimaryCtxRetain", retainContext);
    load(library, "cuCtxSetCurrent", setContext);
    load(library, "cuModuleLoadData", loadModule);
    load(library, "cuModuleGetFunction", getFunction);
    load(library, "cuMemAlloc_v2", allocate);
    load(library, "cuMemcpyHtoD_v2", copyToDevice);
    load(library, "cuMemcpyDtoH_v2", copyToHost);
    load(library, "cuLaunchKernel", launch);
    load(library, "cuCtxSynchronize", synchronize);
  }

  template <typename Function>
  static void load(void *library, const char *name, Function &function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (function)
      return;
    std::fprintf(stderr, "launch: error: the CUDA driver has no %s\n", name);
    std::exit(1);
  }
};

/// What output (plane 0, row 0, column 0) must be.
static float firstOutput(const std::vector<float> &x) {
  float sum = 0;
  for (int h = 0; h < window; ++h)
    for (int w = 0; w < window; ++w)
      sum += x[h * inputSize + w];
  return sum / (window * window);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: launch kernel.ptx\n");
    return 2;
  }
  std::ifstream file(argv[1]);
  std::string ptx(std::istreambuf_iterator<char>(file), {});
  if (ptx.empty()) {
    std::fprintf(stderr, "launch: error: cannot read '%s'\n", argv[1]);
    return 1;
  }

  Driver cuda;
  int device;
  void *context, *module, *function;
  check(cuda.init(0), "cuInit");
  check(cuda.deviceGet(&device, 0), "cuDeviceGet");
  check(cuda.retainContext(&context, device), "cuDevicePrimaryCtxRetain");
  check(cuda.setContext(context), "cuCtxSetCurrent");
  // The driver compiles PTX for the GPU at hand; the plan's lines are comments to it.
  check(cuda.loadModule(&module, ptx.c_str()), "cuModuleLoadData");
  check(cuda.getFunction(&function, module, kernelName), "cuModuleGetFunction");

  std::vector<float> x(size_t(planes) * inputSize * inputSize);
  std::vector<float> y(size_t(planes) * outputSize * outputSize);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<float>(i % 1000) / 1000;

  uint64_t deviceX, deviceY;
  check(cuda.allocate(&deviceX, x.size() * sizeof(float)), "cuMemAlloc");
  check(cuda.allocate(&deviceY, y.size() * sizeof(float)), "cuMemAlloc");
  check(cuda.copyToDevice(deviceX, x.data(), x.size() * sizeof(float)), "cuMemcpyHtoD");

  void *arguments[] = {&deviceX, &deviceY};
  check(cuda.launch(function, grid[0], grid[1], grid[2], block[0], block[1], block[2], sharedBytes,
                    /*stream=*/nullptr, arguments, nullptr),
        "cuLaunchKernel");
  check(cuda.synchronize(), "cuCtxSynchronize");
  check(cuda.copyToHost(y.data(), deviceY, y.size() * sizeof(float)), "cuMemcpyDtoH");

  float expected = firstOutput(x);
  std::printf("y[0] = %g, expected %g\n", y[0], expected);
  return std::fabs(y[0] - expected) <= 1e-5f ? 0 : 1;
}
