//===- CostModel.cpp - How long a kernel will take ------------------------===//

#include "poolc/Schedule/CostModel.h"

#include "poolc/Target/Roofline.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace poolc;

llvm::StringRef poolc::toString(Limiter limiter) {
  switch (limiter) {
  case Limiter::dram:
    return "DRAM bandwidth";
  case Limiter::l2:
    return "L2 bandwidth";
  case Limiter::latency:
    return "latency";
  case Limiter::issue:
    return "instruction issue";
  case Limiter::fma:
    return "FMA pipe";
  case Limiter::alu:
    return "integer pipe";
  case Limiter::special:
    return "special functions and conversions";
  case Limiter::memory:
    return "memory instructions";
  case Limiter::tensor:
    return "tensor cores";
  case Limiter::wavefronts:
    return "shared memory and L1";
  }
  llvm_unreachable("no other limits");
}

const LimitTime &Prediction::limit(Limiter limiter) const {
  for (const LimitTime &time : limits)
    if (time.limiter == limiter)
      return time;
  static constexpr LimitTime none = {};
  return none;
}

/// Multiply-adds that the tensor cores of the GPU do in a cycle.
static double matrixRate(const GPU &gpu, const KernelCost &cost) {
  MatrixType type = cost.matrixType;
  double peak = type == MatrixType::tf32  ? gpu.tf32TFLOPs
                : type == MatrixType::f16 ? gpu.fp16TFLOPs
                                          : gpu.bf16TFLOPs;
  double share = cost.ofWarpgroups ? gpu.wgmmaShare : gpu.mmaShare;
  return peak * share * 1e12 / 2 / (gpu.boostMHz * 1e6);
}

bool poolc::areProductsLong(const GPU &gpu, const KernelCost &cost) {
  constexpr double longClocks = 24, products16x8 = 16 * 8;
  double depth = cost.matrixType == MatrixType::tf32 ? 8 : 16;
  double perScheduler = matrixRate(gpu, cost) / gpu.numSMs / gpu.issuePerCycle;
  return products16x8 * depth >= longClocks * perScheduler;
}

namespace {
/// The cycles that each limit alone would take for some of a launch's blocks.
class Limits {
public:
  Limits(const GPU &gpu, const KernelCost &cost, const Occupancy &occupancy)
      : gpu(gpu), cost(cost), occupancy(occupancy) {}

  double clock() const { return gpu.boostMHz * 1e6; }

  /// From a request to its data, by where it is found.
  double memoryLatency() const {
    double misses = cost.l2ReadBytes > 0 ? std::min(1.0, cost.dramReadBytes / cost.l2ReadBytes) : 1;
    return gpu.l2Latency + misses * (double(gpu.dramLatency) - gpu.l2Latency);
  }

  /// Whether a step's products of one warp keep its tensor core busy while others load.
  bool hasLongProducts() const {
    return cost.isProductInSteps && cost.matrixMultiplyAdds > 0 && areProductsLong(gpu, cost);
  }

  /// Products on FMA units wait for loads, of which threads with more sums have fewer; where an SM
  /// begins one in each clock, for their dispatch, too: on an H200, schedulers issue in 63 to 78 %
  /// of the clocks, the more the more warps they have.
  bool waitsForDispatch() const {
    return cost.isProductInSteps && cost.matrixMultiplyAdds == 0 && gpu.memoryPerCycle >= 1;
  }
  static constexpr double longerByDispatch = 1.2, moreSumsOfFma = 0.2;

  double tensorCycles() const {
    return cost.matrixMultiplyAdds * gpu.numSMs / matrixRate(gpu, cost);
  }

  /// The same where so many warps leave schedulers with fewer, each of which has a tensor core.
  double unevenTensorCycles(double warps) const {
    constexpr double schedulers = 4;
    double most = std::ceil(warps / schedulers) * schedulers;
    return tensorCycles() * (hasLongProducts() ? most / warps : 1);
  }

