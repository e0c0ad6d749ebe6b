//===- AvgPool2dPlanes.cpp - Pooling of whole planes ----------------------===//
//
// Where one window is a whole plane, or all of its rows that windows share with
// no other, warps read planes from end to end, and their threads' sums meet
// through shuffles and shared memory.
//
//===----------------------------------------------------------------------===//

#include "poolc/Schedule/AvgPool2dColumns.h"

#include "Algorithms.h"
#include "AvgPool2dCost.h"
#include "Rules.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <array>

using namespace poolc;
using llvm::Twine;

/// Registers for everything but the elements read at once.
static constexpr int64_t otherRegisters = 44;

static constexpr llvm::StringRef orders[] = {"p.h.w"};

static llvm::Error applies(const AvgPool2dProblem &original, const GPU &) {
  AvgPool2dProblem problem = original.withMergedRows();
  for (const Window &axis : problem.axis)
    if (axis.kernel != axis.size || axis.padBefore != 0 || axis.padAfter != 0)
      return llvm::createStringError("expected windows that are whole planes without padding, got "
                                     "kernel_size " +
                                     Twine(axis.kernel) + " for " + Twine(axis.size) +
                                     " elements and padding " + Twine(axis.padBefore) + ", " +
                                     Twine(axis.padAfter));
  return llvm::Error::success();
}

static AlgorithmRules rules(const AvgPool2dProblem &problem, const GPU &gpu) {
  constexpr int64_t maxBlock = 1 << 14;
  return {.algorithm = "planes",
          .words = {{"block_p", maxBlock, 1, /*anyNumber=*/true},
                    {"block_h", 1},
                    {"block_w", 1},
                    {"block_k", maxBlock, 1, /*anyNumber=*/true},
                    {"num_warps", gpu.maxThreadsPerBlock / gpu.warpSize},
                    {"num_stages", 1},
                    {"vector", problem.maxVector()}},
          .tileWords = {}};
}

namespace {
/// Which thread holds what of a chunk.
struct Chunk {
  Chunk(const Schedule &schedule) {
    int64_t groups = llvm::divideCeil(schedule.blockK, schedule.vector);
    int64_t lanes = std::min<int64_t>(32, llvm::PowerOf2Ceil(groups));
    planesPerWarp = 32 / lanes;
    warpsPerPlane =
        schedule.numWarps /
        std::min<int64_t>(schedule.numWarps,
                          llvm::PowerOf2Ceil(llvm::divideCeil(schedule.blockP, planesPerWarp)));
    planesPerThread =
        llvm::divideCeil(schedule.blockP, planesPerWarp * schedule.numWarps / warpsPerPlane);
    groupsPerPlane = llvm::divideCeil(groups, lanes * warpsPerPlane);
    elements = planesPerThread * groupsPerPlane * schedule.vector;
    sharedBytes = warpsPerPlane > 1 ? planesPerThread * schedule.numWarps * 32 * 4 : 0;
    shuffles = planesPerThread * llvm::Log2_64(lanes);
  }

  /// Planes that a warp reads side by side.
  int64_t planesPerWarp;
  int64_t warpsPerPlane, planesPerThread, groupsPerPlane;
  /// Of each thread.
  int64_t elements, shuffles;
  int64_t sharedBytes;
};
} // namespace

static llvm::Error check(const AvgPool2dProblem &original, const GPU &gpu,
                         const Schedule &schedule) {
  AvgPool2dProblem problem = tiledProblem(original, schedule);
  int64_t size = problem.axis[0].size * problem.axis[1].size;
  if (size % schedule.vector != 0 || schedule.blockK % schedule.vector != 0)
    return llvm::createStringError("expected vector to divide block_k and the " + Twine(size) +
                                   " elements of a plane, got " + Twine(schedule.vector) +
                                   " for block_k=" + Twine(schedule.blockK));
  Chunk chunk(schedule);
  int64_t threads = schedule.numWarps * gpu.warpSize;
  int64_t available = std::min<int64_t>(gpu.maxRegistersPerThread, gpu.registersPerSM / threads);
  // One chunk while the next one arrives.
  int64_t registers = otherRegisters + 2 * chunk.elements;
  if (registers > available)
    return llvm::createStringError(
        "expected at most " + Twine(available) + " registers for each of " + Twine(threads) +
        " threads, got about " + Twine(registers) + " for " + Twine(chunk.elements) +
        " elements read at once (block_p=" + Twine(schedule.blockP) +
        " * block_k=" + Twine(schedule.blockK) + ")");
  return checkSharedBytes(gpu, chunk.sharedBytes, " for the sums of warps");
}

