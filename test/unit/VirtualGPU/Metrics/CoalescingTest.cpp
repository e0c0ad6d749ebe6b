//===- CoalescingTest.cpp -------------------------------------------------===//

#include "VirtualGPU/Metrics/Coalescing.h"

#include "gtest/gtest.h"

#include <functional>

using namespace poolc::vgpu;

namespace {
struct Counts {
  unsigned lines = 0, sectors = 0;
  bool operator==(const Counts &) const = default;
};
void PrintTo(const Counts &counts, std::ostream *os) {
  *os << counts.lines << " lines, " << counts.sectors << " sectors";
}
} // namespace

static llvm::SmallVector<LineTouch> touch(std::function<uint64_t(unsigned)> address, unsigned bytes,
                                          uint32_t mask = ~0u) {
  uint64_t addresses[32];
  for (unsigned lane = 0; lane < 32; ++lane)
    addresses[lane] = address(lane);
  llvm::SmallVector<LineTouch> lines;
  coalesce(addresses, mask, bytes, lines);
  return lines;
}

static Counts count(std::function<uint64_t(unsigned)> address, unsigned bytes,
                    uint32_t mask = ~0u) {
  Counts counts;
  for (const LineTouch &line : touch(address, bytes, mask)) {
    ++counts.lines;
    counts.sectors += llvm::popcount(line.sectors());
  }
  return counts;
}

TEST(Coalescing, strideOneFillsALine) {
  EXPECT_EQ(count([](unsigned lane) { return 0x1000 + 4 * lane; }, 4), (Counts{1, 4}));
  // 8 and 16 bytes per lane: 256 and 512 bytes.
  EXPECT_EQ(count([](unsigned lane) { return 0x1000 + 8 * lane; }, 8), (Counts{2, 8}));
  EXPECT_EQ(count([](unsigned lane) { return 0x1000 + 16 * lane; }, 16), (Counts{4, 16}));
}

TEST(Coalescing, misalignedRowTakesOneMoreSector) {
  // Bytes 4 to 131: sectors 0 to 4, in two lines.
  EXPECT_EQ(count([](unsigned lane) { return 0x1004 + 4 * lane; }, 4), (Counts{2, 5}));
  // Bytes 32 to 159: four sectors again, in two lines.
  EXPECT_EQ(count([](unsigned lane) { return 0x1020 + 4 * lane; }, 4), (Counts{2, 4}));
}

TEST(Coalescing, strideElevenTouchesASectorPerLane) {
  // 44 bytes apart: no two lanes in one sector; 31 * 44 + 4 = 1368 bytes are 11 lines.
  EXPECT_EQ(count([](unsigned lane) { return 0x1000 + 44 * lane; }, 4), (Counts{11, 32}));
}

TEST(Coalescing, lanesShareWhatTheyShare) {
  EXPECT_EQ(count([](unsigned) { return 0x1000; }, 4), (Counts{1, 1}));
  // Every second word: 8 sectors over 256 bytes.
  EXPECT_EQ(count([](unsigned lane) { return 0x1000 + 8 * lane; }, 4), (Counts{2, 8}));
  // Back and forth between two lines.
  EXPECT_EQ(count([](unsigned lane) { return 0x1000 + 128 * (lane % 2); }, 4), (Counts{2, 2}));
  // Downwards.
  EXPECT_EQ(count([](unsigned lane) { return 0x1000 + 128 * (31 - lane); }, 4), (Counts{32, 32}));
}

TEST(Coalescing, onlyLanesOfTheMaskCount) {
  EXPECT_EQ(count([](unsigned lane) { return 0x1000 + 128 * lane; }, 4, 0x80000001),
            (Counts{2, 2}));
}

TEST(Coalescing, writtenBytesAreExact) {
  // Two bytes by each of two lanes, then 16 at the end of a line.
  auto lines = touch([](unsigned lane) { return 0x1000 + 2 * lane; }, 2, 0b11);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].bytes, (LineBytes{0xF, 0, 0, 0}));
  lines = touch([](unsigned) { return 0x1070; }, 16, 1);
  EXPECT_EQ(lines[0].line, 0x1000u / 128);
  EXPECT_EQ(lines[0].bytes, (LineBytes{0, 0, 0, 0xFFFF0000}));
}

TEST(Coalescing, partsOfSectorsTakeAMask) {
  constexpr uint32_t part = 0xFFFF;
  auto units = [](LineBytes bytes) { return packetUnits({0, bytes}); };
  EXPECT_EQ(units({wholeSector, 0, 0, 0}), 3u);
  EXPECT_EQ(units({wholeSector, wholeSector, 0, 0}), 4u);
  EXPECT_EQ(units({wholeSector, wholeSector, wholeSector, wholeSector}), 8u);
  EXPECT_EQ(units({part, 0, 0, 0}), 4u);
  EXPECT_EQ(units({part, wholeSector, 0, part}), 8u);
  EXPECT_EQ(units({part, part, part, part}), 10u);
}
