//===- GPU.h - The table of GPUs --------------------------------*- C++ -*-===//
//
// One row per GPU; docs/gpu-table.md has the source of every figure. No other
// part of poolc holds a number of a GPU.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_TARGET_GPU_H
#define POOLC_TARGET_GPU_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace poolc {

/// Caches hold lines of this many bytes, and fetch and keep sectors of them; the
/// same on all GPUs of the table.
constexpr unsigned cacheLineBytes = 128;
constexpr int64_t sectorBytes = 32;
constexpr unsigned sectorsPerLine = cacheLineBytes / sectorBytes;

/// Banks of shared memory, and bytes that each delivers per cycle; the same on
/// all GPUs of the table.
constexpr unsigned sharedBanks = 32;
constexpr unsigned sharedBankBytes = 4;

/// One point of a GPU's measured DRAM throughput: what streaming kernels reach
/// when `writeShare` of their bytes are writes.
struct DramPoint {
  double writeShare;
  double GBs;
};

struct GPU {
  /// Name on the command line, e.g. "rtx4090".
  llvm::StringRef name;
  llvm::StringRef fullName;
  /// LLVM's name of the processor, e.g. "sm_89".
  llvm::StringRef chip;
  /// Lowest PTX version (10 * major + minor) that knows the chip.
  unsigned minPtxVersion;

  unsigned numSMs;
  unsigned warpSize;
  unsigned maxThreadsPerBlock;
  unsigned maxThreadsPerSM;
  unsigned maxWarpsPerSM;
  unsigned maxBlocksPerSM;
  /// 32-bit registers, per SM and per thread, and the granularity in which a
  /// warp gets them.
  unsigned registersPerSM;
  unsigned maxRegistersPerThread;
  unsigned registerAllocationUnit;
  /// Warps get their registers in multiples of this many.
  unsigned warpAllocationUnit;
  /// Shared memory in bytes: of one SM, the most a block may use, reserved by
  /// the driver per resident block, allocation unit.
  unsigned sharedBytesPerSM;
  unsigned maxSharedBytesPerBlock;
  unsigned reservedSharedBytesPerBlock;
  unsigned sharedAllocationUnit;
  /// Most static shared memory of a kernel; more must be dynamic.
  unsigned maxStaticSharedBytes;
  /// Bytes per SM that the L1 cache and shared memory divide between them, and
  /// what shared memory may get of it, from the least to the most.
  unsigned unifiedL1Bytes;
  llvm::ArrayRef<unsigned> sharedCarveOuts;
  uint64_t l2Bytes;
  /// Lines of a set.
  unsigned l2Ways;
  /// Parts of the L2 joined by a fabric: an SM reads what another part holds
  /// through its own, which then holds it too.
  unsigned l2Partitions;
  /// Largest grid along x; along y and z.
  int64_t maxGridX, maxGridYZ;

  double boostMHz, baseMHz;
  /// Datasheet DRAM bandwidth and the one at the memory clock that CUDA really
  /// runs at, in GB/s (1e9 bytes).
  double dramGBs, dramActualGBs;
  /// DRAM is written with error correction codes of whole sectors: of those that were
  /// written in part the rest is read first.
  bool dramHasECC;
  /// Reachable DRAM rate by write share, from 0 to 1, linear between points.
  llvm::ArrayRef<DramPoint> dramReachable;
  /// Dense peaks in TFLOP/s at the boost clock; 16-bit and TF32 accumulate in f32.
  double fp32TFLOPs, tf32TFLOPs, fp16TFLOPs, bf16TFLOPs;
  /// Share of the tensor peaks that `mma` instructions reach, without wgmma.
  double mmaShare;
  /// Share of them that products of four warps (wgmma) reach; 0 where there are none.
  double wgmmaShare;

  /// Warp instructions that an SM starts in a cycle: of all kinds, and on the
  /// pipes of f32 arithmetic, of integers and logic, of special functions and
  /// conversions, and of memory instructions.
  double issuePerCycle, fmaPerCycle, aluPerCycle, specialPerCycle, memoryPerCycle;
  /// Likewise for pairs of f16 and for f64. Products of integers are as many as sums.
  double halfPerCycle, doublePerCycle;
  /// How much faster tensor cores add up 16-bit products in f16 than in f32.
  double halfSumsSpeedup;
  /// Bytes per cycle: through the data path of an SM's L1 and shared memory,
  /// from L2 to one SM, and from L2 to all of them together.
  double l1BytesPerCycle, l2BytesPerCyclePerSM, l2BytesPerCycle;
  /// Bytes per cycle that one SM, and all of them together, can send to the L2 to be written.
  double l2WriteBytesPerCyclePerSM, l2WriteBytesPerCycle;
  /// Cycles until the result of an otherwise idle GPU can be used: of an f32 or
  /// integer instruction, of a load from shared memory, L1, L2 and DRAM.
  unsigned arithmeticLatency, sharedLatency, l1Latency, l2Latency, dramLatency;
  /// Of a special function, and of a product of tensor cores beside its time in the pipe.
  unsigned specialLatency, tensorLatency;
  /// The latency of DRAM under load, where a share p of dramActualGBs is used:
  /// 1 + dramQueueing * p^2 / (1 - p) times the one without.
  double dramQueueing;
  /// Share of the L2 that a result may take so that it stays there while what is read once is
  /// the first to leave, which is faster then; 0 where that has not been measured.
  double l2ShareForResults;
  /// Cycles from the end of a block to the start of the next in its place.
  unsigned blockStartCycles;
  /// Cycles between the starts of two blocks on an SM.
  unsigned blockIntervalCycles;
  /// Time of a kernel that does nothing, in microseconds.
  double launchMicroseconds;
  /// How much of that passes while the kernel ahead of it still runs, where a launch may be made
  /// early (griddepcontrol); 0 where none may.
  double launchOverlapMicroseconds;
};

/// All rows, the default target first.
llvm::ArrayRef<GPU> allGPUs();

/// The row of that name, or null.
const GPU *lookupGPU(llvm::StringRef name);

inline const GPU &defaultGPU() { return allGPUs().front(); }

} // namespace poolc

#endif // POOLC_TARGET_GPU_H
