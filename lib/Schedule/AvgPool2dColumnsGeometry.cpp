//===- AvgPool2dColumnsGeometry.cpp - What a block of `columns` reads -----===//

#include "poolc/Schedule/AvgPool2dColumns.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

using namespace poolc;

/// Rows that a thread reads before it adds them, where windows do not share rows,
/// and their elements: enough bytes in flight, few enough registers.
static constexpr int64_t maxBatch = 16, maxBatchElements = 64;

/// Outputs of a thread that are summed from shared memory together at most, and
/// what is loaded for them, if there is more than one.
static constexpr int64_t maxStep = 8, maxStepLoads = 48;

/// Columns of neighbouring windows that a thread holds at once at most.
static constexpr int64_t mostColumnsHeld = 96;

/// Bytes of one access at most.
static constexpr int64_t accessBytes = 16;

/// Adjacent columns that a thread holds at most.
static constexpr int64_t maxGroup = 32;

/// 16 bytes of f32.
static constexpr int64_t sharedVector = 4;

static constexpr int64_t lanesOfWarp = 32;

/// More conflicts than there can be.
static constexpr int64_t maxConflicts = std::numeric_limits<int64_t>::max();

int64_t poolc::countBankConflicts(llvm::ArrayRef<int64_t> lanes, llvm::ArrayRef<int64_t> pitches,
                                  int64_t vector, llvm::ArrayRef<int64_t> shape) {
  constexpr int64_t none = -1;
  llvm::SmallVector<int64_t, 32> words = {0};
  for (size_t d = 0; d != lanes.size(); ++d) {
    llvm::SmallVector<int64_t, 32> more;
    int64_t size = shape.empty() ? lanes[d] : shape[d];
    for (int64_t word : words)
      for (int64_t i = 0; i != lanes[d]; ++i)
        more.push_back(word == none || i >= size ? none : word + i * pitches[d]);
    words = std::move(more);
  }
  // Of several words each, fewer threads are served at a time.
  int64_t most = 0;
  for (llvm::ArrayRef<int64_t> left = words; !left.empty();) {
    llvm::SmallVector<int64_t, 32> together(left.take_front(sharedBanks / vector));
    left = left.drop_front(together.size());
    llvm::sort(together);
    together.erase(llvm::unique(together), together.end());
    int64_t inBank[sharedBanks] = {};
    for (int64_t word : together)
      for (int64_t i = 0; word != none && i != vector; ++i)
        most = std::max(most, ++inBank[(word + i) % sharedBanks]);
  }
  return most;
}

bool poolc::hasFastMemory(const GPU &gpu) { return gpu.memoryPerCycle >= 1; }

int64_t poolc::saturatingProduct(std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  for (int64_t factor : factors)
    if (llvm::MulOverflow(product, factor, product))
      return std::numeric_limits<int64_t>::max();
  return product;
}

llvm::Error poolc::checkSmallWindows(const AvgPool2dProblem &problem) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  for (const Window &axis : problem.axis)
    for (int64_t value : {axis.size, axis.kernel, axis.stride})
      if (value > most)
        return llvm::createStringError("expected sizes, kernel sizes and strides of at most " +
                                       llvm::Twine(most) + ", got " + llvm::Twine(value));
  return llvm::Error::success();
}

llvm::SmallVector<int64_t, 4> poolc::spreadLanes(llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t, 4> lanes(shape.size(), 1);
  int64_t left = 32;
  for (size_t d = shape.size(); d-- > 0;) {
    lanes[d] = std::min<int64_t>(left, llvm::PowerOf2Ceil(shape[d]));
    left /= lanes[d];
  }
  return lanes;
}

