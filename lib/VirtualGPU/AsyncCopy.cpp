//===- AsyncCopy.cpp - cp.async in flight ---------------------------------===//

#include "AsyncCopy.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

#include <cstring>

using namespace poolc::vgpu;

void AsyncCopies::clear() {
  copies.clear();
  groups.fill(0);
  agents.fill(0);
  issued = 0;
}

void AsyncCopies::commit(uint32_t mask) {
  // Lanes that diverged may have counted differently: one entry per count.
  for (size_t i = 0; i < copies.size(); ++i) {
    uint32_t lanes = copies[i].mask & mask;
    if (copies[i].group != AsyncCopy::uncommitted || !lanes)
      continue;
    uint32_t group = groups[llvm::countr_zero(lanes)];
    uint32_t same = 0;
    for (uint32_t rest = lanes; rest; rest &= rest - 1)
      if (groups[llvm::countr_zero(rest)] == group)
        same |= rest & -rest;
    if (same != copies[i].mask) {
      AsyncCopy others = copies[i];
      others.mask &= ~same;
      copies.push_back(others);
    }
    copies[i].mask = same;
    copies[i].group = group;
  }
  for (uint32_t rest = mask; rest; rest &= rest - 1)
    ++groups[llvm::countr_zero(rest)];
}

void AsyncCopies::make(AsyncCopy &copy, unsigned lane) {
  uint8_t *to = copy.destination[lane];
  if (copy.sourceBytes[lane])
    std::memcpy(to, copy.source[lane], copy.sourceBytes[lane]);
  std::memset(to + copy.sourceBytes[lane], 0, copy.bytes - copy.sourceBytes[lane]);
  copy.mask &= ~(uint32_t(1) << lane);
}

void AsyncCopies::forgetMade() {
  llvm::erase_if(copies, [](const AsyncCopy &copy) { return copy.mask == 0; });
}

void AsyncCopies::wait(uint32_t mask, uint32_t pending, bool all,
                       llvm::function_ref<void(const AsyncCopy &, unsigned)> landed) {
  for (AsyncCopy &copy : copies) {
    for (uint32_t rest = copy.mask & mask; rest; rest &= rest - 1) {
      unsigned lane = llvm::countr_zero(rest);
      bool isDue =
          copy.group == AsyncCopy::uncommitted ? all : all || groups[lane] - copy.group > pending;
      if (!isDue)
        continue;
      make(copy, lane);
      if (landed)
        landed(copy, lane);
    }
  }
  forgetMade();
}

void AsyncCopies::land(unsigned lane, uint64_t end, uint32_t object,
                       llvm::function_ref<void(const AsyncCopy &)> landed) {
  for (AsyncCopy &copy : copies) {
    if (copy.number >= end || !(copy.mask >> lane & 1))
      continue;
    make(copy, lane);
    addAgent(lane, agentOf(object));
    landed(copy);
  }
  forgetMade();
}
