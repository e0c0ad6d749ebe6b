//===- MetricNames.h - Nsight Compute's names -------------------*- C++ -*-===//
#ifndef POOLC_LIB_PROFILE_METRICNAMES_H
#define POOLC_LIB_PROFILE_METRICNAMES_H

#include "llvm/ADT/StringRef.h"

namespace poolc::metric {

inline constexpr llvm::StringLiteral smThroughput =
    "sm__throughput.avg.pct_of_peak_sustained_elapsed";
inline constexpr llvm::StringLiteral dramThroughput =
    "dram__throughput.avg.pct_of_peak_sustained_elapsed";
inline constexpr llvm::StringLiteral warpsActive =
    "sm__warps_active.avg.pct_of_peak_sustained_active";
inline constexpr llvm::StringLiteral stalls =
    "smsp__warp_issue_stalled_long_scoreboard_per_warp_active.pct";
/// The same metric on older versions.
inline constexpr llvm::StringLiteral oldStalls =
    "smsp__warp_issue_stalled_memory_dependency_per_warp_active.pct";
inline constexpr llvm::StringLiteral dramRead = "dram__bytes_read.sum";
inline constexpr llvm::StringLiteral dramWrite = "dram__bytes_write.sum";
inline constexpr llvm::StringLiteral duration = "gpu__time_duration.sum";
inline constexpr llvm::StringLiteral gridSize = "launch__grid_size";
inline constexpr llvm::StringLiteral blockSize = "launch__block_size";
inline constexpr llvm::StringLiteral loadRequests =
    "l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum";
inline constexpr llvm::StringLiteral loadSectors = "l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum";

} // namespace poolc::metric

#endif // POOLC_LIB_PROFILE_METRICNAMES_H
