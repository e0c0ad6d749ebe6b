//===- TensorMap.cpp - What tells how a tensor lies in memory -------------===//

#include "TensorMap.h"

#include "Access.h"
#include "Matrix.h"

#include "llvm/ADT/Twine.h"
#include "llvm/ADT/bit.h"

#include <cstring>

using namespace poolc::vgpu;

unsigned poolc::vgpu::elementBytesOf(const TensorMap &map) {
  switch (map.type) {
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

void poolc::vgpu::publishTensorMap(Warp &warp, const Op &op, uint32_t mask) {
  uint64_t to[warpSize], from[warpSize];
  readAddresses(to, warp, op.src[0], op.bytes * 8, op.immediate, mask);
  readAddresses(from, warp, op.src[1], op.count, op.immediate2, mask);
  // All lanes name the same places.
  constexpr uint32_t one = 1;
  if (!checkWholeWarp(warp, op, mask) ||
      !resolveAccess(warp, op, Space::shared, from, one, TensorMap::bytes, AccessKind::load) ||
      !resolveAccess(warp, op, op.space, to, one, TensorMap::bytes, AccessKind::store))
    return;
  if (lanesInMemory(*warp.block, to, one) && lanesInMemory(*warp.block, from, one))
    std::memcpy(reinterpret_cast<void *>(to[0]), reinterpret_cast<void *>(from[0]),
                TensorMap::bytes);
}

std::string poolc::vgpu::findFault(const TensorMap &map, unsigned rank) {
  constexpr uint32_t pieceBytes = 16, mostInBox = 256, mostSwizzling = 3;
  unsigned elementBytes = elementBytesOf(map), mapRank = map.lastDim + 1u;
  auto expected = [](const llvm::Twine &what, const llvm::Twine &got) {
    return ("expected " + what + ", got " + got).str();
  };
  if (map.mark != TensorMap::isMap)
    return expected("a tensor map made by tensormap.replace", "something else");
  if (mapRank != rank)
    return expected("a tensor map of " + llvm::Twine(rank) + " dimensions", llvm::Twine(mapRank));
  if (elementBytes == 0 || map.interleave != 0 || map.swizzle > mostSwizzling || map.fill != 0)
    return "a tensor map with this type, interleaving, swizzling or filling is not covered";
  if (map.address % pieceBytes != 0)
    return expected("a tensor at a multiple of 16 bytes",
                    "0x" + llvm::Twine::utohexstr(map.address));
  for (unsigned dim = 0; dim < rank; ++dim) {
    if (map.elementStrides[dim] != 1)
      return "strides of elements other than 1 are not covered";
    if (map.box[dim] == 0 || map.box[dim] > mostInBox)
      return expected("1 to " + llvm::Twine(mostInBox) + " elements of a box",
                      llvm::Twine(map.box[dim]));
    if (dim + 1 < rank && map.strides[dim] % pieceBytes != 0)
      return expected("strides of the tensor that are multiples of 16 bytes",
                      llvm::Twine(map.strides[dim]));
  }
  unsigned rowBytes = map.box[0] * elementBytes;
  if (rowBytes % pieceBytes != 0)
    return expected("rows of the box of a multiple of 16 bytes", llvm::Twine(rowBytes));
  if (map.swizzle != 0 && rowBytes != pieceBytes << map.swizzle)
    return expected("rows of the box of " + llvm::Twine(pieceBytes << map.swizzle) +
                        " bytes for its swizzling",
                    llvm::Twine(rowBytes));
  return "";
}
