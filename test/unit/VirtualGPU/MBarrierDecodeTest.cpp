//===- MBarrierDecodeTest.cpp - The forms of mbarrier instructions --------===//

#include "MBarrierKernel.h"

#include "gmock/gmock.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;
using testing::HasSubstr;

static std::string decode(const std::string &instruction, const char *target = "sm_90",
                          const char *version = "8.0") {
  Device device;
  LaunchOptions launch;
  launch.arguments = {bytesOf(device.allocate(1024))};
  // Nothing is executed.
  return device.run(
      mbarrierKernel("@%p2 exit;\nbra end; " + instruction + "; end: ", target, version), launch);
}

/// Of those that ptxas 13.0 assembles or refuses.
TEST(MBarrierForms, AreDecodedInTheirForms) {
  for (const char *instruction : {
           "mbarrier.init.shared.b64 [%r0], 128",
           "mbarrier.init.b64 [%rd1], %r1",
           "mbarrier.init.shared::cta.b64 [bar], %r1",
           "mbarrier.inval.shared.b64 [%rd1]",
           "mbarrier.inval.b64 [%rd1]",
           "mbarrier.arrive.shared.b64 %rd2, [%r0]",
           "mbarrier.arrive.b64 %rd2, [%rd1]",
           "mbarrier.arrive.shared.b64 _, [%r0+8]",
           "mbarrier.arrive.release.cta.shared::cta.b64 _, [%r0]",
           "mbarrier.arrive.release.cta.b64 _, [%rd1]",
           "mbarrier.arrive.noComplete.shared.b64 %rd2, [%r0], %r1",
           "mbarrier.arrive.noComplete.release.cta.shared.b64 %rd2, [%r0], 1",
           "mbarrier.arrive_drop.shared.b64 %rd2, [%r0]",
           "mbarrier.arrive_drop.noComplete.shared.b64 %rd2, [%r0], %r1",
           "mbarrier.test_wait.shared.b64 %p1, [%r0], %rd2",
           "mbarrier.test_wait.acquire.cta.shared.b64 %p1, [%r0], %rd2",
           "mbarrier.test_wait.parity.shared.b64 %p1, [%r0], 0",
           "mbarrier.test_wait.parity.acquire.cta.shared::cta.b64 %p1, [%r0], %r1",
           "mbarrier.pending_count.b64 %r1, %rd2",
           "cp.async.mbarrier.arrive.shared.b64 [%r0]",
           "cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%r0]",
           "cp.async.mbarrier.arrive.noinc.b64 [%rd1]",
       })
    EXPECT_EQ(decode(instruction, "sm_80"), "") << instruction;
  for (const char *instruction : {
           "mbarrier.arrive.shared.b64 %rd2, [%r0], %r1",
           "mbarrier.arrive.release.cluster.shared::cta.b64 %rd2, [%r0], %r1",
           "mbarrier.arrive.relaxed.cta.shared::cta.b64 _, [%r0]",
           "mbarrier.arrive_drop.shared.b64 %rd2, [%r0], %r1",
           "mbarrier.arrive.expect_tx.shared.b64 %rd2, [%r0], %r1",
           "mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 %rd2, [%r0], %r1",
           "mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%r0], %r1",
           "mbarrier.complete_tx.shared.b64 [%r0], %r1",
           "mbarrier.test_wait.acquire.cluster.shared::cta.b64 %p1, [%r0], %rd2",
           "mbarrier.try_wait.shared.b64 %p1, [%r0], %rd2",
           "mbarrier.try_wait.b64 %p1, [%rd1], %rd2, %r1",
           "mbarrier.try_wait.parity.shared::cta.b64 %p1, [%r0], %r1, 100",
       }) {
    EXPECT_EQ(decode(instruction), "") << instruction;
    EXPECT_THAT(decode(instruction, "sm_89"),
                HasSubstr("expected a module for sm_90 or later, got one for sm_89"))
        << instruction;
  }
  EXPECT_THAT(decode("mbarrier.init.shared.b64 [%r0], 128", "sm_75", "7.8"),
              HasSubstr("expected a module for sm_80 or later, got one for sm_75"));
}

TEST(MBarrierForms, AreRefusedInOtherForms) {
  const std::pair<const char *, const char *> cases[] = {
      {"mbarrier.init.shared::cluster.b64 [%r0], 1", "this form of 'mbarrier' is not covered"},
      {"mbarrier.init.shared.b64 [%r0]", "expected 2 operands, got 1"},
      {"mbarrier.init.shared.b64 %r0, 1", "expected an address like [%rd1+4], got '%r0'"},
      {"mbarrier.init.shared.b64 [%r0], %rd1", "expected a register of 32 bits"},
      {"mbarrier.init.shared.b32 [%r0], 1", "this form of 'mbarrier' is not covered"},
      {"mbarrier.inval.shared.b64 [%p1]", "expected an address of 32 or 64 bits"},
      {"mbarrier.arrive.shared.b64 [%r0]", "expected 2 to 3 operands, got 1"},
      {"mbarrier.arrive.shared.b64 %r1, [%r0]", "expected a register of 64 bits"},
      {"mbarrier.arrive.release.shared.b64 %rd2, [%r0]",
       "expected a memory order and its scope, got only one of them"},
      {"mbarrier.arrive.cta.shared.b64 %rd2, [%r0]",
       "expected a memory order and its scope, got only one of them"},
      {"mbarrier.arrive.acquire.cta.shared.b64 %rd2, [%r0]",
       "this form of 'mbarrier' is not covered"},
      {"mbarrier.arrive.noComplete.shared.b64 %rd2, [%r0]", "expected 3 operands, got 2"},
      {"mbarrier.test_wait.shared.b64 _, [%r0], %rd2", "expected a predicate to write to, got '_'"},
      {"mbarrier.test_wait.shared.b64 %rd2, [%r0], %rd2", "expected a register of 1 bits"},
      {"mbarrier.test_wait.shared.b64 %p1, [%r0], %r1", "expected a register of 64 bits"},
      {"mbarrier.test_wait.parity.shared.b64 %p1, [%r0], %rd2", "expected a register of 32 bits"},
      {"mbarrier.test_wait.shared.b64 %p1, [%r0], %rd2, 5", "expected 3 operands, got 4"},
      {"mbarrier.pending_count.b64 %rd1, %rd2", "expected a register of 32 bits"},
      {"mbarrier.pending_count.shared.b64 %r1, %rd2", "this form of 'mbarrier' is not covered"},
      {"mbarrier", "this form of 'mbarrier' is not covered"},
      {"mbarrier.arrive.shared.b64 %rd2, [p]", "in another state space than the access"},
      {"cp.async.mbarrier.arrive.noinc.shared.b64 [%r0], 1", "expected 1 operands, got 2"},
      {"cp.async.mbarrier.arrive.shared.b64 %r0", "expected an address like [%rd1+4]"},
  };
  for (auto [instruction, error] : cases)
    EXPECT_THAT(decode(instruction), HasSubstr(error)) << instruction;
}
