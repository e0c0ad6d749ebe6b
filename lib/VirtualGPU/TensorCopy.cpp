//===- TensorCopy.cpp - Copies of boxes of tensors and of bytes -----------===//

#include "Access.h"
#include "BulkCopy.h"
#include "TensorMap.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cstring>

using namespace poolc::vgpu;

/// A copy is made of so many bytes at a time, which swizzling leaves together.
static constexpr unsigned pieceBytes = 16;

namespace {

/// A copy that one thread asks for, in pieces.
class BulkCopy {
public:
  BulkCopy(Warp &warp, const Op &op, unsigned lane)
      : warp(warp), op(op), lane(lane), stores(isBulkStore(op)) {}

  /// Sixteen bytes one after the other.
  bool copyBytes();

protected:
  bool fail(const llvm::Twine &message) {
    warp.block->raise(warp, op, lane, message);
    return false;
  }
  uint32_t listed(unsigned i) const { return warp.block->program.lists[op.list + i]; }
  uint64_t address(uint32_t slot, unsigned bits, int64_t offset) const {
    return bits == 32 ? warp.reg<uint32_t>(slot)[lane] + uint32_t(offset)
                      : warp.reg<uint64_t>(slot)[lane] + uint64_t(offset);
  }
  bool findShared(unsigned alignment);
  /// `bytes` in shared memory; in global memory there are the first `count` of them.
  bool add(uint64_t global, unsigned count, uint64_t shared, unsigned bytes);
  bool finish(uint64_t total);

  Warp &warp;
  const Op &op;
  unsigned lane;
  const bool stores;
  uint64_t shared = 0;
  unsigned elementBytes = pieceBytes;
  bool roundsToTF32 = false;

private:
  /// Accesses that were not observed yet: lanes stand for pieces.
  struct Accesses {
    uint64_t places[warpSize];
    unsigned count = 0;
    /// Bytes of each; a power of two.
    unsigned unit = pieceBytes;
  };
  uint8_t *resolve(Space space, uint64_t place, unsigned bytes);
  void note(Space space, uint64_t place, unsigned bytes);
  void observe(Space space);
  AccessKind kindIn(Space space) const {
    if (space == Space::global)
      return stores ? AccessKind::store : AccessKind::load;
    return stores ? AccessKind::load : AccessKind::copy;
  }

  std::vector<BulkPiece> pieces;
  Accesses inShared, inGlobal;
};

/// One of a box.
class BoxCopy : BulkCopy {
public:
  using BulkCopy::BulkCopy;

  bool make();

private:
  bool readMap();
  bool copyRow(const uint32_t *place, uint64_t at);
  bool copyPiece(uint64_t row, int64_t begin, uint64_t at);
  uint64_t swizzled(uint64_t at) const;

  TensorMap map;
  unsigned rank = 0;
  int32_t first[TensorMap::maxRank] = {};
};

} // namespace

bool BulkCopy::findShared(unsigned alignment) {
  shared = address(op.src[0], op.count, op.immediate);
  return shared % alignment == 0 ||
         fail(llvm::formatv("expected a multiple of {0} bytes in shared memory, got {1:x}",
                            alignment, shared));
}

/// The host address, or null after a fault; the sink if a sanitizer took it.
uint8_t *BulkCopy::resolve(Space space, uint64_t place, unsigned bytes) {
  uint8_t *host = resolveLane(warp, op, space, place, lane, bytes, elementBytes, kindIn(space));
  if (host && host != warp.block->sink && warp.block->observer)
    note(space, place, bytes);
  return host;
}

void BulkCopy::note(Space space, uint64_t place, unsigned bytes) {
  Accesses &accesses = space == Space::global ? inGlobal : inShared;
  uint64_t bits = place | bytes | pieceBytes;
  auto unit = unsigned(bits & -bits);
  if (unit != accesses.unit)
    observe(space);
  accesses.unit = unit;
  for (unsigned i = 0; i < bytes; i += unit) {
    accesses.places[accesses.count] = place + i;
    if (++accesses.count == warpSize)
      observe(space);
  }
}

void BulkCopy::observe(Space space) {
  Accesses &accesses = space == Space::global ? inGlobal : inShared;
  if (accesses.count == 0)
    return;
  MemoryAccess access{
      op, lowLanes(accesses.count), space, kindIn(space), accesses.unit, accesses.places};
  access.issuer = lane;
  warp.block->observer->access(warp, access);
  accesses.count = 0;
}

bool BulkCopy::add(uint64_t global, unsigned count, uint64_t at, unsigned bytes) {
  if (stores && count == 0)
    return true;
  uint8_t *inShared = resolve(Space::shared, at, stores ? count : bytes);
  uint8_t *inGlobal = inShared && count != 0 ? resolve(Space::global, global, count) : nullptr;
  if (!inShared || (count != 0 && !inGlobal))
    return false;
  if (!stores)
    pieces.push_back({inShared, inGlobal, uint8_t(bytes), uint8_t(count)});
  else if (inGlobal != warp.block->sink)
    pieces.push_back({inGlobal, inShared, uint8_t(count), uint8_t(count)});
  return true;
}

