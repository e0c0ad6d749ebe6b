//===- Barriers.cpp - Instructions at which threads wait ------------------===//

#include "Block.h"

#include "ThreadNames.h"

#include "llvm/Support/FormatVariadic.h"

#include <map>

using namespace poolc::vgpu;

/// Threads that a warp contributes to a barrier: a whole warp counts as 32, also
/// where it has fewer threads. Threads that have exited since they arrived count.
static uint32_t contribution(const Warp &warp, uint32_t arrived) {
  bool isWhole = arrived && (arrived & warp.live) == warp.live;
  return isWhole ? warpSize : llvm::popcount(arrived);
}

void Block::arriveAtBarrier(Warp &warp, unsigned index, uint32_t mask, const Op &op) {
  if (mask == 0) {
    ++warp.paths[index].pc;
    return;
  }
  splitOff(warp, index, mask);
  unsigned lane = llvm::countr_zero(mask);
  uint32_t id = warp.reg<uint32_t>(op.src[0])[lane];
  if (id >= std::size(barriers))
    return raise(warp, op, lane, "expected a barrier from 0 to 15, got " + llvm::Twine(id),
                 Sanitizer::sync);
  uint32_t expected = op.src[1] == none ? 0 : warp.reg<uint32_t>(op.src[1])[lane];
  if (op.src[1] != none && (expected == 0 || expected % warpSize != 0))
    return raise(warp, op, lane,
                 "expected a thread count that is a multiple of 32, got " + llvm::Twine(expected),
                 Sanitizer::sync);
  Barrier &barrier = barriers[id];
  if (barrier.active && barrier.expected != expected)
    return raise(warp, op, lane,
                 "barrier " + llvm::Twine(id) + " is waited for with different thread counts, " +
                     llvm::Twine(barrier.expected) + " and " + llvm::Twine(expected) +
                     " (0: all threads)",
                 Sanitizer::sync);
  if (barrier.arrived[warp.index] & mask)
    return raise(warp, op, lane,
                 "the thread arrives at barrier " + llvm::Twine(id) +
                     " again before it is complete",
                 Sanitizer::sync);
  barrier.active = true;
  barrier.expected = expected;
  barrier.arrived[warp.index] |= mask;
  auto mode = BarrierMode(op.variant);
  if (mode != BarrierMode::sync && mode != BarrierMode::arrive) {
    uint32_t bits = warp.predicate(op.src[2]);
    bits = (op.variant2 ? ~bits : bits) & mask;
    barrier.count += llvm::popcount(bits);
    barrier.all &= bits == mask;
    barrier.any |= bits != 0;
  }
  if (mode == BarrierMode::arrive) {
    ++warp.paths[index].pc;
  } else {
    warp.paths[index].state = PathState::barrier;
    warp.paths[index].barrier = id;
  }
  if (isComplete(barrier))
    completeBarrier(id);
}

bool Block::isComplete(const Barrier &barrier) const {
  if (!barrier.active)
    return false;
  uint32_t count = 0;
  bool all = true;
  for (const Warp &warp : warps) {
    uint32_t arrived = barrier.arrived[warp.index];
    count += contribution(warp, arrived);
    all &= (arrived & warp.live) == warp.live;
  }
  return barrier.expected ? count >= barrier.expected : all;
}

void Block::completeBarriers() {
  for (unsigned id = 0; id < std::size(barriers); ++id)
    if (isComplete(barriers[id]))
      completeBarrier(id);
}

void Block::completeBarrier(unsigned id) {
  Barrier &barrier = barriers[id];
  for (Warp &warp : warps) {
    uint32_t arrived = std::exchange(barrier.arrived[warp.index], 0);
    bool released = false;
    for (Path &path : warp.paths) {
      if (path.state != PathState::barrier || path.barrier != id || !(path.mask & arrived))
        continue;
      const Op &op = program.ops[path.pc];
      if (op.dst != none) {
        auto mode = BarrierMode(op.variant);
        if (mode == BarrierMode::redPopc) {
          for (uint32_t rest = path.mask; rest; rest &= rest - 1)
            warp.reg<uint32_t>(op.dst)[llvm::countr_zero(rest)] = barrier.count;
        } else {
          uint32_t &bits = *warp.reg<uint32_t>(op.dst);
          bool value = mode == BarrierMode::redAnd ? barrier.all : barrier.any;
          bits = value ? bits | path.mask : bits & ~path.mask;
        }
      }
      path.state = PathState::ready;
      ++path.pc;
      released = true;
    }
    if (released && !llvm::is_contained(runnable, warp.index))
      runnable.push_back(warp.index);
  }
  if (observer && barrier.active)
    observer->barrierCompleted(id);
  barrier.active = false;
  barrier.count = 0;
  barrier.all = true;
  barrier.any = false;
}

/// The lanes that an instruction wants to meet; none: all.
static uint32_t membersOf(const Warp &warp, const Op &op, unsigned lane) {
  return op.src[0] == none ? fullMask : warp.reg<uint32_t>(op.src[0])[lane];
}

/// The lanes of `mask` that want to meet the same lanes as its first one.
static uint32_t lanesOfOneMind(const Warp &warp, const Op &op, uint32_t mask) {
  uint32_t members = membersOf(warp, op, llvm::countr_zero(mask)), same = 0;
  for (uint32_t rest = mask; rest; rest &= rest - 1)
    if (membersOf(warp, op, llvm::countr_zero(rest)) == members)
      same |= rest & -rest;
  return same;
}

