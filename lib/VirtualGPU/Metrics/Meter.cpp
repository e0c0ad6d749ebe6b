//===- Meter.cpp - Measures a launch --------------------------------------===//

#include "Meter.h"

#include "../Timing/FillTransfers.h"

#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace poolc;
using namespace poolc::vgpu;

/// Where lines of thread-local memory are taken to be: beyond all buffers.
static constexpr uint64_t firstLocalLine = uint64_t(1) << 52;

PipeClocks &PipeClocks::operator+=(const PipeClocks &other) {
  issue += other.issue;
  alu += other.alu;
  fma += other.fma;
  fmaHeavy += other.fmaHeavy;
  fp64 += other.fp64;
  special += other.special;
  memory += other.memory;
  tensor += other.tensor;
  tensorBusy += other.tensorBusy;
  return *this;
}

BlockCounters &BlockCounters::operator+=(const BlockCounters &other) {
  warpInstructions += other.warpInstructions;
  threadInstructions += other.threadInstructions;
  tensorInstructions += other.tensorInstructions;
  globalLoadRequests += other.globalLoadRequests;
  globalLoadSectors += other.globalLoadSectors;
  globalStoreRequests += other.globalStoreRequests;
  globalStoreSectors += other.globalStoreSectors;
  globalAtomicRequests += other.globalAtomicRequests;
  globalAtomicSectors += other.globalAtomicSectors;
  storeUnits += other.storeUnits;
  sharedLoadConflicts += other.sharedLoadConflicts;
  sharedStoreConflicts += other.sharedStoreConflicts;
  asyncCopyConflicts += other.asyncCopyConflicts;
  sharedRequests += other.sharedRequests;
  pipes += other.pipes;
  return *this;
}

Meter::Meter(const GPU &gpu, const Occupancy &occupancy, const BlockSelection &selection,
             uint64_t localBytesPerBlock, uint64_t maxTraceBytes, std::unique_ptr<TimeModel> time)
    : gpu(gpu), occupancy(occupancy), selection(selection),
      localLinesPerBlock(llvm::divideCeil(localBytesPerBlock, cacheLineBytes)),
      maxTraceBytes(maxTraceBytes), time(std::move(time)),
      memory(gpu, gpu.unifiedL1Bytes - occupancy.carveOutBytes, !selection.isWhole()),
      placement(gpu.numSMs, occupancy.blocksPerSM),
      residents(size_t(gpu.numSMs) * occupancy.blocksPerSM),
      blockBytes(4 * maxTraceBytes /
                 std::max<uint64_t>(16, std::min<uint64_t>(residents.size(), selection.size()))),
      sample(sampleOf(0)) {}

/// The order in which blocks of very different lengths come may let many wait: then they
/// are thinned, whatever they turn out to be thinned to later.
void Meter::addWaiting(uint64_t block, BlockTrace trace) {
  trace.thin(sampleOf(waitingLevel));
  waitingBytes += trace.bytes();
  waiting.emplace(block, std::move(trace));
  if (waitingBytes <= maxTraceBytes || waitingLevel == LineSample::maxLevel)
    return;
  ++waitingLevel;
  waitingBytes = 0;
  for (auto &[number, other] : waiting) {
    other.thin(sampleOf(waitingLevel));
    waitingBytes += other.bytes();
  }
}

void Meter::deliver(uint64_t block, BlockTrace trace) {
  // Threads that are far ahead wait for the model; else one thread serves it
  // while the others run blocks.
  const uint64_t farAheadBytes = maxTraceBytes / 4;
  bool isFarAhead;
  {
    std::lock_guard<std::mutex> guard(deliveries);
    addWaiting(block, std::move(trace));
    isFarAhead = waitingBytes > farAheadBytes;
  }
  if (isFarAhead) {
    std::lock_guard<std::mutex> guard(model);
    advance();
  } else if (model.try_lock()) {
    advance();
    model.unlock();
  }
}

void Meter::advance() {
  while (run < selection.runs.size()) {
    const BlockRun &blocks = selection.runs[run];
    if (place == 0)
      beginRun();
    BlockTrace trace;
    {
      std::lock_guard<std::mutex> guard(deliveries);
      auto it = waiting.find(blocks.first + place);
      if (it == waiting.end())
        return;
      trace = std::move(it->second);
      waiting.erase(it);
      waitingBytes -= trace.bytes();
    }
    dispatch(std::move(trace), place >= blocks.before);
    if (++place < blocks.size())
      continue;
    play(std::numeric_limits<uint64_t>::max());
    place = 0;
    ++run;
  }
}

void Meter::beginRun() {
  placement = Placement(gpu.numSMs, occupancy.blocksPerSM);
  memory.beginRun(unsigned(run));
}

