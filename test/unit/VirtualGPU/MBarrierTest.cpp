//===- MBarrierTest.cpp - Barriers in shared memory -----------------------===//

#include "MBarrierKernel.h"

#include "gmock/gmock.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;

/// Arrivals of so many threads make up a phase of the first object.
static std::string init(unsigned count) {
  return "@%p2 mbarrier.init.shared.b64 [%r0], " + std::to_string(count) + "; bar.sync 0;\n";
}
static const std::string arrive = "mbarrier.arrive.shared.b64 %rd2, [%r0];\n";
static const std::string await =
    "wait: mbarrier.test_wait.shared.b64 %p4, [%r0], %rd2; @!%p4 bra wait;\n";
static const std::string put = "st.shared.u32 [%r2], %r1; ";
static const std::string readOther =
    "ld.shared.u32 %r8, [%r3]; add.u32 %r8, %r8, 1; st.global.u32 [%rd1], %r8; ";

namespace {

struct Outcome {
  std::string error;
  std::vector<std::string> reports;
  std::vector<uint32_t> words;
};

struct Options {
  unsigned threads = 64;
  bool sanitizes = true;
  uint64_t seed = 0;
  uint64_t instructionLimit = 1 << 20;
  const char *target = "sm_90";
};

Outcome run(const std::string &body, const Options &options = {}) {
  Device device;
  uint64_t buffer = device.upload(std::vector<uint32_t>(256, 7), "buffer");
  LaunchOptions launch;
  launch.arguments = {bytesOf(buffer)};
  launch.block[0] = options.threads;
  launch.seed = options.seed;
  launch.instructionLimit = options.instructionLimit;
  if (options.sanitizes)
    launch.sanitizers = Sanitizers::all();
  Outcome outcome;
  outcome.error = device.run(mbarrierKernel(body, options.target), launch);
  for (const Report &report : device.last.reports)
    outcome.reports.push_back(report.text);
  outcome.words = device.download<uint32_t>(buffer, options.threads);
  return outcome;
}

/// What the other warp's threads stored, plus one.
std::vector<uint32_t> neighbours(unsigned threads) {
  std::vector<uint32_t> words;
  for (unsigned i = 0; i < threads; ++i)
    words.push_back((i ^ 32) + 1);
  return words;
}

struct Case {
  const char *name;
  std::string body;
  /// Part of the only report; empty: the words are those of neighbours().
  std::string expected = "";

  friend void PrintTo(const Case &test, std::ostream *os) { *os << test.name; }
};

} // namespace

class MBarrierCases : public testing::TestWithParam<Case> {};

TEST_P(MBarrierCases, AreAsExpected) {
  const Case &test = GetParam();
  for (uint64_t seed = 0; seed < 20; ++seed)
    for (bool sanitizes : {false, true}) {
      Options options;
      options.seed = seed;
      options.sanitizes = sanitizes;
      Outcome outcome = run(test.body, options);
      if (test.expected.empty()) {
        EXPECT_EQ(outcome.error, "") << seed;
        EXPECT_THAT(outcome.reports, IsEmpty()) << seed;
        EXPECT_EQ(outcome.words, neighbours(options.threads)) << seed;
      } else if (sanitizes) {
        EXPECT_EQ(outcome.error, "") << seed;
        EXPECT_THAT(outcome.reports, Contains(HasSubstr(test.expected))) << seed;
      }
    }
}

static auto nameOf = [](const auto &info) { return std::string(info.param.name); };

/// Copies the thread's word of the buffer (7) and what it should be.
static const std::string copy = "st.global.u32 [%rd1], %r1; cp.async.ca.shared.global [%r2], "
                                "[%rd1], 4; ";
static const std::string waitParity =
    "wait: mbarrier.test_wait.parity.shared.b64 %p4, [%r0], 0; @!%p4 bra wait;\n";

