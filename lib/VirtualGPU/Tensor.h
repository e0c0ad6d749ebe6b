//===- Tensor.h - Matrix products as tensor cores make them -----*- C++ -*-===//
//
// D = A * B + C on tiles, with the arithmetic of tensor cores: products are
// exact; a few of them and the accumulator are aligned to the largest exponent,
// truncated there, added, and the sum is truncated to f32.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_TENSOR_H
#define POOLC_LIB_VIRTUALGPU_TENSOR_H

#include "Program.h"
#include "Type.h"

namespace poolc::vgpu {

/// A matrix product in flight. Values are exact as doubles.
struct Tile {
  static constexpr unsigned maxExtent = 32, maxDepth = 16;
  unsigned m, n, k;
  double a[maxExtent][maxDepth];
  double b[maxDepth][maxExtent];
  /// In: C, out: D.
  float c[maxExtent][maxExtent];
  Type type;
  bool halfAccumulator;
};

/// How a generation's tensor cores add.
struct TensorArithmetic {
  /// Products that are added at once, of 16-bit and of tf32 operands.
  unsigned group16, groupTf32;
  /// Bits kept below the largest exponent.
  unsigned fractionBits;
};

/// The arithmetic of a chip by LLVM's name, e.g. "sm_89".
TensorArithmetic tensorArithmeticOf(llvm::StringRef chip);

void multiply(Tile &tile, const TensorArithmetic &arithmetic);

/// The elements in the 32 lanes of a register: tf32 fills values[0], the types of
/// 16 bits fill values[0] with the lower halves and values[1] with the upper ones.
void widenOperand(const uint32_t *bits, Type type, double (*values)[warpSize]);

/// mma.sync.m16n8 with the k values of op.immediate; the list holds the registers
/// of D, A, B and C. variant: the operands' Type; variant2: f16 accumulators.
void multiplyFragments(Warp &warp, const Op &op, uint32_t mask);

/// wmma.load and wmma.store: list: the fragment; src[0]: address of op.bytes bytes;
/// src[1]: stride in elements; variant: element Type; variant2: column major;
/// immediate2: rows << 8 | columns.
void loadWmma(Warp &warp, const Op &op, uint32_t mask);
void storeWmma(Warp &warp, const Op &op, uint32_t mask);
/// wmma.mma: list: D, A, B, C; variant: operands' Type; variant2: bit 0: f16 D,
/// bit 1: f16 C; immediate: m << 16 | n << 8 | k; immediate2: registers of A << 8 | of B.
void multiplyWmma(Warp &warp, const Op &op, uint32_t mask);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TENSOR_H
