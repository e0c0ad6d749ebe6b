//===- BulkStoreTest.cpp - Copies from shared memory that no thread makes -===//

#include "TestDevice.h"

#include "gmock/gmock.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// 64 threads write their numbers to shared memory, and thread 0 has them copied to y, 64 words of
/// a tensor of two dimensions or as bytes. The parts are instructions in their order; %p1 is thread
/// 0, %r2 the tile, %r3 the thread's word of it, %rd1 y, %rd2 a place for a map.
struct Store {
  std::string write = "st.shared.b32 [%r3], %r1;", fence = "fence.proxy.async.shared::cta;",
              barrier = "bar.sync 0;",
              copy = "@%p1 cp.async.bulk.global.shared::cta.bulk_group [%rd1], [%r2], 256;",
              commit = "@%p1 cp.async.bulk.commit_group;",
              wait = "@%p1 cp.async.bulk.wait_group.read 0;", after = "";

  std::string ptx() const {
    std::string text = ".version 8.0\n.target sm_90a\n.address_size 64\n"
                       ".visible .entry k(.param .u64 y, .param .u64 map) {\n"
                       ".shared .align 1024 .b8 tile[256]; .shared .align 128 .b8 draft[128];\n"
                       ".reg .pred %p<4>; .reg .b32 %r<16>; .reg .b64 %rd<8>;\n"
                       "ld.param.u64 %rd1, [y]; ld.param.u64 %rd2, [map]; mov.u32 %r1, %tid.x;\n"
                       "mov.u32 %r2, tile; mad.lo.u32 %r3, %r1, 4, %r2; setp.eq.u32 %p1, %r1, 0;\n"
                       "mov.u32 %r4, draft; mov.u32 %r5, 0; setp.lt.u32 %p2, %r1, 32;\n"
                       "mad.lo.u32 %r6, %r1, 4, %r4; @%p2 st.shared.b32 [%r6], %r5; bar.sync 0;\n";
    for (const std::string &part : {write, fence, barrier, copy, commit, wait, after})
      text += part + "\n";
    return text + "ret; }";
  }
};

struct Outcome {
  /// The error, or the first thing found.
  std::string fault;
  std::vector<uint32_t> words;
};

constexpr uint32_t untouched = 7;

Outcome run(const Store &store, unsigned words = 64) {
  Device device;
  uint64_t y = device.upload(std::vector<uint32_t>(words, untouched));
  uint64_t map = device.upload(std::vector<uint32_t>(32, 0));
  LaunchOptions launch;
  launch.block[0] = 64;
  launch.sanitizers = Sanitizers::all();
  for (uint64_t argument : {y, map})
    launch.arguments.push_back(bytesOf(argument));
  Outcome outcome;
  outcome.fault = device.run(store.ptx(), launch);
  if (!device.last.reports.empty())
    outcome.fault = device.last.reports.front().text;
  outcome.words = device.download<uint32_t>(y, words);
  return outcome;
}

std::vector<uint32_t> counting() {
  std::vector<uint32_t> words(64);
  for (unsigned i = 0; i < 64; ++i)
    words[i] = i;
  return words;
}

/// A tensor of 12 x 6 words and a box of 8 x 8 in spans of 32 bytes, with the map made in shared
/// memory and published from there.
std::string copyBox(int column, int row) {
  std::string text;
  auto replace = [&](const char *field, const char *operands, const char *bits = "b32") {
    text += std::string("@%p1 tensormap.replace.tile.") + field + ".shared::cta.b1024." + bits +
            " [%r4], " + operands + ";\n";
  };
  replace("global_address", "%rd1", "b64");
  replace("rank", "1");
  replace("box_dim", "0, 8");
  replace("box_dim", "1, 8");
  replace("global_dim", "0, 12");
  replace("global_dim", "1, 6");
  replace("global_stride", "0, 48", "b64");
  replace("element_stride", "0, 1");
  replace("element_stride", "1, 1");
  replace("elemtype", "7");
  replace("interleave_layout", "0");
  replace("swizzle_mode", "1");
  replace("fill_mode", "0");
  return text +
         "bar.sync 0;\n@%p2 tensormap.cp_fenceproxy.global.shared::cta.tensormap::generic.release."
         "gpu.sync.aligned [%rd2], [%r4], 128;\n"
         "@%p1 fence.proxy.tensormap::generic.acquire.gpu [%rd2], 128;\n"
         "@%p1 cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%rd2, {" +
         std::to_string(column) + ", " + std::to_string(row) + "}], [%r2];";
}

} // namespace

TEST(BulkStore, MovesBytes) {
  for (const char *read : {".read", ""}) {
    Store store;
    store.wait = std::string("@%p1 cp.async.bulk.wait_group") + read + " 0;";
    Outcome outcome = run(store);
    EXPECT_EQ(outcome.fault, "");
    EXPECT_EQ(outcome.words, counting());
  }
}

/// What is outside of the tensor is not written, and in shared memory spans are swizzled.
TEST(BulkStore, WritesWhatABoxHasOfTheTensor) {
  for (auto [column, row] : {std::pair(4, 1), std::pair(8, -3), std::pair(-4, 4)}) {
    Store store;
    store.copy = copyBox(column, row);
    std::vector<uint32_t> expected(72, untouched);
    for (int i = 0; i < 8; ++i)
      for (int j = 0; j < 8; ++j) {
        int x = column + j, y = row + i;
        unsigned chunk = unsigned(i * 2 + j / 4), swizzled = chunk ^ (chunk / 8 & 1);
        if (x >= 0 && x < 12 && y >= 0 && y < 6)
          expected[y * 12 + x] = swizzled * 4 + j % 4;
      }
    Outcome outcome = run(store, 72);
    EXPECT_EQ(outcome.fault, "");
    EXPECT_EQ(outcome.words, expected) << column << " " << row;
  }
}