INSTANTIATE_TEST_SUITE_P(
    Right, MBarrierCases,
    testing::Values(
        Case{"state", init(64) + put + arrive + await + readOther},
        Case{"parity",
             init(64) + put + "mbarrier.arrive.shared.b64 _, [%r0];" + waitParity + readOther},
        Case{"generic",
             "cvt.u64.u32 %rd5, %r0; cvta.shared.u64 %rd5, %rd5; @%p2 mbarrier.init.b64 [%rd5], "
             "64; bar.sync 0;" +
                 put +
                 "mbarrier.arrive.b64 %rd2, [%rd5]; wait: mbarrier.test_wait.b64 %p4, [%rd5], "
                 "%rd2; @!%p4 bra wait;" +
                 readOther},
        Case{"electedLane",
             init(2) + put + "bar.warp.sync 0xffffffff; @%p3 mbarrier.arrive.shared.b64 _, [%r0];" +
                 waitParity + readOther},
        Case{"electedLaneTestsForItsWarp",
             init(2) + put +
                 "bar.warp.sync 0xffffffff; @%p3 mbarrier.arrive.shared.b64 _, [%r0]; @!%p3 bra "
                 "met;" +
                 waitParity + "met: bar.warp.sync 0xffffffff;" + readOther},
        Case{"counts",
             init(128) + put + "mbarrier.arrive.shared.b64 %rd2, [%r0], 2;" + await + readOther},
        Case{"noComplete",
             init(65) + put +
                 "mbarrier.arrive.noComplete.shared.b64 %rd2, [%r0], 1; bar.sync 0; @%p2 "
                 "mbarrier.arrive.shared.b64 _, [%r0];" +
                 await + readOther},
        Case{"drops",
             init(65) + "@%p2 mbarrier.arrive_drop.shared.b64 _, [%r0];" + arrive + await +
                 // Only 64 are expected now.
                 put +
                 "mbarrier.arrive.shared.b64 %rd2, [%r0]; again: mbarrier.test_wait.shared.b64 "
                 "%p4, [%r0], %rd2; @!%p4 bra again;" +
                 readOther},
        Case{"tryWait",
             init(64) + put + arrive +
                 "wait: mbarrier.try_wait.acquire.cta.shared::cta.b64 %p4, [%r0], %rd2, 1000; "
                 "@!%p4 bra wait;" +
                 readOther},
        Case{"tryWaitParityInBraces",
             init(64) + put + arrive +
                 "{ .reg .pred P1; LAB_WAIT: mbarrier.try_wait.parity.shared.b64 P1, [%r0], 0, "
                 "10000; @P1 bra.uni DONE; bra.uni LAB_WAIT; DONE: }" +
                 readOther},
        Case{"transactions",
             "@%p2 mbarrier.init.shared.b64 [%r0], 1; bar.sync 0; @%p2 "
             "mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 _, [%r0], 1024;" +
                 put +
                 "fence.acq_rel.cta; mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%r0], 16; " +
                 waitParity + "bar.sync 0;" + readOther},
        Case{"manyPhases",
             init(64) + "mov.u32 %r9, 0;\nloop:" + put +
                 "mbarrier.arrive.shared.b64 %rd2, [%r0];\n" + await +
                 "ld.shared.u32 %r10, [%r3];\n"
                 "mbarrier.arrive.shared.b64 %rd2, [%r0];\n"
                 "end: mbarrier.test_wait.shared.b64 %p4, [%r0], %rd2; @!%p4 bra end;\n"
                 "add.u32 %r9, %r9, 1; setp.lt.u32 %p5, %r9, 9; @%p5 bra loop;" +
                 readOther},
        Case{"doesOtherThingsMeanwhile",
             init(64) + put + arrive +
                 "mov.u32 %r9, 0;\nwait: mbarrier.test_wait.shared.b64 %p4, [%r0], %rd2; @%p4 bra "
                 "done; add.u32 %r9, %r9, 1; bra wait; done: " +
                 readOther},
        Case{"copiesWaitedFor",
             init(64) + copy + "cp.async.wait_all;" + arrive + await + readOther},
        Case{"copiesTracked", init(64) + copy + "cp.async.mbarrier.arrive.noinc.shared.b64 [%r0];" +
                                  waitParity + readOther},
        Case{"copiesTrackedAndCounted", init(64) + copy +
                                            "cp.async.mbarrier.arrive.shared.b64 [%r0];" + arrive +
                                            await + readOther},
        Case{"copiesTrackedAndWaitedFor",
             init(64) + copy +
                 "cp.async.mbarrier.arrive.noinc.shared.b64 [%r0]; cp.async.wait_all; "
                 "ld.shared.u32 %r9, [%r2];" +
                 waitParity + readOther},
        Case{"initialisedAgain",
             init(64) + put + arrive + await +
                 "bar.sync 0; @%p2 mbarrier.inval.shared.b64 [%r0]; @%p2 mbarrier.init.shared.b64 "
                 "[%r0], 64; bar.sync 0; mbarrier.arrive.shared.b64 %rd2, [%r0]; again: "
                 "mbarrier.test_wait.shared.b64 %p4, [%r0], %rd2; @!%p4 bra again;" +
                 readOther}),
    nameOf);

