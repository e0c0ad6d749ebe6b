//===- TimelineRecorder.cpp - Notes what warps execute --------------------===//

#include "TimelineRecorder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

using namespace poolc::vgpu;

TimelineRecorder::TimelineRecorder(const TimedCode &code, const Block &block, uint64_t maxEntries)
    : code(code), ops(block.program.ops.data()),
      maxEntriesPerWarp(maxEntries / block.allWarps().size()), states(block.allWarps().size()) {
  timeline.number = block.number;
  timeline.warps.resize(states.size());
}

void TimelineRecorder::instruction(const Warp &warp, const Op &op, uint32_t mask) {
  uint32_t at = uint32_t(&op - ops);
  WarpState &state = states[warp.index];
  WarpTimeline &line = timeline.warps[warp.index];
  state.isOver |= state.entries > maxEntriesPerWarp;
  if (state.isOver) {
    ++timeline.omitted;
    return;
  }
  ++timeline.kept;
  if (at != state.next || at == state.regionEnd) {
    line.segments.push_back({at, 0, uint32_t(line.accesses.size())});
    ++state.entries;
    state.regionEnd = code.ops[at].regionEnd;
  }
  ++line.segments.back().count;
  state.next = at + 1;
  if (!code.ops[at].isTraced)
    return;
  line.accesses.emplace_back();
  ++state.entries;
  MemoryRole role = code.ops[at].role;
  if (isOfPhase(role)) {
    line.accesses.back().barrier = Access::noBarrier;
    Unfinished unfinished{warp.index, &op, mask, uint32_t(line.accesses.size() - 1)};
    if (role != MemoryRole::arrive && mask != 0)
      (role == MemoryRole::phaseWait ? waits : asyncArrivals).push_back(unfinished);
  }
  if (op.kind != OpKind::barrier || mask == 0)
    return;
  unsigned barrier = warp.reg<uint32_t>(op.src[0])[llvm::countr_zero(mask)];
  line.accesses.back().waits = BarrierMode(op.variant) != BarrierMode::arrive;
  arrivals.push_back({warp.index, barrier, uint32_t(line.accesses.size() - 1)});
}

Access *TimelineRecorder::access(unsigned warp, uint32_t &index) {
  WarpTimeline &line = timeline.warps[warp];
  if (line.accesses.empty() || states[warp].isOver)
    return nullptr;
  index = uint32_t(line.accesses.size() - 1);
  return &line.accesses.back();
}

void TimelineRecorder::barrierCompleted(unsigned barrier) {
  uint16_t count = 0;
  llvm::erase_if(arrivals, [&](const Arrival &arrival) {
    if (arrival.barrier != barrier)
      return false;
    Access &access = timeline.warps[arrival.warp].accesses[arrival.access];
    access.barrier = uint32_t(timeline.arrivals.size());
    access.steps = 1;
    ++count;
    return true;
  });
  timeline.arrivals.push_back(count);
}

/// The access that the lane has finished, if it is noted. Where an instruction was executed
/// several times, the oldest.
std::optional<uint32_t> TimelineRecorder::finish(std::vector<Unfinished> &all, unsigned warp,
                                                 unsigned lane, const Op *op) {
  auto it = llvm::find_if(all, [&](const Unfinished &entry) {
    return entry.warp == warp && (!op || entry.op == op) && (entry.lanes >> lane & 1);
  });
  if (it == all.end())
    return std::nullopt;
  uint32_t access = it->access;
  it->lanes &= ~(uint32_t(1) << lane);
  if (it->lanes == 0)
    all.erase(it);
  return access;
}

/// An instruction is one arrival, in the phase of its first lane.
void TimelineRecorder::arrived(const Warp &warp, const Op &op, unsigned lane, const Phase &phase) {
  const WarpTimeline &line = timeline.warps[warp.index];
  std::optional<uint32_t> access;
  if (arrivesLater(code.ops[&op - ops].role))
    access = finish(asyncArrivals, warp.index, lane, &op);
  else if (!states[warp.index].isOver)
    access = uint32_t(line.accesses.size() - 1);
  if (!access || line.accesses[*access].barrier != Access::noBarrier)
    return;
  auto isNoted = [&](const PhaseArrival &arrival) {
    return arrival.warp == warp.index && arrival.access == *access;
  };
  if (llvm::none_of(phaseArrivals, isNoted))
    phaseArrivals.push_back({warp.index, *access, phase});
}

void TimelineRecorder::phaseCompleted(const Phase &phase) {
  auto number = uint32_t(timeline.arrivals.size());
  uint16_t count = 0;
  llvm::erase_if(phaseArrivals, [&](const PhaseArrival &arrival) {
    if (arrival.phase.object != phase.object || arrival.phase.number != phase.number)
      return false;
    timeline.warps[arrival.warp].accesses[arrival.access].barrier = number;
    ++count;
    return true;
  });
  timeline.arrivals.push_back(count);
  lastPhases[phase.object] = {phase.number, number};
}

void TimelineRecorder::waited(const Warp &warp, unsigned lane, const Phase *phase) {
  std::optional<uint32_t> access = finish(waits, warp.index, lane, nullptr);
  if (!access || !phase)
    return;
  auto it = lastPhases.find(phase->object);
  if (it == lastPhases.end() || it->second.first != phase->number)
    return;
  // The lanes may wait for different phases: the last of them counts.
  uint32_t &barrier = timeline.warps[warp.index].accesses[*access].barrier;
  if (barrier == Access::noBarrier || barrier < it->second.second)
    barrier = it->second.second;
}
