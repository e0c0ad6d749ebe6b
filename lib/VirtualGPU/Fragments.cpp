//===- Fragments.cpp - Which thread holds what of a matrix ----------------===//

#include "Access.h"
#include "Matrix.h"
#include "Tensor.h"

#include "llvm/ADT/APFloat.h"

#include <cstring>

using namespace poolc::vgpu;

static double widen(uint32_t bits, Type type) {
  switch (type) {
  case Type::f16: {
    // The product shifts the exponent, also of subnormals; it is exact.
    uint32_t magnitude = (bits & 0x7FFF) << 13;
    uint32_t scaled = llvm::bit_cast<uint32_t>(llvm::bit_cast<float>(magnitude) * 0x1p112f);
    if ((bits & 0x7C00) == 0x7C00)
      scaled = magnitude | 0x7F800000;
    return double(llvm::bit_cast<float>(scaled | (bits & 0x8000) << 16));
  }
  case Type::bf16:
    return double(llvm::bit_cast<float>(bits << 16));
  default: // tf32: the hardware does not look at the low 13 bits.
    return double(llvm::bit_cast<float>(bits & 0xFFFFE000));
  }
}

/// An element as a register holds it: half of a pair for the 16-bit types.
static double elementOf(const Warp &warp, const uint32_t *list, unsigned index, unsigned lane,
                        Type type) {
  if (type == Type::tf32)
    return widen(warp.reg<uint32_t>(list[index])[lane], type);
  return widen(warp.reg<uint32_t>(list[index / 2])[lane] >> (index % 2 * 16) & 0xFFFF, type);
}

/// The f32 accumulators of a lane, or the packed f16 ones.
static float accumulatorOf(const Warp &warp, const uint32_t *list, unsigned index, unsigned lane,
                           bool isHalf) {
  if (!isHalf)
    return warp.reg<float>(list[index])[lane];
  return float(elementOf(warp, list, index, lane, Type::f16));
}

static uint16_t narrow(float value) {
  llvm::APFloat exact(value);
  bool ignored;
  exact.convert(llvm::APFloat::IEEEhalf(), llvm::APFloat::rmNearestTiesToEven, &ignored);
  return uint16_t(exact.bitcastToAPInt().getZExtValue());
}

static void setAccumulator(Warp &warp, const uint32_t *list, unsigned index, unsigned lane,
                           bool isHalf, float value) {
  if (!isHalf) {
    warp.reg<float>(list[index])[lane] = value;
    return;
  }
  auto *halves = reinterpret_cast<uint16_t *>(&warp.reg<uint32_t>(list[index / 2])[lane]);
  halves[index % 2] = narrow(value);
}

void poolc::vgpu::multiplyFragments(Warp &warp, const Op &op, uint32_t mask) {
  if (!checkWholeWarp(warp, op, mask))
    return;
  Tile tile;
  tile.m = 16;
  tile.n = 8;
  tile.k = unsigned(op.immediate);
  tile.type = Type(op.variant);
  tile.halfAccumulator = op.variant2;
  // A lane holds values side by side: two of 16 bits, one of 32.
  unsigned beside = tile.type == Type::tf32 ? 1 : 2;
  unsigned quarter = 4 * beside;
  unsigned numAccumulators = tile.halfAccumulator ? 2 : 4;
  unsigned depthSteps = tile.k / quarter;
  const uint32_t *d = warp.block->program.lists.data() + op.list;
  const uint32_t *a = d + numAccumulators;
  const uint32_t *b = a + 2 * depthSteps;
  const uint32_t *c = b + depthSteps;
  alignas(64) double values[2][warpSize];
  for (unsigned step = 0; step < depthSteps; ++step) {
    for (unsigned half = 0; half < 2; ++half) {
      widenOperand(warp.reg<uint32_t>(a[2 * step + half]), tile.type, values);
      for (unsigned i = 0; i < beside; ++i)
        for (unsigned lane = 0; lane < warpSize; ++lane)
          tile.a[lane / 4 + 8 * half][step * quarter + lane % 4 * beside + i] = values[i][lane];
    }
    widenOperand(warp.reg<uint32_t>(b[step]), tile.type, values);
    for (unsigned i = 0; i < beside; ++i)
      for (unsigned lane = 0; lane < warpSize; ++lane)
        tile.b[step * quarter + lane % 4 * beside + i][lane / 4] = values[i][lane];
  }
  for (unsigned lane = 0; lane < warpSize; ++lane)
    for (unsigned i = 0; i < 4; ++i)
      tile.c[lane / 4 + 8 * (i / 2)][lane % 4 * 2 + i % 2] =
          accumulatorOf(warp, c, i, lane, tile.halfAccumulator);
  multiply(tile, warp.block->launch.tensor);
  for (unsigned lane = 0; lane < warpSize; ++lane)
    for (unsigned i = 0; i < 4; ++i)
      setAccumulator(warp, d, i, lane, tile.halfAccumulator,
                     tile.c[lane / 4 + 8 * (i / 2)][lane % 4 * 2 + i % 2]);
}

// wmma. PTX leaves open where an element is; here element i of a matrix, counted
// by rows, is in lane i / perRegister % 32. Registers beyond repeat the first ones.

static unsigned elementsPerRegister(Type type) {
  return type == Type::f16 || type == Type::bf16 ? 2 : 1;
}

namespace {
struct Place {
  unsigned index, lane;
};
} // namespace