TEST(BulkStore, BeginsAtMultiplesOfSixteenBytes) {
  Store store;
  store.copy = copyBox(-3, 1);
  EXPECT_THAT(run(store).fault,
              HasSubstr("illegal instruction: expected a box that begins at a multiple of 16 bytes "
                        "along the first dimension, got -12"));
}

TEST(BulkStore, HasToBeWaitedFor) {
  Store store;
  store.wait = "";
  EXPECT_THAT(run(store).fault, HasSubstr("thread (0, 0, 0): exits while its copy may still read "
                                          "shared memory: expected cp.async.bulk.wait_group"));
  store.wait = "@%p1 cp.async.bulk.wait_group.read 1;";
  EXPECT_THAT(run(store).fault, HasSubstr("exits while its copy may still read"));
  store = {};
  store.commit = "";
  EXPECT_THAT(run(store).fault, HasSubstr("exits while its copy may still read"));
}

TEST(BulkStore, MemoryStaysInUse) {
  Store store;
  store.commit += " bar.sync 0; st.shared.b32 [%r3], %r2;";
  EXPECT_THAT(run(store).fault,
              HasSubstr("while thread (0, 0, 0) is still copying from them: its bulk copy has not "
                        "been waited for"));
  // The others do not know that it was waited for.
  store = {};
  store.after = "st.shared.b32 [%r3], %r2;";
  EXPECT_THAT(run(store).fault, HasSubstr("which thread (0, 0, 0) reads with no barrier between"));
  store.after = "bar.sync 0; st.shared.b32 [%r3], %r2;";
  EXPECT_EQ(run(store).fault, "");
  // To read it is no fault at any time.
  store = {};
  store.commit += " bar.sync 0; ld.shared.b32 %r7, [%r3];";
  EXPECT_EQ(run(store).fault, "");
}

TEST(BulkStore, NeedsABarrierAndAFence) {
  Store store;
  store.barrier = "";
  EXPECT_THAT(run(store).fault, HasSubstr("writes with no barrier between"));
  store = {};
  store.fence = "";
  EXPECT_THAT(run(store).fault,
              HasSubstr("copies 16 bytes at 0x400, byte 0 of shared variable 'tile', which thread "
                        "(0, 0, 0) writes, with no fence.proxy.async between"));
  // In front of the writes it is of no use.
  std::swap(store.write, store.fence);
  store.write = "fence.proxy.async;";
  EXPECT_THAT(run(store).fault, HasSubstr("with no fence.proxy.async between"));
  // The thread that asks may be the one that fences.
  store = {};
  store.fence = "";
  store.barrier = "bar.sync 0; @%p1 fence.proxy.async;";
  EXPECT_EQ(run(store).fault, "");
}

TEST(BulkStore, ChecksBothMemories) {
  Store store;
  store.write = "";
  EXPECT_THAT(run(store).fault, HasSubstr("were never written"));
  auto faultOf = [](const char *copy) {
    Store store;
    store.copy = std::string("@%p1 cp.async.bulk.global.shared::cta.bulk_group ") + copy + ";";
    return run(store).fault;
  };
  EXPECT_THAT(faultOf("[%rd1], [%r2+4096], 256"), HasSubstr("out-of-bounds shared load"));
  EXPECT_THAT(faultOf("[%rd1+16], [%r2], 256"), HasSubstr("out-of-bounds global store"));
  EXPECT_THAT(faultOf("[%rd1+8], [%r2], 16"), HasSubstr("misaligned global store"));
  EXPECT_THAT(faultOf("[%rd1], [%r2+8], 16"), HasSubstr("expected a multiple of 16 bytes"));
  EXPECT_THAT(faultOf("[%rd1], [%r2], 24"), HasSubstr("expected a multiple of 16 bytes, got 24"));
}

TEST(BulkStore, IsDecodedInItsForms) {
  auto decode = [](const std::string &instruction) {
    Device device;
    return device.run(".version 8.0\n.target sm_90a\n.address_size 64\n.entry k() {\n"
                      ".reg .b32 %r<8>; .reg .b64 %rd<8>;\nbra end; " +
                          instruction + ";\nend: ret; }",
                      std::vector<uint64_t>{});
  };
  for (const char *instruction :
       {"cp.async.bulk.tensor.1d.global.shared::cta.tile.bulk_group [%rd1, {%r2}], [%r3+8]",
        "cp.async.bulk.tensor.3d.global.shared::cta.bulk_group.L2::cache_hint "
        "[%rd1, {%r2, 0, -1}], [%rd3], %rd2",
        "cp.async.bulk.global.shared::cta.bulk_group.L2::cache_hint [%rd1], [%r2], %r1, %rd2",
        "prefetch.tensormap [%rd1]", "cp.async.bulk.prefetch.L2.global [%rd1], 256",
        "cp.async.bulk.prefetch.tensor.2d.L2.global.tile [%rd1, {%r1, %r2}]"})
    EXPECT_EQ(decode(instruction), "") << instruction;
  EXPECT_THAT(decode("cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%rd1, {%r2}], [%r3]"),
              HasSubstr("expected 2 coordinates"));
  EXPECT_THAT(decode("tensormap.cp_fenceproxy.global.shared::cta.tensormap::generic.release.gpu."
                     "sync.aligned [%rd1], [%r1], 64"),
              HasSubstr("expected 128 bytes of a tensor map, got 64"));
}
