//===- CostModel.h - How long a kernel will take ----------------*- C++ -*-===//
//
// First-order time of a kernel from counts that an algorithm can tell without
// building it. Pure functions; every figure of a GPU comes from its table row.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_COSTMODEL_H
#define POOLC_SCHEDULE_COSTMODEL_H

#include "poolc/Support/DataType.h"
#include "poolc/Target/GPU.h"
#include "poolc/Target/Occupancy.h"

#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace poolc {

/// Matrix instructions by what they multiply; all accumulate in f32.
enum class MatrixType { tf32, f16, bf16 };

/// What a launch does. Counts per block are averages over all blocks.
struct KernelCost {
  // The launch.
  int64_t blocks = 0;
  /// One after the other, if others must prepare something first.
  int64_t launches = 1;
  int64_t warpsPerBlock = 1;
  /// At most; 0 counts as the fewest.
  int64_t registersPerThread = 0;
  /// As many as the threads will likely take, where that is known: they decide how many blocks
  /// are resident.
  int64_t likelyRegisters = 0;
  /// Those of a thread that do not fit, and go to memory.
  int64_t spilledRegisters = 0;
  int64_t sharedBytesPerBlock = 0;

  // Bytes of whole sectors that the launch moves, everything together.
  /// Between DRAM and L2: what is not in L2 when it is needed.
  double dramReadBytes = 0, dramWriteBytes = 0;
  /// Between L2 and the SMs: what is not in an SM's L1 when it is needed.
  double l2ReadBytes = 0, l2WriteBytes = 0;

  // Warp instructions of one block.
  /// All of them, also those below.
  double instructions = 0;
  /// f32 arithmetic.
  double fma = 0;
  /// Integer, logic and comparison.
  double alu = 0;
  /// Conversions, reciprocals, exponentials.
  double special = 0;
  /// Memory instructions of any kind, shuffles and barriers.
  double memory = 0;
  /// Multiply-adds on tensor cores (not instructions), and their type.
  double matrixMultiplyAdds = 0;
  MatrixType matrixType = MatrixType::tf32;
  /// Whether four warps multiply together, which makes use of more of the tensor cores.
  bool ofWarpgroups = false;
  /// Of such products: whether their warps do nothing else, as others copy and store.
  bool hasOtherRoles = false;
  /// Whether operands come from shared memory in steps, behind barriers, and all registers
  /// of a thread are sums and operands: the other pipes then do little.
  bool isProductInSteps = false;
  /// Of such products: bytes of an input's rows that blocks side by side load both, in sectors,
  /// as a share of the rows.
  double overlap = 0;
  /// Whether tensor cores take long for them: what the rest is worth then is known.
  bool hasLongProducts = false;
  /// The same of short windows, by where in a sector the tiles begin: wider tiles load less of it,
  /// which is worth some time. 0 where windows are long, or products are not.
  double avoidableOverlap = 0;
  /// Of such products: instructions of all blocks that copy from global memory.
  double loadRequests = 0;
  /// Sums of products that a thread holds then, which do not wait for each other.
  double sumsPerThread = 64;
  double productsInStep = 0; // Instructions of a warp for the same sums in a step; 0: not known.

  /// Whether blocks read, add a little and store, each by itself: what waits for one pipe leaves
  /// the others to more warps, and an SM begins one block after the other.
  bool isStreaming = false;

  /// Instructions of one warp in a cycle, at most: those that wait for each other are fewer.
  double issuePerWarp = 1;

  /// Cycles of one block on the 128-byte data path of L1 and shared memory:
  /// wavefronts of shared accesses, bank conflicts included, and of global ones.
  double wavefronts = 0;

  // Waiting.
  /// Bytes of global memory that one block has requested but not got, averaged
  /// over its life.
  double bytesInFlight = 0;
  /// Trips to memory (from the request to the last byte) that one block makes
  /// one after the other, because each needs the one before, a register or a
  /// buffer that it frees. A block without any pipelining has one per step.
  double dependentTrips = 1;
  /// Further cycles of one block alone that nothing of its own overlaps.
  double serialCycles = 0;

  /// What decides between schedules of equal time, most of which nothing shows while memory
  /// is what is waited for: how often the memory system is asked for more than the least,
  /// for each access that would do. 0 is none.
  double avoidable = 0;
};

/// Whether one product of a warp (mma.sync) keeps a scheduler's tensor core busy for as long
/// as the warp takes to issue what comes with it. On data-centre GPUs none does.
bool areProductsLong(const GPU &gpu, const KernelCost &cost);

/// What bounds the time of a kernel.
enum class Limiter { dram, l2, latency, issue, fma, alu, special, memory, tensor, wavefronts };

/// "DRAM bandwidth", "latency", ...
llvm::StringRef toString(Limiter limiter);

/// The time that one limit alone would allow.
struct LimitTime {
  Limiter limiter = Limiter::dram;
  double seconds = 0;
};

struct Prediction {
  Occupancy occupancy;
  /// Rounds of blocks that fill the GPU, e.g. 2.3.
  double waves = 0;
  /// Time of the launch and what bounds it most.
  double seconds = 0;
  Limiter limiter = Limiter::dram;
  /// All limits, in the enumeration's order; none where there are no blocks or
  /// none fits.
  llvm::SmallVector<LimitTime, 10> limits;
  /// Bytes that an SM has requested but not got, on average, and how many it
  /// needs for the full DRAM rate at the latency of an idle GPU.
  double bytesInFlightPerSM = 0, bytesInFlightNeeded = 0;

  const LimitTime &limit(Limiter limiter) const;
  /// The share of the time that the limit alone would take, 0 to 1.
  double share(Limiter limiter) const { return seconds > 0 ? limit(limiter).seconds / seconds : 0; }
};

/// The time of a launch; infinite where a block does not fit on an SM.
Prediction predict(const GPU &gpu, const KernelCost &cost);

} // namespace poolc

#endif // POOLC_SCHEDULE_COSTMODEL_H
