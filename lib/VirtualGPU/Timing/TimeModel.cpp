//===- TimeModel.cpp - How long a launch takes ----------------------------===//

#include "TimeModel.h"

#include "../Metrics/Coalescing.h"

#include "../Program.h"
#include "../Random.h"
#include "poolc/Target/Roofline.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace poolc;
using namespace poolc::vgpu;

/// Timelines that are kept: of this many blocks, or of some sets of resident ones, while
/// they have room.
static constexpr uint64_t leastBlocks = 64, residentSets = 4;
static constexpr uint64_t maxTimelineBytes = uint64_t(128) << 20;
/// Machine instructions of warps that are replayed, more or less.
static constexpr double replayedInstructions = 6e6;

TimeModel::TimeModel(const Program &program, const GPU &gpu, double clockMHz,
                     const Occupancy &occupancy, const BlockSelection &selection,
                     unsigned registerBudget)
    : program(program), theMachine(gpu, clockMHz), timedCode(program, theMachine, registerBudget),
      occupancy(occupancy) {
  chooseBlocks(selection);
}

/// One block of each of equal stretches, at random places in them: blocks of a kind
/// often follow each other with a period.
void TimeModel::chooseBlocks(const BlockSelection &selection) {
  uint64_t counted = selection.counted();
  uint64_t wanted = std::min(counted, std::max(leastBlocks, residentSets * occupancy.blocksPerSM));
  std::vector<std::pair<uint64_t, uint64_t>> order;
  for (uint64_t i = 0; i < wanted; ++i) {
    uint64_t begin = counted * i / wanted, end = counted * (i + 1) / wanted;
    uint64_t place = begin + mix(i) % (end - begin);
    for (const BlockRun &run : selection.runs) {
      if (place < run.counted) {
        order.emplace_back(mix(~i), run.first + run.before + place);
        break;
      }
      place -= run.counted;
    }
  }
  llvm::sort(order);
  for (auto [i, entry] : llvm::enumerate(order))
    priorities[entry.second] = unsigned(i);
}

void TimeModel::keep(BlockTimeline timeline) {
  unsigned priority = priorities.lookup(timeline.number);
  if (priority >= lowestDropped)
    return;
  keptBytes += timeline.bytes();
  kept[priority] = std::move(timeline);
  // One is always kept. What is dropped does not depend on who came first.
  while (keptBytes > maxTimelineBytes && kept.size() > 1) {
    auto last = std::prev(kept.end());
    keptBytes -= last->second.bytes();
    lowestDropped = last->first;
    kept.erase(last);
  }
}

/// What streaming kernels with this share of writes reach of DRAM's peak.
static double reachableShare(const GPU &gpu, const LaunchMetrics &metrics) {
  double sectors = metrics.dramReadSectors + metrics.dramWriteSectors;
  double writeShare = sectors > 0 ? metrics.dramWriteSectors / sectors : 0;
  return reachableDramGBs(gpu, writeShare) / gpu.dramActualGBs;
}

static double bytesMoved(const LaunchMetrics &metrics) {
  return (metrics.dramReadSectors + metrics.dramWriteSectors) * double(sectorBytes);
}

double TimeModel::instructionsPerBlock() const {
  double count = 0;
  for (const auto &[priority, block] : kept)
    for (const WarpTimeline &warp : block.warps)
      for (const Segment &segment : warp.segments)
        count += segment.count;
  return std::max(1.0, count / double(kept.size()));
}

double TimeModel::omission() const {
  double inTimelines = 0, omitted = 0;
  for (const auto &[priority, block] : kept) {
    inTimelines += double(block.kept);
    omitted += double(block.omitted);
  }
  return omitted == 0 ? 1 : 1 + omitted / inTimelines;
}

/// Bytes per clock that DRAM delivers of this mix. The blocks that are replayed may ask
/// for a little more or less than the average one.
double TimeModel::dramRate(const LaunchMetrics &metrics) const {
  double rate = theMachine.bytesPerClock(theMachine.gpu.dramActualGBs) *
                reachableShare(theMachine.gpu, metrics);
  double replayed = 0;
  for (const auto &[priority, block] : kept)
    for (const WarpTimeline &warp : block.warps)
      for (const Access &access : warp.accesses)
        replayed += access.fetched + access.dirtied;
  replayed *= double(metrics.gridSize) / double(kept.size()) * omission();
  double sectors = metrics.dramReadSectors + metrics.dramWriteSectors;
  return replayed == 0 || sectors == 0 ? rate : rate * replayed / sectors;
}

