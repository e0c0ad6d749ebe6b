//===- Convert.cpp - Handlers of conversions ------------------------------===//

#include "../Block.h"
#include "../Kernels.h"

#define POOLC_KERNEL_FAMILY "Convert.inc"
#include "PerProcessor.inc"

using namespace poolc::vgpu;

Handler poolc::vgpu::findConvert(const Key &key) { return POOLC_CHOOSE(findConvert, key); }

bool poolc::vgpu::hasFastVectors() {
#if defined(__x86_64__)
  static const bool result = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                             __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("f16c") &&
                             __builtin_cpu_supports("lzcnt");
  return result;
#else
  return false;
#endif
}

Handler poolc::vgpu::findKernel(const Key &key) {
  Handler (*const families[])(const Key &) = {findConvert, findBits,  findMove,
                                              findHalf,    findFloat, findDouble};
  for (auto *find : families)
    if (Handler handler = find(key))
      return handler;
  return isFloat(key.type) ? nullptr : findInteger(key);
}
