//===- TensorCopy.cpp - Copies of boxes of tensors ------------------------===//

#include "TensorCopy.h"

#include "Access.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cstring>

using namespace poolc::vgpu;

/// A copy is made of so many bytes at a time, which swizzling leaves together.
static constexpr unsigned pieceBytes = 16;

static unsigned elementBytesOf(uint8_t type) {
  switch (type) {
  case TensorMap::u16:
  case TensorMap::f16:
  case TensorMap::bf16:
    return 2;
  case TensorMap::u32:
  case TensorMap::f32:
  case TensorMap::tf32:
    return 4;
  }
  return 0;
}

static void setField(TensorMap &map, TensorField field, unsigned dim, uint64_t value) {
  switch (field) {
  case TensorField::address:
    map.address = value;
    break;
  case TensorField::rank:
    map.lastDim = uint8_t(value);
    break;
  case TensorField::box:
    map.box[dim] = uint32_t(value);
    break;
  case TensorField::size:
    map.sizes[dim] = uint32_t(value);
    break;
  case TensorField::stride:
    map.strides[dim] = value;
    break;
  case TensorField::elementStride:
    map.elementStrides[dim] = uint32_t(value);
    break;
  case TensorField::type:
    map.type = uint8_t(value);
    break;
  case TensorField::interleave:
    map.interleave = uint8_t(value);
    break;
  case TensorField::swizzle:
    map.swizzle = uint8_t(value);
    break;
  case TensorField::fill:
    map.fill = uint8_t(value);
    break;
  }
  map.mark = TensorMap::isMap;
}

void poolc::vgpu::replaceInTensorMap(Warp &warp, const Op &op, uint32_t mask) {
  uint64_t addresses[warpSize];
  readAddresses(addresses, warp, op.src[0], op.bytes * 8, op.immediate, mask);
  // The rest of the map has to be there: it is read and written as a whole.
  if (!resolveAccess(warp, op, op.space, addresses, mask, TensorMap::bytes, AccessKind::atomic))
    return;
  for (uint32_t rest = lanesInMemory(*warp.block, addresses, mask); rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    uint64_t value =
        op.count == 64 ? warp.reg<uint64_t>(op.src[1])[lane] : warp.reg<uint32_t>(op.src[1])[lane];
    TensorMap map;
    std::memcpy(&map, reinterpret_cast<void *>(addresses[lane]), sizeof(map));
    setField(map, TensorField(op.variant), unsigned(op.immediate2), value);
    std::memcpy(reinterpret_cast<void *>(addresses[lane]), &map, sizeof(map));
  }
}

namespace {

/// A copy that one thread asks for, in pieces.
class BulkCopy {
public:
  BulkCopy(Warp &warp, const Op &op, unsigned lane) : warp(warp), op(op), lane(lane) {
    object = uint32_t(address(op.src[2], op.bytes * 8, warp.reg<int32_t>(listed(0))[lane]));
  }

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
  bool findTarget(unsigned alignment);
  /// So many bytes of `bytes`, the others are zero.
  bool issue(uint64_t source, unsigned count, uint64_t at, unsigned bytes);
  bool finish(uint64_t total);

  Warp &warp;
  const Op &op;
  unsigned lane;
  uint32_t object;
  uint64_t target = 0;
  unsigned elementBytes = pieceBytes;
  bool roundsToTF32 = false;

private:
  void observe();

  /// What was read since it was observed. The threads of a warp stand for the unit that reads.
  uint64_t sources[warpSize];
  uint8_t counts[warpSize];
  unsigned numSources = 0;
};

/// One of a box.
class BoxCopy : BulkCopy {
public:
  using BulkCopy::BulkCopy;

  bool make();

private:
  bool readMap();
  bool checkMap();
  bool copyRow(const uint32_t *place, uint64_t at);
  bool copyPiece(uint64_t source, int64_t begin, uint64_t at);
  uint64_t swizzled(uint64_t at) const;

  TensorMap map;
  unsigned rank = 0;
  int32_t first[TensorMap::maxRank] = {};
};

} // namespace

bool BulkCopy::findTarget(unsigned alignment) {
  target = address(op.src[0], op.count, op.immediate);
  return target % alignment == 0 ||
         fail(llvm::formatv("expected a multiple of {0} bytes in shared memory, got {1:x}",
                            alignment, target));
}

bool BulkCopy::issue(uint64_t source, unsigned count, uint64_t at, unsigned bytes) {
  Block &block = *warp.block;
  uint32_t mask = uint32_t(1) << lane;
  AsyncCopy copy = {&op, mask, AsyncCopy::uncommitted, bytes, {}, {}, {}};
  uint64_t targets[warpSize];
  targets[lane] = at;
  if (!resolveAccess(warp, op, Space::shared, targets, mask, bytes, AccessKind::copy))
    return false;
  copy.destination[lane] = reinterpret_cast<uint8_t *>(targets[lane]);
  copy.sourceBytes[lane] = uint8_t(count);
  copy.object = object;
  copy.roundsToTF32 = roundsToTF32;
  if (count != 0) {
    copy.source[lane] =
        resolveLane(warp, op, Space::global, source, lane, count, elementBytes, AccessKind::load);
    if (!copy.source[lane])
      return false;
    if (copy.source[lane] != block.sink) {
      sources[numSources] = source;
      counts[numSources] = uint8_t(count);
      if (++numSources == warpSize)
        observe();
    }
  }
  warp.asyncCopies.issue(copy);
  return !block.faulted();
}

void BulkCopy::observe() {
  if (numSources != 0 && warp.block->observer)
    warp.block->observer->access(warp, {op, lowLanes(numSources), Space::global, AccessKind::load,
                                        pieceBytes, sources, counts});
  numSources = 0;
}

