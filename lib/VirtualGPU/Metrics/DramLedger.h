//===- DramLedger.h - Sectors moved between L2 and DRAM ---------*- C++ -*-===//
//
// Counts transfers. Where only runs of blocks are executed in place of the whole
// grid, it tells apart what each run moves for itself, which is scaled up, and
// what several runs use (weights, tables), which counts once.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_DRAMLEDGER_H
#define POOLC_LIB_VIRTUALGPU_METRICS_DRAMLEDGER_H

#include "Cache.h"

#include <memory>

namespace poolc::vgpu {

class DramLedger {
public:
  /// Without `isSampled` nothing is remembered per sector.
  explicit DramLedger(bool isSampled) : isSampled(isSampled) {}

  /// Runs are numbered from 0; at most eight.
  void beginRun(unsigned number) { run = uint8_t(1u << number); }
  /// From now on only those lines come, of those that came before.
  void follow(const LineSample &lines) { sample = lines; }

  /// The sectors are used in this run; with `isFetched`, those come from DRAM.
  void read(uint64_t line, SectorMask used, SectorMask fetched, bool counts);
  /// As many sectors are read to be written back whole, which were written in part.
  void complete(unsigned sectors, bool counts) { reads += counts ? sample.weight() * sectors : 0; }
  /// The sectors became dirty in this run, and will go to DRAM.
  void write(uint64_t line, SectorMask written, SectorMask fresh, bool counts);

  struct Total {
    double readSectors = 0, writeSectors = 0;
    /// How many of the fetches that were counted are not in readSectors, scaled.
    double readSectorsSaved = 0;
  };
  /// `scale` is the size of the grid over the number of blocks that ran.
  Total total(double scale) const;

private:
  struct Sector {
    /// One bit per run.
    uint8_t readIn = 0, writtenIn = 0;
    /// Transferred at all, counted or not.
    bool isRead = false, isWritten = false;
    uint16_t reads = 0, writes = 0;
  };
  static constexpr uint64_t linesPerPage = 1024;
  using Page = std::array<std::array<Sector, sectorsPerLine>, linesPerPage>;
  std::array<Sector, sectorsPerLine> &sectorsOf(uint64_t line);

  bool isSampled;
  uint8_t run = 1;
  LineSample sample;
  /// Weighted.
  uint64_t reads = 0, writes = 0;
  llvm::DenseMap<uint64_t, std::unique_ptr<Page>> pages;
  uint64_t lastNumber = ~uint64_t(0);
  Page *lastPage = nullptr;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_DRAMLEDGER_H
