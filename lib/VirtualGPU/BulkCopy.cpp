//===- BulkCopy.cpp - Copies that no thread makes, in flight --------------===//

#include "BulkCopy.h"

#include "Block.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

#include <cstring>

using namespace poolc::vgpu;

/// To the nearest, halves to even, as was measured on an H200; what is no number stays as it is.
static void roundToTF32(uint8_t *to, unsigned bytes) {
  constexpr uint32_t exponent = 0x7F800000, dropped = 0x1FFF, belowHalf = 0x0FFF;
  for (uint32_t bits; bytes != 0; bytes -= sizeof(bits), to += sizeof(bits)) {
    std::memcpy(&bits, to, sizeof(bits));
    if ((bits & exponent) != exponent)
      bits = (bits + belowHalf + (bits >> 13 & 1)) & ~dropped;
    std::memcpy(to, &bits, sizeof(bits));
  }
}

void poolc::vgpu::makeCopies(llvm::ArrayRef<BulkPiece> pieces, bool roundsToTF32) {
  for (const BulkPiece &piece : pieces) {
    if (piece.copied != 0)
      std::memcpy(piece.to, piece.from, piece.copied);
    std::memset(piece.to + piece.copied, 0, piece.bytes - piece.copied);
    if (roundsToTF32)
      roundToTF32(piece.to, piece.bytes);
  }
}

void BulkStores::clear() {
  stores.clear();
  groups.fill(0);
}

void BulkStores::commit(uint32_t mask) {
  for (BulkStore &store : stores)
    if (store.group == BulkStore::uncommitted && (mask >> store.lane & 1))
      store.group = groups[store.lane];
  for (; mask; mask &= mask - 1)
    ++groups[llvm::countr_zero(mask)];
}

void BulkStores::wait(uint32_t mask, uint64_t pending,
                      llvm::function_ref<void(const BulkStore &)> made) {
  llvm::erase_if(stores, [&](const BulkStore &store) {
    bool isDue = (mask >> store.lane & 1) && store.group != BulkStore::uncommitted &&
                 groups[store.lane] - store.group > pending;
    if (!isDue)
      return false;
    makeCopies(store.pieces, /*roundsToTF32=*/false);
    made(store);
    return true;
  });
}

void BulkStores::finish(llvm::function_ref<void(const BulkStore &)> made) {
  for (const BulkStore &store : stores) {
    makeCopies(store.pieces, /*roundsToTF32=*/false);
    made(store);
  }
  stores.clear();
}

void poolc::vgpu::commitBulkStores(Warp &warp, const Op &, uint32_t mask) {
  warp.bulkStores.commit(mask);
}

void poolc::vgpu::waitBulkStores(Warp &warp, const Op &op, uint32_t mask) {
  warp.bulkStores.wait(mask, uint64_t(op.immediate), [&](const BulkStore &store) {
    if (warp.block->observer)
      warp.block->observer->storeMade(warp, store);
  });
}

void Block::finishBulkStores() {
  for (Warp &warp : warps)
    warp.bulkStores.finish([&](const BulkStore &store) {
      report(warp, store.lane, {Sanitizer::sync, *store.op, unsigned(SyncFault::unread)}, [] {
        return std::string("exits while its copy may still read shared memory: expected "
                           "cp.async.bulk.wait_group before");
      });
    });
}

void poolc::vgpu::fenceProxy(Warp &, const Op &, uint32_t) {}