  /// A block's time on the SM. Its warps use one pipe after the other, and only
  /// if there are many do some use one while others use another: with few, the
  /// times on the pipes add up.
  double pipeCycles(double residentBlocks) const {
    double warps = residentBlocks * double(cost.warpsPerBlock), warpsPerSM = warps;
    double tensor = unevenTensorCycles(warps);
    // Of products that four warps make together, more warps of a block do the same at the same
    // time: they meet at its barriers.
    constexpr double apart = 8;
    if (cost.ofWarpgroups)
      warpsPerSM = residentBlocks * std::min(apart, double(cost.warpsPerBlock));
    // One that only multiplies is never at another one's end.
    if (cost.hasOtherRoles)
      warpsPerSM *= 2;
    // Tensor cores work for many clocks on what one warp issues, the slow ones for most; for four
    // warps they do, while these load and copy. FMA units work on as many sums as a thread has.
    bool areLong = cost.matrixMultiplyAdds == 0 || areProductsLong(gpu, cost);
    double warpsPerPower = cost.ofWarpgroups        ? 2
                           : cost.isStreaming       ? 7
                           : !cost.isProductInSteps ? 12
                           : areLong                ? 5
                                                    : 11;
    // Products of more sums do not wait for each other, as those of more warps do not.
    constexpr double usualSums = 64;
    if (cost.isProductInSteps && areLong)
      warpsPerSM *= std::pow(std::max(1.0, cost.sumsPerThread / usualSums),
                             waitsForDispatch() ? moreSumsOfFma : 1);
    double power = std::max(1.0, warpsPerSM / warpsPerPower);
    // In a long step, a warp loads while it multiplies: only the first operands are behind the
    // barrier.
    constexpr double longStep = 16, mostOfOneWarp = 1.5, firstProducts = 4;
    double behindBarrier = 1;
    if (hasLongProducts()) {
      power = std::max(power, std::min(mostOfOneWarp, 1 + cost.productsInStep / longStep));
      behindBarrier = firstProducts / std::max(firstProducts, cost.productsInStep);
    }
    double sum = 0;
    double memory = std::max(cost.memory / gpu.memoryPerCycle, cost.wavefronts);
    for (double cycles : {cost.fma / gpu.fmaPerCycle, cost.alu / gpu.aluPerCycle,
                          cost.special / gpu.specialPerCycle, memory, tensor})
      sum += std::pow(cycles, power);
    // Behind a barrier, tensor cores wait for the operands that all warps load at once, as
    // far as no other block has some.
    constexpr double warpsOfLoads = 4, otherBlocks = 2;
    double exposed =
        cost.isProductInSteps && cost.matrixMultiplyAdds > 0
            ? std::min(1.0, warpsOfLoads / warpsPerSM / std::max(1.0, residentBlocks / otherBlocks))
            : 0;
    double pipes =
        std::max(std::pow(sum, 1 / power) + exposed * behindBarrier * memory,
                 cost.instructions / std::min(gpu.issuePerCycle, cost.issuePerWarp * warps));
    return pipes * (waitsForDispatch() ? longerByDispatch : 1);
  }

  /// A block that has an SM to itself.
  double aloneCycles() const {
    return cost.dependentTrips * memoryLatency() + cost.serialCycles + pipeCycles(1);
  }

  /// The SM that gets most of so many blocks. It begins one after the other, however short
  /// they are.
  double pipeSeconds(double blocks) const {
    double resident = std::min<double>(occupancy.blocksPerSM, std::ceil(blocks / gpu.numSMs));
    double cycles = pipeCycles(resident);
    if (cost.isProductInSteps || cost.isStreaming)
      cycles = std::hypot(cycles, double(gpu.blockIntervalCycles));
    return std::ceil(blocks / gpu.numSMs) * cycles / clock();
  }

  /// Bytes per cycle that resident blocks can keep coming, by Little's law.
  double bytesPerCycle(double resident) const {
    return resident * cost.bytesInFlight / memoryLatency();
  }

  void add(Limiter limiter, double cycles) { times.push_back({limiter, cycles / clock()}); }

