//===- Ordering.cpp - The order of instructions in a region ---------------===//
//
// List scheduling: of the instructions whose operands are there, the one with the
// longest way to the end of the region goes first; when registers run out, the one
// that frees most.
//
//===----------------------------------------------------------------------===//

#include "../Program.h"
#include "TimedCode.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"

#include <algorithm>

using namespace poolc;
using namespace poolc::vgpu;

namespace {

class RegionScheduler {
public:
  RegionScheduler(const Program &program, const TimedCode &code, uint32_t begin, uint32_t end,
                  unsigned budget)
      : program(program), info(program.code), code(code), begin(begin), size(end - begin),
        budget(budget), nodes(size) {}

  void run(llvm::MutableArrayRef<uint32_t> order);

private:
  struct Node {
    /// Those that must come later, and how many clocks.
    llvm::SmallVector<std::pair<uint32_t, uint32_t>, 4> successors;
    uint32_t predecessors = 0;
    uint32_t priority = 0;
    uint32_t earliest = 0;
  };
  /// What has been seen of a register so far, in the order of the code.
  struct Value {
    uint32_t definition = none;
    llvm::SmallVector<uint32_t, 4> readers;
  };

  unsigned expectedLatency(uint32_t op) const;
  void connect(uint32_t from, uint32_t to, uint32_t latency);
  void connectRegisters();
  void connectMemory();
  void findPriorities();
  void countUses();
  /// Registers of 32 bits that are needed more after the operation than before.
  int pressureOf(uint32_t node) const;
  uint32_t choose(llvm::ArrayRef<uint32_t> ready) const;
  void place(uint32_t node);

  const Program &program;
  const CodeInfo &info;
  const TimedCode &code;
  const uint32_t begin, size;
  const int64_t budget;
  std::vector<Node> nodes;
  /// Reads in the region that are still to come, of registers that end in it.
  llvm::DenseMap<uint32_t, uint32_t> usesLeft;
  /// Registers that hold something at this point, of those that the region touches.
  llvm::DenseSet<uint32_t> held;
  int64_t live = 0;
  uint32_t clock = 0;
};

} // namespace

/// Clocks that the assembler wants between an instruction and the use of its result.
unsigned RegionScheduler::expectedLatency(uint32_t op) const {
  constexpr unsigned global = 300, shared = 30;
  switch (code.ops[op].role) {
  case MemoryRole::load:
  case MemoryRole::constantLoad:
  case MemoryRole::atomic:
    return code.ops[op].isShared ? shared : global;
  default:
    return code.ops[op].latency;
  }
}

void RegionScheduler::connect(uint32_t from, uint32_t to, uint32_t latency) {
  // An instruction may write a register that it reads, or one register twice.
  if (from == to)
    return;
  nodes[from].successors.emplace_back(to, latency);
  ++nodes[to].predecessors;
}

void RegionScheduler::connectRegisters() {
  llvm::DenseMap<uint32_t, Value> values;
  for (uint32_t i = 0; i < size; ++i) {
    for (uint32_t reg : info.reads(begin + i)) {
      Value &value = values[reg];
      if (value.definition != none)
        connect(value.definition, i, std::max(1u, expectedLatency(begin + value.definition)));
      value.readers.push_back(i);
    }
    for (uint32_t reg : info.writes(begin + i)) {
      Value &value = values[reg];
      for (uint32_t reader : value.readers)
        connect(reader, i, 0);
      if (value.definition != none && value.readers.empty())
        connect(value.definition, i, 1);
      value.definition = i;
      value.readers.clear();
    }
  }
}

/// Loads keep their place among stores to the same space, stores theirs among all
/// accesses to it; nothing passes a fence. A generic access may be to any space.
void RegionScheduler::connectMemory() {
  struct SpaceState {
    uint32_t store = none;
    llvm::SmallVector<uint32_t, 8> loads;
  };
  SpaceState spaces[3]; // Global, shared, local.
  uint32_t fence = none;
  llvm::SmallVector<uint32_t, 16> sinceFence;
  auto spacesOf = [&](uint32_t op) -> unsigned {
    switch (program.ops[op].space) {
    case Space::global:
      return 1;
    case Space::shared:
      return 2;
    case Space::local:
      return 4;
    default:
      return 7;
    }
  };
  for (uint32_t i = 0; i < size; ++i) {
    MemoryRole role = code.ops[begin + i].role;
    bool isFence = role == MemoryRole::fence || role == MemoryRole::barrier ||
                   role == MemoryRole::asyncCommit || role == MemoryRole::asyncWait ||
                   role == MemoryRole::atomic || role == MemoryRole::productCommit ||
                   role == MemoryRole::productWait || isOfPhase(role);
    if (role == MemoryRole::none)
      continue;
    if (isFence) {
      for (uint32_t other : sinceFence)
        connect(other, i, 0);
      if (fence != none)
        connect(fence, i, 0);
      fence = i;
      sinceFence.clear();
      for (SpaceState &space : spaces)
        space = {};
      continue;
    }
    // A register of a constant load may be needed by all that follows the fence, but
    // what it reads does not change there.
    if (role == MemoryRole::constantLoad)
      continue;
    if (fence != none)
      connect(fence, i, 0);
    sinceFence.push_back(i);
    unsigned touched = role == MemoryRole::asyncCopy ? 2 : spacesOf(begin + i);
    for (unsigned s = 0; s < 3; ++s) {
      if (!(touched >> s & 1))
        continue;
      SpaceState &space = spaces[s];
      if (space.store != none)
        connect(space.store, i, 0);
      if (role == MemoryRole::load || role == MemoryRole::product) {
        space.loads.push_back(i);
        continue;
      }
      for (uint32_t load : space.loads)
        connect(load, i, 0);
      space.store = i;
      space.loads.clear();
    }
  }
}

