//===- Replay.cpp - An SM runs blocks, clock by clock ---------------------===//

#include "Replay.h"

#include "../Program.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace poolc;
using namespace poolc::vgpu;

/// Memory instructions wait in a queue in front of the load/store unit; with so many
/// clocks of work in it, no more are issued.
static constexpr double memoryQueueClocks = 32;

/// Products of four warps that are issued while others are still in the pipe: the warps
/// go on to load operands of the next. An estimate.
static constexpr double productsAhead = 2;

static double pathRate(const Machine &machine) { return machine.gpu.l2BytesPerCyclePerSM; }

Replay::Replay(const Machine &machine, const TimedCode &code, const ReplayRequest &request,
               llvm::ArrayRef<const BlockTimeline *> blocks)
    : machine(machine), code(code), request(request), blocks(blocks),
      warpsPerBlock(unsigned(blocks.front()->warps.size())),
      warps(size_t(request.residentBlocks) * warpsPerBlock), slots(request.residentBlocks),
      // More than its memory holds an SM cannot ask for at once.
      l2(request.l2Rate / machine.gpu.numSMs, pathRate(machine), machine.gpu.unifiedL1Bytes),
      l2Writes(request.l2WriteRate / machine.gpu.numSMs, machine.gpu.l2WriteBytesPerCyclePerSM,
               machine.gpu.unifiedL1Bytes),
      dram(request.dramRate / machine.gpu.numSMs, pathRate(machine), machine.gpu.unifiedL1Bytes) {
  for (unsigned i = 0; i < warps.size(); ++i)
    schedulers[i % numSchedulers].warps.push_back(i);
  result.stallsByOp.resize(code.ops.size());
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// SMs without a block in the last round leave what they would get to the others.
void Replay::setShares(double now) {
  if (running == 0)
    return;
  double others = double(machine.gpu.numSMs) * double(running - lastRoundRunning) +
                  double(request.lastRoundSMs) * double(lastRoundRunning);
  double part = double(running) / others;
  l2.setShare(now, request.l2Rate * part);
  l2Writes.setShare(now, request.l2WriteRate * part);
  dram.setShare(now, request.dramRate * part);
}

void Replay::startBlock(unsigned index, uint64_t now) {
  if (nextBlock == request.blocks) {
    slots[index].start = never;
    return;
  }
  uint64_t start = std::max(now, nextDispatch);
  nextDispatch = start + machine.gpu.blockIntervalCycles;
  BlockSlot &slot = slots[index];
  slot.timeline = blocks[nextBlock % blocks.size()];
  slot.isLastRound = nextBlock + 1 == request.blocks;
  slot.start = start;
  slot.warpsLeft = warpsPerBlock;
  slot.arrived.assign(slot.timeline->arrivals.size(), 0);
  slot.waiting.assign(slot.timeline->arrivals.size(), {});
  slot.lastArrival.assign(slot.timeline->arrivals.size(), 0);
  ++running;
  lastRoundRunning += slot.isLastRound;
  setShares(double(start));
  for (unsigned w = 0; w < warpsPerBlock; ++w) {
    unsigned at = index * warpsPerBlock + w;
    WarpSlot &warp = warps[at];
    warp.timeline = &slot.timeline->warps[w];
    warp.block = index;
    warp.segment = 0;
    warp.age = nextBlock * warpsPerBlock + w;
    warp.since = warp.start = start;
    warp.groups.clear();
    warp.openGroup = warp.allCopies = 0;
    warp.productGroups.clear();
    warp.bulkGroups.clear();
    warp.openBulk = {};
    warp.openProducts = 0;
    warp.loads = {};
    warp.values.assign(code.numRegisters, {start, Stall::wait});
    if (enterSegment(warp) && advance(warp)) {
      findReady(warp);
      Scheduler &scheduler = schedulers[at % numSchedulers];
      scheduler.next = std::min(scheduler.next, warp.ready);
    } else {
      finishWarp(at, start);
    }
  }
  ++nextBlock;
}

void Replay::finishWarp(unsigned index, uint64_t now) {
  WarpSlot &warp = warps[index];
  warp.ready = never;
  result.end.warpClocks += double(now - warp.start);
  result.end.clock = std::max(result.end.clock, double(now));
  BlockSlot &slot = slots[warp.block];
  if (--slot.warpsLeft > 0)
    return;
  --running;
  lastRoundRunning -= slot.isLastRound;
  result.end.clock = double(now);
  result.blockEnds.push_back(result.end);
  setShares(double(now));
  startBlock(warp.block, now + machine.gpu.blockStartCycles);
}

//===----------------------------------------------------------------------===//
// Warps
//===----------------------------------------------------------------------===//

bool Replay::enterSegment(WarpSlot &warp) {
  if (warp.segment == warp.timeline->segments.size())
    return false;
  warp.at = code.ops[warp.timeline->segments[warp.segment].first].regionStart;
  return true;
}

/// Goes to the next operation that becomes an instruction; false at the end. What
/// becomes none hands on when its operands are there.
bool Replay::advance(WarpSlot &warp) {
  while (true) {
    const Segment &segment = warp.timeline->segments[warp.segment];
    uint32_t end = code.ops[segment.first].regionEnd;
    for (; warp.at < end; ++warp.at) {
      uint32_t op = code.order[warp.at];
      if (op - segment.first >= segment.count)
        continue;
      const TimedOp &timed = code.ops[op];
      if (timed.issues > 0) {
        warp.op = op;
        return true;
      }
      Value latest;
      const uint32_t *registers = code.registers.data() + timed.firstRegister;
      for (unsigned i = 0; i < timed.reads; ++i)
        if (warp.values[registers[i]].ready > latest.ready)
          latest = warp.values[registers[i]];
      for (unsigned i = 0; i < timed.writes; ++i)
        warp.values[registers[timed.reads + i]] = latest;
    }
    ++warp.segment;
    if (!enterSegment(warp))
      return false;
  }
}

void Replay::findReady(WarpSlot &warp) {
  const TimedOp &op = code.ops[warp.op];
  Value latest{warp.since, Stall::wait};
  const uint32_t *registers = code.registers.data() + op.firstRegister;
  for (unsigned i = 0; i < op.reads; ++i)
    if (warp.values[registers[i]].ready > latest.ready)
      latest = warp.values[registers[i]];
  if (op.role == MemoryRole::asyncWait && warp.groups.size() > op.pending) {
    uint64_t there = warp.groups[warp.groups.size() - 1 - op.pending];
    if (there > latest.ready)
      latest = {there, Stall::longScoreboard};
  }
  if (op.isForAll && warp.openGroup > latest.ready)
    latest = {warp.openGroup, Stall::longScoreboard};
  if (op.role == MemoryRole::productWait && warp.productGroups.size() > op.pending)
    latest.ready =
        std::max(latest.ready, warp.productGroups[warp.productGroups.size() - 1 - op.pending]);
  bool isBulkWait = op.role == MemoryRole::bulkWait || op.role == MemoryRole::bulkReadWait;
  if (isBulkWait && warp.bulkGroups.size() > op.pending) {
    const BulkGroup &group = warp.bulkGroups[warp.bulkGroups.size() - 1 - op.pending];
    uint64_t there = op.role == MemoryRole::bulkWait ? group.written : group.read;
    if (there > latest.ready)
      latest = {there, Stall::longScoreboard};
  }
  // Before sm_90 a MEMBAR is in front of it, which waits for what the warp has loaded.
  if (op.role == MemoryRole::arrive && machine.fencesArrivals() && warp.loads.ready > latest.ready)
    latest = warp.loads;
  warp.ready = latest.ready;
  warp.reason = latest.reason;
}

//===----------------------------------------------------------------------===//
// Issue
//===----------------------------------------------------------------------===//

double Replay::pipeFree(const Scheduler &scheduler, const TimedOp &op) const {
  if (op.pipe == Pipe::memory)
    return memoryFree - memoryQueueClocks;
  double free = scheduler.pipes[unsigned(op.pipe)];
  if (op.role == MemoryRole::product)
    return free - productsAhead * op.hold;
  return op.special ? std::max(free, scheduler.pipes[unsigned(Pipe::special)]) : free;
}

static Stall throttleOf(const TimedOp &op) {
  if (op.pipe != Pipe::memory)
    return Stall::mathPipeThrottle;
  return op.isShared || op.role == MemoryRole::none ? Stall::mioThrottle : Stall::lgThrottle;
}

/// Says where the clocks since the warp's last instruction went.
void Replay::account(WarpSlot &warp, const Scheduler &scheduler, const TimedOp &op, uint64_t now) {
  StallClocks &here = result.stallsByOp[warp.op];
  auto add = [&](Stall reason, double clocks) {
    result.end.stalls[unsigned(reason)] += clocks;
    here[unsigned(reason)] += clocks;
  };
  double ready = double(std::max(warp.ready, warp.since));
  add(warp.reason, ready - double(warp.since));
  double throttled = std::clamp(pipeFree(scheduler, op) - ready, 0.0, double(now) - ready);
  add(throttleOf(op), throttled);
  add(Stall::notSelected, double(now) - ready - throttled);
  add(Stall::selected, op.issues);
}

void Replay::issue(Scheduler &scheduler, unsigned index, uint64_t now) {
  WarpSlot &warp = warps[index];
  const TimedOp &op = code.ops[warp.op];
  account(warp, scheduler, op, now);
  result.end.issued += op.issues;
  scheduler.free = now + op.issues;
  warp.since = now + op.issues;
  auto hold = [&](Pipe pipe, double clocks) {
    double &free = scheduler.pipes[unsigned(pipe)];
    free = std::max(free, double(now)) + clocks;
  };
  if (op.special)
    hold(Pipe::special, op.special * machine.holdOf(Pipe::special));
  if (op.pipe != Pipe::memory)
    hold(op.pipe, op.hold * (op.issues - op.special));
  // A product of integers takes half of the lanes that f32 has, for two clocks.
  if (op.pipe == Pipe::multiply)
    hold(Pipe::fma, machine.holdOf(Pipe::fma) * op.issues);

  Value value{now + op.latency,
              op.special || op.pipe == Pipe::special ? Stall::shortScoreboard : Stall::wait};
  bool blocks = false;
  if (op.pipe == Pipe::memory) {
    value = memory(warp, op, now);
    if (op.role == MemoryRole::load && value.ready > warp.loads.ready)
      warp.loads = value;
    blocks = op.role == MemoryRole::barrier && accessOf(warp).waits;
  }
  if (op.role == MemoryRole::product) {
    product(warp, scheduler, op, now);
    // What reads the sums has waited for the group, or is the next product.
    value.ready = now;
  } else if (op.role == MemoryRole::productCommit) {
    warp.productGroups.push_back(std::max(warp.openProducts, now));
    warp.openProducts = 0;
  } else if (op.role == MemoryRole::bulkCommit) {
    warp.bulkGroups.push_back(warp.openBulk);
  }
  const uint32_t *written = code.registers.data() + op.firstRegister + op.reads;
  for (unsigned i = 0; i < op.writes; ++i)
    warp.values[written[i]] = value;

  if (op.role == MemoryRole::barrier) {
    Access access = accessOf(warp);
    if (blocks)
      warp.ready = never;
    arrive(index, access, now);
    if (blocks)
      return;
  } else if (op.role == MemoryRole::arrive || arrivesLater(op.role)) {
    arriveAtPhase(index, accessOf(warp), now);
  } else if (op.role == MemoryRole::phaseWait && waitForPhase(index, accessOf(warp), value.ready)) {
    return;
  }
  ++warp.at;
  if (advance(warp))
    findReady(warp);
  else
    finishWarp(index, warp.since);
}

/// Tensor cores read the second factor from shared memory, in turn with the load/store
/// unit, while they multiply.
void Replay::product(WarpSlot &warp, Scheduler &scheduler, const TimedOp &op, uint64_t now) {
  memoryFree = std::max(double(now), memoryFree) + op.sharedClocks;
  result.end.memoryClocks += op.sharedClocks;
  double &busy = scheduler.pipes[unsigned(Pipe::tensor)];
  busy = std::max(busy, memoryFree);
  warp.openProducts =
      std::max(warp.openProducts, uint64_t(std::ceil(busy)) + machine.gpu.tensorLatency);
}

/// The warp that issued last goes on if it can; else the youngest that can does, as
/// was found out of recent GPUs (Huerta et al., arXiv 2503.20481).
void Replay::schedule(Scheduler &scheduler, uint64_t now) {
  unsigned chosen = ~0u;
  for (unsigned index : scheduler.warps) {
    const WarpSlot &warp = warps[index];
    if (warp.ready > now || pipeFree(scheduler, code.ops[warp.op]) > double(now))
      continue;
    if (chosen == ~0u || index == scheduler.latest ||
        (chosen != scheduler.latest && warp.age > warps[chosen].age))
      chosen = index;
  }
  if (chosen != ~0u) {
    scheduler.latest = chosen;
    issue(scheduler, chosen, now);
  }
  uint64_t next = never;
  for (unsigned index : scheduler.warps) {
    const WarpSlot &warp = warps[index];
    if (warp.ready == never)
      continue;
    double pipe = pipeFree(scheduler, code.ops[warp.op]);
    uint64_t ready = std::max(warp.ready, pipe > 0 ? uint64_t(std::ceil(pipe)) : 0);
    next = std::min(next, ready);
  }
  scheduler.next = next == never ? never : std::max({next, scheduler.free, now});
  if (chosen == ~0u && scheduler.next <= now)
    scheduler.next = now + 1;
}

ReplayResult Replay::run() {
  for (unsigned slot = 0; slot < slots.size(); ++slot)
    startBlock(slot, 0);
  while (true) {
    Scheduler *first = &schedulers[0];
    for (Scheduler &scheduler : schedulers)
      if (scheduler.next < first->next)
        first = &scheduler;
    if (first->next == never)
      break;
    schedule(*first, first->next);
  }
  // What was written last has still to reach DRAM.
  result.end.clock = std::max(result.end.clock, dram.busyUntil());
  return std::move(result);
}
