//===- ControlFlow.cpp - Basic blocks and post-dominators -----------------===//
//
// The immediate post-dominators by the iterative algorithm over a depth-first
// order of the reversed graph (Cooper, Harvey and Kennedy).
//
//===----------------------------------------------------------------------===//

#include "ControlFlow.h"

using namespace poolc::vgpu;

static bool endsBlock(const Op &op) {
  return op.kind == OpKind::branch || op.kind == OpKind::branchIndexed || op.kind == OpKind::exit;
}

FlowGraph::FlowGraph(const std::vector<DraftOp> &ops) {
  std::vector<bool> leads(ops.size() + 1, false);
  leads[0] = true;
  for (size_t i = 0; i < ops.size(); ++i) {
    if (!endsBlock(ops[i].op))
      continue;
    leads[i + 1] = true;
    if (ops[i].op.kind == OpKind::branch)
      leads[ops[i].op.target] = true;
    if (ops[i].op.kind == OpKind::branchIndexed)
      for (uint32_t target : ops[i].list)
        leads[target] = true;
  }
  blockOf.resize(ops.size());
  for (size_t i = 0; i < ops.size(); ++i) {
    if (leads[i])
      starts.push_back(uint32_t(i));
    blockOf[i] = uint32_t(starts.size() - 1);
  }
  exit = uint32_t(starts.size());
  successors.resize(exit + 1);
  predecessors.resize(exit + 1);
  auto connect = [&](uint32_t from, uint32_t to) {
    successors[from].push_back(to);
    predecessors[to].push_back(from);
  };
  auto blockAt = [&](uint32_t op) { return op < ops.size() ? blockOf[op] : exit; };
  for (uint32_t block = 0; block < exit; ++block) {
    const DraftOp &last = ops[end(block) - 1];
    bool conditional = last.op.guard != none;
    if (!endsBlock(last.op) || conditional)
      connect(block, blockAt(end(block)));
    if (last.op.kind == OpKind::branch)
      connect(block, blockAt(last.op.target));
    else if (last.op.kind == OpKind::branchIndexed)
      for (uint32_t target : last.list)
        connect(block, blockAt(target));
    else if (last.op.kind == OpKind::exit)
      connect(block, exit);
  }
}

/// Blocks in postorder of the reversed graph, from the exit.
static std::vector<uint32_t> reversePostorder(const FlowGraph &graph) {
  std::vector<uint32_t> order;
  std::vector<bool> seen(graph.successors.size(), false);
  std::vector<std::pair<uint32_t, size_t>> stack = {{graph.exit, 0}};
  seen[graph.exit] = true;
  while (!stack.empty()) {
    auto &[block, next] = stack.back();
    if (next < graph.predecessors[block].size()) {
      uint32_t predecessor = graph.predecessors[block][next++];
      if (!seen[predecessor]) {
        seen[predecessor] = true;
        stack.emplace_back(predecessor, 0);
      }
      continue;
    }
    order.push_back(block);
    stack.pop_back();
  }
  std::reverse(order.begin(), order.end());
  return order;
}

void poolc::vgpu::findReconvergence(std::vector<DraftOp> &ops, const FlowGraph &graph) {
  std::vector<uint32_t> order = reversePostorder(graph);
  std::vector<uint32_t> rank(graph.successors.size(), none);
  for (size_t i = 0; i < order.size(); ++i)
    rank[order[i]] = uint32_t(i);
  // Blocks that cannot reach the exit have no rank and take no part.
  std::vector<uint32_t> parent(graph.successors.size(), none);
  parent[graph.exit] = graph.exit;
  auto meet = [&](uint32_t a, uint32_t b) {
    while (a != b) {
      while (rank[a] > rank[b])
        a = parent[a];
      while (rank[b] > rank[a])
        b = parent[b];
    }
    return a;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t block : llvm::ArrayRef(order).drop_front()) {
      uint32_t found = none;
      for (uint32_t successor : graph.successors[block])
        if (rank[successor] != none && parent[successor] != none)
          found = found == none ? successor : meet(found, successor);
      if (found != none && parent[block] != found) {
        parent[block] = found;
        changed = true;
      }
    }
  }
  for (uint32_t i = 0; i < ops.size(); ++i) {
    Op &op = ops[i].op;
    if (op.kind != OpKind::branch && op.kind != OpKind::branchIndexed)
      continue;
    uint32_t at = parent[graph.blockOf[i]];
    op.reconverge = at == none || at == graph.exit ? none : graph.starts[at];
  }
}
