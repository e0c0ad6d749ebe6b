//===- GPU.cpp - The table of GPUs ----------------------------------------===//
//
// The sources of these figures, column by column, are in docs/gpu-table.md.
//
//===----------------------------------------------------------------------===//

#include "poolc/Target/GPU.h"

#include "llvm/ADT/STLExtras.h"

using namespace poolc;

static constexpr unsigned KiB = 1024;
static constexpr uint64_t MiB = uint64_t(1024) * KiB;

static constexpr DramPoint rtx4090Dram[] = {{0, 926.9}, {0.4, 913.5}, {0.5, 907}, {1, 927}};
static constexpr DramPoint rtx3090Dram[] = {{0, 833}, {0.5, 815}, {1, 833}};
static constexpr DramPoint a100Dram[] = {{0, 1774}, {0.5, 1631}, {1, 1774}};
static constexpr DramPoint l40sDram[] = {{0, 847}, {0.5, 782}, {1, 847}};
static constexpr DramPoint h100Dram[] = {{0, 3184}, {0.5, 2906}, {1, 3184}};
static constexpr DramPoint h200Dram[] = {{0, 4560}, {0.5, 4008}, {1, 4560}};

static constexpr unsigned carveOuts86[] = {0, 8 * KiB, 16 * KiB, 32 * KiB, 64 * KiB, 100 * KiB};
static constexpr unsigned carveOuts80[] = {0,        8 * KiB,   16 * KiB,  32 * KiB,
                                           64 * KiB, 100 * KiB, 132 * KiB, 164 * KiB};
static constexpr unsigned carveOuts90[] = {0,         8 * KiB,   16 * KiB,  32 * KiB,  64 * KiB,
                                           100 * KiB, 132 * KiB, 164 * KiB, 196 * KiB, 228 * KiB};

/// The figures that all GPUs of compute capability 8.0 to 9.0 share.
static constexpr GPU commonLimits() {
  GPU gpu = {};
  gpu.warpSize = 32;
  gpu.maxThreadsPerBlock = 1024;
  gpu.registersPerSM = 64 * KiB;
  gpu.maxRegistersPerThread = 255;
  gpu.registerAllocationUnit = 256;
  gpu.warpAllocationUnit = 4;
  gpu.reservedSharedBytesPerBlock = 1 * KiB;
  gpu.sharedAllocationUnit = 128;
  gpu.maxStaticSharedBytes = 48 * KiB;
  gpu.l2Ways = 16;
  gpu.l2Partitions = 1;
  gpu.maxGridX = 2147483647;
  gpu.maxGridYZ = 65535;
  gpu.mmaShare = 1;
  gpu.issuePerCycle = 4, gpu.fmaPerCycle = 4, gpu.aluPerCycle = 2, gpu.specialPerCycle = 0.5;
  gpu.l1BytesPerCycle = 128, gpu.l2BytesPerCyclePerSM = 64, gpu.l2WriteBytesPerCyclePerSM = 32;
  gpu.halfPerCycle = 2, gpu.doublePerCycle = 1.0 / 16;
  gpu.halfSumsSpeedup = 1;
  gpu.arithmeticLatency = 4, gpu.specialLatency = 22, gpu.tensorLatency = 17;
  gpu.blockIntervalCycles = 160;
  gpu.blockStartCycles = 300;
  gpu.launchMicroseconds = 2;
  return gpu;
}

/// Compute capability 8.6 and 8.9: consumer and workstation Ampere, and Ada.
static constexpr GPU limits86() {
  GPU gpu = commonLimits();
  gpu.maxThreadsPerSM = 1536;
  gpu.maxWarpsPerSM = 48;
  gpu.sharedBytesPerSM = 100 * KiB;
  gpu.maxSharedBytesPerBlock = 99 * KiB;
  gpu.unifiedL1Bytes = 128 * KiB;
  gpu.sharedCarveOuts = carveOuts86;
  gpu.memoryPerCycle = 0.5;
  gpu.dramQueueing = 0.012;
  return gpu;
}

