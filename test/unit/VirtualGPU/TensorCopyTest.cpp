//===- TensorCopyTest.cpp - Copies that no thread makes -------------------===//

#include "TestDevice.h"

#include "gmock/gmock.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

static std::string text(int64_t value) { return std::to_string(value); }

namespace {

/// A tensor map by its fields, and what is copied by it.
struct Box {
  unsigned type = 7, swizzle = 0, rank = 2, elementBytes = 4;
  std::vector<int64_t> sizes = {40, 6}, box = {8, 4}, at = {8, 1};
  /// Elements behind each row.
  int64_t gap = 0;
  /// Instructions in place of those that belong there.
  std::string zeros = "st.global.v4.b32 [%rd3], {%r9, %r9, %r9, %r9};",
              announce = "mbarrier.arrive.expect_tx.shared.b64 _, [%r0], " + text(8 * 4 * 4) + ";",
              wait = "wait: mbarrier.try_wait.parity.shared.b64 %p2, [%r0], 0; @!%p2 bra wait;",
              further;

  int64_t boxBytes() const {
    int64_t bytes = elementBytes;
    for (int64_t size : box)
      bytes *= size;
    return bytes;
  }

  std::string replace(const std::string &field, const std::string &operands,
                      const char *bits = "b32") const {
    return "@%p1 tensormap.replace.tile." + field + ".global.b1024." + bits + " [%rd2], " +
           operands + ";\n";
  }

  std::string map() const {
    std::string fields = replace("global_address", "%rd1", "b64") + replace("rank", text(rank - 1));
    int64_t stride = elementBytes;
    for (size_t dim = 0; dim != sizes.size(); ++dim) {
      std::string d = text(dim) + ", ";
      fields += replace("box_dim", d + text(box[dim])) +
                replace("global_dim", d + text(sizes[dim])) + replace("element_stride", d + "1");
      stride *= sizes[dim] + (dim == 0 ? gap : 0);
      if (dim + 1 != sizes.size())
        fields += replace("global_stride", d + text(stride), "b64");
    }
    return fields + replace("elemtype", text(type)) + replace("interleave_layout", "0") +
           replace("swizzle_mode", text(swizzle)) + replace("fill_mode", "0");
  }

  std::string coordinates() const {
    std::string list;
    for (int64_t coordinate : at)
      list += (list.empty() ? "" : ", ") + text(coordinate);
    return list;
  }

  /// Thread 0 makes the map and copies; all wait, and store what is there.
  std::string ptx() const {
    return ".version 8.0\n.target sm_90a\n.address_size 64\n"
           ".visible .entry k(.param .u64 x, .param .u64 map, .param .u64 y) {\n"
           ".shared .align 1024 .b8 tile[2048]; .shared .align 8 .b64 bar;\n"
           ".reg .pred %p<4>; .reg .b32 %r<16>; .reg .b64 %rd<8>;\n"
           "ld.param.u64 %rd1, [x]; ld.param.u64 %rd2, [map]; ld.param.u64 %rd4, [y];\n"
           "mov.u32 %r0, bar; mov.u32 %r1, %tid.x; mov.u32 %r2, tile; mov.u32 %r9, 0;\n"
           "setp.eq.u32 %p1, %r1, 0; mul.wide.u32 %rd3, %r1, 16; add.u64 %rd3, %rd3, %rd2;\n"
           "setp.lt.u32 %p3, %r1, 8; @%p3 " +
           zeros + "\n@%p1 mbarrier.init.shared.b64 [%r0], 1;\nbar.sync 0;\n" + map() +
           "fence.proxy.tensormap::generic.acquire.gpu [%rd2], 128;\n@%p1 " + announce +
           "\n@%p1 cp.async.bulk.tensor." + text(at.size()) +
           "d.shared::cluster.global.mbarrier::complete_tx::bytes [%r2], [%rd2, {" + coordinates() +
           "}], [%r0];\n" + further + wait +
           "\nmad.lo.u32 %r3, %r1, 4, %r2; mul.wide.u32 %rd5, %r1, 4; add.u64 %rd5, %rd5, %rd4;\n"
           "ld.shared.b32 %r4, [%r3]; st.global.b32 [%rd5], %r4;\nret; }";
  }
};

struct Outcome {
  std::string error;
  std::vector<std::string> reports;
  std::vector<uint32_t> words;
};

Outcome run(Box box, const std::vector<uint32_t> &x, unsigned words = 32) {
  Device device;
  uint64_t from = device.upload(x, "x"), map = device.allocate(128, "map"),
           to = device.allocate(words * 4, "y");
  LaunchOptions launch;
  launch.block[0] = words;
  launch.sanitizers = Sanitizers::all();
  for (uint64_t argument : {from, map, to})
    launch.arguments.push_back(bytesOf(argument));
  Outcome outcome;
  outcome.error = device.run(box.ptx(), launch);
  for (const Report &report : device.last.reports)
    outcome.reports.push_back(report.text);
  outcome.words = device.download<uint32_t>(to, words);
  return outcome;
}

/// Words that count up.
std::vector<uint32_t> counting(unsigned count = 240) {
  std::vector<uint32_t> words(count);
  for (unsigned i = 0; i < count; ++i)
    words[i] = i;
  return words;
}

} // namespace

