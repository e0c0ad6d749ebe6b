//===- ConfigurationTest.cpp - Drawn runs ---------------------------------===//

#include "Configuration.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <map>

using namespace poolc;
using namespace poolc::sweep;

static Configuration drawAny(uint64_t seed) { return *drawConfiguration(seed, Choices()); }

TEST(Configuration, sameSeedSameConfiguration) {
  Configuration first = drawAny(42);
  Configuration second = drawAny(42);
  EXPECT_EQ(first.module, second.module);
  EXPECT_EQ(first.runOptions(), second.runOptions());
  EXPECT_NE(first.module, drawAny(43).module);
}

TEST(Configuration, oneInputPerArgument) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Configuration c = drawAny(seed);
    llvm::StringRef signature = llvm::StringRef(c.module).split("->").first;
    EXPECT_EQ(signature.count("%arg"), c.inputs.size());
    EXPECT_TRUE(signature.starts_with("func.func @main(%arg0: tensor<"));
  }
}

TEST(Configuration, onlyTheOpAskedFor) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_THAT(drawConfiguration(seed, {OpChoice::avgPool2d})->module,
                testing::Not(testing::HasSubstr("nn.conv1d")));
    EXPECT_THAT(drawConfiguration(seed, {OpChoice::conv1d})->module,
                testing::Not(testing::HasSubstr("nn.avg_pool2d")));
  }
}

TEST(Configuration, onlyTheAlgorithmAskedForOnOneGPU) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Configuration c =
        *drawConfiguration(seed, {OpChoice::conv1d, lookupGPU("h200"), "gemm_chunked"});
    EXPECT_THAT(c.schedule, testing::HasSubstr("algorithm=gemm_chunked,"));
    EXPECT_EQ(c.target, lookupGPU("h200"));
  }
  EXPECT_FALSE(drawConfiguration(0, {OpChoice::conv1d, lookupGPU("rtx4090"), "gemm_chunked"}));
}

TEST(Configuration, optionsGiveTheSameRun) {
  Configuration c;
  c.target = lookupGPU("a100");
  EXPECT_THAT(c.compileOptions(), testing::ElementsAre("--target=a100"));
  c.schedule = "1:block_w=8";
  c.inputs = {"integers:1", "integers:2"};
  c.dims = {"N=4"};
  c.runSeed = 5;
  EXPECT_THAT(c.compileOptions(), testing::ElementsAre("--target=a100", "--schedule=1:block_w=8"));
  EXPECT_THAT(c.runOptions(),
              testing::ElementsAre("--device=virtual:a100", "--input=integers:1",
                                   "--input=integers:2", "--dim=N=4", "--seed=5", "--check"));
  EXPECT_EQ(c.runOptions("cuda:1").front(), "--device=cuda:1");
}

TEST(Configuration, dynamicSizesAreSaid) {
  int found = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Configuration c = drawAny(seed);
    llvm::StringRef signature = llvm::StringRef(c.module).split("->").first;
    size_t shaped = llvm::count_if(
        c.inputs, [](const std::string &input) { return llvm::isDigit(input.front()); });
    llvm::SmallVector<llvm::StringRef> arguments;
    signature.split(arguments, "%arg");
    size_t dynamic =
        llvm::count_if(arguments, [](llvm::StringRef argument) { return argument.contains('?'); });
    if (c.dims.empty())
      EXPECT_EQ(shaped, dynamic) << c.module;
    else
      EXPECT_EQ(shaped, 0u) << c.module;
    found += dynamic != 0;
  }
  EXPECT_GT(found, 30);
}

TEST(Configuration, severalSchedulesNameTheirOps) {
  bool found = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Configuration c = drawAny(seed);
    llvm::SmallVector<llvm::StringRef> schedules;
    llvm::StringRef(c.schedule).split(schedules, ';');
    if (schedules.size() < 2)
      continue;
    found = true;
    for (llvm::StringRef schedule : schedules)
      EXPECT_TRUE(llvm::isDigit(schedule.front())) << c.schedule;
  }
  EXPECT_TRUE(found);
}

TEST(Configuration, everythingIsCovered) {
  std::map<std::pair<std::string, std::string>, int> counts;
  for (uint64_t seed = 0; seed < 1000; ++seed)
    for (const auto &what : drawAny(seed).coverage)
      ++counts[what];
  auto count = [&](const char *kind, const char *value) { return counts[{kind, value}]; };
  EXPECT_NEAR(count("inputs", "integers"), 500, 60);
  // Half are to be forced; no legal schedule is found for a few of them.
  EXPECT_NEAR(count("schedule", "forced"), 450, 60);
  EXPECT_NEAR(count("sizes", "dynamic"), 300, 60);
  EXPECT_GE(count("sizes by", "name"), 20);
  EXPECT_NEAR(count("addresses", "of any elements"), 250, 60);
  EXPECT_GE(count("expected sizes", "others"), 100);
  // Of the drawn schedules, as of those decided, each algorithm has its share.
  for (const char *value :
       {"direct", "columns", "slab", "planes", "window", "gemm_slab", "gemm_tap", "gemm_rows",
        "gemm_flat", "gemm_packed", "gemm_wgmma", "elementwise"})
    EXPECT_GE(count("forced algorithm", value), 5) << value;
  for (const char *value : {"fma", "mma"})
    EXPECT_GE(count("forced products", value), 5) << value;
  for (const char *value :
       {"unbatched", "padding", "padding beyond the input", "stride", "dynamic N", "dynamic C",
        "dynamic axes", "dilation", "dilation beyond the input", "groups", "depthwise", "bias",
        "empty batch", "one output", "in a function of several"})
    EXPECT_GE(count("convolution", value), 5) << value;
  for (const char *value :
       {"unbatched", "padding", "ceil_mode", "count_include_pad = false", "dynamic N", "dynamic C",
        "dynamic axes", "whole planes", "divisor_override", "overlapping windows",
        "several divisors", "empty batch", "one output", "in a function of several"})
    EXPECT_GE(count("pooling", value), 5) << value;
  for (const char *value : {"random", "normal", "edges"})
    EXPECT_GE(count("inputs", value), 100) << value;
  for (const char *value : {"1", "2", "3"})
    EXPECT_GE(count("results", value), 10) << value;
  for (const GPU &gpu : allGPUs())
    EXPECT_GE(count("target", gpu.name.data()), 10) << gpu.name.str();
}
