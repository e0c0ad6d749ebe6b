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
