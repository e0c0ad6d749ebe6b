//===- Trace.cpp - What a block did, for the models -----------------------===//

#include "Trace.h"

#include "llvm/ADT/STLExtras.h"

#include <tuple>

using namespace poolc;
using namespace poolc::vgpu;

void BlockTrace::add(const Request &request, llvm::ArrayRef<LineTouch> lines,
                     const LineSample &sample) {
  auto first = uint32_t(words.size());
  for (const LineTouch &touch : lines) {
    if (!sample.keeps(touch.line))
      continue;
    words.push_back(pack(touch.line, touch.sectors()));
    if (wordsPerLine(request.kind) == 1)
      continue;
    words.push_back(touch.bytes[0] | uint64_t(touch.bytes[1]) << 32);
    words.push_back(touch.bytes[2] | uint64_t(touch.bytes[3]) << 32);
  }
  auto count = uint32_t(words.size() - first);
  if (count == 0)
    return;
  Request &added = requests.emplace_back(request);
  added.first = first;
  added.count = count;
}

void BlockTrace::thin(const LineSample &sample, size_t first) {
  if (sample.level <= level && first == 0)
    return;
  level = std::max(level, sample.level);
  std::vector<Request> allRequests = std::exchange(requests, {});
  std::vector<uint64_t> allWords = std::exchange(words, {});
  for (Request request : llvm::drop_begin(allRequests, first)) {
    auto begin = uint32_t(words.size());
    unsigned step = wordsPerLine(request.kind);
    for (uint32_t i = request.first; i < request.first + request.count; i += step)
      if (sample.keeps(lineOf(allWords[i])))
        words.insert(words.end(), &allWords[i], &allWords[i] + step);
    request.first = begin;
    request.count = uint32_t(words.size() - begin);
    if (request.count > 0)
      requests.push_back(request);
  }
}

void BlockTrace::finish() {
  llvm::sort(requests, [](const Request &a, const Request &b) {
    return std::tie(a.time, a.warp, a.first) < std::tie(b.time, b.warp, b.first);
  });
  constexpr uint64_t large = uint64_t(1) << 20;
  if (bytes() > large) {
    requests.shrink_to_fit();
    words.shrink_to_fit();
  }
}

LineBytes vgpu::writtenBytes(const uint64_t *words) {
  return {uint32_t(words[1]), uint32_t(words[1] >> 32), uint32_t(words[2]),
          uint32_t(words[2] >> 32)};
}
