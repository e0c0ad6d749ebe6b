//===- CSV.h - Profiles as Nsight Compute's CSV -----------------*- C++ -*-===//
#ifndef POOLC_LIB_PROFILE_CSV_H
#define POOLC_LIB_PROFILE_CSV_H

#include "poolc/Profile/Profile.h"

namespace poolc {

/// Either a column per metric, with a line of units below the names, or a line
/// per metric. Lines before the one with "Kernel Name" are skipped: the profiler
/// writes its own there.
llvm::Expected<std::vector<KernelMetrics>> parseProfileCSV(llvm::StringRef text);

} // namespace poolc

#endif // POOLC_LIB_PROFILE_CSV_H
