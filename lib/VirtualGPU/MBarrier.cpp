//===- MBarrier.cpp - mbarrier objects ------------------------------------===//

#include "MBarrier.h"

#include "Access.h"
#include "Places.h"

#include "llvm/Support/FormatVariadic.h"

#include <cstring>

using namespace poolc::vgpu;

/// Fields of a state: pending arrivals, the object by its place in units of eight bytes, and
/// the low bits of the phase.
static constexpr unsigned countBits = 20, objectBits = 15, phaseBits = 64 - countBits - objectBits;
static constexpr uint64_t phaseMask = (uint64_t(1) << phaseBits) - 1;

uint64_t MBarrier::image() const {
  if (!isValid)
    return 0;
  constexpr unsigned transactionBits = 22;
  constexpr uint64_t transactionMask = (uint64_t(1) << transactionBits) - 1;
  return uint64_t(expected) | uint64_t(pending) << countBits |
         (uint64_t(transactions) & transactionMask) << (2 * countBits) | (phase & 1) << 62 |
         uint64_t(1) << 63;
}

uint64_t MBarrier::state(uint32_t object) const {
  return pending | uint64_t(object / bytes) << countBits |
         (phase & phaseMask) << (countBits + objectBits);
}

std::optional<uint64_t> MBarrier::phasesSince(uint64_t state, uint32_t object) const {
  if ((state >> countBits & ((1u << objectBits) - 1)) != object / bytes)
    return std::nullopt;
  return (phase - (state >> (countBits + objectBits))) & phaseMask;
}

template <typename F> static bool forEachLane(uint32_t mask, F body) {
  for (; mask; mask &= mask - 1)
    if (!body(unsigned(llvm::countr_zero(mask))))
      return false;
  return true;
}

uint32_t poolc::vgpu::mbarrierAddress(const Warp &warp, const Op &op, unsigned lane) {
  uint64_t address = op.bytes == 4 ? warp.reg<uint32_t>(op.src[0])[lane] + uint32_t(op.immediate)
                                   : warp.reg<uint64_t>(op.src[0])[lane] + uint64_t(op.immediate);
  if (op.space == Space::generic)
    windowOf(address);
  return uint32_t(address);
}

/// Whether the lanes' addresses are in bounds and aligned; `mask` loses those that a sanitizer
/// reported.
static bool resolveObjects(Warp &warp, const Op &op, uint32_t &mask, AccessKind kind) {
  Block &block = *warp.block;
  uint64_t addresses[warpSize];
  readAddresses(addresses, warp, op.src[0], op.bytes * 8, op.immediate, mask);
  if (op.space == Space::generic)
    for (uint32_t rest = mask; rest; rest &= rest - 1) {
      unsigned lane = llvm::countr_zero(rest);
      if (windowOf(addresses[lane]) == Space::shared)
        continue;
      block.raise(warp, op, lane, "expected an mbarrier object in shared memory, got one elsewhere",
                  Sanitizer::memory);
      return false;
    }
  if (!resolveAccess(warp, op, Space::shared, addresses, mask, MBarrier::bytes, kind))
    return false;
  mask = lanesInMemory(block, addresses, mask);
  return true;
}

static std::string describeObject(const Block &block, uint32_t object) {
  return llvm::formatv("the mbarrier object at {0:x}, {1}", object,
                       describePlace(block, Space::shared, object));
}

static void fail(Warp &warp, const Op &op, unsigned lane, const llvm::Twine &message) {
  warp.block->raise(warp, op, lane, message, Sanitizer::sync);
}

static void writeImage(Block &block, uint32_t object, const MBarrier &barrier) {
  uint64_t image = barrier.image();
  std::memcpy(block.shared + object, &image, sizeof(image));
}

