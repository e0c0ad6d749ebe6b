//===- NativeTest.cpp - The GPU in this machine ---------------------------===//

#include "poolc/Target/Native.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace poolc;

static llvm::StringRef targetOf(llvm::StringRef model) {
  const GPU *gpu = lookupModel(model);
  return gpu ? gpu->name : "none";
}

TEST(NativeTest, KnowsWhatDriversCallTheGPUs) {
  for (const GPU &gpu : allGPUs())
    EXPECT_EQ(targetOf(gpu.fullName), gpu.name);
  EXPECT_EQ(targetOf("NVIDIA GeForce RTX 4090"), "rtx4090");
  EXPECT_EQ(targetOf("NVIDIA A100-SXM4-80GB"), "a100");
  EXPECT_EQ(targetOf("NVIDIA H100 80GB HBM3"), "h100");
  EXPECT_EQ(targetOf("NVIDIA H200"), "h200");
}

TEST(NativeTest, TellsOtherGPUsApart) {
  EXPECT_EQ(targetOf("NVIDIA GeForce RTX 4090 Laptop GPU"), "none");
  EXPECT_EQ(targetOf("NVIDIA GeForce RTX 4090 D"), "none");
  EXPECT_EQ(targetOf("NVIDIA GeForce RTX 3090 Ti"), "none");
  EXPECT_EQ(targetOf("NVIDIA GeForce RTX 4080"), "none");
  EXPECT_EQ(targetOf("NVIDIA L40"), "none");
  EXPECT_EQ(targetOf(""), "none");
}

namespace {
/// A folder like the one of the kernel module.
class NativeFolderTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("poolc-native", folder));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  void add(llvm::StringRef bus, llvm::StringRef model) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, bus);
    ASSERT_FALSE(llvm::sys::fs::create_directories(path));
    llvm::sys::path::append(path, "information");
    std::error_code code;
    llvm::raw_fd_ostream(path, code) << "Model: \t\t " << model << "\nIRQ:   \t\t 77\n";
  }

  std::string errorMessage() {
    auto gpu = detectNativeGPU(folder);
    return gpu ? "" : llvm::toString(gpu.takeError());
  }

  llvm::SmallString<128> folder;
};
} // namespace

TEST_F(NativeFolderTest, FindsTheFirst) {
  add("0000:41:00.0", "NVIDIA H200");
  add("0000:01:00.0", "NVIDIA GeForce RTX 4090");
  auto gpu = detectNativeGPU(folder);
  ASSERT_TRUE(bool(gpu));
  EXPECT_EQ((*gpu)->name, "rtx4090");
}

TEST_F(NativeFolderTest, SaysWhatIsMissing) {
  EXPECT_EQ(errorMessage(), "no NVIDIA GPU in this machine");
  add("0000:01:00.0", "NVIDIA GeForce GTX 1080");
  EXPECT_EQ(errorMessage(), "no target for the GPU of this machine, 'NVIDIA GeForce GTX 1080'");
}

TEST(NativeTest, MissingFolderMeansNoGPU) {
  auto gpu = detectNativeGPU("/nonexistent/folder");
  ASSERT_FALSE(bool(gpu));
  EXPECT_EQ(llvm::toString(gpu.takeError()), "no NVIDIA GPU in this machine");
}
