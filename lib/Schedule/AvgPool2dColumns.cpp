//===- AvgPool2dColumns.cpp - Pooling by columns, then rows ---------------===//
//
// Threads read rows of the input, up to 16 bytes at a time and all that they
// can hold before the first addition, and sum what the windows have of their
// columns. Where a window's columns are not all in one thread, the sums go
// through shared memory, and each thread adds those of its windows.
//
//===----------------------------------------------------------------------===//

#include "poolc/Schedule/AvgPool2dColumns.h"

#include "Algorithms.h"
#include "Footprint.h"
#include "Rules.h"

#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace poolc;
using llvm::Twine;

static constexpr double bytesOfWidestLoad = 16;

/// The share of what blocks read again that has left the L2 by then.
static constexpr double missedAgain = 0.1;

/// Neighbouring blocks read neighbouring columns, then rows.
static constexpr llvm::StringRef orders[] = {"w.h.p", "wh.p", "w.hp", "whp"};

static llvm::Error applies(const AvgPool2dProblem &problem, const GPU &) {
  return checkSmallWindows(problem);
}

static AlgorithmRules rules(const AvgPool2dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxBlock = 1 << 14;
  // Rows of any number of elements begin anywhere.
  int64_t maxVector = problem.axis[1].isDynamic ? 1 : problem.maxVector();
  return {.algorithm = "columns",
          .words = {{"block_p", maxBlock, 1, /*anyNumber=*/true},
                    {"block_h", maxBlock, 1, /*anyNumber=*/true},
                    {"block_w", maxBlock, 1, /*anyNumber=*/true},
                    {"num_warps", gpu.maxThreadsPerBlock / gpu.warpSize},
                    {"num_stages", 1},
                    {"vector", maxVector}},
          .tileWords = {}};
}

int64_t poolc::columnsRegisters(const AvgPool2dProblem &problem, const Schedule &schedule,
                                const AvgPool2dColumns &geometry) {
  int64_t loaded = geometry.heldElements;
  bool overlaps = problem.axis[0].stride < problem.axis[0].kernel && schedule.blockH > 1;
  // Sums that windows share, some of which take the place of what was loaded.
  int64_t held = loaded + (overlaps ? loaded / 4 : 0);
  // Offsets of rows and planes that no constant holds, of 64 bits for each load, and its condition.
  constexpr int64_t forDynamicAxes = 24;
  int64_t offsets = problem.hasDynamicAxes() ? forDynamicAxes + 3 * geometry.batchGroups : 0;
  return geometry.otherRegisters + offsets +
         (geometry.inRegisters ? held : std::max(held, geometry.step.registers));
}

static llvm::Error check(const AvgPool2dProblem &original, const GPU &gpu,
                         const Schedule &schedule) {
  AvgPool2dProblem problem = tiledProblem(original, schedule);
  AvgPool2dColumns geometry(problem, schedule);
  const Window &w = problem.axis[1];
  if (w.size % schedule.vector != 0)
    return llvm::createStringError("expected vector to divide the " + Twine(w.size) +
                                   " columns of x, got " + Twine(schedule.vector));
  bool isOneTile = !w.isDynamic && schedule.blockW >= problem.outputSize(1);
  int64_t step = geometry.inRegisters ? geometry.group : isOneTile ? 1 : schedule.vector;
  if (schedule.blockW * w.stride % step != 0)
    return llvm::createStringError("expected block_w * stride to be a multiple of " + Twine(step) +
                                   " columns, which a thread reads together, got " +
                                   Twine(schedule.blockW) + " * " + Twine(w.stride));
  int64_t threads = schedule.numWarps * gpu.warpSize;
  int64_t available = std::min<int64_t>(gpu.maxRegistersPerThread, gpu.registersPerSM / threads);
  int64_t registers = columnsRegisters(problem, schedule, geometry);
  if (registers > available)
    return llvm::createStringError(
        "expected at most " + Twine(available) + " registers for each of " + Twine(threads) +
        " threads, got about " + Twine(registers) + " for " + Twine(geometry.batchElements) +
        " elements read at once (block_p=" + Twine(schedule.blockP) +
        " * block_h=" + Twine(schedule.blockH) + " * block_w=" + Twine(schedule.blockW) + ")");
  return checkSharedBytes(gpu, geometry.sharedBytes, " for the sums of columns");
}