void Meter::dispatch(BlockTrace trace, bool counts) {
  Slot slot = placement.peek();
  // What others do before this block can begin comes first, and the last
  // requests of the one before it.
  play(slot.start);
  placement.take(std::max<uint64_t>(trace.duration, 1));
  if (counts) {
    counters += trace.counters;
    for (const auto &[buffer, sectors] : trace.loadedSectors)
      loadedSectors[buffer] += sectors;
  }
  Resident &resident = residents[slot.index];
  retire(resident);
  if (trace.requests.empty()) {
    if (trace.timeline)
      time->keep(std::move(*trace.timeline));
    return;
  }
  if (trace.level > sample.level)
    follow(trace.level);
  trace.thin(sample);
  residentBytes += trace.bytes() - resident.trace.bytes();
  resident = {std::move(trace), slot.start, slot.sm, counts, 0};
  if (!resident.trace.requests.empty())
    events.push({slot.start + resident.trace.requests.front().time, slot.index});
  while (residentBytes > maxTraceBytes && sample.level < LineSample::maxLevel)
    follow(sample.level + 1);
}

void Meter::follow(unsigned level) {
  sample = sampleOf(level);
  memory.follow(sample);
  events = {};
  residentBytes = 0;
  for (auto [i, block] : llvm::enumerate(residents)) {
    block.trace.thin(sample, block.next);
    block.next = 0;
    residentBytes += block.trace.bytes();
    if (!block.trace.requests.empty())
      events.push({block.start + block.trace.requests.front().time, unsigned(i)});
  }
}

/// The timeline of a block is complete once its requests have been answered.
void Meter::retire(Resident &block) {
  if (block.trace.timeline) {
    if (block.trace.level > 0)
      fillTransfers(*block.trace.timeline, time->code());
    time->keep(std::move(*block.trace.timeline));
  }
  block.trace.timeline.reset();
}

void Meter::play(uint64_t until) {
  while (!events.empty() && events.top().first <= until) {
    auto [time, slot] = events.top();
    events.pop();
    Resident &block = residents[slot];
    uint64_t other = events.empty() ? until : std::min(until, events.top().first);
    // As long as no other block is due, there is no need to ask.
    do {
      request(block, block.trace.requests[block.next++], slot);
      if (block.next == block.trace.requests.size())
        break;
      time = block.start + block.trace.requests[block.next].time;
    } while (time <= other);
    if (block.next < block.trace.requests.size())
      events.push({time, slot});
  }
}

/// Where a line of thread-local memory is taken to be, of which the block's own number was
/// followed: in a set that is.
static uint64_t followedLine(uint64_t line, const LineSample &sample) {
  constexpr uint64_t apart = uint64_t(1) << 40;
  while (!sample.keeps(line))
    line += apart;
  return line;
}

void Meter::request(Resident &block, const Request &request, unsigned slot) {
  const uint64_t *words = block.trace.words.data() + request.first;
  unsigned step = BlockTrace::wordsPerLine(request.kind);
  uint64_t base = request.isLocal ? firstLocalLine + slot * localLinesPerBlock : 0;
  Access unnoted;
  Access &access = block.trace.timeline && request.noted != Request::notNoted
                       ? block.trace.timeline->warps[request.warp].accesses[request.noted]
                       : unnoted;
  for (const uint64_t *end = words + request.count; words != end; words += step) {
    uint64_t line = base + BlockTrace::lineOf(*words);
    if (request.isLocal)
      line = followedLine(line, sample);
    SectorMask sectors = BlockTrace::sectorsOf(*words);
    Transfers transfers;
    switch (request.kind) {
    case RequestKind::load:
      transfers = memory.load(block.sm, line, sectors, block.counts);
      break;
    case RequestKind::loadAroundL1:
      transfers = memory.loadAroundL1(block.sm, line, sectors, block.counts);
      break;
    case RequestKind::store:
      transfers = memory.store(block.sm, line, writtenBytes(words), block.counts);
      break;
    case RequestKind::atomic:
      transfers = memory.atomic(block.sm, line, writtenBytes(words), block.counts);
      break;
    }
    access.followed += llvm::popcount(sectors);
    Access::add(access.l1Hits, transfers.l1Hits);
    Access::add(access.fetched, transfers.fetched);
    Access::add(access.dirtied, transfers.dirtied);
  }
}

void Meter::finish(LaunchMetrics &metrics) {
  std::lock_guard<std::mutex> guard(model);
  advance();
  metrics.measuredBlocks = selection.counted();
  metrics.scale = double(selection.gridSize) / double(metrics.measuredBlocks);
  metrics.blocks = counters;
  metrics.loadedSectors = loadedSectors;
  metrics.caches = memory.counters();
  metrics.followedLines = 1.0 / double(sample.weight());
  DramLedger::Total dram = memory.ledger().total(metrics.scale);
  metrics.dramReadSectors = dram.readSectors;
  metrics.dramWriteSectors = dram.writeSectors;
  metrics.unscaledMisses = dram.readSectorsSaved;
  for (Resident &block : residents)
    retire(block);
  metrics.time = time->run(metrics);
}