/// The object, if there is one; null after a fault.
static MBarrier *findObject(Warp &warp, const Op &op, unsigned lane, uint32_t object) {
  Block &block = *warp.block;
  auto it = block.mbarriers.find(object);
  if (it == block.mbarriers.end() || !it->second.isValid) {
    const char *why = it == block.mbarriers.end() ? "which has not been initialised"
                                                  : "which has been invalidated";
    fail(warp, op, lane, "uses " + describeObject(block, object) + ", " + why);
    return nullptr;
  }
  uint64_t image;
  std::memcpy(&image, block.shared + object, sizeof(image));
  if (image == it->second.image())
    return &it->second;
  fail(warp, op, lane,
       "uses " + describeObject(block, object) + ", over which something else was written");
  return nullptr;
}

/// Calls `body` for each lane, its object's address and the object, in order, until one fails.
template <typename F>
static void forEachObject(Warp &warp, const Op &op, uint32_t mask, AccessKind kind, F body) {
  if (!resolveObjects(warp, op, mask, kind))
    return;
  forEachLane(mask, [&](unsigned lane) {
    uint32_t object = mbarrierAddress(warp, op, lane);
    MBarrier *barrier = findObject(warp, op, lane, object);
    return barrier && body(lane, object, *barrier);
  });
}

static bool checkCount(Warp &warp, const Op &op, unsigned lane, uint32_t count) {
  if (count != 0 && count <= MBarrier::maxCount)
    return true;
  fail(warp, op, lane,
       "expected a count of arrivals from 1 to " + llvm::Twine(MBarrier::maxCount) + ", got " +
           llvm::Twine(count));
  return false;
}

static bool checkNobodyWaits(Warp &warp, const Op &op, unsigned lane, uint32_t object) {
  if (!warp.block->isWaitedFor(object))
    return true;
  const char *verb = op.handler == initMBarrier ? "initialises " : "invalidates ";
  fail(warp, op, lane, verb + describeObject(*warp.block, object) + ", which others wait for");
  return false;
}

void poolc::vgpu::initMBarrier(Warp &warp, const Op &op, uint32_t mask) {
  Block &block = *warp.block;
  if (!resolveObjects(warp, op, mask, AccessKind::store))
    return;
  forEachLane(mask, [&](unsigned lane) {
    uint32_t object = mbarrierAddress(warp, op, lane);
    uint32_t count = warp.reg<uint32_t>(op.src[1])[lane];
    if (!checkCount(warp, op, lane, count))
      return false;
    if (!checkNobodyWaits(warp, op, lane, object))
      return false;
    MBarrier &barrier = block.mbarriers[object];
    if (barrier.isValid && block.observer)
      block.observer->take(warp, lane, {Sanitizer::sync, op, unsigned(SyncFault::twice)},
                           [&]() -> std::string {
                             return "initialises " + describeObject(block, object) +
                                    ", again: expected mbarrier.inval before";
                           });
    // The first phase is even, and after all that anyone may still know the state of.
    barrier.phase = (barrier.phase + 3) & ~uint64_t(1);
    barrier.expected = barrier.pending = count;
    barrier.transactions = 0;
    barrier.isValid = true;
    writeImage(block, object, barrier);
    return true;
  });
}

void poolc::vgpu::invalidateMBarrier(Warp &warp, const Op &op, uint32_t mask) {
  Block &block = *warp.block;
  auto invalidate = [&](unsigned lane, uint32_t object, MBarrier &barrier) {
    if (!checkNobodyWaits(warp, op, lane, object))
      return false;
    barrier.isValid = false;
    writeImage(block, object, barrier);
    return true;
  };
  forEachObject(warp, op, mask, AccessKind::store, invalidate);
}

/// Ends the phase if nothing is missing any more.
static void update(Block &block, uint32_t object, MBarrier &barrier) {
  bool isOver = barrier.isPhaseOver();
  Phase phase{object, barrier.phase};
  if (isOver) {
    ++barrier.phase;
    barrier.pending = barrier.expected;
  }
  writeImage(block, object, barrier);
  if (!isOver)
    return;
  if (block.observer)
    block.observer->phaseCompleted(phase);
  block.wakeWaiters();
}