static void announceAll(Box &box) {
  box.announce = "mbarrier.arrive.expect_tx.shared.b64 _, [%r0], " + text(box.boxBytes()) + ";";
}

static void expectWords(const Box &box, const std::vector<uint32_t> &expected,
                        const std::vector<uint32_t> &x = counting()) {
  Outcome outcome = run(box, x, unsigned(expected.size()));
  EXPECT_EQ(outcome.error, "");
  EXPECT_THAT(outcome.reports, IsEmpty());
  EXPECT_EQ(outcome.words, expected);
}

TEST(TensorCopy, RowsOfTheBoxLieOneAfterTheOther) {
  std::vector<uint32_t> expected;
  for (unsigned row = 1; row < 5; ++row)
    for (unsigned i = 8; i < 16; ++i)
      expected.push_back(row * 40 + i);
  expectWords({}, expected);
}

TEST(TensorCopy, OutsideOfTheTensorAreZeros) {
  Box box;
  box.at = {-4, 4};
  std::vector<uint32_t> expected(32, 0);
  for (unsigned row = 0; row < 2; ++row)
    for (unsigned i = 4; i < 8; ++i)
      expected[row * 8 + i] = (4 + row) * 40 + i - 4;
  expectWords(box, expected);
  box.sizes[0] = 38;
  box.gap = 2;
  box.at = {32, -3};
  expected.assign(32, 0);
  for (unsigned i = 0; i < 6; ++i)
    expected[3 * 8 + i] = 32 + i;
  expectWords(box, expected);
}

TEST(TensorCopy, ThreeDimensionsOfSixteenBits) {
  Box box;
  box.type = 10;
  box.rank = 3;
  box.elementBytes = 2;
  box.sizes = {16, 5, 3};
  box.box = {8, 2, 2};
  box.at = {8, 4, 1};
  announceAll(box);
  std::vector<uint32_t> expected(16, 0);
  auto *halves = reinterpret_cast<uint16_t *>(expected.data());
  std::vector<uint32_t> x(120);
  for (unsigned i = 0; i < 240; ++i)
    reinterpret_cast<uint16_t *>(x.data())[i] = uint16_t(i);
  for (unsigned plane = 0; plane < 2; ++plane)
    for (unsigned i = 0; i < 8; ++i)
      halves[plane * 16 + i] = uint16_t(((1 + plane) * 5 + 4) * 16 + 8 + i);
  expectWords(box, expected, x);
}

/// Which sixteen bytes of a span: their number, by exclusive or with the number of 128 bytes.
TEST(TensorCopy, SpansAreSwizzled) {
  for (unsigned swizzle : {1, 2, 3}) {
    unsigned perRow = 4u << swizzle, rows = 256 / perRow;
    Box box;
    box.swizzle = swizzle;
    box.sizes = {perRow, rows};
    box.box = {perRow, rows};
    box.at = {0, 0};
    announceAll(box);
    std::vector<uint32_t> expected(256);
    for (unsigned i = 0; i < 256; ++i) {
      unsigned chunk = i / 4, swizzled = chunk ^ (i / 32 & (perRow / 4 - 1));
      expected[swizzled * 4 + i % 4] = i;
    }
    expectWords(box, expected, counting(256));
  }
}

TEST(TensorCopy, RoundsToTF32HalvesToEven) {
  Box box;
  box.type = 11;
  box.box = {4, 2};
  box.at = {0, 0};
  announceAll(box);
  std::vector<uint32_t> x(240, 0);
  std::vector<uint32_t> first = {0x3F801000, 0x3F803000, 0x3F801001, 0x7F800001};
  llvm::copy(first, x.begin());
  expectWords(box, {0x3F800000, 0x3F804000, 0x3F802000, 0x7F800001, 0, 0, 0, 0}, x);
}

