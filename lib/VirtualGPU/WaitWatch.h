//===- WaitWatch.h - Whether waiting leads anywhere -------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_WAITWATCH_H
#define POOLC_LIB_VIRTUALGPU_WAITWATCH_H

#include <cstdint>
#include <vector>

namespace poolc::vgpu {

/// Of a block whose threads all wait and are told, again and again, that it was in vain:
/// finds out whether they do anything else meanwhile. Where the block is in the same state
/// as before, it will be for ever.
struct WaitWatch {
  /// Times that those who wait were told so.
  uint64_t rounds = 0;
  /// The state after some round, and in how many later ones it was the same.
  std::vector<uint8_t> state;
  uint64_t globalAccesses = 0;
  unsigned repetitions = 0;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_WAITWATCH_H
