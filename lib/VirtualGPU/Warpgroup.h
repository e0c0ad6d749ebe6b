//===- Warpgroup.h - Handlers of wgmma --------------------------*- C++ -*-===//
//
// Asynchronous matrix products of four warps. Each warp computes its sixteen rows
// when the instruction is executed, but its operands stay in use until its group has
// been waited for: sanitizers look for those who touch them before.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_WARPGROUP_H
#define POOLC_LIB_VIRTUALGPU_WARPGROUP_H

#include "Program.h"
#include "Type.h"

namespace poolc::vgpu {

/// Bits of Op::count of a product whose first factor's rows, or second factor's columns, lie side
/// by side.
constexpr uint8_t transposedFirst = 4, transposedSecond = 2;

constexpr unsigned warpsPerGroup = 4;

/// A product that was issued and not yet waited for.
struct AsyncProduct {
  static constexpr uint32_t uncommitted = ~uint32_t(0);

  const Op *op;
  /// Of B, and of A if that is in shared memory.
  uint64_t descriptor, first;
  uint32_t group;
  /// Some warp of the warpgroup has waited for it.
  bool isOver = false;
};

/// Those of a warp.
struct AsyncProducts {
  llvm::SmallVector<AsyncProduct, 8> inFlight;
  /// Groups that the warp has closed.
  uint32_t groups = 0;
};

/// wgmma.mma_async: the list holds the registers of D, those of A if it is in registers, and again
/// those of D, which is the addend too; src[0] the descriptor of B; src[1] a predicate without
/// which nothing is added (negated with variant2); src[2] the descriptor of A, or none. variant:
/// the operands' Type; immediate: columns of B; immediate2: 1 or -1, a factor of the product.
void multiplyWarpgroup(Warp &warp, const Op &op, uint32_t mask);
void fenceWarpgroup(Warp &warp, const Op &op, uint32_t mask);
void commitWarpgroup(Warp &warp, const Op &op, uint32_t mask);
/// Groups of the warp that have to be over before it goes on behind a wait for all but the
/// op.immediate latest.
inline uint64_t groupsDue(const AsyncProducts &products, const Op &op) {
  uint64_t pending = uint64_t(op.immediate);
  return products.groups - std::min<uint64_t>(pending, products.groups);
}
/// Takes up the products that it waits for, which all warps of the warpgroup have issued.
void waitWarpgroup(Warp &warp, const Op &op, uint32_t mask);

/// Whether A is in shared memory.
inline bool hasFirstInMemory(const Op &op) { return op.src[2] != none; }

/// Registers of D, one for each of its columns in a pair of rows.
inline unsigned sumsOf(const Op &op) { return unsigned(op.immediate) / 2; }

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_WARPGROUP_H