/// How often threads have an output, or a group of them, of a tile of so many: lanes and warps are
/// shared out by powers of two.
static int64_t countRepeats(int64_t planes, int64_t rows, int64_t groups, int64_t warps) {
  llvm::SmallVector<int64_t, 4> shape{planes, rows, groups}, lanes = spreadLanes(shape);
  int64_t repeats = 1;
  for (auto [size, inWarp] : llvm::zip_equal(shape, lanes)) {
    int64_t left = llvm::divideCeilSigned(size, inWarp);
    int64_t along = std::min<int64_t>(warps, llvm::PowerOf2Ceil(left));
    warps /= along;
    repeats = saturatingProduct({repeats, llvm::divideCeilSigned(left, along)});
  }
  return repeats;
}

OutputStep::OutputStep(const Schedule &schedule, int64_t taps, int64_t adjacent, bool meet)
    : planes(std::max<int64_t>(1, schedule.blockP)), rows(std::max<int64_t>(1, schedule.blockH)) {
  int64_t warps = std::max<int64_t>(1, schedule.numWarps);
  auto perThread = [&] {
    return llvm::divideCeilSigned(saturatingProduct({planes, rows, schedule.blockW}), 32 * warps);
  };
  int64_t groups = llvm::divideCeilSigned(std::max<int64_t>(1, schedule.blockW), adjacent);
  int64_t most = std::clamp<int64_t>(maxStepLoads / std::max<int64_t>(1, taps), 1, maxStep);
  for (int64_t *extent : {&planes, &rows}) {
    if (perThread() <= most)
      break;
    int64_t whole = *extent;
    *extent = 1;
    int64_t others = saturatingProduct({planes, rows, std::max<int64_t>(1, schedule.blockW)});
    int64_t largest = std::clamp<int64_t>(most * 32 * warps / others, 1, whole);
    auto countAll = [&](int64_t size) {
      *extent = size;
      int64_t repeats = whole / size * countRepeats(planes, rows, groups, warps);
      *extent = whole % size;
      return *extent == 0 ? repeats : repeats + countRepeats(planes, rows, groups, warps);
    };
    int64_t best = largest, fewest = countAll(largest);
    constexpr int64_t smallest = 4;
    for (int64_t size = largest - 1; size > largest / smallest; --size)
      if (int64_t repeats = countAll(size); repeats < fewest) {
        fewest = repeats;
        best = size;
      }
    // Equal steps are worth half as many more, and somewhat more repeats: on an H200, 28 rows as
    // 4 * 7 took 105 us, as 3 * 8 + 4 107 us. Where threads need not meet between them, any number.
    int64_t steps = llvm::divideCeilSigned(whole, best);
    for (int64_t size = largest; size > 0; --size) {
      if (whole % size != 0)
        continue;
      int64_t repeats = countAll(size);
      bool isNearlyAsFast = 2 * (whole / size) <= 3 * steps && 5 * repeats <= 8 * fewest;
      if (isNearlyAsFast || (!meet && repeats == fewest)) {
        best = size;
        break;
      }
    }
    *extent = best;
  }
  // Each output's taps are loaded ahead, as far as they are written out.
  int64_t outputs = perThread();
  registers = saturatingProduct({outputs, std::min(taps, maxStepLoads) + 1});

  auto countSteps = [](int64_t whole, int64_t size) {
    std::array<std::pair<int64_t, int64_t>, 2> sizesAndNumbers = {
        {{size, whole / size}, {whole % size, whole % size != 0}}};
    return sizesAndNumbers;
  };
  repeats = 0;
  for (auto [inPlanes, timesPlanes] : countSteps(std::max<int64_t>(1, schedule.blockP), planes))
    for (auto [inRows, timesRows] : countSteps(std::max<int64_t>(1, schedule.blockH), rows))
      if (timesPlanes != 0 && timesRows != 0)
        repeats += double(timesPlanes) * double(timesRows) * double(adjacent) *
                   double(countRepeats(inPlanes, inRows, groups, warps));
}

