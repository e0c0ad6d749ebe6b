//===- Occupancy.h - How many blocks fit on an SM ---------------*- C++ -*-===//
#ifndef POOLC_TARGET_OCCUPANCY_H
#define POOLC_TARGET_OCCUPANCY_H

#include "poolc/Target/GPU.h"

namespace poolc {

/// What one block of a kernel takes of an SM.
struct KernelResources {
  unsigned threadsPerBlock = 1;
  unsigned registersPerThread = 0;
  /// Static and dynamic together, in bytes.
  unsigned sharedBytesPerBlock = 0;
};

/// What keeps more blocks from being resident.
enum class OccupancyLimit { blocks, warps, registers, sharedMemory };

/// "resident blocks", "warps", "registers", "shared memory".
llvm::StringRef toString(OccupancyLimit limit);

struct Occupancy {
  /// Resident blocks per SM; 0 where one block alone is too large.
  unsigned blocksPerSM = 0;
  unsigned warpsPerSM = 0;
  /// warpsPerSM over the most that the SM holds, 0 to 1.
  double fraction = 0;
  OccupancyLimit limit = OccupancyLimit::blocks;
  /// What shared memory takes of the memory that it shares with the L1 cache:
  /// the least that holds the resident blocks, in bytes per SM. The rest is L1.
  unsigned carveOutBytes = 0;
};

/// The CUDA occupancy rule: as many blocks as fit with the largest carve-out.
Occupancy computeOccupancy(const GPU &gpu, const KernelResources &kernel);

} // namespace poolc

#endif // POOLC_TARGET_OCCUPANCY_H
