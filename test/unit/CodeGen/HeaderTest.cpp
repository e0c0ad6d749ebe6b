//===- HeaderTest.cpp - Parts of headers that lit tests do not reach ------===//

#include "poolc/CodeGen/Header.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace poolc;
using testing::HasSubstr;
using testing::Not;

/// One launch of one kernel with a buffer x of 6 floats.
static Plan makePlan() {
  Plan plan;
  plan.entry = "main";
  Plan::Argument x;
  x.name = "x";
  x.shape = {Expression(2), Expression(3)};
  plan.arguments.push_back(x);
  Plan::Launch launch;
  launch.kernel = "kernel";
  for (int i = 0; i < 3; ++i)
    launch.grid[i] = launch.block[i] = Expression(1);
  plan.launches.push_back(launch);
  return plan;
}

static std::string emit(const Plan &plan, llvm::StringRef name = "test") {
  llvm::Expected<std::string> text = emitHeader(plan, "PTX", name);
  return text ? *text : "error: " + llvm::toString(text.takeError());
}

static void addArgument(Plan &plan, Plan::KernelArgument argument) {
  plan.launches[0].arguments.push_back(std::move(argument));
}

TEST(HeaderTest, NamesTheClassAfterTheProgram) {
  EXPECT_THAT(emit(makePlan(), "conv-block 2"), HasSubstr("class ConvBlock2Program {"));
  EXPECT_THAT(emit(makePlan(), "2nd"), HasSubstr("class P2ndProgram {"));
  EXPECT_THAT(emit(makePlan(), "?"), HasSubstr("class PProgram {"));
}

TEST(HeaderTest, PassesEveryKindOfArgument) {
  Plan plan = makePlan();
  addArgument(plan, Plan::BufferArgument{"x", Expression(8)});
  addArgument(plan, Plan::NullArgument{});
  addArgument(plan, Plan::ScalarArgument{DataType::u16, Expression(7)});
  addArgument(plan, Plan::BytesArgument{{1, 255}, 2});
  std::string text = emit(plan);
  EXPECT_THAT(text, HasSubstr("argument0 = static_cast<const char *>(argument0) + 8;"));
  EXPECT_THAT(text, HasSubstr("const void *argument1 = nullptr;"));
  EXPECT_THAT(text, HasSubstr("std::uint16_t argument2 = 7;"));
  EXPECT_THAT(text, HasSubstr("alignas(2) unsigned char argument3[] = {1, 255};"));
}

TEST(HeaderTest, KeepsFloatingPointNumbersExactly) {
  Plan plan = makePlan();
  addArgument(plan, Plan::ScalarArgument{DataType::f64, 0.1});
  EXPECT_THAT(emit(plan), HasSubstr("static_cast<double>(1.0000000000000001E-01)"));
}

TEST(HeaderTest, ClearsTemporariesThatMustBeZero) {
  Plan plan = makePlan();
  Plan::Temporary first{"a", DataType::f32, {Expression(65)}, Plan::Init::undefined};
  Plan::Temporary second{"b", DataType::f16, {Expression(3)}, Plan::Init::zero};
  plan.temporaries = {first, second};
  std::string text = emit(plan);
  EXPECT_THAT(text, HasSubstr("*a = static_cast<char *>(workspace) + 0;"));
  EXPECT_THAT(text, HasSubstr("*b = static_cast<char *>(workspace) + 512;"));
  EXPECT_THAT(text, HasSubstr("(b), 0, 6, stream)"));
  EXPECT_THAT(text, HasSubstr("workspaceBytes = 768;"));
}

TEST(HeaderTest, LeavesOutLaunchesThatAreNeverDone) {
  Plan plan = makePlan();
  plan.launches[0].when = Expression(0);
  EXPECT_THAT(emit(plan), Not(HasSubstr("driver.launch(")));
}

TEST(HeaderTest, SplitsLongPTX) {
  llvm::Expected<std::string> text = emitHeader(makePlan(), std::string(20000, 'x'), "test");
  ASSERT_TRUE(bool(text));
  EXPECT_EQ(llvm::StringRef(*text).count("R\"poolc_ptx("), 3u);
}

TEST(HeaderTest, RefusesWhatItCannotSay) {
  Plan plan = makePlan();
  plan.launches[0].grid[0] = llvm::cantFail(Expression::parse("N * 2"));
  EXPECT_EQ(emit(plan), "error: expected constant sizes for a header, got 'N*2' for kernel");

  plan = makePlan();
  addArgument(plan, Plan::ScalarArgument{DataType::f16, 1.0});
  EXPECT_EQ(emit(plan),
            "error: expected no 16-bit floating-point argument for a header, got one of kernel");
}