ReplayResult TimeModel::replay(const LaunchMetrics &metrics, uint64_t blocks) {
  unsigned numSMs = theMachine.gpu.numSMs;
  ReplayRequest request;
  request.residentBlocks = unsigned(std::min<uint64_t>(occupancy.blocksPerSM, blocks));
  request.blocks = blocks;
  request.lastRoundSMs = unsigned((metrics.gridSize - 1) % numSMs + 1);
  request.dramRate = dramRate(metrics);
  request.l2Rate = theMachine.gpu.l2BytesPerCycle;
  request.l2WriteRate = theMachine.gpu.l2WriteBytesPerCycle;
  request.dramLoad = reachableShare(theMachine.gpu, metrics);
  std::vector<const BlockTimeline *> timelines;
  for (const auto &[priority, block] : kept)
    timelines.push_back(&block);
  return Replay(theMachine, timedCode, request, timelines).run();
}

/// The result for `blocks` blocks stands for `all`: what lies between the beginning and
/// the end goes on for longer.
static ReplayState extrapolate(const ReplayResult &result, uint64_t blocks, uint64_t all,
                               uint64_t resident) {
  ReplayState state = result.end;
  uint64_t first = blocks / 3, last = blocks - resident - 1;
  if (blocks == all || last >= result.blockEnds.size())
    return state;
  const ReplayState &from = result.blockEnds[first], &to = result.blockEnds[last];
  double more = double(all - blocks) / double(last - first);
  state.clock += (to.clock - from.clock) * more;
  state.warpClocks += (to.warpClocks - from.warpClocks) * more;
  state.memoryClocks += (to.memoryClocks - from.memoryClocks) * more;
  for (unsigned i = 0; i < numStalls; ++i)
    state.stalls[i] += (to.stalls[i] - from.stalls[i]) * more;
  return state;
}

LaunchTime TimeModel::run(const LaunchMetrics &metrics) {
  const GPU &gpu = theMachine.gpu;
  LaunchTime time;
  time.clockMHz = theMachine.clockMHz;
  while (!kept.empty() && std::prev(kept.end())->first >= lowestDropped)
    kept.erase(std::prev(kept.end()));
  ReplayResult result;
  ReplayState state;
  if (!kept.empty()) {
    uint64_t perSM = llvm::divideCeil(metrics.gridSize, gpu.numSMs);
    // So many rounds of resident blocks that most of the time nothing begins or ends.
    uint64_t least = 6 * uint64_t(occupancy.blocksPerSM);
    auto most = uint64_t(replayedInstructions / instructionsPerBlock());
    uint64_t blocks = std::min(perSM, std::max(least, most));
    result = replay(metrics, blocks);
    state = extrapolate(result, blocks, perSM, occupancy.blocksPerSM);
    // What long blocks did first they go on with.
    double longer = omission();
    state.clock *= longer;
    state.warpClocks *= longer;
    state.memoryClocks *= longer;
    for (double &clocks : state.stalls)
      clocks *= longer;
  }
  if (state.warpClocks > 0) {
    for (unsigned i = 0; i < numStalls; ++i)
      time.stalls[i] = 100 * state.stalls[i] / state.warpClocks;
    time.warpsActive = 100 * state.warpClocks / (state.clock * gpu.maxWarpsPerSM);
  }
  // Not all that moved was moved by the blocks that were replayed.
  double dramClocks = bytesMoved(metrics) /
                      (theMachine.bytesPerClock(gpu.dramActualGBs) * reachableShare(gpu, metrics));
  double launch =
      gpu.launchMicroseconds - (metrics.programmatic ? gpu.launchOverlapMicroseconds : 0);
  time.clocks = std::max(state.clock, dramClocks) + launch * time.clockMHz;
  time.nanoseconds = time.clocks * 1e3 / time.clockMHz;
  findThroughputs(metrics, time);
  findLimiter(metrics, state.clock > 0 ? 100 * state.memoryClocks / state.clock : 0, time);
  findHotLines(metrics, result, time);
  return time;
}