namespace {
/// Fills in what `wanted` leaves open, for so many threads and elements read at
/// once by each.
class Heuristic {
public:
  Heuristic(const AvgPool2dProblem &original, const GPU &gpu, const Schedule &wanted,
            int64_t threads, int64_t elements, int64_t mostVector)
      : original(original), problem(original.withMergedRows()), gpu(gpu), wanted(wanted),
        result(wanted), threads(threads), elements(elements), mostVector(mostVector) {}

  Schedule decide() {
    result.algorithm = "columns";
    result.numStages = 1;
    if (wanted.numWarps)
      threads = wanted.numWarps * gpu.warpSize;
    else
      result.numWarps = threads / gpu.warpSize;
    chooseVector();
    chooseColumns();
    chooseRows();
    choosePlanes();
    chooseOrder(original, orders, gpu, result);
    return result;
  }

private:
  void chooseVector() {
    if (wanted.vector)
      return;
    result.vector = problem.axis[1].isDynamic ? 1 : std::min(problem.maxVector(), mostVector);
    while (problem.axis[1].size % result.vector != 0)
      result.vector /= 2;
    // Sums are shared 16 bytes at a time; of more, neighbours would meet in banks.
    constexpr int64_t sharedVector = 4;
    Schedule schedule = result;
    schedule.blockP = schedule.blockH = 1;
    for (schedule.blockW = 2; result.vector > 1; result.vector /= 2) {
      schedule.vector = result.vector;
      AvgPool2dColumns geometry(problem, schedule);
      if (geometry.inRegisters ||
          geometry.group / (geometry.merged * geometry.phases) <= sharedVector)
        break;
    }
  }

  int64_t groupsFor(int64_t blockW) {
    Schedule schedule = result;
    schedule.blockP = schedule.blockH = 1;
    schedule.blockW = blockW;
    AvgPool2dColumns geometry(problem, schedule);
    return geometry.columns / geometry.group;
  }

  /// One group of columns for each thread, tiles of equal width, which begin at
  /// sectors where there are several.
  void chooseColumns() {
    if (wanted.blockW)
      return;
    int64_t outputs = problem.outputSize(1), stride = problem.axis[1].stride;
    auto alignmentFor = [&](int64_t elements) { return elements / std::gcd(stride, elements); };
    Schedule schedule = result;
    schedule.blockP = schedule.blockH = schedule.blockW = 1;
    AvgPool2dColumns geometry(problem, schedule);
    int64_t whole =
        geometry.inRegisters ? llvm::alignTo(outputs, alignmentFor(geometry.group)) : outputs;
    result.blockW = whole;
    if (groupsFor(whole) <= threads)
      return;
    int64_t sector =
        alignmentFor(std::max<int64_t>(sectorBytes / sizeInBytes(problem.type), geometry.group));
    int64_t columns = threads * geometry.group;
    int64_t perTile = geometry.inRegisters
                          ? columns / stride
                          : (columns - geometry.lead - problem.axis[1].kernel) / stride + 1;
    perTile = std::max<int64_t>(llvm::alignDown(std::max<int64_t>(perTile, 0), sector), sector);
    int64_t tiles = llvm::divideCeil(outputs, perTile);
    result.blockW = llvm::alignTo(llvm::divideCeil(outputs, tiles), sector);
  }

