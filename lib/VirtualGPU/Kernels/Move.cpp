//===- Move.cpp - Handlers of moves, selections and comparisons -----------===//

#include "../Block.h"
#include "../Kernels.h"

#define POOLC_KERNEL_FAMILY "Move.inc"
#include "PerProcessor.inc"

poolc::vgpu::Handler poolc::vgpu::findMove(const Key &key) { return POOLC_CHOOSE(findMove, key); }

poolc::vgpu::CompareFn poolc::vgpu::findCompare(Compare compare, Type type, bool ftz) {
  return POOLC_CHOOSE(findCompare, compare, type, ftz);
}
