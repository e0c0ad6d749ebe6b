//===- Integer.cpp - Handlers of integer arithmetic -----------------------===//

#include "../Block.h"
#include "../Kernels.h"

#include <type_traits>

#define POOLC_KERNEL_FAMILY "Integer.inc"
#include "PerProcessor.inc"

poolc::vgpu::Handler poolc::vgpu::findInteger(const Key &key) {
  return POOLC_CHOOSE(findInteger, key);
}
