//===- Occupancy.cpp - How many blocks fit on an SM -----------------------===//

#include "poolc/Target/Occupancy.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

using namespace poolc;

llvm::StringRef poolc::toString(OccupancyLimit limit) {
  switch (limit) {
  case OccupancyLimit::blocks:
    return "resident blocks";
  case OccupancyLimit::warps:
    return "warps";
  case OccupancyLimit::registers:
    return "registers";
  case OccupancyLimit::sharedMemory:
    return "shared memory";
  }
  llvm_unreachable("no other limits");
}

/// Warps whose registers fit on the SM. Registers come per warp, in units, and
/// to groups of warps.
static unsigned warpsByRegisters(const GPU &gpu, unsigned registersPerThread) {
  if (registersPerThread == 0)
    return gpu.maxWarpsPerSM;
  if (registersPerThread > gpu.maxRegistersPerThread)
    return 0;
  unsigned perWarp = llvm::alignTo(registersPerThread * gpu.warpSize, gpu.registerAllocationUnit);
  return llvm::alignDown(gpu.registersPerSM / perWarp, gpu.warpAllocationUnit);
}

/// Bytes of shared memory that a resident block takes.
static unsigned sharedPerBlock(const GPU &gpu, unsigned sharedBytes) {
  return llvm::alignTo(sharedBytes, gpu.sharedAllocationUnit) + gpu.reservedSharedBytesPerBlock;
}

static unsigned blocksByShared(const GPU &gpu, unsigned sharedBytes) {
  if (sharedBytes > gpu.maxSharedBytesPerBlock)
    return 0;
  return gpu.sharedBytesPerSM / sharedPerBlock(gpu, sharedBytes);
}

Occupancy poolc::computeOccupancy(const GPU &gpu, const KernelResources &kernel) {
  Occupancy result;
  if (kernel.threadsPerBlock == 0 || kernel.threadsPerBlock > gpu.maxThreadsPerBlock) {
    result.limit = OccupancyLimit::warps;
    return result;
  }
  unsigned warpsPerBlock = llvm::divideCeil(kernel.threadsPerBlock, gpu.warpSize);

  result.blocksPerSM = gpu.maxBlocksPerSM;
  auto limitTo = [&](unsigned blocks, OccupancyLimit limit) {
    if (blocks < result.blocksPerSM) {
      result.blocksPerSM = blocks;
      result.limit = limit;
    }
  };
  limitTo(gpu.maxWarpsPerSM / warpsPerBlock, OccupancyLimit::warps);
  limitTo(warpsByRegisters(gpu, kernel.registersPerThread) / warpsPerBlock,
          OccupancyLimit::registers);
  limitTo(blocksByShared(gpu, kernel.sharedBytesPerBlock), OccupancyLimit::sharedMemory);

  result.warpsPerSM = result.blocksPerSM * warpsPerBlock;
  result.fraction = double(result.warpsPerSM) / gpu.maxWarpsPerSM;
  unsigned shared = result.blocksPerSM * sharedPerBlock(gpu, kernel.sharedBytesPerBlock);
  const unsigned *carveOut = llvm::lower_bound(gpu.sharedCarveOuts, shared);
  if (result.blocksPerSM > 0 && carveOut != gpu.sharedCarveOuts.end())
    result.carveOutBytes = *carveOut;
  return result;
}