static bool expectTransactions(Warp &warp, const Op &op, unsigned lane, MBarrier &barrier,
                               int64_t more) {
  int64_t sum = barrier.transactions + more;
  if (sum >= -int64_t(MBarrier::maxCount) && sum <= int64_t(MBarrier::maxCount)) {
    barrier.transactions = int32_t(sum);
    return true;
  }
  fail(warp, op, lane,
       "expected at most " + llvm::Twine(MBarrier::maxCount) +
           " bytes of transactions at the same time, got " + llvm::Twine(sum));
  return false;
}

/// Counts an arrival; false after a fault.
static bool countArrival(Warp &warp, const Op &op, unsigned lane, uint32_t object,
                         MBarrier &barrier, uint32_t count) {
  Block &block = *warp.block;
  if (count > barrier.pending) {
    fail(warp, op, lane,
         "arrives " + llvm::Twine(count) + (count == 1 ? " time at " : " times at ") +
             describeObject(block, object) + ", where " + llvm::Twine(barrier.pending) + " of " +
             llvm::Twine(barrier.expected) + " arrivals are pending");
    return false;
  }
  if ((op.variant & mbarrier::noComplete) && count == barrier.pending &&
      barrier.transactions == 0) {
    fail(warp, op, lane,
         "completes the phase of " + describeObject(block, object) +
             ", which .noComplete promises not to do");
    return false;
  }
  if (op.variant & mbarrier::drops)
    barrier.expected -= std::min(count, barrier.expected);
  barrier.pending -= count;
  if (block.observer)
    block.observer->arrived(warp, op, lane, {object, barrier.phase});
  update(block, object, barrier);
  return true;
}

void poolc::vgpu::arriveAtMBarrier(Warp &warp, const Op &op, uint32_t mask) {
  auto arrive = [&](unsigned lane, uint32_t object, MBarrier &barrier) {
    uint32_t count = op.src[1] == none ? 1 : warp.reg<uint32_t>(op.src[1])[lane];
    if (!checkCount(warp, op, lane, count))
      return false;
    if ((op.variant & mbarrier::expects) &&
        !expectTransactions(warp, op, lane, barrier, warp.reg<uint32_t>(op.src[2])[lane]))
      return false;
    uint64_t state = barrier.state(object);
    if (op.dst != none)
      warp.reg<uint64_t>(op.dst)[lane] = state;
    return countArrival(warp, op, lane, object, barrier, count);
  };
  forEachObject(warp, op, mask, AccessKind::atomic, arrive);
}

void poolc::vgpu::countTransactions(Warp &warp, const Op &op, uint32_t mask) {
  auto count = [&](unsigned lane, uint32_t object, MBarrier &barrier) {
    int64_t bytes = warp.reg<uint32_t>(op.src[1])[lane];
    if (op.variant & mbarrier::completes)
      bytes = -bytes;
    if (!expectTransactions(warp, op, lane, barrier, bytes))
      return false;
    update(*warp.block, object, barrier);
    return true;
  };
  forEachObject(warp, op, mask, AccessKind::atomic, count);
}

void poolc::vgpu::readPendingCount(Warp &warp, const Op &op, uint32_t mask) {
  forEachLane(mask, [&](unsigned lane) {
    warp.reg<uint32_t>(op.dst)[lane] = MBarrier::pendingOf(warp.reg<uint64_t>(op.src[0])[lane]);
    return true;
  });
}

void poolc::vgpu::arriveAfterCopies(Warp &warp, const Op &op, uint32_t mask) {
  Block &block = *warp.block;
  auto arrive = [&](unsigned lane, uint32_t object, MBarrier &barrier) {
    if (op.variant & mbarrier::countsLess) {
      if (barrier.pending == MBarrier::maxCount) {
        fail(warp, op, lane,
             "makes more than " + llvm::Twine(MBarrier::maxCount) + " arrivals pending at " +
                 describeObject(block, object));
        return false;
      }
      ++barrier.pending;
      writeImage(block, object, barrier);
    }
    block.asyncArrivals.push_back({&op, object, warp.index, lane, warp.asyncCopies.nextNumber()});
    return true;
  };
  forEachObject(warp, op, mask, AccessKind::atomic, arrive);
}

