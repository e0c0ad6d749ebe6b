//===- Conv1dIm2colCost.cpp - What gemm_im2col costs ----------------------===//

#include "Conv1dIm2colCost.h"

#include "ActivationCost.h"
#include "Conv1dNarrowCost.h"
#include "Conv1dOverlap.h"
#include "Rules.h"

#include "poolc/Schedule/Conv1dIm2col.h"
#include "poolc/Schedule/Conv1dStaging.h"
#include "poolc/Schedule/Streaming.h"

#include <algorithm>

using namespace poolc;

namespace {
/// Counts of what a block does.
class Cost : Conv1dNarrowCost {
public:
  Cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule)
      : Conv1dNarrowCost(problem, gpu, schedule), staging(problem, schedule),
        steps(double(staging.steps())) {}

  KernelCost compute() {
    countBlocks(staging.sharedBytes(schedule, problem.type));
    countStagedStores();
    cost.launches = staging.packs ? 2 : 1;
    countBytes();
    countInstructions();
    return cost;
  }

private:
  void countBytes() {
    stagedX =
        double(problem.inPerGroup) * staging.span * std::max<int64_t>(1, staging.period) * element;
    stagedW = double(staging.chunks * staging.chunk * schedule.blockM) * element;
    double blocks = double(cost.blocks);
    // The first launch reads the weights and writes them.
    double packed = staging.packs ? double(problem.groups * staging.packedChannels) * steps *
                                        staging.chunks * staging.chunk * element
                                  : 0;
    cost.dramReadBytes =
        std::min(bytesOfX(), blocks * stagedX) + bytesOfWeights() + bytesOfResidual();
    cost.l2ReadBytes = blocks * (stagedX + steps * stagedW) + (packed == 0 ? 0 : bytesOfWeights()) +
                       bytesOfResidual();
    cost.dramWriteBytes += packed;
    cost.l2WriteBytes += packed;
    cost.bytesInFlight = stagedX + stagedW * std::max<double>(1, double(schedule.numStages - 1));
    // Nothing is done until all of x is there: 129 us on an H200 for 1 to 64 channels of 8 x 240000
    // and seven taps in TF32, and 67 to 32 channels, predicted to be 118 and 63 without the factor.
    // In 16 bits, 73 for 2 to 64 channels of 4 x 441000, predicted to be 77 without any of it.
    constexpr double ofAllRows = 2;
    if (problem.type == DataType::f32 && storesStream(problem, gpu))
      cost.serialCycles +=
          ofAllRows * cyclesBehindWrites * std::min(1.0, bytesOfX() / (blocks * stagedX));
    bool overlaps = schedule.numStages > 1 && steps > 1;
    cost.dependentTrips = (overlaps ? 1 : steps) + (problem.addsResidual ? 1 : 0);
  }

  /// What ptxas takes at most; epilogues with residuals or polynomials take more.
  void limitRegisters() {
    bool isPlain = !problem.addsResidual && (!problem.activation || problem.activation.isExact());
    double forEpilogue = staging.chunk == 1 ? 127 : 40;
    if (!isPlain)
      cost.registersPerThread =
          std::min<double>(gpu.maxRegistersPerThread, cost.registersPerThread + forEpilogue);
    if (staging.mostRegisters != 0)
      cost.registersPerThread = std::min<int64_t>(cost.registersPerThread, staging.mostRegisters);
  }

  /// FMA units: a thread has rows in groups of four, which one load of the weights
  /// brings, and columns.
  void countOnFmaUnits() {
    double warpsM = double(countWarpsAlongM(schedule)),
           held = double(schedule.blockM * schedule.blockN) / (warps * 32);
    double rows = double(schedule.blockM) / (4 * warpsM), columns = held / rows;
    double depth = steps * staging.chunks;
    double copies =
        staging.copiesOfX(schedule, gpu) + steps * staging.copiesOfWeights(schedule, gpu);
    double stores = held / 4;
    ActivationCost activation = activationCost(problem);
    cost.memory = warps * (depth * (rows / 4 + columns) + copies + 2 * steps + held + 2 * stores);
    cost.alu = warps * (60 + copies * 4 + steps * 10 + stores * 10 + held * endsPerOutput);
    cost.fma = warps * held * (depth + 1 + activation.fma);
    cost.special = warps * held * activation.special;
    cost.instructions = cost.memory + cost.alu + cost.fma + cost.special;
    // A load of 16 bytes for each of four rows of threads is half a wavefront for each.
    cost.wavefronts = warps * (depth * (rows / 2 + columns) + copies * 4 + held + 8 * stores);
    // With 64 sums, 139 on an H200, of which three blocks of four warps fit: 158 us for the first
    // layer of wav2vec 2.0, and 147 with 32 sums.
    cost.registersPerThread =
        std::min<double>(gpu.maxRegistersPerThread, 56 + held + rows + columns);
    limitRegisters();
  }

