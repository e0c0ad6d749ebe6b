//===- Conv1dGemmCost.h - What convolutions by matrices cost ----*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_CONV1DGEMMCOST_H
#define POOLC_LIB_SCHEDULE_CONV1DGEMMCOST_H

#include "poolc/Schedule/Algorithm.h"
#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Target/Fragments.h"

namespace poolc {

/// Channels that one instruction of the tensor cores sums: 32 bytes of them.
inline int64_t channelsPerInstruction(const Conv1dProblem &problem) {
  return 32 / sizeInBytes(problem.type);
}

/// Sums of a tile that each thread holds.
inline int64_t sumsPerThread(const Schedule &schedule) {
  constexpr int64_t warpSize = 32;
  return schedule.blockM * schedule.blockN / (schedule.numWarps * warpSize);
}

/// How a block that multiplies matrices stages its operands in shared memory.
struct GemmSteps {
  /// Steps of its loop, and taps multiplied in each.
  int64_t steps = 1, taps = 1;
  /// The share of those taps that there are.
  double tapsInUse = 1;
  /// Positions of x staged for each channel, and their distance in elements.
  int64_t span = 1, spanStride = 1;
  /// Copies that each thread makes in a step, and elements that one moves.
  int64_t copiesPerThread = 0, vector = 1;
  /// Whether they are cp.async, which can run ahead of the computation.
  bool isAsync = true;
  /// Shared memory of all stages.
  int64_t sharedBytes = 0;
  /// Memory instructions that load a warp's fragment of x, of 8 positions.
  double loadsPerFragmentX = 0;
  /// Neighbouring positions that a thread had best multiply, where a warp has as many
  /// fragments.
  NeighbourColumns columnsX;
  /// Those that load a fragment of the weights, of 16 channels; one is ldmatrix.
  double loadsPerFragmentW = 1;
  /// Wavefronts of each of them that is no ldmatrix, by bank conflicts.
  double conflictsX = 1, conflictsW = 1;
  /// How many times as long threads of four warps that multiply together wait for loads of x.
  double waitsX = 1;
  /// Of those of x where a warp has too few fragments for the best number of neighbours.
  double conflictsOfFewX = 1;
  /// Output channels whose weights FMA units load at once.
  int64_t rowsAtOnce = 1;
  /// Bytes of weights in one step, where the copies do not read the weights as
  /// they lie.
  int64_t weightBytes = 0;
  /// Whether a block copies them for its first tiles alone.
  bool keepsWeights = false;
  /// Whether two neighbouring outputs are stored at once.
  bool storesPairs = false;
  /// Whether four warps multiply together, by wgmma.
  bool ofWarpgroups = false;
  /// Whether they read x by themselves too, which each thread has loaded and written so many
  /// elements of.
  bool ofChunks = false;
  int64_t loadsPerThread = 0;
};

/// What tensor cores multiply.
MatrixType matrixTypeOf(const Conv1dProblem &problem);

/// Whether windows reach so little beyond their neighbours that wide tiles share little of x.
bool hasShortWindow(const Conv1dProblem &problem);

/// The cost of a block_m x block_n tile of sums in `GemmSteps::steps` steps.
KernelCost estimateGemm(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
                        const GemmSteps &steps);

/// Registers that a thread needs at least for sums, operands and addresses, where `taps` are
/// multiplied in a step on tensor cores.
int64_t countRegisters(const Conv1dProblem &problem, const Schedule &schedule, int64_t taps);

/// The same of f32 where weights are loaded in runs as they lie: a load brings those of two
/// instructions, which are rounded, as ptxas 13.0 needs them for sm_89; 0 for others.
int64_t countRegistersOfRuns(const Conv1dProblem &problem, const Schedule &schedule);

/// Taps that are multiplied in one step of gemm_rows or gemm_packed.
int64_t tapsOfStep(const Conv1dProblem &problem, const Schedule &schedule);

/// Registers that products on tensor cores need beyond those that a thread may have.
int64_t countSpilled(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule);

/// Whether the channels can be summed in the parts of split_k, if any.
llvm::Error checkParts(const Conv1dProblem &problem, const Schedule &schedule);

/// Parts of a sum at most; the last launch has a thread add all parts of an output.
constexpr int64_t maxParts = 16;

/// Appends the schedules that leave SMs without blocks once more, with their sums in as many
/// parts as fill `blocksPerSM` blocks on each, where `check` allows them.
void appendSplits(const Conv1dProblem &problem, const GPU &gpu, int64_t blocksPerSM,
                  llvm::function_ref<llvm::Error(const Schedule &)> check,
                  llvm::SmallVectorImpl<Schedule> &schedules);

/// Adds what parts of sums cost: they are written in f32 and read by a launch of their
/// own, in L2 as far as they fit.
void addParts(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule,
              KernelCost &cost);

/// Adds a first launch, which reads the weights and writes them as they are staged. Returns the
/// bytes that it writes.
double addPacking(const Conv1dProblem &problem, const Schedule &schedule,
                  const Conv1dPacked &staging, KernelCost &cost);

/// The cost of gemm_rows.
KernelCost estimateRows(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule);

/// The cost of gemm_flat.
KernelCost estimateFlat(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule);

/// The cost of gemm_packed, or of gemm_wgmma, which stages the same.
KernelCost estimatePacked(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DGEMMCOST_H
