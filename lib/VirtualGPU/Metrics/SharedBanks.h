//===- SharedBanks.h - Conflicts in shared memory ---------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_SHAREDBANKS_H
#define POOLC_LIB_VIRTUALGPU_METRICS_SHAREDBANKS_H

#include <cstdint>

namespace poolc::vgpu {

/// How often the banks deliver more than once: a request is served in phases of
/// as many lanes as can have words of their own in all banks (32 lanes of 4 bytes
/// or less, 16 of 8, 8 of 16). A phase takes as long as the bank with the most
/// distinct words; lanes that read the same word share it. Returned is what is
/// beyond one step for each phase with a lane in it.
unsigned bankConflicts(const uint64_t *addresses, uint32_t mask, unsigned bytes);

/// Phases that an access takes, of those with a lane: 1, 2 or 4 without conflicts.
unsigned phasesOf(uint32_t mask, unsigned bytes);

/// Phases and conflicts together.
inline unsigned bankSteps(const uint64_t *addresses, uint32_t mask, unsigned bytes) {
  return bankConflicts(addresses, mask, bytes) + phasesOf(mask, bytes);
}

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_SHAREDBANKS_H
