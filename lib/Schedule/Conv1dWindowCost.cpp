//===- Conv1dWindowCost.cpp - What windows in registers cost --------------===//

#include "Conv1dWindowCost.h"

#include "ActivationCost.h"
#include "Conv1dOverlap.h"
#include "Footprint.h"

#include "poolc/Schedule/Conv1dWindow.h"
#include "poolc/Schedule/Grid.h"
#include "poolc/Schedule/Streaming.h"
#include "poolc/Target/Fragments.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace poolc;

namespace {
/// Counts of what a block does.
class Cost {
public:
  Cost(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule)
      : problem(problem), gpu(gpu), schedule(schedule), window(problem, schedule),
        element(sizeInBytes(problem.type)) {}

  KernelCost compute() {
    KernelCost cost;
    cost.blocks = llvm::cantFail(makeTileGrid(problem, schedule)).blocks();
    cost.warpsPerBlock = schedule.numWarps;
    cost.sharedBytesPerBlock = window.sharedBytes(schedule, problem.type);
    countBytes(cost);
    countInstructions(cost);
    if (window.stagesStores)
      overlap::addParts(problem, gpu, schedule, cost);
    return cost;
  }

private:
  void countBytes(KernelCost &cost) {
    double outputs = double(problem.batch) * problem.outChannels() * problem.outputSize() * element;
    double weights = double(problem.outChannels()) * problem.taps() * element;
    double x = double(problem.batch) * problem.inChannels() * problem.window.size * element;
    double residual = problem.addsResidual ? outputs : 0;
    double steps = double(cost.blocks) * double(window.steps);
    double staged = steps * stagedBytesOfX(), stagedW = steps * stagedBytesOfTaps();
    cost.dramReadBytes = std::min(x, staged) * timeOfRowsAtOnce() + weights + residual;
    cost.dramWriteBytes = outputs;
    cost.l2ReadBytes = staged + stagedW + residual;
    // Stores of less than a thread's neighbours write parts of sectors, and a run
    // that begins in the middle of one touches one more.
    double lanes = std::min<double>(gpu.warpSize, double(schedule.blockN) / schedule.vector);
    double stored = double(window.storeVector) * element;
    WarpAccess access = accessGlobal(lanes, stored, double(schedule.vector) * element);
    bool aligned = problem.outputSize() * element % 32 == 0;
    cost.l2WriteBytes = outputs * (access.sectors + (aligned ? 0 : 1)) * 32 / (lanes * stored);
    storeWavefronts = access.wavefronts;
    if (window.stagesStores) {
      cost.l2WriteBytes = outputs * (1 + sectorBytes / double(schedule.blockN * element));
    } else if (window.storeVector == 1)
      cost.dramWriteBytes *= timeOfUnalignedRows(problem.outputSize() * element, gpu);
    double inFlight = double(window.elementsX) * element;
    cost.bytesInFlight = inFlight * std::max<int64_t>(1, schedule.numStages - 1);
    cost.dependentTrips = 1 + (problem.addsResidual ? 1 : 0) +
                          double(window.steps - 1) / std::max<int64_t>(1, schedule.numStages);
    if (storesStream(problem, gpu))
      cost.serialCycles += cyclesBehindWrites * std::min(1.0, x / staged);
  }

  /// An H200 reads rows that are a large power of two apart more slowly at once than one after
  /// the other: 32 channels of 4 x 262144 take 37 to 39 us one by one, in any tiles, 40 to 42 in
  /// steps of two and 42 to 45 in steps of eight. Of 240000 positions all take as long.
  double timeOfRowsAtOnce() const {
    constexpr double ofTwo = 0.06, ofMore = 0.12;
    if (gpu.wgmmaShare == 0 || window.steps == 1 || schedule.blockK == 1 ||
        !hasRowsFarApart(problem))
      return 1;
    return 1 + (schedule.blockK == 2 ? ofTwo : ofMore);
  }

