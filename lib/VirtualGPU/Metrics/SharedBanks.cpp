//===- SharedBanks.cpp - Conflicts in shared memory -----------------------===//

#include "SharedBanks.h"

#include "../Program.h"
#include "poolc/Target/GPU.h"

#include "llvm/ADT/bit.h"

#include <algorithm>
#include <array>

using namespace poolc;
using namespace poolc::vgpu;

/// Steps that one phase takes: the most distinct words in a bank.
static unsigned stepsOf(const uint64_t *addresses, uint32_t lanes, unsigned words) {
  // The words of each bank so far: chains through `next`, by index into `seen`.
  constexpr uint8_t end = 0xFF;
  std::array<uint8_t, sharedBanks> first, depth = {};
  first.fill(end);
  std::array<uint64_t, sharedBanks> seen;
  std::array<uint8_t, sharedBanks> next;
  unsigned count = 0, steps = 0;
  for (; lanes; lanes &= lanes - 1) {
    uint64_t start = addresses[llvm::countr_zero(lanes)] / sharedBankBytes;
    for (uint64_t word = start; word < start + words; ++word) {
      unsigned bank = word % sharedBanks;
      uint8_t at = first[bank];
      while (at != end && seen[at] != word)
        at = next[at];
      if (at != end)
        continue;
      seen[count] = word;
      next[count] = first[bank];
      first[bank] = uint8_t(count++);
      steps = std::max<unsigned>(steps, ++depth[bank]);
    }
  }
  return steps;
}

namespace {
/// Lanes that are served together.
struct Phases {
  Phases(unsigned bytes, bool sharesWords)
      : words(std::max(1u, bytes / sharedBankBytes)),
        lanes(std::min(warpSize, sharedBanks / words * (sharesWords ? 2 : 1))),
        first(lanes == warpSize ? fullMask : (uint32_t(1) << lanes) - 1) {}
  unsigned words, lanes;
  uint32_t first;
};
} // namespace

/// Whether each lane reads what the one reads whose number differs in that bit.
static bool pairsShare(const uint64_t *addresses, uint32_t mask, unsigned bit) {
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest), other = lane ^ bit;
    if ((mask >> other & 1) && addresses[lane] != addresses[other])
      return false;
  }
  return true;
}

BankSteps vgpu::countBankSteps(const uint64_t *addresses, uint32_t mask, unsigned bytes,
                               bool isLoad) {
  bool shares = isLoad && bytes > sharedBankBytes &&
                (pairsShare(addresses, mask, 1) || pairsShare(addresses, mask, 2));
  Phases phases(bytes, shares);
  BankSteps steps;
  for (unsigned start = 0; start < warpSize; start += phases.lanes)
    if (uint32_t lanes = mask & phases.first << start) {
      ++steps.phases;
      steps.conflicts += stepsOf(addresses, lanes, phases.words) - 1;
    }
  return steps;
}
