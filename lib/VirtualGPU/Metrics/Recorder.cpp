//===- Recorder.cpp - Traces a block while it runs ------------------------===//

#include "Recorder.h"

#include "../Access.h"
#include "../Matrix.h"
#include "../Warpgroup.h"
#include "SharedBanks.h"

using namespace poolc;
using namespace poolc::vgpu;

Recorder::Recorder(const Block &block, Meter &meter)
    : block(block), meter(meter), times(block.allWarps().size()), waitsFor(block.allWarps().size()),
      lastLines(block.allWarps().size()) {}

void Recorder::blockStarted() {
  trace = {};
  sample = meter.sampleOf(0);
  llvm::fill(times, 0);
  llvm::fill(waitsFor, noBarrier);
  arrivalTimes.clear();
  llvm::fill(lastLines, std::nullopt);
  timeline.reset();
  if (meter.timeModel().wants(block.number))
    timeline.emplace(meter.timeModel().code(), block, meter.maxTimelineEntries());
}

void Recorder::blockFinished() {
  trace.duration = *llvm::max_element(times);
  trace.loadedSectors = loaded.take(*block.launch.memory);
  trace.finish();
  if (timeline)
    trace.timeline = std::make_unique<BlockTimeline>(timeline->take());
  meter.deliver(block.number, std::move(trace));
}

/// Machine instructions that one matrix product becomes: an mma of the shapes
/// that are covered is one, a wmma has twice the columns or rows.
static unsigned tensorInstructionsOf(const Op &op) {
  if (op.handler == multiplyFragments || op.handler == multiplyWarpgroup)
    return 1;
  return op.handler == multiplyWmma ? 2 : 0;
}

void Recorder::instruction(const Warp &warp, const Op &op, uint32_t active, uint32_t mask) {
  ++times[warp.index];
  ++trace.counters.warpInstructions;
  trace.counters.threadInstructions += llvm::popcount(active);
  countPipes(op);
  if (timeline)
    timeline->instruction(warp, op, mask);
  if (mask == 0)
    return;
  trace.counters.tensorInstructions += tensorInstructionsOf(op);
  if (op.kind == OpKind::barrier && BarrierMode(op.variant) != BarrierMode::arrive)
    waitsFor[warp.index] = warp.reg<uint32_t>(op.src[0])[llvm::countr_zero(mask)];
}

/// Machine instructions and the clocks of pipes that the model takes an operation for.
void Recorder::countPipes(const Op &op) {
  const TimedOp &timed = meter.timeModel().code().ops[&op - block.program.ops.data()];
  if (timed.issues == 0)
    return;
  PipeClocks &pipes = trace.counters.pipes;
  const Machine &machine = meter.timeModel().machine();
  pipes.issue += timed.issues;
  double clocks = timed.hold * (timed.issues - timed.special);
  if (timed.special)
    pipes.special += timed.special * machine.holdOf(Pipe::special);
  switch (timed.pipe) {
  case Pipe::alu:
    pipes.alu += clocks;
    break;
  case Pipe::fma:
  case Pipe::half:
    pipes.fma += clocks;
    break;
  case Pipe::multiply:
    pipes.fmaHeavy += clocks;
    pipes.fma += clocks * machine.holdOf(Pipe::fma) / timed.hold;
    break;
  case Pipe::fp64:
    pipes.fp64 += clocks;
    break;
  case Pipe::special:
    pipes.special += clocks;
    break;
  case Pipe::memory:
    // Around an access to an mbarrier object are a fence, or a comparison.
    pipes.memory += (isOfPhase(timed.role) ? 1 : timed.issues) / machine.gpu.memoryPerCycle;
    break;
  case Pipe::tensor:
    pipes.tensor += timed.issues * timed.tensorActivity;
    pipes.tensorBusy += clocks;
    break;
  case Pipe::control:
    break;
  }
}

void Recorder::note(const Warp &warp, unsigned steps, unsigned conflicts, bool isCached) {
  uint32_t index;
  Access *access = timeline ? timeline->access(warp.index, index) : nullptr;
  if (!access)
    return;
  Access::add(access->steps, steps);
  Access::add(access->conflicts, conflicts);
  if (!isCached)
    return;
  Access::add(access->lines, unsigned(lines.size()));
  for (const LineTouch &touch : lines)
    Access::add(access->sectors, llvm::popcount(touch.sectors()));
}

