//===- TimedCode.cpp - A kernel's code as the assembler orders it ---------===//

#include "TimedCode.h"

#include "../Program.h"
#include "../Warpgroup.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <numeric>

using namespace poolc;
using namespace poolc::vgpu;

/// Of a product, what a warp's rows of the first factor take of shared memory, if they are there.
static unsigned firstFactorBytes(const Op &op) {
  constexpr unsigned rows = 16, rowBytes = 32;
  return op.handler == multiplyWarpgroup && hasFirstInMemory(op) ? rows * rowBytes : 0;
}

void TimedCode::describe(const Program &program, const Machine &machine) {
  uint32_t traced = 0;
  for (auto [op, entry] : llvm::zip_equal(program.ops, program.code.entries)) {
    const OpCost &cost = entry.cost;
    TimedOp &timed = ops.emplace_back();
    timed.pipe = cost.pipe;
    timed.issues = cost.issues;
    timed.special = cost.special;
    timed.role = cost.role;
    timed.isTraced = isTraced(cost);
    timed.isShared = op.space == Space::shared;
    timed.pending = op.variant ? 0 : uint8_t(std::clamp<int64_t>(op.immediate, 0, 255));
    timed.isForAll = cost.role == MemoryRole::asyncWait && op.variant;
    timed.hold = float(machine.holdOf(cost));
    timed.sharedClocks =
        float((cost.sharedBytes + firstFactorBytes(op)) / machine.gpu.l1BytesPerCycle);
    timed.tensorActivity = float(machine.tensorActivityOf(cost));
    timed.latency = uint16_t(machine.latencyOf(cost));
    timed.firstRegister = entry.first;
    timed.reads = entry.reads;
    timed.writes = entry.writes;
    timed.tracedBefore = traced;
    traced += timed.isTraced;
  }
}

/// Whether a `second` that uses the result of a `first` becomes one instruction with it.
static bool becomeOne(Fusion first, Fusion second) {
  switch (second) {
  case Fusion::add:
    return first == Fusion::add || first == Fusion::shift || first == Fusion::multiply;
  case Fusion::addLong:
    return first == Fusion::wideMultiply;
  case Fusion::logic:
    return first == Fusion::logic;
  default:
    return false;
  }
}

/// mul.lo t, a, b; add d, t, c: one IMAD, if nobody else wants t. The first becomes
/// nothing, the second takes its place.
void TimedCode::fuse(const Program &program) {
  const CodeInfo &code = program.code;
  std::vector<uint32_t> uses(numRegisters), definitions(numRegisters), definedBy(numRegisters);
  for (uint32_t i = 0; i < ops.size(); ++i) {
    for (uint32_t reg : code.reads(i))
      ++uses[reg];
    for (uint32_t reg : code.writes(i))
      ++definitions[reg];
  }
  std::vector<bool> isTaken(ops.size());
  for (uint32_t region = 0, i = 0; i < ops.size(); ++i) {
    if (ops[i].regionStart != region || i == 0) {
      region = ops[i].regionStart;
      llvm::fill(definedBy, none);
    }
    for (uint32_t reg : code.reads(i)) {
      uint32_t first = definedBy[reg];
      if (first == none || uses[reg] != 1 || definitions[reg] != 1 || isTaken[first] ||
          !becomeOne(code.entries[first].cost.fusion, code.entries[i].cost.fusion))
        continue;
      isTaken[i] = true; // One instruction does not take up a third.
      bool isProduct = ops[first].pipe == Pipe::multiply;
      ops[i].pipe = ops[first].pipe;
      ops[i].hold = ops[first].hold;
      ops[i].issues = isProduct ? ops[first].issues : ops[i].issues;
      ops[i].latency = std::max(ops[first].latency, ops[i].latency);
      ops[first].issues = 0;
      ops[first].latency = 0;
      break;
    }
    for (uint32_t reg : code.writes(i))
      definedBy[reg] = i;
  }
}

/// A barrier ends a region: nothing is moved across it, and warps go different ways
/// from there. So does a wait for products, whose sums it makes known, and one for a phase.
void TimedCode::findRegions(const Program &program) {
  uint32_t size = uint32_t(ops.size());
  std::vector<bool> starts(size + 1, false);
  for (uint32_t start : program.code.blockStarts)
    starts[start] = true;
  for (uint32_t i = 0; i < size; ++i)
    if (ops[i].role == MemoryRole::barrier || ops[i].role == MemoryRole::productWait ||
        ops[i].role == MemoryRole::phaseWait)
      starts[i + 1] = true;
  starts[0] = starts[size] = true;
  for (uint32_t begin = 0; begin < size;) {
    uint32_t end = begin + 1;
    while (!starts[end])
      ++end;
    for (uint32_t i = begin; i < end; ++i) {
      ops[i].regionStart = begin;
      ops[i].regionEnd = end;
    }
    begin = end;
  }
}

TimedCode::TimedCode(const Program &program, const Machine &machine, unsigned registerBudget)
    : registers(program.code.registers), numRegisters(program.code.registerInfo.size()) {
  describe(program, machine);
  findRegions(program);
  fuse(program);
  order.resize(ops.size());
  std::iota(order.begin(), order.end(), 0);
  // Larger ones are taken to be in a good order: nobody writes such by hand.
  constexpr uint32_t maxRegion = 1u << 14;
  for (uint32_t begin = 0; begin < ops.size(); begin = ops[begin].regionEnd) {
    uint32_t end = ops[begin].regionEnd;
    if (end - begin > 2 && end - begin <= maxRegion)
      orderRegion(program, *this, begin, end, registerBudget,
                  llvm::MutableArrayRef(order).slice(begin, end - begin));
  }
}