INSTANTIATE_TEST_SUITE_P(
    Races, MBarrierCases,
    testing::Values(
        Case{"noArrival", init(2) + put + "@%p3 mbarrier.arrive.shared.b64 _, [%r0];" + readOther,
             "error: race:"},
        Case{"arrivesTooEarly", init(64) + arrive + put + await + readOther, "error: race:"},
        Case{"readsTooEarly", init(64) + put + arrive + readOther + await, "error: race:"},
        Case{"writesTooEarly",
             init(64) + put + arrive + await + readOther + "mbarrier.arrive.shared.b64 _, [%r0];" +
                 put,
             "writes 4 bytes"},
        Case{"electedLaneWithoutWarpBarrier",
             init(2) + put + "@%p3 mbarrier.arrive.shared.b64 _, [%r0];" + waitParity + readOther,
             "error: race:"},
        Case{"waitsForAnotherObject",
             "@%p2 mbarrier.init.shared.b64 [%r0+8], 1; @%p2 mbarrier.arrive.shared.b64 _, "
             "[%r0+8];" +
                 init(64) + put + arrive + "mbarrier.test_wait.parity.shared.b64 %p4, [%r0+8], 0;" +
                 readOther,
             "error: race:"},
        Case{"oneTestIsNoWait",
             init(65) + put + arrive +
                 "mbarrier.test_wait.shared.b64 %p4, [%r0], %rd2; bar.warp.sync 0xffffffff;" +
                 readOther,
             "error: race:"},
        Case{"relaxedArrival",
             init(64) + put + "mbarrier.arrive.relaxed.cta.shared.b64 %rd2, [%r0];" + await +
                 readOther,
             "error: race:"},
        Case{"relaxedWait",
             init(64) + put + arrive +
                 "wait: mbarrier.test_wait.relaxed.cta.shared.b64 %p4, [%r0], %rd2; @!%p4 bra "
                 "wait;" +
                 readOther,
             "error: race:"},
        Case{"copiesNotWaitedFor", init(64) + copy + arrive + await + readOther,
             "is still copying to them"},
        Case{"copiesTrackedButNotWaitedFor",
             init(64) + copy + "cp.async.mbarrier.arrive.noinc.shared.b64 [%r0]; bar.sync 0;" +
                 readOther,
             "is still copying to them"},
        Case{"copiesAfterThoseTracked",
             init(64) + "cp.async.mbarrier.arrive.noinc.shared.b64 [%r0];" + copy + waitParity +
                 readOther,
             "is still copying to them"},
        Case{"storesBesideTrackedCopies",
             init(64) + put + "cp.async.mbarrier.arrive.noinc.shared.b64 [%r0];" + waitParity +
                 readOther,
             "error: race:"},
        Case{"ownTrackedCopies",
             init(64) + copy +
                 "cp.async.mbarrier.arrive.noinc.shared.b64 [%r0]; ld.shared.u32 %r8, [%r2];" +
                 waitParity,
             "error: race:"},
        Case{"initialisedMeanwhile",
             "@%p2 mbarrier.init.shared.b64 [%r0], 64; @%p2 st.volatile.shared.u32 [%r4], 1; @%p1 "
             "bra end; spin: ld.volatile.shared.u32 %r9, [%r4]; setp.ne.u32 %p5, %r9, 1; @%p5 bra "
             "spin;" +
                 arrive + "end: ",
             "error: race:"}),
    nameOf);

