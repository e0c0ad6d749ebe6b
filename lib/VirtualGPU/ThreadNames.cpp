//===- ThreadNames.cpp - Threads of a block in messages -------------------===//

#include "ThreadNames.h"

#include "Block.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace poolc::vgpu;

std::string poolc::vgpu::threadName(const LaunchContext &launch, unsigned thread) {
  const uint32_t *size = launch.block;
  return llvm::formatv("({0}, {1}, {2})", thread % size[0], thread / size[0] % size[1],
                       thread / size[0] / size[1]);
}

std::string poolc::vgpu::describeThreads(llvm::ArrayRef<unsigned> threads) {
  constexpr unsigned maxRanges = 6;
  std::string text = threads.size() == 1 ? "thread " : "threads ";
  unsigned ranges = 0;
  for (size_t i = 0; i < threads.size(); ++ranges) {
    size_t last = i;
    while (last + 1 < threads.size() && threads[last + 1] == threads[last] + 1)
      ++last;
    if (ranges > 0)
      text += ", ";
    if (ranges == maxRanges)
      return text + "...";
    text += llvm::utostr(threads[i]);
    if (last > i)
      text += " to " + llvm::utostr(threads[last]);
    i = last + 1;
  }
  return text;
}

void poolc::vgpu::appendThreads(std::vector<unsigned> &threads, unsigned warp, uint32_t lanes) {
  for (; lanes; lanes &= lanes - 1)
    threads.push_back(warp * warpSize + llvm::countr_zero(lanes));
}
