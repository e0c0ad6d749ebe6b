//===- RaceShadow.h - The last accesses of each place -----------*- C++ -*-===//
//
// For each granule of a memory, what the race detector has to remember. The
// granule is the smallest access seen so far; pages of cells exist once touched.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_RACESHADOW_H
#define POOLC_LIB_VIRTUALGPU_RACESHADOW_H

#include "Clocks.h"

#include "llvm/ADT/DenseMap.h"

#include <memory>

namespace poolc::vgpu {

struct RaceCell {
  struct Write {
    Moment moment;
    uint32_t op = none;
    /// Which execution of the instruction.
    uint32_t execution = 0;
    /// Whose instruction it was, also where an agent has written.
    uint16_t thread = 0;
    bool isAtomic = false;
  };
  /// Lanes of one warp that read at the same time by its clocks.
  struct Reads {
    Moment moment;
    uint32_t op = none;
    uint32_t lanes = 0;
    bool isAtomic = false;
  };
  /// An asynchronous copy that has not been waited for, to the place or from there.
  struct Copy {
    uint32_t block = 0;
    uint32_t op = none;
    uint16_t thread = 0;
    bool reads = false;
  };

  Write write;
  /// Of two warps: if a third one writes, it is not ordered after both.
  Reads reads[2];
  Copy copy;
};

class RaceShadow {
public:
  /// Calls `body(cell, offset)` for each granule of an aligned access; `offset`
  /// is that of the granule in the access.
  template <typename F> void forEachCell(uint64_t address, unsigned bytes, F body) {
    if (bytes < granule)
      refine(bytes);
    for (unsigned offset = 0; offset < bytes; offset += granule)
      body(cellAt(address + offset), offset);
  }
  unsigned granuleBytes() const { return granule; }

  /// Forgets what is large; the rest is of an earlier epoch.
  void startBlock() {
    constexpr size_t maxPages = 1024;
    if (pages.size() > maxPages) {
      pages.clear();
      lastPage = ~uint64_t(0);
    }
  }

private:
  static constexpr unsigned pageBytes = 1024;
  using Page = std::unique_ptr<RaceCell[]>;

  RaceCell &cellAt(uint64_t address) {
    uint64_t number = address / pageBytes;
    if (number != lastPage) {
      Page &page = pages[number];
      if (!page)
        page.reset(new RaceCell[pageBytes / granule]);
      lastPage = number;
      lastCells = page.get();
    }
    return lastCells[address % pageBytes / granule];
  }
  /// Makes the granules smaller; each part has the history of the whole.
  void refine(unsigned bytes) {
    for (auto &entry : pages) {
      Page finer(new RaceCell[pageBytes / bytes]);
      for (unsigned i = 0; i < pageBytes / bytes; ++i)
        finer[i] = entry.second[i * bytes / granule];
      entry.second = std::move(finer);
    }
    granule = bytes;
    lastPage = ~uint64_t(0);
  }

  unsigned granule = 16;
  llvm::DenseMap<uint64_t, Page> pages;
  uint64_t lastPage = ~uint64_t(0);
  RaceCell *lastCells = nullptr;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_RACESHADOW_H
