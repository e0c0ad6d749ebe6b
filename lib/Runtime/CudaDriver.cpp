//===- CudaDriver.cpp - Opens the CUDA driver -----------------------------===//

#include "CudaDriver.h"

#include <dlfcn.h>

using namespace poolc;
using namespace poolc::cuda;

llvm::Error Driver::check(Result result, const llvm::Twine &action) const {
  if (result == success)
    return llvm::Error::success();
  const char *text = nullptr;
  if (getErrorString(result, &text) != success || !text)
    text = "unknown error";
  return llvm::createStringError("cannot " + action + ": " + text + " (CUDA error " +
                                 llvm::Twine(result) + ")");
}

/// The name of the first function that the library has to have and lacks, or null.
static const char *loadFunctions(void *library, Driver &driver) {
#define POOLC_CUDA_FIND(name, symbol, parameters)                                                  \
  driver.name = reinterpret_cast<decltype(driver.name)>(dlsym(library, symbol));
#define POOLC_CUDA_LOAD(name, symbol, parameters)                                                  \
  POOLC_CUDA_FIND(name, symbol, parameters)                                                        \
  if (!driver.name)                                                                                \
    return symbol;
  POOLC_CUDA_LATER_FUNCTIONS(POOLC_CUDA_FIND)
  POOLC_CUDA_FUNCTIONS(POOLC_CUDA_LOAD)
#undef POOLC_CUDA_LOAD
#undef POOLC_CUDA_FIND
  return nullptr;
}

llvm::Expected<Driver> Driver::open() {
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return llvm::createStringError("no CUDA driver found on this machine (libcuda.so.1)");
  Driver driver;
  if (const char *missing = loadFunctions(library, driver))
    return llvm::createStringError("the CUDA driver is too old: it has no " + llvm::Twine(missing));
  if (llvm::Error error = driver.check(driver.init(0), "initialise the CUDA driver"))
    return error;
  return driver;
}
