//===- Collectives.cpp - Handlers of warp-wide instructions ---------------===//

#include "Collectives.h"

#include "Block.h"

using namespace poolc::vgpu;

/// Calls `body(lane)` for each lane of the mask, from the lowest.
template <typename F> static void forEachLane(uint32_t mask, F body) {
  for (; mask; mask &= mask - 1)
    body(unsigned(llvm::countr_zero(mask)));
}

template <typename T> static void publishValue(Warp &warp, const Op &op, uint32_t mask) {
  forEachLane(mask, [&](unsigned lane) { warp.exchange[lane] = warp.reg<T>(op.src[1])[lane]; });
}

static void publishPredicate(Warp &warp, const Op &op, uint32_t mask) {
  uint32_t bits = warp.predicate(op.src[1]);
  bits = op.variant2 ? ~bits : bits;
  forEachLane(mask, [&](unsigned lane) { warp.exchange[lane] = bits >> lane & 1; });
}

static void setPredicate(Warp &warp, uint32_t slot, bool value, uint32_t mask) {
  if (slot == none)
    return;
  uint32_t &bits = *warp.reg<uint32_t>(slot);
  bits = value ? bits | mask : bits & ~mask;
}

template <Shuffle mode> static void shuffle(Warp &warp, const Op &op, uint32_t mask) {
  forEachLane(mask, [&](unsigned lane) {
    uint32_t b = warp.reg<uint32_t>(op.src[2])[lane] & 31;
    uint32_t c = warp.reg<uint32_t>(op.src[3])[lane];
    uint32_t clamp = c & 31, segment = c >> 8 & 31;
    int32_t first = int32_t(lane & segment);
    int32_t last = int32_t((lane & segment) | (clamp & ~segment & 31));
    int32_t from = 0;
    bool inside = false;
    switch (mode) {
    case Shuffle::up:
      from = int32_t(lane) - int32_t(b);
      inside = from >= last; // The clamp is the segment's first lane here.
      break;
    case Shuffle::down:
      from = int32_t(lane + b);
      inside = from <= last;
      break;
    case Shuffle::butterfly:
      from = int32_t(lane ^ b);
      inside = from <= last;
      break;
    case Shuffle::index:
      from = first | int32_t(b & ~segment);
      inside = from <= last;
      break;
    }
    if (!inside)
      from = int32_t(lane);
    // The value of a lane that does not take part is undefined.
    bool present = warp.meeting >> from & 1;
    if (!present && warp.block->observer)
      warp.block->observer->take(warp, lane, {Sanitizer::sync, op, unsigned(SyncFault::shuffle)},
                                 [&] {
                                   return "gets the value of lane " + std::to_string(from) +
                                          ", which does not take part in the shuffle";
                                 });
    warp.reg<uint32_t>(op.dst)[lane] =
        present ? uint32_t(warp.exchange[from]) : uint32_t(poisonPattern) * 0x10001;
    setPredicate(warp, op.dst2, inside, uint32_t(1) << lane);
  });
}

/// Of the lanes that take part, those whose published value is not zero.
static uint32_t publishedBits(const Warp &warp) {
  uint32_t bits = 0;
  forEachLane(warp.meeting,
              [&](unsigned lane) { bits |= uint32_t(warp.exchange[lane] != 0) << lane; });
  return bits;
}

template <Vote vote> static void finishVote(Warp &warp, const Op &op, uint32_t mask) {
  uint32_t bits = publishedBits(warp);
  if (vote == Vote::ballot) {
    forEachLane(mask, [&](unsigned lane) { warp.reg<uint32_t>(op.dst)[lane] = bits; });
    return;
  }
  bool all = bits == warp.meeting, any = bits != 0;
  bool value = vote == Vote::all ? all : vote == Vote::any ? any : all || !any;
  setPredicate(warp, op.dst, value, mask);
}

static void matchAny(Warp &warp, const Op &op, uint32_t mask) {
  forEachLane(mask, [&](unsigned lane) {
    uint32_t equal = 0;
    forEachLane(warp.meeting, [&](unsigned other) {
      equal |= uint32_t(warp.exchange[other] == warp.exchange[lane]) << other;
    });
    warp.reg<uint32_t>(op.dst)[lane] = equal;
  });
}

