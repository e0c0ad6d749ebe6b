//===- Cache.h - Models of the L1 and L2 caches -----------------*- C++ -*-===//
//
// Sectored caches: a line has one tag, and each of its sectors is there or not.
// They know addresses only, no contents.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_CACHE_H
#define POOLC_LIB_VIRTUALGPU_METRICS_CACHE_H

#include "Coalescing.h"

#include "llvm/ADT/DenseMap.h"

#include <utility>
#include <vector>

namespace poolc::vgpu {

/// The set of a line in an L2 that has so many. Lines are spread by a hash, as on the
/// hardware: strides that are powers of two use all sets.
uint64_t setOfLine(uint64_t line, uint64_t numSets);

/// The lines that the models follow where all of them would be too many: those of one
/// out of 2^level sets of the L2. Each stands for as many as `weight`.
struct LineSample {
  uint64_t numSets = 1;
  unsigned level = 0;

  /// Beyond, an L1 would have next to no lines.
  static constexpr unsigned maxLevel = 7;
  bool keeps(uint64_t line) const {
    return level == 0 || setOfLine(line, numSets) < std::max<uint64_t>(1, numSets >> level);
  }
  uint64_t weight() const { return uint64_t(1) << level; }
};

/// The L1 of an SM: written through, filled by loads only, the least recently
/// used line goes first. Its sets are few and hashed, so that any line may be
/// taken to go anywhere.
class L1Cache {
public:
  explicit L1Cache(uint64_t bytes) : bytes(bytes), capacity(bytes / cacheLineBytes) {}

  /// Which of the sectors are there; those that are not come in.
  SectorMask load(uint64_t line, SectorMask sectors);
  /// Which of the sectors are there, and stay.
  SectorMask store(uint64_t line, SectorMask sectors);
  /// Forgets what is not kept, and keeps as large a part of its size.
  void follow(const LineSample &sample);

private:
  static constexpr uint32_t nobody = ~uint32_t(0);
  struct Entry {
    uint64_t line;
    /// Neighbours by time of use.
    uint32_t newer, older;
    SectorMask present;
  };
  void unlink(uint32_t entry);
  void makeNewest(uint32_t entry);
  uint32_t entryFor(uint64_t line);

  uint64_t bytes, capacity;
  std::vector<Entry> entries;
  llvm::DenseMap<uint64_t, uint32_t> places;
  uint32_t newest = nobody, oldest = nobody;
};

/// One partition of the L2: written back, the least recently used line of a set
/// goes first. A store fetches nothing; which bytes are valid is remembered, and
/// a load of a sector that is not complete fetches the rest.
class L2Cache {
public:
  L2Cache(uint64_t bytes, unsigned ways);

  uint64_t sets() const { return numSets; }

  /// Which of the sectors are there; those that are not come in.
  SectorMask load(uint64_t line, SectorMask sectors);
  /// Writes bytes of a line; returns which of its sectors became dirty by it. Each
  /// of those is written to DRAM once: when the line has to go, or at the end.
  SectorMask store(uint64_t line, const LineBytes &bytes);
  /// Dirty sectors that had to go since the last call without having been written whole.
  unsigned takeIncomplete() { return std::exchange(incomplete, 0); }

private:
  struct Entry {
    /// None: a line that no address has.
    uint64_t line = ~uint64_t(0);
    uint64_t lastUse = 0;
    LineBytes valid = {};
    SectorMask dirty = 0;
  };
  Entry *setOf(uint64_t line);
  Entry &entryFor(uint64_t line);

  unsigned ways;
  uint64_t numSets;
  std::vector<Entry> entries;
  uint64_t now = 0;
  unsigned incomplete = 0;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_CACHE_H