static Place placeOf(unsigned element, Type type) {
  unsigned per = elementsPerRegister(type);
  return {element / per / warpSize * per + element % per, element / per % warpSize};
}

namespace {
/// The matrix of a wmma.load or wmma.store: where its elements lie in memory and
/// in registers.
struct WmmaMatrix {
  WmmaMatrix(Warp &warp, const Op &op)
      : warp(warp), type(Type(op.variant)), columns(unsigned(op.immediate2 & 0xFF)),
        elements(unsigned(op.immediate2 >> 8) * columns),
        bytes(elementsPerRegister(type) == 2 ? 2 : 4), byColumns(op.variant2),
        stride(warp.reg<uint32_t>(op.src[1])[0]),
        registers(warp.block->program.lists.data() + op.list) {
    uint64_t addresses[warpSize];
    readAddresses(addresses, warp, op.src[0], op.bytes * 8, op.immediate, fullMask);
    base = addresses[0];
  }

  /// Those of the 32 elements from `start` on.
  void getAddresses(unsigned start, uint64_t *addresses) const {
    for (unsigned i = 0; i < warpSize; ++i) {
      unsigned row = (start + i) / columns, column = (start + i) % columns;
      addresses[i] = base + bytes * (byColumns ? column * stride + row : row * stride + column);
    }
  }

  /// Element `index` in the registers from number `first` on.
  uint8_t *getElement(unsigned index, unsigned first = 0) const {
    Place place = placeOf(index, type);
    unsigned per = elementsPerRegister(type);
    uint32_t *reg = warp.reg<uint32_t>(registers[first + place.index / per]);
    return reinterpret_cast<uint8_t *>(reg + place.lane) + bytes * (place.index % per);
  }

  Warp &warp;
  Type type;
  unsigned columns, elements, bytes;
  bool byColumns;
  uint64_t stride;
  const uint32_t *registers;
  uint64_t base;
};
} // namespace

void poolc::vgpu::loadWmma(Warp &warp, const Op &op, uint32_t mask) {
  if (!checkWholeWarp(warp, op, mask))
    return;
  WmmaMatrix matrix(warp, op);
  unsigned registers = matrix.elements / warpSize / elementsPerRegister(matrix.type);
  for (unsigned start = 0; start < matrix.elements; start += warpSize) {
    uint64_t addresses[warpSize];
    matrix.getAddresses(start, addresses);
    if (!resolveAccess(warp, op, op.space, addresses, fullMask, matrix.bytes, AccessKind::load))
      return;
    for (unsigned i = 0; i < warpSize; ++i) {
      for (unsigned copy = 0; copy < op.count; copy += registers)
        std::memcpy(matrix.getElement(start + i, copy),
                    reinterpret_cast<const void *>(addresses[i]), matrix.bytes);
    }
  }
}

void poolc::vgpu::storeWmma(Warp &warp, const Op &op, uint32_t mask) {
  if (!checkWholeWarp(warp, op, mask))
    return;
  WmmaMatrix matrix(warp, op);
  for (unsigned start = 0; start < matrix.elements; start += warpSize) {
    uint64_t addresses[warpSize];
    matrix.getAddresses(start, addresses);
    if (!resolveAccess(warp, op, op.space, addresses, fullMask, matrix.bytes, AccessKind::store))
      return;
    for (unsigned i = 0; i < warpSize; ++i) {
      std::memcpy(reinterpret_cast<void *>(addresses[i]), matrix.getElement(start + i),
                  matrix.bytes);
    }
  }
}

void poolc::vgpu::multiplyWmma(Warp &warp, const Op &op, uint32_t mask) {
  if (!checkWholeWarp(warp, op, mask))
    return;
  Tile tile;
  tile.m = unsigned(op.immediate >> 16);
  tile.n = unsigned(op.immediate >> 8 & 0xFF);
  tile.k = unsigned(op.immediate & 0xFF);
  tile.type = Type(op.variant);
  bool halfResult = op.variant2 & 1, halfAddend = op.variant2 & 2;
  tile.halfAccumulator = halfResult;
  unsigned values = tile.m * tile.n / warpSize;
  const uint32_t *d = warp.block->program.lists.data() + op.list;
  const uint32_t *a = d + values / (halfResult ? 2 : 1);
  const uint32_t *b = a + (op.immediate2 >> 8);
  const uint32_t *c = b + (op.immediate2 & 0xFF);
  auto at = [&](const uint32_t *list, unsigned element) {
    Place place = placeOf(element, tile.type);
    return elementOf(warp, list, place.index, place.lane, tile.type);
  };
  for (unsigned i = 0; i < tile.k; ++i) {
    for (unsigned row = 0; row < tile.m; ++row)
      tile.a[row][i] = at(a, row * tile.k + i);
    for (unsigned column = 0; column < tile.n; ++column)
      tile.b[i][column] = at(b, i * tile.n + column);
  }
  for (unsigned i = 0; i < tile.m * tile.n; ++i) {
    Place place = placeOf(i, halfAddend ? Type::f16 : Type::f32);
    tile.c[i / tile.n][i % tile.n] = accumulatorOf(warp, c, place.index, place.lane, halfAddend);
  }
  multiply(tile, warp.block->launch.tensor);
  for (unsigned i = 0; i < tile.m * tile.n; ++i) {
    Place place = placeOf(i, halfResult ? Type::f16 : Type::f32);
    setAccumulator(warp, d, place.index, place.lane, halfResult, tile.c[i / tile.n][i % tile.n]);
  }
}
