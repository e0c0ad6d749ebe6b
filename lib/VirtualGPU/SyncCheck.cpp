//===- SyncCheck.cpp - The sync sanitizer ---------------------------------===//

#include "SyncCheck.h"

#include "ThreadNames.h"

#include "llvm/Support/FormatVariadic.h"

using namespace poolc::vgpu;

void SyncCheck::startBlock() { std::fill(std::begin(arrivals), std::end(arrivals), Arrival()); }

void SyncCheck::instruction(const Warp &warp, const Op &op, uint32_t mask) {
  if (mask == 0)
    return;
  if (op.kind == OpKind::barrier)
    checkBarrier(warp, op, mask);
  else if (op.kind == OpKind::collective && op.src[0] != none)
    checkMasks(warp, op, mask);
}

/// All members of a mask must give the same one.
void SyncCheck::checkMasks(const Warp &warp, const Op &op, uint32_t mask) {
  const uint32_t *members = warp.reg<uint32_t>(op.src[0]);
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    uint32_t others = 0;
    for (uint32_t named = members[lane] & mask; named; named &= named - 1)
      if (members[llvm::countr_zero(named)] != members[lane])
        others |= named & -named;
    checkMembers(warp, op, lane, members[lane], others, "gave another mask");
  }
}

void SyncCheck::checkBarrier(const Warp &warp, const Op &op, uint32_t mask) {
  unsigned lane = llvm::countr_zero(mask);
  uint32_t barrier = warp.reg<uint32_t>(op.src[0])[lane];
  if (barrier < std::size(arrivals))
    arrivals[barrier] = {&op, &warp, lane};
  if (!op.aligned || mask == warp.live)
    return;
  reports.add(warp, lane, {Sanitizer::sync, op, unsigned(SyncFault::divergent)},
              [&]() -> std::string {
                std::vector<unsigned> absent;
                appendThreads(absent, warp.index, warp.live & ~mask);
                return llvm::formatv("divergent barrier: {0} of the same warp {1} elsewhere",
                                     describeThreads(absent), absent.size() == 1 ? "is" : "are");
              });
}

void SyncCheck::barrierCompleted(unsigned barrier) {
  const Arrival &arrival = arrivals[barrier];
  // A barrier with a count does not wait for those that have exited.
  if (!arrival.op || arrival.op->src[1] != none)
    return;
  std::vector<unsigned> exited;
  for (const Warp &warp : block.allWarps())
    appendThreads(exited, warp.index, block.lanesOf(warp) & ~warp.live);
  if (exited.empty())
    return;
  reports.add(*arrival.warp, arrival.lane,
              {Sanitizer::sync, *arrival.op, unsigned(SyncFault::exited)}, [&]() -> std::string {
                return llvm::formatv(
                    "barrier {0} of all threads is complete without {1}, which {2} "
                    "exited",
                    barrier, describeThreads(exited), exited.size() == 1 ? "has" : "have");
              });
}

void SyncCheck::met(const Warp &warp, const Op &op, uint32_t members, uint32_t lanes) {
  // Lanes that the block does not have may be named.
  uint32_t exited = op.src[0] == none ? 0 : members & block.lanesOf(warp) & ~warp.live;
  checkMembers(warp, op, llvm::countr_zero(lanes), members, exited, "exited before");
}

void SyncCheck::checkMembers(const Warp &warp, const Op &op, unsigned lane, uint32_t members,
                             uint32_t wrong, const char *reason) {
  if (!wrong)
    return;
  reports.add(warp, lane, {Sanitizer::sync, op, unsigned(SyncFault::members)},
              [&]() -> std::string {
                std::vector<unsigned> threads;
                appendThreads(threads, warp.index, wrong);
                return llvm::formatv("the member mask {0:x} names {1}, which {2}", members,
                                     describeThreads(threads), reason);
              });
}