static bool completeTransaction(Warp &warp, const AsyncArrival &arrival, MBarrier &barrier) {
  Block &block = *warp.block;
  if (!expectTransactions(warp, *arrival.op, arrival.lane, barrier, -int64_t(arrival.transaction)))
    return false;
  if (block.observer)
    block.observer->arrived(warp, *arrival.op, arrival.lane, {arrival.object, barrier.phase});
  update(block, arrival.object, barrier);
  return true;
}

/// Makes the copies that the arrival comes after.
static void makeCopiesBefore(Block &block, Warp &warp, const AsyncArrival &arrival) {
  auto landed = [&](const Op &op, const uint8_t *to, unsigned bytes) {
    if (block.observer)
      block.observer->copyLanded(warp, op, arrival.lane, to, bytes, arrival.object);
  };
  if (arrival.transaction == 0)
    return warp.asyncCopies.land(arrival.lane, arrival.copies, arrival.object,
                                 [&](const AsyncCopy &copy) {
                                   landed(*copy.op, copy.destination[arrival.lane], copy.bytes);
                                 });
  makeCopies(arrival.pieces, arrival.roundsToTF32);
  for (const BulkPiece &piece : arrival.pieces)
    landed(*arrival.op, piece.to, piece.bytes);
}

void Block::makeAsyncArrivals(std::optional<uint32_t> object) {
  // Whoever is woken may ask for others.
  std::vector<AsyncArrival> due;
  llvm::erase_if(asyncArrivals, [&](AsyncArrival &arrival) {
    bool isDue = !object || arrival.object == *object;
    if (isDue)
      due.push_back(std::move(arrival));
    return isDue;
  });
  for (const AsyncArrival &arrival : due) {
    Warp &warp = warps[arrival.warp];
    makeCopiesBefore(*this, warp, arrival);
    MBarrier *barrier = findObject(warp, *arrival.op, arrival.lane, arrival.object);
    if (!barrier || !(arrival.transaction != 0 ? completeTransaction(warp, arrival, *barrier)
                                               : countArrival(warp, *arrival.op, arrival.lane,
                                                              arrival.object, *barrier, 1)))
      return;
  }
}

bool poolc::vgpu::accessMBarrier(Warp &warp, const Op &op, uint32_t mask) {
  return resolveObjects(warp, op, mask, AccessKind::load);
}

/// Whether the lane's phase is complete; nothing after a fault.
static std::optional<bool> isPhaseComplete(Warp &warp, const Op &op, unsigned lane) {
  const Block &block = *warp.block;
  uint32_t object = mbarrierAddress(warp, op, lane);
  // A sanitizer has reported the address.
  if (object % MBarrier::bytes != 0 || object < sharedBase ||
      object + MBarrier::bytes > sharedBase + uint64_t(block.launch.sharedBytes))
    return true;
  const MBarrier *barrier = findObject(warp, op, lane, object);
  if (!barrier)
    return std::nullopt;
  if (op.variant & mbarrier::parity) {
    uint32_t parity = warp.reg<uint32_t>(op.src[1])[lane];
    if (parity <= 1)
      return (barrier->phase & 1) != parity;
    fail(warp, op, lane, "expected a parity of 0 or 1, got " + llvm::Twine(parity));
    return std::nullopt;
  }
  std::optional<uint64_t> phases =
      barrier->phasesSince(warp.reg<uint64_t>(op.src[1])[lane], object);
  if (phases && *phases <= 1)
    return *phases == 1;
  std::string got = "one of another object";
  if (phases)
    got = llvm::formatv("one of {0} phases before", *phases);
  fail(warp, op, lane,
       "expected a state of the present or the previous phase of " + describeObject(block, object) +
           ", got " + got);
  return std::nullopt;
}

std::optional<uint32_t> poolc::vgpu::lanesWithCompletePhase(Warp &warp, const Op &op,
                                                            uint32_t mask) {
  uint32_t complete = 0;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    std::optional<bool> isComplete = isPhaseComplete(warp, op, llvm::countr_zero(rest));
    if (!isComplete)
      return std::nullopt;
    complete |= *isComplete ? rest & -rest : 0;
  }
  return complete;
}
