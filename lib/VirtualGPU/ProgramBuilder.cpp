//===- ProgramBuilder.cpp - Registers and code being built ----------------===//

#include "ProgramBuilder.h"

#include "ControlFlow.h"
#include "Memory.h"

#include <cstring>
#include <numeric>
#include <queue>

using namespace poolc::vgpu;

uint32_t ProgramBuilder::newRegister(unsigned bits) {
  registers.push_back({uint8_t(bits)});
  return uint32_t(registers.size() - 1);
}

uint32_t ProgramBuilder::newFixed(unsigned bits) {
  uint32_t reg = newRegister(bits);
  registers[reg].isFixed = true;
  return reg;
}

uint32_t ProgramBuilder::constant(uint64_t value, unsigned bits) {
  if (bits < 64)
    value &= (uint64_t(1) << bits) - 1;
  auto [it, isNew] = constants.try_emplace({value, bits}, 0);
  if (isNew)
    it->second = newFixed(bits);
  return it->second;
}

uint32_t ProgramBuilder::dynamicShared(uint64_t offset, unsigned bits) {
  auto [it, isNew] = dynamicShareds.try_emplace({offset, bits}, 0);
  if (isNew)
    it->second = newFixed(bits);
  return it->second;
}

uint32_t ProgramBuilder::special(Special special, unsigned bits) {
  auto [it, isNew] = specials.try_emplace({special, bits}, 0);
  if (isNew)
    it->second = newFixed(bits);
  return it->second;
}

/// Bytes of a register's 32 lanes: one bit each for predicates.
static uint32_t slotBytes(unsigned bits) { return bits == 1 ? 4 : warpSize * bits / 8; }

void ProgramBuilder::fill(uint32_t reg, uint64_t value) {
  unsigned bits = registers[reg].bits;
  uint8_t *slot = program->registerImage.data() + registers[reg].slot;
  if (bits == 1) {
    uint32_t mask = value ? fullMask : 0;
    std::memcpy(slot, &mask, sizeof(mask));
    return;
  }
  for (unsigned lane = 0; lane < warpSize; ++lane)
    std::memcpy(slot + lane * bits / 8, &value, bits / 8);
}

uint32_t ProgramBuilder::countLive(llvm::ArrayRef<LiveInterval> intervals) {
  std::map<uint32_t, int64_t> changes;
  CodeInfo &code = program->code;
  code.liveBefore.assign(ops.size(), 0);
  for (auto [reg, interval] : llvm::zip_equal(registers, intervals)) {
    // Predicates have registers of their own, constants need none.
    if (reg.isFixed || reg.bits == 1 || interval.begin == none)
      continue;
    int64_t size = reg.bits == 64 ? 2 : 1;
    changes[interval.begin] += size;
    changes[interval.end + 1] -= size;
  }
  int64_t live = 0, most = 0;
  auto change = changes.begin();
  for (uint32_t op = 0; op < ops.size(); ++op)
    for (uint32_t position : {2 * op, 2 * op + 1}) {
      for (; change != changes.end() && change->first <= position; ++change)
        live += change->second;
      most = std::max(most, live);
      if (position % 2 == 0)
        code.liveBefore[op] = uint32_t(live);
    }
  return uint32_t(most);
}

void ProgramBuilder::placeRegisters(const FlowGraph &graph) {
  std::optional<std::vector<LiveInterval>> intervals =
      findLiveIntervals(ops, graph, registers.size());
  if (intervals) {
    program->liveRegisters = countLive(*intervals);
    for (auto [info, interval] : llvm::zip_equal(program->code.registerInfo, *intervals))
      info.lastUse = interval.begin == none ? 0 : interval.end / 2;
  }
  // Places are numbered by width first, and laid out once all are known.
  std::map<unsigned, uint32_t> numPlaces;
  std::map<unsigned, std::vector<uint32_t>> freePlaces;
  using Ending = std::pair<uint32_t, uint32_t>;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> running;
  std::vector<uint32_t> order(registers.size());
  std::iota(order.begin(), order.end(), 0);
  auto beginOf = [&](uint32_t reg) {
    return registers[reg].isFixed || !intervals ? 0 : (*intervals)[reg].begin;
  };
  llvm::sort(order, [&](uint32_t a, uint32_t b) {
    return std::pair(beginOf(a), a) < std::pair(beginOf(b), b);
  });
  for (uint32_t reg : order) {
    Register &to = registers[reg];
    bool keepsPlace = to.isFixed || !intervals;
    uint32_t begin = beginOf(reg);
    if (begin == none)
      continue;
    for (; !running.empty() && running.top().first < begin; running.pop()) {
      const Register &ended = registers[running.top().second];
      freePlaces[ended.bits].push_back(ended.slot);
    }
    std::vector<uint32_t> &free = freePlaces[to.bits];
    if (free.empty() || keepsPlace) {
      to.slot = numPlaces[to.bits]++;
    } else {
      to.slot = free.back();
      free.pop_back();
    }
    if (!keepsPlace)
      running.push({(*intervals)[reg].end, reg});
  }
  // Vectors first, so that they are aligned, predicates last.
  uint32_t offset = 0;
  std::map<unsigned, uint32_t> base;
  for (unsigned bits : {64, 32, 16, 1}) {
    base[bits] = offset;
    offset += numPlaces[bits] * slotBytes(bits);
  }
  for (Register &reg : registers)
    if (reg.slot != none)
      reg.slot = base[reg.bits] + reg.slot * slotBytes(reg.bits);
  program->registerImage.resize((offset / 64 + 1) * 64);
  fillPoison(program->registerImage);
  for (const auto &[key, reg] : constants)
    fill(reg, key.first);
  for (const auto &[key, reg] : dynamicShareds)
    fill(reg, key.first + dynamicSharedAddress);
  for (const auto &[key, reg] : specials)
    program->specials.push_back({key.first, registers[reg].slot, uint8_t(key.second)});
}

void ProgramBuilder::describeCode(const FlowGraph &graph) {
  CodeInfo &code = program->code;
  code.blockStarts = graph.starts;
  for (const Register &reg : registers)
    code.registerInfo.push_back(
        {uint8_t(reg.bits == 64 ? 2 : reg.bits != 1), uint32_t(ops.size())});
  for (const DraftOp &draft : ops) {
    CodeInfo::Entry entry;
    if (draft.cost)
      entry.cost = *draft.cost;
    entry.first = uint32_t(code.registers.size());
    llvm::SmallVector<uint32_t, 8> written;
    visitRegisters(
        draft,
        [&](uint32_t reg) {
          if (!registers[reg].isFixed)
            code.registers.push_back(reg);
        },
        [&](uint32_t reg) { written.push_back(reg); });
    entry.reads = uint16_t(code.registers.size() - entry.first);
    entry.writes = uint16_t(written.size());
    llvm::append_range(code.registers, written);
    code.entries.push_back(entry);
  }
}

std::unique_ptr<Program> ProgramBuilder::finish() {
  FlowGraph graph(ops);
  findReconvergence(ops, graph);
  describeCode(graph);
  placeRegisters(graph);
  auto place = [&](uint32_t &reg) {
    if (reg != none)
      reg = registers[reg].slot;
  };
  for (DraftOp &draft : ops) {
    Op &op = draft.op;
    place(op.guard);
    place(op.dst);
    place(op.dst2);
    for (uint32_t &source : op.src)
      place(source);
    op.list = uint32_t(program->lists.size());
    for (uint32_t entry : draft.list) {
      if (!draft.listIsTargets)
        place(entry);
      program->lists.push_back(entry);
    }
    program->ops.push_back(op);
  }
  return std::move(program);
}
