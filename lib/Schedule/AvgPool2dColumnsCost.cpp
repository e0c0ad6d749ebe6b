//===- AvgPool2dColumnsCost.cpp - What pooling by columns costs -----------===//

#include "AvgPool2dColumnsCost.h"

#include "AvgPool2dCost.h"
#include "Footprint.h"

#include "poolc/Schedule/Grid.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace poolc;

static constexpr double bytesOfWidestLoad = 16;

/// The share of what blocks read again that has left the L2 by then.
static constexpr double missedAgain = 0.1;

double poolc::columnsReadBytes(const AvgPool2dProblem &problem, const Schedule &schedule,
                               const AvgPool2dColumns &geometry) {
  const Window &h = problem.axis[0], &w = problem.axis[1];
  double elementBytes = sizeInBytes(problem.type);
  int64_t planes = std::min<int64_t>(schedule.blockP, std::max<int64_t>(problem.planes, 1));
  int64_t rows = std::min(geometry.rows, h.size), columns = std::min(geometry.columnsRead, w.size);
  bool wholeRows = schedule.blockW >= problem.outputSize(1) && columns + w.stride > w.size;
  bool wholePlanes =
      wholeRows && schedule.blockH >= problem.outputSize(0) && rows + h.stride > h.size;
  double runs = wholePlanes ? 1 : double(planes) * (wholeRows ? 1 : double(rows));
  double length = double(columns) * elementBytes;
  if (wholeRows)
    length =
        ((wholePlanes ? double(planes - 1) * h.size : 0) + double(rows)) * w.size * elementBytes;
  // Where in a sector a run begins, if not always at its start.
  int64_t step = w.size * (wholePlanes ? h.size * planes
                           : wholeRows ? schedule.blockH * h.stride
                                       : 1);
  bool isAligned =
      step * int64_t(elementBytes) % sectorBytes == 0 &&
      (wholeRows || schedule.blockW * w.stride * int64_t(elementBytes) % sectorBytes == 0);
  double ends = isAligned ? std::ceil(length / sectorBytes) * sectorBytes - length
                          : sectorBytes - elementBytes;
  return runs * (length + ends);
}

/// How many lines a warp's load reads parts of, on average: runs of so many bytes of rows of
/// several planes.
static double linesOfRequest(const AvgPool2dProblem &problem, const AvgPool2dColumns &geometry,
                             double bytesOfRow) {
  int64_t elementBytes = sizeInBytes(problem.type);
  int64_t step = std::gcd(problem.axis[1].size * elementBytes, cacheLineBytes);
  auto linesOf = [&](double bytes) {
    double sum = 0;
    for (int64_t place = 0; place < cacheLineBytes; place += step)
      sum += std::ceil((double(place) + bytes) / double(cacheLineBytes));
    return sum * double(step) / double(cacheLineBytes);
  };
  double planes = double(geometry.lanesP);
  // The rest of a longer row's lines is asked for at the same time.
  if (bytesOfRow < double(problem.axis[1].size * elementBytes))
    return planes * std::max(1.0, bytesOfRow / double(cacheLineBytes));
  double pitch = double(problem.axis[0].size) * double(problem.axis[1].size) * double(elementBytes);
  return std::min(planes * linesOf(bytesOfRow), linesOf((planes - 1) * pitch + bytesOfRow));
}

/// Cycles for each part of a line that comes alone, as measured on an H200: parts of neighbouring
/// lanes' words are put together, wider accesses to them served apart.
static double cyclesOfPart(double vectorBytes) {
  return vectorBytes > double(sizeInBytes(DataType::f32)) ? 4 : 1.25;
}

