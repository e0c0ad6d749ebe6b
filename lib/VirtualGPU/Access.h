//===- Access.h - Checking memory accesses ----------------------*- C++ -*-===//
//
// The general case of turning the addresses of a warp's lanes into host
// addresses, and the messages of those that must not be accessed.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_ACCESS_H
#define POOLC_LIB_VIRTUALGPU_ACCESS_H

#include "Block.h"

namespace poolc::vgpu {

/// Replaces the addresses of the lanes in `mask` by host addresses, one by one,
/// and marks what a store will write; false after a fault. Where a sanitizer
/// took the fault, the lane accesses Block::sink instead.
bool resolveEach(Warp &warp, const Op &op, Space space, uint64_t *addresses, uint32_t mask,
                 unsigned bytes, AccessKind kind);

/// The host address of one lane's access, or null after a fault.
uint8_t *resolveLane(Warp &warp, const Op &op, Space space, uint64_t address, unsigned lane,
                     unsigned bytes, unsigned alignment, AccessKind kind);

/// Of the lanes in `mask`, those whose host address is not that of the sink.
uint32_t lanesInMemory(const Block &block, const uint64_t *hostAddresses, uint32_t mask);

/// The whole of it, for instructions that are not worth a faster way: alignment,
/// bounds, host addresses, the observer.
bool resolveAccess(Warp &warp, const Op &op, Space space, uint64_t *addresses, uint32_t mask,
                   unsigned bytes, AccessKind kind);

/// The addresses of the lanes in a register of 32 or 64 bits, plus an offset.
void readAddresses(uint64_t *addresses, const Warp &warp, uint32_t slot, unsigned bits,
                   int64_t offset, uint32_t mask);

/// The space and offset of a generic address.
inline Space windowOf(uint64_t &address) {
  switch (address >> 60) {
  case sharedWindow >> 60:
    address -= sharedWindow;
    return Space::shared;
  case localWindow >> 60:
    address -= localWindow;
    return Space::local;
  case parameterWindow >> 60:
    address -= parameterWindow;
    return Space::param;
  default:
    return Space::global;
  }
}

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_ACCESS_H
