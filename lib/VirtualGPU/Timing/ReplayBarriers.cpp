//===- ReplayBarriers.cpp - Barriers and phases in the replay -------------===//

#include "Replay.h"

#include <algorithm>
#include <cmath>

using namespace poolc;
using namespace poolc::vgpu;

/// The last arrival lets all warps go on that wait.
void Replay::arrive(unsigned index, const Access &access, uint64_t now) {
  if (access.steps == 0) {
    return;
  }
  BlockSlot &slot = slots[warps[index].block];
  if (access.waits)
    slot.waiting[access.barrier].push_back(index);
  if (++slot.arrived[access.barrier] < slot.timeline->arrivals[access.barrier])
    return;
  for (unsigned other : slot.waiting[access.barrier])
    resume(other, now + machine.gpu.sharedLatency);
}

void Replay::resume(unsigned index, uint64_t open) {
  WarpSlot &warp = warps[index];
  double waited = double(open) - double(warp.since);
  result.end.stalls[unsigned(Stall::barrier)] += waited;
  result.stallsByOp[warp.op][unsigned(Stall::barrier)] += waited;
  warp.since = open;
  ++warp.at;
  if (advance(warp)) {
    findReady(warp);
    Scheduler &scheduler = schedulers[index % numSchedulers];
    scheduler.next = std::min(scheduler.next, warp.ready);
  } else {
    finishWarp(index, open);
  }
}

/// An arrival takes effect when the load/store unit has done with it; one that copies make,
/// when the warp's copies up to then are there.
void Replay::arriveAtPhase(unsigned index, const Access &access, uint64_t now) {
  if (access.barrier == Access::noBarrier || access.steps == 0)
    return;
  const WarpSlot &warp = warps[index];
  double effect = std::max(double(now), memoryFree);
  if (arrivesLater(code.ops[warp.op].role))
    effect = std::max(effect, double(warp.allCopies));
  BlockSlot &slot = slots[warp.block];
  uint64_t &last = slot.lastArrival[access.barrier];
  last = std::max(last, uint64_t(std::ceil(effect)));
  if (++slot.arrived[access.barrier] < slot.timeline->arrivals[access.barrier])
    return;
  for (unsigned other : slot.waiting[access.barrier])
    resume(other, last + machine.gpu.sharedLatency);
}

/// The test that finds the phase complete is a load of shared memory after the last arrival;
/// those before it are not followed.
bool Replay::waitForPhase(unsigned index, const Access &access, uint64_t answer) {
  if (access.barrier == Access::noBarrier || access.steps == 0)
    return false;
  WarpSlot &warp = warps[index];
  BlockSlot &slot = slots[warp.block];
  bool isComplete = slot.arrived[access.barrier] == slot.timeline->arrivals[access.barrier];
  uint64_t open = slot.lastArrival[access.barrier] + machine.gpu.sharedLatency;
  if (isComplete && open <= answer)
    return false;
  if (!isComplete) {
    warp.ready = never;
    slot.waiting[access.barrier].push_back(index);
    return true;
  }
  resume(index, open);
  return true;
}
