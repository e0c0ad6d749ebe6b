//===- Warpgroup.cpp - wgmma ----------------------------------------------===//

#include "Warpgroup.h"

#include "Access.h"
#include "Matrix.h"

#include <cstring>

using namespace poolc::vgpu;

namespace {

/// Where B lies in shared memory, as its descriptor says (PTX ISA, "Matrix
/// Descriptor"): eight columns of 16 bytes along k are adjacent (a core matrix), or, swizzled, have
/// 32, 64 or 128 bytes each. Rows of A lie alike.
struct MatrixDescriptor {
  uint64_t start;
  /// Bytes from a core matrix to the next one along k, and to that of the next columns. Where
  /// columns lie side by side instead: from a swizzled span of columns to the next, and from
  /// eight elements along k to the next.
  uint64_t alongK, alongColumns;
  unsigned swizzle, baseOffset;

  explicit MatrixDescriptor(uint64_t bits)
      : start(field(bits, 0)), alongK(field(bits, 16)), alongColumns(field(bits, 32)),
        swizzle(unsigned(bits >> 62)), baseOffset(unsigned(bits >> 49 & 7)) {}

  /// The 16 bytes of a column that hold the `chunk`-th part of k.
  uint64_t addressOf(unsigned column, unsigned chunk) const {
    uint64_t core = start + column / coreColumns * alongColumns + column % coreColumns * span();
    return swizzled(core + chunk * (swizzle == 0 ? alongK : chunkBytes));
  }
  /// The 16 bytes of eight columns of 16 bits that lie side by side, at that place along k.
  uint64_t addressOfColumns(unsigned column, unsigned k) const {
    uint64_t bytes = column * sizeof(uint16_t);
    return swizzled(start + bytes / span() * alongK + bytes % span() +
                    k / coreColumns * alongColumns + k % coreColumns * span());
  }

private:
  static constexpr unsigned coreColumns = 8, chunkBytes = 16;
  /// Layout types 1 to 3 are 128, 64 and 32 bytes.
  uint64_t span() const { return swizzle == 0 ? chunkBytes : 256u >> swizzle; }
  uint64_t swizzled(uint64_t address) const {
    return address ^ ((address >> 7 & (span() / chunkBytes - 1)) << 4);
  }
  /// Fourteen bits, in units of 16 bytes.
  static uint64_t field(uint64_t bits, unsigned first) { return (bits >> first & 0x3FFF) << 4; }
};

} // namespace

/// Of k, an instruction takes 32 bytes of each column.
static constexpr unsigned chunks = 2, chunkBytes = 16, rowsPerWarp = 16;

static bool checkWholeGroup(Warp &warp, const Op &op, uint32_t mask) {
  if (!checkWholeWarp(warp, op, mask))
    return false;
  Block &block = *warp.block;
  unsigned last = warp.index / warpsPerGroup * warpsPerGroup + warpsPerGroup - 1;
  if (last < block.allWarps().size())
    return true;
  block.raise(warp, op, 0,
              "a warpgroup needs four warps, got a block of " +
                  llvm::Twine(block.allWarps().size()),
              Sanitizer::sync);
  return false;
}

/// The descriptor, which all threads must agree on.
static bool readDescriptor(Warp &warp, const Op &op, uint32_t source, uint64_t &bits) {
  const uint64_t *values = warp.reg<uint64_t>(source);
  bits = values[0];
  for (unsigned lane = 1; lane < warpSize; ++lane)
    if (values[lane] != bits) {
      warp.block->raise(warp, op, lane, "expected one matrix descriptor in all threads");
      return false;
    }
  MatrixDescriptor descriptor(bits);
  if (descriptor.baseOffset == 0)
    return true;
  warp.block->raise(warp, op, 0, "matrix descriptors with a base offset are not covered");
  return false;
}