void TimeModel::findThroughputs(const LaunchMetrics &metrics, LaunchTime &time) const {
  const PipeClocks &pipes = metrics.blocks.pipes;
  // Clocks of the schedulers of all SMs; the load/store unit is the SM's.
  double ofSMs = time.clocks * theMachine.gpu.numSMs;
  double ofSchedulers = ofSMs * numSchedulers;
  time.issued = pipes.issue * metrics.scale;
  auto add = [&](const char *name, double clocks, double of) {
    double share = 100 * clocks * metrics.scale / of;
    time.breakdown.emplace_back(name, share);
    time.smThroughput = std::max(time.smThroughput, share);
  };
  add("issue", pipes.issue, ofSchedulers);
  add("alu", pipes.alu, ofSchedulers);
  add("fma", pipes.fma, ofSchedulers);
  add("fmaheavy", pipes.fmaHeavy, ofSchedulers);
  add("fp64", pipes.fp64, ofSchedulers);
  add("xu", pipes.special, ofSchedulers);
  add("lsu", pipes.memory, ofSMs);
  add("tensor", pipes.tensor, ofSchedulers);
  time.dramThroughput =
      100 * bytesMoved(metrics) / (time.nanoseconds * theMachine.gpu.dramActualGBs);
}

/// The busiest part, as a share of what it can do at most; where none is busy, what
/// warps wait for.
void TimeModel::findLimiter(const LaunchMetrics &metrics, double memoryBusy,
                            LaunchTime &time) const {
  const GPU &gpu = theMachine.gpu;
  auto consider = [&](llvm::StringRef name, double share) {
    if (share > time.limiterShare) {
      time.limiter = name.str();
      time.limiterShare = share;
    }
  };
  consider("dram", time.dramThroughput / reachableShare(gpu, metrics));
  consider("l2", 100 * double(metrics.caches.l2Lookups) * metrics.scale * double(sectorBytes) /
                     (time.clocks * gpu.l2BytesPerCycle));
  consider("l2 writes", 100 * double(metrics.blocks.storeUnits) * packetUnitBytes * metrics.scale /
                            (time.clocks * gpu.l2WriteBytesPerCycle));
  consider("l1 and shared memory", memoryBusy);
  for (const auto &[name, share] : time.breakdown)
    consider(name, share);
  consider("tensor", 100 * metrics.blocks.pipes.tensorBusy * metrics.scale /
                         (time.clocks * gpu.numSMs * numSchedulers));
  constexpr double busy = 80;
  if (time.limiterShare >= busy)
    return;
  unsigned worst = unsigned(Stall::wait);
  for (unsigned i = worst; i < numStalls; ++i)
    if (time.stalls[i] > time.stalls[worst])
      worst = i;
  if (time.stalls[worst] > 0) {
    time.limiter = ("latency: " + toString(Stall(worst))).str();
    time.limiterShare = time.stalls[worst];
  }
}

void TimeModel::findHotLines(const LaunchMetrics &metrics, const ReplayResult &result,
                             LaunchTime &time) const {
  std::map<unsigned, HotLine> lines;
  auto lineOf = [&](uint32_t op) -> HotLine & { return lines[program.ops[op].line]; };
  double perBlock = kept.empty() ? 0 : double(metrics.gridSize) / double(kept.size()) * omission();
  // Executions: where segments begin, and where they end.
  std::vector<int64_t> begins(timedCode.ops.size() + 1);
  for (const auto &[priority, block] : kept)
    for (const WarpTimeline &warp : block.warps)
      for (const Segment &segment : warp.segments) {
        ++begins[segment.first];
        --begins[segment.first + segment.count];
        uint32_t access = segment.access;
        for (uint32_t op = segment.first; op < segment.first + segment.count; ++op) {
          if (!timedCode.ops[op].isTraced)
            continue;
          const Access &did = warp.accesses[access++];
          if (timedCode.ops[op].role == MemoryRole::barrier || did.steps == 0)
            continue;
          HotLine &line = lineOf(op);
          line.requests += perBlock;
          line.sectors += perBlock * did.sectors;
          line.conflicts += perBlock * did.conflicts;
        }
      }
  double all = std::max(1.0, result.end.warpClocks);
  int64_t executions = 0;
  for (uint32_t op = 0; op < timedCode.ops.size(); ++op) {
    executions += begins[op];
    if (executions == 0)
      continue;
    HotLine &line = lineOf(op);
    line.executions += perBlock * double(executions);
    if (op < result.stallsByOp.size())
      for (unsigned i = 0; i < numStalls; ++i)
        line.stalls[i] += 100 * result.stallsByOp[op][i] / all;
  }
  for (auto &[number, line] : lines) {
    line.line = number;
    time.hot.push_back(line);
  }
  llvm::stable_sort(time.hot,
                    [](const HotLine &a, const HotLine &b) { return a.share() > b.share(); });
}
