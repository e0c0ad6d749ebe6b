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

Replay::Value Replay::memory(WarpSlot &warp, const TimedOp &op, uint64_t now) {
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
  case MemoryRole::tensorCopy:
    warp.allCopies = std::max(warp.allCopies, at(fetch(access, memoryFree)));
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
    double there = through + machine.gpu.l2Latency;
    if (access.fetched)
      there = std::max(there, dram.serve(memoryFree, double(access.fetched) * sectorBytes) +
                                  machine.dramLatency());
    if (access.dirtied)
      dram.serve(memoryFree, double(access.dirtied) * sectorBytes);
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
