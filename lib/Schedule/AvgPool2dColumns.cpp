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
#include "AvgPool2dColumnsCost.h"
#include "Footprint.h"
#include "Rules.h"

#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>

using namespace poolc;
using llvm::Twine;

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
  if (llvm::Error error =
          checkRegisters(gpu, schedule, columnsRegisters(problem, schedule, geometry),
                         Twine(geometry.batchElements) + " elements read at once (block_p=" +
                             Twine(schedule.blockP) + " * block_h=" + Twine(schedule.blockH) +
                             " * block_w=" + Twine(schedule.blockW) + ")"))
    return error;
  return checkSharedBytes(gpu, geometry.sharedBytes, " for the sums of columns");
}

namespace {
/// Fills in what `wanted` leaves open, for so many threads and elements read at
/// once by each.
class Heuristic {
public:
  Heuristic(const AvgPool2dProblem &original, const GPU &gpu, const Schedule &wanted,
            int64_t threads, int64_t elements, int64_t mostVector, int64_t mostGroups)
      : original(original), problem(original.withMergedRows()), gpu(gpu), wanted(wanted),
        result(wanted), threads(threads), elements(elements), mostVector(mostVector),
        mostGroups(mostGroups) {}

  /// Whether rows are whole, and twice as many threads would not have them with a group each.
  bool hasManyGroups() { return groupsFor(result.blockW) > 2 * threads; }

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
    return geometry.columnsRead / geometry.group;
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
    if (groupsFor(whole) <= threads * mostGroups)
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
    int64_t groups = llvm::divideCeil(groupsFor(result.blockW), threads);
    int64_t rows = std::max<int64_t>(1, elements / group / std::min(groups, mostGroups));
    // Where warps need not meet, more rows only leave room for fewer blocks: on an H200, means of
    // 11 x 11 of odd rows take 101.7 us with 22 rows, 102.3 with 28 and 102.5 with 32. Columns that
    // are narrower than they could be are to have more.
    constexpr int64_t enoughRows = 32;
    schedule.blockW = result.blockW;
    AvgPool2dColumns geometry(problem, schedule);
    bool warpsHaveRows = geometry.warpsHaveRows(schedule, 1, schedule.numWarps);
    if (hasFastMemory(gpu) && warpsHaveRows && problem.axis[1].size % (2 * result.vector) != 0)
      rows = std::min(rows, std::max(enoughRows, h.kernel));
    int64_t outputs = rows < h.kernel ? 1 : (rows - h.kernel) / h.stride + 1;
    int64_t height = std::max<int64_t>(1, problem.outputSize(0));
    int64_t tiles = llvm::divideCeil(height, std::min(outputs, height));
    result.blockH = llvm::divideCeil(height, tiles);
    // A row or two less, if steps of windows that share rows are equal then: worth more than what
    // is read again where memory is fast and lanes read single elements. On an H200, means of 11 x
    // 11 take 100.4 us with 22 rows and 102.5 with 21; of odd rows 107.6 and 104.1.
    constexpr int64_t leastRows = 16;
    bool stepsNeedNot = warpsHaveRows && geometry.sharesMuch();
    if (!hasFastMemory(gpu) || tiles == 1 || h.kernel <= h.stride || group > 1 || stepsNeedNot ||
        result.blockH < leastRows)
      return;
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
  }

  const AvgPool2dProblem &original;
  AvgPool2dProblem problem;
  const GPU &gpu;
  const Schedule &wanted;
  Schedule result;
  int64_t threads, elements, mostVector, mostGroups;
};
} // namespace

