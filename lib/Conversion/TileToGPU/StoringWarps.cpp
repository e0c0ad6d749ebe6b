//===- StoringWarps.cpp - What warps do that only store -------------------===//

#include "MBarriers.h"
#include "RoleSplitter.h"
#include "SharedAccess.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace poolc;

bool RoleSplitter::store() {
  State state{i32(0)};
  bool done = true;
  Value own = arith::IndexCastUIOp::create(
      b, b.getIndexType(),
      arith::SubIOp::create(b, thread, i32(threads + warps.copying * warpSize)));
  forEachTile(state, [&](IRMapping &mapping, State &carried) {
    for (Operation &op : old)
      if (isa<gpu::ThreadIdOp>(op))
        mapping.map(op.getResult(0), own);
    done &= storeTile(mapping, carried);
  });
  return done;
}

/// Between what tells that the buffer is full and what tells that it is free, or that the next rows
/// begin, all that the kernel does, and before and after, what is needed for that.
bool RoleSplitter::storeTile(IRMapping &mapping, State &state) {
  bool isRead = false;
  for (Operation &op : old) {
    if (std::optional<Staging> staging = getStaging(op)) {
      if (*staging == Staging::full) {
        emitPhaseWait(b, objectOfStaging(/*isFull=*/true), state[0], /*canSleep=*/true);
      } else if (isRead) {
        emitArrival(b, objectOfStaging(/*isFull=*/false));
        state[0] = arith::XOrIOp::create(b, state[0], i32(1));
      }
      isRead = *staging == Staging::full;
      continue;
    }
    // In a branch, only warps that multiply would know which way to go.
    if (anyInside(op, [](Operation *inner) { return getStaging(*inner).has_value(); }))
      return false;
    bool isPure = isMemoryEffectFree(&op);
    if (isa<gpu::ThreadIdOp, gpu::BlockIdOp>(op) || (!isRead && !isPure))
      continue;
    if (isKnown(op, mapping))
      b.clone(op, mapping);
    else if (!isPure)
      return false;
  }
  return true;
}
