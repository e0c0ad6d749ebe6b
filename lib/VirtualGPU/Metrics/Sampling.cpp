//===- Sampling.cpp - Which blocks stand for a grid -----------------------===//

#include "Sampling.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc::vgpu;

static constexpr uint64_t numRuns = 3;
/// Blocks in front of a run cost time and tell little: at most this share of it.
static constexpr uint64_t shareBefore = 8;

uint64_t BlockSelection::size() const {
  uint64_t size = 0;
  for (const BlockRun &run : runs)
    size += run.size();
  return size;
}

uint64_t BlockSelection::counted() const {
  uint64_t counted = 0;
  for (const BlockRun &run : runs)
    counted += run.counted;
  return counted;
}

uint64_t BlockSelection::block(uint64_t place) const {
  for (const BlockRun &run : runs) {
    if (place < run.size())
      return run.first + place;
    place -= run.size();
  }
  return gridSize;
}

BlockSelection poolc::vgpu::selectBlocks(const SampleRequest &request) {
  BlockSelection selection;
  selection.gridSize = request.gridSize;
  uint64_t length = std::max(llvm::divideCeil(request.blocks, numRuns), request.residentBlocks);
  if (request.blocks == 0 || length >= llvm::divideCeil(request.gridSize, numRuns)) {
    selection.runs.push_back({0, 0, request.gridSize});
    return selection;
  }
  uint64_t before =
      std::clamp<uint64_t>(length / shareBefore, 1, std::max<uint64_t>(1, request.rowSize));
  uint64_t lastEnd = 0;
  for (uint64_t i = 0; i < numRuns; ++i) {
    uint64_t begin = request.gridSize * i / numRuns, end = request.gridSize * (i + 1) / numRuns;
    uint64_t first = begin + (end - begin - length) / 2;
    uint64_t ahead = std::min(before, first - lastEnd);
    selection.runs.push_back({first - ahead, ahead, length});
    lastEnd = first + length;
  }
  return selection;
}
