//===- InitCheck.cpp - The init sanitizer ---------------------------------===//

#include "InitCheck.h"

#include "Access.h"
#include "Places.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cstring>

using namespace poolc::vgpu;

void InitCheck::startBlock() {
  llvm::fill(shared, 0);
  llvm::fill(local, 0);
}

uint8_t *InitCheck::flagsOf(const Warp &warp, Space space, uint64_t address, unsigned lane) {
  switch (space) {
  case Space::shared:
    return shared.data() + address;
  case Space::local:
    return local.data() + size_t(warp.index * warpSize + lane) * block.program.localBytes + address;
  case Space::param:
    return nullptr;
  default: {
    const Allocation *allocation = block.launch.memory->find(address);
    return allocation && allocation->written ? allocation->written + (address - allocation->base)
                                             : nullptr;
  }
  }
}

void InitCheck::access(const Warp &warp, const MemoryAccess &access) {
  for (uint32_t rest = access.mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    uint64_t address = access.addresses[lane];
    unsigned bytes = access.bytesOf(lane);
    Space space = access.space == Space::generic ? windowOf(address) : access.space;
    uint8_t *flags = flagsOf(warp, space, address, lane);
    if (!flags)
      continue;
    if (access.kind == AccessKind::load || access.kind == AccessKind::atomic)
      if (const void *missing = std::memchr(flags, 0, bytes)) {
        uint64_t first = address + uint64_t(static_cast<const uint8_t *>(missing) - flags);
        auto count = unsigned(std::count(flags, flags + bytes, 0));
        reports.add(warp, access.issuerOf(lane),
                    {Sanitizer::init, access.op, 0, placeSubject(block, space, address)},
                    [&]() -> std::string {
                      return llvm::formatv("reads {0} bytes at {1:x}, of which {2} were never "
                                           "written: {3}",
                                           bytes, address,
                                           count == bytes ? "all" : llvm::utostr(count),
                                           describePlace(block, space, first));
                    });
      }
    // Flags of global memory are kept by the executor.
    bool isOwn = space == Space::shared || space == Space::local;
    if (isOwn && isWriting(access.kind) && access.kind != AccessKind::copy)
      std::memset(flags, 1, bytes);
  }
}

void InitCheck::copyLanded(const uint8_t *to, unsigned bytes) {
  if (to != block.sink)
    std::memset(shared.data() + (to - block.shared), 1, bytes);
}
