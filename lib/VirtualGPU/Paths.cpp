//===- Paths.cpp - Running the paths of a warp ----------------------------===//

#include "Block.h"

#include "Random.h"

using namespace poolc::vgpu;

static uint32_t guarded(const Warp &warp, const Op &op, uint32_t mask) {
  if (op.guard == none)
    return mask;
  uint32_t guard = warp.predicate(op.guard);
  return mask & (op.guardNegated ? ~guard : guard);
}

template <bool observed> void Block::runPath(Warp &warp, unsigned index, uint64_t &quantum) {
  const Op *ops = program.ops.data();
  // Paths move when new ones are added: only written back where that happens.
  uint32_t pc = warp.paths[index].pc;
  const uint32_t mask = warp.paths[index].mask;
  const uint32_t merge = warp.paths[index].merge;
  const uint32_t mergePc = merge == none ? none : warp.merges[merge].pc;
  const uint64_t given = quantum;
  auto leave = [&] {
    warp.paths[index].pc = pc;
    executed.threadInstructions += (given - quantum) * llvm::popcount(mask);
  };

  while (quantum > 0) {
    if (pc == mergePc) {
      leave();
      return arrive(warp, index);
    }
    const Op &op = ops[pc];
    uint32_t active = guarded(warp, op, mask);
    --quantum;
    if constexpr (observed)
      observer->instruction(warp, op, mask, active);
    switch (op.kind) {
    case OpKind::compute:
      if (active)
        op.handler(warp, op, active);
      ++pc;
      break;
    case OpKind::memory:
      if (active)
        op.handler(warp, op, active);
      globalAccesses += op.space == Space::global || op.space == Space::generic;
      if (hasFault)
        return leave();
      ++pc;
      break;
    case OpKind::branch:
      if (active == mask) {
        pc = op.target;
      } else if (active == 0) {
        ++pc;
      } else {
        leave();
        return diverge(warp, index, active, op);
      }
      break;
    case OpKind::branchIndexed:
      leave();
      return branchIndexed(warp, index, active, op);
    case OpKind::exit:
      leave();
      return exitLanes(warp, index, active);
    case OpKind::barrier:
      leave();
      return arriveAtBarrier(warp, index, active, op);
    case OpKind::collective:
      if (active && !meetsAlone(warp, active, op)) {
        leave();
        return waitForOthers(warp, index, active, op);
      }
      if (hasFault)
        return leave();
      ++pc;
      break;
    case OpKind::phaseWait:
      leave();
      return waitForPhase(warp, index, active, op);
    case OpKind::productWait:
      leave();
      return waitForProducts(warp, index, active, op);
    }
  }
  leave();
}

template void Block::runPath<false>(Warp &, unsigned, uint64_t &);
template void Block::runPath<true>(Warp &, unsigned, uint64_t &);

uint32_t Block::newMerge(Warp &warp, uint32_t pc, uint32_t parent, uint32_t expected) {
  // No point ahead, or the one that these lanes are bound for already.
  if (pc == none || (parent != none && warp.merges[parent].pc == pc))
    return parent;
  auto *freed = llvm::find_if(warp.merges, [](const Merge &m) { return m.expected == 0; });
  if (freed == warp.merges.end()) {
    warp.merges.emplace_back();
    freed = &warp.merges.back();
  }
  *freed = Merge{pc, parent, expected, 0, 0};
  return freed - warp.merges.begin();
}

void Block::diverge(Warp &warp, unsigned index, uint32_t taken, const Op &op) {
  Path path = warp.paths[index];
  uint32_t merge = newMerge(warp, op.reconverge, path.merge, path.mask);
  Path jump{op.target, taken, merge};
  Path fall{path.pc + 1, path.mask & ~taken, merge};
  // Neither side is promised to run first.
  if (nextRandom(random) & 1)
    std::swap(jump, fall);
  warp.paths[index] = jump;
  warp.paths.push_back(fall);
}

void Block::branchIndexed(Warp &warp, unsigned index, uint32_t mask, const Op &op) {
  Path path = warp.paths[index];
  uint32_t merge = newMerge(warp, op.reconverge, path.merge, path.mask);
  const uint32_t *choice = warp.reg<uint32_t>(op.src[0]);
  llvm::SmallVector<Path, 4> paths;
  if (path.mask != mask)
    paths.push_back({path.pc + 1, path.mask & ~mask, merge});
  for (uint32_t rest = mask; rest;) {
    unsigned lane = llvm::countr_zero(rest);
    uint32_t same = 0;
    for (uint32_t others = rest; others; others &= others - 1)
      if (choice[llvm::countr_zero(others)] == choice[lane])
        same |= others & -others;
    if (choice[lane] >= op.immediate)
      return raise(warp, op, lane,
                   "branch index " + llvm::Twine(choice[lane]) + " is beyond the " +
                       llvm::Twine(op.immediate) + " targets");
    paths.push_back({program.lists[op.list + choice[lane]], same, merge});
    rest &= ~same;
  }
  warp.paths[index] = paths.front();
  warp.paths.append(paths.begin() + 1, paths.end());
}

void Block::splitOff(Warp &warp, unsigned index, uint32_t mask) {
  Path path = warp.paths[index];
  if (path.mask == mask)
    return;
  uint32_t merge = newMerge(warp, path.pc + 1, path.merge, path.mask);
  warp.paths[index] = {path.pc, mask, merge};
  warp.paths.push_back({path.pc + 1, path.mask & ~mask, merge});
}

void Block::arrive(Warp &warp, unsigned index) {
  Path path = warp.paths[index];
  Merge &merge = warp.merges[path.merge];
  merge.arrived |= path.mask;
  merge.turns = 0;
  warp.paths.erase(warp.paths.begin() + index);
  completeMerges(warp);
}

void Block::completeMerges(Warp &warp) {
  for (Merge &merge : warp.merges) {
    if (merge.expected == 0)
      continue;
    merge.expected &= warp.live;
    merge.arrived &= warp.live;
    if (merge.arrived != merge.expected)
      continue;
    if (merge.arrived)
      warp.paths.push_back({merge.pc, merge.arrived, merge.parent});
    merge.expected = 0;
  }
}

bool Block::releaseMerges(Warp &warp, uint32_t patience) {
  bool released = false;
  for (Merge &merge : warp.merges) {
    if (merge.expected == 0 || merge.arrived == 0 || merge.turns++ < patience)
      continue;
    warp.paths.push_back({merge.pc, merge.arrived, merge.parent});
    merge.expected &= ~merge.arrived;
    merge.arrived = 0;
    released = true;
  }
  return released;
}

void Block::exitLanes(Warp &warp, unsigned index, uint32_t mask) {
  Path &path = warp.paths[index];
  warp.live &= ~mask;
  path.mask &= ~mask;
  ++path.pc;
  if (path.mask == 0)
    warp.paths.erase(warp.paths.begin() + index);
  completeMerges(warp);
  meetAgain(warp);
  completeBarriers();
}
