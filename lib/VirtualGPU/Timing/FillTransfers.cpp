//===- FillTransfers.cpp - Accesses that were not followed ----------------===//

#include "FillTransfers.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <algorithm>
#include <cmath>

using namespace poolc;
using namespace poolc::vgpu;

namespace {

/// Sectors that were followed, and what became of them.
struct Fate {
  double followed = 0, l1Hits = 0, fetched = 0, dirtied = 0;

  void add(const Access &access) {
    followed += access.followed;
    l1Hits += access.l1Hits;
    fetched += access.fetched;
    dirtied += access.dirtied;
  }
  uint16_t of(double part, unsigned sectors) const {
    return uint16_t(std::min<long>(std::lround(sectors * part / followed), sectors));
  }
};

} // namespace

static void forEachAccess(WarpTimeline &warp, const TimedCode &code,
                          llvm::function_ref<void(uint32_t op, Access &access)> visit) {
  for (const Segment &segment : warp.segments) {
    uint32_t at = segment.access;
    for (uint32_t op = segment.first; op < segment.first + segment.count; ++op) {
      if (!code.ops[op].isTraced)
        continue;
      Access &access = warp.accesses[at++];
      if (code.ops[op].role != MemoryRole::barrier && access.lines > 0)
        visit(op, access);
    }
  }
}

void vgpu::fillTransfers(BlockTimeline &timeline, const TimedCode &code) {
  std::vector<Fate> ofAll(code.ops.size());
  for (WarpTimeline &warp : timeline.warps)
    forEachAccess(warp, code, [&](uint32_t op, Access &access) { ofAll[op].add(access); });
  for (WarpTimeline &warp : timeline.warps) {
    std::vector<Fate> ofLast = ofAll;
    forEachAccess(warp, code, [&](uint32_t op, Access &access) {
      Fate &fate = ofLast[op];
      if (access.followed > 0) {
        fate = {};
        fate.add(access);
      }
      if (access.followed >= access.sectors || fate.followed == 0)
        return;
      if (code.ops[op].role != MemoryRole::store)
        access.l1Hits = fate.of(fate.l1Hits, access.sectors);
      access.fetched = fate.of(fate.fetched, access.sectors);
      access.dirtied = fate.of(fate.dirtied, access.sectors);
    });
  }
}