/// Of schedules that are predicted to be as fast, the first is taken: those whose blocks
/// read less of what others read too come first, and of those, where memory is fast, those whose
/// threads hold less, so that more are resident.
static llvm::SmallVector<Schedule> preferFewerBytes(const AvgPool2dProblem &original,
                                                    const GPU &gpu,
                                                    llvm::ArrayRef<Schedule> schedules) {
  // In parts of the input's bytes; less than one says nothing.
  constexpr double parts = 25;
  double once = double(std::max<int64_t>(original.planes, 1)) * double(original.axis[0].size) *
                double(original.axis[1].size) * double(sizeInBytes(original.type));
  llvm::SmallVector<std::tuple<double, int64_t, size_t>> order;
  for (auto [i, schedule] : llvm::enumerate(schedules)) {
    AvgPool2dProblem problem = tiledProblem(original, schedule);
    AvgPool2dColumns geometry(problem, schedule);
    double bytes = columnsReadBytes(problem, schedule, geometry) / once;
    if (llvm::Expected<TileGrid> grid = makeTileGrid(original, schedule))
      bytes *= double(grid->blocks());
    else
      llvm::consumeError(grid.takeError());
    order.emplace_back(std::floor(bytes * parts), hasFastMemory(gpu) ? geometry.heldElements : 0,
                       i);
  }
  llvm::sort(order);
  return llvm::map_to_vector(order, [&](auto entry) { return schedules[std::get<2>(entry)]; });
}

static llvm::SmallVector<Schedule> candidates(const AvgPool2dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  llvm::SmallVector<Schedule> result;
  auto add = [&](int64_t threads, int64_t elements, int64_t vector, int64_t mostGroups = 1) {
    Heuristic heuristic(problem, gpu, wanted, threads, elements, vector, mostGroups);
    Schedule schedule = heuristic.decide();
    if ((mostGroups == 1 || heuristic.hasManyGroups()) && !llvm::is_contained(result, schedule))
      result.push_back(std::move(schedule));
  };
  // The first of those that are predicted alike is taken: blocks of fewer warps wait less for each
  // other, which shows where memory is fast.
  std::array<int64_t, 4> inOrder = {256, 128, 512, 64};
  if (hasFastMemory(gpu))
    inOrder = {128, 256, 64, 512};
  for (int64_t threads : inOrder)
    for (int64_t elements : {16, 32, 64})
      add(threads, elements, problem.maxVector());
  const Window &h = problem.axis[0];
  // Of windows that share rows, one or two rows of outputs more or less make a difference.
  if (h.kernel > h.stride)
    for (int64_t threads : {256, 128})
      add(threads, 48, problem.maxVector());
  // Of windows that share many rows, narrow columns leave room for more rows; where memory is fast,
  // they are for many threads with few elements each, which hide more of what else they do.
  if (h.kernel > 2 * h.stride) {
    for (int64_t threads : {256, 128})
      for (int64_t vector : {2, 1})
        add(threads, 64, vector);
    if (hasFastMemory(gpu))
      for (int64_t threads : {128, 64, 32})
        for (int64_t elements : {16, 32})
          for (int64_t vector : {4, 2, 1})
            add(threads, elements, vector);
  }
  // Whole rows, of which each of few threads has a few groups, where tiles would share sectors of
  // rows that begin anywhere, and windows are summed tap by tap.
  const Window &w = problem.axis[1];
  bool haveWholeSectors =
      w.isDynamic || problem.outputSize(1) * sizeInBytes(problem.type) % sectorBytes == 0;
  if (h.kernel > h.stride && w.stride % 2 == 0 && gpu.dramHasECC && !haveWholeSectors)
    for (int64_t elements : {64, 112})
      add(64, elements, problem.maxVector(), /*mostGroups=*/3);
  return preferFewerBytes(problem, gpu, result);
}

const Algorithm<AvgPool2dProblem> poolc::avgPool2dColumns = {
    .name = "columns",
    .summary =
        "threads sum columns of rows that they read whole, then what each window has of them",
    .applies = applies,
    .rules = rules,
    .candidates = candidates,
    .check = check,
    .cost = estimateColumns,
    .takesDynamicAxes = true,
    .leastAlignment = 1};