/// What ptxas leaves of `most`, on average over 900 kernels: few addresses and conditions, what is
/// loaded, with sums that windows share, and half of what their sums take beyond that.
static int64_t likelyRegisters(const AvgPool2dProblem &problem, const AvgPool2dColumns &geometry,
                               int64_t most) {
  constexpr int64_t others = 15;
  const Window &h = problem.axis[0];
  int64_t loaded = geometry.batchElements + (h.kernel > h.stride ? geometry.batchElements / 4 : 0);
  int64_t summed = geometry.inRegisters ? 0 : geometry.step.registers;
  return std::min(most, others + loaded + std::max<int64_t>(summed - loaded, 0) / 2);
}

/// What DRAM with ECC moves besides where tiles side by side both write a part of a sector: it
/// reads and writes the sector for each. On an H200, tiles of 56 of 147 columns took 1.4 times as
/// long as whole rows.
static void addSplitSectors(const AvgPool2dProblem &problem, const GPU &gpu,
                            const Schedule &schedule, KernelCost &cost) {
  int64_t outputs = problem.outputSize(1), bytes = sizeInBytes(problem.type);
  bool isAligned = outputs * bytes % sectorBytes == 0 && schedule.blockW * bytes % sectorBytes == 0;
  if (!gpu.dramHasECC || isAligned || schedule.blockW >= outputs)
    return;
  double splits = double(problem.planes) * double(problem.outputSize(0)) *
                  double(llvm::divideCeilSigned(outputs, schedule.blockW) - 1);
  cost.dramReadBytes += 2 * sectorBytes * splits;
  cost.dramWriteBytes += sectorBytes * splits;
}

