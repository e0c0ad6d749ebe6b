//===- RaceCheck.cpp - The race sanitizer ---------------------------------===//

#include "RaceCheck.h"

#include "Access.h"
#include "Places.h"
#include "ThreadNames.h"

#include "llvm/Support/FormatVariadic.h"

#include <cstring>

using namespace poolc::vgpu;

namespace {
enum RaceKind : unsigned {
  readAfterWrite,
  writeAfterRead,
  writeAfterWrite,
  duringCopy,
  acrossProxies
};
} // namespace

template <typename F> static void forEachLane(uint32_t lanes, F body) {
  for (; lanes; lanes &= lanes - 1)
    body(unsigned(llvm::countr_zero(lanes)));
}

void RaceCheck::startBlock() {
  ++blockNumber;
  proxyFence = execution;
  clocks.startBlock();
  shared.startBlock();
  global.startBlock();
}

void RaceCheck::instruction(const Warp &warp, const Op &op, uint32_t mask) {
  if (op.kind == OpKind::compute && op.fences)
    forEachLane(mask, [&](unsigned lane) { clocks.fence(warp.index * warpSize + lane); });
  if (op.handler == fenceProxy && mask != 0)
    proxyFence = execution;
  if (op.kind != OpKind::barrier || mask == 0)
    return;
  uint32_t barrier = warp.reg<uint32_t>(op.src[0])[llvm::countr_zero(mask)];
  if (barrier >= 16)
    return;
  if (BarrierMode(op.variant) == BarrierMode::arrive)
    clocks.arrive(barrier, warp.index, mask);
  else
    clocks.wait(barrier, warp.index, mask);
}

/// Whether two threads may conflict in that memory.
static bool canRace(const Block &block, Space space, uint64_t address) {
  if (space != Space::global)
    return space == Space::shared;
  // What nobody can write has no races.
  const Allocation *allocation = block.launch.memory->find(address);
  return allocation && !allocation->readOnly;
}

void RaceCheck::access(const Warp &warp, const MemoryAccess &access) {
  ++execution;
  bool isAtomic = access.kind == AccessKind::atomic || access.op.strong;
  forEachLane(access.mask, [&](unsigned lane) {
    uint64_t address = access.addresses[lane];
    Space space = access.space == Space::generic ? windowOf(address) : access.space;
    if (!canRace(block, space, address))
      return;
    unsigned thread = warp.index * warpSize + access.issuerOf(lane);
    if (isAtomic)
      synchronize(thread, access, address);
    Visit place{warp,
                access,
                lane,
                space,
                address,
                /*offset=*/0,
                clocks.now(thread),
                numberOf(access.op),
                isAtomic};
    RaceShadow &shadow = space == Space::shared ? shared : global;
    shadow.forEachCell(address, access.bytes, [&](RaceCell &cell, unsigned offset) {
      // A short copy may end anywhere.
      if (offset >= access.bytesOf(lane))
        return;
      place.offset = offset;
      visit(cell, place);
    });
  });
}

/// What was done before a fence is known to those who then find a value that was
/// put down after it. Places in shared memory have small addresses, in global
/// memory large ones.
void RaceCheck::synchronize(unsigned thread, const MemoryAccess &access, uint64_t address) {
  if (access.op.fences)
    clocks.fence(thread);
  if (access.kind != AccessKind::store)
    clocks.acquire(thread, address);
  if (isWriting(access.kind))
    clocks.release(thread, address);
}

void RaceCheck::visit(RaceCell &cell, const Visit &visit) {
  const RaceCell::Copy &copy = cell.copy;
  bool isRead = visit.access.kind == AccessKind::load;
  if (copy.op != none && copy.block == blockNumber && !(isRead && copy.reads))
    report(visit, isRead ? "reads" : "writes", copy.op, copy.thread,
           copy.reads ? "is still copying from" : "is still copying to", duringCopy);
  checkAgainstWrite(cell, visit);
  if (isRead && visit.space == Space::shared && isBulkStore(visit.access.op)) {
    checkProxy(cell, visit);
    cell.copy = {blockNumber, visit.op, visit.now.thread, /*reads=*/true};
    return;
  }
  if (isRead)
    return recordReads(cell, visit.now, visit.op, visit.isAtomic);
  checkAgainstReads(cell, visit);
  if (visit.access.kind == AccessKind::copy)
    cell.copy = {blockNumber, visit.op, visit.now.thread, /*reads=*/false};
  else
    cell.write = {visit.now, visit.op, execution, visit.now.thread, visit.isAtomic};
}

