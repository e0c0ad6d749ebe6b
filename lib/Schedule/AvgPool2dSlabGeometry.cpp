//===- AvgPool2dSlabGeometry.cpp - What a block of `slab` has -------------===//

#include "poolc/Schedule/AvgPool2dSlab.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>

using namespace poolc;

/// Registers for everything but the elements read at once.
static constexpr int64_t otherRegisters = 40;

/// Phases at most; beyond, neighbours meet in banks.
static constexpr int64_t maxPhases = 32;

/// More registers than any thread has.
static constexpr int64_t maxRegisters = 1 << 10;

/// More elements than any shared memory holds.
static constexpr int64_t maxElements = 1 << 24;

/// Bytes to which allocations of shared memory are aligned.
static constexpr int64_t alignment = 128;

/// Elements that a thread loads before it adds them where it sums windows' rows first: enough to
/// hide the latency of shared memory, few enough registers.
static constexpr int64_t loadsTogether = 32;

static constexpr int64_t lanesOfWarp = 32;

AvgPool2dSlab::AvgPool2dSlab(const AvgPool2dProblem &problem, const Schedule &schedule)
    : step(schedule, problem.axis[1].kernel) {
  const Window &h = problem.axis[0], &w = problem.axis[1];
  rows = (schedule.blockH - 1) * h.stride + h.kernel;
  copiedRows = std::min(rows, h.size);
  int64_t used = (problem.outputSize(1) - 1) * w.stride + w.kernel - w.padBefore;
  columns = std::clamp<int64_t>(used, 1, w.size);
  // A single window has no neighbours.
  phases = schedule.blockW == 1 ? 1 : std::min(w.stride & -w.stride, maxPhases);
  length = llvm::divideCeil(columns, phases);
  // Adjacent taps may be loaded 16 bytes at once, which reach beyond the last.
  constexpr int64_t widestLoad = 4;
  if (schedule.blockW == 1 || w.stride / phases % 2 == 0)
    length = llvm::alignTo(length, widestLoad);

  int64_t vector = std::max<int64_t>(1, schedule.vector);
  int64_t planesBefore = (schedule.blockP - 1) * h.size;
  int64_t span = std::min(saturatingProduct({planesBefore + copiedRows - 1, w.size}), maxElements);
  slabElements = llvm::alignTo(vector - 1 + span + length * phases, vector);

  findPitches(problem, schedule);
  sumElements = std::min(saturatingProduct({phases, phasePitch}), maxElements);
  sharedBytes = llvm::alignTo(slabElements * sizeInBytes(problem.type), alignment) +
                llvm::alignTo(sumElements * 4, alignment);

  int64_t columnLanes = llvm::PowerOf2Ceil(length) * phases;
  int64_t threads = 32 * std::max<int64_t>(1, schedule.numWarps);
  int64_t lanesP = columnLanes >= 32 ? 1 : 32 / columnLanes;
  int64_t warpsP = std::min<int64_t>(schedule.numWarps,
                                     llvm::PowerOf2Ceil(llvm::divideCeil(schedule.blockP, lanesP)));
  int64_t across = threads / (lanesP * warpsP);
  elementsPerThread =
      saturatingProduct({rows, llvm::divideCeilSigned(schedule.blockP, lanesP * warpsP),
                         llvm::divideCeilSigned(length * phases, std::max<int64_t>(across, 1))});
  registers =
      std::min<int64_t>(otherRegisters + std::max(elementsPerThread, step.registers), maxRegisters);
  decideRowsFirst(problem, schedule);
}

/// Threads write the phases of neighbouring columns, perhaps of several planes, and read those of
/// neighbouring windows of one phase, perhaps of several rows and planes: pitches are the least at
/// which these meet in the fewest banks.
void AvgPool2dSlab::findPitches(const AvgPool2dProblem &problem, const Schedule &schedule) {
  const Window &w = problem.axis[1];
  llvm::SmallVector<int64_t, 4> written{schedule.blockP, length, phases};
  llvm::SmallVector<int64_t, 4> read{step.planes, step.rows, schedule.blockW};
  llvm::SmallVector<int64_t, 4> writers = spreadLanes(written), readers = spreadLanes(read);
  // For each row of a plane.
  double writes = double(length) * double(phases), reads = double(schedule.blockW) * w.kernel;
  double fewest = std::numeric_limits<double>::infinity(), none = writes + reads;
  int64_t mostForRow = readers[1] > 1 ? sharedBanks : 1;
  int64_t mostForPlane = readers[0] > 1 || writers[0] > 1 ? sharedBanks : 1;
  int64_t mostForPhase = writers[2] > 1 ? sharedBanks : 1;
  for (int64_t forRow = 0; forRow != mostForRow && fewest > none; ++forRow)
    for (int64_t forPlane = 0; forPlane != mostForPlane && fewest > none; ++forPlane) {
      int64_t perRow = length + forRow;
      int64_t perPlane = saturatingProduct({schedule.blockH, perRow}) + forPlane;
      int64_t ofTaps = countBankConflicts(readers, {perPlane, perRow, w.stride / phases}, 1, read);
      for (int64_t forPhase = 0; forPhase != mostForPhase; ++forPhase) {
        if (reads * double(ofTaps) + writes >= fewest)
          break;
        int64_t perPhase =
            std::min(saturatingProduct({schedule.blockP, perPlane}), maxElements) + forPhase;
        int64_t ofSums = countBankConflicts(writers, {perPlane, 1, perPhase}, 1, written);
        double conflicts = reads * double(ofTaps) + writes * double(ofSums);
        if (conflicts >= fewest)
          continue;
        fewest = conflicts;
        rowPitch = perRow, planePitch = perPlane, phasePitch = perPhase;
        conflictsOfTaps = ofTaps, conflictsOfSums = ofSums;
      }
    }
}

