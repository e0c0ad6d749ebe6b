//===- ProgramBuilder.cpp - Registers and code being built ----------------===//

#include "ProgramBuilder.h"

#include "Memory.h"

#include <cstring>

using namespace poolc::vgpu;

uint32_t ProgramBuilder::newRegister(unsigned bits) {
  registers.push_back({uint8_t(bits)});
  return uint32_t(registers.size() - 1);
}

uint32_t ProgramBuilder::constant(uint64_t value, unsigned bits) {
  if (bits < 64)
    value &= (uint64_t(1) << bits) - 1;
  auto [it, isNew] = constants.try_emplace({value, bits}, 0);
  if (isNew)
    it->second = newRegister(bits);
  return it->second;
}

uint32_t ProgramBuilder::dynamicShared(uint64_t offset, unsigned bits) {
  auto [it, isNew] = dynamicShareds.try_emplace({offset, bits}, 0);
  if (isNew)
    it->second = newRegister(bits);
  return it->second;
}

uint32_t ProgramBuilder::special(Special special, unsigned bits) {
  auto [it, isNew] = specials.try_emplace({special, bits}, 0);
  if (isNew)
    it->second = newRegister(bits);
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

void ProgramBuilder::placeRegisters() {
  // Vectors first, so that they are aligned, predicates last.
  uint32_t offset = 0;
  for (bool predicates : {false, true})
    for (Register &reg : registers)
      if ((reg.bits == 1) == predicates) {
        reg.slot = offset;
        offset += slotBytes(reg.bits);
      }
  program->registerImage.resize((offset + 63) / 64 * 64);
  fillPoison(program->registerImage);
  for (const auto &[key, reg] : constants)
    fill(reg, key.first);
  for (const auto &[key, reg] : dynamicShareds)
    fill(reg, key.first + dynamicSharedAddress);
  for (const auto &[key, reg] : specials)
    program->specials.push_back({key.first, registers[reg].slot, uint8_t(key.second)});
}

std::unique_ptr<Program> ProgramBuilder::finish() {
  findReconvergence(ops);
  placeRegisters();
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