AvgPool2dColumns::AvgPool2dColumns(const AvgPool2dProblem &problem, const Schedule &schedule)
    : step(schedule, 1) {
  const Window &h = problem.axis[0], &w = problem.axis[1];
  int64_t vector = std::max<int64_t>(1, schedule.vector);
  lead = llvm::mod(-w.padBefore, vector);
  // A single window has no neighbours.
  int64_t strideFactor = schedule.blockW == 1 ? 1 : w.stride & -w.stride;
  // What one access could read at most lies in one thread at no cost.
  int64_t together = std::max<int64_t>(vector, accessBytes / sizeInBytes(problem.type));
  inRegisters =
      llvm::isPowerOf2_64(w.stride) && w.stride <= together && lead + w.kernel <= w.stride;
  bool sideBySide = w.kernel == w.stride && lead == 0;
  merged = tapVector = 1;
  if (!inRegisters && sideBySide) {
    merged = std::min(vector, w.stride & -w.stride);
    if (llvm::isPowerOf2_64(w.stride)) {
      if (schedule.blockW > 1)
        merged = std::min(std::max(merged, w.stride / sharedVector), maxGroup);
      if (w.stride / merged <= sharedVector)
        tapVector = w.stride / merged;
    }
  }
  findAdjacent(problem, schedule);
  kernel = merged == 1 ? w.kernel : w.kernel / merged;
  stride = w.stride / merged;
  phases = inRegisters || tapVector > 1 ? 1 : std::min(strideFactor / merged, maxGroup / merged);
  phases = std::max<int64_t>(phases, 1);
  group = std::max({vector, merged * phases, inRegisters ? w.stride : 1});
  columns = inRegisters
                ? schedule.blockW * w.stride
                : lead + (llvm::alignTo(schedule.blockW, adjacent) - 1) * w.stride + w.kernel;
  // Phases end where a vector of sums does: one that reaches beyond a window's
  // taps then still reads sums. Single windows an odd number of words apart are read
  // word by word.
  isScattered = schedule.blockW == 1 && schedule.blockP > 1 && schedule.blockH == 1 &&
                tapVector == 1 && group == merged;
  bool fitsVectors = inRegisters || isScattered || tapVector > 1 || phases > sharedVector;
  columns =
      llvm::alignTo(columns, fitsVectors ? group : std::max(group, sharedVector * merged * phases));
  rows = (schedule.blockH - 1) * h.stride + h.kernel;
  leaveOutPadding(problem, schedule);

  int64_t groups = columnsRead / group;
  lanesW = std::min<int64_t>(32, llvm::PowerOf2Ceil(groups));
  lanesP = 32 / lanesW;
  int64_t warps = std::max<int64_t>(1, schedule.numWarps);
  int64_t warpsP = std::min<int64_t>(
      warps, llvm::PowerOf2Ceil(llvm::divideCeil(std::max<int64_t>(schedule.blockP, 1), lanesP)));
  int64_t repeatsP = llvm::divideCeil(schedule.blockP, lanesP * warpsP);
  int64_t repeatsW = llvm::divideCeil(groups, lanesW * (warps / warpsP));
  int64_t perRow = saturatingProduct({repeatsP, repeatsW, group});
  batch = schedule.blockH == 1
              ? std::clamp<int64_t>(maxBatchElements / perRow, 1, std::min(rows, maxBatch))
              : rows;
  batchGroups = saturatingProduct({batch, repeatsP, repeatsW});
  batchElements = saturatingProduct({batchGroups, group});
  // What has been summed takes the place of what was read, but not of a batch that
  // comes next.
  heldElements = batch == rows ? batchElements : batchElements + perRow;

  phasePitch = rowPitch = planePitch = sumElements = sharedBytes = 0;
  if (inRegisters)
    return;
  step = OutputStep(
      schedule, llvm::divideCeil(adjacent > 1 ? span : kernel, adjacent > 1 ? adjacent : tapVector),
      adjacent, /*meet=*/adjacent > 1 && !storesAdjacent);
  // Of neighbouring windows, their columns and what they share of sums, one group at a time, and
  // the windows of all groups.
  if (adjacent > 1) {
    int64_t groupsOfStep = saturatingProduct(
        {step.planes, step.rows, llvm::divideCeilSigned(schedule.blockW, adjacent)});
    int64_t perThread = llvm::divideCeilSigned(groupsOfStep, 32 * warps);
    step.registers = 2 * span + saturatingProduct({adjacent, perThread - 1});
    holdsAllColumns = saturatingProduct({span, perThread}) <= mostColumnsHeld;
  }
  findPitches(schedule);
  sumElements = saturatingProduct({schedule.blockP, planePitch});
  sharedBytes = saturatingProduct({sumElements, sizeInBytes(DataType::f32)});
}

