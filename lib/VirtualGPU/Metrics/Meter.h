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

#include <atomic>
#include <map>
#include <mutex>
#include <queue>

namespace poolc::vgpu {

class Meter {
public:
  /// Bytes of the traces of blocks that are resident at the same time; beyond,
  /// nothing more is measured.
  static constexpr uint64_t maxTraceBytes = uint64_t(1) << 30;

  /// `localBytesPerBlock` is the thread-local memory of a block.
  Meter(const GPU &gpu, const Occupancy &occupancy, const BlockSelection &selection,
        uint64_t localBytesPerBlock, std::unique_ptr<TimeModel> time);

  const TimeModel &timeModel() const { return *time; }

  /// Takes the trace of the block with that linear index, from any thread.
  void deliver(uint64_t block, BlockTrace trace);

  /// Whether the traces were too large.
  bool overflowed() const { return isOverflowed; }
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
  void beginRun();
  void dispatch(BlockTrace trace, bool counts);
  /// Plays all requests before that time.
  void play(uint64_t until);
  void request(Resident &block, const Request &request, unsigned slot);
  void retire(Resident &block);

  const GPU &gpu;
  const Occupancy occupancy;
  const BlockSelection selection;
  const uint64_t localLinesPerBlock;

  std::mutex deliveries, model;
  /// Traces of blocks that are not placed yet, and their size.
  std::map<uint64_t, BlockTrace> waiting;
  uint64_t waitingBytes = 0;

  const std::unique_ptr<TimeModel> time;
  MemorySystem memory;
  Placement placement;
  std::vector<Resident> residents;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  uint64_t residentBytes = 0;
  BlockCounters counters;
  SectorsByBuffer loadedSectors;
  /// The next block: its run and its place in that.
  size_t run = 0;
  uint64_t place = 0;
  std::atomic<bool> isOverflowed = false;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_METER_H
