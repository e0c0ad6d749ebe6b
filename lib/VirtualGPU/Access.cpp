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
  llvm::StringRef verb = kind == AccessKind::load     ? "load"
                         : kind == AccessKind::atomic ? "atomic operation"
                                                      : "store";
  return llvm::formatv("{0} {1} of {2} bytes", nameOf(space), verb, bytes);
}

namespace {

enum class MemoryFault : uint8_t { misaligned, outOfBounds, readOnly };

/// One lane's access, on its way to a host address.
struct LaneAccess {
  Warp &warp;
  const Op &op;
  Space space;
  uint64_t address;
  unsigned lane;
  unsigned bytes;
  AccessKind kind;

  uint8_t *resolve(unsigned alignment);

private:
  uint8_t *fail(MemoryFault what, uint64_t subject, Describe text);
  uint8_t *resolveWithin(uint64_t begin, uint64_t end, uint8_t *host);
  uint8_t *resolveGlobal();

  std::string name() const { return nameOf(space, bytes, kind); }
  const GlobalMemory &memory() const { return *warp.block->launch.memory; }
};

} // namespace

uint8_t *LaneAccess::fail(MemoryFault what, uint64_t subject, Describe text) {
  Block &block = *warp.block;
  Finding finding{Sanitizer::memory, op, unsigned(what), subject};
  if (!block.report(warp, lane, finding, text))
    return nullptr;
  fillPoison(block.sink);
  return block.sink;
}

uint8_t *LaneAccess::resolveWithin(uint64_t begin, uint64_t end, uint8_t *host) {
  if (address >= begin && address <= end && bytes <= end - address)
    return host + address;
  return fail(MemoryFault::outOfBounds, uint64_t(space), [&]() -> std::string {
    std::string what = begin == end
                           ? llvm::formatv("the kernel has no {0} memory", nameOf(space)).str()
                           : llvm::formatv("{0} memory ends at {1:x}", nameOf(space), end).str();
    if (begin != end && address < begin)
      what = llvm::formatv("{0} memory begins at {1:x}", nameOf(space), begin);
    return llvm::formatv("out-of-bounds {0} at {1:x}: {2}", name(), address, what);
  });
}

uint8_t *LaneAccess::resolveGlobal() {
  Block &block = *warp.block;
  Allocation *allocation = op.site < block.lastHit.size() ? block.lastHit[op.site] : nullptr;
  if (!allocation || !allocation->contains(address, bytes))
    allocation = memory().find(address);
  if (!allocation || !allocation->contains(address, bytes))
    return fail(MemoryFault::outOfBounds, memory().nearest(address), [&]() -> std::string {
      return llvm::formatv("out-of-bounds {0} at {1:x}: {2}", name(), address,
                           memory().describe(address));
    });
  if (isWriting(kind) && allocation->readOnly)
    return fail(MemoryFault::readOnly, allocation->base, [&]() -> std::string {
      return llvm::formatv("{0} at {1:x}, in the read-only buffer '{2}'", name(), address,
                           allocation->name());
    });
  uint64_t offset = address - allocation->base;
  allocation->touch(offset, offset + bytes - 1);
  if (kind == AccessKind::store && allocation->written)
    std::memset(allocation->written + offset, 1, bytes);
  if (op.site < block.lastHit.size())
    block.lastHit[op.site] = allocation;
  return allocation->data + offset;
}

uint8_t *LaneAccess::resolve(unsigned alignment) {
  Block &block = *warp.block;
  bool isAligned = address % alignment == 0;
  if (space == Space::generic)
    space = windowOf(address);
  if (!isAligned)
    return fail(MemoryFault::misaligned, uint64_t(space), [&]() -> std::string {
      std::string where = space == Space::global ? ", " + memory().describe(address) : "";
      return llvm::formatv("misaligned {0} at {1:x}{2}", name(), address, where);
    });
  switch (space) {
  case Space::shared:
    return resolveWithin(sharedBase, sharedBase + uint64_t(block.launch.sharedBytes), block.shared);
  case Space::local:
    return resolveWithin(0, block.program.localBytes,
                         warp.local + lane * size_t(block.program.localBytes));
  case Space::param:
    if (isWriting(kind))
      return fail(MemoryFault::readOnly, uint64_t(space),
                  [] { return std::string("store to a kernel parameter"); });
    return resolveWithin(0, block.program.parameterBytes,
                         const_cast<uint8_t *>(block.launch.parameters.data()));
  default:
    return resolveGlobal();
  }
}

uint8_t *poolc::vgpu::resolveLane(Warp &warp, const Op &op, Space space, uint64_t address,
                                  unsigned lane, unsigned bytes, unsigned alignment,
                                  AccessKind kind) {
  return LaneAccess{warp, op, space, address, lane, bytes, kind}.resolve(alignment);
}

bool poolc::vgpu::resolveEach(Warp &warp, const Op &op, Space space, uint64_t *addresses,
                              uint32_t mask, unsigned bytes, AccessKind kind) {
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    uint8_t *host = resolveLane(warp, op, space, addresses[lane], lane, bytes, bytes, kind);
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

uint32_t poolc::vgpu::lanesInMemory(const Block &block, const uint64_t *hostAddresses,
                                    uint32_t mask) {
  auto sink = reinterpret_cast<uint64_t>(block.sink);
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (hostAddresses[lane] == sink)
      mask &= ~(uint32_t(1) << lane);
  return mask;
}

/// Marks what an atomic operation writes: after the sanitizers have seen whether
/// it was written before.
static void markAtomic(Warp &warp, Space space, const uint64_t *addresses, uint32_t mask,
                       unsigned bytes) {
  if (space != Space::global && space != Space::generic)
    return;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    uint64_t address = addresses[llvm::countr_zero(rest)];
    Allocation *allocation = warp.block->launch.memory->find(address);
    if (allocation && allocation->written)
      std::memset(allocation->written + (address - allocation->base), 1, bytes);
  }
}

bool poolc::vgpu::resolveAccess(Warp &warp, const Op &op, Space space, uint64_t *addresses,
                                uint32_t mask, unsigned bytes, AccessKind kind) {
  uint64_t device[warpSize];
  std::memcpy(device, addresses, sizeof(device));
  if (!resolveEach(warp, op, space, addresses, mask, bytes, kind))
    return false;
  Block &block = *warp.block;
  if (block.observer) {
    mask = lanesInMemory(block, addresses, mask);
    block.observer->access(warp, {op, mask, space, kind, bytes, device});
  }
  if (kind == AccessKind::atomic)
    markAtomic(warp, space, device, mask, bytes);
  return !block.faulted();
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
