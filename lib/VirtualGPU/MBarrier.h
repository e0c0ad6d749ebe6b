//===- MBarrier.h - mbarrier objects ----------------------------*- C++ -*-===//
//
// Barriers whose objects lie in shared memory: threads arrive at one and go on, and wait
// for the end of its phase later. What is known of an object is kept beside the memory,
// which holds an image of it that shows when something else writes there.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_MBARRIER_H
#define POOLC_LIB_VIRTUALGPU_MBARRIER_H

#include "BulkCopy.h"
#include "Program.h"

#include <optional>

namespace poolc::vgpu {

/// A phase of an object.
struct Phase {
  /// Where the object is in the shared window.
  uint32_t object;
  /// Counts the phases of the objects that were there: even ones have the parity 0.
  uint64_t number;
};

struct MBarrier {
  static constexpr unsigned bytes = 8;
  /// Of arrivals, and of bytes that are to come (PTX ISA, "Contents of the mbarrier object").
  static constexpr uint32_t maxCount = (1u << 20) - 1;

  /// The phase that is not complete yet.
  uint64_t phase = 0;
  uint32_t expected = 0, pending = 0;
  /// Bytes of transactions that are still to come; more may have come than were announced.
  int32_t transactions = 0;
  bool isValid = false;

  bool isPhaseOver() const { return pending == 0 && transactions == 0; }
  /// What stands in memory for it.
  uint64_t image() const;
  /// What an arrival returns: the phase and the arrivals that were pending.
  uint64_t state(uint32_t object) const;
  static uint32_t pendingOf(uint64_t state) { return uint32_t(state) & maxCount; }
  /// How many phases of the object have been completed since that of the state; nothing if
  /// the state is another object's.
  std::optional<uint64_t> phasesSince(uint64_t state, uint32_t object) const;
};

/// An arrival that takes place once earlier copies of a lane have been made.
struct AsyncArrival {
  const Op *op;
  uint32_t object;
  unsigned warp, lane;
  /// Copies of the warp with lower numbers come before it.
  uint64_t copies;
  /// Of a copy that no thread makes: it completes a transaction of so many bytes, and is no
  /// arrival; and what it copies.
  uint32_t transaction = 0;
  bool roundsToTF32 = false;
  std::vector<BulkPiece> pieces = {};
};

/// What sets one instruction apart from others with the same handler (Op::variant).
namespace mbarrier {
enum Flag : uint8_t {
  drops = 1,       ///< arrive_drop
  noComplete = 2,  ///< must not end the phase
  relaxed = 4,     ///< neither releases nor acquires
  expects = 8,     ///< src[2]: bytes of transactions to come, announced first
  completes = 16,  ///< complete_tx in place of expect_tx
  parity = 32,     ///< waits by parity, not by state
  countsLess = 64, ///< cp.async.mbarrier.arrive without .noinc: one more is pending before
};
} // namespace mbarrier

/// src[0]: the address, in a register of op.bytes bytes, plus op.immediate; src[1]: a count.
void initMBarrier(Warp &warp, const Op &op, uint32_t mask);
void invalidateMBarrier(Warp &warp, const Op &op, uint32_t mask);
/// dst or none: the state; src[1] or none: the count.
void arriveAtMBarrier(Warp &warp, const Op &op, uint32_t mask);
void countTransactions(Warp &warp, const Op &op, uint32_t mask);
void arriveAfterCopies(Warp &warp, const Op &op, uint32_t mask);
/// dst: the arrivals that were pending by the state in src[0].
void readPendingCount(Warp &warp, const Op &op, uint32_t mask);

/// Of the lanes of a wait, those whose phase is complete (or whose access was a fault that a
/// sanitizer took); nothing after a fault. src[1]: the state or the parity.
std::optional<uint32_t> lanesWithCompletePhase(Warp &warp, const Op &op, uint32_t mask);
/// Tells the observer of the access and whether the wait may go on.
bool accessMBarrier(Warp &warp, const Op &op, uint32_t mask);
/// The offset in the shared window that a lane addresses.
uint32_t mbarrierAddress(const Warp &warp, const Op &op, unsigned lane);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_MBARRIER_H
