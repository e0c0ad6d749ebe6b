//===- Instruction.h - Holds one instruction against a reference *- C++ -*-===//
//
// Runs an instruction on all combinations of operand values, one per thread, and
// compares the results with a function on the host.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_TEST_UNIT_VIRTUALGPU_INSTRUCTION_H
#define POOLC_TEST_UNIT_VIRTUALGPU_INSTRUCTION_H

#include "TestDevice.h"

#include <functional>

namespace poolc::vgpu::test {

using Values = std::vector<uint64_t>;
/// The result's bits for the bits of up to four operands.
using Reference = std::function<uint64_t(const uint64_t *operands)>;

/// `signature`: the registers of the result, a colon, those of the operands: h, w,
/// d for 16, 32, 64 bits, p for a predicate. A result may be given as a float, of
/// which all NaN are equal: H f16, B bf16, S f32, D f64; X and Y: a pair of f16 or
/// bf16. Upper-case L: the operand is an immediate.
void checkInstruction(const std::string &instruction, const std::string &signature,
                      const std::vector<Values> &operands, const Reference &reference);

/// Integers at the edges of all widths, and some between.
Values edgeIntegers(unsigned bits);
/// Zeros, subnormals, ties, powers of two, the largest, infinities, NaN.
Values edgeFloats(unsigned exponentBits, unsigned fractionBits);
inline Values edgeF32() { return edgeFloats(8, 23); }
inline Values edgeF64() { return edgeFloats(11, 52); }
inline Values edgeF16() { return edgeFloats(5, 10); }
inline Values edgeBf16() { return edgeFloats(8, 7); }

} // namespace poolc::vgpu::test

#endif // POOLC_TEST_UNIT_VIRTUALGPU_INSTRUCTION_H