TEST(TensorCopy, HasToBeWaitedFor) {
  Box box;
  box.wait = "bar.sync 0;";
  Outcome outcome = run(box, counting());
  EXPECT_THAT(outcome.reports,
              Contains(HasSubstr("while thread (0, 0, 0) is still copying to them")));
  // What was announced is not all.
  box = {};
  box.announce = "mbarrier.arrive.expect_tx.shared.b64 _, [%r0], 256;";
  Outcome lacking = run(box, counting());
  ASSERT_FALSE(lacking.reports.empty());
  EXPECT_THAT(lacking.reports.front(), HasSubstr("lacks 0 of 1 arrivals and 128 bytes"));
}

/// The copy of another object is neither waited for nor known of.
TEST(TensorCopy, IsOfItsOwnObject) {
  Box box;
  box.further = "@%p1 cp.async.commit_group; @%p1 cp.async.wait_group 0;\n";
  box.wait = "bar.sync 0;";
  Outcome outcome = run(box, counting());
  EXPECT_THAT(outcome.reports, Contains(HasSubstr("is still copying to them")));
}

/// The first thing found, or the error.
static std::string errorOf(const Box &box) {
  Outcome outcome = run(box, counting());
  return outcome.reports.empty() ? outcome.error : outcome.reports.front();
}

TEST(TensorCopy, RefusesMapsThatTheGPUWould) {
  auto errorWith = [](auto change) {
    Box box;
    change(box);
    return errorOf(box);
  };
  EXPECT_THAT(errorWith([](Box &box) { box.rank = 3; }),
              HasSubstr("expected a tensor map of 2 dimensions, got 3"));
  EXPECT_THAT(errorWith([](Box &box) { box.type = 9; }), HasSubstr("is not covered"));
  EXPECT_THAT(errorWith([](Box &box) { box.swizzle = 4; }), HasSubstr("is not covered"));
  EXPECT_THAT(errorWith([](Box &box) { box.box = {6, 4}; }),
              HasSubstr("expected rows of the box of a multiple of 16 bytes, got 24"));
  EXPECT_THAT(errorWith([](Box &box) { box.swizzle = 2; }),
              HasSubstr("expected rows of the box of 64 bytes for its swizzling, got 32"));
  EXPECT_THAT(errorWith([](Box &box) { box.box = {8, 257}; }),
              HasSubstr("expected 1 to 256 elements of a box, got 257"));
  EXPECT_THAT(errorWith([](Box &box) { box.sizes = {39, 6}; }),
              HasSubstr("strides of the tensor that are multiples of 16 bytes, got 156"));
  EXPECT_THAT(errorWith([](Box &box) {
                box.further =
                    "@%p1 tensormap.replace.tile.element_stride.global.b1024.b32 [%rd2], 0, "
                    "2;\n@%p1 cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::"
                    "complete_tx::bytes [%r2], [%rd2, {0, 0}], [%r0];\n";
              }),
              HasSubstr("strides of elements other than 1 are not covered"));
  EXPECT_THAT(errorWith([](Box &box) {
                box.further =
                    "add.u64 %rd6, %rd1, 4;\n@%p1 tensormap.replace.tile.global_address."
                    "global.b1024.b64 [%rd2], %rd6;\n@%p1 cp.async.bulk.tensor.2d.shared::"
                    "cluster.global.mbarrier::complete_tx::bytes [%r2], [%rd2, {0, 0}], "
                    "[%r0];\n";
              }),
              HasSubstr("expected a tensor at a multiple of 16 bytes"));
  EXPECT_THAT(errorWith([](Box &box) {
                box.further = "@%p1 cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::"
                              "complete_tx::bytes [%r2+64], [%rd2, {0, 0}], [%r0];\n";
              }),
              HasSubstr("expected a multiple of 128 bytes in shared memory"));
  EXPECT_THAT(errorWith([](Box &box) {
                box.further = "@%p1 cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::"
                              "complete_tx::bytes [%r2], [%rd1, {0, 0}], [%r0];\n";
              }),
              HasSubstr("expected a tensor map made by tensormap.replace"));
}

/// Along the first dimension only.
TEST(TensorCopy, BeginsAtMultiplesOfSixteenBytes) {
  for (int64_t column : {1, 2, 3, 9, 39, -1, -2, -7}) {
    Box box;
    box.at = {column, 1};
    EXPECT_THAT(errorOf(box), HasSubstr("illegal instruction: expected a box that begins at a "
                                        "multiple of 16 bytes along the first dimension, got " +
                                        text(column * 4)));
  }
  Box box;
  box.type = 10;
  box.elementBytes = 2;
  box.at = {4, 1};
  announceAll(box);
  EXPECT_THAT(errorOf(box), HasSubstr("along the first dimension, got 8"));
}

