//===- Kernels.h - Handlers of the lane-wise instructions -------*- C++ -*-===//
//
// Finds the function that executes an instruction for the 32 lanes of a warp.
// Each exists for any x86-64 and for processors with AVX2 and FMA; the choice
// is made once, when a kernel is decoded.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_KERNELS_H
#define POOLC_LIB_VIRTUALGPU_KERNELS_H

#include "Program.h"

namespace poolc::vgpu {

enum class Fn : uint8_t {
  nothing,
  // Arithmetic.
  add,
  sub,
  mul,
  mulHi,
  mulWide,
  mad,
  madHi,
  madWide,
  mul24,
  mad24,
  sad,
  div,
  rem,
  abs,
  neg,
  min,
  max,
  fma,
  addCarry,
  subCarry,
  madCarry,
  madHiCarry,
  dp4a,
  dp2a,
  // Bits.
  andBits,
  orBits,
  xorBits,
  notBits,
  cnot,
  shl,
  shr,
  shf,
  bfe,
  bfi,
  bfind,
  bmsk,
  szext,
  popc,
  clz,
  brev,
  fns,
  prmt,
  lop3,
  // Floating point.
  divApprox,
  rcp,
  sqrt,
  rsqrt,
  sin,
  cos,
  lg2,
  ex2,
  tanh,
  copysign,
  testp,
  // Data movement.
  mov,
  pack,
  unpack,
  selp,
  slct,
  set,
  convert,
  convertPack,
};

enum class Rounding : uint8_t {
  nearest,  ///< .rn: to nearest, ties to even
  zero,     ///< .rz
  down,     ///< .rm
  up,       ///< .rp
  away,     ///< .rna: to nearest, ties away from zero
  integral, ///< .rni and so on add this to the four above
};

/// One variant of an instruction.
struct Key {
  Fn fn;
  Type type = Type::none;
  /// The second type: of a conversion's source, of a comparison's operands.
  Type from = Type::none;
  /// Register widths in bits where they may differ from the types (cvt, ld, st).
  unsigned dstBits = 0, srcBits = 0;
  Rounding rounding = Rounding::nearest;
  /// .rni, .rzi, .rmi, .rpi: to a whole number.
  bool integral = false;
  bool ftz = false, sat = false, relu = false, nan = false, xorsign = false;
  /// .wrap, .left, .lo, .shiftamt, ...: by the instruction.
  uint8_t variant = 0;
};

enum class Compare : uint8_t { eq, ne, lt, le, gt, ge, equ, neu, ltu, leu, gtu, geu, num, nan };

/// The handler of that variant, or null where it is not covered.
Handler findKernel(const Key &key);

/// The comparison of two registers of that type, or null.
CompareFn findCompare(Compare compare, Type type, bool ftz);

/// Loads and stores: of elements of `type` into registers of `registerBits`,
/// with addresses in registers of `addressBits`.
Handler findLoad(Type type, unsigned registerBits, unsigned addressBits);
Handler findStore(Type type, unsigned registerBits, unsigned addressBits);

// By family; see Kernels/.
Handler findInteger(const Key &key);
Handler findBits(const Key &key);
Handler findFloat(const Key &key);
Handler findDouble(const Key &key);
Handler findHalf(const Key &key);
Handler findMove(const Key &key);
Handler findConvert(const Key &key);

/// Whether this processor has what the faster handlers need.
bool hasFastVectors();

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_KERNELS_H