bool Block::meetsAlone(Warp &warp, uint32_t mask, const Op &op) {
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    if (membersOf(warp, op, lane) >> lane & 1)
      continue;
    raise(warp, op, lane, llvm::Twine("the thread is not in its own member mask"), Sanitizer::sync);
    return true;
  }
  warp.meeting = membersOf(warp, op, llvm::countr_zero(mask)) & warp.live;
  if ((warp.meeting & ~mask) || lanesOfOneMind(warp, op, mask) != mask)
    return false;
  if (op.publish)
    op.publish(warp, op, mask);
  op.handler(warp, op, mask);
  if (observer)
    observer->met(warp, op, membersOf(warp, op, llvm::countr_zero(mask)), mask);
  return true;
}

void Block::waitForOthers(Warp &warp, unsigned index, uint32_t mask, const Op &op) {
  splitOff(warp, index, mask);
  // Lanes that want to meet different lanes wait on their own, and merge behind.
  Path path = warp.paths[index];
  path.state = PathState::collective;
  uint32_t together = lanesOfOneMind(warp, op, mask);
  if (together != mask)
    path.merge = newMerge(warp, path.pc + 1, path.merge, mask);
  path.mask = together;
  warp.paths[index] = path;
  for (uint32_t rest = mask & ~together; rest; rest &= ~path.mask) {
    path.mask = lanesOfOneMind(warp, op, rest);
    warp.paths.push_back(path);
  }
  meetAgain(warp);
}

void Block::meetAgain(Warp &warp) {
  for (Path &first : warp.paths) {
    if (first.state != PathState::collective)
      continue;
    const Op &op = program.ops[first.pc];
    unsigned lane = llvm::countr_zero(first.mask);
    uint32_t members = membersOf(warp, op, lane);
    uint32_t present = 0;
    for (const Path &path : warp.paths)
      if (path.state == PathState::collective && program.ops[path.pc].handler == op.handler)
        present |= path.mask;
    warp.meeting = members & warp.live;
    if (warp.meeting & ~present)
      continue;
    auto meets = [&](const Path &path) {
      return path.state == PathState::collective && (path.mask & members) &&
             program.ops[path.pc].handler == op.handler;
    };
    for (const Path &path : warp.paths)
      if (meets(path) && program.ops[path.pc].publish)
        program.ops[path.pc].publish(warp, program.ops[path.pc], path.mask);
    uint32_t lanes = 0;
    for (Path &path : warp.paths) {
      if (!meets(path))
        continue;
      lanes |= path.mask;
      program.ops[path.pc].handler(warp, program.ops[path.pc], path.mask);
      ++path.pc;
      if (&path != &first)
        path.state = PathState::ready;
    }
    first.state = PathState::ready;
    if (observer)
      observer->met(warp, op, members, lanes);
    if (!llvm::is_contained(runnable, warp.index))
      runnable.push_back(warp.index);
  }
}

void Block::raiseDeadlock() {
  struct Waiting {
    std::vector<unsigned> threads, missing;
    uint32_t barrier = 0;
    std::string phase;
  };
  std::map<std::pair<uint32_t, PathState>, Waiting> places;
  std::vector<unsigned> exited;
  const Warp *first = nullptr;
  for (Warp &warp : warps) {
    appendThreads(exited, warp.index, lanesOf(warp) & ~warp.live);
    for (const Path &path : warp.paths) {
      Waiting &waiting = places[{path.pc, path.state}];
      appendThreads(waiting.threads, warp.index, path.mask);
      waiting.barrier = path.barrier;
      const Op &op = program.ops[path.pc];
      if (path.state == PathState::phase && waiting.phase.empty())
        waiting.phase = describeWait(warp, op, path.mask);
      if (path.state == PathState::collective && op.src[0] != none)
        appendThreads(waiting.missing, warp.index,
                      warp.reg<uint32_t>(op.src[0])[llvm::countr_zero(path.mask)] & warp.live &
                          ~path.mask);
      if (!first)
        first = &warp;
    }
  }
  std::string where;
  for (const auto &[key, waiting] : places) {
    unsigned line = program.ops[key.first].line;
    where += where.empty() ? "" : ", ";
    where += describeThreads(waiting.threads) + (waiting.threads.size() == 1 ? " waits" : " wait");
    if (key.second == PathState::barrier)
      where += llvm::formatv(" at barrier {0} of line {1}", waiting.barrier, line);
    else if (key.second == PathState::phase)
      where += llvm::formatv(" in line {0} for {1}", line, waiting.phase);
    else if (key.second == PathState::products)
      where += llvm::formatv(" in line {0} for products that other warps of the warpgroup have not "
                             "issued",
                             line);
    else
      where += llvm::formatv(" at the warp-wide instruction of line {0} for {1}", line,
                             describeThreads(waiting.missing));
  }
  if (!exited.empty())
    where += ", " + describeThreads(exited) + (exited.size() == 1 ? " has" : " have") + " exited";
  const Path &path = first->paths.front();
  raise(*first, program.ops[path.pc], llvm::countr_zero(path.mask), "deadlock: " + where,
        Sanitizer::sync);
}