/// Whether a write goes together with another access. A plain load of global
/// memory beside atomic operations of others is how loops of compare-and-swap
/// begin; in shared memory it most often lacks a barrier.
static bool areCompatible(bool writeIsAtomic, bool otherIsAtomic, bool otherIsLoad, Space space) {
  return writeIsAtomic && (otherIsAtomic || (otherIsLoad && space == Space::global));
}

void RaceCheck::checkAgainstWrite(const RaceCell &cell, const Visit &visit) {
  const RaceCell::Write &write = cell.write;
  bool isLoad = visit.access.kind == AccessKind::load;
  if (write.op == none || clocks.isOrdered(write.moment, visit.now.thread) ||
      areCompatible(write.isAtomic, visit.isAtomic, isLoad, visit.space))
    return;
  if (isLoad)
    return report(visit, "reads", write.op, write.thread, "writes", readAfterWrite);
  if (!writesSame(write, visit))
    report(visit, "writes", write.op, write.thread, "writes", writeAfterWrite);
}

void RaceCheck::checkAgainstReads(const RaceCell &cell, const Visit &visit) {
  for (const RaceCell::Reads &reads : cell.reads) {
    if (reads.op == none ||
        areCompatible(visit.isAtomic, reads.isAtomic, /*otherIsLoad=*/true, visit.space))
      continue;
    unsigned first = reads.moment.thread / warpSize * warpSize;
    for (uint32_t rest = reads.lanes; rest; rest &= rest - 1) {
      Moment moment = reads.moment;
      moment.thread = uint16_t(first + llvm::countr_zero(rest));
      if (clocks.isOrdered(moment, visit.now.thread))
        continue;
      return report(visit, "writes", reads.op, moment.thread, "reads", writeAfterRead);
    }
  }
}

/// What threads wrote, copies find only behind a fence. That of any thread will do here: PTX asks
/// for one on the way from the write to the copy.
void RaceCheck::checkProxy(const RaceCell &cell, const Visit &visit) {
  const RaceCell::Write &write = cell.write;
  if (write.op != none && write.execution > proxyFence)
    report(visit, "copies", write.op, write.thread, "writes", acrossProxies);
}

void RaceCheck::recordReads(RaceCell &cell, const Moment &now, uint32_t op, bool isAtomic) {
  uint32_t lane = uint32_t(1) << now.thread % warpSize;
  RaceCell::Reads *slot = nullptr;
  for (RaceCell::Reads &reads : cell.reads) {
    bool isCurrent = reads.op != none && reads.moment.epoch == now.epoch;
    if (isCurrent && reads.moment.thread / warpSize == now.thread / warpSize) {
      if (reads.moment.clock == now.clock && reads.isAtomic == isAtomic) {
        reads.lanes |= lane;
        return;
      }
      slot = &reads;
      break;
    }
    if (!isCurrent && !slot)
      slot = &reads;
  }
  *(slot ? slot : &cell.reads[1]) = {now, op, lane, isAtomic};
}

/// Whether the lane stores what another thread stored with the same instruction:
/// then it does not matter who is first.
bool RaceCheck::writesSame(const RaceCell::Write &write, const Visit &visit) const {
  const MemoryAccess &access = visit.access;
  const Op &op = access.op;
  if (write.op != visit.op || access.registerBytes == 0)
    return false;
  unsigned elementBytes = op.bytes;
  auto byteOf = [&](unsigned lane, unsigned position) {
    unsigned element = position / elementBytes;
    uint32_t slot = op.count == 1 ? op.src[1] : block.program.lists[op.list + element];
    return visit.warp.registers[slot + lane * access.registerBytes + position % elementBytes];
  };
  // Another lane of this very execution has not stored yet; what others have
  // stored is in memory.
  const uint8_t *stored = nullptr;
  unsigned otherLane = write.moment.thread % warpSize;
  uint64_t start = visit.address + visit.offset;
  if (write.execution != execution)
    stored = hostAddress(block, visit.space, start);
  unsigned granule = (visit.space == Space::shared ? shared : global).granuleBytes();
  for (unsigned i = 0; i < granule; ++i) {
    uint8_t other;
    if (stored) {
      other = stored[i];
    } else {
      uint64_t base = access.addresses[otherLane];
      if (access.space == Space::generic)
        windowOf(base);
      other = byteOf(otherLane, unsigned(start + i - base));
    }
    if (byteOf(visit.lane, visit.offset + i) != other)
      return false;
  }
  return true;
}

void RaceCheck::barrierCompleted(unsigned barrier) {
  clocks.complete(barrier, [&](unsigned warp) { return block.allWarps()[warp].live; });
}

static bool isOfAgent(const Op &op) { return op.handler == arriveAfterCopies || isBulkLoad(op); }