  /// Rows of outputs until each thread reads `elements` at once.
  void chooseRows() {
    if (wanted.blockH)
      return;
    const Window &h = problem.axis[0];
    Schedule schedule = result;
    schedule.blockP = schedule.blockH = 1;
    int64_t group = AvgPool2dColumns(problem, schedule).group;
    int64_t rows = std::max<int64_t>(1, elements / group);
    int64_t outputs = rows < h.kernel ? 1 : (rows - h.kernel) / h.stride + 1;
    int64_t height = std::max<int64_t>(1, problem.outputSize(0));
    int64_t tiles = llvm::divideCeil(height, std::min(outputs, height));
    result.blockH = llvm::divideCeil(height, tiles);
    // A row or two less, if steps of windows that share rows are equal then.
    constexpr int64_t leastRows = 16;
    if (tiles == 1 || h.kernel <= h.stride || result.blockH < leastRows)
      return;
    schedule.blockW = result.blockW;
    for (int64_t rows = result.blockH; rows >= result.blockH - 2; --rows) {
      schedule.blockH = rows;
      if (rows % AvgPool2dColumns(problem, schedule).step.rows == 0) {
        result.blockH = rows;
        return;
      }
    }
  }

  /// Planes for the threads that are left, and again while there is room.
  void choosePlanes() {
    if (wanted.blockP)
      return;
    int64_t inColumns = llvm::PowerOf2Ceil(groupsFor(result.blockW));
    int64_t room = powerOfTwoCovering(std::max<int64_t>(problem.planes, 1), 1 << 14);
    result.blockP = std::clamp<int64_t>(threads / inColumns, 1, room);
    auto fits = [&](int64_t planes) {
      Schedule more = result;
      more.blockP = planes;
      AvgPool2dColumns geometry(problem, more);
      return geometry.batchElements <= elements && geometry.heldElements <= elements * 3 / 2;
    };
    // A few blocks for each SM: they do not end together, and hide each other's start.
    constexpr int64_t blocksPerSM = 4;
    int64_t most = problem.planes / (blocksPerSM * int64_t(gpu.numSMs));
    while (result.blockP * 2 <= std::min(room, most) && fits(result.blockP * 2))
      result.blockP *= 2;
    result.blockP = preferDividing(problem, result.blockP);
  }

  const AvgPool2dProblem &original;
  AvgPool2dProblem problem;
  const GPU &gpu;
  const Schedule &wanted;
  Schedule result;
  int64_t threads, elements, mostVector;
};
} // namespace

