//===- MemorySystem.cpp - Caches between the SMs and DRAM -----------------===//

#include "MemorySystem.h"

#include "../Random.h"

#include "llvm/ADT/bit.h"

using namespace poolc;
using namespace poolc::vgpu;

MemorySystem::MemorySystem(const GPU &gpu, uint64_t l1Bytes, bool isSampled)
    : readsIncomplete(gpu.dramHasECC), dram(isSampled), l1(gpu.numSMs, L1Cache(l1Bytes)) {
  unsigned partitions = std::max(1u, gpu.l2Partitions);
  l2.assign(partitions, L2Cache(gpu.l2Bytes / partitions, std::max(1u, gpu.l2Ways)));
}

void MemorySystem::follow(const LineSample &lines) {
  weight = lines.weight();
  dram.follow(lines);
  for (L1Cache &cache : l1)
    cache.follow(lines);
}

/// The partition that is responsible for a line.
unsigned MemorySystem::homeOf(uint64_t line) const {
  return l2.size() == 1 ? 0 : mix(~line) % l2.size();
}

unsigned MemorySystem::completed(bool counts) {
  unsigned sectors = 0;
  for (L2Cache &part : l2)
    sectors += part.takeIncomplete();
  if (!readsIncomplete)
    return 0;
  dram.complete(sectors, counts);
  return sectors;
}

static SectorMask sectorsOf(const LineBytes &bytes) { return LineTouch{0, bytes}.sectors(); }

Transfers MemorySystem::load(unsigned sm, uint64_t line, SectorMask sectors, bool counts) {
  SectorMask hits = l1[sm].load(line, sectors);
  if (counts) {
    counted.l1Lookups += weight * llvm::popcount(sectors);
    counted.l1Hits += weight * llvm::popcount(hits);
  }
  // What the L1 has kept from another run is used by several.
  dram.read(line, hits, /*fetched=*/0, counts);
  Transfers transfers;
  if (SectorMask missing = sectors & ~hits)
    transfers = loadAroundL1(sm, line, missing, counts);
  transfers.l1Hits = llvm::popcount(hits);
  return transfers;
}

Transfers MemorySystem::loadAroundL1(unsigned sm, uint64_t line, SectorMask sectors, bool counts) {
  SectorMask wanted = sectors;
  auto lookUp = [&](unsigned partition) {
    SectorMask hits = l2[partition].load(line, wanted);
    if (counts) {
      counted.l2Lookups += weight * llvm::popcount(wanted);
      counted.l2Hits += weight * llvm::popcount(hits);
    }
    wanted &= ~hits;
  };
  unsigned near = sm % l2.size(), home = homeOf(line);
  lookUp(near);
  if (wanted && home != near)
    lookUp(home);
  dram.read(line, sectors, wanted, counts);
  Transfers transfers;
  transfers.fetched = llvm::popcount(wanted) + completed(counts);
  return transfers;
}

Transfers MemorySystem::store(unsigned sm, uint64_t line, const LineBytes &bytes, bool counts) {
  SectorMask sectors = sectorsOf(bytes);
  SectorMask hits = l1[sm].store(line, sectors);
  unsigned home = homeOf(line);
  SectorMask fresh = l2[home].store(line, bytes);
  if (counts) {
    counted.l1Lookups += weight * llvm::popcount(sectors);
    counted.l1Hits += weight * llvm::popcount(hits);
    // A store fetches nothing: it counts as a hit, also on its way to the other part.
    unsigned passed = home == sm % l2.size() ? 1 : 2;
    counted.l2Lookups += weight * passed * llvm::popcount(sectors);
    counted.l2Hits += weight * passed * llvm::popcount(sectors);
  }
  dram.write(line, sectors, fresh, counts);
  Transfers transfers;
  transfers.fetched = completed(counts);
  transfers.dirtied = llvm::popcount(fresh);
  return transfers;
}

Transfers MemorySystem::atomic(unsigned sm, uint64_t line, const LineBytes &bytes, bool counts) {
  SectorMask sectors = sectorsOf(bytes);
  L2Cache &home = l2[homeOf(line)];
  SectorMask hits = home.load(line, sectors);
  SectorMask fresh = home.store(line, bytes);
  if (counts) {
    counted.l2Lookups += weight * llvm::popcount(sectors);
    counted.l2Hits += weight * llvm::popcount(hits);
  }
  SectorMask missing = sectors & ~hits;
  dram.read(line, sectors, missing, counts);
  dram.write(line, sectors, fresh, counts);
  Transfers transfers;
  transfers.fetched = llvm::popcount(missing) + completed(counts);
  transfers.dirtied = llvm::popcount(fresh);
  return transfers;
}
