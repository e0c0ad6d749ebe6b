//===- Machine.cpp - A GPU's rates in clocks of an SM ---------------------===//

#include "Machine.h"

#include <algorithm>
#include <cmath>

using namespace poolc;
using namespace poolc::vgpu;

double Machine::holdOf(Pipe pipe) const {
  auto of = [](double perCycle) { return numSchedulers / perCycle; };
  switch (pipe) {
  case Pipe::alu:
  case Pipe::multiply:
    return of(gpu.aluPerCycle);
  case Pipe::fma:
    return of(gpu.fmaPerCycle);
  case Pipe::half:
    return of(gpu.halfPerCycle);
  case Pipe::fp64:
    return of(gpu.doublePerCycle);
  case Pipe::special:
    return of(gpu.specialPerCycle);
  case Pipe::memory: // Shared by all schedulers: see the replay.
  case Pipe::tensor:
  case Pipe::control:
    return 1;
  }
  return 1;
}

/// Multiply-adds per clock of a scheduler's tensor core, if it gets them fast enough.
static double tensorRate(const GPU &gpu, TensorKind kind) {
  double TFLOPs = kind == TensorKind::tf32 ? gpu.tf32TFLOPs : gpu.fp16TFLOPs;
  double rate = TFLOPs * 1e6 / (2 * gpu.boostMHz * gpu.numSMs * numSchedulers);
  return kind == TensorKind::halfWithHalfSums ? rate * gpu.halfSumsSpeedup : rate;
}

/// What instructions of that kind reach of it.
static double shareOf(const GPU &gpu, const OpCost &cost) {
  return cost.role == MemoryRole::product ? gpu.wgmmaShare : gpu.mmaShare;
}

double Machine::holdOf(const OpCost &cost) const {
  if (cost.pipe != Pipe::tensor)
    return holdOf(cost.pipe);
  return cost.multiplyAdds / (tensorRate(gpu, cost.tensor) * shareOf(gpu, cost));
}

double Machine::tensorActivityOf(const OpCost &cost) const {
  if (cost.pipe != Pipe::tensor)
    return 0;
  double throttled = cost.tensor == TensorKind::halfWithHalfSums ? 1 : gpu.halfSumsSpeedup;
  return cost.multiplyAdds / (tensorRate(gpu, cost.tensor) * throttled * shareOf(gpu, cost));
}

unsigned Machine::latencyOf(const OpCost &cost) const {
  if (cost.pipe == Pipe::tensor)
    return gpu.tensorLatency + unsigned(std::lround(tensorActivityOf(cost) * shareOf(gpu, cost)));
  if (cost.pipe == Pipe::special)
    return gpu.specialLatency + 4 * (cost.issues - 1);
  if (cost.pipe == Pipe::memory) // Shuffles.
    return gpu.sharedLatency;
  if (cost.issues == 0)
    return 0;
  // Long sequences are mostly chains; short ones carry from one to the next.
  constexpr double chained = 0.6;
  unsigned others = cost.issues - std::min(cost.special, cost.issues);
  double alu =
      others <= 2 ? gpu.arithmeticLatency + others - 1.0 : gpu.arithmeticLatency * others * chained;
  if (cost.pipe == Pipe::fp64)
    alu += holdOf(Pipe::fp64) * others;
  return unsigned(std::lround(alu)) + cost.special * gpu.specialLatency;
}

bool Machine::fencesArrivals() const {
  constexpr unsigned hopper = 90;
  llvm::StringRef chip = gpu.chip;
  unsigned number = 0;
  chip.consume_front("sm_");
  chip.consumeInteger(10, number);
  return number < hopper;
}
