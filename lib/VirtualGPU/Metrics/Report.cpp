//===- Report.cpp - Metrics under Nsight Compute's names ------------------===//

#include "poolc/VirtualGPU/Metrics.h"

#include "poolc/Target/GPU.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace poolc;
using namespace poolc::vgpu;

/// A count of all blocks, from that of the blocks that ran.
static int64_t scaled(double count, double scale) { return std::llround(count * scale); }

/// Two decimals, as the profiler prints.
static double percent(double part, double whole) { return std::round(part / whole * 1e4) / 1e2; }

static double rounded(double value) { return std::round(value * 100) / 100; }

static void addLaunch(llvm::json::Object &object, const LaunchMetrics &metrics) {
  object["launch__grid_size"] = metrics.gridSize;
  object["launch__block_size"] = metrics.blockSize;
  object["launch__registers_per_thread"] = metrics.registersPerThread;
  object["launch__shared_mem_per_block_static"] = metrics.staticSharedBytes;
  object["launch__shared_mem_per_block_dynamic"] = metrics.dynamicSharedBytes;
  object["launch__waves_per_multiprocessor"] = rounded(metrics.wavesPerSM);
  object["sm__maximum_warps_per_active_cycle_pct"] = rounded(metrics.occupancy.fraction * 100);
  object["poolc__registers_source"] = metrics.registersAreExact ? "ptxas" : "estimate";
  object["poolc__occupancy_limit"] = toString(metrics.occupancy.limit);
  object["poolc__blocks_per_multiprocessor"] = metrics.occupancy.blocksPerSM;
  object["poolc__l1_bytes"] = metrics.l1Bytes;
}

static void addInstructions(llvm::json::Object &object, const LaunchMetrics &metrics) {
  const BlockCounters &blocks = metrics.blocks;
  auto add = [&](const std::string &name, uint64_t count) {
    object[name] = scaled(double(count), metrics.scale);
  };
  add("smsp__inst_executed.sum", blocks.warpInstructions);
  add("smsp__thread_inst_executed.sum", blocks.threadInstructions);
  add("sm__inst_executed_pipe_tensor.sum", blocks.tensorInstructions);
  object["poolc__instruction_set"] = "ptx";
  add("l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum", blocks.globalLoadRequests);
  add("l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum", blocks.globalLoadSectors);
  add("l1tex__t_requests_pipe_lsu_mem_global_op_st.sum", blocks.globalStoreRequests);
  add("l1tex__t_sectors_pipe_lsu_mem_global_op_st.sum", blocks.globalStoreSectors);
  add("l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_ld.sum", blocks.sharedLoadConflicts);
  add("l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_st.sum", blocks.sharedStoreConflicts);
  add("poolc__shared_bank_conflicts_cp_async", blocks.asyncCopyConflicts);
  add("poolc__shared_requests.sum", blocks.sharedRequests);
  for (const auto &[buffer, sectors] : metrics.loadedSectors)
    add("poolc__block_load_sectors_" + buffer + ".sum", sectors);
}

static void addMemory(llvm::json::Object &object, const LaunchMetrics &metrics) {
  const CacheCounters &caches = metrics.caches;
  if (caches.l1Lookups)
    object["l1tex__t_sector_hit_rate.pct"] =
        percent(double(caches.l1Hits), double(caches.l1Lookups));
  double lookups = double(caches.l2Lookups) * metrics.scale;
  double misses = double(caches.l2Lookups - caches.l2Hits) * metrics.scale - metrics.unscaledMisses;
  object["lts__t_sectors.sum"] = std::llround(lookups);
  if (lookups > 0)
    object["lts__t_sector_hit_rate.pct"] = percent(lookups - misses, lookups);
  if (metrics.followedLines < 1)
    object["poolc__followed_lines.pct"] = percent(metrics.followedLines, 1);
  object["dram__bytes_read.sum"] = std::llround(metrics.dramReadSectors) * sectorBytes;
  object["dram__bytes_write.sum"] = std::llround(metrics.dramWriteSectors) * sectorBytes;
}

llvm::StringRef vgpu::toString(Stall stall) {
  static constexpr llvm::StringLiteral names[] = {
      "selected",           "wait",        "short_scoreboard", "long_scoreboard", "barrier",
      "math_pipe_throttle", "lg_throttle", "mio_throttle",     "not_selected"};
  return names[unsigned(stall)];
}

static void addTime(llvm::json::Object &object, const LaunchTime &time) {
  object["gpu__time_duration.sum"] = std::llround(time.nanoseconds);
  object["sm__throughput.avg.pct_of_peak_sustained_elapsed"] = rounded(time.smThroughput);
  object["dram__throughput.avg.pct_of_peak_sustained_elapsed"] = rounded(time.dramThroughput);
  object["sm__warps_active.avg.pct_of_peak_sustained_active"] = rounded(time.warpsActive);
  for (unsigned i = 0; i < numStalls; ++i) {
    auto stall = Stall(i);
    auto name = [](llvm::StringRef reason) {
      return ("smsp__warp_issue_stalled_" + reason + "_per_warp_active.pct").str();
    };
    object[name(toString(stall))] = rounded(time.stalls[i]);
    if (stall == Stall::longScoreboard)
      object[name("memory_dependency")] = rounded(time.stalls[i]);
  }
  object["poolc__time"] = "modelled";
  object["poolc__clock_mhz"] = rounded(time.clockMHz);
  object["poolc__machine_inst_estimate.sum"] = std::llround(time.issued);
  object["poolc__limiter"] = time.limiter;
  object["poolc__limiter.pct"] = rounded(time.limiterShare);
  for (const auto &[part, share] : time.breakdown)
    object["poolc__sm_throughput_" + part + ".pct"] = rounded(share);
}

llvm::json::Object vgpu::toJSON(const LaunchMetrics &metrics) {
  llvm::json::Object object;
  addLaunch(object, metrics);
  addInstructions(object, metrics);
  addMemory(object, metrics);
  addTime(object, metrics.time);
  object["poolc__measured_blocks"] = metrics.measuredBlocks;
  return object;
}

llvm::json::Object vgpu::toJSON(llvm::ArrayRef<LaunchMetrics> launches) {
  llvm::json::Object object;
  for (const LaunchMetrics &metrics : launches) {
    std::string name = metrics.kernel;
    for (unsigned number = 2; object.find(name) != object.end(); ++number)
      name = metrics.kernel + "#" + std::to_string(number);
    object[name] = toJSON(metrics);
  }
  return object;
}

/// The entries by name: an object's own order is any.
static std::vector<const llvm::json::Object::value_type *>
sorted(const llvm::json::Object &object) {
  std::vector<const llvm::json::Object::value_type *> entries;
  for (const auto &entry : object)
    entries.push_back(&entry);
  llvm::sort(entries, [](const auto *a, const auto *b) { return a->first < b->first; });
  return entries;
}

void vgpu::printMetrics(llvm::raw_ostream &os, llvm::ArrayRef<LaunchMetrics> launches) {
  llvm::json::Object object = toJSON(launches);
  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    for (const auto *launch : sorted(object))
      json.attributeObject(launch->first, [&] {
        for (const auto *metric : sorted(*launch->second.getAsObject())) {
          const llvm::json::Value &value = metric->second;
          json.attributeBegin(metric->first);
          if (value.getAsInteger() || !value.getAsNumber())
            json.value(value);
          else
            json.rawValue(llvm::formatv("{0:f2}", *value.getAsNumber()).str());
          json.attributeEnd();
        }
      });
  });
  os << "\n";
}
