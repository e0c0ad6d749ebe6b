//===- Specials.cpp - Registers that the hardware fills in ----------------===//

#include "Block.h"

#include <cstring>

using namespace poolc::vgpu;

/// The value of a special register in one lane.
static uint64_t valueOf(Special special, const Block &block, const Warp &warp, unsigned lane) {
  const LaunchContext &launch = block.launch;
  unsigned thread = warp.index * warpSize + lane;
  uint32_t bit = uint32_t(1) << lane;
  switch (special) {
  case Special::tidX:
    return thread % launch.block[0];
  case Special::tidY:
    return thread / launch.block[0] % launch.block[1];
  case Special::tidZ:
    return thread / launch.block[0] / launch.block[1];
  case Special::ntidX:
    return launch.block[0];
  case Special::ntidY:
    return launch.block[1];
  case Special::ntidZ:
    return launch.block[2];
  case Special::ctaidX:
    return block.coordinates[0];
  case Special::ctaidY:
    return block.coordinates[1];
  case Special::ctaidZ:
    return block.coordinates[2];
  case Special::nctaidX:
    return launch.grid[0];
  case Special::nctaidY:
    return launch.grid[1];
  case Special::nctaidZ:
    return launch.grid[2];
  case Special::laneId:
    return lane;
  case Special::warpId:
    return warp.index;
  case Special::nWarpId:
    return launch.gpu->maxWarpsPerSM;
  case Special::smId: {
    // Blocks go round the multiprocessors in the order of their index.
    uint64_t index =
        block.coordinates[0] +
        launch.grid[0] * (block.coordinates[1] + launch.grid[1] * block.coordinates[2]);
    return launch.gpu->numSMs ? index % launch.gpu->numSMs : 0;
  }
  case Special::nSmId:
    return launch.gpu->numSMs;
  case Special::gridId:
    return 1;
  case Special::warpSize:
    return warpSize;
  case Special::laneMaskEq:
    return bit;
  case Special::laneMaskLe:
    return bit | (bit - 1);
  case Special::laneMaskLt:
    return bit - 1;
  case Special::laneMaskGe:
    return ~(bit - 1);
  case Special::laneMaskGt:
    return ~(bit | (bit - 1));
  case Special::dynamicSharedBytes:
    return launch.dynamicSharedBytes;
  case Special::totalSharedBytes:
  case Special::aggregateSharedBytes:
    return launch.sharedBytes;
  default:
    return 0;
  }
}

void Block::fillSpecials(Warp &warp) {
  for (const SpecialUse &use : program.specials) {
    uint8_t *slot = warp.registers + use.slot;
    for (unsigned lane = 0; lane < warpSize; ++lane) {
      uint64_t value = valueOf(use.special, *this, warp, lane);
      std::memcpy(slot + lane * use.bits / 8, &value, use.bits / 8);
    }
  }
}
