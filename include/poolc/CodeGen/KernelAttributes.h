//===- KernelAttributes.h - What conversions tell the backend ---*- C++ -*-===//
#ifndef POOLC_CODEGEN_KERNELATTRIBUTES_H
#define POOLC_CODEGEN_KERNELATTRIBUTES_H

namespace poolc {

/// Of an LLVM function: what it only reads of global memory leaves the L2 before anything else.
inline constexpr char evictFirstAttr[] = "poolc-evict-first";

/// What it only reads of global memory brings all of its line into the L2.
inline constexpr char fetchLinesAttr[] = "poolc-fetch-lines";

/// What it writes to global memory is likely not read again while the L2 holds it.
inline constexpr char streamStoresAttr[] = "poolc-stream-stores";

/// Of a gpu.func whose shared memory begins at a multiple of eight rows of 128 bytes, which are
/// swizzled alike.
inline constexpr char swizzledSharedAttr[] = "poolc.swizzled_shared";

/// Of a gpu.launch_func: Plan::Launch::programmatic.
inline constexpr char programmaticLaunchAttr[] = "poolc.programmatic";

/// All of the former that are about caches.
inline constexpr const char *cachePolicyAttrs[] = {evictFirstAttr, fetchLinesAttr,
                                                   streamStoresAttr};

} // namespace poolc

#endif // POOLC_CODEGEN_KERNELATTRIBUTES_H
