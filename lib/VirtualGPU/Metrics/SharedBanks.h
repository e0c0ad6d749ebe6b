//===- SharedBanks.h - Conflicts in shared memory ---------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_SHAREDBANKS_H
#define POOLC_LIB_VIRTUALGPU_METRICS_SHAREDBANKS_H

#include <cstdint>

namespace poolc::vgpu {

/// What an access takes of the banks.
struct BankSteps {
  /// Phases with a lane in them, and what the banks deliver beyond one step for each.
  unsigned phases = 0, conflicts = 0;
  unsigned all() const { return phases + conflicts; }
};

/// A request is served in phases of as many lanes as can have words of their own in all banks (32
/// lanes of 4 bytes or less, 16 of 8, 8 of 16), a load in phases of twice as many where every lane
/// reads what the one reads whose number differs in the lowest bit, or every lane what that one
/// does whose number differs in the next bit. A phase takes as long as the bank with the most
/// distinct words; lanes that read the same word share it.
BankSteps countBankSteps(const uint64_t *addresses, uint32_t mask, unsigned bytes, bool isLoad);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_SHAREDBANKS_H