/// Rows of a power of two and their padding would take twice as many lanes, half of them idle.
void AvgPool2dColumns::leaveOutPadding(const AvgPool2dProblem &problem, const Schedule &schedule) {
  const Window &w = problem.axis[1];
  columnsBefore = 0;
  columnsRead = columns;
  int64_t padding = lead + w.padBefore;
  if (w.isDynamic || w.padBefore + w.padAfter == 0 || inRegisters || merged != 1 ||
      schedule.blockW != problem.outputSize(1) || padding % group != 0)
    return;
  columnsBefore = padding;
  columnsRead = std::min(columns - padding, int64_t(llvm::alignTo(w.size, group)));
  clearedBefore = columnsBefore / phases;
  clearedBehind = (columns - columnsRead) / phases - clearedBefore;
}

/// Where windows overlap, one thread takes neighbouring ones: as many as make its columns
/// begin 16 bytes after its neighbour's, an odd number of times.
void AvgPool2dColumns::findAdjacent(const AvgPool2dProblem &problem, const Schedule &schedule) {
  constexpr int64_t maxSpan = 64;
  const Window &w = problem.axis[1];
  adjacent = 1;
  span = w.kernel;
  storesAdjacent = false;
  int64_t columnsOfAll =
      llvm::alignTo(lead + (sharedVector - 1) * w.stride + w.kernel, sharedVector);
  if (inRegisters || w.stride % 2 == 0 || w.kernel < 3 || w.kernel <= w.stride ||
      schedule.blockW < 2 * sharedVector || columnsOfAll > maxSpan)
    return;
  adjacent = sharedVector;
  span = columnsOfAll;
  storesAdjacent =
      !w.isDynamic && problem.outputSize(1) % adjacent == 0 && schedule.blockW % adjacent == 0;
  // Of long windows, more neighbours share more of what is loaded, if that leaves few lanes idle
  // or a row to a warp: 12 of 11 columns load 2 for each, 4 load 4. Stores of 12 in a thread would
  // be far apart.
  constexpr int64_t many = 3 * sharedVector, longWindow = 9, maxSpanOfMany = 32;
  int64_t groups = llvm::divideCeilSigned(schedule.blockW, many);
  int64_t spanOfMany = llvm::alignTo(lead + (many - 1) * w.stride + w.kernel, sharedVector);
  bool fillsLanes =
      groups > lanesOfWarp / 2 || 4 * groups >= 3 * int64_t(llvm::PowerOf2Ceil(groups));
  if (storesAdjacent || w.stride != 1 || w.kernel < longWindow || spanOfMany > maxSpanOfMany ||
      !fillsLanes)
    return;
  adjacent = many;
  span = spanOfMany;
}

bool AvgPool2dColumns::warpsHaveRows(const Schedule &schedule, int64_t inPlanes,
                                     int64_t inRows) const {
  int64_t rowsDealtOut = int64_t(llvm::PowerOf2Ceil(inPlanes) * llvm::PowerOf2Ceil(inRows));
  return adjacent > 1 && !storesAdjacent &&
         llvm::divideCeilSigned(schedule.blockW, adjacent) > lanesOfWarp / 2 &&
         schedule.numWarps <= rowsDealtOut;
}

