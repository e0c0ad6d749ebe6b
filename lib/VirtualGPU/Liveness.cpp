//===- Liveness.cpp - How long registers are needed -----------------------===//

#include "ControlFlow.h"

#include "llvm/ADT/BitVector.h"

using namespace poolc::vgpu;

/// Bits of all blocks' sets; beyond, registers simply keep a place of their own.
static constexpr uint64_t maxBits = uint64_t(1) << 30;

std::optional<std::vector<LiveInterval>>
poolc::vgpu::findLiveIntervals(const std::vector<DraftOp> &ops, const FlowGraph &graph,
                               size_t numRegisters) {
  size_t numBlocks = graph.exit + 1;
  if (uint64_t(numBlocks) * numRegisters > maxBits)
    return std::nullopt;
  // Read before written in the block; written in it.
  std::vector<llvm::BitVector> exposed(numBlocks, llvm::BitVector(numRegisters));
  std::vector<llvm::BitVector> written = exposed, liveOut = exposed;
  for (uint32_t block = 0; block < graph.exit; ++block)
    for (uint32_t i = graph.starts[block]; i < graph.end(block); ++i)
      visitRegisters(
          ops[i],
          [&](uint32_t reg) {
            if (!written[block].test(reg))
              exposed[block].set(reg);
          },
          [&](uint32_t reg) { written[block].set(reg); });

  auto liveIn = [&](uint32_t block) {
    llvm::BitVector result = liveOut[block];
    result.reset(written[block]);
    result |= exposed[block];
    return result;
  };
  std::vector<uint32_t> work;
  std::vector<bool> queued(numBlocks, true);
  for (uint32_t block = 0; block < graph.exit; ++block)
    work.push_back(block);
  while (!work.empty()) {
    uint32_t block = work.back();
    work.pop_back();
    queued[block] = false;
    llvm::BitVector in = liveIn(block);
    for (uint32_t predecessor : graph.predecessors[block]) {
      llvm::BitVector missing = in;
      missing.reset(liveOut[predecessor]);
      if (missing.none())
        continue;
      liveOut[predecessor] |= in;
      if (!queued[predecessor]) {
        queued[predecessor] = true;
        work.push_back(predecessor);
      }
    }
  }

  std::vector<LiveInterval> intervals(numRegisters);
  for (uint32_t block = 0; block < graph.exit; ++block) {
    uint32_t begin = graph.starts[block], end = graph.end(block);
    llvm::BitVector in = liveIn(block);
    for (unsigned reg : in.set_bits())
      intervals[reg].extend(2 * begin);
    for (unsigned reg : liveOut[block].set_bits())
      intervals[reg].extend(2 * end - 1);
    for (uint32_t i = begin; i < end; ++i)
      visitRegisters(
          ops[i], [&](uint32_t reg) { intervals[reg].extend(2 * i); },
          [&](uint32_t reg) { intervals[reg].extend(2 * i + 1); });
  }
  return intervals;
}
