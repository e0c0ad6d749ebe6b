//===- Meter.h - Measures a launch ------------------------------*- C++ -*-===//
//
// Blocks run on the host in any order and at any speed; their traces are put
// through the model of the memory system as the GPU would run them.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_METER_H
#define POOLC_LIB_VIRTUALGPU_METRICS_METER_H

#include "../Timing/TimeModel.h"
#include "MemorySystem.h"
#include "Placement.h"
#include "Sampling.h"
#include "Trace.h"

#include <map>
#include <mutex>
#include <queue>

namespace poolc::vgpu {

class Meter {
public:
  /// `localBytesPerBlock` is the thread-local memory of a block, `maxTraceBytes` that of
  /// the traces of resident blocks: beyond, fewer lines are followed.
  Meter(const GPU &gpu, const Occupancy &occupancy, const BlockSelection &selection,
        uint64_t localBytesPerBlock, uint64_t maxTraceBytes, std::unique_ptr<TimeModel> time);

  const TimeModel &timeModel() const { return *time; }

  /// Takes the trace of the block with that linear index, from any thread.
  void deliver(uint64_t block, BlockTrace trace);

  /// Bytes of one block's trace before it leaves out lines. It may have a larger part
  /// of all than the others.
  uint64_t maxBlockBytes() const { return blockBytes; }
  LineSample sampleOf(unsigned level) const { return {memory.l2Sets(), level}; }
  /// Segments and accesses that are kept of a block whose time is modelled: enough to get
  /// beyond the misses at its beginning, and at most 50 MB.
  uint64_t maxTimelineEntries() const {
    return std::clamp<uint64_t>(maxTraceBytes / 64, 1 << 14, 1 << 22);
  }
  /// Fills in what was counted, once all blocks are delivered.
  void finish(LaunchMetrics &metrics);

private:
  struct Resident {
    BlockTrace trace;
    uint64_t start = 0;
    unsigned sm = 0;
    bool counts = false;
    size_t next = 0;
  };
  /// When a resident block has its next request, and its slot.
  using Event = std::pair<uint64_t, unsigned>;

  void advance();
  /// From now on, follows only the lines of that sample.
  void follow(unsigned level);
  void addWaiting(uint64_t block, BlockTrace trace);
  void beginRun();
  void dispatch(BlockTrace trace, bool counts);
  /// Plays all requests before that time.
  void play(uint64_t until);
  void request(Resident &block, const Request &request, unsigned slot);
  void retire(Resident &block);

  const GPU &gpu;
  const Occupancy occupancy;
  const BlockSelection selection;
  const uint64_t localLinesPerBlock, maxTraceBytes;

  std::mutex deliveries, model;
  /// Traces of blocks that are not placed yet, and their size.
  std::map<uint64_t, BlockTrace> waiting;
  uint64_t waitingBytes = 0;
  /// To which they are thinned.
  unsigned waitingLevel = 0;

  const std::unique_ptr<TimeModel> time;
  MemorySystem memory;
  Placement placement;
  std::vector<Resident> residents;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  uint64_t residentBytes = 0;
  const uint64_t blockBytes;
  LineSample sample;
  BlockCounters counters;
  SectorsByBuffer loadedSectors;
  /// The next block: its run and its place in that.
  size_t run = 0;
  uint64_t place = 0;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_METER_H