/// Compute capability 8.0 and 9.0: data-centre Ampere and Hopper.
static constexpr GPU limits80() {
  GPU gpu = commonLimits();
  gpu.maxThreadsPerSM = 2048;
  gpu.maxWarpsPerSM = 64;
  gpu.maxBlocksPerSM = 32;
  gpu.l2Partitions = 2;
  gpu.dramHasECC = true;
  gpu.memoryPerCycle = 1;
  gpu.halfPerCycle = 4;
  gpu.dramQueueing = 0.5;
  return gpu;
}

static constexpr GPU rtx4090() {
  GPU gpu = limits86();
  gpu.name = "rtx4090";
  gpu.fullName = "NVIDIA GeForce RTX 4090";
  gpu.chip = "sm_89";
  gpu.minPtxVersion = 78;
  gpu.numSMs = 128;
  gpu.maxBlocksPerSM = 24;
  gpu.l2Bytes = 72 * MiB;
  gpu.boostMHz = 2520, gpu.baseMHz = 2235;
  gpu.dramGBs = 1008, gpu.dramActualGBs = 984;
  gpu.dramReachable = rtx4090Dram;
  gpu.fp32TFLOPs = 82.6, gpu.tf32TFLOPs = 82.6;
  gpu.fp16TFLOPs = 165.2, gpu.bf16TFLOPs = 165.2;
  gpu.halfSumsSpeedup = 2;
  gpu.l2BytesPerCycle = 1536, gpu.l2WriteBytesPerCycle = 768;
  gpu.sharedLatency = 30, gpu.l1Latency = 40, gpu.l2Latency = 296, gpu.dramLatency = 636;
  return gpu;
}

static constexpr GPU rtx3090() {
  GPU gpu = limits86();
  gpu.name = "rtx3090";
  gpu.fullName = "NVIDIA GeForce RTX 3090";
  gpu.chip = "sm_86";
  gpu.minPtxVersion = 71;
  gpu.numSMs = 82;
  gpu.maxBlocksPerSM = 16;
  gpu.l2Bytes = 6 * MiB;
  gpu.boostMHz = 1695, gpu.baseMHz = 1395;
  gpu.dramGBs = 936, gpu.dramActualGBs = 912;
  gpu.dramReachable = rtx3090Dram;
  gpu.fp32TFLOPs = 35.6, gpu.tf32TFLOPs = 35.6;
  gpu.fp16TFLOPs = 71.2, gpu.bf16TFLOPs = 71.2;
  gpu.halfSumsSpeedup = 2;
  gpu.l2BytesPerCycle = 1400, gpu.l2WriteBytesPerCycle = 700;
  gpu.sharedLatency = 29, gpu.l1Latency = 39, gpu.l2Latency = 250, gpu.dramLatency = 450;
  return gpu;
}

static constexpr GPU a100() {
  GPU gpu = limits80();
  gpu.name = "a100";
  gpu.fullName = "NVIDIA A100 SXM 80GB";
  gpu.chip = "sm_80";
  gpu.minPtxVersion = 70;
  gpu.numSMs = 108;
  gpu.sharedBytesPerSM = 164 * KiB;
  gpu.maxSharedBytesPerBlock = 163 * KiB;
  gpu.unifiedL1Bytes = 192 * KiB;
  gpu.sharedCarveOuts = carveOuts80;
  gpu.l2Bytes = 40 * MiB;
  gpu.boostMHz = 1410, gpu.baseMHz = 1275;
  gpu.dramGBs = 2039, gpu.dramActualGBs = 2039;
  gpu.dramReachable = a100Dram;
  gpu.fp32TFLOPs = 19.5, gpu.tf32TFLOPs = 156;
  gpu.fp16TFLOPs = 312, gpu.bf16TFLOPs = 312;
  gpu.fmaPerCycle = 2, gpu.doublePerCycle = 1;
  gpu.l2BytesPerCycle = 3840, gpu.l2WriteBytesPerCycle = 1920;
  gpu.sharedLatency = 29, gpu.l1Latency = 36, gpu.l2Latency = 211, gpu.dramLatency = 571;
  return gpu;
}

