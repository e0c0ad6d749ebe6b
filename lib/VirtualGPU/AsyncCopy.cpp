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
    if (copies[i].group != AsyncCopy::uncommitted || copies[i].object != AsyncCopy::noObject ||
        !lanes)
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

/// To the nearest, halves to even, as was measured on an H200; what is no number stays as it is.
static void roundToTF32(uint8_t *to, uint32_t bytes) {
  constexpr uint32_t exponent = 0x7F800000, dropped = 0x1FFF, belowHalf = 0x0FFF;
  for (uint32_t bits; bytes != 0; bytes -= sizeof(bits), to += sizeof(bits)) {
    std::memcpy(&bits, to, sizeof(bits));
    if ((bits & exponent) != exponent)
      bits = (bits + belowHalf + (bits >> 13 & 1)) & ~dropped;
    std::memcpy(to, &bits, sizeof(bits));
  }
}

void AsyncCopies::make(AsyncCopy &copy, unsigned lane) {
  uint8_t *to = copy.destination[lane];
  if (copy.sourceBytes[lane])
    std::memcpy(to, copy.source[lane], copy.sourceBytes[lane]);
  std::memset(to + copy.sourceBytes[lane], 0, copy.bytes - copy.sourceBytes[lane]);
  if (copy.roundsToTF32)
    roundToTF32(to, copy.bytes);
  copy.mask &= ~(uint32_t(1) << lane);
}

void AsyncCopies::forgetMade() {
  llvm::erase_if(copies, [](const AsyncCopy &copy) { return copy.mask == 0; });
}

void AsyncCopies::wait(uint32_t mask, uint32_t pending, bool all,
                       llvm::function_ref<void(const AsyncCopy &, unsigned)> landed) {
  for (AsyncCopy &copy : copies) {
    if (copy.object != AsyncCopy::noObject)
      continue;
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

void AsyncCopies::land(unsigned lane, uint64_t end, uint32_t object, bool isOfTensor,
                       llvm::function_ref<void(const AsyncCopy &)> landed) {
  uint32_t tracker = isOfTensor ? object : AsyncCopy::noObject;
  for (AsyncCopy &copy : copies) {
    if (copy.number >= end || copy.object != tracker || !(copy.mask >> lane & 1))
      continue;
    make(copy, lane);
    if (!isOfTensor)
      addAgent(lane, agentOf(object));
    landed(copy);
  }
  forgetMade();
}
