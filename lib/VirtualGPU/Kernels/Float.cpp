//===- Float.cpp - Handlers of f32 arithmetic -----------------------------===//

#include "../Block.h"
#include "../Kernels.h"

#define POOLC_KERNEL_FAMILY "Float.inc"
#include "PerProcessor.inc"

poolc::vgpu::Handler poolc::vgpu::findFloat(const Key &key) { return POOLC_CHOOSE(findFloat, key); }
