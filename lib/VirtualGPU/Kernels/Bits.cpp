//===- Bits.cpp - Handlers of logic, shifts and bit fields -----------------------===//

#include "../Block.h"
#include "../Kernels.h"

#include <type_traits>

#define POOLC_KERNEL_FAMILY "Bits.inc"
#include "PerProcessor.inc"

poolc::vgpu::Handler poolc::vgpu::findBits(const Key &key) { return POOLC_CHOOSE(findBits, key); }