/// Bytes of the sectors that a block reads: of a run for each row, unless the rows of a
/// plane, or all of several planes, follow each other.
static double blockReadBytes(const AvgPool2dProblem &problem, const Schedule &schedule,
                             const AvgPool2dColumns &geometry) {
  const Window &h = problem.axis[0], &w = problem.axis[1];
  double elementBytes = sizeInBytes(problem.type);
  int64_t planes = std::min<int64_t>(schedule.blockP, std::max<int64_t>(problem.planes, 1));
  int64_t rows = std::min(geometry.rows, h.size), columns = std::min(geometry.columns, w.size);
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

/// Of schedules that are predicted to be as fast, the first is taken: those whose blocks
/// read less of what others read too come first.
static llvm::SmallVector<Schedule> preferFewerBytes(const AvgPool2dProblem &original,
                                                    llvm::ArrayRef<Schedule> schedules) {
  // In parts of the input's bytes; less than one says nothing.
  constexpr double parts = 25;
  double once = double(std::max<int64_t>(original.planes, 1)) * double(original.axis[0].size) *
                double(original.axis[1].size) * double(sizeInBytes(original.type));
  llvm::SmallVector<std::pair<double, size_t>> order;
  for (auto [i, schedule] : llvm::enumerate(schedules)) {
    AvgPool2dProblem problem = tiledProblem(original, schedule);
    AvgPool2dColumns geometry(problem, schedule);
    double bytes = blockReadBytes(problem, schedule, geometry) / once;
    if (llvm::Expected<TileGrid> grid = makeTileGrid(original, schedule))
      bytes *= double(grid->blocks());
    else
      llvm::consumeError(grid.takeError());
    order.emplace_back(std::floor(bytes * parts), i);
  }
  llvm::sort(order);
  return llvm::map_to_vector(order, [&](auto entry) { return schedules[entry.second]; });
}

static llvm::SmallVector<Schedule> candidates(const AvgPool2dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  llvm::SmallVector<Schedule> result;
  auto add = [&](int64_t threads, int64_t elements, int64_t vector) {
    Schedule schedule = Heuristic(problem, gpu, wanted, threads, elements, vector).decide();
    if (!llvm::is_contained(result, schedule))
      result.push_back(std::move(schedule));
  };
  for (int64_t threads : {256, 128, 512, 64})
    for (int64_t elements : {16, 32, 64})
      add(threads, elements, problem.maxVector());
  const Window &h = problem.axis[0];
  // Of windows that share rows, one or two rows of outputs more or less make a difference.
  if (h.kernel > h.stride)
    for (int64_t threads : {256, 128})
      add(threads, 48, problem.maxVector());
  // Of windows that share many rows, narrow columns leave room for more rows.
  if (h.kernel > 2 * h.stride)
    for (int64_t threads : {256, 128})
      for (int64_t vector : {2, 1})
        add(threads, 64, vector);
  return preferFewerBytes(problem, result);
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

static KernelCost cost(const AvgPool2dProblem &original, const GPU &gpu, const Schedule &schedule) {
  AvgPool2dProblem problem = tiledProblem(original, schedule);
  AvgPool2dColumns geometry(problem, schedule);
  const Window &h = problem.axis[0], &w = problem.axis[1];
  double elementBytes = sizeInBytes(problem.type);
  KernelCost cost;
  cost.blocks = llvm::cantFail(makeTileGrid(original, schedule)).blocks();
  cost.warpsPerBlock = schedule.numWarps;
  cost.registersPerThread = columnsRegisters(problem, schedule, geometry);
  cost.sharedBytesPerBlock = geometry.sharedBytes;

  double planes = problem.planes;
  double usedRows = touchedElements(h, double(problem.outputSize(0)));
  double rowBytes = llvm::alignTo(geometry.columns * int64_t(elementBytes), sectorBytes);
  double outputs = planes * problem.outputSize(0) * problem.outputSize(1);
  cost.dramReadBytes = planes * usedRows * w.size * elementBytes;
  cost.dramWriteBytes = outputs * elementBytes;
  double vectorBytes = std::min(geometry.group, schedule.vector) * elementBytes;
  double inRow =
      std::min<double>(double(geometry.lanesW), double(geometry.columns) / geometry.group);
  double between = geometry.group * elementBytes;
  WarpAccess access = accessGlobal(inRow, vectorBytes, between);
  double waste = access.sectors * sectorBytes / (inRow * vectorBytes);
  double segment = std::min(inRow * between, double(w.size) * elementBytes);
  double lines = geometry.lanesP * std::max(1.0, inRow * between / cacheLineBytes);
  double wavefronts =
      std::max(inRow * geometry.lanesP * vectorBytes / cacheLineBytes, 0.25 * lines + 0.7);
  cost.l2ReadBytes = double(cost.blocks) * blockReadBytes(problem, schedule, geometry);
  cost.l2WriteBytes = cost.dramWriteBytes;
  // Rows that neighbouring blocks read too are in the L2 most of the time.
  cost.dramReadBytes += missedAgain * std::max(0.0, cost.l2ReadBytes - cost.dramReadBytes);
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
  double shared = std::max(0.0, cost.l2ReadBytes / (planes * usedRows * w.size * elementBytes) - 1);
  cost.avoidable =
      10 * shared + 4 * lost + (issuesSeldom ? bytesOfWidestLoad / vectorBytes - 1 : 0);
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
  cost.wavefronts = warps * (loads * wavefronts + tapWavefronts + sums * 4 + perThread);
  // Of windows that share rows, all are on their way at once.
  if (hasFastMemory(gpu) && h.kernel > h.stride) {
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
  if (schedule.blockW == 1 && problem.outputSize(0) == 1 && problem.outputSize(1) == 1)
    cost.serialCycles = loadedLatencies * (batches - 1) * gpu.dramLatency;
  return cost;
}

const Algorithm<AvgPool2dProblem> poolc::avgPool2dColumns = {
    .name = "columns",
    .summary =
        "threads sum columns of rows that they read whole, then what each window has of them",
    .applies = applies,
    .rules = rules,
    .candidates = candidates,
    .check = check,
    .cost = cost,
    .takesDynamicAxes = true,
    .leastAlignment = 1};
