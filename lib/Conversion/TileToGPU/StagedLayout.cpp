//===- StagedLayout.cpp - Rows of a staged store in shared memory ---------===//

#include "StagedStore.h"

#include "poolc/Schedule/CopyWarps.h"

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

int64_t poolc::getBoxRows(StoreOp op) {
  constexpr int64_t warpsPerGroup = 4;
  RankedTensorType type = op.getTile().getType();
  if (!op.getMap())
    return 0;
  int64_t groups = llvm::product_of(getLayout(type).getWarps()) / warpsPerGroup;
  return rowsOfBoxStore(type.getDimSize(0), type.getDimSize(1) / groups * elementBytes(op));
}

int64_t poolc::getBoxColumns(StoreOp op) {
  constexpr int64_t bytesOfRow = 128;
  return op.getMap() ? bytesOfRow / elementBytes(op) : 0;
}

int64_t poolc::getBoxBytes(StoreOp op) {
  constexpr int64_t buffers = 2;
  return buffers * getBoxRows(op) * op.getTile().getType().getDimSize(1) * elementBytes(op);
}

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

/// Whether threads that store what they have side by side may have to do so one by one, as rows
/// begin anywhere.
static bool isSplitUp(StoreOp op) {
  SmallVector<int64_t> strides;
  int64_t offset, width = getStagedWidth(op);
  if (failed(op.getMemRefType().getStridesAndOffset(strides, offset)))
    return true;
  return llvm::any_of(ArrayRef(strides).drop_back(), [&](int64_t stride) {
    return ShapedType::isDynamic(stride) || stride % width != 0;
  });
}

/// As many of the `unit` rows as go through `most` rows of a buffer, in equal parts: those of some
/// threads. 0 if there are too many parts.
static int64_t getPartOfUnit(StoreOp op, int64_t unit, int64_t most) {
  constexpr int64_t leastRows = 8;
  int64_t perThread = getLayout(op.getTile().getType()).getSizePerThread()[op.getRowDim()];
  while (unit > most && unit % (2 * perThread) == 0)
    unit /= 2;
  return unit <= most && unit >= leastRows ? unit : 0;
}

int64_t poolc::getLeastStagingBytes(StoreOp op) {
  int64_t unit = getUnitOfRows(op);
  if (unit == 0 || !isSplitUp(op))
    return op.getStaging();
  // More would keep blocks from an SM.
  constexpr int64_t most = 24 << 10;
  int64_t row = getStagedPitch(op) * elementBytes(op);
  return std::max<int64_t>(op.getStaging(), getPartOfUnit(op, unit, most / row) * row);
}

int64_t poolc::getStagedRows(StoreOp op, int64_t bytes, bool mayDivide) {
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
  if (most != 0)
    return llvm::alignTo(llvm::divideCeil(all, llvm::divideCeil(all, most)), unit);
  return mayDivide && isSplitUp(op) ? getPartOfUnit(op, unit, bytes / row) : 0;
}