/// In how many parts a warp's stores of zeros are served: both sides at once, if they are alike.
int64_t AvgPool2dColumns::countClearingConflicts(const Schedule &schedule, int64_t ofPlane,
                                                 int64_t ofRow) const {
  int64_t vector = std::min(sharedVector, group / merged / phases), most = 1;
  bool together = clearedBefore == clearedBehind;
  for (int64_t cleared : {clearedBefore, clearedBehind}) {
    llvm::SmallVector<int64_t, 4> shape{schedule.blockP, schedule.blockH, together ? 2 : 1,
                                        cleared / vector};
    int64_t behind = clearedBefore + columnsRead / phases;
    if (cleared != 0)
      most = std::max(most, countBankConflicts(spreadLanes(shape), {ofPlane, ofRow, behind, vector},
                                               vector, shape));
  }
  return most;
}

/// Neighbouring planes, rows and windows are read at once, and sums of neighbouring
/// planes and columns written: pitches are the least at which these meet in the fewest banks. What
/// little is cleared decides between equals.
void AvgPool2dColumns::findPitches(const Schedule &schedule) {
  llvm::SmallVector<int64_t, 4> read{step.planes, step.rows,
                                     llvm::divideCeilSigned(schedule.blockW, adjacent)};
  llvm::SmallVector<int64_t, 4> written{schedule.blockP, columnsRead / group};
  // Sums of windows in the place of those of columns are read one by one.
  bool storesAgain = adjacent > 1 && !storesAdjacent;
  llvm::SmallVector<int64_t, 4> stored{step.planes, step.rows, storesAgain ? schedule.blockW : 1};
  int64_t inGroup = group / merged / phases, atOnce = std::min(sharedVector, inGroup);
  int64_t vector = adjacent > 1 ? sharedVector : tapVector;
  int64_t between = adjacent > 1 ? adjacent * stride : tapVector > 1 ? tapVector : stride / phases;
  int64_t taps = llvm::divideCeil(adjacent > 1 ? span : kernel, vector);
  int64_t unit = std::max(atOnce, vector);
  phasePitch = llvm::alignTo(columns / merged / phases, tapVector == 1 ? sharedVector : unit);
  if (isScattered) {
    phasePitch = columns / merged | 1;
    unit = 2;
  }
  int64_t least = phases * phasePitch;
  int64_t mostMore = schedule.blockH > 1 ? sharedBanks : 1;
  int64_t mostGap = schedule.blockP > 1 ? sharedBanks : 1;
  std::tuple<int64_t, int64_t> none(taps + phases + storesAgain, 1), fewest(maxConflicts, 0);
  for (int64_t more = 0; more < mostMore; more += unit)
    for (int64_t gap = 0; gap < mostGap && fewest > none; gap += unit) {
      int64_t pitch = least + more;
      int64_t perPlane = saturatingProduct({schedule.blockH, pitch}) + gap;
      int64_t ofTaps =
          countBankConflicts(spreadLanes(read), {perPlane, pitch, between}, vector, read);
      int64_t ofSums = countBankConflicts({lanesP, lanesW}, {perPlane, inGroup}, atOnce, written);
      int64_t ofStores =
          storesAgain ? countBankConflicts(spreadLanes(stored), {perPlane, pitch, 1}, 1, stored)
                      : 0;
      std::tuple<int64_t, int64_t> conflicts(taps * ofTaps + phases * ofSums + ofStores,
                                             countClearingConflicts(schedule, perPlane, pitch));
      if (conflicts < fewest) {
        fewest = conflicts;
        rowPitch = pitch;
        planePitch = perPlane;
        conflictsOfTaps = ofTaps;
        conflictsOfSums = ofSums;
      }
    }
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
  // Conditions of a row's groups are found at once and kept, if they are more than there are
  // predicates for.
  constexpr int64_t mostPredicates = 16;
  int64_t conditions = geometry.batchGroups / geometry.batch;
  if (conditions <= mostPredicates || problem.hasDynamicAxes())
    conditions = 0;
  return geometry.otherRegisters + offsets + conditions +
         (geometry.inRegisters ? held : std::max(held, geometry.step.registers));
}
