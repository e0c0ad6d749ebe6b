//===- KernelAttributes.h - What conversions tell the backend ---*- C++ -*-===//
#ifndef POOLC_CODEGEN_KERNELATTRIBUTES_H
#define POOLC_CODEGEN_KERNELATTRIBUTES_H

namespace poolc {

/// Of an LLVM function: what it only reads of global memory leaves the L2 before anything else.
inline constexpr char evictFirstAttr[] = "poolc-evict-first";

} // namespace poolc

#endif // POOLC_CODEGEN_KERNELATTRIBUTES_H
