//===- Places.cpp - Places in a block's memories --------------------------===//

#include "Places.h"

#include "llvm/Support/FormatVariadic.h"

using namespace poolc::vgpu;

static const SharedVariable *findShared(const Program &program, uint64_t address) {
  for (const SharedVariable &variable : program.sharedVariables)
    if (address >= variable.address && address - variable.address < variable.bytes)
      return &variable;
  return nullptr;
}

std::string poolc::vgpu::describePlace(const Block &block, Space space, uint64_t address) {
  const Program &program = block.program;
  switch (space) {
  case Space::shared: {
    if (const SharedVariable *variable = findShared(program, address))
      return llvm::formatv("byte {0} of shared variable '{1}'", address - variable->address,
                           variable->name);
    uint64_t dynamic = sharedBase + program.sharedBytes;
    if (address >= dynamic)
      return llvm::formatv("byte {0} of dynamic shared memory", address - dynamic);
    return "in shared memory";
  }
  case Space::local:
    return llvm::formatv("byte {0} of local memory", address);
  case Space::param:
    return llvm::formatv("byte {0} of the kernel's parameters", address);
  default:
    return block.launch.memory->describe(address);
  }
}

uint64_t poolc::vgpu::placeSubject(const Block &block, Space space, uint64_t address) {
  if (space == Space::global || space == Space::constant)
    return block.launch.memory->nearest(address);
  if (space == Space::shared)
    if (const SharedVariable *variable = findShared(block.program, address))
      return variable->address;
  return 0;
}

const uint8_t *poolc::vgpu::hostAddress(const Block &block, Space space, uint64_t address) {
  if (space == Space::shared)
    return block.shared + address;
  const Allocation *allocation = block.launch.memory->find(address);
  return allocation ? allocation->data + (address - allocation->base) : nullptr;
}