  /// Sectors of a step's rows of x, copied by a warp at a time.
  double stagedBytesOfX() const {
    int64_t rows = window.elementsX / window.span;
    double row = double(window.span * element);
    double bytes = std::min(row, double(gpu.warpSize * window.copyVectorX * element));
    // Rows and tiles begin at multiples of that, and copies so much later.
    int64_t tile = problem.window.sizeFactor() | schedule.blockN * problem.window.stride;
    int64_t step = lowestBit(tile * element | sectorBytes);
    int64_t offset = (window.start * element) & (sectorBytes - 1);
    return runBytes(double(rows) * row / bytes, bytes, step, offset);
  }

  /// Sectors of a step's taps: those of all channels of a group are one run.
  double stagedBytesOfTaps() const {
    int64_t channels = std::min(schedule.blockK, problem.inPerGroup);
    int64_t run = channels * problem.window.kernel * element;
    double runs = double(schedule.blockG * std::min(schedule.blockM, problem.outPerGroup));
    if (channels == problem.inPerGroup)
      return runBytes(1, runs * double(run), element);
    return runBytes(runs, double(run), lowestBit(run | sectorBytes));
  }

  void countInstructions(KernelCost &cost) {
    const Window &w = problem.window;
    double threads = schedule.numWarps * gpu.warpSize;
    double held = double(schedule.blockG) * schedule.blockM * schedule.blockN / threads;
    // Warps lie along g, then m, then n; lanes along n first.
    double acrossLanes = double(gpu.warpSize) * schedule.vector;
    double rows = std::clamp<double>(double(schedule.blockG) * schedule.blockM / schedule.numWarps,
                                     1, held / schedule.vector);
    if (schedule.blockN < acrossLanes)
      rows = std::max(1.0, held / schedule.vector);
    bool hasAllRows = schedule.blockG == 1 && haveAllRows(schedule.blockM, schedule.blockN,
                                                          schedule.vector, schedule.numWarps);
    if (hasAllRows)
      rows = double(schedule.blockM);
    double rowsM = std::min<double>(rows, schedule.blockM), groups = rows / rowsM;
    double runs = std::max(1.0, held / (rows * schedule.vector));
    double channels = double(window.steps) * schedule.blockK;

    // Distinct elements of x under the taps of neighbouring positions.
    double all = double(schedule.vector) * w.kernel;
    double spanned = double(schedule.vector - 1) * w.stride + double(w.kernel - 1) * w.dilation + 1;
    double windows = runs * groups * channels;
    double windowElements = std::min(all, spanned) * windows;
    int64_t width = std::min(window.sharedVector, lowestBit(schedule.vector * w.stride));
    double windowLoads =
        windows * (window.rowPerTap ? w.kernel * (double(schedule.vector) / width + 1)
                                    : double(countWindowLoads(width)));
    double taps = rows * channels * w.kernel;
    double tapLoads = rows * channels * llvm::divideCeil(w.kernel, window.sharedVector);
    double fma = held * channels * w.kernel;
    double stores = held / window.storeVector, forEnds = 0;
    if (window.stagesStores) {
      // Written, read again in up to four parts, and stored; threads of a warp whose groups are
      // whole wait for those that have an end of a row.
      constexpr double partsAndStore = 5, ofEnds = 64;
      stores = held / schedule.vector + held / window.sharedVector * partsAndStore;
      storeWavefronts = 1;
      forEnds = ofEnds * std::ceil(double(schedule.blockG * schedule.blockM * window.sharedVector) /
                                   threads);
    }
    double copies = window.steps * window.copiesPerThread(schedule, gpu);
    // An element of 16 bits is taken out of its pair and extended; rounding to TF32 takes three
    // instructions, since a NaN stays one. Sums are rounded to 16 bits two at once.
    bool isShort = problem.type != DataType::f32;
    double perOperand = isShort ? 2 : problem.precision == Precision::tf32 ? 3 : 0;
    double conversions = perOperand * (windowElements + taps) + (isShort ? held / 2 : 0);
    ActivationCost activation = activationCost(problem);

    double warps = schedule.numWarps;
    cost.fma = warps * (fma + held * activation.fma);
    cost.special = warps * held * activation.special;
    cost.memory = warps * (windowLoads + tapLoads + copies +
                           stores * (problem.addsResidual ? 2 : 1) + 2 * window.steps);
    cost.alu = warps * (30 + copies * 8 + stores * 3 + conversions + forEnds);
    cost.instructions = cost.fma + cost.special + cost.memory + cost.alu;
    // One row for one channel of results.
    cost.isStreaming = window.steps == 1 && schedule.blockM == 1;
    // Of two warps of 16 sums on an SM, 0.35 are issued: they wait for loads from shared memory. Of
    // more sums, more loads are under way.
    constexpr double issuedOfFewSums = 0.45, manySums = 32;
    if (held < manySums)
      cost.issuePerWarp = issuedOfFewSums;
    cost.wavefronts =
        warps * (windowLoads * wavefrontsOfWindowLoad(width) + tapLoads +
                 copies * window.copyVectorX * element / 4 + stores * storeWavefronts);
    // What a thread holds for several outputs it loads when they need it.
    constexpr double usualWindow = 10, mostOfWindows = 64;
    double registers = 48 + held + std::min(windowElements / channels, mostOfWindows);
    if (hasAllRows && window.steps > 1)
      registers = 40 + 1.3 * held + std::clamp(spanned - usualWindow, 0.0, mostOfWindows);
    cost.registersPerThread = std::min<double>(gpu.maxRegistersPerThread, registers);
    if (window.mostRegisters != 0)
      cost.registersPerThread = std::min(cost.registersPerThread, window.mostRegisters);
  }

