//===- Measurement.cpp - What a launch is to run and to count -------------===//

#include "Measurement.h"

#include "../Diagnostic.h"
#include "Recorder.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace poolc;
using namespace poolc::vgpu;

static unsigned registersOf(const LaunchContext &launch, const LaunchOptions &options) {
  if (options.registersPerThread)
    return options.registersPerThread;
  // A kernel that needs more than there are spills the rest.
  return std::clamp(launch.program->liveRegisters, 1u, launch.gpu->maxRegistersPerThread);
}

/// Registers that the assembler may use to have more loads in flight. Where it has not
/// said how many it took: as many as let the same number of blocks be resident.
static unsigned registerBudget(const LaunchContext &launch, const LaunchMetrics &metrics) {
  unsigned budget = metrics.registersPerThread;
  if (metrics.registersAreExact)
    return budget;
  for (; budget < launch.gpu->maxRegistersPerThread; ++budget)
    if (computeOccupancy(*launch.gpu, {launch.numThreads, budget + 1, launch.sharedBytes})
            .blocksPerSM < metrics.occupancy.blocksPerSM)
      break;
  return budget;
}

llvm::Expected<Measurement> Measurement::prepare(LaunchContext &launch,
                                                 const LaunchOptions &options) {
  Measurement result;
  SampleRequest sample;
  sample.gridSize = launch.grid[0] * launch.grid[1] * launch.grid[2];
  if (!options.metrics && options.sampleBlocks == 0) {
    result.blocks = selectBlocks(sample);
    return result;
  }

  const GPU &gpu = *launch.gpu;
  LaunchMetrics &metrics = result.metrics;
  metrics.kernel = options.kernel;
  metrics.gridSize = sample.gridSize;
  metrics.blockSize = launch.numThreads;
  metrics.programmatic = options.programmatic;
  metrics.registersPerThread = registersOf(launch, options);
  metrics.registersAreExact = options.registersPerThread != 0;
  metrics.staticSharedBytes = launch.program->sharedBytes;
  metrics.dynamicSharedBytes = launch.dynamicSharedBytes;
  metrics.occupancy =
      computeOccupancy(gpu, {launch.numThreads, metrics.registersPerThread, launch.sharedBytes});
  uint64_t resident = uint64_t(gpu.numSMs) * metrics.occupancy.blocksPerSM;
  if (resident == 0)
    return makeError(launch.program->file, launch.program->line,
                     llvm::formatv("kernel '{0}': no block of {1} threads with {2} registers each "
                                   "and {3} bytes of shared memory fits on an SM",
                                   options.kernel, launch.numThreads, metrics.registersPerThread,
                                   launch.sharedBytes)
                         .str());
  metrics.wavesPerSM = double(sample.gridSize) / double(resident);
  metrics.l1Bytes = gpu.unifiedL1Bytes - metrics.occupancy.carveOutBytes;

  sample.rowSize = launch.grid[1] * launch.grid[2] > 1 ? launch.grid[0] : 1;
  sample.residentBlocks = resident;
  sample.blocks = options.sampleBlocks;
  result.blocks = selectBlocks(sample);
  if (!options.metrics)
    return result;
  if (launch.observe)
    return makeError(launch.program->file, launch.program->line,
                     "expected metrics or sanitizers, got both");
  uint64_t warps = llvm::divideCeil(launch.numThreads, warpSize);
  uint64_t localBytes = llvm::alignTo(launch.program->localBytes, 4) * warpSize * warps;
  double clockMHz = options.atBaseClock ? gpu.baseMHz : gpu.boostMHz;
  auto time = std::make_unique<TimeModel>(*launch.program, gpu, clockMHz, metrics.occupancy,
                                          result.blocks, registerBudget(launch, metrics));
  constexpr uint64_t defaultTraceBytes = uint64_t(1) << 30;
  uint64_t traceBytes = options.traceBytes ? options.traceBytes : defaultTraceBytes;
  result.meter = std::make_unique<Meter>(gpu, metrics.occupancy, result.blocks, localBytes,
                                         traceBytes, std::move(time));
  launch.observe = [meter = result.meter.get()](Block &block) {
    return std::make_unique<Recorder>(block, *meter);
  };
  return result;
}

std::optional<LaunchMetrics> Measurement::finish() {
  if (!meter)
    return std::nullopt;
  meter->finish(metrics);
  return std::move(metrics);
}
