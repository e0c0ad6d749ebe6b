//===- CostModel.cpp - How long a kernel will take ------------------------===//

#include "poolc/Schedule/CostModel.h"

#include "poolc/Target/Roofline.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
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

static double dramSeconds(const GPU &gpu, const KernelCost &cost) {
  double bytes = cost.dramReadBytes + cost.dramWriteBytes;
  return bytes > 0 ? bytes / (reachableDramGBs(gpu, cost.dramWriteBytes / bytes) * 1e9) : 0;
}

/// f32 multiply-adds that the GPU does in a second.
static double fmaRate(const GPU &gpu) { return gpu.fp32TFLOPs * 1e12 / 2; }

static double matrixRate(const GPU &gpu, MatrixType type) {
  switch (type) {
  case MatrixType::tf32:
    return gpu.tf32TFLOPs * 1e12 / 2;
  case MatrixType::f16:
    return gpu.fp16TFLOPs * 1e12 / 2;
  case MatrixType::bf16:
    return gpu.bf16TFLOPs * 1e12 / 2;
  }
  llvm_unreachable("no other types");
}

Prediction poolc::predict(const GPU &gpu, const KernelCost &cost) {
  Prediction result;
  KernelResources resources;
  resources.threadsPerBlock = cost.warpsPerBlock * gpu.warpSize;
  resources.registersPerThread = cost.registersPerThread;
  resources.sharedBytesPerBlock = cost.sharedBytesPerBlock;
  result.occupancy = computeOccupancy(gpu, resources);
  if (result.occupancy.blocksPerSM == 0) {
    result.seconds = std::numeric_limits<double>::infinity();
    return result;
  }
  double resident = double(gpu.numSMs) * result.occupancy.blocksPerSM;
  result.waves = cost.blocks / resident;

  double blocks = cost.blocks;
  result.limits = {
      {Limiter::dram, dramSeconds(gpu, cost)},
      {Limiter::fma, blocks * cost.fma * gpu.warpSize / fmaRate(gpu)},
      {Limiter::tensor, blocks * cost.matrixMultiplyAdds / matrixRate(gpu, cost.matrixType)},
  };
  for (const LimitTime &limit : result.limits)
    if (limit.seconds > result.seconds) {
      result.seconds = limit.seconds;
      result.limiter = limit.limiter;
    }
  return result;
}