/// So many threads in a block, of which each reads about so many elements at once.
static Schedule decideFor(const AvgPool2dProblem &original, const GPU &gpu, const Schedule &wanted,
                          int64_t threads, int64_t elements) {
  AvgPool2dProblem problem = original.withMergedRows();
  int64_t size = problem.axis[0].size * problem.axis[1].size;
  Schedule result = wanted;
  result.algorithm = "planes";
  result.numStages = result.blockH = result.blockW = 1;
  if (!wanted.numWarps)
    result.numWarps = threads / gpu.warpSize;
  threads = result.numWarps * gpu.warpSize;
  if (!wanted.vector) {
    result.vector = problem.maxVector();
    while (size % result.vector != 0 || (wanted.blockK && wanted.blockK % result.vector != 0))
      result.vector /= 2;
  }
  if (!wanted.blockK) {
    int64_t most = std::min<int64_t>(threads * elements, 1 << 14);
    int64_t chunks = llvm::divideCeil(size, most);
    result.blockK = llvm::alignTo(llvm::divideCeil(size, chunks), result.vector);
  }
  if (!wanted.blockP) {
    int64_t room = powerOfTwoCovering(std::max<int64_t>(problem.planes, 1), 1 << 14);
    result.blockP = 1;
    auto holds = [&](int64_t planes) {
      Schedule more = result;
      more.blockP = planes;
      return Chunk(more).elements <= elements;
    };
    while (result.blockP < room && holds(result.blockP * 2))
      result.blockP *= 2;
  }
  chooseOrder(original, orders, gpu, result);
  return result;
}

static llvm::SmallVector<Schedule> candidates(const AvgPool2dProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  llvm::SmallVector<Schedule> result;
  // Of those that are predicted alike, the first is taken: where memory is fast, more warps are
  // resident of threads that hold less.
  std::array<int64_t, 3> elementsInOrder = {16, 32, 8};
  if (hasFastMemory(gpu))
    elementsInOrder = {8, 16, 32};
  // The largest where there are fewer planes than blocks that fit.
  for (int64_t threads : {128, 256, 64, 512, 1024})
    for (int64_t elements : elementsInOrder) {
      Schedule schedule = decideFor(problem, gpu, wanted, threads, elements);
      if (!llvm::is_contained(result, schedule))
        result.push_back(std::move(schedule));
    }
  return result;
}

static KernelCost cost(const AvgPool2dProblem &original, const GPU &gpu, const Schedule &schedule) {
  AvgPool2dProblem problem = tiledProblem(original, schedule);
  Chunk chunk(schedule);
  double size = double(problem.axis[0].size) * problem.axis[1].size;
  double elementBytes = sizeInBytes(problem.type);
  KernelCost cost = beginCost(original, gpu, schedule);
  cost.registersPerThread = otherRegisters + chunk.elements;
  // What ptxas leaves of addresses, and the elements as they are loaded: of 90 kernels, within 6.
  constexpr int64_t likelyOthers = 14;
  if (hasFastMemory(gpu))
    cost.likelyRegisters =
        likelyOthers + int64_t(double(chunk.elements) * elementBytes / sizeInBytes(DataType::f32));
  cost.sharedBytesPerBlock = chunk.sharedBytes;
  // A request writes what its lanes have of neighbouring planes.
  cost.l2WriteBytes = double(problem.planes) *
                      std::max(elementBytes, double(sectorBytes) / double(chunk.planesPerWarp));

  double chunks = llvm::divideCeil(int64_t(size), schedule.blockK), warps = schedule.numWarps;
  double loads = chunks * chunk.elements / schedule.vector;
  double exchanges = chunk.sharedBytes ? chunk.planesPerThread * (1 + chunk.warpsPerPlane) + 2 : 0;
  cost.memory = warps * (loads + chunk.shuffles + exchanges + chunk.planesPerThread);
  cost.fma = warps * (chunks * chunk.elements + chunk.shuffles);
  // bf16 becomes f32 by a shift.
  cost.special = problem.type == DataType::f16 ? warps * chunks * chunk.elements : 0;
  cost.alu =
      warps * (30 + 2 * loads + (problem.type == DataType::bf16 ? chunks * chunk.elements : 0));
  cost.instructions = cost.memory + cost.fma + cost.special + cost.alu;
  cost.wavefronts = warps * (4 * loads + chunk.shuffles + exchanges);
  double bytesPerChunk = double(schedule.blockP) * schedule.blockK * elementBytes;
  cost.bytesInFlight = 0.5 * bytesPerChunk;
  cost.dependentTrips = chunks;
  return cost;
}

const Algorithm<AvgPool2dProblem> poolc::avgPool2dPlanes = {
    .name = "planes",
    .summary = "warps read whole planes and sum them over their threads",
    .applies = applies,
    .rules = rules,
    .candidates = candidates,
    .check = check,
    .cost = cost,
    .leastAlignment = 1};
