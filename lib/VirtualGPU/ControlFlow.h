//===- ControlFlow.h - Basic blocks and post-dominators ---------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_CONTROLFLOW_H
#define POOLC_LIB_VIRTUALGPU_CONTROLFLOW_H

#include "ProgramBuilder.h"

namespace poolc::vgpu {

struct FlowGraph {
  explicit FlowGraph(const std::vector<DraftOp> &ops);

  /// Operations of a block: [starts[b], end(b)). The exit is one more block after
  /// the last, without operations.
  std::vector<uint32_t> starts;
  std::vector<uint32_t> blockOf;
  std::vector<llvm::SmallVector<uint32_t, 2>> successors, predecessors;
  uint32_t exit = 0;

  uint32_t end(uint32_t block) const {
    return block + 1 < exit ? starts[block + 1] : uint32_t(blockOf.size());
  }
};

/// Sets Op::reconverge of all branches to their immediate post-dominators.
void findReconvergence(std::vector<DraftOp> &ops, const FlowGraph &graph);

/// Calls `read(reg)` and `write(reg)` for the registers of an operation. What is
/// written under a guard may also keep its old value: that counts as read.
template <typename Read, typename Write>
void visitRegisters(const DraftOp &draft, Read read, Write write) {
  const Op &op = draft.op;
  auto reads = [&](uint32_t reg) {
    if (reg != none)
      read(reg);
  };
  auto writes = [&](uint32_t reg) {
    if (reg == none)
      return;
    if (op.guard != none)
      read(reg);
    write(reg);
  };
  reads(op.guard);
  for (uint32_t reg : op.src)
    reads(reg);
  if (!draft.listIsTargets)
    for (unsigned i = draft.listDefs; i < draft.list.size(); ++i)
      reads(draft.list[i]);
  writes(op.dst);
  writes(op.dst2);
  if (!draft.listIsTargets)
    for (unsigned i = 0; i < draft.listDefs; ++i)
      writes(draft.list[i]);
}

/// From where to where a register holds a value that may still be read: reads of
/// operation i are at 2i, writes at 2i + 1.
struct LiveInterval {
  uint32_t begin = none, end = 0;
  void extend(uint32_t position) {
    begin = std::min(begin, position);
    end = std::max(end, position);
  }
};

/// The intervals of all registers, without holes; registers that are never used
/// have none. Nothing if the program is too large for the analysis.
std::optional<std::vector<LiveInterval>>
findLiveIntervals(const std::vector<DraftOp> &ops, const FlowGraph &graph, size_t numRegisters);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_CONTROLFLOW_H