KernelCost poolc::estimateColumns(const AvgPool2dProblem &original, const GPU &gpu,
                                  const Schedule &schedule) {
  AvgPool2dProblem problem = tiledProblem(original, schedule);
  AvgPool2dColumns geometry(problem, schedule);
  const Window &h = problem.axis[0], &w = problem.axis[1];
  double elementBytes = sizeInBytes(problem.type);
  KernelCost cost = beginCost(original, gpu, schedule);
  cost.registersPerThread = columnsRegisters(problem, schedule, geometry);
  if (hasFastMemory(gpu))
    cost.likelyRegisters = likelyRegisters(problem, geometry, cost.registersPerThread);
  cost.sharedBytesPerBlock = geometry.sharedBytes;

  double rowBytes = llvm::alignTo(geometry.columnsRead * int64_t(elementBytes), sectorBytes);
  double vectorBytes = std::min(geometry.group, schedule.vector) * elementBytes;
  double inRow =
      std::min<double>(double(geometry.lanesW), double(geometry.columnsRead) / geometry.group);
  double between = geometry.group * elementBytes;
  WarpAccess access = accessGlobal(inRow, vectorBytes, between);
  double waste = access.sectors * sectorBytes / (inRow * vectorBytes);
  double segment = std::min(inRow * between, double(w.size) * elementBytes);
  double lines = geometry.lanesP * std::max(1.0, inRow * between / cacheLineBytes);
  double wavefronts =
      std::max(inRow * geometry.lanesP * vectorBytes / cacheLineBytes, 0.25 * lines + 0.7);
  // Rows that neighbouring blocks read too are in the L2 most of the time.
  addReads(original, double(cost.blocks) * columnsReadBytes(problem, schedule, geometry),
           missedAgain, cost);
  addSplitSectors(problem, gpu, schedule, cost);
  // A request that uses parts of sectors fetches them whole, and those that follow find
  // the rest in the L1, unless the lines of all requests on their way are more than shared
  // memory leaves it.
  double lineBytes = gpu.maxWarpsPerSM * double(geometry.batchGroups) * lines * cacheLineBytes;
  double sharedInUse = double(gpu.maxWarpsPerSM) / double(schedule.numWarps) *
                       double(geometry.sharedBytes + gpu.reservedSharedBytesPerBlock);
  double l1Bytes = gpu.unifiedL1Bytes - std::min<double>(sharedInUse, gpu.sharedBytesPerSM);
  double kept = std::min(1.0, l1Bytes / lineBytes);
  double lost = (1 - kept) * std::max(0.0, waste - 1);
  // Narrow loads are many where they are not issued in every cycle.
  bool issuesSeldom = gpu.memoryPerCycle < 1;
  double ofSums = double(geometry.conflictsOfSums), ofTaps = double(geometry.conflictsOfTaps);
  cost.avoidable += (issuesSeldom ? 4 : 5) * lost +
                    (issuesSeldom ? bytesOfWidestLoad / vectorBytes - 1 : 0) +
                    avoidableConflicts(gpu, ofSums + ofTaps - 2);
  // Windows that do not overlap are read so slowly then as if some of it had left the L2 too: those
  // of 32 x 32 in f32 take twice as long on an H200 as by `slab`.
  if (hasFastMemory(gpu) && h.kernel <= h.stride)
    cost.dramReadBytes += missedAgain * lost * cost.l2ReadBytes;
  cost.l2ReadBytes *= 1 + lost;

  // Per warp: what its threads read, convert and add, and what they sum of rows.
  double batches = llvm::divideCeil(geometry.rows, geometry.batch);
  double groups = batches * geometry.batchGroups, elements = batches * geometry.batchElements;
  double loads = elements / std::min(geometry.group, schedule.vector);
  double tileElements = double(schedule.blockP) * schedule.blockH * schedule.blockW;
  double perThread = tileElements / (schedule.numWarps * gpu.warpSize);
  double taps = geometry.inRegisters ? 0 : perThread * geometry.kernel / geometry.tapVector;
  double tapWavefronts = taps * geometry.tapVector, tapAdditions = taps;
  if (geometry.adjacent > 1) {
    // 16 bytes at a time, and the sums once more if they are stored by others.
    double again = geometry.storesAdjacent ? 0 : perThread;
    tapWavefronts = perThread * double(geometry.span) / double(geometry.adjacent) + 2 * again;
    taps = perThread * double(geometry.span) / 4 / double(geometry.adjacent) + 1.25 * again;
  }
  double sums = geometry.inRegisters ? 0 : schedule.blockH * groups / geometry.rows;
  double conversions = problem.type == DataType::f32 ? 0 : elements;
  double warps = schedule.numWarps;
  cost.memory = warps * (loads + taps + sums + perThread);
  cost.fma = warps * (elements + tapAdditions + perThread);
  // bf16 becomes f32 by a shift.
  cost.special = problem.type == DataType::f16 ? warps * conversions : 0;
  cost.alu = warps * (40 + perThread * 4 + (problem.type == DataType::bf16 ? conversions : 0));
  cost.instructions = cost.memory + cost.fma + cost.special + cost.alu;
  cost.wavefronts =
      warps * (loads * wavefronts + tapWavefronts * ofTaps + sums * 4 * ofSums + perThread);
  bool isWholePlane =
      schedule.blockW == 1 && problem.outputSize(0) == 1 && problem.outputSize(1) == 1;
  // Of windows that share rows, or are planes, all are on their way at once.
  if (hasFastMemory(gpu) && (h.kernel > h.stride || isWholePlane)) {
    double parts = std::max(0.0, linesOfRequest(problem, geometry, segment) -
                                     segment * double(geometry.lanesP) / double(cacheLineBytes));
    cost.wavefronts = std::max(cost.wavefronts, warps * loads * parts * cyclesOfPart(vectorBytes));
  }
  cost.bytesInFlight = 0.5 * schedule.blockP * geometry.batch * rowBytes;
  // Registers hold as many elements of two bytes as of four; on an H200, loads of two bytes
  // reach two thirds of the rate.
  double ofWord = std::min(1.0, vectorBytes / sizeInBytes(DataType::f32));
  cost.bytesInFlight *= ofWord * ofWord;
  cost.dependentTrips = batches;
  // Threads of windows that are whole planes have nothing else to do between batches: on an
  // H200, planes read so take half as long again as by `planes`.
  constexpr double loadedLatencies = 8;
  if (isWholePlane)
    cost.serialCycles = loadedLatencies * (batches - 1) * gpu.dramLatency;
  return cost;
}