  /// Accesses of `width` elements in which a thread reads the window of its neighbouring
  /// positions in one channel: those that hold something under a tap.
  int64_t countWindowLoads(int64_t width) const {
    const Window &w = problem.window;
    llvm::SmallDenseSet<int64_t, 64> groups;
    for (int64_t k = 0; k != w.kernel; ++k)
      for (int64_t n = 0; n != schedule.vector; ++n)
        groups.insert((window.offset + k * w.dilation + n * w.stride) / width);
    return groups.size();
  }

  /// Lanes that read `width` elements, a thread's positions times the stride
  /// apart: 128 bytes at a time, more often where banks conflict.
  double wavefrontsOfWindowLoad(int64_t width) const {
    if (schedule.blockN == schedule.vector)
      return 1;
    constexpr int64_t banks = 32, bankBytes = 4;
    int64_t bytes = width * element;
    int64_t lanes = std::min<int64_t>(schedule.blockN / schedule.vector, gpu.warpSize);
    // Lanes whose accesses fill the banks, and what lies between two of them.
    int64_t together = std::max<int64_t>(1, std::min(lanes, banks * bankBytes / bytes));
    int64_t stride = (problem.window.stride - 1) % (banks * bankBytes) + 1;
    int64_t distance = stride * schedule.vector * element;
    int64_t units = distance / std::max(bytes, bankBytes);
    int64_t ways = units == 0 ? 1 : std::min(together, std::gcd(units, together));
    return double(ways) * gpu.warpSize / together;
  }

  const Conv1dProblem &problem;
  const GPU &gpu;
  const Schedule &schedule;
  Conv1dWindow window;
  int64_t element;
  double storeWavefronts = 1;
};
} // namespace

bool poolc::hasRowsFarApart(const Conv1dProblem &problem) {
  constexpr int64_t farApart = 1 << 16;
  return lowestBit(problem.window.sizeFactor() * sizeInBytes(problem.type)) >= farApart;
}

KernelCost poolc::estimateWindow(const Conv1dProblem &problem, const GPU &gpu,
                                 const Schedule &schedule) {
  return Cost(problem, gpu, schedule).compute();
}
