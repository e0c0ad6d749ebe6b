//===- PTXVersionTest.cpp - Versions of PTX and the chips that take them --===//

#include "poolc/CodeGen/PTX.h"
#include "poolc/Target/GPU.h"

#include "gtest/gtest.h"

using namespace poolc;

static std::string check(const GPU &gpu, std::optional<PTXVersion> version) {
  PTXOptions options;
  options.chip = gpu.chip.str();
  options.minVersion = gpu.minPtxVersion;
  options.version = version;
  return llvm::toString(checkPTXVersion(options));
}

TEST(PTXVersionTest, FormatsMajorAndMinor) {
  EXPECT_EQ(formatPTXVersion(78), "7.8");
  EXPECT_EQ(formatPTXVersion(80), "8.0");
}

TEST(PTXVersionTest, TakesWhatTheBackendKnowsFromTheLeastOn) {
  for (const GPU &gpu : allGPUs()) {
    EXPECT_EQ(check(gpu, std::nullopt), "") << gpu.name.str();
    EXPECT_EQ(check(gpu, gpu.minPtxVersion), "") << gpu.name.str();
    EXPECT_EQ(check(gpu, 80), "") << gpu.name.str();
    EXPECT_NE(check(gpu, gpu.minPtxVersion - 1), "") << gpu.name.str();
    EXPECT_NE(check(gpu, 79), "") << gpu.name.str();
    EXPECT_NE(check(gpu, 0), "") << gpu.name.str();
    EXPECT_NE(check(gpu, 100000), "") << gpu.name.str();
  }
}
