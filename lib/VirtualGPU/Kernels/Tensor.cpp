//===- Tensor.cpp - Matrix products as tensor cores make them -------------===//

#include "../Tensor.h"

#include "../Block.h"
#include "../Kernels.h"

#define POOLC_KERNEL_FAMILY "Tensor.inc"
#include "PerProcessor.inc"

using namespace poolc::vgpu;

void poolc::vgpu::multiply(Tile &tile, const TensorArithmetic &arithmetic) {
  POOLC_CHOOSE(multiply, tile, arithmetic);
}

void poolc::vgpu::widenOperand(const uint32_t *bits, Type type, double (*values)[warpSize]) {
  POOLC_CHOOSE(widenOperand, bits, type, values);
}

TensorArithmetic poolc::vgpu::tensorArithmeticOf(llvm::StringRef chip) {
  // Measured by others on real GPUs (Li et al., FTTN, 2024; Xie et al., MMA-Sim,
  // 2025): Ampere and Ada keep one bit more than f32, Hopper two and adds twice as
  // many products at once.
  unsigned number = 0;
  chip.consume_front("sm_");
  chip.consumeInteger(10, number);
  if (number >= 90)
    return {16, 8, 25};
  return {8, 4, 24};
}