/// Copies that mbarrier objects track are made by agents: of them not even the thread knows
/// that asked for the copy.
unsigned RaceCheck::numAgents(const Program &program) {
  return llvm::any_of(program.ops, [](const Op &op) { return isOfAgent(op); })
             ? AsyncCopy::numAgents
             : 0;
}

void RaceCheck::copyLanded(const Warp &warp, const Op &op, unsigned lane, const uint8_t *to,
                           unsigned bytes, std::optional<uint32_t> object) {
  if (to == block.sink)
    return;
  unsigned thread = warp.index * warpSize + lane;
  Moment now = clocks.now(object ? clocks.agent(agentOf(*object)) : thread);
  shared.forEachCell(uint64_t(to - block.shared), bytes, [&](RaceCell &cell, unsigned) {
    cell.copy = {};
    cell.write = {now, numberOf(op), 0, uint16_t(thread), false};
  });
}

void RaceCheck::storeMade(const Warp &warp, const BulkStore &store) {
  Moment now = clocks.now(warp.index * warpSize + store.lane);
  uint32_t op = numberOf(*store.op);
  for (const BulkPiece &piece : store.pieces)
    if (piece.from != block.sink)
      shared.forEachCell(uint64_t(piece.from - block.shared), piece.bytes,
                         [&](RaceCell &cell, unsigned) {
                           if (cell.copy.op == op)
                             cell.copy = {};
                           recordReads(cell, now, op, /*isAtomic=*/false);
                         });
}

void RaceCheck::trackedCopiesWaitedFor(const Warp &warp, unsigned lane, uint32_t agents) {
  forEachLane(agents, [&](unsigned agent) {
    clocks.learn(warp.index * warpSize + lane, clocks.agent(agent));
  });
}

void RaceCheck::arrived(const Warp &warp, const Op &op, unsigned lane, const Phase &phase) {
  if (isOfAgent(op))
    clocks.arriveAtPhase(phase.object, clocks.agent(agentOf(phase.object)));
  else if (!(op.variant & mbarrier::relaxed))
    clocks.arriveAtPhase(phase.object, warp.index * warpSize + lane);
}

void RaceCheck::waited(const Warp &warp, const Op &op, unsigned lane, const Phase &phase) {
  if (!(op.variant & mbarrier::relaxed))
    clocks.waitForPhase(phase.object, warp.index * warpSize + lane);
}

/// Groups of products of a warpgroup are phases of nothing in memory: few of them are in flight.
static uint32_t productPhase(const Warp &warp, uint64_t group) {
  constexpr uint32_t nowhere = uint32_t(1) << 31, inFlight = 64;
  return nowhere | warp.index / warpsPerGroup * inFlight | uint32_t(group % inFlight);
}

void RaceCheck::shareProducts(const Warp &warp, uint64_t group) {
  forEachLane(block.lanesOf(warp), [&](unsigned lane) {
    clocks.arriveAtPhase(productPhase(warp, group), warp.index * warpSize + lane);
  });
}

void RaceCheck::learnOfProducts(const Warp &warp, uint64_t group) {
  clocks.completePhase(productPhase(warp, group));
  forEachLane(block.lanesOf(warp), [&](unsigned lane) {
    clocks.waitForPhase(productPhase(warp, group), warp.index * warpSize + lane);
  });
}

/// Of a copy.
static const char *nameOf(const Op &op) { return isBulkStore(op) ? "bulk copy" : "cp.async"; }

void RaceCheck::report(const Visit &visit, const char *verb, uint32_t other, unsigned thread,
                       const char *otherVerb, unsigned kind) {
  Finding finding{Sanitizer::race, visit.access.op, kind,
                  placeSubject(block, visit.space, visit.address), other};
  std::string note =
      llvm::formatv("thread {0} {1} it here", threadName(block.launch, thread), otherVerb);
  if (kind == duringCopy)
    note = llvm::formatv("the copy of thread {0}", threadName(block.launch, thread));
  finding.otherText = note;
  reports.add(visit.warp, visit.access.issuerOf(visit.lane), finding, [&]() -> std::string {
    std::string what =
        llvm::formatv("{0} {1} bytes at {2:x}, {3}, ", verb, visit.access.bytesOf(visit.lane),
                      visit.address, describePlace(block, visit.space, visit.address));
    if (kind == duringCopy)
      return what + llvm::formatv("while thread {0} {1} them: its {2} has not been waited for",
                                  threadName(block.launch, thread), otherVerb,
                                  nameOf(block.program.ops[other]))
                        .str();
    if (kind == acrossProxies)
      return what + llvm::formatv("which thread {0} writes, with no fence.proxy.async between",
                                  threadName(block.launch, thread))
                        .str();
    return what + llvm::formatv("which thread {0} {1} with no barrier between",
                                threadName(block.launch, thread), otherVerb)
                      .str();
  });
}