void Recorder::barrierCompleted(unsigned barrier) {
  if (timeline)
    timeline->barrierCompleted(barrier);
  uint32_t latest = 0;
  for (auto [time, waits] : llvm::zip_equal(times, waitsFor))
    if (waits == barrier)
      latest = std::max(latest, time);
  for (auto [time, waits] : llvm::zip_equal(times, waitsFor))
    if (waits == barrier) {
      time = latest;
      waits = noBarrier;
    }
}

void Recorder::arrived(const Warp &warp, const Op &op, unsigned lane, const Phase &phase) {
  if (timeline)
    timeline->arrived(warp, op, lane, phase);
  uint32_t &present = arrivalTimes[phase.object].present;
  present = std::max(present, times[warp.index]);
}

void Recorder::phaseCompleted(const Phase &phase) {
  if (timeline)
    timeline->phaseCompleted(phase);
  ArrivalTimes &times = arrivalTimes[phase.object];
  times = {0, times.present};
}

void Recorder::waited(const Warp &warp, const Op &, unsigned lane, const Phase *phase) {
  if (timeline)
    timeline->waited(warp, lane, phase);
  if (phase)
    times[warp.index] = std::max(times[warp.index], arrivalTimes[phase->object].last);
}

void Recorder::access(const Warp &warp, const MemoryAccess &access) {
  // Tensor cores read shared memory without requests of the load/store unit.
  if (access.op.handler == multiplyWarpgroup)
    return;
  // Nor is what a tensor's copy writes one of theirs. It takes place even if nothing is read.
  if (isBulkCopy(access.op) && access.space == Space::shared) {
    uint32_t index;
    if (Access *noted = timeline ? timeline->access(warp.index, index) : nullptr)
      noted->steps = std::max<uint16_t>(noted->steps, 1);
    return;
  }
  if (access.space != Space::generic) {
    if (access.space == Space::global)
      global(warp, access, access.addresses, access.mask);
    else if (access.space == Space::shared)
      shared(warp, access, access.addresses, access.mask);
    else if (access.space == Space::local)
      local(warp, access, access.addresses, access.mask);
    return;
  }
  // Lanes may go to different spaces, each a request of its own.
  uint64_t addresses[warpSize];
  uint32_t inGlobal = 0, inShared = 0, inLocal = 0;
  for (uint32_t rest = access.mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    addresses[lane] = access.addresses[lane];
    Space space = windowOf(addresses[lane]);
    if (space == Space::global)
      inGlobal |= rest & -rest;
    else if (space == Space::shared)
      inShared |= rest & -rest;
    else if (space == Space::local)
      inLocal |= rest & -rest;
  }
  if (inGlobal)
    global(warp, access, addresses, inGlobal);
  if (inShared)
    shared(warp, access, addresses, inShared);
  if (inLocal)
    local(warp, access, addresses, inLocal);
}

void Recorder::global(const Warp &warp, const MemoryAccess &access, const uint64_t *addresses,
                      uint32_t mask) {
  coalesce(addresses, mask, access.bytes, lines);
  uint64_t sectors = 0;
  for (const LineTouch &touch : lines)
    sectors += llvm::popcount(touch.sectors());
  // Copies that no thread makes are no requests of the load/store unit.
  BlockCounters notCounted;
  BlockCounters &counters = isBulkCopy(access.op) ? notCounted : trace.counters;
  switch (access.kind) {
  case AccessKind::load:
    ++counters.globalLoadRequests;
    counters.globalLoadSectors += sectors;
    loaded.add(lines);
    break;
  case AccessKind::store:
    ++counters.globalStoreRequests;
    counters.globalStoreSectors += sectors;
    break;
  default:
    ++counters.globalAtomicRequests;
    counters.globalAtomicSectors += sectors;
    break;
  }
  if (timeline)
    note(warp, countBankSteps(addresses, mask, access.bytes, /*isLoad=*/false).all(), 0,
         /*isCached=*/true);
  if (access.kind == AccessKind::store)
    send(warp);
  request(warp, access, /*isLocal=*/false);
}

