//===- ScheduleOverridesTest.cpp - Words given for schedules --------------===//

#include "poolc/Transforms/NN/ScheduleOverrides.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace poolc;
using testing::StartsWith;

namespace {

llvm::SmallVector<ScheduleOverride> parse(llvm::StringRef text) {
  auto parsed = parseScheduleOverrides(text);
  if (parsed)
    return *parsed;
  ADD_FAILURE() << llvm::toString(parsed.takeError());
  return {};
}

std::string parseError(llvm::StringRef text) {
  auto parsed = parseScheduleOverrides(text);
  return parsed ? "" : llvm::toString(parsed.takeError());
}

TEST(ScheduleOverrides, ParsesWordsForAllAndForOne) {
  auto parsed = parse(" num_warps=4 ; 12 : block_w=8,order=w.h.p");
  ASSERT_EQ(parsed.size(), 2u);
  EXPECT_EQ(parsed[0].index, std::nullopt);
  EXPECT_EQ(parsed[0].words.str(), "num_warps=4");
  EXPECT_EQ(parsed[1].index, 12);
  EXPECT_EQ(parsed[1].words.str(), "block_w=8,order=w.h.p");
}

TEST(ScheduleOverrides, TakesNothing) {
  EXPECT_TRUE(parse("").empty());
  EXPECT_TRUE(parse(" ").empty());
}

TEST(ScheduleOverrides, NamesWhatIsWrong) {
  EXPECT_EQ(parseError("x:num_warps=4"), "expected the index of an op before ':', got 'x'");
  EXPECT_EQ(parseError(":num_warps=4"), "expected the index of an op before ':', got ''");
  EXPECT_EQ(parseError("-1:num_warps=4"), "expected the index of an op before ':', got '-1'");
  EXPECT_EQ(parseError("99999999999999999999:num_warps=4"),
            "expected the index of an op before ':', got '99999999999999999999'");
  EXPECT_EQ(parseError("2:"), "expected words of a schedule, got none");
  EXPECT_EQ(parseError("num_warps=4;"), "expected words of a schedule, got none");
  EXPECT_THAT(parseError("num_warps=4;warps=2"), StartsWith("unknown schedule word 'warps'"));
}

TEST(ScheduleOverrides, OneWinsOverAllAndLaterOverEarlier) {
  auto given =
      parse("1:num_warps=8,vector=2;num_warps=2,block_w=16;num_warps=4;1:vector=4;3:vector=1");
  EXPECT_EQ(combineOverrides(given, 1).str(), "block_w=16,num_warps=8,vector=4");
  EXPECT_EQ(combineOverrides(given, 0).str(), "block_w=16,num_warps=4");
  EXPECT_EQ(combineOverrides(given, std::nullopt).str(), "block_w=16,num_warps=4");
}

} // namespace
