//===- Half.cpp - Handlers of f16 and bf16 arithmetic ---------------------===//

#include "../Block.h"
#include "../Kernels.h"

#define POOLC_KERNEL_FAMILY "Half.inc"
#include "PerProcessor.inc"

poolc::vgpu::Handler poolc::vgpu::findHalf(const Key &key) { return POOLC_CHOOSE(findHalf, key); }
