//===- Recorder.h - Traces a block while it runs ----------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_RECORDER_H
#define POOLC_LIB_VIRTUALGPU_METRICS_RECORDER_H

#include "../Block.h"
#include "../Timing/TimelineRecorder.h"
#include "Meter.h"

#include <map>

namespace poolc::vgpu {

/// Notes what a block does and hands it to the meter when the block is over. The
/// time of a request is counted per warp, so that it says nothing of the order in
/// which the host ran the warps; warps that meet at a barrier go on together.
class Recorder final : public Observer {
public:
  Recorder(const Block &block, Meter &meter);

  void blockStarted() override;
  void blockFinished() override;
  void instruction(const Warp &warp, const Op &op, uint32_t active, uint32_t mask) override;
  void access(const Warp &warp, const MemoryAccess &access) override;
  void barrierCompleted(unsigned barrier) override;
  void met(const Warp &, const Op &, uint32_t, uint32_t) override {}
  void copyLanded(const Warp &, const Op &, unsigned, const uint8_t *, unsigned,
                  std::optional<uint32_t>) override {}
  void arrived(const Warp &warp, const Op &op, unsigned lane, const Phase &phase) override;
  void phaseCompleted(const Phase &phase) override;
  void waited(const Warp &warp, const Op &op, unsigned lane, const Phase *phase) override;
  bool take(const Warp &, unsigned, const Finding &, Describe) override { return false; }

private:
  static constexpr unsigned noBarrier = ~0u;

  void global(const Warp &warp, const MemoryAccess &access, const uint64_t *addresses,
              uint32_t mask);
  void local(const Warp &warp, const MemoryAccess &access, const uint64_t *addresses,
             uint32_t mask);
  void shared(const Warp &warp, const MemoryAccess &access, const uint64_t *addresses,
              uint32_t mask);
  void request(const Warp &warp, const MemoryAccess &access, bool isLocal);
  void countPipes(const Op &op);
  /// Counts what a store sends to the L2, together with the last line of the store before.
  void send(const Warp &warp);
  /// Adds to what is noted of the warp's present instruction, if it is.
  void note(const Warp &warp, unsigned steps, unsigned conflicts, bool isCached);

  const Block &block;
  Meter &meter;
  BlockTrace trace;
  /// Lines of which the present block's requests are traced.
  LineSample sample;
  /// Per warp: instructions executed, and the barrier that it waits for.
  std::vector<uint32_t> times;
  std::vector<unsigned> waitsFor;
  /// Per mbarrier object, when the last warp arrived in the present phase and in the last one.
  struct ArrivalTimes {
    uint32_t present = 0, last = 0;
  };
  std::map<uint32_t, ArrivalTimes> arrivalTimes;
  /// The last line of a store that touched several: it goes with the first one of the
  /// warp's next access if that stores to the same line.
  struct LastLine {
    LineTouch written;
    /// Where the store is in the trace and in the timeline of its warp, if it is.
    std::optional<size_t> request;
    uint32_t noted;
  };
  std::vector<std::optional<LastLine>> lastLines;
  llvm::SmallVector<LineTouch, 64> lines;
  DistinctSectors loaded;
  /// Of the present block, if its time is modelled.
  std::optional<TimelineRecorder> timeline;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_RECORDER_H
