//===- CountingDevice.cpp - The virtual GPU, with its counts --------------===//

#include "CountingDevice.h"

using namespace poolc;
using namespace poolc::benchmark;

llvm::Expected<vgpu::LaunchResult> CountingDevice::launch(Program &program,
                                                          const vgpu::LaunchOptions &options) {
  vgpu::LaunchOptions limited = options;
  limited.threads = threads;
  limited.sanitizers = sanitizers;
  llvm::Expected<vgpu::LaunchResult> result = device->launch(program, limited);
  if (!result)
    return result.takeError();
  if (!result->reports.empty())
    return llvm::createStringError(result->reports.front().text);
  counts.blocks += result->blocks;
  counts.warpInstructions += result->warpInstructions;
  counts.threadInstructions += result->threadInstructions;
  return result;
}
