//===- Coalescing.h - Lines and sectors of an access ------------*- C++ -*-===//
//
// What the lanes of one global memory instruction touch together.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_COALESCING_H
#define POOLC_LIB_VIRTUALGPU_METRICS_COALESCING_H

#include "poolc/Target/GPU.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/bit.h"

#include <array>
#include <cstdint>

namespace poolc::vgpu {

/// One bit per sector of a line.
using SectorMask = uint8_t;
/// Per sector of a line, one bit per byte.
using LineBytes = std::array<uint32_t, sectorsPerLine>;

constexpr uint32_t wholeSector = ~uint32_t(0);

/// The bytes of a line that an access touches; `line` is the address divided by
/// the size of a line.
struct LineTouch {
  uint64_t line = 0;
  LineBytes bytes = {};

  SectorMask sectors() const {
    SectorMask mask = 0;
    for (unsigned sector = 0; sector < sectorsPerLine; ++sector)
      mask |= SectorMask((bytes[sector] != 0) << sector);
    return mask;
  }
};

/// The units of 16 bytes in which packetUnits() counts.
constexpr unsigned packetUnitBytes = 16;

/// What it takes to send the written part of a line to the L2: its sectors, the mask of its
/// bytes if one of them is not whole, which takes as long as a sector, and not less than
/// one and a half sectors. Measured: docs/gpu-table.md.
unsigned packetUnits(const LineTouch &written);

/// The lines that the lanes of `mask` touch, each once, with aligned accesses of
/// `bytes` (at most a sector) at `addresses`. In the order of the first lane.
void coalesce(const uint64_t *addresses, uint32_t mask, unsigned bytes,
              llvm::SmallVectorImpl<LineTouch> &touched);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_COALESCING_H