  llvm::SmallVector<LimitTime, 10> of(double blocks) {
    times.clear();
    double share = cost.blocks > 0 ? blocks / double(cost.blocks) : 0;
    // The SM that gets most.
    double perSM = std::ceil(blocks / gpu.numSMs);
    double resident = std::min(blocks, double(gpu.numSMs) * occupancy.blocksPerSM);

    double dramBytes = cost.dramReadBytes + cost.dramWriteBytes;
    if (dramBytes > 0)
      times.push_back(
          {Limiter::dram,
           share * dramBytes / (reachableDramGBs(gpu, cost.dramWriteBytes / dramBytes) * 1e9)});
    else
      times.push_back({Limiter::dram, 0});
    double l2Bytes = cost.l2ReadBytes + cost.l2WriteBytes;
    double perBlock = cost.blocks > 0 ? cost.l2ReadBytes / double(cost.blocks) : 0;
    add(Limiter::l2, std::max(share * l2Bytes / gpu.l2BytesPerCycle,
                              perSM * perBlock / gpu.l2BytesPerCyclePerSM));
    double rounds = std::ceil(blocks / (double(gpu.numSMs) * occupancy.blocksPerSM));
    double waiting = rounds * (aloneCycles() + gpu.blockStartCycles);
    if (cost.bytesInFlight > 0 && resident > 0)
      waiting = std::max(waiting, share * cost.l2ReadBytes / bytesPerCycle(resident));
    add(Limiter::latency, waiting);
    add(Limiter::issue, perSM * cost.instructions / gpu.issuePerCycle);
    add(Limiter::fma, perSM * cost.fma / gpu.fmaPerCycle);
    add(Limiter::alu, perSM * cost.alu / gpu.aluPerCycle);
    add(Limiter::special, perSM * cost.special / gpu.specialPerCycle);
    add(Limiter::memory, perSM * cost.memory / gpu.memoryPerCycle);
    add(Limiter::tensor, perSM * tensorCycles());
    add(Limiter::wavefronts, perSM * cost.wavefronts);
    return times;
  }

private:
  const GPU &gpu;
  const KernelCost &cost;
  const Occupancy &occupancy;
  llvm::SmallVector<LimitTime, 10> times;
};
} // namespace

/// Of norms of limits.
static constexpr double usualPower = 6;

/// How much memory hides of what else blocks do. Where blocks that stream pass results through
/// shared memory, all warps of one read, add and store at the same time, so it takes several
/// blocks.
static double overlapPower(const KernelCost &cost, double residentBlocks) {
  if (!cost.isStreaming || cost.sharedBytesPerBlock == 0)
    return usualPower;
  return std::clamp(1.5 + residentBlocks, 3.0, usualPower);
}

/// Limits near each other get in each other's way: the norm lies above their
/// maximum, by 2^(1/p) where two are equal.
static double combine(std::initializer_list<double> seconds, double p) {
  double largest = std::max(seconds), sum = 0;
  if (largest == 0)
    return 0;
  for (double time : seconds)
    sum += std::pow(time / largest, p);
  return largest * std::pow(sum, 1 / p);
}

Prediction poolc::predict(const GPU &gpu, const KernelCost &cost) {
  Prediction result;
  KernelResources resources;
  resources.threadsPerBlock = cost.warpsPerBlock * gpu.warpSize;
  resources.registersPerThread =
      cost.likelyRegisters ? cost.likelyRegisters : cost.registersPerThread;
  resources.sharedBytesPerBlock = cost.sharedBytesPerBlock;
  result.occupancy = computeOccupancy(gpu, resources);
  if (result.occupancy.blocksPerSM == 0) {
    result.seconds = std::numeric_limits<double>::infinity();
    result.limiter = Limiter::latency;
    return result;
  }
  double resident = double(gpu.numSMs) * result.occupancy.blocksPerSM;
  result.waves = double(cost.blocks) / resident;
  if (cost.blocks == 0)
    return result;

  Limits limits(gpu, cost, result.occupancy);
  result.limits = limits.of(double(cost.blocks));
  double perSM =
      std::min<double>(result.occupancy.blocksPerSM, std::ceil(double(cost.blocks) / gpu.numSMs));
  double memory = combine({result.limit(Limiter::dram).seconds, result.limit(Limiter::l2).seconds,
                           result.limit(Limiter::latency).seconds},
                          usualPower);
  result.seconds =
      combine({memory, limits.pipeSeconds(double(cost.blocks))}, overlapPower(cost, perSM)) +
      double(cost.launches) * gpu.launchMicroseconds * 1e-6;
  // Until the first data arrive nothing flows, and while the last blocks finish,
  // ever fewer use what the others left. Blocks that stream do so however few they are: those
  // that are resident together read, add and store together.
  if (result.waves > 1 || cost.isStreaming)
    result.seconds += (limits.memoryLatency() + limits.aloneCycles() / 2) / limits.clock();
  result.limiter = llvm::max_element(result.limits, [](auto &a, auto &b) {
                     return a.seconds < b.seconds;
                   })->limiter;
  result.bytesInFlightPerSM = cost.bytesInFlight * perSM;
  result.bytesInFlightNeeded =
      gpu.dramActualGBs * 1e9 / limits.clock() * gpu.dramLatency / gpu.numSMs;
  return result;
}
