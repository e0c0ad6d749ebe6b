//===- InitCheck.h - The init sanitizer -------------------------*- C++ -*-===//
//
// Finds reads of bytes that nobody has written: of buffers whose contents are
// undefined before, of shared and of local memory.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_INITCHECK_H
#define POOLC_LIB_VIRTUALGPU_INITCHECK_H

#include "Reports.h"

namespace poolc::vgpu {

class InitCheck {
public:
  InitCheck(Block &block, Reports &reports)
      : block(block), reports(reports), shared(sharedBase + block.launch.sharedBytes),
        local(size_t(block.program.localBytes) * block.launch.numThreads) {}

  void startBlock();
  void access(const Warp &warp, const MemoryAccess &access);
  void copyLanded(const uint8_t *to, unsigned bytes);

private:
  /// One flag per byte of the access, or null: all are written.
  uint8_t *flagsOf(const Warp &warp, Space space, uint64_t address, unsigned lane);

  Block &block;
  Reports &reports;
  /// One flag per byte: it was written.
  std::vector<uint8_t> shared, local;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_INITCHECK_H
