//===- StagedLayout.cpp - Rows of a staged store in shared memory ---------===//

#include "StagedStore.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

static constexpr int64_t bytesAtOnce = 16;

static int64_t elementBytes(StoreOp op) {
  return op.getTile().getType().getElementTypeBitWidth() / 8;
}

/// The dimension of the elements of a row.
static unsigned columnDim(StoreOp op) { return op.getTile().getType().getRank() - 1; }

int64_t poolc::getStagedVector(StoreOp op) { return bytesAtOnce / elementBytes(op); }

int64_t poolc::getStagedWidth(StoreOp op) {
  BlockedAttr layout = getLayout(op.getTile().getType());
  return std::min(layout.getSizePerThread()[columnDim(op)], getStagedVector(op));
}

/// Passes over the banks in which a warp writes, its rows `pitch` elements apart.
static int64_t countStagedWavefronts(StoreOp op, int64_t pitch) {
  BlockedAttr layout = getLayout(op.getTile().getType());
  int64_t columns = layout.getThreadsPerWarp()[columnDim(op)];
  return poolc::countWavefronts(getStagedWidth(op) * elementBytes(op), [&](int64_t lane) {
    return (lane / columns * layout.getSizePerThread()[op.getRowDim()] * pitch +
            lane % columns * layout.getSizePerThread()[columnDim(op)]) *
           elementBytes(op);
  });
}

int64_t poolc::getStagedPitch(StoreOp op) {
  int64_t width = op.getTile().getType().getShape().back(), step = getStagedVector(op);
  int64_t best = width, fewest = countStagedWavefronts(op, width);
  constexpr int64_t steps = 8; // All of the banks.
  for (int64_t pitch = width + step; pitch != width + steps * step; pitch += step)
    if (int64_t wavefronts = countStagedWavefronts(op, pitch); wavefronts < fewest) {
      best = pitch;
      fewest = wavefronts;
    }
  return best;
}

/// Rows that all threads write at once, if the store can be staged; else 0.
static int64_t getUnitOfRows(StoreOp op) {
  RankedTensorType type = op.getTile().getType();
  BlockedAttr layout = getLayout(type);
  if (!op.getStaged() || !layout)
    return 0;
  int64_t width = type.getShape().back(), unit = layout.getCoverage(op.getRowDim());
  bool isDivisible = width % getStagedVector(op) == 0 &&
                     type.getDimSize(op.getRowDim()) % unit == 0 &&
                     width % layout.getCoverage(columnDim(op)) == 0;
  return isDivisible ? unit : 0;
}

int64_t poolc::getLeastStagingBytes(StoreOp op) {
  int64_t unit = getUnitOfRows(op);
  if (unit == 0 || op.getVector() >= getStagedWidth(op))
    return op.getStaging();
  // More would keep blocks from an SM.
  constexpr int64_t most = 24 << 10;
  int64_t bytes = unit * getStagedPitch(op) * elementBytes(op);
  return bytes > most ? op.getStaging() : std::max<int64_t>(op.getStaging(), bytes);
}

int64_t poolc::getStagedRows(StoreOp op, int64_t bytes) {
  int64_t unit = getUnitOfRows(op);
  if (unit == 0)
    return 0;
  int64_t all = op.getTile().getType().getDimSize(op.getRowDim()), rows = all;
  int64_t row = getStagedPitch(op) * elementBytes(op);
  while (rows * row > bytes && rows % (2 * unit) == 0)
    rows /= 2;
  if (rows * row <= bytes)
    return rows;
  // An odd number of units: the last round has fewer.
  int64_t most = bytes / row / unit * unit;
  return most == 0 ? 0 : llvm::alignTo(llvm::divideCeil(all, llvm::divideCeil(all, most)), unit);
}
