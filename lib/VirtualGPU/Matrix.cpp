//===- Matrix.cpp - Asynchronous copies, ldmatrix and stmatrix ------------===//

#include "Matrix.h"

#include "Access.h"

#include <cstring>

using namespace poolc::vgpu;

void poolc::vgpu::copyAsync(Warp &warp, const Op &op, uint32_t mask) {
  Block &block = *warp.block;
  uint64_t to[warpSize], from[warpSize];
  readAddresses(to, warp, op.src[0], op.count, op.immediate, mask);
  readAddresses(from, warp, op.src[1], 64, op.immediate2, mask);
  if (!resolveAccess(warp, op, Space::shared, to, mask, op.bytes, AccessKind::copy))
    return;
  AsyncCopy copy = {&op, mask, AsyncCopy::uncommitted, op.bytes, {}, {}, {}};
  uint32_t ignored = op.src[3] == none ? 0 : warp.predicate(op.src[3]);
  ignored = op.src[3] != none && op.variant2 ? ~ignored : ignored;
  uint32_t read = 0;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    uint32_t bytes = op.src[2] == none ? op.bytes : warp.reg<uint32_t>(op.src[2])[lane];
    if (bytes > op.bytes) {
      block.raise(warp, op, lane,
                  "cp.async of " + llvm::Twine(op.bytes) + " bytes with a source of " +
                      llvm::Twine(bytes));
      return;
    }
    copy.destination[lane] = reinterpret_cast<uint8_t *>(to[lane]);
    // Where nothing is read the address may be anything.
    if (bytes == 0 || (ignored >> lane & 1))
      continue;
    // A short source may end at the buffer's end: only what is read is checked.
    copy.sourceBytes[lane] = uint8_t(bytes);
    copy.source[lane] =
        resolveLane(warp, op, Space::global, from[lane], lane, bytes, op.bytes, AccessKind::load);
    if (!copy.source[lane])
      return;
    if (copy.source[lane] != block.sink)
      read |= rest & -rest;
  }
  if (block.observer && read)
    block.observer->access(
        warp, {op, read, Space::global, AccessKind::load, op.bytes, from, copy.sourceBytes.data()});
  warp.asyncCopies.issue(copy);
}

void poolc::vgpu::commitAsync(Warp &warp, const Op &op, uint32_t mask) {
  warp.asyncCopies.commit(mask);
}

/// The mbarrier object that will learn of the lane's copy.
static std::optional<uint32_t> trackerOf(const Warp &warp, unsigned lane, const AsyncCopy &copy) {
  for (const AsyncArrival &arrival : warp.block->asyncArrivals)
    if (arrival.warp == warp.index && arrival.lane == lane && copy.number < arrival.copies)
      return arrival.object;
  return std::nullopt;
}

void poolc::vgpu::waitAsync(Warp &warp, const Op &op, uint32_t mask) {
  Observer *observer = warp.block->observer;
  if (!observer)
    return warp.asyncCopies.wait(mask, uint32_t(op.immediate), op.variant);
  warp.asyncCopies.wait(
      mask, uint32_t(op.immediate), op.variant, [&](const AsyncCopy &copy, unsigned lane) {
        std::optional<uint32_t> object = trackerOf(warp, lane, copy);
        if (object)
          warp.asyncCopies.addAgent(lane, agentOf(*object));
        observer->copyLanded(warp, *copy.op, lane, copy.destination[lane], copy.bytes, object);
      });
  // Which of the copies that others know of are in the groups is not remembered: all.
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    if (uint32_t agents = warp.asyncCopies.takeAgents(lane))
      observer->trackedCopiesWaitedFor(warp, lane, agents);
  }
}

bool poolc::vgpu::checkWholeWarp(Warp &warp, const Op &op, uint32_t mask) {
  if (mask == fullMask)
    return true;
  warp.block->raise(warp, op, llvm::countr_zero(mask),
                    "a matrix instruction needs all 32 threads of the warp, got " +
                        llvm::Twine(llvm::popcount(mask)),
                    Sanitizer::sync);
  return false;
}

/// Resolves the rows' addresses: matrix i takes those of lanes 8i to 8i+7.
static bool resolveRows(Warp &warp, const Op &op, uint64_t *rows, AccessKind kind) {
  readAddresses(rows, warp, op.src[0], op.bytes * 8, op.immediate, fullMask);
  unsigned lanes = op.count * 8;
  uint32_t used = lanes == warpSize ? fullMask : (uint32_t(1) << lanes) - 1;
  Space space = op.space == Space::generic ? Space::generic : Space::shared;
  return resolveAccess(warp, op, space, rows, used, 16, kind);
}

/// The byte offset of an element that a lane holds: of its pair, the first or
/// the second.
static uint64_t elementAt(const uint64_t *rows, unsigned lane, unsigned second, bool transposed) {
  unsigned row = lane / 4, column = lane % 4 * 2 + second;
  if (transposed)
    std::swap(row, column);
  return rows[row] + column * 2;
}

void poolc::vgpu::loadMatrix(Warp &warp, const Op &op, uint32_t mask) {
  uint64_t rows[warpSize];
  if (!checkWholeWarp(warp, op, mask) || !resolveRows(warp, op, rows, AccessKind::load))
    return;
  const uint32_t *list = warp.block->program.lists.data() + op.list;
  for (unsigned i = 0; i < op.count; ++i)
    for (unsigned lane = 0; lane < warpSize; ++lane) {
      uint16_t pair[2];
      for (unsigned second = 0; second < 2; ++second)
        std::memcpy(
            &pair[second],
            reinterpret_cast<const void *>(elementAt(rows + 8 * i, lane, second, op.variant)), 2);
      warp.reg<uint32_t>(list[i])[lane] = pair[0] | uint32_t(pair[1]) << 16;
    }
}

void poolc::vgpu::storeMatrix(Warp &warp, const Op &op, uint32_t mask) {
  uint64_t rows[warpSize];
  if (!checkWholeWarp(warp, op, mask) || !resolveRows(warp, op, rows, AccessKind::store))
    return;
  const uint32_t *list = warp.block->program.lists.data() + op.list;
  for (unsigned i = 0; i < op.count; ++i)
    for (unsigned lane = 0; lane < warpSize; ++lane) {
      uint32_t value = warp.reg<uint32_t>(list[i])[lane];
      uint16_t pair[2] = {uint16_t(value), uint16_t(value >> 16)};
      for (unsigned second = 0; second < 2; ++second)
        std::memcpy(reinterpret_cast<void *>(elementAt(rows + 8 * i, lane, second, op.variant)),
                    &pair[second], 2);
    }
}
