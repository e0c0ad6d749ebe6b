//===- ThreadNames.h - Threads of a block in messages -----------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_THREADNAMES_H
#define POOLC_LIB_VIRTUALGPU_THREADNAMES_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <string>

namespace poolc::vgpu {

struct LaunchContext;

/// "(1, 0, 0)": the thread with that number, counted with x fastest.
std::string threadName(const LaunchContext &launch, unsigned thread);

/// "threads 0 to 31, 40", by number, of an ascending list; a long one ends in dots.
std::string describeThreads(llvm::ArrayRef<unsigned> threads);

/// Adds the numbers of the lanes of a warp.
void appendThreads(std::vector<unsigned> &threads, unsigned warp, uint32_t lanes);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_THREADNAMES_H
