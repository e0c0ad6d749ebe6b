//===- Trace.cpp - What a block did, for the models -----------------------===//

#include "Trace.h"

#include "llvm/ADT/STLExtras.h"

#include <tuple>

using namespace poolc;
using namespace poolc::vgpu;

void BlockTrace::add(const Request &request, llvm::ArrayRef<LineTouch> lines) {
  Request &added = requests.emplace_back(request);
  added.first = uint32_t(words.size());
  added.count = uint32_t(lines.size() * wordsPerLine(request.kind));
  for (const LineTouch &touch : lines) {
    words.push_back(pack(touch.line, touch.sectors()));
    if (wordsPerLine(request.kind) == 1)
      continue;
    words.push_back(touch.bytes[0] | uint64_t(touch.bytes[1]) << 32);
    words.push_back(touch.bytes[2] | uint64_t(touch.bytes[3]) << 32);
  }
}

void BlockTrace::finish() {
  llvm::sort(requests, [](const Request &a, const Request &b) {
    return std::tie(a.time, a.warp, a.first) < std::tie(b.time, b.warp, b.first);
  });
}

LineBytes vgpu::writtenBytes(const uint64_t *words) {
  return {uint32_t(words[1]), uint32_t(words[1] >> 32), uint32_t(words[2]),
          uint32_t(words[2] >> 32)};
}