static void matchAll(Warp &warp, const Op &op, uint32_t mask) {
  uint64_t first = warp.exchange[llvm::countr_zero(warp.meeting)];
  bool equal = true;
  forEachLane(warp.meeting, [&](unsigned lane) { equal &= warp.exchange[lane] == first; });
  forEachLane(mask, [&](unsigned lane) {
    warp.reg<uint32_t>(op.dst)[lane] = equal ? warp.meeting : 0;
    setPredicate(warp, op.dst2, equal, uint32_t(1) << lane);
  });
}

static uint32_t reduce(Redux op, uint32_t a, uint32_t b) {
  switch (op) {
  case Redux::add:
    return a + b;
  case Redux::min:
    return std::min(a, b);
  case Redux::max:
    return std::max(a, b);
  case Redux::minSigned:
    return uint32_t(std::min(int32_t(a), int32_t(b)));
  case Redux::maxSigned:
    return uint32_t(std::max(int32_t(a), int32_t(b)));
  case Redux::andBits:
    return a & b;
  case Redux::orBits:
    return a | b;
  case Redux::xorBits:
    return a ^ b;
  }
  return 0;
}

template <Redux redux> static void finishRedux(Warp &warp, const Op &op, uint32_t mask) {
  uint32_t rest = warp.meeting;
  uint32_t value = uint32_t(warp.exchange[llvm::countr_zero(rest)]);
  forEachLane(rest & (rest - 1),
              [&](unsigned lane) { value = reduce(redux, value, uint32_t(warp.exchange[lane])); });
  forEachLane(mask, [&](unsigned lane) { warp.reg<uint32_t>(op.dst)[lane] = value; });
}

static void finishElect(Warp &warp, const Op &op, uint32_t mask) {
  unsigned leader = llvm::countr_zero(warp.meeting);
  forEachLane(mask, [&](unsigned lane) {
    if (op.dst != none)
      warp.reg<uint32_t>(op.dst)[lane] = leader;
    setPredicate(warp, op.dst2, lane == leader, uint32_t(1) << lane);
  });
}

static void finishWarpBarrier(Warp &, const Op &, uint32_t) {}

void poolc::vgpu::readActiveMask(Warp &warp, const Op &op, uint32_t mask) {
  forEachLane(mask, [&](unsigned lane) { warp.reg<uint32_t>(op.dst)[lane] = mask; });
}

Collective poolc::vgpu::findShuffle(Shuffle mode) {
  static constexpr Handler table[] = {shuffle<Shuffle::up>, shuffle<Shuffle::down>,
                                      shuffle<Shuffle::butterfly>, shuffle<Shuffle::index>};
  return {publishValue<uint32_t>, table[unsigned(mode)]};
}

Collective poolc::vgpu::findVote(Vote vote) {
  static constexpr Handler table[] = {finishVote<Vote::all>, finishVote<Vote::any>,
                                      finishVote<Vote::uniform>, finishVote<Vote::ballot>};
  return {publishPredicate, table[unsigned(vote)]};
}

Collective poolc::vgpu::findMatch(bool all, unsigned bits) {
  return {bits == 64 ? publishValue<uint64_t> : publishValue<uint32_t>, all ? matchAll : matchAny};
}

Collective poolc::vgpu::findRedux(Redux op) {
  static constexpr Handler table[] = {finishRedux<Redux::add>,       finishRedux<Redux::min>,
                                      finishRedux<Redux::max>,       finishRedux<Redux::minSigned>,
                                      finishRedux<Redux::maxSigned>, finishRedux<Redux::andBits>,
                                      finishRedux<Redux::orBits>,    finishRedux<Redux::xorBits>};
  return {publishValue<uint32_t>, table[unsigned(op)]};
}

Collective poolc::vgpu::findElect() { return {nullptr, finishElect}; }
Collective poolc::vgpu::findWarpBarrier() { return {nullptr, finishWarpBarrier}; }
