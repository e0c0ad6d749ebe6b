//===- DistinctSectors.h - What a block loads, once each --------*- C++ -*-===//
//
// A block should fetch a sector once, whatever its warps do with it. How often
// it asks for it is counted elsewhere; here, how many different ones it needs.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_DISTINCTSECTORS_H
#define POOLC_LIB_VIRTUALGPU_METRICS_DISTINCTSECTORS_H

#include "Coalescing.h"

#include "llvm/ADT/DenseMap.h"

#include <map>
#include <string>

namespace poolc::vgpu {

class GlobalMemory;

/// Sectors by the name of the buffer that they lie in.
using SectorsByBuffer = std::map<std::string, uint64_t>;

class DistinctSectors {
public:
  void add(llvm::ArrayRef<LineTouch> lines) {
    for (const LineTouch &touch : lines) {
      // Most of a block's loads come back to lines that it has just used.
      auto &[line, known] = recent[touch.line % recent.size()];
      SectorMask sectors = touch.sectors();
      if (line == touch.line && (sectors & ~known) == 0)
        continue;
      SectorMask &all = touched[touch.line];
      all |= sectors;
      line = touch.line;
      known = all;
    }
  }

  /// The number of distinct sectors since the last call. What lies in no buffer
  /// is not counted.
  SectorsByBuffer take(const GlobalMemory &memory);

private:
  llvm::DenseMap<uint64_t, SectorMask> touched;
  std::array<std::pair<uint64_t, SectorMask>, 256> recent = {};
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_DISTINCTSECTORS_H
