//===- DramLedger.cpp - Sectors moved between L2 and DRAM -----------------===//

#include "DramLedger.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

#include <limits>

using namespace poolc;
using namespace poolc::vgpu;

std::array<DramLedger::Sector, sectorsPerLine> &DramLedger::sectorsOf(uint64_t line) {
  uint64_t number = line / linesPerPage;
  if (number != lastNumber) {
    std::unique_ptr<Page> &page = pages[number];
    if (!page)
      page = std::make_unique<Page>();
    lastNumber = number;
    lastPage = page.get();
  }
  return (*lastPage)[line % linesPerPage];
}

static void increment(uint16_t &count) {
  if (count != std::numeric_limits<uint16_t>::max())
    ++count;
}

void DramLedger::read(uint64_t line, SectorMask used, SectorMask fetched, bool counts) {
  if (counts)
    reads += sample.weight() * llvm::popcount(fetched);
  if (!isSampled || used == 0)
    return;
  auto &sectors = sectorsOf(line);
  for (unsigned i = 0; i < sectorsPerLine; ++i) {
    if (used >> i & 1)
      sectors[i].readIn |= run;
    sectors[i].isRead |= fetched >> i & 1;
    if (counts && (fetched >> i & 1))
      increment(sectors[i].reads);
  }
}

void DramLedger::write(uint64_t line, SectorMask written, SectorMask fresh, bool counts) {
  if (counts)
    writes += sample.weight() * llvm::popcount(fresh);
  if (!isSampled)
    return;
  auto &sectors = sectorsOf(line);
  for (unsigned i = 0; i < sectorsPerLine; ++i) {
    if (written >> i & 1)
      sectors[i].writtenIn |= run;
    sectors[i].isWritten |= fresh >> i & 1;
    if (counts && (fresh >> i & 1))
      increment(sectors[i].writes);
  }
}

DramLedger::Total DramLedger::total(double scale) const {
  if (!isSampled)
    return {double(reads), double(writes), 0};
  // Of the sectors that several runs use: transfers that were counted, and how
  // many there are.
  uint64_t sharedReads = 0, readOnce = 0, sharedWrites = 0, writtenOnce = 0;
  auto addLine = [&](const std::array<Sector, sectorsPerLine> &sectors) {
    for (const Sector &sector : sectors) {
      if (llvm::popcount(sector.readIn) > 1 && sector.isRead) {
        sharedReads += sample.weight() * sector.reads;
        readOnce += sample.weight();
      }
      if (llvm::popcount(sector.writtenIn) > 1 && sector.isWritten) {
        sharedWrites += sample.weight() * sector.writes;
        writtenOnce += sample.weight();
      }
    }
  };
  for (const auto &[number, page] : pages)
    for (auto [i, sectors] : llvm::enumerate(*page))
      if (sample.keeps(number * linesPerPage + i))
        addLine(sectors);
  // Lines that are not followed any more may have been shared less.
  sharedReads = std::min(sharedReads, reads);
  sharedWrites = std::min(sharedWrites, writes);
  Total total;
  total.readSectors = scale * double(reads - sharedReads) + double(readOnce);
  total.writeSectors = scale * double(writes - sharedWrites) + double(writtenOnce);
  total.readSectorsSaved = scale * double(reads) - total.readSectors;
  return total;
}
