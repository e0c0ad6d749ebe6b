//===- Cache.cpp - Models of the L1 and L2 caches -------------------------===//

#include "Cache.h"

#include "../Random.h"

using namespace poolc;
using namespace poolc::vgpu;

//===----------------------------------------------------------------------===//
// L1
//===----------------------------------------------------------------------===//

void L1Cache::unlink(uint32_t index) {
  Entry &entry = entries[index];
  (entry.newer == nobody ? newest : entries[entry.newer].older) = entry.older;
  (entry.older == nobody ? oldest : entries[entry.older].newer) = entry.newer;
}

void L1Cache::makeNewest(uint32_t index) {
  Entry &entry = entries[index];
  entry.newer = nobody;
  entry.older = newest;
  (newest == nobody ? oldest : entries[newest].newer) = index;
  newest = index;
}

/// The place of a line, which it takes from the oldest one if it has none.
uint32_t L1Cache::entryFor(uint64_t line) {
  auto [it, isNew] = places.try_emplace(line, uint32_t(entries.size()));
  uint32_t index = it->second;
  if (!isNew) {
    unlink(index);
  } else if (entries.size() < capacity) {
    entries.push_back({line, nobody, nobody, 0});
  } else {
    index = oldest;
    it->second = index;
    unlink(index);
    places.erase(entries[index].line);
    entries[index].line = line;
    entries[index].present = 0;
  }
  makeNewest(index);
  return index;
}

SectorMask L1Cache::load(uint64_t line, SectorMask sectors) {
  if (capacity == 0)
    return 0;
  Entry &entry = entries[entryFor(line)];
  SectorMask hits = entry.present & sectors;
  entry.present |= sectors;
  return hits;
}

SectorMask L1Cache::store(uint64_t line, SectorMask sectors) {
  auto it = places.find(line);
  if (it == places.end())
    return 0;
  uint32_t index = it->second;
  unlink(index);
  makeNewest(index);
  return entries[index].present & sectors;
}

void L1Cache::follow(const LineSample &sample) {
  L1Cache smaller(bytes >> sample.level);
  smaller.bytes = bytes;
  for (uint32_t index = oldest; index != nobody; index = entries[index].newer)
    if (smaller.capacity > 0 && sample.keeps(entries[index].line))
      smaller.load(entries[index].line, entries[index].present);
  *this = std::move(smaller);
}

//===----------------------------------------------------------------------===//
// L2
//===----------------------------------------------------------------------===//

L2Cache::L2Cache(uint64_t bytes, unsigned ways)
    : ways(ways), numSets(std::max<uint64_t>(1, bytes / cacheLineBytes / ways)),
      entries(numSets * ways) {}

uint64_t vgpu::setOfLine(uint64_t line, uint64_t numSets) { return mix(line) % numSets; }

L2Cache::Entry *L2Cache::setOf(uint64_t line) {
  return entries.data() + setOfLine(line, numSets) * ways;
}

static SectorMask completeSectors(const LineBytes &valid) {
  SectorMask mask = 0;
  for (unsigned sector = 0; sector < sectorsPerLine; ++sector)
    mask |= SectorMask((valid[sector] == wholeSector) << sector);
  return mask;
}

L2Cache::Entry &L2Cache::entryFor(uint64_t line) {
  ++now;
  Entry *set = setOf(line);
  Entry *victim = set;
  for (Entry *entry = set; entry != set + ways; ++entry) {
    if (entry->line == line) {
      entry->lastUse = now;
      return *entry;
    }
    if (entry->lastUse < victim->lastUse)
      victim = entry;
  }
  incomplete += llvm::popcount(SectorMask(victim->dirty & ~completeSectors(victim->valid)));
  *victim = {};
  victim->line = line;
  victim->lastUse = now;
  return *victim;
}

SectorMask L2Cache::load(uint64_t line, SectorMask sectors) {
  Entry &entry = entryFor(line);
  SectorMask hits = completeSectors(entry.valid) & sectors;
  for (unsigned sector = 0; sector < sectorsPerLine; ++sector)
    if (sectors >> sector & 1)
      entry.valid[sector] = wholeSector;
  return hits;
}

SectorMask L2Cache::store(uint64_t line, const LineBytes &bytes) {
  Entry &entry = entryFor(line);
  SectorMask written = 0;
  for (unsigned sector = 0; sector < sectorsPerLine; ++sector) {
    entry.valid[sector] |= bytes[sector];
    written |= SectorMask((bytes[sector] != 0) << sector);
  }
  SectorMask fresh = written & ~entry.dirty;
  entry.dirty |= written;
  return fresh;
}