/// How many lanes a row of windows takes: powers of two, or whole warps.
static int64_t lanesForRow(int64_t windows) {
  return windows < lanesOfWarp ? llvm::PowerOf2Ceil(windows) : llvm::alignTo(windows, lanesOfWarp);
}

/// How many warps hold a row of windows of each plane.
static int64_t warpsForRows(int64_t planes, int64_t windows) {
  return llvm::divideCeilSigned(saturatingProduct({planes, lanesForRow(windows)}), lanesOfWarp);
}

/// In how many parts a warp's loads of single taps are served: rows of windows, of several planes
/// if they are short.
static int64_t countTapConflicts(const AvgPool2dProblem &problem, int64_t planes, int64_t windows) {
  int64_t lanesW = std::min(lanesOfWarp, lanesForRow(windows));
  int64_t lanesP = std::min<int64_t>(lanesOfWarp / lanesW, llvm::PowerOf2Ceil(planes));
  int64_t perPlane = problem.axis[0].size * problem.axis[1].size;
  llvm::SmallVector<int64_t, 32> words;
  for (int64_t p = 0; p != lanesP; ++p)
    for (int64_t w = 0; w != lanesW; ++w)
      words.push_back((p * perPlane + w * problem.axis[1].stride) * sizeInBytes(problem.type) /
                      sizeInBytes(DataType::f32));
  llvm::sort(words);
  words.erase(llvm::unique(words), words.end());
  int64_t inBank[sharedBanks] = {}, most = 0;
  for (int64_t word : words)
    most = std::max(most, ++inBank[word % sharedBanks]);
  return most;
}

void AvgPool2dSlab::decideRowsFirst(const AvgPool2dProblem &problem, const Schedule &schedule) {
  const Window &h = problem.axis[0], &w = problem.axis[1];
  int64_t height = std::max<int64_t>(1, schedule.blockH), width = schedule.blockW;
  int64_t rowsAtOnce = loadsTogether / std::min(w.kernel, loadsTogether);
  int64_t most = rowsAtOnce < h.kernel ? 1 : (rowsAtOnce - h.kernel) / h.stride + 1;
  int64_t parts = llvm::divideCeilSigned(height, most);
  rowsTogether = llvm::divideCeilSigned(height, parts);
  tapRows = height * h.stride + parts * (h.kernel - h.stride);

  // Accesses to shared memory for a column of windows.
  int64_t byRows = saturatingProduct({tapRows, w.kernel});
  int64_t byColumns =
      saturatingProduct({rows, w.stride}) + saturatingProduct({height, w.stride + w.kernel});
  // 35 windows in 32 lanes, and 3 of each plane in 4.
  int64_t head = width < lanesOfWarp ? int64_t(llvm::bit_floor(uint64_t(width)))
                                     : llvm::alignDown(width, lanesOfWarp);
  int64_t inParts = warpsForRows(schedule.blockP, head) +
                    (head == width ? 0 : warpsForRows(schedule.blockP, width - head));
  // Runs of results are written in groups, which single elements are none of.
  sumsRowsFirst = width > 1 && problem.maxVector() > 1 && byRows < byColumns &&
                  inParts < warpsForRows(schedule.blockP, width) &&
                  countTapConflicts(problem, schedule.blockP, head) == 1;
  if (!sumsRowsFirst)
    return;

  headColumns = head;
  rowWarps = inParts;
  int64_t elementBytes = sizeInBytes(problem.type), vector = problem.maxVector();
  resultElements = llvm::alignTo(
      std::min(saturatingProduct({schedule.blockP, height, width}), maxElements) + vector - 1,
      vector);
  sharedBytes = llvm::alignTo(slabElements * elementBytes, alignment) +
                llvm::alignTo(resultElements * elementBytes, alignment);
  int64_t repeats = llvm::divideCeilSigned(warpsForRows(schedule.blockP, headColumns),
                                           std::max<int64_t>(1, schedule.numWarps));
  elementsPerThread =
      saturatingProduct({(rowsTogether - 1) * h.stride + h.kernel, w.kernel, repeats});
  registers = std::min(otherRegisters + elementsPerThread, maxRegisters);
}