void RegionScheduler::findPriorities() {
  for (uint32_t i = size; i-- > 0;)
    for (auto [to, latency] : nodes[i].successors)
      nodes[i].priority = std::max(nodes[i].priority, nodes[to].priority + latency);
}

void RegionScheduler::countUses() {
  llvm::DenseSet<uint32_t> written;
  for (uint32_t i = 0; i < size; ++i) {
    for (uint32_t reg : info.reads(begin + i)) {
      if (info.registerInfo[reg].lastUse < begin + size)
        ++usesLeft[reg];
      if (!written.contains(reg))
        held.insert(reg);
    }
    for (uint32_t reg : info.writes(begin + i))
      written.insert(reg);
  }
  live = info.liveBefore.empty() ? 0 : info.liveBefore[begin];
}

int RegionScheduler::pressureOf(uint32_t node) const {
  int pressure = 0;
  for (uint32_t reg : info.writes(begin + node))
    if (!held.contains(reg))
      pressure += info.registerInfo[reg].size;
  for (uint32_t reg : info.reads(begin + node)) {
    auto it = usesLeft.find(reg);
    if (it != usesLeft.end() && it->second == 1)
      pressure -= info.registerInfo[reg].size;
  }
  return pressure;
}

uint32_t RegionScheduler::choose(llvm::ArrayRef<uint32_t> ready) const {
  bool isTight = live >= budget;
  uint32_t best = 0;
  for (uint32_t i = 1; i < ready.size(); ++i) {
    const Node &a = nodes[ready[i]], &b = nodes[ready[best]];
    if (isTight) {
      int pressure = pressureOf(ready[i]), least = pressureOf(ready[best]);
      if (pressure < least || (pressure == least && ready[i] < ready[best]))
        best = i;
      continue;
    }
    bool isNow = a.earliest <= clock, bestIsNow = b.earliest <= clock;
    if (isNow != bestIsNow) {
      if (isNow)
        best = i;
      continue;
    }
    if (!isNow && a.earliest != b.earliest) {
      if (a.earliest < b.earliest)
        best = i;
      continue;
    }
    if (a.priority > b.priority || (a.priority == b.priority && ready[i] < ready[best]))
      best = i;
  }
  return best;
}

void RegionScheduler::place(uint32_t node) {
  live += pressureOf(node);
  for (uint32_t reg : info.reads(begin + node)) {
    auto it = usesLeft.find(reg);
    if (it != usesLeft.end() && --it->second == 0)
      held.erase(reg);
  }
  for (uint32_t reg : info.writes(begin + node))
    held.insert(reg);
  clock = std::max(clock, nodes[node].earliest);
  for (auto [to, latency] : nodes[node].successors)
    nodes[to].earliest = std::max(nodes[to].earliest, clock + latency);
  clock += code.ops[begin + node].issues;
}

void RegionScheduler::run(llvm::MutableArrayRef<uint32_t> order) {
  connectRegisters();
  connectMemory();
  // The branch or barrier at the end stays there.
  MemoryRole lastRole = code.ops[begin + size - 1].role;
  bool isEndFixed = program.ops[begin + size - 1].kind == OpKind::branch ||
                    program.ops[begin + size - 1].kind == OpKind::branchIndexed ||
                    program.ops[begin + size - 1].kind == OpKind::exit ||
                    lastRole == MemoryRole::barrier || lastRole == MemoryRole::productWait ||
                    lastRole == MemoryRole::phaseWait;
  if (isEndFixed)
    for (uint32_t i = 0; i + 1 < size; ++i)
      connect(i, size - 1, 0);
  findPriorities();
  countUses();

  std::vector<uint32_t> ready;
  for (uint32_t i = 0; i < size; ++i)
    if (nodes[i].predecessors == 0)
      ready.push_back(i);
  for (uint32_t &slot : order) {
    uint32_t at = choose(ready);
    uint32_t node = ready[at];
    ready[at] = ready.back();
    ready.pop_back();
    place(node);
    slot = begin + node;
    for (auto [to, latency] : nodes[node].successors)
      if (--nodes[to].predecessors == 0)
        ready.push_back(to);
  }
}

void poolc::vgpu::orderRegion(const Program &program, const TimedCode &code, uint32_t begin,
                              uint32_t end, unsigned registerBudget,
                              llvm::MutableArrayRef<uint32_t> order) {
  RegionScheduler(program, code, begin, end, registerBudget).run(order);
}