  void countInstructions() {
    if (staging.chunk == 1)
      return countOnFmaUnits();
    double warpsM = double(countWarpsAlongM(schedule)),
           held = double(schedule.blockM * schedule.blockN) / (warps * 32);
    double fragmentsM = double(schedule.blockM) / (16 * warpsM);
    double fragmentsN = double(schedule.blockN) * warpsM / (8 * warps);
    double products = steps * staging.chunks / 2; // along K, for each warp
    bool isF32 = problem.type == DataType::f32, isSplit = problem.precision == Precision::tf32x3;
    bool isMatrix = staging.chunkAlignment == staging.chunk;
    bool isPair = isF32 || staging.chunkAlignment >= 2;
    double loadsX = isMatrix ? 1 : isPair ? 2 : 4;
    double multiplied = isSplit ? 3 : 1;
    double copies =
        staging.copiesOfX(schedule, gpu) + steps * staging.copiesOfWeights(schedule, gpu);
    double stores = held * element / 16;
    ActivationCost activation = activationCost(problem);

    double loads = products * (fragmentsM + fragmentsN * loadsX);
    cost.memory = warps * (loads + copies + held / 2 + 2 * stores +
                           (problem.addsResidual ? held / schedule.vector : 0) + 2 * steps);
    // Loads of x are put together of halves, and clipped at the last taps.
    double arranged = products * fragmentsN * (isMatrix || isPair ? 1 : 3);
    cost.alu =
        warps * (60 + copies * 4 + arranged + steps * 10 + stores * 10 + held * endsPerOutput);
    cost.special =
        warps *
        ((isF32 ? products * (4 * fragmentsM + 2 * fragmentsN) * (isSplit ? 3 : 1) : held / 2) +
         held * activation.special);
    cost.fma = warps * held * (1 + activation.fma);
    double matrix = products * fragmentsM * fragmentsN * multiplied;
    cost.instructions = cost.memory + cost.alu + cost.special + cost.fma + warps * matrix;
    countProducts(warps * matrix);
    // Where fewer warps are resident than the SM has schedulers, some tensor cores idle.
    double resident =
        warps * std::max<int64_t>(1, gpu.sharedBytesPerSM / (cost.sharedBytesPerBlock +
                                                             gpu.reservedSharedBytesPerBlock));
    cost.matrixMultiplyAdds *= std::max(1.0, gpu.issuePerCycle / resident);
    cost.isProductInSteps = steps > 1 && areProductsLong(gpu, cost);
    double xWavefronts = isMatrix ? 2 * staging.wavefrontsX : loadsX * staging.wavefrontsX;
    cost.wavefronts = warps * (products * (4 * fragmentsM + fragmentsN * xWavefronts) + copies * 4 +
                               held / 2 + 8 * stores + (problem.addsResidual ? held : 0));
    cost.registersPerThread =
        std::min<double>(gpu.maxRegistersPerThread, 64 + held + fragmentsN * 2 * (isSplit ? 2 : 1));
    limitRegisters();
  }

  Conv1dIm2col staging;
  double steps;
  /// Bytes of x and of the weights in a step.
  double stagedX = 0, stagedW = 0;
};
} // namespace

KernelCost poolc::estimateIm2col(const Conv1dProblem &problem, const GPU &gpu,
                                 const Schedule &schedule) {
  KernelCost cost = Cost(problem, gpu, schedule).compute();
  overlap::addParts(problem, gpu, schedule, cost);
  return cost;
}
