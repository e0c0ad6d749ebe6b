//===- CachePolicy.h - What stays in the L2 ---------------------*- C++ -*-===//
#ifndef POOLC_LIB_CODEGEN_CACHEPOLICY_H
#define POOLC_LIB_CODEGEN_CACHEPOLICY_H

#include "llvm/IR/PassManager.h"

namespace poolc {

/// The version of PTX that has cache policies.
inline constexpr unsigned cachePolicyVersion = 74;

/// Gives reads of read-only global memory the policy "evict first" in functions that ask for
/// it (`evictFirstAttr`): loads, and asynchronous copies. LLVM has no way to say so; they
/// become inline PTX.
///
///   %v = load <4 x float>, ptr addrspace(1) (%x + 64), align 16
///   ->
///   %p = asm "createpolicy.fractional.L2::evict_first.b64 $0, 1.0;"    (at the entry)
///   %v = asm "ld.global.nc.L2::cache_hint.v4.b32 {$0, $1, $2, $3}, [$4+64], $5;" %x, %p
///
/// In functions that ask for it (`fetchLinesAttr`), reads bring lines of 128 bytes into the L2:
///
///   %v = asm "ld.global.nc.L2::128B.b32 $0, [$1+64];" %x
///
/// Stores to global memory become "streaming" in functions that ask for that
/// (`streamStoresAttr`):
///
///   asm "st.global.cs.v4.b32 [$0+64], {$1, $2, $3, $4};" %y, ...
///
/// It comes after all that LLVM does to loads and stores.
struct CachePolicyPass : llvm::PassInfoMixin<CachePolicyPass> {
  llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

} // namespace poolc

#endif // POOLC_LIB_CODEGEN_CACHEPOLICY_H