static constexpr GPU l40s() {
  GPU gpu = limits86();
  gpu.name = "l40s";
  gpu.fullName = "NVIDIA L40S";
  gpu.chip = "sm_89";
  gpu.minPtxVersion = 78;
  gpu.numSMs = 142;
  gpu.maxBlocksPerSM = 24;
  gpu.l2Bytes = 96 * MiB;
  gpu.boostMHz = 2520, gpu.baseMHz = 1110;
  gpu.dramGBs = 864, gpu.dramActualGBs = 864;
  gpu.dramReachable = l40sDram;
  gpu.dramHasECC = true;
  gpu.fp32TFLOPs = 91.6, gpu.tf32TFLOPs = 183;
  gpu.fp16TFLOPs = 362, gpu.bf16TFLOPs = 362;
  gpu.l2BytesPerCycle = 2084, gpu.l2WriteBytesPerCycle = 1042;
  gpu.sharedLatency = 30, gpu.l1Latency = 36, gpu.l2Latency = 277, gpu.dramLatency = 632;
  return gpu;
}

static constexpr GPU h100() {
  GPU gpu = limits80();
  gpu.name = "h100";
  gpu.fullName = "NVIDIA H100 SXM";
  gpu.chip = "sm_90";
  gpu.minPtxVersion = 78;
  gpu.numSMs = 132;
  gpu.sharedBytesPerSM = 228 * KiB;
  gpu.maxSharedBytesPerBlock = 227 * KiB;
  gpu.unifiedL1Bytes = 256 * KiB;
  gpu.sharedCarveOuts = carveOuts90;
  gpu.l2Bytes = 50 * MiB;
  gpu.boostMHz = 1980, gpu.baseMHz = 1590;
  gpu.dramGBs = 3352, gpu.dramActualGBs = 3352;
  gpu.dramReachable = h100Dram;
  gpu.fp32TFLOPs = 66.9, gpu.tf32TFLOPs = 494.7;
  gpu.fp16TFLOPs = 989.4, gpu.bf16TFLOPs = 989.4;
  gpu.mmaShare = 0.62, gpu.wgmmaShare = 0.9;
  gpu.l2ShareForResults = 0.15;
  gpu.doublePerCycle = 2;
  gpu.tensorLatency = 26;
  // Twelve convolutions of two launches took 1.0 to 1.5 us less on an H200.
  gpu.launchOverlapMicroseconds = 1.3;
  gpu.l2BytesPerCycle = 3960, gpu.l2WriteBytesPerCycle = 2400;
  gpu.sharedLatency = 29, gpu.l1Latency = 36, gpu.l2Latency = 263, gpu.dramLatency = 632;
  return gpu;
}

/// The chip of the H100 with other memory.
static constexpr GPU h200() {
  GPU gpu = h100();
  gpu.name = "h200";
  gpu.fullName = "NVIDIA H200";
  gpu.l2Bytes = 60 * MiB;
  gpu.dramGBs = 4800, gpu.dramActualGBs = 4800;
  gpu.dramReachable = h200Dram;
  gpu.l2BytesPerCycle = 4930;
  gpu.l2Latency = 265, gpu.dramLatency = 695;
  return gpu;
}

llvm::ArrayRef<GPU> poolc::allGPUs() {
  static const GPU table[] = {rtx4090(), rtx3090(), a100(), l40s(), h100(), h200()};
  return table;
}

const GPU *poolc::lookupGPU(llvm::StringRef name) {
  const GPU *row = llvm::find_if(allGPUs(), [&](const GPU &gpu) { return gpu.name == name; });
  return row == allGPUs().end() ? nullptr : row;
}
