//===- DistinctSectors.cpp - What a block loads, once each ----------------===//

#include "DistinctSectors.h"

#include "../Memory.h"

using namespace poolc;
using namespace poolc::vgpu;

SectorsByBuffer DistinctSectors::take(const GlobalMemory &memory) {
  llvm::SmallVector<std::pair<const Allocation *, uint64_t>, 4> counts;
  for (auto [line, sectors] : touched) {
    uint64_t first = line * cacheLineBytes + llvm::countr_zero(sectors) * sectorBytes;
    auto holds = [first = first](const auto &entry) {
      return entry.first->base < first + sectorBytes && first < entry.first->end();
    };
    auto *entry = llvm::find_if(counts, holds);
    if (entry == counts.end()) {
      const Allocation *buffer = memory.find(first);
      // A buffer need not begin where a sector does.
      if (!buffer)
        buffer = memory.find(first + sectorBytes - 1);
      if (!buffer)
        continue;
      counts.emplace_back(buffer, 0);
      entry = &counts.back();
    }
    entry->second += llvm::popcount(sectors);
  }
  touched.clear();
  recent.fill({});
  SectorsByBuffer result;
  for (auto [buffer, count] : counts)
    result[buffer->name()] += count;
  return result;
}