/// Words of 4 bytes at the same offset of a warp's threads lie side by side.
void Recorder::local(const Warp &warp, const MemoryAccess &access, const uint64_t *addresses,
                     uint32_t mask) {
  constexpr unsigned wordBytes = 4;
  uint64_t base = uint64_t(block.program.localBytes) * warpSize * warp.index;
  unsigned bytes = std::min(access.bytes, wordBytes);
  llvm::SmallVector<LineTouch, 64> all;
  for (unsigned start = 0; start < access.bytes; start += bytes) {
    uint64_t places[warpSize];
    for (uint32_t rest = mask; rest; rest &= rest - 1) {
      unsigned lane = llvm::countr_zero(rest);
      uint64_t offset = addresses[lane] + start;
      places[lane] = base + offset / wordBytes * (wordBytes * warpSize) + lane * wordBytes +
                     offset % wordBytes;
    }
    coalesce(places, mask, bytes, lines);
    all.append(lines.begin(), lines.end());
  }
  lines = std::move(all);
  note(warp, unsigned(lines.size()), 0, /*isCached=*/true);
  if (access.kind == AccessKind::store)
    send(warp);
  request(warp, access, /*isLocal=*/true);
}

static bool isArrival(const Op &op) {
  return op.handler == arriveAtMBarrier || op.handler == arriveAfterCopies;
}

/// Arrivals at an object take turns, as far as is known.
static unsigned lanesAtOneObject(const uint64_t *addresses, uint32_t mask) {
  unsigned most = 1;
  for (uint32_t rest = mask; rest;) {
    uint64_t object = addresses[llvm::countr_zero(rest)];
    uint32_t same = 0;
    for (uint32_t others = rest; others; others &= others - 1)
      if (addresses[llvm::countr_zero(others)] == object)
        same |= others & -others;
    most = std::max(most, unsigned(llvm::popcount(same)));
    rest &= ~same;
  }
  return most;
}

void Recorder::shared(const Warp &warp, const MemoryAccess &access, const uint64_t *addresses,
                      uint32_t mask) {
  auto [phases, conflicts] = countBankSteps(addresses, mask, access.bytes,
                                            /*isLoad=*/access.kind == AccessKind::load);
  if (isArrival(access.op))
    conflicts = lanesAtOneObject(addresses, mask) - 1;
  note(warp, conflicts + phases, conflicts, /*isCached=*/false);
  if (access.kind == AccessKind::atomic)
    return;
  BlockCounters &counters = trace.counters;
  ++counters.sharedRequests;
  if (access.kind == AccessKind::load)
    counters.sharedLoadConflicts += conflicts;
  else if (access.kind == AccessKind::store)
    counters.sharedStoreConflicts += conflicts;
  else
    counters.asyncCopyConflicts += conflicts;
}

static RequestKind kindOf(const MemoryAccess &access) {
  if (access.kind == AccessKind::load)
    return access.op.aroundL1 ? RequestKind::loadAroundL1 : RequestKind::load;
  return access.kind == AccessKind::store ? RequestKind::store : RequestKind::atomic;
}

void Recorder::send(const Warp &warp) {
  uint64_t &counted = trace.counters.storeUnits;
  std::optional<LastLine> &last = lastLines[warp.index];
  if (last && last->written.line == lines.front().line) {
    unsigned units = packetUnits(last->written);
    counted -= units;
    if (timeline && last->noted != Request::notNoted)
      timeline->noted(warp.index, last->noted).units -= units;
    if (last->request)
      trace.requests[*last->request].count -= BlockTrace::wordsPerLine(RequestKind::store);
    for (auto [bytes, before] : llvm::zip_equal(lines.front().bytes, last->written.bytes))
      bytes |= before;
  }
  unsigned units = 0;
  for (const LineTouch &touch : lines)
    units += packetUnits(touch);
  counted += units;
  uint32_t index;
  if (Access *access = timeline ? timeline->access(warp.index, index) : nullptr)
    Access::add(access->units, units);
}

void Recorder::request(const Warp &warp, const MemoryAccess &access, bool isLocal) {
  uint32_t noted = Request::notNoted;
  if (timeline)
    timeline->access(warp.index, noted);
  size_t before = trace.requests.size();
  trace.add({times[warp.index], uint16_t(warp.index), kindOf(access), isLocal, 0, 0, noted}, lines,
            sample);
  std::optional<LastLine> &last = lastLines[warp.index];
  last.reset();
  if (access.kind == AccessKind::store && lines.size() > 1) {
    last.emplace(LastLine{lines.back(), std::nullopt, noted});
    if (trace.requests.size() > before && sample.keeps(lines.back().line))
      last->request = before;
  }
  if (trace.bytes() > meter.maxBlockBytes() && sample.level < LineSample::maxLevel) {
    ++sample.level;
    trace.thin(sample);
    llvm::fill(lastLines, std::nullopt);
  }
}
