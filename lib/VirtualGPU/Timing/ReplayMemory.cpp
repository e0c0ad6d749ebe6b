//===- ReplayMemory.cpp - Memory instructions in the replay ---------------===//

#include "../Metrics/Coalescing.h"
#include "Replay.h"

#include <algorithm>
#include <cmath>

using namespace poolc;
using namespace poolc::vgpu;

const Access &Replay::accessOf(const WarpSlot &warp) const {
  const Segment &segment = warp.timeline->segments[warp.segment];
  uint32_t before = code.ops[warp.op].tracedBefore - code.ops[segment.first].tracedBefore;
  return warp.timeline->accesses[segment.access + before];
}

/// Clocks that an access keeps the load/store unit.
static double unitClocks(const Machine &machine, const TimedOp &op, const Access &access) {
  double issue = 1 / machine.gpu.memoryPerCycle;
  double data = access.steps * double(cacheLineBytes) / machine.gpu.l1BytesPerCycle;
  if (op.isShared || access.lines == 0)
    return std::max(issue, data);
  // Lines take turns at the tags: measured on several generations.
  constexpr double clocksPerLine = 0.25, clocksForTags = 0.7;
  return std::max({issue, data, clocksPerLine * access.lines + clocksForTags});
}

/// Brings what is not in the L1; returns when it is there.
double Replay::fetch(const Access &access, double now) {
  unsigned missing = access.sectors - std::min(access.sectors, access.l1Hits);
  double there = now + machine.gpu.l1Latency;
  if (missing == 0)
    return there;
  there = std::max(there, l2.serve(now, double(missing) * sectorBytes) + machine.gpu.l2Latency);
  if (access.fetched == 0)
    return there;
  // What is reachable is less than what there is: the queue ends before 1.
  double load = dram.load(now) * request.dramLoad;
  double queueing = 1 + machine.gpu.dramQueueing * load * load / (1 - load);
  double through = dram.serve(now, double(access.fetched) * sectorBytes);
  return std::max(there, through + machine.dramLatency() * queueing);
}

/// What a store makes DRAM do; returns when that is done as far as others wait for it.
double Replay::moveAtDram(const Access &access, double now) {
  double there = now;
  if (access.fetched)
    there = dram.serve(now, double(access.fetched) * sectorBytes) + machine.dramLatency();
  if (access.dirtied)
    dram.serve(now, double(access.dirtied) * sectorBytes);
  return there;
}

/// A unit of its own makes one copy after the other, a line at a time. Shared memory it reads and
/// writes in turn with the load/store unit.
void Replay::copyBulk(WarpSlot &warp, const TimedOp &op, uint64_t now) {
  // Clocks from the instruction to the first request, and between requests.
  constexpr double startClocks = 100, clocksPerLine = 1;
  const Access &access = accessOf(warp);
  auto raise = [](uint64_t &time, double to) { time = std::max(time, uint64_t(std::ceil(to))); };
  double begin = std::max(now + startClocks, copierFree);
  copierFree = begin + clocksPerLine * access.lines;
  double clocks = access.steps * double(cacheLineBytes) / machine.gpu.l1BytesPerCycle;
  memoryFree = std::max(memoryFree, double(now)) + clocks;
  result.end.memoryClocks += clocks;
  if (op.role == MemoryRole::bulkLoad)
    return raise(warp.allCopies,
                 std::max(copierFree + machine.gpu.l2Latency, fetch(access, begin)));
  double through = l2Writes.serve(begin, double(access.units) * packetUnitBytes);
  copierFree = std::max(copierFree, through);
  raise(warp.openBulk.read, copierFree);
  raise(warp.openBulk.written,
        std::max(through + machine.gpu.l2Latency, moveAtDram(access, begin)));
}

Replay::Value Replay::memory(WarpSlot &warp, const TimedOp &op, uint64_t now) {
  if (op.role == MemoryRole::bulkLoad || op.role == MemoryRole::bulkStore) {
    copyBulk(warp, op, now);
    return {now + machine.gpu.arithmeticLatency, Stall::wait};
  }
  Access nothing;
  const Access &access = op.isTraced ? accessOf(warp) : nothing;
  double start = std::max(double(now), memoryFree);
  double clocks = unitClocks(machine, op, access);
  memoryFree = start + clocks;
  result.end.memoryClocks += clocks;
  auto at = [](double time) { return uint64_t(std::ceil(time)); };

  switch (op.role) {
  case MemoryRole::load:
  case MemoryRole::constantLoad:
    if (access.lines > 0)
      return {at(fetch(access, memoryFree)), Stall::longScoreboard};
    return {at(memoryFree + machine.gpu.sharedLatency - 1), Stall::shortScoreboard};
  case MemoryRole::asyncCopy:
    warp.openGroup = std::max(warp.openGroup, at(fetch(access, memoryFree)));
    warp.allCopies = std::max(warp.allCopies, warp.openGroup);
    break;
  case MemoryRole::asyncCommit:
    warp.groups.push_back(std::max(warp.openGroup, now));
    warp.openGroup = 0;
    break;
  case MemoryRole::store:
  case MemoryRole::atomic: {
    if (access.lines == 0)
      return {at(memoryFree + machine.gpu.sharedLatency - 1), Stall::shortScoreboard};
    double through = op.role == MemoryRole::store
                         ? l2Writes.serve(memoryFree, double(access.units) * packetUnitBytes)
                         : l2.serve(memoryFree, double(access.sectors) * sectorBytes);
    double there = std::max(through + machine.gpu.l2Latency, moveAtDram(access, memoryFree));
    // Stores wait for nobody, but not without end: what is under way is somewhere, and
    // what has not been written yet is in the L2, of which others want a part.
    double underWay = 2.0 * machine.gpu.l2Latency;
    double unwritten = machine.gpu.l2Bytes / 2.0 / machine.gpu.numSMs / dram.shareRate();
    double l2BusyUntil = std::max(l2.busyUntil(), l2Writes.busyUntil());
    memoryFree = std::max({memoryFree, l2BusyUntil - underWay, dram.busyUntil() - unwritten});
    return {at(there), Stall::longScoreboard};
  }
  case MemoryRole::arrive:
  case MemoryRole::asyncArrive:
  case MemoryRole::phaseWait:
  case MemoryRole::none: // Shuffles and the like.
    return {at(memoryFree + machine.gpu.sharedLatency - 1), Stall::shortScoreboard};
  default:
    break;
  }
  return {now + machine.gpu.arithmeticLatency, Stall::wait};
}