/// Reads `columns` of B from `begin` on, 16 bytes of a column at a time: `bytes` gets them by
/// chunk and column. The threads of a warp stand for the unit that reads.
static bool readColumns(Warp &warp, const Op &op, uint64_t descriptorBits, unsigned begin,
                        unsigned columns, uint8_t *bytes) {
  MatrixDescriptor descriptor(descriptorBits);
  for (unsigned chunk = 0; chunk < chunks; ++chunk)
    for (unsigned first = 0; first < columns; first += warpSize) {
      unsigned count = std::min(columns - first, warpSize);
      uint64_t addresses[warpSize] = {};
      for (unsigned i = 0; i < count; ++i)
        addresses[i] = descriptor.addressOf(begin + first + i, chunk);
      if (!resolveAccess(warp, op, Space::shared, addresses, lowLanes(count), chunkBytes,
                         AccessKind::load))
        return false;
      for (unsigned i = 0; bytes && i < count; ++i)
        std::memcpy(bytes + (chunk * columns + first + i) * chunkBytes,
                    reinterpret_cast<const void *>(addresses[i]), chunkBytes);
    }
  return true;
}

/// The same of columns that lie side by side: eight of them at each place along k, in turn.
static bool readTransposed(Warp &warp, const Op &op, uint64_t descriptorBits, unsigned begin,
                           unsigned columns, uint8_t *bytes) {
  MatrixDescriptor descriptor(descriptorBits);
  constexpr unsigned perAccess = 8, depth = 16;
  for (unsigned k = 0; k < depth; ++k)
    for (unsigned first = 0; first < columns; first += warpSize * perAccess) {
      unsigned count = std::min((columns - first) / perAccess, warpSize);
      uint64_t addresses[warpSize] = {};
      for (unsigned i = 0; i < count; ++i)
        addresses[i] = descriptor.addressOfColumns(begin + first + i * perAccess, k);
      if (!resolveAccess(warp, op, Space::shared, addresses, lowLanes(count), chunkBytes,
                         AccessKind::load))
        return false;
      for (unsigned i = 0; bytes && i < count * perAccess; ++i)
        std::memcpy(bytes + (k / perAccess * columns + first + i) * chunkBytes +
                        k % perAccess * sizeof(uint16_t),
                    reinterpret_cast<const uint16_t *>(addresses[i / perAccess]) + i % perAccess,
                    sizeof(uint16_t));
    }
  return true;
}

/// All columns of B, and the sixteen rows of A of one warp of the group if they are in shared
/// memory.
static bool readFactors(Warp &warp, const Op &op, uint64_t descriptor, uint64_t first,
                        unsigned ofWarp, uint8_t *second, uint8_t *rows) {
  unsigned columns = unsigned(op.immediate);
  auto readSecond = op.count & transposedSecond ? readTransposed : readColumns;
  if (!readSecond(warp, op, descriptor, 0, columns, second))
    return false;
  auto readFirst = op.count & transposedFirst ? readTransposed : readColumns;
  return !hasFirstInMemory(op) ||
         readFirst(warp, op, first, ofWarp % warpsPerGroup * rowsPerWarp, rowsPerWarp, rows);
}

/// Lane 4g + t holds of A the rows g and g + 8, of k the values v*t and those 16
/// bytes further, with v values in a register.
static void fillFirst(Tile &tile, const Warp &warp, const uint32_t *registers, double factor) {
  unsigned beside = tile.type == Type::tf32 ? 1 : 2;
  alignas(64) double values[2][warpSize];
  for (unsigned i = 0; i < 4; ++i) {
    widenOperand(warp.reg<uint32_t>(registers[i]), tile.type, values);
    for (unsigned j = 0; j < beside; ++j)
      for (unsigned lane = 0; lane < warpSize; ++lane)
        tile.a[lane / 4 + 8 * (i % 2)][i / 2 * 4 * beside + lane % 4 * beside + j] =
            values[j][lane] * factor;
  }
}

/// Columns of B from `first` on.
static void fillSecond(Tile &tile, const uint8_t *bytes, unsigned columns, unsigned first) {
  unsigned beside = tile.type == Type::tf32 ? 1 : 2, perChunk = 4 * beside;
  alignas(64) double values[2][warpSize];
  for (unsigned chunk = 0; chunk < chunks; ++chunk)
    for (unsigned word = 0; word < 4; ++word) {
      uint32_t words[warpSize] = {};
      for (unsigned j = 0; j < tile.n; ++j)
        std::memcpy(&words[j], bytes + (chunk * columns + first + j) * chunkBytes + 4 * word, 4);
      widenOperand(words, tile.type, values);
      for (unsigned i = 0; i < beside; ++i)
        std::memcpy(tile.b[chunk * perChunk + word * beside + i], values[i], sizeof(values[i]));
    }
}