INSTANTIATE_TEST_SUITE_P(
    Mistakes, MBarrierCases,
    testing::Values(
        Case{"notInitialised", arrive,
             "uses the mbarrier object at 0x800, byte 0 of shared variable 'bar', which has not "
             "been initialised"},
        Case{"waitNotInitialised", waitParity, "which has not been initialised"},
        Case{"invalidated", init(64) + "@%p2 mbarrier.inval.shared.b64 [%r0]; bar.sync 0;" + arrive,
             "which has been invalidated"},
        Case{"invalidatedTwice",
             init(64) + "@%p2 mbarrier.inval.shared.b64 [%r0]; @%p2 mbarrier.inval.shared.b64 "
                        "[%r0];",
             "which has been invalidated"},
        Case{"overwritten", init(64) + "@%p2 st.shared.u32 [%r0+4], 5; bar.sync 0;" + arrive,
             "over which something else was written"},
        Case{"initialisedTwice", init(64) + init(64),
             "initialises the mbarrier object at 0x800, byte 0 of shared variable 'bar', again: "
             "expected mbarrier.inval before"},
        Case{"countZero", init(0), "expected a count of arrivals from 1 to 1048575, got 0"},
        Case{"countTooLarge", init(1048576), "1 to 1048575, got 1048576"},
        Case{"arrivalsZero", init(64) + "mbarrier.arrive.shared.b64 _, [%r0], 0;",
             "expected a count of arrivals from 1 to 1048575, got 0"},
        Case{"tooManyAtOnce", init(64) + "@%p2 mbarrier.arrive.shared.b64 _, [%r0], 65;",
             "arrives 65 times at the mbarrier object at 0x800, byte 0 of shared variable 'bar', "
             "where 64 of 64 arrivals are pending"},
        Case{"completesNevertheless",
             init(1) + "@%p2 mbarrier.arrive.noComplete.shared.b64 _, [%r0], 1;",
             "completes the phase of the mbarrier object at 0x800, byte 0 of shared variable "
             "'bar', which .noComplete promises not to do"},
        Case{"misaligned", "@%p2 mbarrier.init.shared.b64 [%r0+4], 64;",
             "error: memory: kernel 'k', block (0, 0, 0), thread (0, 0, 0): misaligned shared "
             "store of 8 bytes"},
        Case{"outOfBounds", "@%p2 mbarrier.init.shared.b64 [%r0+65536], 64;",
             "out-of-bounds shared store of 8 bytes"},
        Case{"inGlobalMemory", "@%p2 mbarrier.init.b64 [%rd1], 64;",
             "expected an mbarrier object in shared memory, got one elsewhere"},
        Case{"parityTwo", init(64) + "mbarrier.test_wait.parity.shared.b64 %p4, [%r0], %r1;",
             "expected a parity of 0 or 1, got "},
        Case{"oldState",
             init(1) + "@%p2 mbarrier.arrive.shared.b64 %rd2, [%r0]; @%p2 "
                       "mbarrier.arrive.shared.b64 _, [%r0]; @%p2 mbarrier.test_wait.shared.b64 "
                       "%p4, [%r0], %rd2;",
             "expected a state of the present or the previous phase of the mbarrier object at "
             "0x800, byte 0 of shared variable 'bar', got one of 2 phases before"},
        Case{"stateOfAnother",
             init(64) + "@%p2 mbarrier.init.shared.b64 [%r0+8], 1; @%p2 "
                        "mbarrier.arrive.shared.b64 %rd2, [%r0]; @%p2 "
                        "mbarrier.test_wait.shared.b64 %p4, [%r0+8], %rd2;",
             "got one of another object"},
        Case{"transactionsTooMany",
             init(64) + "@%p2 mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%r0], 1048576;",
             "expected at most 1048575 bytes of transactions at the same time, got 1048576"},
        Case{"deadlock", init(65) + put + arrive + await + readOther,
             "error: sync: kernel 'k', block (0, 0, 0), thread (0, 0, 0): deadlock: threads 0 to "
             "63 wait in line 13 for the mbarrier object at 0x800, byte 0 of shared variable "
             "'bar', which lacks 1 of 65 arrivals in its phase"},
        Case{"deadlockBesideABarrier",
             init(64) + "@%p1 bar.sync 0, 64; @!%p1 bra there; bra end; there: " + arrive + await +
                 "end: ",
             "deadlock: threads 0 to 31 wait at barrier 0 of line 12, threads 32 to 63 wait in "
             "line 13 for the mbarrier object"},
        Case{"deadlockAfterAnExit", init(64) + "@%p2 exit;" + arrive + await,
             "lacks 1 of 64 arrivals in its phase, thread 0 has exited"}),
    nameOf);

