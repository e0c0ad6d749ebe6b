//===- Trace.h - What a block did, for the models ---------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_METRICS_TRACE_H
#define POOLC_LIB_VIRTUALGPU_METRICS_TRACE_H

#include "../Timing/Timeline.h"
#include "Cache.h"
#include "DistinctSectors.h"
#include "poolc/VirtualGPU/Metrics.h"

#include <memory>
#include <vector>

namespace poolc::vgpu {

/// How a request goes through the memory system.
enum class RequestKind : uint8_t {
  load,         ///< through the L1
  loadAroundL1, ///< to the L2 at once: ld.cg, ld.volatile, cp.async.cg, ...
  store,
  atomic,
};

/// One memory instruction of a warp.
struct Request {
  /// Instructions that the warp had executed by then; what it waited for at
  /// barriers included.
  uint32_t time;
  uint16_t warp;
  RequestKind kind;
  /// Of thread-local memory, with lines counted from the block's own first one.
  bool isLocal;
  /// The first of its words and how many.
  uint32_t first, count;
  /// Where it is noted in the timeline of its warp.
  uint32_t noted;
  static constexpr uint32_t notNoted = ~uint32_t(0);
};

/// The memory accesses of one block, in an order that does not depend on how its
/// warps were interleaved, and what else is counted.
struct BlockTrace {
  BlockCounters counters;
  /// By time, then by warp.
  std::vector<Request> requests;
  /// Of a load, per line: its number and the mask of its sectors, see pack(). Of
  /// a store or an atomic two words follow with the bytes that are written.
  std::vector<uint64_t> words;
  /// Distinct sectors that the block loads.
  SectorsByBuffer loadedSectors;
  /// Requests and words are of the lines of that sample; see LineSample.
  unsigned level = 0;
  /// When the last warp was over.
  uint32_t duration = 0;
  /// Of blocks whose time is modelled.
  std::unique_ptr<BlockTimeline> timeline;

  static uint64_t pack(uint64_t line, SectorMask sectors) {
    return line << sectorsPerLine | sectors;
  }
  static uint64_t lineOf(uint64_t word) { return word >> sectorsPerLine; }
  static SectorMask sectorsOf(uint64_t word) { return word & ((1 << sectorsPerLine) - 1); }
  static unsigned wordsPerLine(RequestKind kind) {
    return kind == RequestKind::store || kind == RequestKind::atomic ? 3 : 1;
  }
  uint64_t bytes() const {
    return words.size() * sizeof(uint64_t) + requests.size() * sizeof(Request);
  }

  void add(const Request &request, llvm::ArrayRef<LineTouch> lines, const LineSample &sample);
  /// Leaves out the first requests, and lines that are not in the sample.
  void thin(const LineSample &sample, size_t first = 0);
  /// Brings the requests into their order.
  void finish();
};

/// The written bytes of the line whose words begin at `words`.
LineBytes writtenBytes(const uint64_t *words);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_METRICS_TRACE_H
