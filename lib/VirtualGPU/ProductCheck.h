//===- ProductCheck.h - Registers of asynchronous products ------*- C++ -*-===//
//
// Part of the sync sanitizer: finds instructions that touch the registers of a wgmma
// which has not been waited for, and products of registers that were written with no
// wgmma.fence between.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_PRODUCTCHECK_H
#define POOLC_LIB_VIRTUALGPU_PRODUCTCHECK_H

#include "Reports.h"

namespace poolc::vgpu {

class ProductCheck {
public:
  ProductCheck(Block &block, Reports &reports);

  /// Whether the program has such products.
  static bool isNeeded(const Program &program);

  void startBlock();
  void instruction(const Warp &warp, const Op &op, uint32_t mask);

private:
  /// PTX's own registers: two values never share one.
  using Registers = llvm::ArrayRef<uint32_t>;
  Registers sums(const Op &op) const;
  Registers firstFactor(const Op &op) const;
  uint32_t numberOf(const Op &op) const { return uint32_t(&op - block.program.ops.data()); }

  void checkInFlight(const Warp &warp, const Op &op, uint32_t mask);
  void checkFence(const Warp &warp, const Op &op, uint32_t mask);

  struct WarpState {
    /// Fences so far, and by register how many there had been when it was last written.
    uint32_t fences = 0;
    std::vector<uint32_t> written;
  };
  Block &block;
  Reports &reports;
  std::vector<WarpState> states;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_PRODUCTCHECK_H