/// What is left undone is done where a test says that it is too early.
TEST(MBarriers, ATestInVainLetsTheThreadDoOtherThings) {
  // Each thread arrives only after it was told so often that the phase is not complete.
  const std::string body = init(64) +
                           "mov.u32 %r9, 0; wait: mbarrier.test_wait.parity.shared.b64 %p4, [%r0], "
                           "0; @%p4 bra done; add.u32 %r9, %r9, 1; setp.eq.u32 %p5, %r9, 100; "
                           "@!%p5 bra wait; mbarrier.arrive.shared.b64 _, [%r0]; bra wait; done: "
                           "st.global.u32 [%rd1], %r9;";
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Options options;
    options.seed = seed;
    Outcome outcome = run(body, options);
    EXPECT_EQ(outcome.error, "");
    EXPECT_THAT(outcome.reports, IsEmpty());
    EXPECT_THAT(outcome.words, Each(testing::Ge(100u)));
  }
}

TEST(MBarriers, AnEndlessCountIsNoDeadlockButALoop) {
  Outcome outcome = run(init(65) + arrive +
                            "wait: add.u32 %r9, %r9, 1; mbarrier.test_wait.shared.b64 %p4, [%r0], "
                            "%rd2; @!%p4 bra wait;",
                        {.sanitizes = false, .instructionLimit = 20000});
  EXPECT_THAT(outcome.error, HasSubstr("an endless loop?"));
}

TEST(MBarriers, MustNotBeInvalidatedWhileOthersWait) {
  unsigned waits = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Outcome outcome =
        run(init(2) + "@!%p1 bra end;" + waitParity +
                "end: setp.eq.u32 %p5, %r1, 63; @%p5 mbarrier.inval.shared.b64 [%r0];",
            {.sanitizes = false, .seed = seed});
    // The others may have come too late even to wait.
    bool waited = outcome.error.find("invalidates the mbarrier object at 0x800, byte 0 of shared "
                                     "variable 'bar', which others wait for") != outcome.error.npos;
    waits += waited;
    if (!waited)
      EXPECT_THAT(outcome.error, HasSubstr("which has been invalidated"));
  }
  EXPECT_GT(waits, 0u);
}

/// Many more tests would be allowed before the limit.
TEST(MBarriers, ADeadlockIsFoundAtOnce) {
  Outcome outcome = run(init(65) + arrive + await, {.sanitizes = false, .instructionLimit = 2000});
  EXPECT_THAT(outcome.error, HasSubstr("deadlock: threads 0 to 63 wait in line 13"));
}

/// What a single test says is no wait, though it may take as long.
TEST(MBarriers, OneTestMayBeTooEarly) {
  unsigned early = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Outcome outcome =
        run(init(64) + put + arrive + "mbarrier.test_wait.shared.b64 %p4, [%r0], %rd2;" + readOther,
            {.sanitizes = false, .seed = seed});
    EXPECT_EQ(outcome.error, "");
    early += outcome.words != neighbours(64);
  }
  EXPECT_GT(early, 2u);
}

TEST(MBarriers, GiveTheirStateBeforeTheArrival) {
  Outcome outcome = run(init(65) + "mbarrier.arrive.shared.b64 %rd2, [%r0]; "
                                   "mbarrier.pending_count.b64 %r9, %rd2; st.global.u32 [%rd1], "
                                   "%r9;");
  EXPECT_EQ(outcome.error, "");
  std::sort(outcome.words.begin(), outcome.words.end());
  for (unsigned i = 0; i < 64; ++i)
    EXPECT_EQ(outcome.words[i], i + 2);
}