bool BulkCopy::finish(uint64_t total) {
  observe(Space::shared);
  observe(Space::global);
  if (stores) {
    warp.bulkStores.issue({&op, lane, std::move(pieces)});
    return true;
  }
  auto object = uint32_t(address(op.src[2], op.bytes * 8, warp.reg<int32_t>(listed(0))[lane]));
  AsyncArrival arrival{&op, object, warp.index, lane, /*copies=*/0, uint32_t(total)};
  arrival.pieces = std::move(pieces);
  arrival.roundsToTF32 = roundsToTF32;
  warp.block->asyncArrivals.push_back(std::move(arrival));
  return true;
}

bool BulkCopy::copyBytes() {
  uint64_t global = address(op.src[1], 64, op.immediate2);
  uint32_t count = warp.reg<uint32_t>(listed(1))[lane];
  if (!findShared(pieceBytes))
    return false;
  if (count == 0 || count % pieceBytes != 0)
    return fail("expected a multiple of 16 bytes, got " + llvm::Twine(count));
  for (uint32_t i = 0; i < count; i += pieceBytes)
    if (!add(global + i, pieceBytes, shared + i, pieceBytes))
      return false;
  return finish(count);
}

bool BoxCopy::readMap() {
  constexpr unsigned alignment = 64;
  uint64_t place = address(op.src[1], 64, op.immediate2);
  uint8_t *host = resolveLane(warp, op, Space::generic, place, lane, TensorMap::bytes, alignment,
                              AccessKind::load);
  if (!host || host == warp.block->sink)
    return false;
  std::memcpy(&map, host, sizeof(map));
  rank = op.variant;
  std::string fault = findFault(map, rank);
  return fault.empty() || fail(fault);
}

/// The bits that say which 16 bytes of a span of 32, 64 or 128 take part in those above the span.
uint64_t BoxCopy::swizzled(uint64_t at) const {
  uint64_t bits = (uint64_t(1) << map.swizzle) - 1;
  return at ^ ((at >> 7 & bits) << 4);
}

/// Sixteen bytes of a row, from element `begin` of it on: all of them or none are before it.
bool BoxCopy::copyPiece(uint64_t row, int64_t begin, uint64_t at) {
  int64_t count = pieceBytes / elementBytes, size = map.sizes[0];
  int64_t inside = begin < 0 ? 0 : std::clamp<int64_t>(size - begin, 0, count);
  return add(row + uint64_t(begin * elementBytes), unsigned(inside * elementBytes), swizzled(at),
             pieceBytes);
}

/// The row of the box that is `place` from its beginning.
bool BoxCopy::copyRow(const uint32_t *place, uint64_t at) {
  uint64_t row = map.address;
  bool exists = true;
  for (unsigned dim = 1; dim < rank; ++dim) {
    int64_t coordinate = int64_t(first[dim]) + place[dim];
    exists &= coordinate >= 0 && coordinate < int64_t(map.sizes[dim]);
    row += uint64_t(coordinate) * map.strides[dim - 1];
  }
  unsigned perPiece = pieceBytes / elementBytes;
  for (unsigned i = 0; i < map.box[0]; i += perPiece, at += pieceBytes)
    if (exists ? !copyPiece(row, int64_t(first[0]) + i, at) : !add(0, 0, swizzled(at), pieceBytes))
      return false;
  return true;
}

bool BoxCopy::make() {
  constexpr unsigned alignment = 128;
  if (!readMap() || !findShared(alignment))
    return false;
  elementBytes = elementBytesOf(map);
  roundsToTF32 = map.type == TensorMap::tf32;
  for (unsigned dim = 0; dim < rank; ++dim)
    first[dim] = warp.reg<int32_t>(listed(1 + dim))[lane];
  // The PTX ISA does not say so.
  if (int64_t begin = int64_t(first[0]) * elementBytes; begin % pieceBytes != 0)
    return fail(
        llvm::formatv("illegal instruction: expected a box that begins at a multiple of {0} "
                      "bytes along the first dimension, got {1}",
                      pieceBytes, begin));
  uint64_t rowBytes = map.box[0] * elementBytes, at = shared;
  uint32_t place[TensorMap::maxRank] = {};
  for (bool isOver = false; !isOver; at += rowBytes) {
    if (!copyRow(place, at))
      return false;
    isOver = true;
    for (unsigned dim = 1; dim < rank && isOver; ++dim) {
      isOver = ++place[dim] == map.box[dim];
      if (isOver)
        place[dim] = 0;
    }
  }
  return finish(at - shared);
}

void poolc::vgpu::copyTensor(Warp &warp, const Op &op, uint32_t mask) {
  for (; mask; mask &= mask - 1)
    if (!BoxCopy(warp, op, unsigned(llvm::countr_zero(mask))).make())
      return;
}

void poolc::vgpu::copyBulk(Warp &warp, const Op &op, uint32_t mask) {
  for (; mask; mask &= mask - 1)
    if (!BulkCopy(warp, op, unsigned(llvm::countr_zero(mask))).copyBytes())
      return;
}
