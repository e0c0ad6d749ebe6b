//===- ProductWaits.cpp - Waits for products of a warpgroup ---------------===//
//
// Tensor cores multiply for four warps at a time: a group of products is over only when all four
// have issued theirs. A thread that has waited for one may tell others that the factors are free,
// for its whole warpgroup.
//
//===----------------------------------------------------------------------===//

#include "Block.h"

#include "llvm/ADT/STLExtras.h"

using namespace poolc::vgpu;

static bool areIssued(llvm::ArrayRef<Warp> warpgroup, uint64_t groups) {
  return llvm::all_of(warpgroup, [&](const Warp &warp) {
    return warp.live == 0 || warp.products.groups >= groups;
  });
}

/// Goes on behind the wait, for which the warp has nothing to wait for any more.
static void finishWait(Warp &warp, Path &path, const Op &op) {
  Observer *observer = warp.block->observer;
  uint64_t due = groupsDue(warp.products, op);
  if (observer && due > 0)
    observer->learnOfProducts(warp, due - 1);
  op.handler(warp, op, path.mask);
  if (observer) {
    observer->met(warp, op, fullMask, path.mask);
    // The factors have been read in its name.
    if (due > 0)
      observer->shareProducts(warp, due - 1);
  }
  path.state = PathState::ready;
  ++path.pc;
}

void Block::waitForProducts(Warp &warp, unsigned index, uint32_t mask, const Op &op) {
  Path &path = warp.paths[index];
  if (mask == 0)
    ++path.pc;
  else if (areIssued(warpgroupOf(warp), groupsDue(warp.products, op)))
    finishWait(warp, path, op);
  else
    path.state = PathState::products;
}

void Block::productsCommitted(const Warp &warp) {
  llvm::MutableArrayRef<Warp> warpgroup = warpgroupOf(warp);
  if (observer)
    observer->shareProducts(warp, warp.products.groups - 1);
  for (Warp &other : warpgroup)
    for (Path &path : other.paths) {
      const Op &op = program.ops[path.pc];
      if (path.state != PathState::products || !areIssued(warpgroup, groupsDue(other.products, op)))
        continue;
      finishWait(other, path, op);
      if (!llvm::is_contained(runnable, other.index))
        runnable.push_back(other.index);
    }
}