TEST(TensorCopy, MapsAreMadeOutOfZeros) {
  Box box;
  box.zeros = "mov.u32 %r9, 0;";
  Outcome outcome = run(box, counting());
  ASSERT_FALSE(outcome.reports.empty());
  EXPECT_THAT(outcome.reports.front(), HasSubstr("were never written"));
}

/// Bytes one after the other.
TEST(BulkCopy, MovesBytes) {
  Box box;
  box.announce = "mbarrier.arrive.expect_tx.shared.b64 _, [%r0], " + text(128 + 64) + ";";
  box.further = "@%p1 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r2+128], "
                "[%rd1+16], 64, [%r0];\n";
  std::vector<uint32_t> expected;
  for (unsigned row = 1; row < 5; ++row)
    for (unsigned i = 8; i < 16; ++i)
      expected.push_back(row * 40 + i);
  for (unsigned i = 0; i < 16; ++i)
    expected.push_back(4 + i);
  expectWords(box, expected);
}

TEST(BulkCopy, MovesMultiplesOfSixteenBytes) {
  for (const char *bytes : {"8", "0"}) {
    Box box;
    box.further = std::string("@%p1 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::"
                              "bytes [%r2], [%rd1], ") +
                  bytes + ", [%r0];\n";
    EXPECT_THAT(errorOf(box), HasSubstr("expected a multiple of 16 bytes, got "));
  }
  Box box;
  box.further = "@%p1 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r2+8], "
                "[%rd1], 16, [%r0];\n";
  EXPECT_THAT(errorOf(box), HasSubstr("expected a multiple of 16 bytes in shared memory"));
  box.further = "@%p1 cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r2], "
                "[%rd1+8], 16, [%r0];\n";
  EXPECT_THAT(errorOf(box), HasSubstr("misaligned"));
}

static std::string decode(const std::string &instruction, const char *target = "sm_90a") {
  Device device;
  return device.run(std::string(".version 8.0\n.target ") + target +
                        "\n.address_size 64\n.entry k() {\n.reg .pred %p<2>; .reg .b32 %r<8>; "
                        ".reg .b64 %rd<8>;\nbra end; " +
                        instruction + ";\nend: ret; }",
                    std::vector<uint64_t>{});
}

TEST(BulkCopy, IsDecodedInItsForms) {
  for (const char *instruction :
       {"cp.async.bulk.tensor.1d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%r1], "
        "[%rd1, {%r2}], [%r3+8]",
        "cp.async.bulk.tensor.5d.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_"
        "hint "
        "[%r1], [%rd1, {%r2, 0, -1, %r2, 4}], [%r3], %rd2",
        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%rd1], [%rd2], %r1, "
        "[%rd3]",
        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%r1], "
        "[%rd2], 64, [%r2], %rd3",
        "fence.proxy.tensormap::generic.acquire.gpu [%rd1], 128",
        "fence.proxy.tensormap::generic.release.cta",
        "tensormap.replace.tile.rank.shared::cta.b1024.b32 [%r1], 2",
        "tensormap.replace.tile.global_stride.b1024.b64 [%rd1], 3, %rd2"})
    EXPECT_EQ(decode(instruction), "") << instruction;
}

TEST(BulkCopy, RefusesOtherForms) {
  EXPECT_THAT(decode("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r1], "
                     "[%rd2], 16, [%r2]",
                     "sm_89"),
              HasSubstr("expected a module for sm_90 or later"));
  EXPECT_THAT(decode("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r1], "
                     "[%r2], 16, [%r2]"),
              HasSubstr("expected a global address of 64 bits"));
  EXPECT_THAT(decode("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes "
                     "[%r1], [%rd1, {%r2}], [%r3]"),
              HasSubstr("expected 2 coordinates"));
  EXPECT_THAT(decode("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes "
                     "[%r1], [%rd1], [%r3]"),
              HasSubstr("expected a tensor map and coordinates"));
  EXPECT_THAT(decode("cp.async.bulk.tensor.1d.shared::cluster.global.mbarrier::complete_tx::bytes "
                     "[%r1], [%r1, {%r2}], [%r3]"),
              HasSubstr("expected the address of a tensor map in 64 bits"));
  EXPECT_THAT(decode("tensormap.replace.tile.rank.b1024.b32 [%rd1], 2", "sm_90"),
              HasSubstr("expected a module for sm_90a"));
  EXPECT_THAT(decode("tensormap.replace.tile.rank.b1024.b64 [%rd1], %rd2"),
              HasSubstr("expected .b32"));
  EXPECT_THAT(decode("tensormap.replace.tile.global_stride.b1024.b64 [%rd1], 4, %rd2"),
              HasSubstr("expected a dimension below 4, got 4"));
}
