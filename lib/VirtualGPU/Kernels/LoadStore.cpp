//===- LoadStore.cpp - Handlers of loads and stores -----------------------===//

#include "../Access.h"
#include "../Kernels.h"

#define POOLC_KERNEL_FAMILY "LoadStore.inc"
#include "PerProcessor.inc"

using namespace poolc::vgpu;

Handler poolc::vgpu::findLoad(Type type, unsigned registerBits, unsigned addressBits) {
  return POOLC_CHOOSE(findLoad, type, registerBits, addressBits);
}

Handler poolc::vgpu::findStore(Type type, unsigned registerBits, unsigned addressBits) {
  return POOLC_CHOOSE(findStore, type, registerBits, addressBits);
}
