//===- Access.cpp - Checking memory accesses ------------------------------===//

#include "Access.h"

#include "llvm/Support/FormatVariadic.h"

#include <cstring>

using namespace poolc::vgpu;

static llvm::StringRef nameOf(Space space) {
  switch (space) {
  case Space::shared:
    return "shared";
  case Space::local:
    return "local";
  case Space::param:
    return "parameter";
  case Space::constant:
    return "constant";
  default:
    return "global";
  }
}

static std::string nameOf(Space space, unsigned bytes, AccessKind kind) {
  llvm::StringRef verb = kind == AccessKind::load    ? "load"
                         : kind == AccessKind::store ? "store"
                                                     : "atomic operation";
  return llvm::formatv("{0} {1} of {2} bytes", nameOf(space), verb, bytes);
}

void poolc::vgpu::raiseMisaligned(Warp &warp, const Op &op, Space space, const uint64_t *addresses,
                                  uint32_t mask, unsigned bytes, AccessKind kind) {
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    uint64_t address = addresses[lane];
    if (address % bytes == 0)
      continue;
    if (space == Space::generic)
      space = windowOf(address);
    std::string where;
    if (space == Space::global)
      where = ", " + warp.block->launch.memory->describe(address);
    warp.block->raise(
        warp, op, lane,
        llvm::formatv("misaligned {0} at {1:x}{2}", nameOf(space, bytes, kind), address, where)
            .str());
    return;
  }
}

/// Faults for an address outside of [begin, end) of its space.
static void raiseBeyond(Warp &warp, const Op &op, unsigned lane, Space space, uint64_t address,
                        unsigned bytes, AccessKind kind, uint64_t begin, uint64_t end) {
  std::string what = begin == end
                         ? llvm::formatv("the kernel has no {0} memory", nameOf(space)).str()
                         : llvm::formatv("{0} memory ends at {1:x}", nameOf(space), end).str();
  if (begin != end && address < begin)
    what = llvm::formatv("{0} memory begins at {1:x}", nameOf(space), begin);
  warp.block->raise(
      warp, op, lane,
      llvm::formatv("out-of-bounds {0} at {1:x}: {2}", nameOf(space, bytes, kind), address, what)
          .str());
}

static uint8_t *resolveGlobal(Warp &warp, const Op &op, Space space, uint64_t address,
                              unsigned lane, unsigned bytes, AccessKind kind) {
  Block &block = *warp.block;
  Allocation *allocation = op.site < block.lastHit.size() ? block.lastHit[op.site] : nullptr;
  if (!allocation || !allocation->contains(address, bytes))
    allocation = block.launch.memory->find(address);
  if (!allocation || !allocation->contains(address, bytes)) {
    block.raise(warp, op, lane,
                llvm::formatv("out-of-bounds {0} at {1:x}: {2}", nameOf(space, bytes, kind),
                              address, block.launch.memory->describe(address))
                    .str());
    return nullptr;
  }
  if (isWriting(kind) && allocation->readOnly) {
    block.raise(warp, op, lane,
                llvm::formatv("{0} at {1:x}, in the read-only buffer '{2}'",
                              nameOf(space, bytes, kind), address, allocation->name())
                    .str());
    return nullptr;
  }
  uint64_t offset = address - allocation->base;
  allocation->touch(offset, offset + bytes - 1);
  if (isWriting(kind) && allocation->written)
    std::memset(allocation->written + offset, 1, bytes);
  if (op.site < block.lastHit.size())
    block.lastHit[op.site] = allocation;
  return allocation->data + offset;
}

static uint8_t *resolveLane(Warp &warp, const Op &op, Space space, uint64_t address, unsigned lane,
                            unsigned bytes, AccessKind kind) {
  Block &block = *warp.block;
  if (space == Space::generic)
    space = windowOf(address);
  auto inside = [&](uint64_t begin, uint64_t end) {
    if (address >= begin && address <= end && bytes <= end - address)
      return true;
    raiseBeyond(warp, op, lane, space, address, bytes, kind, begin, end);
    return false;
  };
  switch (space) {
  case Space::shared:
    if (!inside(sharedBase, sharedBase + block.launch.sharedBytes))
      return nullptr;
    return block.shared + address;
  case Space::local:
    if (!inside(0, block.program.localBytes))
      return nullptr;
    return warp.local + lane * size_t(block.program.localBytes) + address;
  case Space::param:
    if (isWriting(kind)) {
      block.raise(warp, op, lane, llvm::Twine("store to a kernel parameter"));
      return nullptr;
    }
    if (!inside(0, block.program.parameterBytes))
      return nullptr;
    return const_cast<uint8_t *>(block.launch.parameters.data()) + address;
  default:
    return resolveGlobal(warp, op, space, address, lane, bytes, kind);
  }
}

bool poolc::vgpu::resolveEach(Warp &warp, const Op &op, Space space, uint64_t *addresses,
                              uint32_t mask, unsigned bytes, AccessKind kind) {
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    uint8_t *host = resolveLane(warp, op, space, addresses[lane], lane, bytes, kind);
    if (!host)
      return false;
    addresses[lane] = reinterpret_cast<uint64_t>(host);
  }
  // Loads also read for inactive lanes.
  uint64_t first = addresses[llvm::countr_zero(mask)];
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (!(mask >> lane & 1))
      addresses[lane] = first;
  return true;
}

bool poolc::vgpu::resolveAccess(Warp &warp, const Op &op, Space space, uint64_t *addresses,
                                uint32_t mask, unsigned bytes, AccessKind kind) {
  uint64_t all = 0;
  for (uint32_t rest = mask; rest; rest &= rest - 1)
    all |= addresses[llvm::countr_zero(rest)];
  if (all % bytes != 0) {
    raiseMisaligned(warp, op, space, addresses, mask, bytes, kind);
    return false;
  }
  uint64_t device[warpSize];
  std::memcpy(device, addresses, sizeof(device));
  if (!resolveEach(warp, op, space, addresses, mask, bytes, kind))
    return false;
  if (Observer *observer = warp.block->observer)
    observer->access(warp, {op, mask, space, isWriting(kind), bytes, device});
  return !warp.block->faulted();
}

void poolc::vgpu::readAddresses(uint64_t *addresses, const Warp &warp, uint32_t slot, unsigned bits,
                                int64_t offset, uint32_t mask) {
  // In a register of 32 bits the sum wraps around.
  for (unsigned lane = 0; lane < warpSize; ++lane)
    addresses[lane] = bits == 32 ? warp.reg<uint32_t>(slot)[lane] + uint32_t(offset)
                                 : warp.reg<uint64_t>(slot)[lane] + uint64_t(offset);
  uint64_t first = addresses[llvm::countr_zero(mask)];
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (!(mask >> lane & 1))
      addresses[lane] = first;
}