bool BulkCopy::finish(uint64_t total) {
  observe();
  warp.block->asyncArrivals.push_back(
      {&op, object, warp.index, lane, warp.asyncCopies.nextNumber(), uint32_t(total)});
  return true;
}

bool BulkCopy::copyBytes() {
  uint64_t source = address(op.src[1], 64, op.immediate2);
  uint32_t count = warp.reg<uint32_t>(listed(1))[lane];
  if (!findTarget(pieceBytes))
    return false;
  if (count == 0 || count % pieceBytes != 0)
    return fail("expected a multiple of 16 bytes, got " + llvm::Twine(count));
  for (uint32_t i = 0; i < count; i += pieceBytes)
    if (!issue(source + i, pieceBytes, target + i, pieceBytes))
      return false;
  return finish(count);
}

bool BoxCopy::readMap() {
  uint64_t place = address(op.src[1], 64, op.immediate2);
  uint8_t *host = resolveLane(warp, op, Space::generic, place, lane, TensorMap::bytes,
                              /*alignment=*/64, AccessKind::load);
  if (!host || host == warp.block->sink)
    return false;
  std::memcpy(&map, host, sizeof(map));
  if (map.mark != TensorMap::isMap)
    return fail("expected a tensor map made by tensormap.replace, got something else");
  return checkMap();
}

/// What the tensor map has to keep to (CUDA driver API, cuTensorMapEncodeTiled).
bool BoxCopy::checkMap() {
  constexpr uint32_t mostInBox = 256, mostSwizzling = 3;
  rank = map.lastDim + 1u;
  elementBytes = elementBytesOf(map.type);
  if (rank != op.variant)
    return fail("expected a tensor map of " + llvm::Twine(unsigned(op.variant)) + " dimensions, got " +
                llvm::Twine(rank));
  if (elementBytes == 0 || map.interleave != 0 || map.swizzle > mostSwizzling || map.fill != 0)
    return fail("a tensor map with this type, interleaving, swizzling or filling is not covered");
  if (map.address % pieceBytes != 0)
    return fail("expected a tensor at a multiple of 16 bytes");
  for (unsigned dim = 0; dim < rank; ++dim) {
    if (map.elementStrides[dim] != 1)
      return fail("strides of elements other than 1 are not covered");
    if (map.box[dim] == 0 || map.box[dim] > mostInBox)
      return fail("expected 1 to " + llvm::Twine(mostInBox) + " elements of a box, got " +
                  llvm::Twine(map.box[dim]));
    if (dim + 1 < rank && map.strides[dim] % pieceBytes != 0)
      return fail("expected strides of the tensor that are multiples of 16 bytes, got " +
                  llvm::Twine(map.strides[dim]));
  }
  unsigned rowBytes = map.box[0] * elementBytes;
  if (rowBytes % pieceBytes != 0)
    return fail("expected rows of the box of a multiple of 16 bytes, got " + llvm::Twine(rowBytes));
  if (map.swizzle != 0 && rowBytes != pieceBytes << map.swizzle)
    return fail("expected rows of the box of " + llvm::Twine(pieceBytes << map.swizzle) +
                " bytes for its swizzling, got " + llvm::Twine(rowBytes));
  return true;
}

/// The bits that say which 16 bytes of a span of 32, 64 or 128 take part in those above the span.
uint64_t BoxCopy::swizzled(uint64_t at) const {
  uint64_t bits = (uint64_t(1) << map.swizzle) - 1;
  return at ^ ((at >> 7 & bits) << 4);
}

/// Sixteen bytes of a row that begins at `source`, from element `begin` of it on.
bool BoxCopy::copyPiece(uint64_t source, int64_t begin, uint64_t at) {
  int64_t count = pieceBytes / elementBytes, size = map.sizes[0];
  auto isInside = [&](int64_t i) { return i >= 0 && i < size; };
  if (begin >= 0 || begin + count <= 0) {
    int64_t inside = begin < 0 ? 0 : std::clamp<int64_t>(size - begin, 0, count);
    return issue(source + uint64_t(begin * elementBytes), unsigned(inside * elementBytes),
                 swizzled(at), pieceBytes);
  }
  for (int64_t i = begin; i != begin + count; ++i, at += elementBytes)
    if (!issue(source + uint64_t(i * elementBytes), isInside(i) ? elementBytes : 0, swizzled(at),
               elementBytes))
      return false;
  return true;
}

/// The row of the box that is `place` from its beginning.
bool BoxCopy::copyRow(const uint32_t *place, uint64_t at) {
  uint64_t source = map.address;
  bool exists = true;
  for (unsigned dim = 1; dim < rank; ++dim) {
    int64_t coordinate = int64_t(first[dim]) + place[dim];
    exists &= coordinate >= 0 && coordinate < int64_t(map.sizes[dim]);
    source += uint64_t(coordinate) * map.strides[dim - 1];
  }
  unsigned perPiece = pieceBytes / elementBytes;
  for (unsigned i = 0; i < map.box[0]; i += perPiece, at += pieceBytes)
    if (exists ? !copyPiece(source, int64_t(first[0]) + i, at)
               : !issue(0, 0, swizzled(at), pieceBytes))
      return false;
  return true;
}

bool BoxCopy::make() {
  constexpr unsigned alignment = 128;
  if (!readMap() || !findTarget(alignment))
    return false;
  roundsToTF32 = map.type == TensorMap::tf32;
  for (unsigned dim = 0; dim < rank; ++dim)
    first[dim] = warp.reg<int32_t>(listed(1 + dim))[lane];
  uint64_t rowBytes = map.box[0] * elementBytes, at = target;
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
  return finish(at - target);
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
