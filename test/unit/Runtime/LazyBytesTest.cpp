//===- LazyBytesTest.cpp - Buffers are read as far as needed --------------===//

#include "LazyBytes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <thread>
#include <vector>

using namespace poolc;

/// Each byte is a function of where it stands.
static uint8_t byteAt(uint64_t offset) { return static_cast<uint8_t>(offset * 7 + offset / 251); }

TEST(LazyBytes, readsOnlyTheBlocksThatAreTouched) {
  std::vector<uint64_t> offsets;
  // Far more than any machine has.
  LazyBytes bytes(uint64_t(1) << 42, [&](uint64_t offset, llvm::MutableArrayRef<uint8_t> target) {
    offsets.push_back(offset);
    for (size_t i = 0; i != target.size(); ++i)
      target[i] = byteAt(offset + i);
    return llvm::Error::success();
  });
  for (uint64_t offset : {uint64_t(0), uint64_t(65535), uint64_t(3) << 40})
    EXPECT_EQ(*bytes.at(offset), byteAt(offset));
  EXPECT_THAT(offsets, testing::ElementsAre(0, uint64_t(3) << 40));
}

TEST(LazyBytes, lastBlockEndsWithTheBuffer) {
  uint64_t end = 0;
  LazyBytes bytes(65536 + 12, [&](uint64_t offset, llvm::MutableArrayRef<uint8_t> target) {
    end = offset + target.size();
    return llvm::Error::success();
  });
  bytes.at(65536 + 8);
  EXPECT_EQ(end, 65536u + 12);
}

TEST(LazyBytes, failuresAreKept) {
  LazyBytes bytes(100, [](uint64_t, llvm::MutableArrayRef<uint8_t>) {
    return llvm::createStringError("device is gone");
  });
  EXPECT_EQ(*bytes.at(5), 0);
  EXPECT_EQ(llvm::toString(bytes.takeError()), "device is gone");
}

TEST(LazyBytes, manyThreads) {
  std::atomic<int> reads = 0;
  LazyBytes bytes(uint64_t(64) << 16, [&](uint64_t offset, llvm::MutableArrayRef<uint8_t> target) {
    ++reads;
    for (size_t i = 0; i != target.size(); ++i)
      target[i] = byteAt(offset + i);
    return llvm::Error::success();
  });
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t != 4; ++t)
    threads.emplace_back([&] {
      for (uint64_t offset = 0; offset < uint64_t(64) << 16; offset += 4099)
        wrong += *bytes.at(offset) != byteAt(offset);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(reads, 64);
}
