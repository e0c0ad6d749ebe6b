//===- Clocks.cpp - What happened before what in a block ------------------===//

#include "Clocks.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

using namespace poolc::vgpu;

Clocks::Clocks(unsigned numOwn, unsigned numAgents)
    : numWarps((numOwn + warpSize - 1) / warpSize), firstAgent(numWarps * warpSize),
      numThreads(numAgents ? firstAgent + numAgents : numOwn), clocks(numThreads),
      rows(size_t(numThreads) * width), fences(numThreads) {
  for (Barrier &barrier : barriers)
    barrier.waiting.resize(numWarps);
}

template <typename F> static void forEachThread(unsigned warp, uint32_t lanes, F body) {
  for (; lanes; lanes &= lanes - 1)
    body(warp * warpSize + llvm::countr_zero(lanes));
}

void Clocks::startEpoch() {
  ++epoch;
  llvm::fill(clocks, 1);
  llvm::fill(rows, 0);
  llvm::fill(fences, 0);
  isWide = false;
  // What was brought to a barrier or left before is known to all now.
  left.clear();
  phases.clear();
  for (Barrier &barrier : barriers)
    barrier.brought.clear();
}

void Clocks::widen() {
  if (isWide)
    return;
  isWide = true;
  wideRows.assign(size_t(numThreads) * numThreads, 0);
  for (unsigned thread = 0; thread < numThreads; ++thread) {
    unsigned first = thread / warpSize * warpSize;
    unsigned count = std::min(warpSize, numThreads - first);
    std::copy_n(row(thread), count, wideRows.data() + size_t(thread) * numThreads + first);
  }
}

void Clocks::gather(std::vector<uint32_t> &joint, unsigned thread, uint32_t own) const {
  joint.resize(numThreads);
  const uint32_t *from = wideRows.data() + size_t(thread) * numThreads;
  for (unsigned i = 0; i < numThreads; ++i)
    joint[i] = std::max(joint[i], from[i]);
  joint[thread] = std::max(joint[thread], own);
}

void Clocks::meet(unsigned warp, uint32_t lanes) {
  if (isWide) {
    std::vector<uint32_t> joint;
    forEachThread(warp, lanes, [&](unsigned thread) { gather(joint, thread); });
    forEachThread(warp, lanes, [&](unsigned thread) {
      llvm::copy(joint, wideRows.begin() + size_t(thread) * numThreads);
      ++clocks[thread];
    });
    return;
  }
  uint32_t joint[width] = {};
  forEachThread(warp, lanes, [&](unsigned thread) {
    const uint32_t *from = row(thread);
    for (unsigned i = 0; i < width; ++i)
      joint[i] = std::max(joint[i], from[i]);
  });
  forEachThread(warp, lanes, [&](unsigned thread) { joint[thread % width] = clocks[thread]++; });
  forEachThread(warp, lanes, [&](unsigned thread) { std::copy_n(joint, width, row(thread)); });
}

void Clocks::fence(unsigned thread) { fences[thread] = clocks[thread]++; }

void Clocks::release(unsigned thread, uint64_t address) {
  if (fences[thread] == 0)
    return;
  widen();
  gather(left[address], thread, fences[thread]);
}

void Clocks::addKnowledge(unsigned thread, llvm::ArrayRef<uint32_t> more) {
  uint32_t *known = wideRows.data() + size_t(thread) * numThreads;
  for (unsigned i = 0; i < more.size(); ++i)
    known[i] = std::max(known[i], more[i]);
}

void Clocks::acquire(unsigned thread, uint64_t address) {
  auto it = left.find(address);
  if (it != left.end())
    addKnowledge(thread, it->second);
}

void Clocks::arriveAtPhase(uint32_t object, unsigned thread) {
  widen();
  gather(phases[object].brought, thread);
  ++clocks[thread];
}

void Clocks::completePhase(uint32_t object) {
  auto it = phases.find(object);
  if (it == phases.end())
    return;
  auto &[brought, known] = it->second;
  known.resize(numThreads);
  for (unsigned i = 0; i < brought.size(); ++i)
    known[i] = std::max(known[i], brought[i]);
  brought.clear();
}

void Clocks::waitForPhase(uint32_t object, unsigned thread) {
  auto it = phases.find(object);
  if (it != phases.end())
    addKnowledge(thread, it->second.known);
}

void Clocks::learn(unsigned thread, unsigned other) {
  widen();
  std::vector<uint32_t> joint;
  gather(joint, other);
  addKnowledge(thread, joint);
  ++clocks[other];
}

void Clocks::wait(unsigned barrier, unsigned warp, uint32_t lanes) {
  barriers[barrier].waiting[warp] |= lanes;
}

void Clocks::arrive(unsigned id, unsigned warp, uint32_t lanes) {
  widen();
  Barrier &barrier = barriers[id];
  barrier.isUsedByArrivals = true;
  forEachThread(warp, lanes, [&](unsigned thread) {
    gather(barrier.brought, thread);
    ++clocks[thread];
  });
}

void Clocks::complete(unsigned id, bool isWhole) {
  Barrier &barrier = barriers[id];
  if (isWhole) {
    startEpoch();
  } else {
    widen();
    std::vector<uint32_t> joint = std::move(barrier.brought);
    for (unsigned warp = 0; warp < numWarps; ++warp)
      forEachThread(warp, barrier.waiting[warp], [&](unsigned thread) { gather(joint, thread); });
    for (unsigned warp = 0; warp < numWarps; ++warp)
      forEachThread(warp, barrier.waiting[warp], [&](unsigned thread) {
        llvm::copy(joint, wideRows.begin() + size_t(thread) * numThreads);
        ++clocks[thread];
      });
  }
  llvm::fill(barrier.waiting, 0);
  barrier.brought.clear();
  barrier.isUsedByArrivals = false;
}
