//===- Coalescing.cpp - Lines and sectors of an access --------------------===//

#include "Coalescing.h"

#include "llvm/ADT/STLExtras.h"

using namespace poolc;
using namespace poolc::vgpu;

unsigned vgpu::packetUnits(const LineTouch &written) {
  unsigned sectors = 0;
  bool isWhole = true;
  for (uint32_t bytes : written.bytes) {
    sectors += bytes != 0;
    isWhole &= bytes == 0 || bytes == wholeSector;
  }
  return std::max(3u, 2 * (sectors + !isWhole));
}

void vgpu::coalesce(const uint64_t *addresses, uint32_t mask, unsigned bytes,
                    llvm::SmallVectorImpl<LineTouch> &touched) {
  touched.clear();
  uint32_t span = bytes >= sectorBytes ? wholeSector : (uint32_t(1) << bytes) - 1;
  uint64_t highest = 0;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    uint64_t address = addresses[llvm::countr_zero(rest)];
    uint64_t line = address / cacheLineBytes;
    LineTouch *entry = touched.empty() ? nullptr : &touched.back();
    if (!entry || entry->line != line) {
      // Most accesses ascend: then no earlier line can be the same.
      entry = touched.empty() || line > highest
                  ? nullptr
                  : llvm::find_if(touched, [&](const LineTouch &t) { return t.line == line; });
      if (!entry || entry == touched.end())
        entry = &touched.emplace_back(LineTouch{line, {}});
      highest = std::max(highest, line);
    }
    unsigned offset = address % cacheLineBytes;
    entry->bytes[offset / sectorBytes] |= span << (offset % sectorBytes);
  }
}