/// The same of rows in memory.
static void fillFirst(Tile &tile, const uint8_t *bytes, double factor) {
  unsigned beside = tile.type == Type::tf32 ? 1 : 2, perChunk = 4 * beside;
  alignas(64) double values[2][warpSize];
  for (unsigned chunk = 0; chunk < chunks; ++chunk)
    for (unsigned word = 0; word < 4; ++word) {
      uint32_t words[warpSize] = {};
      for (unsigned row = 0; row < rowsPerWarp; ++row)
        std::memcpy(&words[row], bytes + (chunk * rowsPerWarp + row) * chunkBytes + 4 * word, 4);
      widenOperand(words, tile.type, values);
      for (unsigned i = 0; i < beside; ++i)
        for (unsigned row = 0; row < rowsPerWarp; ++row)
          tile.a[row][chunk * perChunk + word * beside + i] = values[i][row] * factor;
    }
}

void poolc::vgpu::multiplyWarpgroup(Warp &warp, const Op &op, uint32_t mask) {
  uint64_t descriptor, first = 0;
  constexpr unsigned maxColumns = 256;
  uint8_t bytes[chunks * maxColumns * chunkBytes], rows[chunks * rowsPerWarp * chunkBytes];
  if (!checkWholeGroup(warp, op, mask) || !readDescriptor(warp, op, op.src[0], descriptor) ||
      (hasFirstInMemory(op) && !readDescriptor(warp, op, op.src[2], first)) ||
      !readFactors(warp, op, descriptor, first, warp.index, bytes, rows))
    return;
  uint32_t adds = warp.predicate(op.src[1]);
  adds = op.variant2 ? ~adds : adds;
  unsigned columns = unsigned(op.immediate);
  Tile tile;
  tile.m = 16;
  tile.type = Type(op.variant);
  tile.k = tile.type == Type::tf32 ? 8 : 16;
  tile.halfAccumulator = false;
  const uint32_t *d = warp.block->program.lists.data() + op.list;
  if (hasFirstInMemory(op))
    fillFirst(tile, rows, double(op.immediate2));
  else
    fillFirst(tile, warp, d + sumsOf(op), double(op.immediate2));
  // Lane 4g + t holds, of eight columns, 2t and 2t + 1 in the rows g and g + 8.
  auto forEachSum = [&](unsigned begin, auto body) {
    for (unsigned lane = 0; lane < warpSize; ++lane)
      for (unsigned i = 0; i < tile.n / 2; ++i)
        body(warp.reg<float>(d[begin / 2 + i])[lane],
             tile.c[lane / 4 + 8 * (i / 2 % 2)][i / 4 * 8 + lane % 4 * 2 + i % 2]);
  };
  for (unsigned begin = 0; begin < columns; begin += Tile::maxExtent) {
    tile.n = std::min(columns - begin, Tile::maxExtent);
    fillSecond(tile, bytes, columns, begin);
    forEachSum(begin, [&](float &sum, float &c) { c = adds & 1 ? sum : 0; });
    multiply(tile, warp.block->launch.tensor);
    forEachSum(begin, [](float &sum, float &c) { sum = c; });
  }
  warp.products.inFlight.push_back({&op, descriptor, first, AsyncProduct::uncommitted});
}

void poolc::vgpu::fenceWarpgroup(Warp &, const Op &, uint32_t) {}

void poolc::vgpu::commitWarpgroup(Warp &warp, const Op &, uint32_t) {
  AsyncProducts &products = warp.products;
  for (AsyncProduct &product : products.inFlight)
    if (product.group == AsyncProduct::uncommitted)
      product.group = products.groups;
  ++products.groups;
  warp.block->productsCommitted(warp);
}

void poolc::vgpu::waitWarpgroup(Warp &warp, const Op &op, uint32_t) {
  uint64_t due = groupsDue(warp.products, op);
  // Factors in memory may have been read at any time up to now, by the tensor cores of all four.
  if (warp.block->observer)
    for (Warp &other : warp.block->warpgroupOf(warp))
      for (AsyncProduct &product : other.products.inFlight) {
        if (product.group >= due || std::exchange(product.isOver, true))
          continue;
        if (!readFactors(warp, *product.op, product.descriptor, product.first, other.index, nullptr,
                         nullptr))
          return;
      }
  llvm::erase_if(warp.products.inFlight,
                 [&](const AsyncProduct &product) { return product.group < due; });
}
