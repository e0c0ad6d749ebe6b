//===- Phases.cpp - Waits for phases of mbarrier objects ------------------===//
//
// A wait that PTX makes a loop of tests is none here: the path stops at one of its first tests
// and goes on when the phase is complete. After that it learns that a phase is not complete
// only where nothing else can go on.
//
//===----------------------------------------------------------------------===//

#include "Block.h"
#include "Places.h"
#include "Random.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"

#include <cstring>

using namespace poolc::vgpu;

void Block::waitForPhase(Warp &warp, unsigned index, uint32_t mask, const Op &op) {
  if (mask == 0) {
    ++warp.paths[index].pc;
    return;
  }
  if (!accessMBarrier(warp, op, mask))
    return;
  std::optional<uint32_t> complete = lanesWithCompletePhase(warp, op, mask);
  // Copies that an object tracks are made as late as can be: a missing wait shows.
  if (complete && *complete != mask && !asyncArrivals.empty()) {
    for (uint32_t rest = mask & ~*complete; rest && !hasFault; rest &= rest - 1)
      makeAsyncArrivals(mbarrierAddress(warp, op, llvm::countr_zero(rest)));
    complete = lanesWithCompletePhase(warp, op, mask);
  }
  if (!complete || hasFault)
    return;
  // One test is no wait: that must show. Where waits are counted it is made one.
  bool isMerelyATest = !launch.countsWaits && (nextRandom(random) & 1);
  if (*complete == mask || isMerelyATest)
    return endWait(warp, warp.paths[index], mask, *complete);
  splitOff(warp, index, mask);
  warp.paths[index].state = PathState::phase;
}

void Block::endWait(Warp &warp, Path &path, uint32_t mask, uint32_t complete) {
  const Op &op = program.ops[path.pc];
  uint32_t &bits = *warp.reg<uint32_t>(op.dst);
  bits = (bits & ~mask) | complete;
  path.state = PathState::ready;
  ++path.pc;
  if (!observer)
    return;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    uint32_t object = mbarrierAddress(warp, op, lane);
    auto it = mbarriers.find(object);
    if (!(complete >> lane & 1) || it == mbarriers.end()) {
      observer->waited(warp, op, lane, nullptr);
      continue;
    }
    Phase phase{object, it->second.phase - 1};
    observer->waited(warp, op, lane, &phase);
  }
}

void Block::wakeWaiters() {
  for (Warp &warp : warps)
    for (Path &path : warp.paths) {
      if (path.state != PathState::phase)
        continue;
      std::optional<uint32_t> complete =
          lanesWithCompletePhase(warp, program.ops[path.pc], path.mask);
      if (!complete)
        return;
      if (*complete != path.mask)
        continue;
      endWait(warp, path, path.mask, path.mask);
      if (!llvm::is_contained(runnable, warp.index))
        runnable.push_back(warp.index);
    }
}

bool Block::isWaitedFor(uint32_t object) const {
  for (const Warp &warp : warps)
    for (const Path &path : warp.paths)
      for (uint32_t rest = path.state == PathState::phase ? path.mask : 0; rest; rest &= rest - 1)
        if (mbarrierAddress(warp, program.ops[path.pc], llvm::countr_zero(rest)) == object)
          return true;
  return false;
}

bool Block::letWaitersGoOn() {
  if (!asyncArrivals.empty()) {
    makeAsyncArrivals(std::nullopt);
    if (hasFault)
      return false;
    if (!runnable.empty())
      return true;
  }
  bool anyWaits = false;
  for (const Warp &warp : warps)
    for (const Path &path : warp.paths)
      anyWaits |= path.state == PathState::phase;
  if (!anyWaits || isWaitInVain())
    return false;
  for (Warp &warp : warps)
    for (Path &path : warp.paths) {
      if (path.state != PathState::phase)
        continue;
      std::optional<uint32_t> complete =
          lanesWithCompletePhase(warp, program.ops[path.pc], path.mask);
      if (!complete)
        return false;
      endWait(warp, path, path.mask, *complete);
      if (!llvm::is_contained(runnable, warp.index))
        runnable.push_back(warp.index);
    }
  return true;
}

/// Calls `visit(bytes, count)` for all that the threads may change and what they will do
/// depends on, but global memory; until it returns false.
template <typename F> bool Block::visitState(F visit) const {
  for (const Warp &warp : warps) {
    llvm::SmallVector<std::pair<uint32_t, uint32_t>, 4> places;
    for (const Path &path : warp.paths)
      places.emplace_back(path.pc, path.mask);
    llvm::sort(places);
    if (!visit(places.data(), places.size() * sizeof(places.front())) ||
        !visit(warp.registers, program.registerImage.size()))
      return false;
  }
  return visit(sharedMemory.data(), sharedMemory.size()) &&
         visit(localMemory.data(), localMemory.size());
}

bool Block::isWaitInVain() {
  // Told so once or twice, most programs find something else to do.
  constexpr uint64_t patience = 3;
  constexpr unsigned enough = 3;
  if (waitWatch.rounds++ < patience)
    return false;
  std::vector<uint8_t> &before = waitWatch.state;
  size_t compared = 0;
  bool isSame = globalAccesses == waitWatch.globalAccesses &&
                visitState([&](const void *bytes, size_t count) {
                  if (count > before.size() - compared)
                    return false;
                  const void *other = before.data() + std::exchange(compared, compared + count);
                  return count == 0 || std::memcmp(bytes, other, count) == 0;
                });
  if (isSame && compared == before.size() && compared > 0)
    return ++waitWatch.repetitions >= enough;
  // A cycle may be longer than one round: what is compared with stays for longer and longer.
  if (!llvm::has_single_bit(waitWatch.rounds))
    return false;
  before.clear();
  visitState([&](const void *bytes, size_t count) {
    const auto *from = static_cast<const uint8_t *>(bytes);
    before.insert(before.end(), from, from + count);
    return true;
  });
  waitWatch.globalAccesses = globalAccesses;
  waitWatch.repetitions = 0;
  return false;
}

std::string Block::describeWait(Warp &warp, const Op &op, uint32_t mask) {
  uint32_t complete = lanesWithCompletePhase(warp, op, mask).value_or(0);
  unsigned lane = llvm::countr_zero(mask & ~complete ? mask & ~complete : mask);
  uint32_t object = mbarrierAddress(warp, op, lane);
  auto it = mbarriers.find(object);
  if (it == mbarriers.end())
    return "an mbarrier object";
  const MBarrier &barrier = it->second;
  std::string lacks = llvm::formatv("{0} of {1} arrivals", barrier.pending, barrier.expected).str();
  if (barrier.transactions)
    lacks += llvm::formatv(" and {0} bytes", barrier.transactions).str();
  return llvm::formatv("the mbarrier object at {0:x}, {1}, which lacks {2} in its phase", object,
                       describePlace(*this, Space::shared, object), lacks);
}
