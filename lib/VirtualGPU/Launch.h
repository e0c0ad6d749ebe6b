//===- Launch.h - Running the blocks of a kernel ----------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_LAUNCH_H
#define POOLC_LIB_VIRTUALGPU_LAUNCH_H

#include "Memory.h"
#include "Program.h"

namespace llvm {
class ThreadPoolInterface;
}

namespace poolc::vgpu {

/// Checks the launch against the kernel and the GPU's limits, and runs it; of
/// several faults that of the block which started first is reported.
llvm::Expected<LaunchResult> runKernel(const Program &program, const GPU &gpu, GlobalMemory &memory,
                                       llvm::ThreadPoolInterface &pool,
                                       const LaunchOptions &options);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_LAUNCH_H
