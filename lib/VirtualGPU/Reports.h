//===- Reports.h - What the sanitizers found in a launch --------*- C++ -*-===//
//
// Collects findings of all blocks, one report for each distinct fault: about
// the first block of the grid and its first thread, whatever ran first.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_REPORTS_H
#define POOLC_LIB_VIRTUALGPU_REPORTS_H

#include "Block.h"

#include <map>
#include <mutex>
#include <tuple>

namespace poolc::vgpu {

class Reports {
public:
  explicit Reports(Sanitizers active) : active(active) {}

  Sanitizers sanitizers() const { return active; }

  /// Counts a finding; `text` says what it is about where it is a new one.
  void add(const Warp &warp, unsigned lane, const Finding &finding, Describe text);
  /// Adds the fault that ended the launch.
  void addFault(const Block::Fault &fault);

  /// The reports, by line.
  std::vector<Report> take();

private:
  using Key = std::tuple<uint32_t, Sanitizer, unsigned, uint64_t>;
  struct Entry {
    Report report;
    std::string notes;
    /// Block and thread that the text is about.
    std::pair<uint64_t, unsigned> first;
  };

  const Sanitizers active;
  std::mutex lock;
  std::map<Key, Entry> entries;
  std::optional<Report> last;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_REPORTS_H
